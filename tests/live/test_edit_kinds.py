"""Kinds of edits, scopes and conditions: against the same done by hand, and on models whose weights are set by hand."""

from __future__ import annotations

from typing import Any, cast

import numpy as np
import pytest
import torch
from torch import Tensor, nn

import neuronwidget as nw
from neuronwidget.live.edits.errors import EditError
from tests.live.test_edits import GIVEN, KINDS, PICTURE, ROW, TEXT, attached

OTHERS: dict[str, Any] = {
    "text": "import this",
    "image": PICTURE[::-1].copy(),
    "table": {"a": 1.0, "b": 1.5, "c": -0.5},
}
SITES = {"text": "mlp.1", "image": "conv.0", "table": "dense.0"}


class Linear(nn.Module):
    """Neurons a = relu(W x), logits R a: what a neuron does to each logit can be said."""

    def __init__(self, inside: int = 6, outputs: int = 4) -> None:
        super().__init__()
        torch.manual_seed(2)
        self.inner, self.act, self.readout = nn.Linear(3, inside), nn.ReLU(), nn.Linear(inside, outputs)

    def forward(self, row: Tensor) -> Tensor:
        logits: Tensor = self.readout(self.act(self.inner(row)))
        return logits


def of_rows(module: nn.Module) -> Any:
    return nw.attach(module, inputs=nw.TableInputs({"a": (-3, 3), "b": (-3, 3), "c": (-3, 3)}))


@pytest.mark.parametrize("factor", [0.0, -1.0, 0.5, 3.0, 10.0])
def test_scaling_a_unit_moves_logits_by_what_it_writes(factor: float) -> None:
    module = Linear().eval()
    live, row = of_rows(module), torch.tensor([[0.5, -1.0, 2.0]])
    with torch.no_grad():
        activations, logits = module.act(module.inner(row)), module(row)
    for unit in range(6):
        with live.edit(nw.Scale(f"act:{unit}", factor)), torch.no_grad():
            moved = module(row) - logits
        expected = (factor - 1) * activations[0, unit] * module.readout.weight[:, unit]
        assert torch.allclose(moved[0], expected, atol=1e-5)


def by_kind(kind: str, live: Any, site: str) -> dict[str, tuple[Any, Any]]:
    """Edits of units 3 and 1, and what they make of rows."""
    rows, units = live.record(GIVEN[kind], [site])[site], [3, 1]
    width, data = rows.shape[1], [GIVEN[kind], OTHERS[kind]]
    usual = torch.cat([rows, live.record(OTHERS[kind], [site])[site]])
    direction = torch.linspace(-1, 1, width)

    def put(values: Any) -> Any:
        def change(rows: Tensor) -> Tensor:
            rows = rows.clone()
            rows[:, units] = torch.as_tensor(values, dtype=rows.dtype)
            return rows

        return change

    named = [f"{site}:{unit}" for unit in units]
    length = usual.norm(dim=1).median()
    return {
        "scale": (nw.Scale(named, -2), lambda r: put(-2 * r[:, units])(r)),
        "clamp": (nw.Clamp(named, 1.5), put(1.5)),
        "zero": (nw.Ablate(named, "zero"), put(0.0)),
        "mean": (nw.Ablate(named, "mean", data=data), put(usual[:, units].mean(0))),
        "steer": (nw.Steer(site, direction, 0.7, data=data), lambda r: r + 0.7 * length * direction / direction.norm()),
        "raw": (nw.Steer(site, direction, 0.7, raw=True), lambda r: r + 0.7 * direction),
        "patch": (nw.Patch(site, rows * 2), lambda r: rows * 2),
        "edit": (nw.Edit(site, torch.cos), torch.cos),
    }


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("name", ["scale", "clamp", "zero", "mean", "steer", "raw", "patch", "edit"])
def test_each_kind_does_what_it_says(kind: str, name: str) -> None:
    live, site = attached(kind), SITES[kind]
    edit, by_hand = by_kind(kind, live, site)[name]
    plain = live.record(GIVEN[kind], [site])[site]
    for found in (live.edited(edit).record(GIVEN[kind]), live.record(GIVEN[kind], edits=[edit])):
        assert torch.allclose(found[site], by_hand(plain), rtol=1e-5, atol=1e-6)
    expected = live.edited(nw.Edit(site, by_hand)).predict(GIVEN[kind])
    assert np.allclose(live.predict(GIVEN[kind], edits=[edit])["probability"], expected["probability"], atol=1e-6)
    assert not np.allclose(live.predict(GIVEN[kind])["probability"], expected["probability"], atol=1e-6)


def test_resampled_units_are_what_they_are_elsewhere_and_go_together() -> None:
    live = attached("text")
    edit = nw.Ablate(["mlp.1:3", "mlp.1:1"], "resample", data=[TEXT, "import this"])
    pool = torch.cat([live.record(text, ["mlp.1"])["mlp.1"] for text in (TEXT, "import this")])
    edited = live.edited(edit)
    first, again = (edited.record("x = [1, 2]\n", ["mlp.1"])["mlp.1"] for _ in range(2))
    plain = live.record("x = [1, 2]\n", ["mlp.1"])["mlp.1"]
    assert torch.equal(first, again)
    others = [unit for unit in range(64) if unit not in (1, 3)]
    assert torch.equal(first[:, others], plain[:, others])
    for row in first:
        assert bool((pool[:, [3, 1]] == row[[3, 1]]).all(1).any())
    assert len(first[:, [3, 1]].unique(dim=0)) > 3, "each position has its own"


# ---- where -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("scope", "chosen"),
    [
        ("all", range(9)),
        ("prompt", range(9)),
        ("generated", []),
        ("last", [8]),
        ([0, 4, -2], [0, 4, 7]),
        ([99], []),
        (slice(2, 5), [2, 3, 4]),
        (slice(-3, None), [6, 7, 8]),
        (slice(None, None, 4), [0, 4, 8]),
    ],
)
def test_a_scope_says_at_which_positions(scope: Any, chosen: Any) -> None:
    live, text = attached("text"), "def f(x):"
    plain = live.record(text, ["mlp.1"])["mlp.1"]
    for edit in (nw.Clamp("mlp.1:3", 7.0, scope=scope), nw.Edit("mlp.1", lambda rows: rows * 0 + 7, scope=scope)):
        found = live.record(text, ["mlp.1"], edits=[edit])["mlp.1"][:, 3]
        expected = plain[:, 3].clone()
        expected[list(chosen)] = 7.0
        assert torch.equal(found, expected)


@pytest.mark.parametrize("scope", ["some", [], [1.5], [True], slice(5, 2, -1), slice("a", None), 3, None])
def test_what_is_no_scope_is_said(scope: Any) -> None:
    with pytest.raises(EditError, match=r"says no positions\. It is one of 'all', 'prompt', 'generated', 'last'"):
        nw.Scale("mlp.1:3", 2, scope=scope)


@pytest.mark.parametrize(("scope", "chosen"), [("prompt", range(4)), ("generated", range(4, 9)), ("last", range(3, 9))])
def test_a_prompt_ends_where_generation_is_told_to_begin(scope: str, chosen: Any) -> None:
    live, text = attached("text"), "def f(x):"
    plain = live.record(text, ["mlp.1"])["mlp.1"][:, 3]
    edited = live.edited(nw.Clamp("mlp.1:3", 7.0, scope=scope))
    with edited.generating(4):
        found = edited.record(text, ["mlp.1"])["mlp.1"][:, 3]
        reader, site = edited.reader(), edited.sites["mlp.1"]
        for end in (4, 6, 9):
            grown = reader.read(live.inputs.tokens(text[:end]).ids, [site])[site][:, 3].clone()
    expected = plain.clone()
    expected[list(chosen)] = 7.0
    assert torch.equal(found, expected)
    assert torch.allclose(grown, expected, atol=1e-6)


# ---- when ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("at", ["mlp.0:5", "mlp.1:5", "heads.1:0"])
def test_a_condition_says_where_an_edit_acts(at: str) -> None:
    live = attached("text")
    site, unit = at.split(":")
    if site == "heads.1":
        site, place = "heads.1", "mlp.1"
    place = "mlp.1"
    seen = live.record(TEXT, [site, place])
    threshold = float(seen[site][:, int(unit)].median())
    holds = seen[site][:, int(unit)] > threshold
    assert 0 < holds.sum() < len(holds)
    found = live.record(TEXT, [place], edits=[nw.Scale("mlp.1:3", 4.0, when=nw.when(at, above=threshold))])[place]
    expected = torch.where(holds, 4 * seen[place][:, 3], seen[place][:, 3])
    assert torch.equal(found[:, 3], expected)


def test_a_condition_sees_the_edits_before_it() -> None:
    live = attached("text")
    plain = live.record(TEXT, ["mlp.1"])["mlp.1"][:, 3]
    off, on = nw.Ablate("mlp.0:5", "zero"), nw.Clamp("mlp.0:5", 9.0)
    doubled = nw.Scale("mlp.1:3", 2.0, when=nw.when("mlp.0:5", above=0.5))
    with_off = live.record(TEXT, ["mlp.1"], edits=[off, doubled])["mlp.1"][:, 3]
    assert torch.equal(with_off, live.record(TEXT, ["mlp.1"], edits=[off])["mlp.1"][:, 3])
    with_on = live.record(TEXT, ["mlp.1"], edits=[on, doubled])["mlp.1"][:, 3]
    assert torch.equal(with_on, 2 * live.record(TEXT, ["mlp.1"], edits=[on])["mlp.1"][:, 3])
    assert not torch.equal(with_on, plain)


def test_conditions_hold_where_a_pass_runs_on_from_a_cache() -> None:
    live = attached("text")
    seen = live.record(TEXT, ["mlp.0"])["mlp.0"][:, 5]
    edit = nw.Scale("mlp.1:3", 4.0, when=nw.when("mlp.0:5", above=float(seen.median())))
    edited = live.edited(edit, nw.Clamp("attn.2:1", 1.0, when=nw.when("mlp.1:3", above=0.1)))
    reader, sites = edited.reader(), live.sites.defaults
    for text in ("def f", "def f(x)", "def f(x): return", "def g(x): return", TEXT):
        ids = live.inputs.tokens(text).ids
        found, expected = reader.read(ids, sites), edited.whole_pass(ids, sites)
        for site in sites:
            assert torch.allclose(found[site], expected[site], rtol=1e-5, atol=1e-6), (text, site.name)


def test_a_planted_gate_that_is_switched_off_changes_what_it_opens_and_nothing_else() -> None:
    class Gated(nn.Module):
        """Unit 0 is on where the first number is positive, and alone carries the second output."""

        def __init__(self) -> None:
            super().__init__()
            self.inner, self.act, self.readout = nn.Linear(3, 3), nn.ReLU(), nn.Linear(3, 3)
            with torch.no_grad():
                self.inner.weight.copy_(torch.eye(3))
                self.inner.bias.zero_()
                self.readout.weight.copy_(torch.tensor([[0.0, 1, 0], [2, 0, 0], [0, 0, 1]]))
                self.readout.bias.zero_()

        def forward(self, row: Tensor) -> Tensor:
            logits: Tensor = self.readout(self.act(self.inner(row)))
            return logits

    module = Gated().eval()
    live = of_rows(module)
    rows = torch.tensor([[1.0, 2.0, 3.0], [-1.0, 2.0, 3.0], [0.5, 0.0, 1.0]])
    with torch.no_grad():
        plain = module(rows)
        with live.edit(nw.Ablate("act:0", "zero")):
            gated = module(rows)
    assert torch.equal(gated[:, [0, 2]], plain[:, [0, 2]])
    assert torch.equal(gated[:, 1], torch.zeros(3))
    assert torch.equal(plain[:, 1], torch.tensor([2.0, 0.0, 1.0]))


# ---- what is wrong, in a sentence ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: nw.Scale("mlp.1:999", 2), r"mlp\.1 has the units 0 to 63, not 999"),
        (lambda: nw.Scale("mlp.9:1", 2), r"There is no site .mlp\.9."),
        (lambda: nw.Scale("mlp.1", 2), r"is not a unit"),
        (lambda: nw.Scale([], 2), r"An edit needs a unit"),
        (lambda: nw.Scale(["mlp.1:1", "mlp.2:1"], 2), r"of one site, not of mlp\.1 and mlp\.2"),
        (lambda: nw.Scale("mlp.1:1", float("nan")), r"factor=nan is not a finite number"),
        (lambda: nw.Clamp("mlp.1:1", float("inf")), r"value=inf is not a finite number"),
        (lambda: nw.Clamp("mlp.1:1", cast("Any", "much")), r"value='much' is not a finite number"),
        (lambda: nw.Steer("mlp.1", torch.ones(64), float("nan"), raw=True), r"strength=nan is not a finite number"),
        (lambda: nw.Steer("mlp.1", torch.ones(63), 1, raw=True), r"has 63 numbers, and mlp\.1 has 64 units"),
        (lambda: nw.Steer("mlp.1", torch.full((64,), torch.nan), 1, raw=True), r"numbers that are not finite"),
        (lambda: nw.Steer("mlp.1", "north", 1, raw=True), r"the direction is no row of numbers"),
        (lambda: nw.Steer("mlp.1", torch.zeros(64), 1, data=[TEXT]), r"all zeros and points nowhere"),
        (lambda: nw.Steer("mlp.1", torch.ones(64), 1), r"needs to know what mlp\.1 usually does: .* raw=True"),
        (lambda: nw.Ablate("mlp.1:1"), r"usually does: give data= an atlas or a list of inputs, .* to=\"zero\""),
        (lambda: nw.Ablate("mlp.1:1", "average"), r"one of \"mean\", \"zero\" and \"resample\", not 'average'"),
        (lambda: nw.Ablate("mlp.1:1", data=[]), r"data= holds no inputs"),
        (lambda: nw.Ablate("mlp.1:1", data="def f"), r"a list of inputs, not str: write data=\[…\]"),
        (lambda: nw.Patch("mlp.1", torch.ones(3, 63)), r"the source is \[3, 63\], and mlp\.1 has 64 units"),
        (lambda: nw.Patch("mlp.1", "def", positions=[3]), r"the source has 3 positions, and no position 3"),
        (lambda: nw.Patch("mlp.1", "def f(x):"), r"the source has 9 positions here and this input 32"),
        (lambda: nw.Scale("mlp.1:1", 2, when=nw.when("mlp.2:1")), r"mlp\.2 comes later in the model than mlp\.1"),
        (
            lambda: nw.Scale("mlp.1:1", 2, when=cast("Any", "mlp.0:1")),
            r"'mlp\.0:1' is no condition\. Write when=nw\.when",
        ),
        (lambda: nw.when("mlp.0:1", above=float("nan")), r"above=nan is no number"),
        (lambda: nw.Scale("mlp.1:1", 2, when=nw.when("mlp.0:999")), r"mlp\.0 has the units 0 to 63, not 999"),
        (lambda: "mlp.1:1", r"'mlp\.1:1' is no edit\. There are nw\.Ablate, Scale"),
        (lambda: nw.Edit("heads.1", torch.cos), r"heads\.1 cannot be edited: .*Ablate, Scale, Clamp and Patch act on"),
        (lambda: nw.Steer("heads.1", torch.ones(2), 1, raw=True), r"heads\.1 cannot be edited"),
    ],
)
def test_what_is_wrong_is_a_sentence(make: Any, message: str) -> None:
    live = attached("text")
    plain = live.record(TEXT)
    with pytest.raises((EditError, KeyError, IndexError, ValueError), match=message):
        live.record(TEXT, edits=[make()])
    assert torch.equal(live.record(TEXT)["mlp.2"], plain["mlp.2"])


def test_edits_say_what_they_are_and_can_be_typed_again() -> None:
    edits = [
        nw.Ablate("mlp.2:417", "zero"),
        nw.Ablate(["mlp.2:417", ("mlp.2", 3)], "mean", scope="last"),
        nw.Scale(nw.Unit("mlp.2", 7), 2.5, scope=[0, -1], when=nw.when("mlp.1:3", above=0.5)),
        nw.Clamp("mlp.2:7", -1, scope=slice(2, 5)),
        nw.Patch("resid.1", "def f", [1, 2], scope="prompt"),
    ]
    typed = {name: getattr(nw, name) for name in ("Ablate", "Scale", "Clamp", "Patch", "when")}
    for edit in edits:
        again = eval(repr(edit), typed)
        assert again == edit, repr(edit)
        assert hash(again) == hash(edit)
        assert "scope=" in repr(edit)
    assert [str(edit) for edit in edits] == [
        "Ablate(mlp.2:417, to zero)",
        "Ablate(mlp.2:417, 3, to their mean, at the last position)",
        "Scale(mlp.2:7, × 2.5, at positions 0, -1, where mlp.1:3 > 0.5)",
        "Clamp(mlp.2:7, at -1, at positions from 2 up to 5)",
        "Patch(resid.1, from 'def f' at 1, 2, at the positions of the prompt)",
    ]
    assert nw.Scale("mlp.2:7", 2) != nw.Scale("mlp.2:7", 3)
    assert nw.Steer("mlp.2", [1.0, 2.0], 1) == nw.Steer("mlp.2", torch.tensor([1.0, 2.0]), 1)
    assert nw.Steer("mlp.2", [1.0, 2.0], 1) != nw.Steer("mlp.2", [1.0, 3.0], 1)


def test_values_from_a_row_of_a_table() -> None:
    live = attached("table")
    live.references = [ROW, {"a": 1.0, "b": 1.0, "c": 0.0}]
    rows = torch.cat([live.record(row, ["dense.0"])["dense.0"] for row in live.references])
    found = live.record(ROW, ["dense.0"], edits=[nw.Ablate("dense.0:4")])["dense.0"][0, 4]
    assert torch.allclose(found, rows[:, 4].mean())
