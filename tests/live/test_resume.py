"""Passes that begin at the first edited place give the numbers of full passes, or are not used."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from typing import Any

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor, nn

import neuronwidget as nw
from neuronwidget.live.capture import Overtaken
from neuronwidget.live.hooks import Hooks
from neuronwidget.live.resume import Resume
from neuronwidget.live.reuse import close
from tests.live.test_edits import GIVEN, INPUTS, KINDS, attached, everything

Change = Callable[[Tensor], Tensor]


def gpt2() -> nw.LiveModel:
    from transformers import GPT2Config, GPT2LMHeadModel

    torch.manual_seed(0)
    config = GPT2Config(n_layer=4, n_embd=32, n_head=4, vocab_size=128, n_positions=64)
    inputs = nw.TextInputs(lambda text: [ord(c) % 128 for c in text], lambda ids: "".join(map(chr, ids)), context=64)
    return nw.attach(GPT2LMHeadModel(config).eval(), inputs=inputs)


def times(factor: float) -> Change:
    return lambda rows: rows * factor


def ran(live: Any, paths: list[str], run: Callable[[], object]) -> list[str]:
    """Which of some parts run meanwhile, in their order."""
    seen: list[str] = []
    with live.running(whole=True) as parts, Hooks() as hooks:
        for path in paths:
            hooks.observe(parts[path], "in", lambda _, path=path: seen.append(path))
        run()
    return seen


def assert_as_in_full(resume: Resume, edited: nw.LiveModel, x: Any, names: list[str]) -> None:
    sites = [edited.sites[name] for name in names]
    found = resume.run(edited, edited.given(x), sites, whole=True)
    expected = edited.record(x, names)
    for site in sites:
        assert close(expected[site.name], found.values[site]), site.name
    with edited.running(whole=True):
        said = edited.said(edited.run_given(edited.given(x)))
    assert close(said, edited.said(found.output))


@pytest.mark.parametrize("kind", KINDS)
def test_every_site_of_any_model_can_be_the_first_edited_one(kind: str) -> None:
    live = attached(kind)
    resume, names, resumed = Resume(live), everything(live), 0
    for name in (site.name for site in live.sites if site.read is None):
        for factor in (2.0, -1.0):
            assert_as_in_full(resume, live.edited(nw.Edit(name, times(factor))), GIVEN[kind], names)
            resumed += resume.resumed
    assert resumed > len(names) // 2


def test_only_what_lies_behind_the_first_edited_place_is_run() -> None:
    live = gpt2()
    paths = [f"transformer.h.{layer}.{part}" for layer in range(4) for part in ("attn.c_attn", "mlp.c_proj")]
    behind = [f"transformer.h.{part}" for part in ("2.mlp.c_proj", "3.attn.c_attn", "3.mlp.c_proj")]
    resume, tokens, sites = Resume(live), live.given("hello there"), live.sites.defaults
    for number, factor in enumerate((2.0, 3.0, 0.0)):
        edited = live.edited(nw.Edit("mlp.2", times(factor)), nw.Edit("mlp.3", times(factor)))
        resume.run(edited, tokens, [])  # the model is tried on a sample at first
        seen = ran(edited, paths, lambda edited=edited: resume.run(edited, tokens, sites))
        assert seen == (behind if number else paths)
        values = resume.run(edited, tokens, sites).values
        assert resume.resumed
        assert list(values) == sites
        expected = edited.record("hello there")
        assert all(close(expected[site.name], values[site]) for site in sites)


def test_a_cache_that_a_model_makes_for_itself_is_no_hindrance() -> None:
    live = gpt2()
    assert live.module.config.use_cache
    resume, names = Resume(live), [site.name for site in live.sites if site.kind != "module"]
    for factor in (2.0, 3.0):
        assert_as_in_full(resume, live.edited(nw.Edit("attn.2", times(factor))), "hello there", names)
    assert resume.resumed


steps = st.lists(
    st.tuples(
        st.sampled_from(["hello there", "hello then", "a"]),
        st.sampled_from(["resid.0", "mlp.1", "attn.2", "mlp.3"]),
        st.sampled_from(["mlp.1", "mlp.3", "resid.3"]),
        st.floats(-2, 2),
        st.sets(st.sampled_from(["mlp.0", "resid.1", "mlp.2", "attn.3", "resid.3"]), min_size=1),
        st.integers(0, 9),
    ),
    min_size=2,
    max_size=8,
)
LIVE = gpt2()
RESUME = Resume(LIVE)


@settings(max_examples=30, deadline=None)
@given(steps)
def test_any_series_of_inputs_edits_and_broken_off_passes_reads_as_full_passes_do(series: list[Any]) -> None:
    for text, first, second, factor, chosen, patience in series:
        edited = LIVE.edited(nw.Edit(first, times(factor)), nw.Edit(second, times(1.5)))
        sites = [LIVE.sites[name] for name in sorted(chosen)]
        calls = iter(range(100))
        with contextlib.suppress(Overtaken):
            RESUME.run(edited, LIVE.given(text), sites, overtaken=lambda c=calls, p=patience: next(c) >= p)
        found, expected = RESUME.run(edited, LIVE.given(text), sites).values, edited.record(text, sorted(chosen))
        assert all(close(expected[site.name], found[site]) for site in sites)


def test_a_change_of_weights_drops_what_was_kept() -> None:
    live = gpt2()
    resume, edited = Resume(live), live.edited(nw.Edit("mlp.3", times(2.0)))
    for _ in range(2):
        assert_as_in_full(resume, edited, "hello", ["mlp.0", "mlp.3"])
    assert resume.resumed
    with torch.no_grad():
        live.module.get_parameter("transformer.h.0.mlp.c_fc.weight").mul_(2)
    assert_as_in_full(resume, edited, "hello", ["mlp.0", "mlp.3", "resid.3"])
    assert not resume.resumed


def test_nothing_stays_on_the_model_or_its_replica() -> None:
    live = gpt2()
    before = live.record("hello", everything(live))
    resume, edited = Resume(live), live.edited(nw.Edit("mlp.2", times(0.0)))
    for _ in range(3):
        resume.run(edited, live.given("hello"), live.sites.defaults)
    with live.running() as parts:
        assert not any("forward" in part.__dict__ or part._forward_hooks for part in parts.values())
    assert not any("forward" in part.__dict__ or part._forward_hooks for part in live.module.modules())
    after = live.record("hello", everything(live))
    assert all(torch.equal(before[name], after[name]) for name in everything(live))


# ---- models that cannot be resumed -----------------------------------------------------------------------------------


class Whispering(nn.Module):
    """Its first layer leaves something in an attribute that the last one reads."""

    def __init__(self) -> None:
        super().__init__()
        self.first, self.middle, self.last = _Whisperer(), nn.Linear(8, 8), nn.Linear(8, 2)

    def forward(self, row: Tensor) -> Tensor:
        self.first.said = None
        hidden = self.middle(self.first(row)).relu()
        return self.last(hidden + (0 if self.first.said is None else self.first.said))


class _Whisperer(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.inner, self.said = nn.Linear(3, 8), None

    def forward(self, row: Tensor) -> Tensor:
        self.said = self.inner(row)
        return self.said.tanh()


class InPlace(nn.Module):
    """Uses what its first layer gave after the second wrote to it."""

    def __init__(self) -> None:
        super().__init__()
        self.first, self.act, self.middle = nn.Linear(3, 8), nn.ReLU(inplace=True), nn.Linear(8, 8)
        self.last = nn.Linear(8, 2)

    def forward(self, row: Tensor) -> Tensor:
        hidden = self.first(row)
        self.act(hidden)
        return self.last(self.middle(hidden).relu() + hidden)


class OneForAll(nn.Module):
    """One part is called within a layer that need not run again, and behind it."""

    def __init__(self) -> None:
        super().__init__()
        self.act, self.middle, self.last = nn.ReLU(), nn.Linear(8, 8), nn.Linear(8, 2)
        self.first = nn.Sequential(nn.Linear(3, 8), self.act)

    def forward(self, row: Tensor) -> Tensor:
        return self.last(self.act(self.middle(self.first(row))))


class Drawing(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.first, self.middle, self.last = nn.Linear(3, 8), nn.Linear(8, 8), nn.Linear(8, 2)

    def forward(self, row: Tensor) -> Tensor:
        hidden = self.first(row)
        return self.last(self.middle(hidden + torch.rand_like(hidden)).relu())


@pytest.mark.parametrize("module", [Whispering, InPlace, OneForAll, Drawing])
def test_models_in_which_something_else_leads_past_their_parts_are_run_in_full(module: Callable[[], nn.Module]) -> None:
    torch.manual_seed(0)
    live = nw.attach(module().eval(), inputs=INPUTS["table"]())
    resume = Resume(live)
    for factor in (2.0, 3.0, 3.0):
        edited = live.edited(nw.Edit("middle", times(factor)))
        assert_as_in_full(resume, edited, GIVEN["table"], ["middle", "last"])
        assert not resume.resumed


def test_texts_of_another_length_are_other_inputs() -> None:
    live = attached("text")
    resume, edited = Resume(live), live.edited(nw.Edit("mlp.2", times(3.0)))
    for text, again in (("abc", False), ("abcd", False), ("abcd", True), ("abc", False)):
        assert_as_in_full(resume, edited, text, ["mlp.0", "mlp.2"])
        assert resume.resumed == again
