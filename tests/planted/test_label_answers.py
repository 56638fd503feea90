"""The answers that the notebook on labels gives to its exercises are true of the bundled model."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

import neuronwidget as nw

NOTEBOOK = Path(__file__).parents[2] / "notebooks" / "08_is_my_label_right.ipynb"


@cache
def names() -> dict[str, Any]:
    """What the cells leave behind, but for their widgets and the test by a predicate."""
    found: dict[str, Any] = {}
    for cell in json.loads(NOTEBOOK.read_text(encoding="utf-8"))["cells"]:
        source = "".join(cell["source"])
        widget = next((source.index(name) for name in ("nw.ExemplarGrid", "nw.BlindTest") if name in source), None)
        if cell["cell_type"] == "code" and "labels.test" not in source:
            exec(source[:widget], found)
    return found


def test_the_hunch_of_quotation_marks_fails_where_the_layer_looks_alike_and_prose_holds_up() -> None:
    there = names()
    first, second = there["first"], there["second"]
    assert first.outcome == "no better than guessing"
    assert second.outcome == "held up"
    right = first.answers.groupby("why")["right"].mean()
    assert right.idxmin() == "similar"
    assert 0.4 <= right["fires"] <= 0.6


def test_another_draw_of_documents_says_the_same() -> None:
    there = names()
    blind = nw.blind_rounds(
        there["live"], there["unit"], atlas=there["atlas"], rounds=["detection"], end="bottom", seed=1
    )
    scores = {name: blind.rate(there[name]) for name in ("quotes", "prose")}
    assert {name: score.outcome for name, score in scores.items()} == {
        "quotes": "no better than guessing",
        "prose": "held up",
    }


def test_a_label_of_comments_misses_docstrings() -> None:
    fires = names()["fires"]
    assert fires["right"].mean() < 2 / 3
    missed = set(fires["document"][~fires["right"].astype(bool)])
    examples = [one for one in names()["comments"].examples.test if one.document in missed]
    assert all("#" not in one.content for one in examples)
    inside = [one for one in examples if 0.25 < one.value < 0.9]
    assert len(inside) >= 0.8 * len(examples), "weaker there than in comments"
