"""Workers of a scan on a Ray cluster: they take chunks with a copy of the model; summaries are merged as a tree.

The process that calls `scan` reads the documents, cuts them into the same numbered chunks as a local scan, and keeps
each worker busy with two of them. It alone writes to the folder. What the workers make of an epoch of chunks is merged
two by two in tasks of the cluster, and the result taken in and saved here: from there on the folder is that of a local
scan which has come as far, so either engine goes on where the other stopped.

A worker that dies is replaced, and the chunks that only it knew are done again. The summaries do not depend on who did
what, so the atlas does not either.
"""

from __future__ import annotations

import contextlib
import logging
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

import torch

from neuronwidget.atlas.count.summary import Summary
from neuronwidget.atlas.files.folder import AtlasError
from neuronwidget.atlas.scan.place import counts_like_a_card, place_of
from neuronwidget.atlas.scan.worker_state import State, WorkerState, flat, summaries
from neuronwidget.corpus.documents import Chunk
from neuronwidget.live.replica.serialize import packed, unpacked
from neuronwidget.passes.environment import Environment, environment_of
from neuronwidget.passes.parallel import ParallelRunners
from neuronwidget.passes.runner import Runner
from neuronwidget.passes.threads import Threads

Arrays = dict[str, Any]


@dataclass(frozen=True)
class Orders:
    """What all workers must do alike. `widths`: values kept with an exemplar, by site; `groups`: see `summary.KEEPS`;
    `threads`: of a pass; `device`: where values are counted, None for where the model is.
    """

    runner: type[Runner]
    widths: dict[str, int]
    groups: tuple[str, ...]
    tokens: int
    tried: dict[str, bool]
    bounds: dict[str, str]
    threads: int
    cores: int
    device: torch.device | None


class ScanWorker:
    """A process of the cluster with its own copy of the model."""

    def load(self, model: bytes, orders: Orders) -> Environment:
        """Returns how its passes are computed."""
        # Matrices are cut by the number of threads, and a sum that is cut elsewhere has other last bits: so there are
        # as many as where the scan was called, even if the worker has fewer cores.
        torch.set_num_threads(orders.threads)
        live = unpacked(model)
        sites = live.choose(list(orders.widths))
        place = place_of(orders.device, live.device)
        threads = Threads(orders.cores, on_device=counts_like_a_card(place, live.device), place=place)
        runner = orders.runner(live, sites, threads, orders.tokens)
        vars(runner).update(orders.tried)
        runner.bounds = {site: orders.bounds[site.name] for site in sites if site.name in orders.bounds}
        self._state = WorkerState(runner, {site: orders.widths[site.name] for site in sites}, orders.groups)
        return environment_of(live, orders.threads, threads)

    def take(self, epoch: int, chunk: Chunk) -> int:
        """Returns how many tokens now run at once: fewer after a lack of memory."""
        self._state.take(epoch, chunk)
        return self._state.runner.tokens

    def hand_in(self, epoch: int) -> Arrays:
        return _arrays(self._state.state(epoch))

    def forget(self, epoch: int) -> None:
        self._state.forget(epoch)

    def ping(self) -> int:
        return os.getpid()


class Cluster:
    """What a scan does with Ray."""

    def __init__(
        self,
        ray: Any,
        runner: Runner,
        kept: Mapping[Any, Summary],
        workers: int | None,
        device: torch.device | None = None,
    ) -> None:
        self.ray, self.errors = ray, ray.exceptions
        threads = ParallelRunners(runner).threads
        self.gpus = 1 if runner.live.device.type == "cuda" and ray.cluster_resources().get("GPU", 0) >= 1 else 0
        cores = [int(node["Resources"].get("CPU", 0)) for node in ray.nodes() if node["Alive"]]
        self.size, self.cores = (
            (workers or int(ray.cluster_resources()["GPU"]), 1) if self.gpus else division(cores, threads, workers)
        )
        orders = Orders(
            type(runner),
            {site.name: kept[site].width for site in runner.sites},
            kept[runner.sites[0]].groups,
            runner.tokens,
            {name: getattr(runner, name) for name in ("together", "padded", "looks_back")},
            {site.name: bound for site, bound in runner.bounds.items()},
            threads,
            max(1, self.cores),
            device,
        )
        self._orders = ray.put(orders)
        self._model = ray.put(packed(runner.live, ray.cloudpickle))
        # With fewer cores than threads, a thread that waits for another one must not keep it from running.
        patient = {"env_vars": {"OMP_WAIT_POLICY": "PASSIVE"}} if self.cores < threads else None
        self._kind = ray.remote(ScanWorker).options(num_cpus=self.cores, num_gpus=self.gpus, runtime_env=patient)
        self._join = ray.remote(_join).options(num_cpus=0, max_retries=3)

    def start(self) -> tuple[Any, Any]:
        """A new worker, and what is ready when it is."""
        worker = self._kind.remote()
        return worker, worker.load.remote(self._model, self._orders)

    def merged(self, states: list[Any]) -> Any:
        """One of them all: references to states, joined two by two where there is room."""
        while len(states) > 1:
            pairs = [self._join.remote(a, b) for a, b in zip(states[::2], states[1::2], strict=False)]
            states = pairs + (states[-1:] if len(states) % 2 else [])
        return states[0]

    def is_loss(self, error: BaseException) -> bool:
        """Did a process or a machine go away (and not: did the model raise)?"""
        if isinstance(error, self.errors.RayTaskError):
            return isinstance(error.cause, self.errors.RayError)
        return isinstance(error, self.errors.RayError)

    def kill(self, worker: Any) -> None:
        with contextlib.suppress(Exception):
            self.ray.kill(worker, no_restart=True)


def summaries_of(arrays: Arrays) -> dict[str, Any]:
    """By site; what Ray hands out may not be written to, so it is copied."""
    return summaries({name: torch.from_numpy(array.copy()) for name, array in arrays.items()})


def _arrays(state: State) -> Arrays:
    return {name: tensor.numpy() for name, tensor in state.items()}


def _join(left: Arrays, right: Arrays) -> Arrays:
    both, other = summaries_of(left), summaries_of(right)
    for name, summary in both.items():
        summary.merge(other[name])
    return _arrays(flat(both))


def light(chunk: Chunk) -> Chunk:
    """What a worker needs of a chunk: the numbers of its tokens, and of what is read of them."""
    return replace(chunk, documents=[], pictures=[], windows=[replace(window, pieces=[]) for window in chunk.windows])


def division(cores: list[int], threads: int, workers: int | None) -> tuple[int, int]:
    """How many workers of how many cores, on machines with so many cores.

    Without a wish: workers with as many cores as a pass has threads. With one: the most cores, up to that, with which
    so many workers find a place; 0, which Ray takes for "anywhere", if there are not as many cores as workers.

    >>> division([8, 8], 4, None), division([8, 8], 4, 8), division([1, 1], 2, 2), division([2], 2, 3)
    ((4, 4), (8, 2), (2, 1), (3, 0))
    """
    if workers is None:
        each = max(1, min(threads, max(cores, default=1)))
        return max(1, sum(n // each for n in cores)), each
    return workers, next((n for n in range(threads, 0, -1) if sum(c // n for c in cores) >= workers), 0)


@contextlib.contextmanager
def connected() -> Iterator[Any]:
    """Ray, connected to the cluster it was connected to before, or that RAY_ADDRESS names, or one on this machine."""
    try:
        import ray
    except ImportError as error:
        raise AtlasError('engine="ray" needs Ray: pip install "neuronwidget[ray]".') from error
    ours = not ray.is_initialized()
    if ours:
        os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")
        ray.init(log_to_driver=False, logging_level=logging.ERROR)
    try:
        yield ray
    finally:
        if ours:
            ray.shutdown()
