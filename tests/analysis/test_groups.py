"""Groups of units: correlations and linkage are those of the textbook, results keep, and bad input gets a sentence."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import numpy as np
import pytest
import torch
from scipy.cluster.hierarchy import fcluster, linkage
from scipy.spatial.distance import squareform
from torch import nn

import neuronwidget as nw
from neuronwidget.analysis.groups import products, stream
from neuronwidget.analysis.groups.linkage import link
from neuronwidget.analysis.groups.products import Products, Sampled
from neuronwidget.analysis.groups.result import UnitGroups
from neuronwidget.analysis.groups.stream import Block, Halves
from tests.hostile.atlas_victim import documents, live


def correlated(rows: int, units: int, seed: int = 0) -> np.ndarray[Any, Any]:
    """Rows [rows, units]: units in tens of one cause each, weaker and weaker."""
    source = np.random.default_rng(seed)
    causes = source.normal(size=(rows, units // 10))
    share = np.linspace(2.0, 0.2, units // 10)
    return (np.repeat(causes * share, 10, 1) + source.normal(size=(rows, units))).astype(np.float32)


def table_model(units: int, columns: int = 4, act: nn.Module | None = None) -> nw.LiveModel:
    torch.manual_seed(0)
    module = nn.Sequential(nn.Linear(columns, units), act or nn.Tanh(), nn.Linear(units, 2)).eval()
    return nw.attach(module, inputs=nw.TableInputs({f"c{n}": (-3.0, 3.0) for n in range(columns)}, ["no", "yes"]))


def rows(n: int, columns: int = 4) -> np.ndarray[Any, Any]:
    return np.random.default_rng(1).normal(size=(n, columns)).astype(np.float32)


def test_correlations_over_a_stream_are_those_of_all_rows_also_far_from_zero(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(products, "TILE", 16)
    values = correlated(3000, 40) + np.linspace(-5000, 5000, 40).astype(np.float32)
    summed = Products(40)
    for part in np.array_split(values, 7):
        summed.add(torch.from_numpy(part))
    expected = np.corrcoef(values.astype(np.float64).T)
    np.testing.assert_allclose(summed.matrix().values, expected, atol=2e-4)


def test_parts_linked_one_by_one_give_the_groups_of_linkage_over_all() -> None:
    values = correlated(300, 200)
    apart = 1 - np.abs(np.corrcoef(values.T))
    labels = fcluster(linkage(squareform(apart, checks=False), "average"), 0.5, "distance")
    expected = {frozenset(np.flatnonzero(labels == label)) for label in np.unique(labels)}
    found = link(Sampled(values), 0.5, 2).groups
    assert {frozenset(group.tolist()) for group in found} == {group for group in expected if len(group) > 1}


def test_many_units_are_compared_with_those_near_the_same_landmarks(monkeypatch: pytest.MonkeyPatch) -> None:
    values = correlated(300, 600)
    whole = {frozenset(group.tolist()) for group in link(Sampled(values), 0.5, 5).groups}
    monkeypatch.setattr(products, "MOST_COMPARED", 100)
    near = {frozenset(group.tolist()) for group in link(Sampled(values), 0.5, 5).groups}
    assert len(whole & near) >= 0.9 * len(whole) > 10


def test_what_is_kept_of_a_stream_does_not_grow_and_does_not_depend_on_its_blocks() -> None:
    values, inputs = correlated(6 * stream.SAMPLE, 20), np.arange(6 * stream.SAMPLE) // 3
    kept = []
    for blocks in (1, 11):
        halves = Halves(20, 5)
        ends = np.linspace(0, len(values) / 3, blocks + 1).astype(int) * 3
        halves.take(Block(values[a:b], inputs[a:b]) for a, b in pairwise(ends))
        sample = halves.halves[0].sample.read(20)
        assert len(sample.rows) == stream.SAMPLE
        kept.append(sample)
        assert halves.halves[0].inputs + halves.halves[1].inputs == len(values) // 3
    np.testing.assert_array_equal(kept[0].rows, kept[1].rows)


def test_groups_of_texts_across_layers_with_the_words_that_they_share(tmp_path: Any) -> None:
    model, texts = live(), documents()[:30]
    chosen = model.sites.defaults[:2]
    sites = [site.name for site in chosen]
    atlas = nw.scan(model, texts, sites=sites, out=tmp_path / "atlas")
    found = nw.groups(model, texts, sites, cut=0.7, least=4, nulls=1, atlas=atlas)
    assert set(found.units["site"]) == set(sites)
    assert len(found.units) == sum(site.width for site in chosen)
    assert sum(found.rows) > sum(found.inputs)  # several positions of a text
    assert len(found.groups)
    assert (found.groups["correlation"] <= 1).all()
    if len(found.exemplars):
        assert {"group", "document", "units", "pieces"} <= set(found.exemplars)
    again = UnitGroups.from_json(found.to_json())
    assert again.verdict == found.verdict in found._repr_html_()
    assert again.group(0).names == found.group(0).names
    assert found.chart().to_dict()["mark"]["type"] == "rect"
    of_atlas = nw.groups(None, atlas, sites, cut=0.7, nulls=0)
    assert "the atlas' sample" in of_atlas.verdict


def test_responses_that_are_there_are_not_run_again() -> None:
    model, given = table_model(12), rows(64)
    responses = nw.collect(model, given, ["dense.0"])
    one, other = nw.groups(model, responses, "dense.0", nulls=0), nw.groups(model, given, "dense.0", nulls=0)
    assert one.units["group"].tolist() == other.units["group"].tolist()
    with pytest.raises(ValueError, match="one number a unit"):
        nw.groups(model, nw.collect(model, given, ["dense.0"], how="mean+std"), "dense.0")


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"data": rows(6)}, r"There are 6 inputs.*8 or more in each"),
        ({"data": np.ones((40, 4), np.float32)}, "0 of 12 units of dense.0 vary over these inputs"),
        ({"cut": 1.5}, "between 0 and 1"),
        ({"method": "kmeans"}, "linkage, hdbscan"),
        ({"how": "median"}, "positions, mean, max, last"),
        ({"least": 1}, "two units or more"),
        ({"site": "dense.9"}, "no site 'dense.9'"),
    ],
)
def test_what_cannot_be_asked_is_said_in_a_sentence(given: dict[str, Any], words: str) -> None:
    asked = {"data": rows(40), "site": "dense.0", **given}
    with pytest.raises((ValueError, KeyError), match=words):
        nw.groups(table_model(12), asked.pop("data"), asked.pop("site"), **asked)


def test_a_site_of_one_unit_makes_no_group() -> None:
    with pytest.raises(ValueError, match="has one unit"):
        nw.groups(table_model(1), rows(40), "dense.0")


class Broken(nn.Module):
    """Like a tanh, but some units come out NaN."""

    def __init__(self, units: list[int]) -> None:
        super().__init__()
        self.units = units

    def forward(self, values: torch.Tensor) -> torch.Tensor:
        values = values.tanh()
        values[..., self.units] = torch.nan
        return values


def test_units_that_are_nan_are_left_out_and_counted() -> None:
    model = table_model(12, act=Broken([2, 3]))
    site = next(site.name for site in model.sites if site.module == "1" and site.side == "out")
    found = nw.groups(model, rows(64), site, nulls=1)
    assert found.broken == 2
    assert (found.units["group"][[2, 3]] == -1).all()
    with pytest.raises(ValueError, match="NaN or infinite"):
        nw.groups(table_model(12, act=Broken(list(range(12)))), rows(64), site)


def test_it_ends_where_nobody_waits_for_it() -> None:
    from neuronwidget.live.capture import Overtaken

    with pytest.raises(Overtaken):
        nw.groups(table_model(12), rows(64), "dense.0", overtaken=lambda: True)
