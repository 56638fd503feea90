"""Runs a scan in this process."""

from __future__ import annotations

import time
from collections.abc import Iterable

from neuronwidget.atlas.count.by_numba.ready import loading
from neuronwidget.atlas.scan.checkpoint import ScanState
from neuronwidget.atlas.scan.chunk_sink import ChunkSink
from neuronwidget.atlas.scan.observer import ScanObserver
from neuronwidget.corpus.documents import Chunk
from neuronwidget.passes.environment import environment_of
from neuronwidget.passes.parallel import POLL, ParallelRunners
from neuronwidget.passes.runner import Runner


def run_locally(
    progress: ScanState, runner: Runner, todo: Iterable[Chunk], checkpoint: float, observer: ScanObserver
) -> None:
    """All chunks that are left. Whatever ends it before the last, the chunks that were taken in whole are saved.

    Raises KeyboardInterrupt where the observer says so.
    """
    whole, saved = True, time.monotonic()
    began, tokens_before = saved, progress.manifest["done"]["tokens"]

    def sink(chunk: Chunk) -> ChunkSink:
        return ChunkSink(chunk, progress.summaries, runner.bounds)

    if runner.threads.compiled:
        loading().wait(observer.tell)
    try:
        with ParallelRunners(runner) as runners:
            environment = environment_of(runner.live, runners.threads, runner.threads)
            for chunk, counted in runners.run(todo, sink, observer.stops):
                progress.computed(environment)
                whole = False
                runners.helpers.map(
                    lambda site: progress.summaries[site].add(counted.by_site[site]),  # noqa: B023
                    runner.sites,
                )
                progress.note(chunk)
                whole = True
                progress.manifest["batch_tokens"] = runners.tokens
                done, now = progress.manifest["done"], time.monotonic()
                rate = (done["tokens"] - tokens_before) / max(1e-9, now - began)
                observer.report({**done, "seconds": now - began, "rate": rate})
                if now - saved > checkpoint:
                    progress.save()
                    saved = time.monotonic()
                if observer.holds():
                    progress.save()
                    held = time.monotonic()
                    while observer.holds() and not observer.stops():
                        time.sleep(POLL)
                    saved = time.monotonic()
                    began += saved - held
    except BaseException:
        if whole:
            progress.save()
        raise
