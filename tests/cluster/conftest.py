"""A Ray cluster of several nodes on this machine, and the atlas that a scan in one process makes."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
import torch

import neuronwidget as nw
from tests.cluster.victim import telling
from tests.hostile.atlas_victim import documents
from tests.hostile.test_atlas_kill import digests

STORE = 80_000_000


@pytest.fixture(scope="session")
def cluster() -> Iterator[Any]:
    """Three nodes of one core each; this process is connected to it."""
    ray = pytest.importorskip("ray")
    from ray.cluster_utils import Cluster

    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    head = {"num_cpus": 1, "object_store_memory": STORE, "include_dashboard": False}
    made = Cluster(initialize_head=True, head_node_args=head)
    for _ in range(2):
        made.add_node(num_cpus=1, object_store_memory=STORE)
    ray.init(address=made.address, log_to_driver=False, logging_level="ERROR")
    yield made
    ray.shutdown()
    made.shutdown()
    torch.set_num_threads(threads)


@pytest.fixture(scope="session")
def undisturbed(cluster: Any, tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """Checksums of the atlas of a scan without a cluster, and without a pause."""
    folder = tmp_path_factory.mktemp("undisturbed")
    nw.scan(telling(folder / "pids"), documents(), out=folder / "atlas", window=64, progress=False)
    return digests(folder / "atlas")
