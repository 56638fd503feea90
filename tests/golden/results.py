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
from neuronwidget.analysis.patterns.density.cluster import Clusters
from neuronwidget.analysis.patterns.place import Placer
from neuronwidget.analysis.patterns.result import Patterns
from neuronwidget.analysis.patterns.space import Space
from neuronwidget.analysis.responses.kept import KeptInputs
from neuronwidget.analysis.result import Provenance
from neuronwidget.analysis.which.compare.kept_units import Shown
from neuronwidget.analysis.which.compare.result import Comparison, Twin
from neuronwidget.analysis.which.health.result import Health
from neuronwidget.analysis.which.localise.result import Localised
from neuronwidget.analysis.which.shortcuts.looks import Look
from neuronwidget.analysis.which.shortcuts.result import Shortcuts
from neuronwidget.live.structure.sites import Unit

PROVENANCE = Provenance("golden table", "0" * 64, {"documents": 6})
#: What two of the units of `dense.0` do: two triangles of inputs.
POINTS = np.array([[0, 0], [3, 0], [0, 4], [40, 0], [43, 0], [40, 4]], np.float32)
PATTERN = np.array([0, 0, 0, 1, 1, -1])
NAMES = [f"row {number}" for number in range(5)] + ["</script>"]
LABELS = ["ill", "ill", "well", "well", "well", None]


def patterns(site: str = "dense.0") -> Patterns:
    """Six rows in two patterns, one row in none."""
    membership, outlier = np.array([1, 0.75, 0.5, 1, 0.5, 0]), np.array([0, 0.25, 0.5, 0, 0.5, 1])
    inputs = pd.DataFrame(
        {
            "document": np.arange(6), "name": NAMES, "pattern": PATTERN, "membership": membership, "outlier": outlier,
            "x": POINTS[:, 0].astype(float), "y": POINTS[:, 1].astype(float), "fitted": True,
            "label": pd.Series(LABELS, dtype=object), "prediction": ["ill"] * 3 + ["well"] * 3,
        }
    )  # fmt: skip
    found = pd.DataFrame(
        {
            "pattern": [0, 1], "inputs": [3, 2], "share": [0.5, 0.25], "stability": [1.0, 0.5], "low": [0.75, 0.25],
            "high": [1.0, 0.75], "repeats": [1.0, 0.25], "null": [0.25, 0.25], "holds": [True, False],
            "largest": [False, False], "label": ["ill", "well"], "prediction": ["ill", "well"],
            "unit": [f"{site}:0"] * 2, "auroc": [0.0, np.nan], "auroc_low": [0.0, np.nan],
            "auroc_high": [0.25, np.nan], "q": [0.0005, np.nan], "searched": 6,
        }
    )  # fmt: skip
    markers = pd.DataFrame(
        {
            "pattern": [0, 0, 1], "site": site, "unit": [0, 1, 0], "part": "mean",
            "median": [0.5, 2.0, 41.5], "rest": [41.5, 0.0, 0.5], "difference": [-1.0, 0.5, 1.0],
            "auroc": [0.0, 0.75, np.nan], "low": [0.0, 0.25, np.nan], "high": [0.25, 1.0, np.nan],
            "q": [0.0005, 0.25, np.nan], "searched": 6,
        }
    )  # fmt: skip
    null = Beside("permuted columns", 1.0, 0.0, 0.75, 0.25, float("nan"))
    twin = Beside("golden table (untrained)", 2.0, 1.0, 0.5, 0.5, 0.25)
    kept = KeptInputs("table", _entries())
    return Patterns(
        site, "mean", inputs, found, markers, None, null, twin, 0.5, "", _placer(site), kept, PROVENANCE
    )  # fmt: skip


def _entries() -> pd.DataFrame:
    """The six rows, as they are kept."""
    rows = [{"age": 18 + 8 * number, "sex": ["female", "male"][number % 2]} for number in range(6)]
    texts = [json.dumps(row) for row in rows]
    return pd.DataFrame({"document": range(6), "id": NAMES, "label": LABELS, "tokens": 1, "text": texts})


def _placer(site: str) -> Placer:
    """In the plane of the first two units: the map is that plane."""
    space = Space(np.array([0, 1]), np.ones(2, np.float32))
    clusters = Clusters(
        labels=PATTERN,
        membership=np.array([1, 0.75, 0.5, 1, 0.5, 0]),
        outlier=np.array([0, 0.25, 0.5, 0, 0.5, 1]),
        core=np.array([4.0, 4, 5, 4, 4, 5]),
        birth=np.array([1 / 32, 1 / 32]),
        top=np.array([0.25, 0.25]),
    )
    return Placer(
        site=site, how="mean", space=space, points=POINTS, documents=np.arange(6), clusters=clusters,
        map=POINTS.astype(float), middle=np.zeros(2), axes=np.eye(2), neighbours=2,
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


def comparison() -> Comparison:
    """Three units on six rows of two groups; one of them passes."""
    units = pd.DataFrame(
        {
            "site": "dense.0", "unit": [2, 0, 1], "part": "mean", "group": ["ill", "</script>", "ill"],
            "effect": [0.5, -0.125, 0.0], "low": [0.375, -0.25, np.nan], "high": [0.5, 0.25, np.nan],
            "p": [1e-9, 0.25, 1.0], "q": [1e-8, 0.5, np.nan], "in_sample": [0.5, -0.25, 0.0], "searched": 3,
            "found": [True, False, False],
        }
    )  # fmt: skip
    null = pd.DataFrame({"draw": [0], "found": [0], "largest": [0.25], "top20": [0.125]})
    null_units = pd.DataFrame({"site": "dense.0", "unit": [0, 1], "effect": [0.125, -0.25], "q": [1.0, 0.5]})
    values = np.array([[3, 0, 1], [2, 1, 1], [1, 0, 1], [0, 1, 1]], np.float32)
    shown = Shown(("dense.0:2", "dense.0:0", "dense.0:1"), np.arange(4), np.array([0, 0, 1, 1]), values)
    strongest = pd.DataFrame(
        {
            "unit": "dense.0:2", "group": ["ill", "ill", "</script>", "</script>"], "document": [0, 1, 2, 3],
            "value": [3.0, 2.0, 1.0, 0.0],
        }
    )  # fmt: skip
    return Comparison(
        groups={"ill": (2, 2), "</script>": (2, 2)}, measure="auroc", how="mean", sites=("dense.0",), units=units,
        rates=pd.DataFrame(), null=null, null_units=null_units, twin=Twin("its twin", 0, 3, 0.125),
        twin_units=null_units.head(1), shown=shown, strongest=strongest, kept=KeptInputs("table", _entries()),
        notes=("1 input was in both groups.",), prevalence=0.5, correction="bh", level=0.05, provenance=PROVENANCE,
    )  # fmt: skip


def health() -> Health:
    """Three units: one never fired, one hardly ever does, one is as it should be."""
    share = {"active": [0.0, 0.25, 0.5], "density": [0.0, 0.25, 0.5], "pinned": [0.0, 0.0, 0.0]}
    columns = {
        f"{name}{end}": [value + more if value or more > 0 else 0.0 for value in values]
        for name, values in share.items()
        for end, more in (("", 0.0), ("_low", -0.125), ("_high", 0.125))
    }
    units = pd.DataFrame(
        {
            "unit": [f"dense.0:{unit}" for unit in range(3)], "site": "dense.0", "index": range(3),
            "state": ["not seen", "rare", "ok"], "seen": 6, **columns, "mean": 0.5, "std": 1.0, "nonfinite": 0,
        }
    )  # fmt: skip
    counts = {"dead": 0, "not seen": 1, "rare": 1, "dense": 0, "saturated": 0, "ok": 1}
    layers = pd.DataFrame([{"site": "dense.0", "units": 3, "seen": 6, "counted": "rows", "bounded": False, **counts}])
    limits = {"dead": 0.0001, "rare": 0.5, "dense": 0.9, "saturated": 0.9, "always_on": 0.99, "still": 0.001}
    return Health(units, layers, limits, ("It is golden </script>.",), PROVENANCE)


def localised() -> Localised:
    """One concept that the first of three units carries, which nobody has tried to switch off."""
    scores = {"f1": 0.875, "mcc": 0.75, "ap": 1.0}
    found = pd.DataFrame(
        {
            "concept": ["</script>"], "says": ["one unit"], "k": [1], "units": [["dense.0:2"]], "same": [1.0],
            "positive": [3], **scores, "f1_low": [0.75], "f1_high": [1.0], "alone": [0.875], "rotated": [0.5],
            "control": [0.25], "cause": ["whether it is a cause was not tried (cause=True)"],
        }
    )  # fmt: skip
    rows = [
        {"concept": "</script>", "basis": basis, "k": k}
        | {f"{name}{end}": value * share + more
           for name, value in scores.items() for end, more in (("", 0.0), ("_low", -0.125), ("_high", 0.125))}
        for basis, share in (("units", 1.0), ("rotated", 0.5), ("control", 0.25))
        for k in (1, 3)
    ]  # fmt: skip
    units = pd.DataFrame(
        {
            "concept": "</script>", "rank": [1, 2], "unit": ["dense.0:2", "dense.0:0"], "site": "dense.0",
            "index": [2, 0], "chosen": [1.0, 0.0], "effect": [0.5, -0.25], "low": [0.25, -0.5], "high": [0.5, 0.0],
            "p": [0.125, 0.5], "q": [0.25, 0.5], "searched": 3, "found": [True, False],
        }
    )  # fmt: skip
    return Localised(("dense.0",), 3, "inputs", 6, found, pd.DataFrame(rows), units, 2, (), PROVENANCE)


def shortcuts() -> Shortcuts:
    """Two units that were tried, one of them a shortcut, and one that could not be."""
    none = float("nan")
    units = pd.DataFrame(
        {
            "site": "dense.0", "unit": [2, 0, 1], "state": ["shortcut", "no", "suspected"],
            "gain": [0.25, -0.125, none], "low": [0.125, -0.25, none], "high": [0.375, 0.0, none],
            "p": [0.0005, 1.0, none], "q": [0.001, 1.0, none], "random": [0.0625, none, none],
            "first": [0.25, 0.125, none], "why": ["wrong answers", "wrong answers", "age"],
            "answer": ["ill", "</script>", "ill from well"], "difference": [2.0, -1.0, 0.875],
            "goes_with": ["age", "", "age"], "r": [0.9375, none, 0.875],
            "tried_on": ["inputs weighted so that age no longer tells ill from well", "", ""], "searched": 3,
        }
    )  # fmt: skip
    properties = pd.DataFrame(
        {
            "property": ["age", "</script>"], "tells": "ill from well", "auroc": [0.9375, 0.5], "low": [0.875, 0.375],
            "high": [1.0, 0.625], "in_sample": [1.0, 0.5], "p": [1e-6, 1.0], "q": [2e-6, 1.0],
            "telling": [True, False], "searched": 2,
        }
    )  # fmt: skip
    random = pd.DataFrame({"unit": "dense.0:2", "drawn": ["dense.0:0", "dense.0:1"], "gain": [0.0625, -0.125]})
    sets = pd.DataFrame(
        {
            "units": ["dense.0:0 + dense.0:1"], "count": [2], "state": ["no"], "gain": [0.0625], "low": [-0.125],
            "high": [0.25], "p": [0.5], "random": [0.125], "first": [0.125], "goes_with": ["age"], "tried_on": [""],
        }
    )  # fmt: skip
    picture, map_ = np.full((2, 2, 1), 0.5, np.float32), np.array([[1, 0], [0, 0]], np.float32)
    looks = (
        Look("dense.0:2", "columns", [("age", 0.75), ("</script>", 0.25)]),
        Look("dense.0:0", "places", [("upper left", 1.0)], map_, picture),
        Look("dense.0:1", "", []),
    )
    return Shortcuts(
        ("dense.0",), "table", units, properties, random, sets, looks, 0.5, 0.75, (3, 3), 2, 3,
        ("1 input without a label was left out.",), PROVENANCE,
    )  # fmt: skip
