"""The committed frames are what Python writes; vitest reads the same files."""

import base64
import importlib.util
import json
from pathlib import Path

import numpy as np
import pytest

from neuronwidget.stream.frame import decode
from neuronwidget.stream.protocol import VERSION

HERE = Path(__file__).parent
_spec = importlib.util.spec_from_file_location("golden_make", HERE / "make.py")
make = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(make)


def test_python_writes_the_committed_bytes() -> None:
    written = make.golden()
    committed = {path.name: path.read_text(encoding="utf-8") for path in HERE.glob("*.json")}
    assert committed == written


@pytest.mark.parametrize("path", sorted(HERE.glob("*-*.json")), ids=lambda path: path.stem)
def test_frames_read_back(path: Path) -> None:
    golden = json.loads(path.read_text(encoding="utf-8"))
    assert golden["header"]["v"] == VERSION
    arrays = decode(golden["header"], [base64.b64decode(buffer) for buffer in golden["buffers"]])
    for name, expected in golden["expect"].items():
        np.testing.assert_array_equal(arrays[name].ravel(), np.array(expected, arrays[name].dtype))
