"""Trait of groups of units: verdict, figures, the ordered map, and a row a group."""

from __future__ import annotations

import base64
import itertools
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from neuronwidget.stream.protocol.checks import readable
from neuronwidget.stream.protocol.results.groups import GroupExemplar, GroupRow, GroupsInfo
from neuronwidget.stream.protocol.results.shown import Figure
from neuronwidget.stream.raster import Scale, quantise
from neuronwidget.widgets.answers.results.shown import finite, small
from neuronwidget.widgets.saved import html

if TYPE_CHECKING:
    from neuronwidget.analysis.groups.result import UnitGroups

#: So many groups, units of one, and inputs that they share are sent.
GROUPS, UNITS, EXEMPLARS = 200, 64, 3
_WORD = 80
#: So many letters of a text are shown before the token at its peak and behind it: what a narrow line has room for.
_BEFORE, _BEHIND = 24, 48


def groups_info(groups: UnitGroups) -> GroupsInfo:
    """All that the page shows of groups."""
    cells = cells_of(groups)
    return {
        "model": readable(groups.provenance.model, _WORD),
        "sites": list(groups.sites),
        "verdict": groups.verdict,
        "figures": _figures(groups),
        "units": len(groups.units),
        "groups": [_row(groups, entry) for entry in groups.table().head(GROUPS).to_dict("records")],
        "map": base64.b64encode(cells.tobytes()).decode(),
        "side": len(cells),
    }


def _figures(groups: UnitGroups) -> list[Figure]:
    stand, alone = int(groups.groups["stands"].sum()), int((groups.units["group"] < 0).sum())
    listed: list[Figure] = [
        {
            "name": "stand",
            "value": f"{stand} of {len(groups.groups)}",
            "words": "groups are as tight on inputs that had no part in finding them, and beyond chance",
        },
        {"name": "alone", "value": f"{alone:,} of {len(groups.units):,}", "words": "units are in no group"},
        {"name": "usual", "value": f"{groups.usual:.2f}", "words": "|correlation| of any two units, in the mean"},
    ]
    words = {"permuted": "inputs are shuffled for each unit", "rotated": "units are mixed at random"}
    for null, draws in groups.nulls.groupby("null", sort=False):
        what = words.get(str(null), str(null))
        mean = f"{draws['groups'].mean():.3g}"
        listed.append({"name": "chance", "value": mean, "words": f"groups come out where {what}, in the mean"})
    return listed


def _row(groups: UnitGroups, entry: dict[Any, Any]) -> GroupRow:
    group = int(entry["group"])
    names = groups.group(group).names
    shared = entry.get("shared")
    return {
        "group": group,
        "units": names[:UNITS],
        "count": len(names),
        "correlation": finite(entry["correlation"]),
        "low": finite(entry["low"]),
        "high": finite(entry["high"]),
        "stands": bool(entry["stands"]),
        "shared": readable(shared, _WORD) if isinstance(shared, str) else "",
        "span": _span(groups, group),
        "exemplars": _exemplars(groups, group),
    }


def _span(groups: UnitGroups, group: int) -> tuple[float, float]:
    """Where its units lie in the map, from the first cell that has one to the last."""
    places = groups.units.loc[groups.units["group"] == group, "place"].to_numpy()
    cells = max(1, len(groups.edges) - 1)
    first, last = (int(np.searchsorted(groups.edges, place, "right")) - 1 for place in (places.min(), places.max()))
    return first / cells, min(cells, last + 1) / cells


def _exemplars(groups: UnitGroups, group: int) -> list[GroupExemplar]:
    """The inputs that most of its units have among their strongest."""
    table = groups.exemplars
    if table.empty:
        return []
    listed: list[GroupExemplar] = []
    for row in table[table["group"] == group].head(EXEMPLARS).to_dict("records"):
        name = readable(str(row.get("label") or row.get("id") or f"input {row['document']}"), _WORD)
        one: GroupExemplar = {"name": name, "units": int(row["units"])}
        if isinstance(row.get("image"), np.ndarray):
            one["image"] = small(row["image"])
        elif row.get("pieces") is not None and len(row["pieces"]):
            pieces, one["peak"] = _around(row)
            one["pieces"] = pieces
        elif isinstance(row.get("row"), dict):
            one["words"] = _words(row["row"])
        listed.append(one)
    return listed


def _around(row: dict[Any, Any]) -> tuple[list[str], int]:
    """The pieces around the peak, as far as there is room for them, and which of them is the peak."""
    pieces = [readable(str(piece), _WORD) for piece in row["pieces"]]
    peak = int(row["peak"]) if row.get("peak") is not None else 0
    behind = _fitting(pieces[peak + 1 :], _BEHIND)
    before = _fitting(pieces[:peak][::-1], _BEFORE)[::-1]
    return [*before, *pieces[peak : peak + 1], *behind], len(before)


def _fitting(pieces: list[str], letters: int) -> list[str]:
    """The first pieces that together have no more letters than this."""
    ends = itertools.accumulate(map(len, pieces))
    return [piece for piece, end in zip(pieces, ends, strict=True) if end <= letters]


def _words(row: dict[str, Any], most: int = 4) -> str:
    cells = [f"{name} {html.number(x) if isinstance(x, float) else x}" for name, x in [*row.items()][:most]]
    return readable(", ".join(cells) + (" …" if len(row) > most else ""), 2 * _WORD)


def cells_of(groups: UnitGroups) -> NDArray[np.uint8]:
    """The bytes of the ordered map, for a picture: [cells, cells]."""
    shares = np.clip(np.nan_to_num(groups.map), 0, 1).astype(np.float32)
    return np.ascontiguousarray(quantise(shares, Scale(0.0, 1.0)))
