"""The answers that the quickstart notebook gives to its exercises are true of the bundled model."""

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
