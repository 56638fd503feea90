"""The answers that the quickstart notebook gives to its exercises are true of the bundled model."""

import json
import re
from pathlib import Path

import numpy as np

import neuronwidget as nw

LIVE = nw.demo("code")
UNITS = {row["property"]: nw.Unit(row["site"], row["unit"]) for row in nw.demo_card("code")["detectors"]}
TEXT = 'price = 3  # not "a string"\nname = "text # no comment"\nif name:\n    print([name, (price, 1)])\n'


def trace(prop: str) -> np.ndarray:
    unit = UNITS[prop]
    return LIVE.record(TEXT, sites=[unit.site])[unit.site][:, unit.index].numpy()


def test_the_comment_unit_is_fooled_by_a_hash_inside_a_string() -> None:
    values = trace("comment")
    real, fake = TEXT.index("#"), TEXT.rindex("#")
    ends = [i for i, c in enumerate(TEXT) if c == "\n"]
    inside = np.r_[values[real : ends[0]], values[fake : ends[1]]]
    outside = np.r_[values[:real], values[ends[0] : fake], values[ends[1] :]]
    assert inside.min() > outside.max()


def test_the_column_unit_counts_down_from_each_line_break() -> None:
    values = trace("column")
    starts = [0, *(i + 1 for i, c in enumerate(TEXT) if c == "\n")][:-1]
    lines = [values[a : TEXT.index("\n", a)] for a in starts]
    for line in lines:
        steps = np.diff(line)
        assert (steps < 0.02).all()
        assert line[0] > 0.8
    longest = max(lines, key=len)
    assert abs(np.corrcoef(longest, np.arange(len(longest)))[0, 1]) > 0.99, "nearly the same step everywhere"


def test_run_all_leaves_the_explorer_of_the_exercises_as_they_speak_of_it() -> None:
    """No later cell sets what the first Explorer shows; the properties that are counted are those in the table."""
    notebook = json.loads((Path(__file__).parents[2] / "notebooks/00_quickstart.ipynb").read_text(encoding="utf-8"))
    cells = ["".join(cell["source"]) for cell in notebook["cells"]]
    assert sum(cell.count("explorer = ") for cell in cells) == 1
    assert not [cell for cell in cells if re.search(r"explorer\.(unit|input|site|pins|selection) = ", cell)]
    told = [row for row in nw.demo_card("code")["detectors"] if row["held_out"] > row["twin"]]
    assert len(told) == 5
    assert any("each of five properties" in cell for cell in cells)
    assert min(row["held_out"] - row["twin"] for row in told) > 0.1
    assert (UNITS.keys() - {row["property"] for row in told}) == {"indentation"}
