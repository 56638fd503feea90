"""A question of one's own: a function, a result, and a sink that takes in what a data set makes the units do."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd
import torch
from torch import Tensor

import neuronwidget as nw
from neuronwidget.analysis.result import Provenance, Result
from neuronwidget.corpus.documents import Chunk, chunks, read_documents
from neuronwidget.corpus.kinds.registry import kind_of
from neuronwidget.live.structure.sites import Site
from neuronwidget.passes.batch import Batch
from neuronwidget.passes.parallel import ParallelRunners
from neuronwidget.passes.runners import runner_of
from neuronwidget.passes.threads import Threads
from tests.hostile.atlas_victim import documents, live


class Loudest:
    """The unit with the largest value of all, of each document of a chunk."""

    def __init__(self, chunk: Chunk) -> None:
        self.units: dict[int, tuple[float, int]] = {}

    def add(self, site: Site, values: Tensor, batch: Batch, threads: Threads) -> None:
        for window, (document, length) in enumerate(zip(batch.documents.tolist(), batch.lengths, strict=True)):
            largest = values[window, batch.skip : length].amax(0)
            candidate = float(largest.max()), int(largest.argmax())
            self.units[document] = max(candidate, self.units.get(document, candidate))


@dataclass(frozen=True, repr=False)
class LoudestUnits(Result):
    """How often each unit is the loudest of a document."""

    provenance: Provenance
    site: str
    counts: pd.DataFrame

    @property
    def verdict(self) -> str:
        first = self.counts.iloc[0]
        return f"{self.site}:{first['unit']} is the loudest in {first['documents']} of {self.counts.documents.sum()}."

    def table(self) -> pd.DataFrame:
        return self.counts

    def chart(self) -> Any:
        import altair as alt

        return alt.Chart(self.counts).mark_bar().encode(x="documents", y=alt.Y("unit:N", sort="-x"))


def loudest(model: nw.LiveModel, source: Sequence[Any], site: str) -> LoudestUnits:
    cutter = kind_of(model.kind).cutter(model.inputs, 512, None)
    units: list[int] = []
    threads = Threads()
    try:
        with ParallelRunners(runner_of(model, model.choose([site]), threads)) as runners:
            for _, sink in runners.run(chunks(read_documents(source, cutter), cutter), Loudest, lambda: False):
                units += [unit for _, unit in sink.units.values()]
    finally:
        threads.close()
    counts = pd.Series(units).value_counts().rename_axis("unit").rename("documents").reset_index()
    return LoudestUnits(Provenance(model.name, None, {"documents": len(source)}, {"site": site}), site, counts)


def test_a_question_of_ones_own_has_a_result_like_any_other() -> None:
    model, source = live(), documents()[:30]
    site = model.sites.defaults[0].name
    result = loudest(model, source, site)
    expected = [int(torch.as_tensor(model.record(text)[site]).amax(0).argmax()) for text in source]
    assert dict(zip(result.counts["unit"], result.counts["documents"], strict=True)) == {
        unit: expected.count(unit) for unit in set(expected)
    }
    assert result.verdict in repr(result)
    assert result.verdict in result._repr_html_()
    again = LoudestUnits.from_json(result.to_json())
    pd.testing.assert_frame_equal(again.table(), result.table())
    assert again.chart().to_dict()["mark"]["type"] == "bar"
