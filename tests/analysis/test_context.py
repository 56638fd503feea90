"""What a unit reads is told in a sentence, of any data, with memory that does not grow; bad input gets one too."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from torch import nn

import neuronwidget as nw
from neuronwidget.analysis.responses.positions import position_steps
from neuronwidget.analysis.steps import to_the_end
from neuronwidget.analysis.which.context.result import Context
from neuronwidget.analysis.which.context.tables import Entries, Table
from neuronwidget.live.capture import Overtaken
from tests.planted.context_model import model, texts

SMALL = texts(12, 24, 40, 0)


@pytest.fixture(scope="module")
def live() -> Any:
    return model(12, 3, 1)


def test_the_verdict_says_what_one_unit_reads_and_how_many_of_several(live: Any) -> None:
    one = nw.context(live, SMALL, "units:0")
    assert one.verdict.startswith("units:0 reads the token. Held-out R² .9")
    assert "24 documents" in one.verdict
    assert one.tokens == 24 * 40
    before = nw.context(live, SMALL, ("units", 1))
    assert before.verdict.startswith("units:1 reads the token before.")
    assert "by the token before alone" in before.verdict
    several = nw.context(live, SMALL, ["units:0", nw.Unit("units", 1), "units:4"])
    assert several.verdict.startswith("Of 3 units 1 read the token, 1 the token before, 1 none of these")
    assert several.table()["searched"].tolist() == [3, 3, 3]
    again = Context.from_json(several.to_json())
    assert again.verdict == several.verdict
    assert again.by.equals(several.by)
    assert several.chart().to_dict()["spec"]["layer"]


def test_data_may_come_in_any_form(live: Any, tmp_path: Path) -> None:
    listed = nw.context(live, SMALL, "units:0")
    collected = nw.context(live, nw.collect(live, SMALL, ["units"]), "units:0")
    atlas = nw.scan(live, SMALL, sites=["units"], out=tmp_path / "atlas")
    scanned = nw.context(live, atlas, "units:0")
    streamed = nw.context(live, iter(SMALL), "units:0")
    for other in (collected, scanned):
        assert other.by.equals(listed.by)
    assert streamed.by["r2"].to_numpy() == pytest.approx(listed.by["r2"].to_numpy(), abs=0.1)


def test_memory_is_bounded_and_long_documents_give_a_part(live: Any) -> None:
    unit = {live.sites["units"]: [0]}
    heard: list[tuple[int, int]] = []
    steps = position_steps(live, texts(12, 200, 600, 0), unit, most=6000)
    read = to_the_end(steps, lambda *far: heard.append(far))
    assert 6000 <= len(read) < 6000 + 256
    assert len(np.unique(read.documents)) > 20
    assert heard[-1] == (6000, 6000)
    known: dict[int, int] = {}
    for token, value in zip(read.tokens.tolist(), read.values["units"][:, 0].round().tolist(), strict=True):
        assert known.setdefault(token, value) == value
    assert (read.before[read.positions == 0] == -1).all()
    assert (read.before[1:][read.positions[1:] > 0] == read.tokens[:-1][read.positions[1:] > 0]).mean() > 0.9


def test_edits_act_and_a_unit_that_does_not_vary_is_said_so(live: Any) -> None:
    still = nw.context(live, SMALL, "units:0", edits=[nw.Clamp("units:0", 1.0)])
    assert still.units["reads"].tolist() == ["does not vary"]
    assert "nothing to tell" in still.verdict
    assert still.provenance.edits


def test_values_that_are_no_numbers_are_left_out() -> None:
    live = model(12, 3, 1)
    live.module.marked.weight[0] = float("nan")
    live.changed()
    found = nw.context(live, SMALL, "units:0")
    assert found.tokens < 24 * 40
    assert found.units["reads"].tolist() == ["token"]


def test_an_entry_that_was_seen_seldom_says_little_where_values_scatter() -> None:
    source = np.random.default_rng(0)
    keys = np.repeat(np.arange(400), 2)
    noise = Table.fitted(Entries.of(keys), source.normal(size=(800, 1)))
    assert np.abs(noise.added).mean() < 0.15
    exact = Table.fitted(Entries.of(keys), (keys % 2)[:, None] - np.float64(0.5))
    assert exact.own == pytest.approx((keys % 2)[:, None] - 0.5)
    once = Table.fitted(Entries.of(np.arange(50)), source.normal(size=(50, 1)))
    assert not once.added.any()


def test_what_cannot_be_asked_is_said(live: Any) -> None:
    with pytest.raises(ValueError, match="too few"):
        nw.context(live, SMALL[:3], "units:0")
    with pytest.raises(ValueError, match="no tokens"):
        nw.context(live, [], "units:0")
    with pytest.raises(ValueError, match="No unit is named"):
        nw.context(live, SMALL, [])
    with pytest.raises(KeyError, match="no site"):
        nw.context(live, SMALL, "nowhere:0")
    rows = nw.attach(
        nn.Sequential(nn.Linear(3, 4), nn.ReLU(), nn.Linear(4, 2)),
        inputs=nw.TableInputs({"a": (0, 1), "b": (0, 1), "c": (0, 1)}),
    )
    with pytest.raises(ValueError, match="takes no texts"):
        nw.context(rows, np.zeros((20, 3)), "dense.0:1")
    with pytest.raises(Overtaken):
        nw.context(live, SMALL, "units:0", overtaken=lambda: True)
