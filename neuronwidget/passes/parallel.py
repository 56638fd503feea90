"""Runs chunks of documents side by side: as many passes as cores, each with one thread of torch.

Threads that share a pass wait for each other at each of its operations, and what is counted between two of them leaves
all but one idle. Threads with a pass of their own do not; and since each pass has one thread, the last bits of what the
model computes do not depend on how many cores there are.
"""

from __future__ import annotations

import copy
import itertools
import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from queue import SimpleQueue

import torch

from neuronwidget.corpus.documents import Chunk
from neuronwidget.passes.freed import give_back, keep_for_the_next
from neuronwidget.passes.runner import Runner
from neuronwidget.passes.sink import MakeSink, S
from neuronwidget.passes.threads import Threads, one_thread

POLL = 0.1  # seconds between two looks at what a person wants, where there is nothing else to do
AHEAD = 4
"""At most so many chunks for each runner are begun before the first of them is taken in."""

FIRST = 4
"""After each of so many chunks memory is given back: of the first most is kept, for a while."""


class ParallelRunners:
    """Runners with replicas of one model; a context in which they have a thread each.

    Where the model has no replica, the runner is alone and each of its passes has all of torch's threads.

    Attributes
    ----------
    threads
        Of torch, for each pass.
    helpers
        For work on what the sinks took in, while the runners go on.
    """

    def __init__(self, runner: Runner) -> None:
        self._all = torch.get_num_threads()
        first = replica_of(runner) if self._all > 1 else None
        others = (replica_of(runner, tried=True) for _ in range(self._all - 1)) if first is not None else ()
        self._runners = [first or runner, *(other for other in others if other is not None)]
        self._side_by_side = first is not None
        self.threads = 1 if self._side_by_side else self._all
        self.helpers = runner.threads
        self._halt = threading.Event()

    @property
    def tokens(self) -> int:
        """How many run at once in a pass: fewer after a lack of memory."""
        return min(runner.tokens for runner in self._runners)

    def __enter__(self) -> ParallelRunners:
        torch.set_num_threads(self.threads)
        keep_for_the_next()
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

    def run(self, todo: Iterable[Chunk], make: MakeSink[S], stops: Callable[[], bool]) -> Iterator[tuple[Chunk, S]]:
        """Each chunk with the sink that took it in, in their order. Raises KeyboardInterrupt where `stops` says so."""
        if not self._side_by_side:
            for chunk in todo:
                yield chunk, self._runners[0].run(chunk, make, stops)
            return
        ahead: deque[tuple[Chunk, Future[S]]] = deque()
        chunks, error = iter(todo), None
        for taken_in in itertools.count(1):
            try:
                while self._has_room([len(chunk.windows) for chunk, _ in ahead]):
                    if (more := next(chunks, None)) is None:
                        break
                    ahead.append((more, self._pool.submit(self._run_one, more, make)))
            except Exception as unreadable:  # what came before is worth having
                error, chunks = unreadable, iter(())
            if not ahead:
                if error is not None:
                    raise error
                return
            chunk, result = ahead.popleft()
            while not (stopped := stops()) and not result.done():
                wait([result], POLL)
            if stopped:
                raise KeyboardInterrupt
            yield chunk, result.result()
            del result
            if taken_in <= FIRST or taken_in % len(self._runners) == 0:
                give_back()

    def _has_room(self, windows: Sequence[int]) -> bool:
        """May a chunk more be begun, beside chunks of so many windows? One for each runner: what waits takes memory.

        Where the first has a long document the others need not wait for it: they go on with as much work of their own,
        but in few chunks.
        """
        others = len(self._runners) - 1
        if len(windows) <= others:
            return True
        return len(windows) < AHEAD * (1 + others) and sum(windows[1:]) < others * windows[0]

    def _run_one(self, chunk: Chunk, make: MakeSink[S]) -> S:
        runner = self._free.get()
        try:
            return runner.run(chunk, make, self._halt.is_set)
        finally:
            self._free.put(runner)


def replica_of(runner: Runner, *, tried: bool = False) -> Runner | None:
    """A runner like this for another thread; None where the model has no replica that does the same."""
    live = None if runner.live.draws else runner.live.apart()
    if live is None:
        return None
    other = copy.copy(runner)
    threads = runner.threads
    alone = Threads(0, compiled=threads.compiled, on_device=threads.on_device, place=threads.place)
    other.live, other.threads = live, alone
    if not tried:
        try:
            ours, theirs = runner.sample(), other.sample()
        except Exception:
            return None
        if not all(torch.equal(ours[site], theirs[site]) for site in runner.sites):
            return None
    return other
