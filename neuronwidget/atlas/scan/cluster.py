"""Runs a scan on a Ray cluster: keeps workers busy with chunks, epoch by epoch, whatever happens to them."""

from __future__ import annotations

import time
from collections import Counter, deque
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import torch

from neuronwidget.atlas.files.folder import AtlasError
from neuronwidget.atlas.scan.checkpoint import ScanState
from neuronwidget.atlas.scan.observer import ScanObserver
from neuronwidget.atlas.scan.ray_workers import Cluster, connected, light, summaries_of
from neuronwidget.corpus.documents import Chunk
from neuronwidget.passes.environment import Environment
from neuronwidget.passes.parallel import POLL
from neuronwidget.passes.runner import Runner

AHEAD = 2  # chunks that a worker has before it, so that it need not wait for the next one
DEATHS = 3  # so many workers may die over one chunk, or before they are ready, one after another


def run_on_cluster(
    progress: ScanState,
    runner: Runner,
    todo: Iterable[Chunk],
    checkpoint: float,
    observer: ScanObserver,
    workers: int | None = None,
    device: torch.device | None = None,
) -> None:
    """All chunks that are left. Raises KeyboardInterrupt where it was told to stop; what is done is saved then."""
    with connected() as ray:
        cluster = Cluster(ray, runner, progress.summaries, workers, device)
        progress.unchanged()  # the workers' copies are those weights; what becomes of ours is not theirs
        progress.unchanged = _nothing
        scan = ClusterScan(cluster, progress, iter(todo), checkpoint, observer)
        try:
            scan.run()
        finally:
            scan.shutdown()


@dataclass(eq=False)
class RemoteWorker:
    """A worker as it is seen from here; `busy` holds what it was given and has not done."""

    handle: Any
    ready: bool = False
    busy: list[tuple[Epoch, Chunk]] = field(default_factory=list)


@dataclass(eq=False)
class Epoch:
    """Consecutive chunks that are handed in together; `by` says who has which in its part."""

    number: int
    began: float
    chunks: list[Chunk] = field(default_factory=list)
    lost: deque[Chunk] = field(default_factory=deque)
    by: dict[int, RemoteWorker] = field(default_factory=dict)
    closed: bool = False
    gathering: bool = False
    failures: int = 0


class ClusterScan:
    """The workers, what they do, and what of it is safe."""

    def __init__(
        self, cluster: Cluster, progress: ScanState, todo: Iterator[Chunk], checkpoint: float, observer: ScanObserver
    ) -> None:
        self._cluster, self._progress, self._todo = cluster, progress, todo
        self._checkpoint, self._observer = checkpoint, observer
        # An epoch's documents are in the memory of this process until they are handed in.
        self._least, self._most = cluster.size, max(64, 16 * cluster.size)
        self._workers: list[RemoteWorker] = []
        self._pending: dict[Any, Callable[[Any], None]] = {}
        self._of: dict[Any, RemoteWorker] = {}
        self._epochs: deque[Epoch] = deque()
        self._epoch_number = 0
        self._ended = self._stopped = False
        self._error: BaseException | None = None
        self._deaths: Counter[int | None] = Counter()
        done = progress.manifest["done"]
        self._done = {key: done[key] for key in ("chunks", "documents", "windows", "tokens")}
        self._began, self._tokens_before = time.monotonic(), done["tokens"]

    def stop(self) -> None:
        """Finish what was begun, save it, and end."""
        self._ended = self._stopped = True

    def run(self) -> None:
        for _ in range(self._cluster.size):
            self._start()
        while not (self._ended and not self._epochs):
            if self._observer.stops():
                self.stop()
            holds = self._observer.holds()
            self._give(new=not holds)
            self._gather(at_once=holds)
            self._wait()
        if self._error is not None:
            raise self._error
        if self._stopped:
            raise KeyboardInterrupt

    def shutdown(self) -> None:
        for worker in self._workers:
            self._cluster.kill(worker.handle)

    # ---- giving ----------------------------------------------------------------------------------------

    def _start(self) -> None:
        handle, ready = self._cluster.start()
        worker = RemoteWorker(handle)
        self._workers.append(worker)

        def is_ready(environment: Environment) -> None:
            self._progress.computed(environment)
            worker.ready = True
            self._deaths[None] = 0

        self._expect(ready, is_ready, worker)

    def _expect(self, ref: Any, then: Callable[[Any], None], worker: RemoteWorker | None = None) -> None:
        self._pending[ref] = then
        if worker is not None:
            self._of[ref] = worker

    def _give(self, *, new: bool) -> None:
        ready = [worker for worker in self._workers if worker.ready]
        while ready:
            worker = min(ready, key=lambda worker: len(worker.busy))
            task = self._next(new) if len(worker.busy) < AHEAD else None
            if task is None:
                return
            epoch, chunk = task
            worker.busy.append(task)
            ref = worker.handle.take.remote(epoch.number, light(chunk))
            self._expect(ref, partial(self._taken, worker, epoch, chunk), worker)

    def _next(self, new: bool) -> tuple[Epoch, Chunk] | None:
        """What to do next: first what was lost. New chunks wait while two epochs are on their way to the disk."""
        for epoch in self._epochs:
            if epoch.lost:
                return epoch, epoch.lost.popleft()
        if self._ended or not new or (len(self._epochs) > 1 and self._epochs[-1].closed):
            return None
        try:
            chunk = next(self._todo, None)
        except Exception as error:  # documents that cannot be read: what came before them is kept
            chunk, self._error = None, error
        if chunk is None:
            self._ended = True
            return None
        if not self._epochs or self._epochs[-1].closed:
            self._epoch_number += 1
            self._epochs.append(Epoch(self._epoch_number, time.monotonic()))
        self._epochs[-1].chunks.append(chunk)
        return self._epochs[-1], chunk

    def _taken(self, worker: RemoteWorker, epoch: Epoch, chunk: Chunk, tokens: int) -> None:
        worker.busy.remove((epoch, chunk))
        epoch.by[chunk.number] = worker
        manifest = self._progress.manifest
        manifest["batch_tokens"] = min(tokens, manifest.get("batch_tokens", tokens))
        done = self._done
        done["chunks"] += 1
        done["documents"] += len(chunk.documents)
        done["windows"] += len(chunk.windows)
        done["tokens"] += sum(document[2] for document in chunk.documents)
        seconds = time.monotonic() - self._began
        rate = (done["tokens"] - self._tokens_before) / max(1e-9, seconds)
        try:
            self._observer.report({**done, "seconds": seconds, "rate": rate})
        except KeyboardInterrupt:
            self.stop()

    # ---- handing in ------------------------------------------------------------------------------------

    def _gather(self, *, at_once: bool) -> None:
        """Close the newest epoch if it is time, and have the oldest one handed in when all of it is done."""
        if not self._epochs:
            return
        last = self._epochs[-1]
        old = time.monotonic() - last.began > self._checkpoint and len(last.chunks) >= self._least
        last.closed |= old or len(last.chunks) >= self._most or self._ended or at_once
        first = self._epochs[0]
        if not first.closed or first.gathering or len(first.by) < len(first.chunks):
            return
        first.gathering = True
        workers = list(dict.fromkeys(first.by.values()))
        whole = self._cluster.merged([worker.handle.hand_in.remote(first.number) for worker in workers])
        self._expect(whole, lambda arrays: self._take_in(first, workers, arrays))

    def _take_in(self, epoch: Epoch, workers: list[RemoteWorker], arrays: dict[str, Any]) -> None:
        """The epoch becomes a part of the scan on the disk."""
        summaries = summaries_of(arrays)
        for site, summary in self._progress.summaries.items():
            summary.merge(summaries[site.name])
        for chunk in epoch.chunks:
            self._progress.note(chunk)
        self._progress.save()
        self._epochs.remove(epoch)
        for worker in workers:
            if worker in self._workers:
                self._expect(worker.handle.forget.remote(epoch.number), lambda _: None, worker)

    # ---- waiting ---------------------------------------------------------------------------------------

    def _wait(self) -> None:
        """Until something is ready, or a moment."""
        if not self._pending:
            time.sleep(POLL if not self._ended else 0)
            return
        ready, _ = self._cluster.ray.wait(list(self._pending), num_returns=1, timeout=POLL)
        for ref in ready:
            then, worker = self._pending.pop(ref, None), self._of.pop(ref, None)
            if then is None:  # of a worker that has died meanwhile
                continue
            try:
                value = self._cluster.ray.get(ref)
            except self._cluster.errors.RayError as error:
                if not self._cluster.is_loss(error):
                    raise getattr(error, "cause", None) or error from None
                if worker is not None:
                    self._replace(worker, error)
                else:
                    self._search(error)
            else:
                then(value)

    def _search(self, error: BaseException) -> None:
        """An epoch did not come whole: find who has died."""
        epoch = self._epochs[0]
        epoch.gathering = False
        epoch.failures += 1
        if epoch.failures > DEATHS * self._cluster.size:
            raise AtlasError(f"The workers' results could not be brought together: {_line(error)}") from None
        for worker in dict.fromkeys(epoch.by.values()):
            if worker not in self._workers:
                self._lose(epoch, worker)
                continue
            try:
                self._cluster.ray.get(worker.handle.ping.remote())
            except self._cluster.errors.RayError as death:
                self._replace(worker, death)

    def _replace(self, worker: RemoteWorker, error: BaseException) -> None:
        """Put another worker in the place of one that has died; what only it knew is done again."""
        self._cluster.kill(worker.handle)
        self._workers.remove(worker)
        for ref in [ref for ref, owner in self._of.items() if owner is worker]:
            del self._of[ref], self._pending[ref]
        suspect = worker.busy[0][1].number if worker.busy else None
        if worker.busy or not worker.ready:
            self._deaths[suspect] += 1
        if self._deaths[suspect] >= DEATHS:
            what = "before they were ready" if suspect is None else f"at the same documents (chunk {suspect})"
            raise AtlasError(f"{DEATHS} workers died {what}: {_line(error)}") from None
        for epoch, chunk in worker.busy:
            epoch.lost.append(chunk)
        for epoch in self._epochs:
            if not epoch.gathering:  # else it may have handed in before it died
                self._lose(epoch, worker)
        self._start()

    def _lose(self, epoch: Epoch, worker: RemoteWorker) -> None:
        for chunk in epoch.chunks:
            if epoch.by.get(chunk.number) is worker:
                del epoch.by[chunk.number]
                epoch.lost.append(chunk)
                self._done["chunks"] -= 1
                self._done["documents"] -= len(chunk.documents)
                self._done["windows"] -= len(chunk.windows)
                self._done["tokens"] -= sum(document[2] for document in chunk.documents)


def _nothing() -> None:
    """Nothing can have changed."""


def _line(error: BaseException) -> str:
    return next((line.strip() for line in str(error).splitlines() if line.strip()), type(error).__name__)
