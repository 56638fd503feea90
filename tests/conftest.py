"""What holds for all tests, and what several of them begin with."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest
import torch
from hypothesis import HealthCheck, settings

from tests.prepared import PREPARED, missing

# No test is judged by the clock: neither an example's deadline nor the time that making one takes. The same tree is
# judged by the same examples each time; others are drawn in a long run (`make sweeps`).
SAME = "NEURONWIDGET_SWEEPS" not in os.environ
settings.register_profile("ours", deadline=None, suppress_health_check=[HealthCheck.too_slow], derandomize=SAME)
settings.load_profile("ours")


@pytest.fixture
def threads() -> Iterator[int]:
    """How many threads torch has; as many again afterwards."""
    before = torch.get_num_threads()
    yield before
    torch.set_num_threads(before)


@pytest.fixture
def one_thread(threads: int) -> None:
    """Sums are in one order, and a scan makes no pass in another thread."""
    torch.set_num_threads(1)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Leave out, with a sentence, tests whose preparations are not here."""
    for marker in PREPARED:
        marked = [item for item in items if item.get_closest_marker(marker)]
        sentence = missing(marker) if marked else None
        if sentence is not None:
            for item in marked:
                item.add_marker(pytest.mark.skip(reason=sentence))
