"""Makes a comparison of a search: the table, the nulls beside it, and what the best units do."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from neuronwidget.analysis.responses.reduce import HOW
from neuronwidget.analysis.result import Provenance
from neuronwidget.analysis.scores.sides import Floats
from neuronwidget.analysis.which.compare.groups.input_groups import InputGroups
from neuronwidget.analysis.which.compare.kept_units import (
    KEPT,
    detection,
    intervals,
    shown,
    strongest,
    usual_interval,
)
from neuronwidget.analysis.which.compare.more_groups import activity, rates
from neuronwidget.analysis.which.compare.result import Comparison, Twin, with_responses
from neuronwidget.analysis.which.compare.searched import Searched, blocks_of

if TYPE_CHECKING:
    import pandas as pd

_TOP, _DRAWN_UNITS = 20, 2_000


@dataclass(frozen=True)
class Question:
    """What was asked: of which inputs, at which sites, with which half to find in, and by which rules."""

    groups: InputGroups
    sites: Sequence[str]
    first: NDArray[np.bool_]
    level: float
    correction: str
    seed: int
    provenance: Provenance

    @property
    def two(self) -> bool:
        return len(self.groups.names) == 2

    @property
    def held(self) -> NDArray[np.bool_]:
        """The half that reports."""
        return ~self.first

    def names(self) -> tuple[list[str], NDArray[np.int64]]:
        """The site of each unit that was searched, and its number there."""
        columns = len(HOW[self.groups.responses.how])
        widths = [self.groups.responses.of(site).shape[1] // columns for site in self.sites]
        sites = [site for site, width in zip(self.sites, widths, strict=True) for _ in range(width)]
        return sites, np.concatenate([np.arange(width) for width in widths])


def told(question: Question, searched: Searched, twin: tuple[str, Searched] | None) -> Comparison:
    """Comparison with all that a search tells, and with that in another model beside it."""
    groups, responses = question.groups, question.groups.responses
    passes = searched.found(0, question.level, question.correction)
    order = _order(searched, passes)
    best = order[: max(KEPT, int(passes.sum()))]
    sites, numbers = question.names()
    names = tuple(f"{sites[unit]}:{numbers[unit]}" for unit in best[:KEPT])
    values = _values(question, best, searched.part[0])
    table = _table(question, searched, passes, best, values).iloc[order].reset_index(drop=True)
    drawn = shown(groups, names, values[:, :KEPT], question.held, question.seed)
    high = strongest(groups, names, values[:, :KEPT], question.held)
    needed = np.unique(np.concatenate([drawn.documents, high["document"].to_numpy(np.int64)]))
    counts = {
        name: tuple(int((half & (groups.group == place)).sum()) for half in (question.first, question.held))
        for place, name in enumerate(groups.names)
    }
    other = None if twin is None else _twin(question, *twin)
    comparison = Comparison(
        counts,  # type: ignore[arg-type]
        "auroc" if question.two else "entropy",
        responses.how,
        tuple(question.sites),
        table,
        _rates(question),
        _nulls(question, searched),
        _of_draw(question, searched, 1) if len(searched.p) > 1 else _of_draw(question, searched, 0).iloc[:0],
        other,
        _of_draw(question, searched, 0).iloc[:0] if twin is None else _of_draw(question, twin[1], 0),
        drawn,
        high,
        responses.inputs.some(needed.tolist()),
        (*groups.notes, *_tested(question, searched)),
        min(groups.counts.values()) / max(1, len(responses)),
        question.correction,
        question.level,
        question.provenance,
    )
    return with_responses(comparison, responses)


def _tested(question: Question, searched: Searched) -> list[str]:
    """Which units were tested, where these are not all."""
    above = question.provenance.settings.get("active_above")
    if not above:
        return []
    count = int((~np.isnan(searched.p[0])).sum())
    return [f"Tested were the {count:,} units that are in some group active above the {above:g} quantile of all rates."]


def _order(searched: Searched, passes: NDArray[np.bool_]) -> NDArray[np.int64]:
    """Units that pass first, by the size of their effect on the half that reports; the others by p."""
    effect = -np.abs(np.nan_to_num(searched.held[0]))
    p = np.nan_to_num(searched.p[0], nan=2.0)
    return np.lexsort((effect, np.where(passes, 0.0, p), ~passes))


def _values(question: Question, units: NDArray[np.int64], part: NDArray[np.int64]) -> NDArray[np.float32]:
    """What some units do on all inputs: [inputs, units], of each the column that tells most."""
    responses = question.groups.responses
    columns = len(HOW[responses.how])
    values, start = np.empty((len(responses), len(units)), np.float32), 0
    for site in question.sites:
        rows = responses.of(site)
        width = rows.shape[1] // columns
        here = np.flatnonzero((units >= start) & (units < start + width))
        if len(here):
            chosen = units[here]
            values[:, here] = rows.columns(part[chosen] * width + chosen - start)
        start += width
    return values


def _table(
    question: Question,
    searched: Searched,
    passes: NDArray[np.bool_],
    best: NDArray[np.int64],
    values: NDArray[np.float32],
) -> pd.DataFrame:
    """A row a unit that was searched, in the order of sites and units."""
    import pandas as pd

    groups, (sites, numbers) = question.groups, question.names()
    parts = np.array(HOW[groups.responses.how], object)
    low, high = _ends(question, searched, best, values)
    columns: dict[str, Any] = {
        "site": pd.Series(sites, dtype=object),
        "unit": numbers,
        "part": parts[searched.part[0]],
        "group": np.array(groups.names, object)[searched.side[0]],
        "effect": searched.held[0],
        "low": low,
        "high": high,
        "p": searched.p[0],
        "q": searched.q(0, question.correction),
        "in_sample": searched.in_sample[0],
        "held_p": searched.held_p[0],
        "searched": len(numbers),
        "found": passes,
    }
    if question.two:
        columns["auroc"] = searched.held[0] + 0.5
        positive = groups.group == 0
        for name, scores in detection(values, positive, question.first, searched.side[0][best]).items():
            columns[name] = np.full(len(numbers), np.nan)
            columns[name][best] = scores
    else:
        columns["entropy"] = (1 - searched.held[0]) * np.log(len(groups.names))
    return pd.DataFrame(columns)


def _ends(
    question: Question, searched: Searched, best: NDArray[np.int64], values: NDArray[np.float32]
) -> tuple[Floats, Floats]:
    """Intervals of all units: of the best from inputs drawn again, of the others, for two groups, by a formula."""
    groups, held, count = question.groups, question.held, len(question.groups.names)
    group = groups.group[held]
    if question.two:
        low, high = usual_interval(searched.held[0], int((group == 0).sum()), int((group == 1).sum()))
    else:
        low, high = np.full(searched.held.shape[1], np.nan), np.full(searched.held.shape[1], np.nan)
        values = activity(values, groups.responses.how)
    low[best], high[best] = intervals(values[held], group, groups.halved_by[held], count, question.seed)
    return low, high


def _rates(question: Question) -> pd.DataFrame:
    """Of more than two groups how active each unit is in each, on the half that reports; else empty."""
    import pandas as pd

    groups, responses = question.groups, question.groups.responses
    if question.two:
        return pd.DataFrame({"site": [], "unit": []})
    sites, numbers = question.names()
    group = groups.group[question.held][None]
    parts = [
        rates(activity(values, responses.how)[question.held], group, len(groups.names))[0]
        for site in question.sites
        for values in blocks_of(responses, site)
    ]
    every = np.concatenate(parts, 1)
    return pd.DataFrame({"site": sites, "unit": numbers, **dict(zip(groups.names, every, strict=True))})


def _nulls(question: Question, searched: Searched) -> pd.DataFrame:
    """A row a draw of shuffled groups."""
    import pandas as pd

    entries = []
    for draw in range(1, len(searched.p)):
        largest, top = _held_of_best(searched, draw)
        count = int(searched.found(draw, question.level, question.correction).sum())
        entries.append((draw, count, largest, top))
    return pd.DataFrame(entries, columns=["draw", "found", "largest", "top20"])


def _held_of_best(searched: Searched, draw: int) -> tuple[float, float]:
    """On the half that reports: the effect of the unit that told most in the other half, and the mean of the best 20.

    An effect counts with the sign that it had when it was found.
    """
    order = np.argsort(np.nan_to_num(searched.p[draw], nan=2.0), kind="stable")[:_TOP]
    held = searched.held[draw][order] * np.where(searched.in_sample[draw][order] < 0, -1.0, 1.0)
    return float(abs(held[0])), float(np.nanmean(held)) if np.isfinite(held).any() else float("nan")


def _of_draw(question: Question, searched: Searched, draw: int) -> pd.DataFrame:
    """Units of one draw, for a picture: site, unit, effect, q; those that told most, and others drawn at random."""
    import pandas as pd

    sites, numbers = question.names()
    frame = pd.DataFrame(
        {"site": sites, "unit": numbers, "effect": searched.held[draw], "q": searched.q(draw, question.correction)}
    )
    if len(frame) <= _DRAWN_UNITS:
        return frame
    some = np.random.default_rng(question.seed).permutation(len(frame))[:_DRAWN_UNITS]
    best = np.argsort(np.nan_to_num(searched.p[draw], nan=2.0), kind="stable")[: _DRAWN_UNITS // 4]
    return frame.iloc[np.unique(np.concatenate([best, some]))[:_DRAWN_UNITS]].reset_index(drop=True)


def _twin(question: Question, words: str, searched: Searched) -> Twin:
    passes = searched.found(0, question.level, question.correction)
    return Twin(words, int(passes.sum()), searched.p.shape[1], _held_of_best(searched, 0)[0])
