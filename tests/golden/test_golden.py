"""The committed files are what Python answers; vitest reads the same files, and `tsc` checks their headers."""

import base64
import json
from pathlib import Path

import numpy as np
import pytest

from neuronwidget.stream.frame import decode
from neuronwidget.stream.protocol.asks import VERSION
from neuronwidget.widgets.frames.order import parse_units
from tests.golden.make import HERE, LITERALS, golden

CASES = json.loads((HERE / "shared/unit-filters.json").read_text(encoding="utf-8"))


def test_python_answers_with_the_committed_bytes() -> None:
    answered = golden()
    committed = {path.name: path.read_text(encoding="utf-8") for path in HERE.glob("*.json")}
    committed[LITERALS.name] = LITERALS.read_text(encoding="utf-8")
    assert committed == answered


@pytest.mark.parametrize("path", sorted(HERE.glob("[afi]*-*.json")), ids=lambda path: path.stem)
def test_arrays_read_back(path: Path) -> None:
    file = json.loads(path.read_text(encoding="utf-8"))
    assert file["header"]["v"] == VERSION
    buffers = [base64.b64decode(buffer) for buffer in file["buffers"]]
    arrays = decode(file["header"], buffers) if buffers else {}
    assert {name for name in arrays if name != "pad"} == set(file["expect"])
    for name, expected in file["expect"].items():
        np.testing.assert_array_equal(arrays[name].ravel(), np.array(expected, arrays[name].dtype))


@pytest.mark.parametrize("case", CASES, ids=lambda case: repr(case["filter"]))
def test_python_reads_a_filter_of_units_as_the_page_does(case: dict) -> None:
    if case["problem"] is None:
        assert parse_units(case["filter"], case["width"]) == case["units"]
    else:
        with pytest.raises(ValueError, match=case["problem"]):
            parse_units(case["filter"], case["width"])
