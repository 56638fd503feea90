"""Results with numbers set by hand, so that what the page is told of them is exact on any processor."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pandas as pd

from neuronwidget.analysis.groups.result import UnitGroups
from neuronwidget.analysis.labels.blind.blind import BlindRounds
from neuronwidget.analysis.labels.blind.example import Example, Examples, Mark
from neuronwidget.analysis.labels.blind.rounds import Round
from neuronwidget.analysis.patterns.beside import Beside
from neuronwidget.analysis.patterns.place import Placer
from neuronwidget.analysis.patterns.result import Patterns
from neuronwidget.analysis.patterns.space import Space
from neuronwidget.analysis.responses.kept import KeptInputs
from neuronwidget.analysis.result import Provenance
from neuronwidget.live.structure.sites import Unit

PROVENANCE = Provenance("golden table", "0" * 64, {"documents": 6})
#: What two of the units of `dense.0` do: two triangles of inputs.
POINTS = np.array([[0, 0], [3, 0], [0, 4], [40, 0], [43, 0], [40, 4]], np.float32)
PATTERN = np.array([0, 0, 0, 1, 1, -1])


def patterns(site: str = "dense.0") -> Patterns:
    """Six rows in two patterns, one row in none."""
    names = [f"row {number}" for number in range(5)] + ["</script>"]
    membership, outlier = np.array([1, 0.75, 0.5, 1, 0.5, 0]), np.array([0, 0.25, 0.5, 0, 0.5, 1])
    labels = ["ill", "ill", "well", "well", "well", None]
    inputs = pd.DataFrame(
        {
            "document": np.arange(6), "name": names, "pattern": PATTERN, "membership": membership, "outlier": outlier,
            "x": POINTS[:, 0].astype(float), "y": POINTS[:, 1].astype(float), "fitted": True,
            "label": pd.Series(labels, dtype=object), "prediction": ["ill"] * 3 + ["well"] * 3,
        }
    )  # fmt: skip
    found = pd.DataFrame(
        {
            "pattern": [0, 1], "inputs": [3, 2], "share": [0.5, 0.25], "stability": [1.0, 0.5], "low": [0.75, 0.25],
            "high": [1.0, 0.75], "repeats": [1.0, 0.25], "null": [0.25, 0.25], "holds": [True, False],
            "largest": [False, False], "label": ["ill", "well"], "prediction": ["ill", "well"],
        }
    )  # fmt: skip
    markers = pd.DataFrame(
        {
            "pattern": [0, 0, 1], "site": site, "unit": [0, 1, 0], "part": "mean",
            "median": [0.5, 2.0, 41.5], "rest": [41.5, 0.0, 0.5], "difference": [-1.0, 0.5, 1.0],
        }
    )  # fmt: skip
    rows = [{"age": 18 + 8 * number, "sex": ["female", "male"][number % 2]} for number in range(6)]
    entries = pd.DataFrame(
        {"document": range(6), "id": names, "label": labels, "tokens": 1, "text": [json.dumps(row) for row in rows]}
    )
    null = Beside("permuted columns", 1.0, 0.0, 0.75, 0.25, float("nan"))
    twin = Beside("golden table (untrained)", 2.0, 1.0, 0.5, 0.5, 0.25)
    kept = KeptInputs("table", entries)
    return Patterns(
        site, "mean", inputs, found, markers, None, null, twin, 0.5, "", _placer(site), kept, PROVENANCE
    )  # fmt: skip


def _placer(site: str) -> Placer:
    """In the plane of the first two units: the map is that plane."""
    space = Space(np.array([0, 1]), np.ones(2, np.float32))
    core = np.array([4.0, 4, 5, 4, 4, 5])
    return Placer(
        site=site, how="mean", space=space, points=POINTS, documents=np.arange(6), labels=PATTERN,
        membership=np.array([1, 0.75, 0.5, 1, 0.5, 0]), outlier=np.array([0, 0.25, 0.5, 0, 0.5, 1]), core=core,
        birth=np.array([1 / 32, 1 / 32]), top=np.array([0.25, 0.25]), map=POINTS.astype(float),
        middle=np.zeros(2), axes=np.eye(2), neighbours=2,
    )  # fmt: skip


def blind(label: str) -> BlindRounds:
    """Two examples to explain a unit by, and a round of each kind over others."""
    examples = [
        Example(number, "", {"age": 18 + 8 * number, "sex": ["female", "male"][number % 2]}, (), np.array([value]), 0,
                value, value > 1, "fires" if value > 1 else "near miss")
        for number, value in enumerate([2.0, 0.5, 2.0, 0.5, 2.0, 2.0, 0.5, 2.0])
    ]  # fmt: skip
    plain = Mark()
    rounds = [
        Round("detection", tuple(examples[2:4]), (plain, plain), frozenset([0])),
        Round("fuzzing", (examples[4],), (Mark(column="age"),), frozenset([0])),
        Round("intruder", tuple(examples[5:8]), (plain, plain, plain), frozenset([1])),
    ]
    chosen = Examples(examples[:2], examples[2:], fires=1.0, silent=0.75, end="top", searched=8)
    return BlindRounds(Unit("dense.0", 0), label, "table", chosen, rounds, PROVENANCE)


def groups() -> UnitGroups:
    """Three units, two of them in a group."""
    table = pd.DataFrame(
        {
            "group": [0], "units": [2], "members": ["dense.0:0, 2"], "correlation": [0.75], "low": [0.5],
            "high": [1.0], "found": [0.75], "null": [0.0], "stands": [True], "shared": ["</script>"], "share": [0.5],
        }
    )  # fmt: skip
    units = pd.DataFrame(
        {
            "unit": ["dense.0:0", "dense.0:2", "dense.0:1"], "site": "dense.0", "index": [0, 2, 1],
            "group": [0, 0, -1], "sign": [1, -1, 1], "correlation": [0.75, 0.75, 0.0], "place": [0, 1, 2],
        }
    )  # fmt: skip
    nulls = pd.DataFrame({"null": ["permuted"], "draw": [0], "groups": [0], "units": [0], "largest": [0]})
    pieces = ["a", "é", "b"]
    exemplars: Any = pd.DataFrame(
        {"group": [0], "document": [4], "position": [1], "units": [2], "value": [3.0], "id": ["second"],
         "label": [None], "pieces": [pieces], "values": [[0.0, 3.0, 0.0]], "peak": [1]}
    )  # fmt: skip
    map_ = np.array([[1, 0.75, 0], [0.75, 1, 0.25], [0, 0.25, 1]], np.float32)
    return UnitGroups(
        ("dense.0",), "linkage", 0.5, (3, 3), (3, 3), table, units, 0.25, nulls, exemplars, map_, (0, 1, 2, 3), 0, 0,
        (), PROVENANCE,
    )  # fmt: skip
