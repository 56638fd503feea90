"""Tells how exclusively units go with a text: where a pattern is found in their exemplars, and where it is not."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from neuronwidget.analysis.inspect.lines import Lines
from neuronwidget.analysis.inspect.search import LONGEST, Search
from neuronwidget.atlas.base import AtlasBase

if TYPE_CHECKING:
    import pandas as pd

PLACES = ("peak", "window")
_FIRES = 1e-6
#: So many exemplars without the text are added to those of each unit: one that fired once or twice proves little.
_DOUBT = 2


def with_matches(
    atlas: AtlasBase, table: pd.DataFrame, text: str | re.Pattern[str], at: str, unwanted: Callable[[], bool]
) -> pd.DataFrame:
    """Keeps units in whose strongest exemplars a pattern is found, with `matches` and `exclusive`; see `find_units`."""
    pattern = _compiled(text)
    if at not in PLACES:
        raise ValueError(f"A pattern is looked for at one of {', '.join(PLACES)}, not {at!r}.")
    matches, exclusive = np.zeros(len(table), np.int64), np.zeros(len(table))
    places = {key: place for place, key in enumerate(table.index)}
    lines = Lines(atlas)
    with Search(pattern, unwanted) as search:
        for site in dict.fromkeys(table.index.get_level_values("site")):
            for exemplars in atlas.searchable(site, {unit for name, unit in places if name == site}):
                for unit, found, score in _scores(lines, atlas, exemplars, at, search):
                    matches[places[site, unit]], exclusive[places[site, unit]] = found, score
    return table.assign(exclusive=exclusive, matches=matches)[matches > 0]


def _compiled(text: str | re.Pattern[str]) -> re.Pattern[str]:
    if len(text if isinstance(text, str) else text.pattern) > LONGEST:
        raise ValueError(f"A pattern has at most {LONGEST:,} characters.")
    try:
        return re.compile(text)
    except (re.error, OverflowError, RecursionError) as error:
        raise ValueError(f"{text!r} is no regular expression: {error}.") from error


def _scores(
    lines: Lines, atlas: AtlasBase, exemplars: dict[str, Any], at: str, search: Search
) -> Iterator[tuple[int, int, float]]:
    """Unit, in how many of its strongest exemplars the text is, and how exclusively the unit goes with it."""
    unit, value, group = exemplars["unit"], exemplars["value"], exemplars["group"]
    strongest = (group == "top") & (value > _FIRES)  # of a unit that fires seldom, others are kept there too
    hits = np.zeros(len(unit), bool)
    hits[strongest] = list(search.hits(_texts(lines, atlas, exemplars, np.flatnonzero(strongest), at)))
    there = np.unique(unit[strongest & hits])
    rest = np.isin(unit, there) & ~strongest & (group != "bottom")
    hits[rest] = list(search.hits(_texts(lines, atlas, exemplars, np.flatnonzero(rest), at)))
    for number in there:
        mine = (unit == number) & (strongest | rest)
        found, of = int((hits & strongest & mine).sum()), int((strongest & mine).sum())
        score = found / (of + _DOUBT) * max(0.0, _correlation(value[mine], hits[mine]))
        yield int(number), found, score


def _correlation(values: npt.NDArray[np.float64], hits: npt.NDArray[np.bool_]) -> float:
    """Between what a unit did at its exemplars and whether the text is there; 0 where one is always the same."""
    finite = np.isfinite(values)
    values, found = values[finite], hits[finite].astype(np.float64)
    spread = values.std() * found.std() if len(values) else 0.0
    return float(((values - values.mean()) * (found - found.mean())).mean() / spread) if spread > 0 else 0.0


def _texts(
    lines: Lines, atlas: AtlasBase, exemplars: dict[str, Any], rows: npt.NDArray[np.int64], at: str
) -> Sequence[str]:
    """What is searched: tokens as one text, at the peak or all; of pictures and rows label and name."""
    columns = [exemplars[name].take(rows).to_pylist() for name in atlas.kind.searched]
    if atlas.kind.whole:
        return [f"{label or ''} {name}" for name, label in zip(*columns, strict=True)]
    if at == "window":
        return ["".join(pieces) for pieces in columns[0]]
    if "document" in exemplars:
        lines.read(exemplars["document"].take(rows).to_pylist())
    return lines.of(exemplars, rows, exemplars["peak"].take(rows).to_numpy())
