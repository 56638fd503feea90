"""Tells how exclusively units go with a text: where a pattern is found in what they did, and where it is not."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from neuronwidget.analysis.inspect.lines import Lines, Numbers
from neuronwidget.analysis.inspect.search import LONGEST, Search
from neuronwidget.atlas.base import AtlasBase

if TYPE_CHECKING:
    import pandas as pd

PLACES = ("peak", "window")
#: The ends of a unit's values: the group of exemplars there, and the sign of what is strong.
ENDS = {"top": 1.0, "bottom": -1.0}
_FIRES = 1e-6
#: So many exemplars without the text are added to those of each unit: one that fired once or twice proves little.
_DOUBT = 2

Floats = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]


def with_matches(
    atlas: AtlasBase, table: pd.DataFrame, text: str | re.Pattern[str], at: str, unwanted: Callable[[], bool]
) -> pd.DataFrame:
    """Keeps units whose strongest exemplars have a pattern, with `exclusive`, `matches` and `end`; see `find_units`.

    The score of one end of a unit is the share of its strongest exemplars that have the text, times the correlation of
    unit and text over all that was scanned, as it is estimated from those exemplars and a random sample. Each counts
    for as much as it stands for: one of the strongest for itself, since all such are kept, a token of the sample for
    its part of all the rest. A unit that follows one character of the text, or that peaks in it and fires elsewhere
    too, shows so at the tokens between the peaks; the peaks alone are where a unit looks best.
    """
    pattern = compiled(text)
    if at not in PLACES:
        raise ValueError(f"A pattern is looked for at one of {', '.join(PLACES)}, not {at!r}.")
    exclusive, matches = np.zeros(len(table)), np.zeros(len(table), np.int64)
    ends = np.full(len(table), "top", object)
    numbers = table.index.get_level_values("unit").to_numpy()
    sites = table.index.get_level_values("site").to_numpy()
    seen = table["seen"].to_numpy(np.float64) if "seen" in table else np.zeros(len(table))
    with Search(pattern, unwanted) as search:
        texts = _Texts(atlas, at, search)
        for site in dict.fromkeys(sites):
            mine = np.flatnonzero(sites == site)
            mine = mine[numbers[mine].argsort(kind="stable")]
            for exemplars in atlas.searchable(site, set(numbers[mine].tolist())):
                places = mine[np.isin(numbers[mine], exemplars["unit"])]
                unit = np.searchsorted(numbers[places], exemplars["unit"])
                scores = _scores(texts, exemplars, unit, seen[places])
                exclusive[places], matches[places], ends[places] = scores
    if "exclusive" not in atlas.lacks:
        table = table.assign(exclusive=exclusive)
    return table.assign(matches=matches, end=ends)[matches > 0]


def compiled(text: str | re.Pattern[str]) -> re.Pattern[str]:
    """A regular expression; refuses in a sentence what is none."""
    if len(text if isinstance(text, str) else text.pattern) > LONGEST:
        raise ValueError(f"A pattern has at most {LONGEST:,} characters.")
    try:
        return re.compile(text)
    except (re.error, OverflowError, RecursionError) as error:
        raise ValueError(f"{text!r} is no regular expression: {error}.") from error


class _Texts:
    """What is searched of exemplars: at the peak, the lines of their tokens; else all that is shown of each."""

    def __init__(self, atlas: AtlasBase, at: str, search: Search) -> None:
        self.documents = atlas.size[0] or 0
        self._search, self._columns = search, atlas.kind.searched
        self.whole = atlas.kind.whole
        self._lines = None if self.whole or at == "window" else Lines(atlas)

    def tokens(self, exemplars: Mapping[str, Any], rows: Numbers) -> tuple[Numbers, Numbers, Floats] | None:
        """Of exemplars, each token shown: its row, its place, and the unit there; None where that is not known."""
        import pyarrow.compute as pc

        if self._lines is None or "values" not in exemplars:
            return None
        around = exemplars["values"].take(rows)
        lengths = pc.fill_null(pc.list_value_length(around), 0).to_numpy().astype(np.int64)
        begins = np.repeat(lengths.cumsum() - lengths, lengths)
        places = np.arange(lengths.sum()) - begins
        return np.repeat(rows, lengths), places, pc.list_flatten(around).to_numpy().astype(np.float64)

    def read(self, exemplars: Mapping[str, Any], rows: Numbers) -> None:
        """Read the documents of exemplars, where lines are looked at."""
        if self._lines is not None and "document" in exemplars:
            self._lines.read(exemplars["document"].take(rows).to_pylist())

    def hits(self, exemplars: Mapping[str, Any], rows: Numbers, places: Numbers | None = None) -> Flags:
        """Whether the text is at each of these tokens, or, without `places`, at the peaks. Each is searched once."""
        if self._lines is None:
            return self._found(self._shown(exemplars, rows))
        peaks = exemplars["peak"].to_numpy().astype(np.int64)
        places = peaks[rows] if places is None else places
        if "document" not in exemplars:
            return self._found(self._lines.of(exemplars, rows, places))
        position = exemplars["position"].to_numpy().astype(np.int64)[rows] - peaks[rows] + places
        document = exemplars["document"].to_numpy().astype(np.int64)[rows]
        order = np.lexsort((-places, position, document))  # of one token, that with the most shown before it first
        document, position = document[order], position[order]
        new = np.ones(len(order), bool)
        new[1:] = (document[1:] != document[:-1]) | (position[1:] != position[:-1])
        first = order[new]
        hits = np.zeros(len(rows), bool)
        hits[order] = self._found(self._lines.of(exemplars, rows[first], places[first]))[new.cumsum() - 1]
        return hits

    def _found(self, texts: Sequence[str]) -> Flags:
        different = list(dict.fromkeys(texts))
        hits = dict(zip(different, self._search.hits(different), strict=True))
        return np.array([hits[text] for text in texts], bool)

    def _shown(self, exemplars: Mapping[str, Any], rows: Numbers) -> list[str]:
        """Tokens as one text; of pictures and rows label and name."""
        columns = [exemplars[name].take(rows).to_pylist() for name in self._columns]
        if self.whole:
            return [f"{label or ''} {name}" for name, label in zip(*columns, strict=True)]
        return ["".join(pieces) for pieces in columns[0]]


def _scores(
    texts: _Texts, exemplars: Mapping[str, Any], unit: Numbers, seen: Floats
) -> tuple[Floats, Numbers, npt.NDArray[np.object_]]:
    """Of each unit how exclusively it goes with the text, in how many of its strongest that is, and at which end.

    `unit` numbers the units that were `seen` so often; of both ends the one that goes better with the text is told.
    """
    value, group = exemplars["value"], exemplars["group"]
    strong = {end: (group == end) & (value * sign > _FIRES) for end, sign in ENDS.items()}
    strongest = np.flatnonzero(strong["top"] | strong["bottom"])
    drawn = bool((group == "quantiles").any())  # a sample, the same for all units; of an imported atlas there is none
    usual = np.flatnonzero(group == ("quantiles" if drawn else "intervals"))
    texts.read(exemplars, np.concatenate([usual, strongest]))
    hits = np.zeros(len(unit), bool)
    hits[strongest] = texts.hits(exemplars, strongest)
    usual = usual[np.isin(unit[usual], unit[hits])]
    tokens = texts.tokens(exemplars, usual) if drawn else None
    if tokens is None:
        rows, values, usual_hits = usual, value[usual], texts.hits(exemplars, usual)
        all_there = np.full(len(seen), float(texts.documents))
    else:
        rows, places, values = tokens
        usual_hits, all_there = texts.hits(exemplars, rows, places), seen
    count = np.bincount(unit[rows], minlength=len(seen))
    best, matches, ends = np.zeros(len(seen)), np.zeros(len(seen), np.int64), np.full(len(seen), "top", object)
    for end, sign in ENDS.items():
        mine = np.flatnonzero(strong[end])
        of = np.bincount(unit[mine], minlength=len(seen))
        counts = np.bincount(unit[mine], hits[mine], len(seen)).astype(np.int64)
        stands_for = np.maximum(1.0, (all_there - of) / np.maximum(count, 1)) if drawn else np.ones(len(seen))
        correlation = _correlations(
            np.concatenate([unit[mine], unit[rows]]),
            np.concatenate([value[mine], values]),
            np.concatenate([hits[mine], usual_hits]),
            np.concatenate([np.ones(len(mine)), stands_for[unit[rows]]]),
            len(seen),
        )
        score = counts / (of + _DOUBT) * np.maximum(0.0, sign * correlation)
        better = (counts > 0) & ((matches == 0) | (score > best))
        best[better], matches[better], ends[better] = score[better], counts[better], end
    return best, matches, ends


def _correlations(unit: Numbers, values: Floats, hits: Flags, weights: Floats, units: int) -> Floats:
    """Of each unit with the text; 0 where one of both is always the same."""
    finite = np.isfinite(values)
    unit, values, flags, weights = unit[finite], values[finite], hits[finite].astype(np.float64), weights[finite]

    def summed(numbers: Floats) -> Floats:
        return np.bincount(unit, weights * numbers, units).astype(np.float64)

    total = np.maximum(summed(np.ones(len(unit))), 1.0)
    means = summed(values) / total, summed(flags) / total
    value, hit = values - means[0][unit], flags - means[1][unit]
    spreads = summed(value**2) / total, summed(hit**2) / total
    varies = np.logical_and(*(spread > 1e-18 * mean**2 for spread, mean in zip(spreads, means, strict=True)))
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(varies, summed(value * hit) / total / np.sqrt(spreads[0] * spreads[1]), 0.0)
