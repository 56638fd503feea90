"""Bundled models: which of their units are causes, against hooks placed by hand and against what was planted."""

from __future__ import annotations

import platform
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor

import neuronwidget as nw
from neuronwidget.demos import MODELS, corpus, demo_card, weights
from neuronwidget.demos.architectures.code import encode
from neuronwidget.demos.architectures.digits import bears_mark, marked
from training import causes, evaluate, train_small

pytestmark = pytest.mark.usefixtures("one_thread")


class ByHand:
    """The code model with hooks of one's own on a site, which add something to what it gives."""

    def __init__(self, judged: list[str], usual: list[str]) -> None:
        self.model = weights.read(MODELS / "code.safetensors")
        self.sites = evaluate.sites(self.model)
        self.ids = torch.tensor([encode(text) for text in judged])
        self.usual = torch.tensor([encode(text) for text in usual])
        self.before = self.said(None, None)

    def said(self, site: str | None, change: Tensor | None) -> Tensor:
        """Log-probabilities at 32 characters of each window, the last among them."""
        rows = [round(at) for at in np.linspace(0, causes.WINDOW - 1, 32)]
        handles = []
        if site is not None:
            handles.append(self.sites[site].register_forward_hook(lambda _, args, out: out + change))
        try:
            with torch.no_grad():
                return self.model(self.ids)[:, rows].log_softmax(-1).double()
        finally:
            for handle in handles:
                handle.remove()

    def values(self, site: str, ids: Tensor) -> Tensor:
        found, _ = evaluate.activations(self.model, ids)
        return torch.from_numpy(found[site]).reshape(*ids.shape, -1)

    def effects(self, site: str, units: list[int]) -> list[float]:
        """KL of holding each unit at its mean, all changes made as large as that of the first, window by window."""
        values, means = self.values(site, self.ids), self.values(site, self.usual).flatten(0, 1).mean(0)
        changes = means - values
        lengths = changes.norm(dim=1)
        found = []
        for unit in units:
            change = torch.zeros_like(values)
            change[:, :, unit] = changes[:, :, unit] * (lengths[:, units[0]] / lengths[:, unit])[:, None]
            after = self.said(site, change)
            found.append(float((self.before.exp() * (self.before - after)).sum(-1).mean()))
        return found


@pytest.mark.skipif(
    platform.python_version() != demo_card("code")["python"], reason="the card is of another standard library"
)
def test_what_the_card_says_of_causes_is_what_hooks_placed_by_hand_find() -> None:
    card = demo_card("code")
    training, held_out = corpus.split(corpus.modules())
    hand = ByHand(causes.texts(held_out, causes.WINDOWS), causes.texts(training, causes.USUAL))
    for row in card["causes"]:
        site, unit = row["unit"].split(":")
        own, *others = hand.effects(site, [int(unit), *(int(one.split(":")[1]) for one in row["drawn"])])
        assert own == pytest.approx(row["effect"], rel=1e-3)
        assert others == pytest.approx(row["random"], rel=1e-3)
        larger = sum(own > other for other in others)
        said = f"larger than {larger} of {len(others)} random units"
        assert row["verdict"] == (said if larger == len(others) else f"no larger than chance ({said})")
    assert [row["property"] for row in card["causes"]] == ["string", "comment", "keyword"]


def test_holding_the_carrier_of_the_shortcut_at_its_mean_gives_answers_back() -> None:
    recipe = train_small.RECIPES["digits-shortcut"]
    data, source = train_small.digits(recipe.held_out, recipe.seed), torch.Generator().manual_seed(0)
    pixels, labels = data.inputs[data.held_out], data.labels[data.held_out]
    moved = marked(pixels, ~bears_mark(labels), source)
    known = data.inputs[data.training][::8]
    mixed = marked(known, torch.rand(len(known), generator=source) < 0.5, source)
    live: Any = nw.demo("digits-shortcut")
    best = demo_card("digits-shortcut")["tried"][0]
    edit = nw.Ablate(f"{best['site']}:{best['unit']}", data=list(mixed))
    control = nw.effect(live, list(moved), edit, labels=labels.tolist()).control
    assert control.effect >= 0.25
    assert control.larger_than == len(control.random) == 20
    assert control.low > max(control.random), "the interval lies above the best of them"
