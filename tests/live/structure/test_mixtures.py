"""Experts that are modules of their own: their neurons are put back to the tokens, or they are left out with a note."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor, nn

import neuronwidget as nw
from neuronwidget.live.structure.mixtures.matching_rows import rows_within
from tests.live.by_hand import place_of, seen_by_hand

WIDTH, INNER, EXPERTS, LETTERS = 16, 24, 4, 32
INPUTS = nw.TextInputs(lambda text: [ord(c) % LETTERS for c in text], lambda ids: "".join(chr(i + 64) for i in ids))
TEXT = "what makes this neuron fire"


class Expert(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.up, self.act, self.down = nn.Linear(WIDTH, INNER), nn.ReLU(), nn.Linear(INNER, WIDTH)

    def forward(self, x: Tensor) -> Tensor:
        return self.down(self.act(self.up(x)))


class Mixture(nn.Module):
    """`how` the tokens are sent: as in user code after Mixtral, by slots, one by one, through buffers, or scaled."""

    def __init__(self, how: str, named: bool = False) -> None:
        super().__init__()
        experts = [Expert() for _ in range(EXPERTS)]
        self.router = nn.Linear(WIDTH, EXPERTS)
        self.experts: Any = (
            nn.ModuleDict({f"expert_{i}": e for i, e in enumerate(experts)}) if named else nn.ModuleList(experts)
        )
        self.how, self.named = how, named

    def forward(self, x: Tensor) -> Tensor:
        flat = x.reshape(-1, x.shape[-1])
        weights, index = self.router(flat).softmax(-1).topk(2)
        out = torch.zeros_like(flat)
        for number, expert in enumerate(self.experts.values() if self.named else self.experts):
            if self.how == "dense":
                out += (weights * (index == number)).sum(1, keepdim=True) * expert(flat)
                continue
            if self.how == "slots":
                for slot in range(2):
                    at = (index[:, slot] == number).nonzero().flatten()
                    out[at] += weights[at, slot, None] * expert(flat[at])
                continue
            at, slot = (index == number).nonzero(as_tuple=True)
            if self.how == "one by one":
                for token, place in zip(at.tolist(), slot.tolist(), strict=True):
                    out[token] += weights[token, place] * expert(flat[token])
            elif self.how == "buffers":
                room = torch.zeros(len(flat), WIDTH)
                room[: len(at)] = flat[at]
                out[at] += weights[at, slot, None] * expert(room)[: len(at)]
            elif self.how == "scaled" and len(at):
                out[at] += expert(weights[at, slot, None] * flat[at])
            elif len(at):
                out.index_add_(0, at, weights[at, slot, None] * expert(flat[at]))
        return out.view_as(x)


class Block(nn.Module):
    def __init__(self, how: str, named: bool) -> None:
        super().__init__()
        self.norm, self.mixture = nn.LayerNorm(WIDTH), Mixture(how, named)

    def forward(self, x: Tensor) -> Tensor:
        return x + self.mixture(self.norm(x))


class Reader(nn.Module):
    def __init__(self, how: str, named: bool = False) -> None:
        super().__init__()
        torch.manual_seed(0)
        self.embed, self.places = nn.Embedding(LETTERS, WIDTH), nn.Embedding(128, WIDTH)
        self.layers = nn.ModuleList([Block(how, named) for _ in range(2)])
        self.head = nn.Linear(WIDTH, LETTERS)

    def forward(self, ids: Tensor) -> Tensor:
        x = self.embed(ids) + self.places.weight[: ids.shape[1]]
        for layer in self.layers:
            x = layer(x)
        return self.head(x)


def neurons_of(mixture: Mixture, x: Tensor) -> Tensor:
    """By the formula: [tokens, experts × neurons], zeros where a token is not sent."""
    with torch.no_grad():
        _, index = mixture.router(x).topk(2)
        experts = list(mixture.experts.values() if mixture.named else mixture.experts)
        inside = torch.stack([expert.act(expert.up(x)) for expert in experts], 1)
        sent = torch.zeros(len(x), EXPERTS).scatter_(1, index, 1.0)
        return (inside * sent[..., None]).flatten(1)


def given_to_mixture(live: nw.LiveModel, text: str, layer: int) -> Tensor:
    place = (f"layers.{layer}.mixture", "in", 0)
    ids = live.inputs.tokens(text).ids
    return seen_by_hand(live.module, lambda: live.module(torch.tensor([ids])), [place])[place][0]


@pytest.mark.parametrize("named", [False, True])
@pytest.mark.parametrize("how", ["as Mixtral", "slots", "one by one", "buffers"])
def test_neurons_are_put_back_to_their_tokens(how: str, named: bool, tmp_path: Path) -> None:
    """On every text, in every batch of a scan, and whoever of the experts is reached."""
    live = nw.attach(Reader(how, named), inputs=INPUTS)
    assert not live.sites.notes
    assert [site.name for site in live.sites if site.kind == "experts"] == ["experts.0", "experts.1"]
    assert not [site for site in live.sites if ".experts." in site.module]
    texts = [TEXT, TEXT[::-1], "aaa", "x", TEXT[4:20], TEXT[7:]]
    seen = []
    for text in texts:
        expected = neurons_of(live.module.layers[1].mixture, given_to_mixture(live, text, 1))
        found = live.record(text, sites=["experts.1"])["experts.1"]
        assert torch.allclose(found, expected, atol=1e-6), text
        seen.append(expected)
    assert {site.name for site in live.sites.defaults} <= {"resid.0", "resid.1"}
    live.record(TEXT)
    atlas = nw.scan(live, texts, ["experts.1", "resid.1"], out=tmp_path / "atlas", progress=False)
    truth = torch.cat(seen).double()
    found = atlas.units.loc["experts.1"]
    assert found["max"].to_numpy() == pytest.approx(truth.amax(0).numpy(), rel=1e-5, abs=1e-6)
    assert found["mean"].to_numpy() == pytest.approx(truth.mean(0).numpy(), rel=1e-5, abs=1e-7)


def test_what_cannot_be_put_back_is_left_out_with_a_note() -> None:
    live = nw.attach(Reader("scaled"), inputs=INPUTS)
    assert not [site for site in live.sites if site.kind == "experts" or ".experts." in site.module]
    assert any("layers.0.mixture.experts: each expert sees some of the tokens only" in n for n in live.sites.notes)
    for text in (TEXT, "aaa", "x"):
        assert all(len(live.record(text)[site.name]) == len(text) for site in live.sites.defaults)


def test_experts_that_all_see_all_tokens_are_sites_as_any_other() -> None:
    live = nw.attach(Reader("dense"), inputs=INPUTS)
    inside = [site for site in live.sites if site.module.startswith("layers.1.mixture.experts.") and site.side == "in"]
    assert {site.module.split(".")[4] for site in inside} == {"0", "1", "2", "3"}
    recording = live.record(TEXT, sites=[site.name for site in inside])
    ids = live.inputs.tokens(TEXT).ids
    truth = seen_by_hand(live.module, lambda: live.module(torch.tensor([ids])), map(place_of, inside))
    for site in inside:
        assert torch.equal(recording[site.name], truth[place_of(site)]), site.name


def test_one_expert_that_saw_all_of_the_short_samples_is_no_site() -> None:
    """A further, longer sample shows that others are reached too."""
    module = Reader("as Mixtral")
    for layer in module.layers:
        layer.mixture.router.weight.data.zero_()
        layer.mixture.router.bias.data = torch.tensor([2.0, 1.0, 0.0, 0.0])
    late = module.layers[0].mixture
    own = late.router.forward
    late.router.forward = lambda x: own(x) + (x[:, :1] > 1) * torch.tensor([0.0, 0.0, 9.0, 8.0])
    live = nw.attach(module, inputs=INPUTS)
    assert not [site for site in live.sites if site.module.startswith("layers.0.mixture.experts")]


class Sorter(nn.Module):
    """A table's row goes to one of two experts."""

    def __init__(self) -> None:
        super().__init__()
        torch.manual_seed(0)
        self.stem, self.experts, self.head = nn.Linear(3, WIDTH), nn.ModuleList([Expert(), Expert()]), nn.Linear(16, 2)

    def forward(self, x: Tensor) -> Tensor:
        hidden = self.stem(x)
        out = torch.zeros_like(hidden)
        for number, expert in enumerate(self.experts):
            at = ((x[:, 0] > 0).long() == number).nonzero().flatten()
            if len(at):
                out[at] = expert(hidden[at])
        return self.head(out)


@pytest.mark.parametrize("order", [(-1.0, 1.0, 2.0, -3.0), (-1.0, -3.0, 1.0, 2.0)])
def test_rows_of_tables(order: tuple[float, ...], tmp_path: Path) -> None:
    """Also where the rows that the model is tried on go to the same expert."""
    rows = [{"a": a, "b": 0.5, "c": a / 3} for a in order]
    preprocess = lambda row: torch.tensor([[row[name] for name in "abc"]])  # noqa: E731
    live = nw.attach(Sorter(), inputs=nw.TableInputs(pd.DataFrame(rows), preprocess=preprocess))
    assert [site.name for site in live.sites if site.kind == "experts"] == ["experts.0"], live.sites.notes
    assert not [site for site in live.sites if site.module.startswith("experts")]
    atlas = nw.scan(live, rows, ["experts.0"], out=tmp_path / "atlas", progress=False)
    seen = []
    for row in rows:
        with torch.no_grad():
            hidden = live.module.stem(torch.tensor([[row["a"], row["b"], row["c"]]]))
            number = int(row["a"] > 0)
            expert = live.module.experts[number]
            expected = torch.zeros(1, 2, INNER)
            expected[0, number] = expert.act(expert.up(hidden))[0]
        found = live.record(row, sites=["experts.0"])["experts.0"]
        assert torch.allclose(found, expected.flatten(1), atol=1e-6)
        seen.append(found)
    assert np.allclose(atlas.units.loc["experts.0"]["max"], torch.cat(seen).amax(0), rtol=1e-5)


@settings(max_examples=60)
@given(st.integers(0, 2**32 - 1), st.sampled_from([torch.float32, torch.float16, torch.float64]), st.booleans())
def test_rows_are_found_to_the_last_bit(seed: int, dtype: torch.dtype, repeats: bool) -> None:
    g = torch.Generator().manual_seed(seed)
    rows = torch.randn(20, 5, generator=g).to(dtype)
    if repeats:
        rows[7], rows[13] = rows[2], rows[2]
    at = torch.randperm(20, generator=g)[:9]
    if repeats:
        at = torch.cat([at[~torch.isin(at, torch.tensor([2, 7, 13]))], torch.tensor([2, 7, 13])])
    padded = torch.cat([rows[at], torch.zeros(2, 5, dtype=dtype)])
    found = rows_within(rows, padded)
    assert found is not None
    assert found.tolist() == [*at.tolist(), -1, -1]
    assert rows_within(rows, torch.cat([rows[at], rows[:1] + 1])) is None
    if repeats:
        assert rows_within(rows, rows[2:3]) is None, "which of three equal ones?"
