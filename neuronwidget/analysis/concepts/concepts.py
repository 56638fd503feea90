"""One concept or several: clusters the exemplars of a unit by what it reads there, and tests how many there are."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from neuronwidget.analysis.concepts.agreement import Flags, agreement
from neuronwidget.analysis.concepts.clusters import Floats, Numbers, directions, gap_steps, likeness, silhouette
from neuronwidget.analysis.concepts.followers import followers, following
from neuronwidget.analysis.concepts.peaks import Peak, Peaks, peak_steps, stacked
from neuronwidget.analysis.concepts.result import Concepts
from neuronwidget.analysis.concepts.shown import ENDS, FEWEST, WEAK, Shown, exemplars_of, stronger_end, weights_of
from neuronwidget.analysis.inspect.card import check_order
from neuronwidget.analysis.inspect.common_word import common_word
from neuronwidget.analysis.result import Provenance
from neuronwidget.analysis.steps import IsOvertaken, Progress, Steps, part_of, to_the_end
from neuronwidget.atlas.base import AtlasBase, UnitName
from neuronwidget.corpus.hashes import hashed
from neuronwidget.live.structure.sites import Site, Unit

if TYPE_CHECKING:
    import pandas as pd

    from neuronwidget.live.edits.edit import BaseEdit
    from neuronwidget.live.model import LiveModel

_DRAWS = 99
#: What share of the time the model runs; after that what it did is clustered.
_RUNNING = 0.7
#: A share of the strongest value by which what the model does now may differ from what the atlas says.
_NEAR, _OFTEN = 0.02, 0.2
#: Documents of a second corpus are numbered from here on.
_SECOND = 1 << 40


def concepts(
    live: LiveModel,
    atlas: AtlasBase,
    unit: UnitName,
    *,
    end: str | None = None,
    other: AtlasBase | None = None,
    data: Any = None,
    behind: Sequence[str] | None = None,
    edits: Sequence[BaseEdit] = (),
    seed: int = 0,
    progress: Progress | None = None,
    overtaken: IsOvertaken | None = None,
) -> Concepts:
    """Whether a unit is one concept or several, from all of its exemplars in an atlas, weak ones too.

    The model runs on the inputs of the exemplars once. An exemplar is what the unit reads at its peak: what goes into
    the layer, times the unit's own weights; where no such layer is found, what all other units of the site do there.
    What random inputs have in common is taken away, and directions are compared by their cosine, the more the unit
    fires the more they count. How many clusters there are is told by a gap test against clouds of one piece.

    Parameters
    ----------
    end
        "top" or "bottom": the exemplars of large or of negative values. Default: the end further from 0.
    other
        An atlas over another corpus: a unit may look like one concept in each and be two.
    data
        The inputs that the atlas was made of, in their order, where its small copies of pictures are not what the model
        saw.
    behind
        Sites whose units are looked at for each concept. Default: the default sites behind the unit's; [] for none.
    progress
        Called with the hundredths that are done, and 100. `overtaken`: asked meanwhile; True ends it.

    Examples
    --------
    >>> import neuronwidget as nw
    >>> live = nw.demo("cancer")                                                                 # doctest: +SKIP
    >>> nw.concepts(live, live.atlas(), "dense.0:3").verdict                                     # doctest: +SKIP
    """
    steps = concept_steps(
        live, atlas, unit, end=end, other=other, data=data, behind=behind, edits=edits, seed=seed, overtaken=overtaken
    )
    return to_the_end(steps, progress, overtaken)


def concept_steps(
    live: LiveModel,
    atlas: AtlasBase,
    unit: UnitName,
    *,
    end: str | None,
    other: AtlasBase | None,
    data: Any,
    behind: Sequence[str] | None,
    edits: Sequence[BaseEdit],
    seed: int,
    overtaken: IsOvertaken | None,
) -> Steps[Concepts]:
    """`concepts`: an input a step, then a number of clusters that is tried."""
    check_order("concepts", live, atlas)
    name = atlas.resolve(unit)
    if end is not None and end not in ENDS:
        raise ValueError(f"end= is one of {', '.join(ENDS)}, not {end!r}.")
    end = end or stronger_end(atlas, name)
    edited = live.edited(*edits) if edits else live
    site, own = edited.sites.resolve(name.site), edited.sites.unit(name)
    sites = _behind(edited, site, behind)
    sources, parts = [atlas] if other is None else [atlas, other], []
    for corpus, source in enumerate(sources):
        shown = exemplars_of(source, name, end)
        _check_enough(name, shown, source)
        given = data if corpus == 0 else None
        running = peak_steps(
            edited, source, site, [own.index], shown.peaks, data=given, behind=sites, overtaken=overtaken
        )
        done, each = corpus / len(sources), 1 / len(sources)
        peaks = yield from part_of(running, _RUNNING * done, _RUNNING * (done + each))
        if not edits:
            check_values(name, shown, peaks)
        parts.append((shown, peaks))
    rests_on = Provenance.of_atlas(atlas, edited, unit=str(name), end=end, seed=seed)
    return (yield from part_of(_told(own, end, parts, seed, rests_on), _RUNNING, 1))


def _behind(live: LiveModel, site: Site, behind: Sequence[str] | None) -> list[Site]:
    if behind is not None:
        return live.choose(behind) if behind else []
    order = live.in_order(live.sites.defaults)
    later = order[order.index(site) + 1 :] if site in order else [s for s in order if s.layer > site.layer]
    return [one for one in later if one.steps is None]


def _check_enough(unit: Unit, shown: Shown, atlas: AtlasBase) -> None:
    strong = int((shown.weights >= WEAK).sum())
    if strong < FEWEST:
        raise ValueError(
            f"{unit} has {strong} different exemplars at which it fires ({atlas.unit(unit)['state'] or 'no state'}): "
            f"{FEWEST} are needed at least to tell one concept from several. Scan more inputs, or take another unit."
        )


def check_values(unit: Unit, shown: Shown, peaks: Peaks, column: int = 0) -> None:
    """Refuses a model that does something else on the exemplars than the atlas says."""
    there = [place for place, peak in enumerate(shown.peaks) if peak in peaks.values]
    told = shown.frame["value"].to_numpy(np.float64)[there]
    now = np.array([peaks.values[shown.peaks[place]][column] for place in there], np.float64)
    if not there:
        raise ValueError(f"None of the exemplars of {unit} could be run again.")
    off = np.abs(now - told) > _NEAR * np.abs(told).max()
    if off.mean() > _OFTEN:
        raise ValueError(
            f"On {off.mean():.0%} of its exemplars {unit} now does something else than the atlas says: the model was "
            "changed since, or the atlas' copies of the inputs are not what it saw. Scan again, or give data=."
        )


def _told(
    unit: Unit, end: str, parts: Sequence[tuple[Shown, Peaks]], seed: int, provenance: Provenance
) -> Steps[Concepts]:
    import pandas as pd

    frames, vectors, strength, usual, corpus, peaks = [], [], [], [], [], []
    behind: dict[Peak, Any] = {}
    for number, (shown, rerun) in enumerate(parts):
        there = np.array([peak in rerun.read for peak in shown.peaks], bool)
        chosen = [peak for peak, was_read in zip(shown.peaks, there, strict=True) if was_read]
        vectors.append(rerun.reading.embed(stacked(rerun.read, chosen), [unit.index]))
        frames.append(shown.frame[there].assign(corpus=number))
        strength.append(shown.strength[there])
        usual.append(shown.usual[there])
        corpus += [number] * len(chosen)
        peaks += [(document + _SECOND * number, position) for document, position in chosen]
        behind |= {(document + _SECOND * number, p): rerun.behind[document, p] for document, p in chosen}
    sampled = np.concatenate(usual)
    together = np.concatenate(vectors)
    rows = directions(together, together[sampled].mean(0) if sampled.sum() >= 3 else 0.0)
    weights = weights_of(np.concatenate(strength), sampled)
    weights = np.where(weights >= WEAK, weights, 0.0)
    strong = weights > 0
    gaps = yield from gap_steps(rows[strong], weights[strong], seed, _DRAWS)
    labels = np.full(len(rows), -1)
    labels[strong] = gaps.labels
    second = np.array(corpus) == 1 if len(parts) > 1 else _half(peaks)
    agreed = agreement(rows[strong], weights[strong], second[strong], "corpora" if len(parts) > 1 else "halves", seed)
    frame = pd.concat(frames, ignore_index=True)
    x, y = _flat(rows, weights)
    columns = {"concept": labels, "weight": weights, "x": x, "y": y}
    exemplars = pd.DataFrame({**columns, **{name: frame[name] for name in frame if name not in columns}})
    exemplars = exemplars.sort_values(["concept", "weight"], ascending=[True, False], kind="stable")
    sides = [(labels == concept, (labels >= 0) & (labels != concept)) for concept in range(gaps.number)]
    followed = followers(behind, peaks, sides if gaps.number > 1 else [(weights > 0.5, ~strong)])
    return Concepts(
        unit,
        end,
        parts[0][1].reading.words,
        gaps.number,
        gaps.p,
        silhouette(rows[strong], weights[strong], gaps.halves),
        likeness(rows, weights),
        agreed,
        exemplars.reset_index(drop=True),
        _table(labels, rows, weights, frame, followed, gaps.number),
        pd.DataFrame({"number": range(2, 2 + len(gaps.gap)), "gap": gaps.gap, "error": gaps.error}),
        followed,
        provenance,
    )


def _half(peaks: Sequence[Peak]) -> Flags:
    import torch

    half: Flags = (hashed(torch.tensor([document for document, _ in peaks]) + (5 << 40)) & 1).numpy() == 1
    return half


def _flat(rows: Floats, weights: Floats) -> tuple[Floats, Floats]:
    """The two directions in which the exemplars differ most."""
    mean = weights @ rows / max(float(weights.sum()), 1e-30)
    _, _, axes = np.linalg.svd((rows - mean) * np.sqrt(weights)[:, None], full_matrices=False)
    axes = axes[:2] if len(axes) > 1 else np.concatenate([axes, np.zeros_like(axes)])
    x, y = ((rows - mean) @ axes.T).T
    return x, y


def _table(
    labels: Numbers, rows: Floats, weights: Floats, frame: pd.DataFrame, followed: pd.DataFrame, number: int
) -> pd.DataFrame:
    import pandas as pd

    entries = []
    for concept in range(number):
        own = labels == concept
        names = ", ".join(following(followed, concept)["unit"].head(5))
        share = float(weights[own].sum() / max(weights.sum(), 1e-30))
        entries.append(
            (concept, int(own.sum()), share, likeness(rows[own], weights[own]), common_word(frame[own])[0], names)
        )
    return pd.DataFrame(entries, columns=["concept", "exemplars", "share", "likeness", "word", "followers"])
