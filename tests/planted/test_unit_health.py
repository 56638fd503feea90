"""Units that are dead, rare, dense, saturated or always on are told as what they are, with the bound the data allow."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor, nn

import neuronwidget as nw
from neuronwidget.analysis.which.health.result import Health
from neuronwidget.live.capture import Overtaken
from tests.sweeps import seeds

FIRST = 3
ALPHABET, RARE = 40, 39
#: Documents of 250 tokens: 50,000 in all, of which the rare one is 10: 1 in 5,000.
DOCUMENTS, TOKENS, TIMES = 200, 250, 10
STATES = {
    "act": ["dead", "rare", "saturated", "dense", "ok", "ok"],
    "tanh": ["saturated", "saturated", "ok", "dense"],
    "sigmoid": ["saturated", "saturated", "dense"],
}


class Planted(nn.Module):
    """Units that are functions of the token alone: after a ReLU, then squashed by a tanh, and by a sigmoid."""

    def __init__(self) -> None:
        super().__init__()
        self.embed, self.act = nn.Embedding(ALPHABET, 6), nn.ReLU()
        self.down, self.tanh = nn.Linear(6, 4), nn.Tanh()
        self.last, self.sigmoid = nn.Linear(4, 3), nn.Sigmoid()
        number = torch.arange(ALPHABET).float()
        odd = number % 2 == 1
        values = torch.stack(
            [
                torch.full_like(number, -1.0),  # dead: never above zero
                torch.where(number == RARE, 2.0, -1.0),  # on one token in 5,000
                torch.full_like(number, 5.0),  # always on, and still
                torch.where(number < 38, number + 1, 0.0),  # dense: on nearly every token
                torch.where(odd, 3.0, -3.0),  # on every second
                torch.where(number < 8, 1.0, -1.0),  # on a fifth
            ],
            1,
        )
        with torch.no_grad():
            self.embed.weight.copy_(values)
            for layer in (self.down, self.last):
                layer.weight.zero_()
                layer.bias.zero_()
            self.down.weight[0, 2] = 4.0  # tanh(20), on every token
            self.down.weight[1, 4], self.down.bias[1] = 4.0, -6.0  # from one bound to the other
            self.down.weight[2, 4], self.down.bias[2] = 0.2, -0.3  # between −.3 and .3
            self.down.weight[3, 3] = 0.02  # dense, and far from its bound
            self.last.weight[0, 1], self.last.bias[0] = 6.0, 0.0  # .0025 or .9975
            self.last.weight[1, 0] = -9.0  # .0001, on every token
            self.last.weight[2, 2] = 1.0  # about .5: always above zero

    def forward(self, ids: Tensor) -> Tensor:
        values: Tensor = self.sigmoid(self.last(self.tanh(self.down(self.act(self.embed(ids))))))
        return values


@pytest.fixture(scope="module")
def live() -> nw.LiveModel:
    inputs = nw.TextInputs(lambda text: [ord(c) - 200 for c in text], lambda ids: "".join(chr(i + 200) for i in ids))
    inputs.sample = "".join(chr(200 + i) for i in range(30))
    return nw.attach(Planted().eval(), inputs=inputs)


@pytest.fixture(scope="module")
def documents() -> list[str]:
    return drawn(FIRST)


def drawn(seed: int) -> list[str]:
    tokens = np.random.default_rng(seed).integers(0, RARE, (DOCUMENTS, TOKENS))
    for document in range(TIMES):
        tokens[7 * document, 11 * document] = RARE
    return ["".join(chr(200 + token) for token in row) for row in tokens]


@pytest.fixture(scope="module")
def sites(live: nw.LiveModel) -> dict[str, str]:
    """The site of each layer, by the layer."""
    return {
        name: next(s.name for s in live.sites if s.width == len(states) and s.module == name and s.side == "out")
        for name, states in STATES.items()
    }


@pytest.fixture(scope="module")
def found(live: nw.LiveModel, documents: list[str], sites: dict[str, str]) -> Health:
    return nw.health(live, documents, list(sites.values()))


@pytest.mark.parametrize("seed", [FIRST + seed for seed in seeds(1)])
def test_each_planted_unit_is_in_its_state(seed: int, live: nw.LiveModel, found: Health, sites: dict[str, str]) -> None:
    found = found if seed == FIRST else nw.health(live, drawn(seed), list(sites.values()))
    for layer, states in STATES.items():
        assert found.units.loc[found.units["site"] == sites[layer], "state"].tolist() == states
    counts = found.layers.set_index("site")
    assert counts.loc[sites["act"], ["dead", "rare", "dense", "saturated", "ok"]].tolist() == [1, 1, 1, 1, 2]
    assert counts["bounded"].tolist() == [False, True, True]


def test_the_bound_is_the_one_that_the_data_allow(found: Health, sites: dict[str, str]) -> None:
    table = found.table().set_index("unit")
    total = DOCUMENTS * TOKENS
    dead, rare = table.loc[f"{sites['act']}:0"], table.loc[f"{sites['act']}:1"]
    assert (1 - dead["high"]) ** total == pytest.approx(0.05)
    assert dead["reason"] == "never fired in 50,000 tokens: at 0.006 % of them at most"
    assert rare["share"] == pytest.approx(1 / 5000)
    assert rare["low"] < 1 / 5000 < rare["high"] < 1e-3
    assert rare["reason"] == "fires at 10 of 50,000 tokens"
    assert (
        table.loc[f"{sites['act']}:2", "reason"]
        == "always on: fires at 100 % of 50,000 tokens, and varies by 0 % of its mean"
    )
    assert table.loc[f"{sites['tanh']}:1", "reason"] == "within 1 % of a bound at 100 % of 50,000 tokens"
    assert "1 dead (never, in enough values to tell: they fire at 0.006 % at most)" in found.verdict
    assert "1 rare (at fewer than 0.1 % of values)" in found.verdict


def test_of_few_inputs_a_silent_unit_is_not_seen_and_nothing_is_called_dead(
    live: nw.LiveModel, documents: list[str], sites: dict[str, str]
) -> None:
    few = nw.health(live, documents[1:5], sites["act"])
    assert few.units["state"].tolist()[:2] == ["not seen", "not seen"]
    assert few.units["active_high"][0] == pytest.approx(3 / 1000, rel=0.01)
    assert "too few" in few.table()["reason"][0]


def test_an_atlas_says_the_same(
    live: nw.LiveModel, documents: list[str], sites: dict[str, str], found: Health, tmp_path: Path
) -> None:
    atlas = nw.scan(live, documents, list(sites.values()), out=tmp_path / "atlas", keep="top", progress=False)
    of_atlas = nw.health(atlas)
    same = [name for name in found.units if name not in ("mean", "std")]
    assert of_atlas.units[same].equals(found.units[same])
    np.testing.assert_allclose(of_atlas.units["mean"], found.units["mean"], rtol=1e-6)
    assert of_atlas.verdict == found.verdict
    assert of_atlas.units["state"].tolist() == atlas.units["state"].tolist()
    other = nw.health(atlas, thresholds={"rare": 1e-4})
    assert other.units["state"].tolist()[1] == "ok"
    assert other.thresholds["rare"] == 1e-4


def test_responses_count_once_an_input(live: nw.LiveModel, documents: list[str], sites: dict[str, str]) -> None:
    responses = nw.collect(live, documents, list(sites.values()), how="max", predictions=False)
    found = nw.health(live, responses, sites["act"])
    assert found.units["seen"].tolist() == [DOCUMENTS] * 6
    assert found.units["active"][1] == TIMES / DOCUMENTS
    assert "each input counts once, by the max over its positions" in found.verdict


def test_of_many_inputs_some_are_drawn_and_that_is_said(
    live: nw.LiveModel, documents: list[str], sites: dict[str, str], found: Health
) -> None:
    some = nw.health(live, documents, sites["act"], most=20, seed=3)
    assert set(some.units["seen"]) == {20 * TOKENS}
    assert f"Counted were 20 of {DOCUMENTS} inputs, drawn with seed 3." in some.verdict
    again = nw.health(live, documents, sites["act"], most=20, seed=3)
    assert again.units.equals(some.units)
    assert not nw.health(live, documents, sites["act"], most=20, seed=4).units.equals(some.units)
    everything = nw.health(live, documents, sites["act"], most=DOCUMENTS)
    assert everything.verdict == nw.health(live, documents, sites["act"]).verdict


def test_it_is_kept_and_shown(found: Health) -> None:
    again = Health.from_json(found.to_json())
    assert again.verdict == found.verdict in found._repr_html_()
    assert again.table().equals(found.table())
    assert found.chart().to_dict()["mark"]["type"] == "bar"


def test_what_is_no_question_gets_a_sentence(live: nw.LiveModel, documents: list[str], sites: dict[str, str]) -> None:
    wrong: Any = documents
    with pytest.raises(TypeError, match="list is neither an atlas nor a live model"):
        nw.health(wrong)
    with pytest.raises(ValueError, match="on given inputs"):
        nw.health(live)
    with pytest.raises(ValueError, match="no inputs with a value"):
        nw.health(live, [], sites["act"])
    with pytest.raises(ValueError, match="'raer', which is no threshold; there are dead, rare"):
        nw.health(live, documents, thresholds={"raer": 0.1})
    with pytest.raises(ValueError, match="shares from 0 to 1"):
        nw.health(live, documents, thresholds={"rare": 5})
    with pytest.raises(Overtaken):
        nw.health(live, documents, sites["act"], overtaken=lambda: True)


def test_values_that_are_not_finite_are_left_out_and_told(live: nw.LiveModel, documents: list[str]) -> None:
    def spoil(rows: Tensor) -> Tensor:
        rows[0] = torch.nan
        return rows

    site = next(s.name for s in live.sites if s.module == "act" and s.side == "out")
    broken = nw.health(live, documents[:5], site, edits=[nw.Edit(site, spoil)])
    assert broken.units["nonfinite"].tolist() == [5] * 6
    assert broken.units["seen"].tolist() == [5 * (TOKENS - 1)] * 6
    assert "6 units held values that are not finite" in broken.verdict
    assert broken.units["state"][3] == "dense"


def test_edits_count(live: nw.LiveModel, documents: list[str], sites: dict[str, str]) -> None:
    off = nw.health(live, documents[:5], sites["act"], edits=[nw.Ablate(f"{sites['act']}:2", to="zero")])
    assert off.units["state"][2] == "not seen"
    assert off.provenance.edits
