"""Runs chunks of a scan side by side: as many passes as cores, each with one thread of torch.

Threads that share a pass wait for each other at each of its operations, and what is counted between two of them leaves
all but one idle. Threads with a pass of their own do not; and since each pass has one thread, the last bits of what the
model computes do not depend on how many cores there are.
"""

from __future__ import annotations

import copy
import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from queue import SimpleQueue

import torch

from neuronwidget.atlas.count.chunk import ChunkSummary
from neuronwidget.atlas.scan.observer import POLL
from neuronwidget.corpus.documents import Chunk
from neuronwidget.live.structure.sites import Site
from neuronwidget.passes.runner import Runner
from neuronwidget.passes.threads import Threads, one_thread

Tallies = dict[Site, ChunkSummary]
Start = Callable[[Chunk, Site], ChunkSummary]
AHEAD = 4
"""At most so many chunks for each runner are begun before the first of them is taken in."""


class ParallelRunners:
    """Runners with replicas of one model; a context in which they have a thread each.

    Where the model has no replica, the runner is alone and each of its passes has all of torch's threads.

    Attributes
    ----------
    threads
        Of torch, for each pass.
    helpers
        Adds up what the runners found, while they go on.
    """

    def __init__(self, runner: Runner) -> None:
        self._all = torch.get_num_threads()
        first = replica_of(runner) if self._all > 1 else None
        others = (replica_of(runner, tried=True) for _ in range(self._all - 1)) if first is not None else ()
        self._runners = [first or runner, *(other for other in others if other is not None)]
        self._side_by_side = first is not None
        self.threads = 1 if self._side_by_side else self._all
        self.helpers = self._runners[0].threads
        self._halt = threading.Event()

    @property
    def tokens(self) -> int:
        """How many run at once in a pass: fewer after a lack of memory."""
        return min(runner.tokens for runner in self._runners)

    def __enter__(self) -> ParallelRunners:
        torch.set_num_threads(self.threads)
        self._halt.clear()
        self._free: SimpleQueue[Runner] = SimpleQueue()
        for runner in self._runners:
            self._free.put(runner)
        self._pool = ThreadPoolExecutor(len(self._runners), "neuronwidget-scan", initializer=one_thread)
        return self

    def __exit__(self, *_: object) -> None:
        self._halt.set()
        self._pool.shutdown(cancel_futures=True)
        torch.set_num_threads(self._all)

    def tallied(
        self, todo: Iterable[Chunk], start: Start, stops: Callable[[], bool]
    ) -> Iterator[tuple[Chunk, Tallies]]:
        """Each chunk with its tallies, in their order. Raises KeyboardInterrupt where `stops` says so."""
        if not self._side_by_side:
            for chunk in todo:
                yield chunk, self._runners[0].tallies(chunk, lambda site: start(chunk, site), stops)  # noqa: B023
            return
        ahead: deque[tuple[Chunk, Future[Tallies]]] = deque()
        chunks, error, begins = iter(todo), None, True
        while True:
            try:
                while self._has_room([len(chunk.windows) for chunk, _ in ahead], begins):
                    if (more := next(chunks, None)) is None:
                        break
                    ahead.append((more, self._pool.submit(self._take, more, start)))
            except Exception as unreadable:  # what came before is worth having
                error, chunks = unreadable, iter(())
            if not ahead:
                if error is not None:
                    raise error
                return
            chunk, found = ahead.popleft()
            while not (stopped := stops()) and not found.done():
                wait([found], POLL)
            if stopped:
                raise KeyboardInterrupt
            yield chunk, found.result()
            begins = False

    def _has_room(self, windows: Sequence[int], begins: bool) -> bool:
        """May a chunk more be begun, beside chunks of so many windows? One for each runner, and one that waits.

        Where the first has a long document the others need not wait for it: they go on with as much work of their own,
        but in few chunks, and not before one was taken in: of the very first ones nothing is left out early, so that
        what they find takes much memory.
        """
        others = len(self._runners) - 1
        if begins or len(windows) <= 1 + others:
            return len(windows) <= 1 + others
        return len(windows) < AHEAD * (1 + others) and sum(windows[1:]) < others * windows[0]

    def _take(self, chunk: Chunk, start: Start) -> Tallies:
        runner = self._free.get()
        try:
            return runner.tallies(chunk, lambda site: start(chunk, site), self._halt.is_set)
        finally:
            self._free.put(runner)


def replica_of(runner: Runner, *, tried: bool = False) -> Runner | None:
    """The same runner for another thread; None where the model has no replica that does the same."""
    other = None if runner.live.draws else runner.live.apart()
    if other is None:
        return None
    found = copy.copy(runner)
    found.live, found.threads = other, Threads(0, compiled=runner.threads.compiled)
    if not tried:
        try:
            ours, theirs = runner.sample(), found.sample()
        except Exception:
            return None
        if not all(torch.equal(ours[site], theirs[site]) for site in runner.sites):
            return None
    return found
