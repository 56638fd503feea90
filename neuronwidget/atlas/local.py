"""A scan in this process."""

from __future__ import annotations

import time
from collections.abc import Iterable

from neuronwidget.atlas.documents import Chunk
from neuronwidget.atlas.onlooker import POLL, Onlooker
from neuronwidget.atlas.passes import Runner
from neuronwidget.atlas.progress import Progress
from neuronwidget.atlas.tally import Tally
from neuronwidget.atlas.team import Team
from neuronwidget.atlas.ways import way_of
from neuronwidget.live.sites import Site


def work(progress: Progress, runner: Runner, todo: Iterable[Chunk], checkpoint: float, onlooker: Onlooker) -> None:
    """All chunks that are left. Whatever ends it, the chunks that were taken in whole are saved.

    Raises KeyboardInterrupt where the onlooker says so.
    """
    whole, saved = True, time.monotonic()
    began, tokens_before = saved, progress.manifest["done"]["tokens"]

    def start(chunk: Chunk, site: Site) -> Tally:
        return progress.summaries[site].tally(chunk.number)

    try:
        with Team(runner) as team:
            way = way_of(runner.live, team.threads)
            for chunk, tallies in team.tallied(todo, start, onlooker.stops):
                progress.computed(way)
                whole = False
                team.crew.map(lambda site: progress.summaries[site].add(tallies[site]), runner.sites)  # noqa: B023
                progress.note(chunk)
                whole = True
                progress.manifest["batch_tokens"] = team.tokens
                done, now = progress.manifest["done"], time.monotonic()
                rate = (done["tokens"] - tokens_before) / max(1e-9, now - began)
                onlooker.report({**done, "seconds": now - began, "rate": rate})
                if now - saved > checkpoint:
                    progress.save()
                    saved = time.monotonic()
                if onlooker.holds():
                    progress.save()
                    held = time.monotonic()
                    while onlooker.holds() and not onlooker.stops():
                        time.sleep(POLL)
                    saved = time.monotonic()
                    began += saved - held
    except BaseException:
        if whole:
            progress.save()
        raise
    progress.save()
