"""Results of questions about causes: for every kind of input, as JSON and back, as charts; wrong questions."""

from __future__ import annotations

import math
from typing import Any

import pandas as pd
import pytest
import torch

import neuronwidget as nw
from neuronwidget.analysis.cause.controls import compare_with_random
from neuronwidget.analysis.cause.dose import Dose, crossing
from neuronwidget.analysis.cause.downstream import changed_units, spreads
from neuronwidget.analysis.cause.effect import Effect
from neuronwidget.analysis.cause.interactions import Interactions
from neuronwidget.analysis.cause.measure import divergence
from tests.live.test_edits import GIVEN, KINDS, attached, documents

UNITS = {"text": ["mlp.1:3", "mlp.1:5"], "image": ["conv.0:3", "conv.0:1"], "table": ["dense.0:3", "dense.0:1"]}


@pytest.mark.parametrize("kind", KINDS)
def test_results_come_back_from_json_and_can_be_drawn(kind: str) -> None:
    live, others = attached(kind), documents(kind)[:3]
    one, other = UNITS[kind]
    edits = [nw.Ablate(one, to="zero"), nw.Scale(other, 2)]
    results: list[tuple[type[Any], Any]] = [
        (Effect, nw.effect(live, GIVEN[kind], edits, controls=3, unrelated=others)),
        (Effect, nw.effect(live, others, edits[:1], controls=3)),
        (Dose, nw.dose(live, others, edits[1], [0.5, 2], unrelated=others[:1])),
        (Interactions, nw.interactions(live, GIVEN[kind], UNITS[kind], controls=3)),
    ]
    for kind_of_result, result in results:
        again = kind_of_result.from_json(result.to_json())
        assert again.to_json() == result.to_json()
        assert again.verdict == result.verdict
        pd.testing.assert_frame_equal(again.table(), result.table())
        assert result.verdict in repr(result)
        assert again.chart().to_dict()
        assert again.provenance.edits
        assert again.provenance.weights
    first = results[0][1]
    assert first.provenance.edits == tuple(map(str, edits))
    assert first.unrelated == 3
    assert "and" in first.verdict.split(" change ")[0]


def test_the_surprise_is_that_of_the_models_own_predictions() -> None:
    live = attached("text")
    found = nw.effect(live, "def f(x):", nw.Scale("mlp.1:3", 0), controls=0)
    ids = torch.tensor(live.given("def f(x):"))
    said = live.module(ids[None])[0].log_softmax(-1).detach()
    expected = -said[:-1].gather(1, ids[1:, None])[:, 0]
    assert found.rows["loss_before"][:-1].tolist() == pytest.approx(expected.tolist(), abs=1e-5)
    assert math.isnan(found.rows["loss_before"].iloc[-1])
    assert "".join(found.rows["text"]) == "def f(x):"
    assert "without a control" in found.control.verdict


def test_an_edit_in_part_of_the_positions_has_counterparts_there() -> None:
    live = attached("text")
    control = compare_with_random(live, "def f(x):", [nw.Clamp("mlp.2:3", 5, scope="last")], n=20)
    assert len(control.random) == len(set(control.drawn)) == 20
    assert all(value > 0 for value in (control.effect, *control.random))
    again = compare_with_random(live, "def f(x):", [nw.Clamp("mlp.2:3", 5, scope="last")], n=20)
    assert (again.random, again.drawn) == (control.random, control.drawn)


def test_units_behind_an_edit_are_told_in_deviations_of_their_own() -> None:
    before = {"a": torch.tensor([[0.0, 10.0, 1.0], [2.0, 10.0, 3.0]]), "b": torch.zeros(2, 2)}
    after = {"a": torch.tensor([[0.0, 11.0, 1.0], [2.0, 10.0, 6.0]]), "b": torch.zeros(2, 2)}
    stds = {"a": torch.tensor([1.0, 0.25, 1.0]), "b": torch.ones(2)}
    found = changed_units(before, after, spreads(before, stds)[1])
    assert [(str(unit), change) for unit, _, _, change, _ in found if change] == [("a:1", 4.0), ("a:2", 3.0)]
    assert found[1][1:3] == (3.0, 6.0)


def test_a_site_where_nothing_moved_has_no_deviations() -> None:
    before = {"a": torch.zeros(3, 2), "b": torch.tensor([[0.0], [1.0], [2.0]])}
    after = {"a": torch.tensor([[0.0, 0.0], [0.0, -5.0], [0.0, 0.0]]), "b": torch.tensor([[0.5], [1.0], [2.0]])}
    _, stds = spreads(before, {})
    found = changed_units(before, after, stds)
    assert [str(one.unit) for one in found] == ["b:0", "a:1"], "what cannot be compared comes last"
    assert found[1].change == -math.inf
    still = changed_units(before, {**after, "a": before["a"] + 1e-9}, stds, without=[found[0].unit])
    assert [str(one.unit) for one in still] == ["a:0", "a:1"], "of zeros any change is one"


def test_unrelated_inputs_are_those_that_the_model_knows() -> None:
    live = nw.demo("cancer")
    edit = nw.Ablate("dense.1:3", to="zero")
    found = nw.effect(live, 0, edit, controls=0)
    assert found.aside == "8 inputs of live.references"
    assert "On 8 inputs of live.references it is KL" in found.verdict
    count = len(live.references)
    chosen = [number for number in range(0, count, max(1, count // 9)) if number][:8]
    assert found.collateral == pytest.approx(nw.effect(live, 0, edit, controls=0, unrelated=chosen).collateral)
    dose = nw.dose(live, 0, [edit, nw.Scale("dense.0:1", 2)], [1, 2])
    assert "8 inputs of live.references" in dose.verdict
    both = nw.effect(live, 0, [edit, nw.Scale("dense.0:1", 2)], controls=0)
    assert dose.steps["effect"][0] == pytest.approx(both.control.effect, rel=1e-4)
    assert dose.steps["damage"][0] == pytest.approx(both.collateral, rel=1e-4)
    assert "was not tried" in nw.effect(live, 0, edit, controls=0, unrelated=[]).verdict
    with pytest.raises(ValueError, match="give unrelated="):
        nw.dose(live, 0, edit, unrelated=[])


def test_what_is_said_is_read_off_the_passes_that_are_compared() -> None:
    passes: list[int] = []

    class Counting(torch.nn.Linear):
        def forward(self, input: torch.Tensor) -> torch.Tensor:  # noqa: A002
            passes.append(1)
            return super().forward(input)

    torch.manual_seed(0)
    module = torch.nn.Sequential(torch.nn.Linear(4, 6), torch.nn.ReLU(), Counting(6, 3))
    live = nw.attach(module, inputs=nw.TableInputs(dict.fromkeys("abcd", (0.0, 1.0)), classes=["x", "y", "z"]))
    row = dict.fromkeys("abcd", 0.5)
    edit = nw.Scale("dense.0:3", 5.0)
    compare_with_random(live, row, [edit], n=0)
    alone = len(passes)
    passes.clear()
    nw.effect(live, row, edit, controls=0, unrelated=[])
    assert len(passes) <= alone + 2, "beside those that are compared, a recording without the edits and one with them"


def test_a_divergence_is_exact_where_nothing_or_everything_changes() -> None:
    one = torch.tensor([[0.25, 0.75, 0.0]]).log()
    other = torch.tensor([[0.5, 0.25, 0.25]]).log()
    assert divergence(one, one).tolist() == [0.0]
    expected = 0.25 * math.log(0.5) + 0.75 * math.log(3)
    assert divergence(one, other).tolist() == pytest.approx([expected], rel=1e-5)
    assert divergence(other, one).tolist() == [math.inf]


def test_damage_overtakes_an_effect_between_two_strengths() -> None:
    import numpy as np

    strengths = np.array([1.0, 2.0, 4.0])
    assert crossing(strengths, np.array([3.0, 3.0, 3.0]), np.array([1.0, 2.0, 2.9])) == math.inf
    assert crossing(strengths, np.array([1.0, 1.0, 1.0]), np.array([2.0, 2.0, 2.0])) == 1.0
    assert 2 < crossing(strengths, np.array([1.0, 1.0, 1.0]), np.array([0.1, 0.5, 8.0])) < 4


def test_questions_that_make_no_sense_are_refused_in_a_sentence() -> None:
    live: Any = attached("table")
    edit = nw.Scale("dense.0:3", 2)
    with pytest.raises(ValueError, match="1 answers for 2 inputs"):
        nw.effect(live, [GIVEN["table"]] * 2, edit, labels=["no"])
    with pytest.raises(ValueError, match="has no class 'maybe'"):
        nw.effect(live, GIVEN["table"], edit, labels=["maybe"])
    with pytest.raises(ValueError, match="no input"):
        nw.effect(live, [], edit)
    with pytest.raises(ValueError, match="above zero"):
        nw.dose(live, GIVEN["table"], edit, [0, 1])
    with pytest.raises(ValueError, match="two or more different units"):
        nw.interactions(live, GIVEN["table"], ["dense.0:3", "dense.0:3"])


def test_a_text_names_the_output_that_begins_it_in_every_question() -> None:
    """Not the mark that a tokenizer puts in front of all texts, and nothing where the tokens say another text."""

    def encode(text: str) -> tuple[list[int], list[tuple[int, int]]]:
        known = [max(0, "?abcdefg".find(letter)) for letter in text]
        return [8, *known], [(0, 0), *((at, at + 1) for at in range(len(known)))]

    class Says(torch.nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.embed, self.see, self.head = torch.nn.Embedding(9, 8), torch.nn.Linear(8, 8), torch.nn.Linear(8, 9)

        def forward(self, ids: torch.Tensor) -> torch.Tensor:
            said: torch.Tensor = self.head(self.see(self.embed(ids)).relu())
            return said

    inputs = nw.TextInputs(encode, lambda ids: "".join("?abcdefg|"[i] for i in ids), specials={8: "<s>"}, sample="abcd")
    live = nw.attach(Says().eval(), inputs=inputs, predicts="next")
    edit = nw.Scale(f"{live.sites.defaults[0].name}:3", 2)
    named = nw.effect(live, "abc", edit, outputs=["b", "cab", "<s>", 4], controls=0)
    assert named.outputs["output"].tolist() == ["b", "c", "<s>", "d"]
    assert "'c'" in nw.attribution(live, "abc", output="cab").verdict
    for ask in (lambda: nw.effect(live, "abc", edit, outputs=["z"]), lambda: nw.attribution(live, "abc", output="z")):
        with pytest.raises(KeyError, match="no output 'z'"):
            ask()
    with pytest.raises(IndexError, match="the outputs 0 to 8, not 9"):
        nw.effect(live, "abc", edit, outputs=[9])
