"""What one unit carries is told and the unit is named; what is spread over all is not, and a detector is no cause."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch
from torch import nn

import neuronwidget as nw
from neuronwidget.analysis.which.localise.result import Localised
from neuronwidget.live.capture import Overtaken
from tests.planted.digit_nets import as_rows, passing
from tests.sweeps import seeds

#: The rules were chosen on seeds from 0 on.
SEEDS = [100 + seed for seed in seeds(2)]
HALF = [100 + seed for seed in seeds(1)]
ROWS = 600


def dedicated(seed: int, width: int = 48, concepts: int = 20) -> tuple[np.ndarray[Any, Any], np.ndarray[Any, Any], Any]:
    """Rows of units of which some carry a concept each; which rows have it, [rows, concepts]; and the units."""
    source = np.random.default_rng(seed)
    has = source.random((ROWS, concepts)) < 0.15
    units = source.permutation(width)[:concepts]
    values = 0.2 * source.normal(size=(ROWS, width))
    values[:, units] += has
    return values.astype(np.float32), has, units


def superposed(
    seed: int, dimensions: int = 12, concepts: int = 20
) -> tuple[np.ndarray[Any, Any], np.ndarray[Any, Any]]:
    """Rows of units over which concepts are spread, each a direction that is nearly no unit's, more than there are."""
    source = np.random.default_rng(seed)
    has = source.random((ROWS, concepts)) < 0.1
    directions = source.normal(size=(50 * concepts, dimensions))
    directions /= np.linalg.norm(directions, axis=1, keepdims=True)
    directions = directions[np.abs(directions).max(1) < 0.6][:concepts]
    strength = has * source.uniform(0.5, 1.0, has.shape)
    values = strength @ directions + 0.05 * source.normal(size=(ROWS, dimensions))
    return values.astype(np.float32), has


def localised(values: np.ndarray[Any, Any], labels: np.ndarray[Any, Any], **more: Any) -> Localised:
    return nw.localise(passing(values.shape[1]), as_rows(values), labels.tolist(), "dense.0", **{"splits": 3, **more})


@pytest.mark.parametrize("seed", SEEDS)
def test_a_unit_of_its_own_carries_the_concept_and_is_named(seed: int) -> None:
    values, has, units = dedicated(seed)
    number = seed % has.shape[1]
    found = localised(values, has[:, number], seed=seed)
    row = found.row("True")
    assert (row["says"], row["k"]) == ("one unit", 1)
    assert row["f1"] >= 0.93
    assert row["units"] == [f"dense.0:{units[number]}"]
    assert row["rotated"] < row["f1"] - 0.3
    assert row["control"] < 0.4
    first = found.units.iloc[0]
    assert (first["unit"], first["chosen"], first["searched"]) == (row["units"][0], 1.0, values.shape[1])
    assert first["low"] <= first["effect"] <= first["high"]
    assert first["q"] < 1e-6
    assert "was not tried" in found.verdict


def test_concepts_in_superposition_are_distributed() -> None:
    """All but one in twenty: where no basis is better than another, the units' own may be the best of twenty."""
    says = []
    for seed in SEEDS:
        values, has = superposed(seed)
        found = localised(values, has[:, seed % has.shape[1]], seed=seed)
        row = found.row("True")
        assert row["alone"] < row["f1"] - 0.1
        says.append(row["says"])
    assert says.count("distributed") >= 0.9 * len(says)
    assert (row["units"], "no single unit" in found.verdict) == ([], True)


@pytest.mark.parametrize("seed", HALF)
def test_a_few_units_that_only_together_tell_it_are_a_few(seed: int) -> None:
    """The concept is the sum of two units of forty, of which each holds much else too."""
    source = np.random.default_rng(seed)
    values = source.normal(size=(ROWS, 40)).astype(np.float32)
    found = localised(values, values[:, 7] + values[:, 21] > 1.5, seed=seed)
    row = found.row("True")
    assert (row["says"], sorted(row["units"])) == ("a few", ["dense.0:21", "dense.0:7"])


@pytest.mark.parametrize("seed", HALF)
def test_labels_that_are_drawn_at_random_are_nowhere(seed: int) -> None:
    values, _, _ = dedicated(seed)
    found = localised(values, np.random.default_rng(seed).random(ROWS) < 0.2, seed=seed)
    assert found.row("True")["says"] == "nothing"
    assert found.verdict.startswith("Nothing found")


def detector(read: bool) -> tuple[nw.LiveModel, list[dict[str, float]], list[bool]]:
    """A model whose unit 0 detects a large first column, which the output reads or not; rows, and which are large."""
    torch.manual_seed(0)
    first, last = nn.Linear(24, 32), nn.Linear(32, 2)
    with torch.no_grad():
        first.weight[:, 0] = 0.0
        first.weight[0], first.bias[0] = 0.0, 0.0
        first.weight[0, 0] = 3.0
        last.weight[:, 0] = 0.0
        last.weight[1, 0] = 2.0 if read else 0.0
    module = nn.Sequential(first, nn.ReLU(), last).eval()
    live = nw.attach(module, inputs=nw.TableInputs({f"c{n}": (-3.0, 3.0) for n in range(24)}, ["no", "yes"]))
    rows = np.random.default_rng(1).normal(size=(ROWS, 24))
    large = np.arange(ROWS) % 4 == 0
    rows[:, 0] = 1.5 * large + 0.1 * rows[:, 0]
    return live, [{f"c{n}": float(x) for n, x in enumerate(row)} for row in rows], large.tolist()


@pytest.mark.parametrize("read", [False, True])
def test_a_detector_that_the_output_does_not_read_is_a_detector_and_not_a_cause(read: bool) -> None:
    live, rows, large = detector(read)
    found = nw.localise(live, rows, large, "dense.0", splits=2, cause=True)
    row = found.row("True")
    assert (row["says"], row["units"]) == ("one unit", ["dense.0:0"])
    assert found.units["effect"][0] + 0.5 >= 0.98
    assert row["cause"] in found.verdict
    if read:
        assert row["cause"].startswith("the output reads it")
        assert "larger than 20 of 20" in row["cause"]
    else:
        assert row["cause"].startswith("a detector, not shown to be a cause")
        assert "KL 0," in row["cause"]


def test_places_that_a_predicate_marks_are_the_rows() -> None:
    """Of texts each token is one; all of a document stay on one side."""
    live = nw.demo("code")
    source = ["x = 1  # one\n", "y = 'two'\n", "# three\nz = 3\n", "def f(a):\n    return a  # four\n"] * 8
    found = nw.localise(live, source, nw.python_tokens("comment"), "state.1", splits=1)
    assert found.of == "positions"
    assert found.found["concept"].tolist() == ["comment"]
    assert found.rows == sum(len(text) for text in source)
    row = found.row("comment")
    assert row["f1"] > 0.9
    assert all(f"{unit} “{name}" in found.verdict for unit in row["units"] if (name := live.labels.get(unit)))
    of_inputs = nw.localise(live, source, "#", "state.1", positions=False, splits=1)
    assert (of_inputs.of, of_inputs.rows) == ("inputs", len(source))


def test_classes_are_concepts_and_it_is_kept() -> None:
    values, has, units = dedicated(5, width=12, concepts=3)
    labels = np.select([has[:, 0], has[:, 1]], ["cat", "dog"], "fox").tolist()
    labels[3] = None
    live, rows = passing(12), as_rows(values)
    steps: list[tuple[int, int]] = []
    found = nw.localise(live, rows, labels, ["dense.0"], splits=1, progress=lambda *step: steps.append(step))
    assert found.found["concept"].tolist() == ["cat", "dog", "fox"]
    assert found.row("cat")["units"] == [f"dense.0:{units[0]}"]
    assert "3 concepts in dense.0" in found.verdict
    assert "1 inputs without a label were left out" in found.verdict
    assert steps[-1][0] == steps[-1][1] == len(steps)
    again = Localised.from_json(found.to_json())
    assert again.verdict == found.verdict in found._repr_html_()
    assert again.said_of("dog") == found.said_of("dog")
    assert again.table().equals(found.table())
    assert found.chart().to_dict()["facet"]["field"] == "concept"
    responses = nw.collect(live, rows, ["dense.0"], labels=labels, predictions=False)
    same = nw.localise(live, responses, site="dense.0", splits=1, of="cat")
    assert same.row("cat")["f1"] == found.row("cat")["f1"]


def test_what_is_no_question_gets_a_sentence() -> None:
    values, has, _ = dedicated(5, width=6, concepts=2)
    live, rows, labels = passing(6), as_rows(values[:60]), has[:60, 0].tolist()
    with pytest.raises(ValueError, match="All labels are 'yes'"):
        nw.localise(live, rows, ["yes"] * 60, "dense.0")
    with pytest.raises(ValueError, match="names 3 labels for 60 inputs"):
        nw.localise(live, rows, labels[:3], "dense.0")
    with pytest.raises(ValueError, match="have no labels"):
        nw.localise(live, rows, site="dense.0")
    with pytest.raises(ValueError, match=r"1 inputs have 'True'.*8 of each are needed"):
        nw.localise(live, rows, [True] + [False] * 59, "dense.0")
    with pytest.raises(ValueError, match="of= names 'cat', which is no label"):
        nw.localise(live, rows, labels, "dense.0", of="cat")
    with pytest.raises(ValueError, match="There are 60 labels"):
        nw.localise(live, rows, list(range(60)), "dense.0")
    with pytest.raises(ValueError, match="splits="):
        nw.localise(live, rows, labels, "dense.0", splits=0)
    with pytest.raises(KeyError, match="no concept 'cat'"):
        nw.localise(live, rows, [True, False] * 30, "dense.0", splits=1).row("cat")
    with pytest.raises(Overtaken):
        nw.localise(live, rows, labels, "dense.0", overtaken=lambda: True)
