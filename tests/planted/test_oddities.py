"""Any mixture of what models do that is hard to look at: every way to look at it agrees with hooks placed by hand.

Drawn are the parts of a model, what its owner does to it, its number type and the inputs. Compared are recordings, the
reader that runs only what changed, sweeps, and the numbers and exemplars of a scan.
"""

from __future__ import annotations

import random
import tempfile
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor, nn
from torch.nn import functional as F

import neuronwidget as nw
from tests.live.by_hand import place_of, seen_by_hand
from tests.live.structure.test_mixtures import INPUTS, LETTERS, WIDTH, Mixture, neurons_of

#: How far a batch may be from single passes, of the largest magnitude of a site.
TOLERANCES = {torch.float64: 1e-5, torch.float32: 1e-4, torch.float16: 2e-2, torch.bfloat16: 1e-1}


class Plain(nn.Module):
    """A gated block, or one whose nonlinearity writes into what it is given, in one of several ways."""

    def __init__(self, how: str) -> None:
        super().__init__()
        self.up, self.shrink, self.act = nn.Linear(WIDTH, 20), nn.Tanhshrink(), nn.ReLU(inplace=how != "plain")
        self.norm, self.drop = nn.BatchNorm1d(20), nn.Dropout(0.5, inplace=how != "plain")
        self.down, self.how = nn.Linear(20, WIDTH), how

    def forward(self, x: Tensor) -> Tensor:
        y = self.shrink(self.up(x))
        if self.how == "normed":
            y = self.norm(y.transpose(1, 2)).transpose(1, 2)
        if self.how == "a function":
            y = F.silu(y, inplace=True)
        elif self.how == "a view":
            y[..., ::3].mul_(-2)
        elif self.how == "data":
            y.data.add_(0.5)
        elif self.how == "on long inputs" and y.shape[1] > 6:
            y.mul_(2)
        elif self.how == "twice":
            y = self.act(self.act(y) + 0.1)
        y = self.down(self.drop(self.act(y)))
        return x.add_(y) if self.how == "into the stream" else x + y


class Cache:
    """All that a model remembers whose positions do not mix: how many tokens there were."""

    def __init__(self, layers: int) -> None:
        self.tokens, self.layers = 0, layers

    @property
    def lengths(self) -> list[int]:
        return [self.tokens] * self.layers

    def crop(self, length: int, /) -> None:
        self.tokens = min(self.tokens, length)


class Reader(nn.Module):
    def __init__(self, parts: list[str]) -> None:
        super().__init__()
        self.embed, self.places = nn.Embedding(LETTERS, WIDTH), nn.Embedding(64, WIDTH)
        self.layers = nn.ModuleList([Mixture("slots") if part == "experts" else Plain(part) for part in parts])
        self.head = nn.Linear(WIDTH, LETTERS)

    def new_cache(self) -> Cache:
        return Cache(len(self.layers))

    def forward(self, ids: Tensor, cache: Cache | None = None) -> Tensor:
        first = 0 if cache is None else cache.tokens
        if cache is not None:
            cache.tokens += ids.shape[1]
        x = self.embed(ids) + self.places.weight[first : first + ids.shape[1]]
        for layer in self.layers:
            x = layer(x) + x if isinstance(layer, Mixture) else layer(x)
        return self.head(x)


PARTS = [
    "plain", "in place", "a function", "a view", "data", "on long inputs", "twice", "into the stream", "normed",
    "experts",
]  # fmt: skip
HOOKS: dict[str, Any] = {
    "none": None,
    "returns more": lambda _, __, out: out * 2,
    "writes": lambda _, __, out: out.sub_(0.1),
}


@dataclass
class Case:
    parts: list[str]
    dtype: torch.dtype
    training: bool
    hook: str
    at: int
    seed: int
    texts: list[str]


letters = st.text(st.characters(min_codepoint=64, max_codepoint=95), min_size=1, max_size=14)
cases = st.builds(
    Case,
    st.lists(st.sampled_from(PARTS), min_size=1, max_size=3),
    st.sampled_from(list(TOLERANCES)),
    st.booleans(),
    st.sampled_from(list(HOOKS)),
    st.integers(0, 2),
    st.integers(0, 2**31),
    st.lists(letters, min_size=2, max_size=6),
)


def made(case: Case) -> nn.Module:
    torch.manual_seed(case.seed)
    module = Reader(case.parts)
    for part in module.modules():
        if isinstance(part, nn.BatchNorm1d):
            part.running_mean, part.running_var = torch.randn(20), torch.rand(20) + 0.5
    if "experts" not in case.parts:  # where halves are rounded otherwise, a token may go to another expert
        module = module.to(case.dtype)
    layer: Any = module.layers[case.at % len(case.parts)]
    hook = HOOKS[case.hook]
    if hook is not None:
        (layer.router if isinstance(layer, Mixture) else layer.shrink).register_forward_hook(hook)
    return module.train(case.training)


def truth_of(live: nw.LiveModel, ids: list[int], sites: list[nw.Site]) -> dict[str, Tensor]:
    """[tokens, units] of each site by hooks placed by hand; of experts by their formula."""
    mixtures = {site.module: (site.module, "in", 0) for site in sites if site.kind == "experts"}
    places = [place_of(site) for site in sites] + list(mixtures.values())
    seen = seen_by_hand(live.module, lambda: live.module(torch.tensor([ids])), places)
    found = {}
    for site in sites:
        if site.kind == "experts":
            found[site.name] = neurons_of(live.module.get_submodule(site.module), seen[mixtures[site.module]][0])
        else:
            found[site.name] = seen[place_of(site)].movedim(site.axis, 0).flatten(1)
    return found


def check_atlas(atlas: nw.Atlas, truth: dict[str, list[Tensor]], tolerance: float) -> None:
    """Ends, means and the strongest exemplar of each unit, from all values of all documents at once."""
    for name, documents in truth.items():
        values = torch.cat(documents).double()
        near = tolerance * max(float(values.abs().max()), 1e-6)
        units = atlas.units.loc[name]
        for column, wanted in (("min", values.amin(0)), ("max", values.amax(0)), ("mean", values.mean(0))):
            assert np.allclose(units[column], wanted, rtol=0, atol=near), (name, column)
        for unit in (0, values.shape[1] - 1):
            top = atlas.exemplars((name, unit), group="top", n=1)
            for _, row in top.iterrows():
                own = documents[row["document"]][:, unit]
                assert abs(row["value"] - float(values[:, unit].max())) <= near, (name, unit)
                assert abs(row["value"] - float(own[row["position"]])) <= near, (name, unit)


def some(names: list[str], seed: int) -> list[str]:
    """A few of the sites: what costs time is writing an atlas of each."""
    return random.Random(seed).sample(names, min(3, len(names)))


@settings(max_examples=20)
@given(cases)
def test_texts(case: Case) -> None:
    if "on long inputs" in case.parts:  # such a model reads padding as text, if the padded length is another
        case.texts = [(text * 14)[: len(case.texts[0])] for text in case.texts]
    live = nw.attach(made(case), inputs=INPUTS)
    before = {name: value.clone() for name, value in live.module.state_dict().items()}
    sites = list(live.sites)
    assert sum(site.kind == "experts" for site in sites) == case.parts.count("experts"), live.sites.notes
    names = [site.name for site in sites]
    ids = [live.inputs.tokens(text).ids for text in case.texts]
    truths = [truth_of(live, one, sites) for one in ids]
    recordings = [live.record(text, sites=names) for text in case.texts]
    reader, near = live.reader(), TOLERANCES[torch.float32 if "experts" in case.parts else case.dtype]
    for text, one, truth, recording in zip(case.texts, ids, truths, recordings, strict=True):
        read = reader.read(one, sites)
        for site in sites:
            wanted = truth[site.name]
            exact = site.kind != "experts"
            assert torch.allclose(recording[site.name], wanted, rtol=0, atol=0 if exact else 1e-5), site.name
            scale = near * max(float(wanted.abs().max()), 1e-6)
            assert torch.allclose(read[site], wanted, rtol=0, atol=scale), (site.name, text, reader.reused)
    with tempfile.TemporaryDirectory() as folder:
        scanned = some([site.name for site in sites if site.kind != "experts"], case.seed)
        scanned += [site.name for site in sites if site.kind == "experts"]
        atlas = nw.scan(live, case.texts, scanned, out=folder + "/atlas", progress=False)
        check_atlas(atlas, {name: [truth[name] for truth in truths] for name in scanned}, near)
    assert live.module.training == case.training
    after = live.module.state_dict()
    assert all(torch.equal(value, after[name]) for name, value in before.items())


class Painter(nn.Module):
    def __init__(self, parts: list[str]) -> None:
        super().__init__()
        self.stem, self.act, self.drop = nn.Conv2d(1, 4, 3), nn.ReLU(inplace=True), nn.Dropout2d(0.5, inplace=True)
        self.convolutions = nn.ModuleList([nn.Conv2d(4, 4, 3, padding=1) for _ in parts])
        self.norm, self.dense, self.parts = nn.BatchNorm2d(4), nn.Linear(4, 3), parts

    def forward(self, x: Tensor) -> Tensor:
        x = self.stem(x)
        for convolution, part in zip(self.convolutions, self.parts, strict=True):
            y = convolution(x)
            if part == "residual":
                x = self.act(y + x)
            elif part == "a function":
                x = F.hardswish(y, inplace=True)
            elif part == "into the stream":
                x = self.drop(x.add_(y))
            elif part == "a view":
                y[:, 1:3].neg_()
                x = y
            else:
                x = self.act(self.norm(y))
        return self.dense(x.mean((2, 3)))


@settings(max_examples=10)
@given(
    st.lists(
        st.sampled_from(["residual", "a function", "into the stream", "a view", "normed"]), min_size=1, max_size=3
    ),
    st.booleans(),
    st.sampled_from([torch.float32, torch.float64, torch.bfloat16]),
    st.sampled_from(["none", "returns more"]),
    st.integers(0, 2**31),
    st.integers(1, 5),
)
def test_pictures(parts: list[str], training: bool, dtype: torch.dtype, hook: str, seed: int, count: int) -> None:
    torch.manual_seed(seed)
    module = Painter(parts).to(dtype).train(training)
    if HOOKS[hook] is not None:
        module.convolutions[0].register_forward_hook(HOOKS[hook])
    live = nw.attach(module, inputs=nw.ImageInputs(10, ["a", "b", "c"], channels=1))
    sites = [site for site in live.sites if site.read is None]
    pictures = np.random.default_rng(seed).integers(0, 256, (count, 10, 10, 3), np.uint8)
    prepared = [live.inputs.prepare(picture) for picture in pictures]
    places = [place_of(site) for site in sites]
    seen = [seen_by_hand(module, lambda x=x: module(x.to(dtype)), places) for x in prepared]
    truth = {site.name: [site.layout.rows(one[place_of(site)])[0] for one in seen] for site in sites}
    swept, _ = live.sweep(prepared, {site: range(site.width) for site in sites})
    for number, picture in enumerate(pictures):
        recording = live.record(picture, sites=list(truth))
        for site in sites:
            wanted = truth[site.name][number]
            assert torch.equal(recording[site.name], wanted), site.name
            near = TOLERANCES[dtype] * max(float(wanted.abs().max()), 1e-6)
            assert np.allclose(swept[site][number], wanted, rtol=0, atol=near), site.name
    with tempfile.TemporaryDirectory() as folder:
        scanned = some(list(truth), seed)
        atlas = nw.scan(live, pictures, scanned, out=folder + "/atlas", progress=False)
        check_atlas(atlas, {name: truth[name] for name in scanned}, TOLERANCES[dtype])
