"""The answers that the notebook on shortcuts gives to its exercises are true of the bundled models."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

import pytest

import neuronwidget as nw
from neuronwidget.demos import demo_card

pytestmark = pytest.mark.usefixtures("one_thread")
NOTEBOOK = Path(__file__).parents[2] / "notebooks" / "07_right_for_the_wrong_reason.ipynb"


@cache
def names() -> dict[str, Any]:
    """What the cells that make data and ask questions leave behind; those that show a widget are left out."""
    found: dict[str, Any] = {}
    for cell in json.loads(NOTEBOOK.read_text(encoding="utf-8"))["cells"]:
        source = "".join(cell["source"])
        if cell["cell_type"] == "code" and "explorer" not in source:
            exec(source, found)
    return found


def test_over_all_digits_together_no_carrier_tells_wrong_from_right() -> None:
    differ = names()["differ"]
    passing = {f"{row['site']}:{row['unit']}" for row in differ.found.to_dict("records")}
    assert len(passing) <= 5
    assert not passing & set(demo_card("digits-shortcut")["carriers"])
    assert not passing or "was not tried" in differ.verdict


def test_the_shortcuts_look_into_the_corners_and_go_with_their_contrast() -> None:
    found = names()["found"]
    assert len(found.found) >= 2
    carriers = demo_card("digits-shortcut")["carriers"]
    assert {str(unit) for unit in found.found} <= set(carriers)
    assert {"conv.0:0", "conv.0:6"} & {str(unit) for unit in found.found}
    proved = found.table().query("state == 'shortcut'")
    assert (proved["goes_with"] == "contrast in a corner").all()
    assert (proved["r"] > 0.9).all()
    for unit in found.found:
        where = dict(found.look(unit).where)
        assert sum(share for place, share in where.items() if " " in place) > 0.9


def test_where_marks_are_as_in_training_nothing_is_proved_and_the_data_speak() -> None:
    found = names()["as_trained"]
    assert found.found == []
    assert found.suspected
    assert found.verdict.startswith("No shortcut")
    first = found.properties.iloc[0]
    assert first["property"] == "contrast in a corner"
    assert first["auroc"] == pytest.approx(1, abs=1e-3)


def test_digits_have_none() -> None:
    there = names()
    pictures = (255 * there["plain"]).astype("uint8")
    found = nw.shortcuts(nw.demo("digits"), pictures, there["labels"], sites=["conv.0", "conv.1"], most_tried=2)
    assert found.found == found.suspected == []
