"""Trait of a comparison of groups: verdict, figures, a point a unit, and the rows of a table."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from neuronwidget.stream.protocol.checks import readable
from neuronwidget.stream.protocol.results.comparison import ComparisonInfo
from neuronwidget.stream.protocol.results.shown import Figure
from neuronwidget.stream.protocol.results.units import UnitsInfo
from neuronwidget.widgets.answers.results.units_info import units_info

if TYPE_CHECKING:
    import pandas as pd

    from neuronwidget.analysis.which.compare.result import Comparison

#: So many units have a point at most, and so many of chance; a q-value of 0 is drawn as this one's power of ten.
MOST_POINTS, MOST_CHANCE, SMALLEST = 10_000, 2_000, 300.0
#: What the effect is called where there is no room for a sentence.
NAMES = {"auroc": "AUROC − .5", "entropy": "1 − entropy"}
_WORD = 80
#: So much higher than the highest point the picture is.
_ROOM = 1.15
_WIDEST = 65535


def comparison_info(comparison: Comparison) -> ComparisonInfo:
    """All that the page shows of a comparison without asking."""
    table = comparison.units
    measured = table[np.isfinite(table["effect"]) & np.isfinite(table["q"])]
    drawn = _drawn(measured)
    chance, twin = (frame.head(MOST_CHANCE) for frame in (comparison.null_units, comparison.twin_units))
    ends = _ends([drawn, chance, twin])
    highest = [float(heights(frame).max(initial=0)) for frame in (drawn, chance, twin)]
    top = _ROOM * max(-np.log10(comparison.level), *highest)
    sites = list(dict.fromkeys(drawn["site"]))
    names = [*comparison.groups]
    return {
        "model": comparison.provenance.model,
        "input": comparison.kept.kind,
        "measure": comparison.measure,
        "verdict": comparison.verdict,
        "figures": figures(comparison),
        "edits": [readable(edit, 200) for edit in comparison.provenance.edits],
        "groups": [
            (readable(name, _WORD), int(first), int(other)) for name, (first, other) in comparison.groups.items()
        ],
        "level": float(comparison.level),
        "axis": _axis(comparison.measure, names),
        "sites": sites,
        "ends": ends,
        "top": top,
        "points": _points(drawn, sites, names, ends, top),
        "chance": _places(chance, ends, top),
        "twin": _places(twin, ends, top),
        "searched": len(table),
        "drawn": len(drawn),
        "units": _units(comparison, table),
    }


def _drawn(measured: pd.DataFrame) -> pd.DataFrame:
    """The units that have a point: all that pass, and of the others as many as find room, the same each time."""
    if len(measured) <= MOST_POINTS:
        return measured
    passing = measured[measured["found"]].head(MOST_POINTS)
    others = measured[~measured["found"]]
    some = others.sample(min(len(others), MOST_POINTS - len(passing)), random_state=0)
    return measured.loc[passing.index.union(some.index)]


def _units(comparison: Comparison, table: pd.DataFrame) -> UnitsInfo:
    more = {"higher in": "the group in which it is higher, on inputs that had no part in finding it"}
    if table["part"].nunique() > 1:
        more["of"] = "what of the unit's values in an input is compared"
    more["when found"] = "the same on the inputs that found it: there the best of many look better than they are"
    chance = comparison.null_units["effect"].to_numpy(np.float64) if len(comparison.null_units) else np.zeros(0)
    chance = chance[np.isfinite(chance)]
    return units_info(
        table.rename(columns={"group": "higher in", "part": "of", "in_sample": "when found"}),
        effect=NAMES[comparison.measure],
        hint=f"{comparison.effect_name}; with a 95 % interval. The band: nearly all units when labels are shuffled.",
        null=(float(np.percentile(chance, 2.5)), float(np.percentile(chance, 97.5))) if len(chance) else None,
        more=more,
    )


def _axis(measure: str, groups: Sequence[str]) -> tuple[str, str]:
    """What the least and the largest effects mean."""
    if measure == "entropy":
        return "alike in all groups", "in one group alone"
    first, second = (readable(name, _WORD) for name in groups)
    return f"higher in {second}", f"higher in {first}"


def figures(comparison: Comparison) -> list[Figure]:
    """The numbers that must be known before a comparison is believed, in words."""
    searched, passing = len(comparison.units), len(comparison.found)
    words = f"units pass (q ≤ {comparison.level:g}) and hold up on inputs that had no part in finding them"
    listed: list[Figure] = [{"name": "found", "value": f"{passing:,} of {searched:,}", "words": words}]
    if len(comparison.null):
        draws = comparison.null
        listed.append(
            {
                "name": "chance",
                "value": f"{draws['found'].mean():.3g}",
                "words": f"units pass in a draw of shuffled labels, in the mean of {len(draws):,}; the best 20 of each "
                f"have an effect of {comparison.null_top:+.2g} on the other half".replace("of -", "of −"),
            }
        )
    if comparison.twin is not None:
        twin = comparison.twin
        words = f"units pass in {twin.words}; the best there has an effect of {twin.largest:+.2g} on the other half"
        listed.append({"name": "beside it", "value": f"{twin.found:,} of {twin.searched:,}", "words": words})
    sizes = ", ".join(f"{name} {first:,} + {other:,}" for name, (first, other) in comparison.groups.items())
    listed.append({"name": "inputs", "value": readable(sizes, 200), "words": "found units, and reported them"})
    return listed


# ---- points ----------------------------------------------------------------------------------------------------------


def heights(units: pd.DataFrame) -> NDArray[np.float64]:
    """How far up each unit stands: −log₁₀ of its q-value."""
    if not len(units):
        return np.zeros(0)
    q = units["q"].to_numpy(np.float64)
    up: NDArray[np.float64] = -np.log10(np.maximum(np.nan_to_num(q, nan=1.0), 10.0**-SMALLEST))
    return up


def _ends(frames: Sequence[pd.DataFrame]) -> tuple[float, float]:
    """The ends of all effects, a little wider."""
    values = np.concatenate([frame["effect"].to_numpy(np.float64) for frame in frames if len(frame)] or [np.zeros(0)])
    values = values[np.isfinite(values)]
    low, high = min(0.0, float(values.min(initial=0))), max(0.0, float(values.max(initial=0)))
    room = 0.04 * (high - low) or 0.5
    return low - room, high + room


def _points(
    units: pd.DataFrame, sites: Sequence[str], groups: Sequence[str], ends: tuple[float, float], top: float
) -> str:
    """Each unit's number, site, place, and group where it passes; see `ComparisonInfo`."""
    code, group = {site: i for i, site in enumerate(sites)}, {name: i + 1 for i, name in enumerate(groups)}
    marks = np.array([group.get(name, 0) for name in units["group"]], np.uint8) * units["found"].to_numpy(np.uint8)
    return _base64(
        units["unit"].to_numpy("<u4"), np.array([code[site] for site in units["site"]], "<u2"),
        *_shares(units, ends, top), marks,
    )  # fmt: skip


def _places(units: pd.DataFrame, ends: tuple[float, float], top: float) -> str:
    return _base64(*_shares(units, ends, top)) if len(units) else ""


def _shares(
    units: pd.DataFrame, ends: tuple[float, float], top: float
) -> tuple[NDArray[np.uint16], NDArray[np.uint16]]:
    across = (units["effect"].to_numpy(np.float64) - ends[0]) / (ends[1] - ends[0])
    return _narrow(across), _narrow(heights(units) / top)


def _narrow(shares: NDArray[np.float64]) -> NDArray[np.uint16]:
    return np.round(_WIDEST * np.nan_to_num(shares).clip(0, 1)).astype("<u2")


def _base64(*arrays: NDArray[Any]) -> str:
    return base64.b64encode(b"".join(np.ascontiguousarray(array).tobytes() for array in arrays)).decode()
