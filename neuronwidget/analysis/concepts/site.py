"""One concept or several, for the units of a site: the same test unit by unit, beside what it does to made-up units."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from neuronwidget.analysis.concepts.clusters import Floats, Gaps, clouds, directions, gap_test, likeness, silhouette
from neuronwidget.analysis.concepts.concepts import check_values
from neuronwidget.analysis.concepts.peaks import Peaks, peak_steps, stacked
from neuronwidget.analysis.concepts.result import SiteConcepts
from neuronwidget.analysis.concepts.shown import FEWEST, WEAK, Shown, exemplars_of, stronger_end
from neuronwidget.analysis.inspect.card import check_order
from neuronwidget.analysis.result import Provenance
from neuronwidget.analysis.steps import IsOvertaken, Progress, to_the_end
from neuronwidget.atlas.base import AtlasBase
from neuronwidget.atlas.states import share_interval

if TYPE_CHECKING:
    import pandas as pd

    from neuronwidget.live.edits.edit import BaseEdit
    from neuronwidget.live.model import LiveModel

_DRAWS, _MADE, _LEVEL = 25, 40, 0.05


def concepts_of_site(
    live: LiveModel,
    atlas: AtlasBase,
    site: str,
    *,
    units: Sequence[int] | None = None,
    most: int = 256,
    data: Any = None,
    edits: Sequence[BaseEdit] = (),
    seed: int = 0,
    progress: Progress | None = None,
    overtaken: IsOvertaken | None = None,
) -> SiteConcepts:
    """Which units of a site are one concept and which several: `concepts` for each, with q-values over all of them.

    Beside them stands what the same test does to made-up units of this site: to clouds of one piece that spread as a
    unit's exemplars do, and to the exemplars of two units put together.

    Parameters
    ----------
    units
        Numbers of units; None for all, or `most` of them drawn by `seed`.

    Examples
    --------
    >>> concepts = nw.concepts_of_site(live, live.atlas(), "mlp.1", most=32)                  # doctest: +SKIP
    >>> concepts.verdict                                                                     # doctest: +SKIP
    """
    check_order("concepts_of_site", live, atlas)
    edited = live.edited(*edits) if edits else live
    told, place = atlas.sites.resolve(site), edited.sites.resolve(site)
    source = np.random.default_rng(seed)
    chosen = list(range(told.width)) if units is None else [told.unit(unit).index for unit in units]
    if units is None and len(chosen) > most:
        chosen = np.sort(source.choice(told.width, most, replace=False)).tolist()
    shown = {}
    for unit in chosen:
        name = told.unit(unit)
        exemplars = exemplars_of(atlas, name, stronger_end(atlas, name))
        if (exemplars.weights >= WEAK).sum() >= FEWEST:
            shown[unit] = exemplars
    if not shown:
        raise ValueError(
            f"No unit of {told.name} has {FEWEST} different exemplars at which it fires: scan more inputs first."
        )
    wanted = list(dict.fromkeys(peak for exemplars in shown.values() for peak in exemplars.peaks))
    numbers = list(shown)
    steps = peak_steps(edited, atlas, place, numbers, wanted, data=data, overtaken=overtaken)
    peaks = to_the_end(steps, progress, overtaken)
    if not edits:
        for column, unit in enumerate(numbers[:20]):
            check_values(told.unit(unit), shown[unit], peaks, column)
    rows = {unit: _strong(peaks, exemplars, [unit]) for unit, exemplars in shown.items()}
    tested = {unit: gap_test(*each, seed, _DRAWS) for unit, each in rows.items()}
    chance = np.concatenate([gaps.null for gaps in tested.values()])
    calibration = _made_up(peaks, shown, rows, chance, source)
    return SiteConcepts(
        told.name,
        peaks.reading.words,
        _table(told.name, rows, tested, chance),
        len(shown),
        told.width,
        calibration,
        Provenance.of_atlas(atlas, edited, site=told.name, most=most, seed=seed),
    )


def _strong(peaks: Peaks, shown: Shown, units: Sequence[int]) -> tuple[Floats, Floats]:
    """Directions and weights of the exemplars at which a unit fires; `units`: whose weights count."""
    chosen = np.array([peak in peaks.read for peak in shown.peaks], bool)
    vectors = peaks.reading.embed(
        stacked(peaks.read, [p for p, k in zip(shown.peaks, chosen, strict=True) if k]), units
    )
    usual = shown.usual[chosen]
    rows = directions(vectors, vectors[usual].mean(0) if usual.sum() >= 3 else 0.0)
    weights = shown.weights[chosen]
    return rows[weights >= WEAK], weights[weights >= WEAK]


def _p(gaps: Gaps, chance: Floats) -> float:
    """How often clouds of one piece reach the score: those of all units together, so that small levels can be told."""
    return float((1 + (chance >= gaps.score).sum()) / (1 + len(chance)))


def _made_up(
    peaks: Peaks,
    shown: dict[int, Shown],
    rows: dict[int, tuple[Floats, Floats]],
    chance: Floats,
    source: np.random.Generator,
) -> pd.DataFrame:
    """What the test does to made-up units: made, of, flagged, low, high."""
    import pandas as pd

    units = list(rows)
    flagged: dict[str, list[bool]] = {"one concept": [], "two concepts": []}

    def told_several(vectors: Floats, weights: Floats, number: int) -> bool:
        gaps = gap_test(vectors, weights, number, _DRAWS)
        return gaps.number > 1 and _p(gaps, chance) <= _LEVEL

    for number in range(_MADE):
        unit = units[number % len(units)]
        vectors, weights = rows[unit]
        cloud = clouds(vectors, weights, source, 1)[0]
        flagged["one concept"].append(told_several(cloud, weights, number))
        others = [other for other in units if other != unit]
        if others:
            pair = [unit, int(source.choice(others))]
            halves = [_strong(peaks, shown[each], pair) for each in pair]
            together = [np.concatenate(parts) for parts in zip(*halves, strict=True)]
            flagged["two concepts"].append(told_several(together[0], together[1], number))
    entries = []
    for name, told in flagged.items():
        low, high = share_interval(np.array([float(sum(told))]), np.array([float(len(told))]))
        entries.append((name, len(told), sum(told) / max(len(told), 1), float(low[0]), float(high[0])))
    return pd.DataFrame(entries, columns=["made", "of", "flagged", "low", "high"])


def _table(site: str, rows: dict[int, tuple[Floats, Floats]], tested: dict[int, Gaps], chance: Floats) -> pd.DataFrame:
    import pandas as pd
    from scipy.stats import false_discovery_control

    entries = []
    for unit, gaps in tested.items():
        vectors, weights = rows[unit]
        scores = silhouette(vectors, weights, gaps.halves), likeness(vectors, weights)
        p = _p(gaps, chance)
        entries.append((f"{site}:{unit}", gaps.number if p <= _LEVEL else 1, p, *scores, len(vectors), gaps.score))
    columns = ["unit", "number", "p", "silhouette", "likeness", "exemplars", "score"]
    table = pd.DataFrame(entries, columns=columns).sort_values("score", ascending=False, kind="stable")
    table.insert(3, "q", false_discovery_control(table["p"]))
    return table.drop(columns="score").reset_index(drop=True)
