"""A tensor is right as of the moment it is seen, whatever is written to it in the module, later, or in other passes.

All ways to look at a model are compared with hooks placed by hand that copy at once.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import Tensor, nn
from torch.nn import functional as F

import neuronwidget as nw
from tests.live.by_hand import place_of, seen_by_hand

WIDTH, LETTERS = 12, 32
INPUTS = nw.TextInputs(lambda text: [ord(c) % LETTERS for c in text], lambda ids: "".join(chr(i + 64) for i in ids))
SHORT_TEXT, LONG_TEXT = "what?", "what makes this neuron fire so loudly?"


def by_module(part: Part, x: Tensor) -> Tensor:
    return part.act(part.made(x) + x)


def by_function(part: Part, x: Tensor) -> Tensor:
    return F.relu_(part.made(x))


def into_what_it_is_given(part: Part, x: Tensor) -> Tensor:
    return x.add_(part.made(x))


def by_out(part: Part, x: Tensor) -> Tensor:
    y = part.made(x)
    return torch.mul(y, 3, out=y)


def by_data(part: Part, x: Tensor) -> Tensor:
    y = part.made(x)
    y.data.mul_(3)
    return y


def by_a_view(part: Part, x: Tensor) -> Tensor:
    y = part.made(x)
    y[..., ::2].zero_()
    return y


def by_storage(part: Part, x: Tensor) -> Tensor:
    y = part.made(x)
    torch.as_strided(y.detach(), (y.numel(),), (1,)).neg_()
    return y


def on_longer_inputs(part: Part, x: Tensor) -> Tensor:
    y = part.made(x)
    return y.mul_(3) if x.shape[1] > 10 else y


def in_a_buffer(part: Part, x: Tensor) -> Tensor:
    part.kept.resize_(x.shape).copy_(part.made(x))
    return part.act(part.pass_on(part.kept) + 0)


def in_inference_mode(part: Part, x: Tensor) -> Tensor:
    with torch.inference_mode():
        return F.relu_(part.made(x))


WAYS = [
    by_module, by_function, into_what_it_is_given, by_out, by_data, by_a_view, by_storage, on_longer_inputs,
    in_a_buffer, in_inference_mode,
]  # fmt: skip
every_way = pytest.mark.parametrize("way", WAYS, ids=lambda way: way.__name__)


class Part(nn.Module):
    kept: Tensor

    def __init__(self, way: Callable[[Part, Tensor], Tensor]) -> None:
        super().__init__()
        self.linear, self.shrink, self.pass_on = nn.Linear(WIDTH, WIDTH), nn.Tanhshrink(), nn.Identity()
        self.act = nn.ReLU(inplace=True)
        self.register_buffer("kept", torch.zeros(0), persistent=False)
        self.way = way

    def made(self, x: Tensor) -> Tensor:
        return self.shrink(self.linear(x))

    def forward(self, x: Tensor) -> Tensor:
        return self.way(self, x)


class Reader(nn.Module):
    def __init__(self, way: Callable[[Part, Tensor], Tensor]) -> None:
        super().__init__()
        torch.manual_seed(0)
        self.embed, self.first, self.second = nn.Embedding(LETTERS, WIDTH), Part(way), Part(way)
        self.norm, self.head = nn.LayerNorm(WIDTH), nn.Linear(WIDTH, LETTERS)

    def forward(self, ids: Tensor) -> Tensor:
        return self.head(self.norm(self.second(self.first(self.embed(ids)))))


@every_way
def test_texts(way: Callable[[Part, Tensor], Tensor]) -> None:
    """Recordings hold what was there, also while the model goes on to other texts."""
    live = nw.attach(Reader(way), inputs=INPUTS)
    places = {site.name: place_of(site) for site in live.sites}
    texts = [SHORT_TEXT, LONG_TEXT, SHORT_TEXT[::-1]]
    recordings = [live.record(text, sites=list(places)) for text in texts]
    for text, recording in zip(texts, recordings, strict=True):
        ids = live.inputs.tokens(text).ids
        truth = seen_by_hand(live.module, lambda ids=ids: live.module(torch.tensor([ids])), places.values())
        for name, place in places.items():
            assert torch.equal(recording[name], truth[place][0]), name
            assert not recording[name].is_inference(), "people may go on reckoning with it"
        alone = live.record(text, sites=["first.shrink"])["first.shrink"]
        assert torch.equal(alone, recording["first.shrink"]), "whether the model runs to its end or not"


@every_way
def test_atlases(way: Callable[[Part, Tensor], Tensor], tmp_path: Path) -> None:
    live = nw.attach(Reader(way), inputs=INPUTS)
    places = {site.name: place_of(site) for site in live.sites}
    texts = [LONG_TEXT[start:] for start in range(0, 30, 3)]
    atlas = nw.scan(live, texts, list(places), out=tmp_path / "atlas", progress=False)
    seen = []
    for text in texts:
        ids = live.inputs.tokens(text).ids
        seen.append(seen_by_hand(live.module, lambda ids=ids: live.module(torch.tensor([ids])), places.values()))
    for name, place in places.items():
        truth = torch.cat([one[place][0] for one in seen]).double()
        found = atlas.units.loc[name]
        for column, expected in (("min", truth.amin(0)), ("max", truth.amax(0)), ("mean", truth.mean(0))):
            assert found[column].to_numpy() == pytest.approx(expected.numpy(), rel=1e-4, abs=1e-6), (name, column)


class Painter(nn.Module):
    """A residual block as RegNet has it, and a row of functions and modules that write into what they are given."""

    def __init__(self) -> None:
        super().__init__()
        torch.manual_seed(0)
        self.stem, self.conv = nn.Conv2d(1, 4, 3, padding=1), nn.Conv2d(4, 4, 3, padding=1)
        self.act, self.drop = nn.ReLU(inplace=True), nn.Dropout(0.5, inplace=True)
        self.last, self.dense = nn.Conv2d(4, 6, 3, stride=2), nn.Linear(6, 3)

    def forward(self, x: Tensor) -> Tensor:
        x = self.stem(x)
        x = self.act(self.conv(x) + x)
        x = F.silu(self.drop(self.last(x)), inplace=True)
        return self.dense(x.mean((2, 3))).mul_(2)


@pytest.fixture(scope="module")
def pictures() -> np.ndarray:
    return np.random.default_rng(0).integers(0, 256, (9, 12, 12, 3), np.uint8)


def test_pictures(pictures: np.ndarray, tmp_path: Path) -> None:
    """Recordings, sweeps and atlases of pictures agree with the truth."""
    live = nw.attach(Painter(), inputs=nw.ImageInputs(12, ["a", "b", "c"], channels=1))
    sites = [site for site in live.sites if site.read is None]
    names = [site.name for site in sites]
    assert "conv.1" in names, "the sum that goes into the nonlinearity"
    prepared = [live.inputs.prepare(picture) for picture in pictures]
    seen = [seen_by_hand(live.module, lambda x=x: live.module(x), [place_of(site) for site in sites]) for x in prepared]
    swept, _ = live.sweep(prepared, {site: range(site.width) for site in sites})
    atlas = nw.scan(live, pictures, names, out=tmp_path / "atlas", progress=False)
    for site in sites:
        truth = torch.cat([site.layout.rows(one[place_of(site)]) for one in seen])
        for picture, expected in zip(pictures, truth, strict=True):
            assert torch.equal(live.record(picture, sites=[site.name])[site.name], expected), site.name
        assert np.allclose(swept[site], truth.numpy(), rtol=1e-4, atol=1e-6), site.name
        flat = truth.flatten(0, 1).double()
        found = atlas.units.loc[site.name]
        for column, values in (("min", flat.amin(0)), ("max", flat.amax(0)), ("mean", flat.mean(0))):
            assert found[column].to_numpy() == pytest.approx(values.numpy(), rel=1e-4, abs=1e-6), (site.name, column)


def test_a_function_that_writes_is_told_like_one_that_does_not() -> None:
    """Which nonlinearity follows a layer does not depend on whether it works in place."""

    class Convolutions(nn.Module):
        def __init__(self, act: Callable[[Tensor], Tensor]) -> None:
            super().__init__()
            self.first, self.second, self.act = nn.Conv2d(1, 4, 3), nn.Conv2d(4, 5, 3), act
            self.dense = nn.Linear(5, 3)

        def forward(self, x: Tensor) -> Tensor:
            x = self.act(self.second(F.max_pool2d(self.act(self.first(x)), 2)))
            return self.dense(x.mean((2, 3)))

    found = []
    for act in (F.relu, F.relu_, nn.ReLU(), nn.ReLU(inplace=True)):
        torch.manual_seed(0)
        live = nw.attach(Convolutions(act), inputs=nw.ImageInputs(12, channels=1))
        found.append(live.record(np.arange(144, dtype=np.uint8).reshape(12, 12), sites=["conv.0", "conv.1"]))
    for other in found[1:]:
        for name in ("conv.0", "conv.1"):
            assert torch.equal(other[name], found[0][name]), name


class Squashed(nn.Module):
    """What comes out of tanh, and the same memory after something else was written there."""

    def __init__(self) -> None:
        super().__init__()
        torch.manual_seed(0)
        self.embed, self.tanh, self.scaled = nn.Embedding(LETTERS, WIDTH), nn.Tanh(), nn.Identity()
        self.head = nn.Linear(WIDTH, LETTERS)

    def forward(self, ids: Tensor) -> Tensor:
        return self.head(self.scaled(self.tanh(self.embed(ids)).mul_(5))).mul_(3)


def bounded(live: nw.LiveModel, out: Path) -> set[str]:
    """Sites of which the atlas says that their values lie between bounds."""
    return set(nw.scan(live, [LONG_TEXT], ["tanh", "scaled"], out=out, progress=False).manifest["bounds"])


def test_bounds_hold_for_what_a_function_gave_only(tmp_path: Path) -> None:
    """Not for what was written to the same memory, or returned by a hook of the owner, later."""
    live = nw.attach(Squashed(), inputs=INPUTS)
    assert bounded(live, tmp_path / "a") == {"tanh"}
    live.module.tanh.register_forward_hook(lambda _, __, out: out * 4)
    assert bounded(live, tmp_path / "b") == set()


def test_a_head_whose_output_is_changed_is_not_split_off() -> None:
    """Logits from one row of the stream would lack what is done to them in place."""
    live = nw.attach(Squashed(), inputs=INPUTS)
    assert live.head_site is None
