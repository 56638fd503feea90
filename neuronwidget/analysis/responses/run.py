"""Runs a data set through a model for a question: chunk by chunk, with what sites gave in each."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from neuronwidget.corpus.documents import Chunk, chunks
from neuronwidget.live.capture import stop_if
from neuronwidget.live.structure.sites import Site
from neuronwidget.passes.parallel import ParallelRunners
from neuronwidget.passes.runners import runner_of
from neuronwidget.passes.sink import MakeSink, S
from neuronwidget.passes.threads import Threads

if TYPE_CHECKING:
    from neuronwidget.live.model import LiveModel


@contextmanager
def run_over(
    live: LiveModel,
    documents: Iterable[Any],
    cutter: Any,
    sites: Sequence[Site],
    make: MakeSink[S],
    overtaken: Callable[[], bool] | None,
    bounds: dict[Site, str] | None = None,
) -> Iterator[Iterator[tuple[Chunk, S]]]:
    """Inside, each chunk of the documents with the sink that took it in, in their order.

    `make` makes the sink of a chunk. `overtaken`: asked after each chunk; True ends the run with `Overtaken`. `bounds`
    is filled with the sites whose values come straight out of a tanh or sigmoid, before the first sink is made.
    """
    threads = Threads()
    try:
        runner = runner_of(live, list(sites), threads)
        if bounds is not None:
            bounds.update(runner.bounds)
        with ParallelRunners(runner) as runners:

            def run() -> Iterator[tuple[Chunk, S]]:
                for chunk, sink in runners.run(chunks(iter(documents), cutter), make, lambda: False):
                    stop_if(overtaken)
                    yield chunk, sink

            yield run()
    finally:
        threads.close()
