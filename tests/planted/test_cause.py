"""What was planted as a cause is found to be one, and what was not is not: effects, doses, interactions."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor, nn

import neuronwidget as nw
from tests.sweeps import seeds

HIDDEN = 48
#: Planted units: read by nothing; carries the output; two of which either is enough; two that add up.
UNREAD, CARRIER, EITHER, ADDING = 0, 1, (2, 3), (4, 5)


class Planted(nn.Module):
    """One hidden layer whose unit 0 is read by nothing and unit 1 by the output above all."""

    def __init__(self, seed: int) -> None:
        super().__init__()
        self.hidden, self.act, self.out = nn.Linear(6, HIDDEN), nn.ReLU(), nn.Linear(HIDDEN, 4)
        source = torch.Generator().manual_seed(seed)
        with torch.no_grad():
            self.hidden.weight.copy_(torch.randn(HIDDEN, 6, generator=source))
            self.hidden.bias.fill_(1.0)
            self.out.weight.copy_(0.05 * torch.randn(4, HIDDEN, generator=source))
            self.out.weight[:, UNREAD] = 0
            self.out.weight[:, CARRIER] = torch.tensor([2.0, -2.0, 2.0, -2.0])

    def forward(self, row: Tensor) -> Tensor:
        return self.out(self.act(self.hidden(row)))


class Redundant(nn.Module):
    """The output follows whichever of two units is larger; two others add up, as all the rest."""

    def __init__(self, seed: int) -> None:
        super().__init__()
        self.hidden, self.act = nn.Linear(6, HIDDEN), nn.Softplus()
        self.out = nn.Linear(HIDDEN, 4)
        source = torch.Generator().manual_seed(seed)
        with torch.no_grad():
            self.hidden.weight.copy_(torch.randn(HIDDEN, 6, generator=source))
            self.hidden.weight[EITHER[1]] = self.hidden.weight[EITHER[0]]
            self.hidden.bias.fill_(1.0)
            self.out.weight.copy_(torch.randn(4, HIDDEN, generator=source))
            self.out.weight[:, list(EITHER)] = 0

    def forward(self, row: Tensor) -> Tensor:
        units = self.act(self.hidden(row))
        either = units[:, list(EITHER)].amax(1, keepdim=True)
        return self.out(units) + either * torch.tensor([3.0, -3.0, 0.0, 0.0])


def attached(module: nn.Module) -> nw.LiveModel:
    columns = dict.fromkeys("abcdef", (-3, 3))
    return nw.attach(module.eval(), inputs=nw.TableInputs(columns, ["no", "yes", "maybe", "never"]))


def rows(n: int, seed: int) -> list[dict[str, float]]:
    values = np.random.default_rng(seed).normal(size=(n, 6))
    return [dict(zip("abcdef", map(float, row), strict=True)) for row in values]


def off(unit: int) -> nw.Ablate:
    return nw.Ablate(f"dense.0:{unit}", to="zero")


@pytest.mark.parametrize(("unit", "verdict"), [(UNREAD, "no larger than chance"), (CARRIER, "larger than 20 of 20")])
def test_a_unit_that_carries_the_output_stands_out_and_one_that_is_not_read_does_not(unit: int, verdict: str) -> None:
    found = 0
    for seed in seeds(10):
        live = attached(Planted(seed))
        found += nw.effect(live, rows(12, seed), off(unit), seed=seed).control.verdict.startswith(verdict)
    assert found >= 0.95 * len(seeds(10))


def test_ordinary_units_are_no_larger_than_chance_as_often_as_chance_has_it() -> None:
    """Of 21 that can stand in for each other one is the largest."""
    larger = [
        nw.effect(attached(Planted(seed)), rows(4, seed), off(10 + seed % 30), seed=seed).control.is_larger
        for seed in seeds(20)
    ]
    assert np.mean(larger) <= 0.2


def test_what_changes_nothing_is_no_larger_than_chance() -> None:
    found = nw.effect(attached(Planted(0)), rows(3, 0), nw.Edit("dense.0", lambda values: values))
    assert found.control.effect == 0
    assert found.control.verdict.startswith("no larger than chance")


def test_rounding_is_no_effect() -> None:
    """The same number more in every logit changes nothing that is said, but the last bits of its logarithms."""
    live = attached(Planted(0))
    found = nw.effect(live, rows(3, 0), nw.Edit("out", lambda values: values + 0.3))
    assert found.control.effect < 1e-12


def test_an_edit_of_all_units_is_compared_with_random_directions_of_its_length() -> None:
    live = attached(Planted(0))
    direction = live.module.get_parameter("out.weight")[0].detach()
    found = nw.effect(live, rows(4, 0), nw.Edit("dense.0", lambda values: values + direction))
    assert found.control.words == "random directions"
    assert found.control.is_larger


def test_a_planted_pair_interacts_and_an_independent_pair_does_not() -> None:
    right = []
    for seed in seeds(3):
        live = attached(Redundant(seed))
        both = nw.interactions(live, rows(8, seed), [f"dense.0:{unit}" for unit in EITHER], seed=seed)
        apart = nw.interactions(live, rows(8, seed), [f"dense.0:{unit}" for unit in ADDING], seed=seed)
        assert "stand in for each other" in both.verdict
        assert both.low > 0
        assert apart.share < 1e-4
        assert "do not interact" in apart.verdict
        right.append(both.interacts and not apart.interacts)
    assert all(right)


def test_effects_are_those_of_hooks_placed_by_hand() -> None:
    live, inputs = attached(Planted(3)), rows(5, 3)
    found = nw.effect(live, inputs, off(CARRIER))
    batch = torch.cat([live.inputs.prepare(row) for row in inputs])
    module: Any = live.module
    before = module(batch).log_softmax(1).detach()
    handle = module.act.register_forward_hook(lambda _, args, out: out * (torch.arange(HIDDEN) != CARRIER))
    after = module(batch).log_softmax(1).detach()
    handle.remove()
    expected = (before.exp() * (before - after)).sum(1)
    assert found.rows["kl"].tolist() == pytest.approx(expected.tolist(), abs=1e-5)
    assert found.control.effect == pytest.approx(float(expected.mean()), abs=1e-5)
    table = found.outputs.set_index("index").sort_index()
    assert table["before"].tolist() == pytest.approx(before.exp().mean(0).tolist(), abs=1e-5)
    assert table["after"].tolist() == pytest.approx(after.exp().mean(0).tolist(), abs=1e-5)


def test_random_counterparts_change_the_site_as_much() -> None:
    from neuronwidget.analysis.cause.matched import Change, controls

    live, inputs = attached(Planted(2)), rows(3, 2)
    edit, change = off(CARRIER), Change("act")
    given = live.batches(inputs)[0][0]
    edited = live.edited(*change.around(edit))
    with edited.running(whole=True):
        edited.run_given(given)
    lengths = [float(one.norm()) for one in change.changes]
    several = controls(live, [edit], [change], 20, 0)
    units = set()
    for control in several:
        other = live.edited(*control.edits)
        with other.running(whole=True):
            other.run_given(given)
        (own,) = control.changes
        assert [float(one.norm()) for one in own.changes] == pytest.approx(lengths, rel=1e-5)
        units |= {int(unit) for one in own.changes for unit in one.abs().amax(0).nonzero()[:, 0]}
    assert len(units) == len(several) == 20
    assert CARRIER not in units


def test_the_damage_of_a_dose_overtakes_its_effect_where_it_was_planted() -> None:
    """The unit that is edited is alive on the input and ten times as alive on others."""
    live = attached(Planted(1))
    one, others = rows(1, 5)[0], rows(6, 6)
    found = nw.dose(live, one, off(CARRIER), [0.25, 0.5, 1, 2], unrelated=others)
    for strength, effect, damage in zip(*(found.steps[c] for c in ("strength", "effect", "damage")), strict=True):
        weaker = nw.Scale(f"dense.0:{CARRIER}", 1 - strength)
        again = nw.effect(live, one, weaker, unrelated=others, controls=0)
        assert (again.control.effect, again.collateral) == pytest.approx((effect, damage), abs=1e-6)
    assert (found.steps["effect"].diff()[1:] > 0).all()
