"""Hand-set units of the token, of the token before, of both and of the position are told; units of more are not."""

from __future__ import annotations

import pytest

import neuronwidget as nw
from tests.planted.context_model import NAMES, model, texts
from tests.sweeps import seeds

#: The defaults were chosen on seeds from 0 on.
SEEDS = [100 + seed for seed in seeds(1)]
UNITS = [f"units:{unit}" for unit in range(14)]


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize(("vocabulary", "documents", "length"), [(30, 50, 64), (1000, 100, 256)])
def test_each_unit_is_told_by_what_it_reads(vocabulary: int, documents: int, length: int, seed: int) -> None:
    data = texts(vocabulary, documents, length, seed)
    found = nw.context(model(vocabulary, 10, seed), data, UNITS, seed=seed)
    assert found.units["reads"].tolist() == [*NAMES, *["none"] * 10]
    rows = found.by.set_index(["unit", "by"])
    for unit, by in zip(UNITS, NAMES, strict=False):
        assert rows["r2_seen"][unit, by] > 0.8
        assert rows["low"][unit, by] <= rows["r2"][unit, by] <= rows["high"][unit, by]
        assert rows["null"][unit, by] < rows["low"][unit, by] / 2
    assert rows["r2"]["units:0", "before"] < 0.1
    assert 0.1 < rows["r2"]["units:2", "token"] < 0.5
    assert found.units[["token", "before", "bigram", "position"]][4:].max().max() < 0.05
    assert (found.units["q"][4:] > 0.05).sum() >= 8
