"""Asks how many units of a site it takes to tell a concept: one, a few, or many."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np

from neuronwidget.analysis.result import Provenance
from neuronwidget.analysis.scores.corrected import q_values
from neuronwidget.analysis.scores.ranks import auroc, auroc_interval, mann_whitney
from neuronwidget.analysis.which.localise.asked import Asked, ask
from neuronwidget.analysis.which.localise.cause import NOT_TRIED, ablated, in_words
from neuronwidget.analysis.which.localise.curves import BASES, Curves, curves, rotations
from neuronwidget.analysis.which.localise.judge import ANYWHERE, DRAWS, FEW, ONE, Judged, judge, judge_again
from neuronwidget.analysis.which.localise.probe import METRICS, sizes
from neuronwidget.analysis.which.localise.result import Localised
from neuronwidget.live.capture import stop_if

if TYPE_CHECKING:
    import pandas as pd

    from neuronwidget.live.edits.edit import BaseEdit
    from neuronwidget.live.model import LiveModel
    from neuronwidget.live.structure.sites import Site

_FEWEST = 8
_LISTED = 32
_LEVEL = 0.05
Progress = Callable[[int, int], object] | None


def localise(
    live: LiveModel,
    data: Any,
    labels: Any = None,
    site: str | Sequence[str] | None = None,
    *,
    of: str | Sequence[str] | None = None,
    how: str | None = None,
    positions: bool | None = None,
    splits: int = 5,
    cause: bool = False,
    most: int = 10_000,
    edits: Sequence[BaseEdit] = (),
    seed: int = 0,
    progress: Progress = None,
    overtaken: Callable[[], bool] | None = None,
) -> Localised:
    """How many units of a site it takes to tell a concept: one, a few, or is it distributed?

    Half of the documents order the units by how well each alone separates the concept, and fit a logistic regression to
    the best 1, 2, 3, 4, 5, 8, 16, 32 … of them; the others say how well these tell it (F1, Matthews' correlation,
    average precision). Beside it stand as many directions of a random basis, which do as well where a concept is no
    unit's own, and the same with the labels shuffled. All of it is repeated over several splits.

    Parameters
    ----------
    data
        Inputs as `nw.scan` takes them, or what `nw.collect` gave, which is not run again.
    labels
        One for each input: each class is a concept, against the rest. Or a predicate: a regular expression, a function,
        what `nw.predicate` gives. None: the labels that the data have.
    site
        One site, or several, whose units then stand beside each other. Default: the last of the default ones.
    of
        Which classes; by default all, and of two the one that says yes, or the rarer one.
    how
        What an input comes to for each unit: "max" over its tokens (default for texts), "mean" (default else), "last".
    positions
        Are the rows positions of the inputs? By default where a predicate says at which places the concept is.
    splits
        In how many ways the documents are halved.
    cause
        Hold the units that carry a concept at their means, and say whether that changes what the model says more than
        random units do. Otherwise a detector is not called a cause.
    most
        At most so many inputs, drawn by `seed`.
    progress
        Called with steps done and steps in all. `overtaken`: asked between them; True ends it.

    Examples
    --------
    >>> import neuronwidget as nw
    >>> from sklearn.datasets import load_digits
    >>> live, bunch = nw.demo("digits"), load_digits()
    >>> pictures = (bunch.images[:300] * 255 / 16).astype("uint8")
    >>> localised = nw.localise(live, pictures, bunch.target[:300], "dense.0", of="0", splits=1)
    >>> localised.found["concept"].tolist(), sorted(set(localised.table()["basis"]))
    (['0'], ['control', 'rotated', 'units'])
    """
    if splits < 1:
        raise ValueError(f"splits= is a number of ways to halve the inputs, 1 or more, not {splits!r}.")
    if edits:
        live = live.edited(*edits)
    chosen = _sites(live, site)
    asked = ask(
        live,
        data,
        labels,
        chosen,
        of=of,
        how=how,
        positions=positions,
        most=most,
        seed=seed,
        progress=None,
        overtaken=overtaken,
    )
    _check(asked)
    units = len(asked.units)
    ks = sizes(units)
    step = _Steps(len(asked.concepts) * splits * len(BASES) * len(ks), progress, partial(stop_if, overtaken))
    parts = [
        _of_concept(live, asked, name, curves(asked.values, asked.documents, positive, ks, splits, seed, step),
                    cause, seed, overtaken)
        for name, positive in asked.concepts.items()
    ]  # fmt: skip
    import pandas as pd

    concepts, lines, listed = (pd.concat(frames, ignore_index=True) for frames in zip(*parts, strict=True))
    settings = {"sites": [one.name for one in chosen], "splits": splits, "cause": cause, "of": asked.of, "how": how}
    provenance = Provenance.of_live(live, data=asked.described, seed=seed, **settings)
    names = tuple(one.name for one in chosen)
    rows = len(asked.values)
    return Localised(names, units, asked.of, rows, concepts, lines, listed, splits, asked.notes, provenance)


class _Steps:
    """Counts steps, tells of them, and asks whether to go on."""

    def __init__(self, total: int, progress: Progress, stop: Callable[[], None]) -> None:
        self._done, self._total, self._progress, self._stop = 0, total, progress, stop

    def __call__(self) -> None:
        self._stop()
        self._done += 1
        if self._progress is not None:
            self._progress(self._done, self._total)


def _sites(live: LiveModel, site: str | Sequence[str] | None) -> list[Site]:
    if site is None:
        return live.choose(None)[-1:]
    return live.choose([site] if isinstance(site, str) else list(site))


def _check(asked: Asked) -> None:
    """Refuses rows of which no half would say anything."""
    values = asked.values
    broken = ~np.isfinite(values).all(0)
    if broken.any():
        names = ", ".join(str(asked.units[int(place)]) for place in np.flatnonzero(broken)[:3])
        raise ValueError(f"{int(broken.sum()):,} units hold values that are not finite ({names} …): look at nw.health.")
    for name, positive in asked.concepts.items():
        with_it, without = (len(np.unique(asked.documents[side])) for side in (positive, ~positive))
        if min(with_it, without) < _FEWEST:
            inputs, where = (
                ("inputs have", "have it not") if asked.of == "inputs" else ("inputs have places with", "without")
            )
            raise ValueError(
                f"{with_it:,} {inputs} {name!r}, and {without:,} {where}: to find units on half of them and to hold "
                f"these against the other half, {_FEWEST} of each are needed."
            )


def _of_concept(
    live: LiveModel,
    asked: Asked,
    name: str,
    curves: Curves,
    cause: bool,
    seed: int,
    overtaken: Callable[[], bool] | None,
) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    """Rows of `found`, `curves` and `units` of one concept."""
    import pandas as pd

    judged = _judged(asked, name, curves, seed, partial(stop_if, overtaken))
    listed = _units(asked, name, curves, judged, seed)
    carried = judged.says in (ONE, FEW, ANYWHERE)
    names = listed["unit"].tolist()[: judged.k] if carried else []
    words = ""
    if carried:
        units = [asked.units[place] for place in curves.orders[0][: judged.k]]
        tried = ablated(live, asked, name, curves.first[1], units, seed, overtaken) if cause else NOT_TRIED
        words = in_words(tried, len(units) > 1)
    place = curves.ks.index(judged.k)
    low, high = curves.ends("units", "f1")
    scores = {metric: float(curves.mean("units", metric)[place]) for metric in METRICS}
    row = {
        "concept": name,
        "says": judged.says,
        "k": judged.k,
        "units": names,
        "same": judged.same,
        "positive": int(asked.concepts[name].sum()),
        **scores,
        "f1_low": float(low[place]),
        "f1_high": float(high[place]),
        "alone": float(curves.mean("units", "f1")[0]),
        "rotated": float(curves.mean("rotated", "f1")[place]),
        "control": float(curves.mean("control", "f1")[place]),
        "cause": words,
    }
    return pd.DataFrame([row]), _lines(name, curves), listed


def _judged(asked: Asked, name: str, curves: Curves, seed: int, step: Callable[[], None]) -> Judged:
    """What the curves say; that units carry it only where they are ahead of each of many random bases."""
    judged = judge(curves, len(asked.units))
    if judged.says not in (ONE, FEW):
        return judged
    positive = asked.concepts[name]
    drawn = rotations(asked.values, asked.documents, positive, curves.first, judged.k, DRAWS, seed, step)
    return judge_again(judged, curves, drawn)


def _lines(name: str, curves: Curves) -> pd.DataFrame:
    import pandas as pd

    frames = []
    for basis in BASES:
        columns: dict[str, Any] = {"concept": name, "basis": basis, "k": curves.ks}
        for metric in METRICS:
            columns[metric] = curves.mean(basis, metric)
            columns[f"{metric}_low"], columns[f"{metric}_high"] = curves.ends(basis, metric)
        frames.append(pd.DataFrame(columns))
    return pd.concat(frames, ignore_index=True)


def _units(asked: Asked, name: str, curves: Curves, judged: Judged, seed: int) -> pd.DataFrame:
    """The best units of the first split, with what the other half of it says of them."""
    import pandas as pd

    held, positive = curves.first[1], asked.concepts[name]
    values, truth, documents = asked.values[held], positive[held], asked.documents[held]
    order = curves.orders[0][:_LISTED]
    p = mann_whitney(values, truth)
    q = q_values(p)
    low, high = auroc_interval(values[:, order], truth, documents, seed=seed)
    k = max(judged.k if judged.says in (ONE, FEW, ANYWHERE) else 1, 1)
    units = [asked.units[place] for place in order]
    return pd.DataFrame(
        {
            "concept": name,
            "rank": np.arange(1, len(order) + 1),
            "unit": [str(unit) for unit in units],
            "site": [unit.site for unit in units],
            "index": [unit.index for unit in units],
            "chosen": [float((curves.orders[:, :k] == place).any(1).mean()) for place in order],
            "effect": auroc(values[:, order], truth) - 0.5,
            "low": low - 0.5,
            "high": high - 0.5,
            "p": p[order],
            "q": q[order],
            "searched": len(asked.units),
            "found": q[order] <= _LEVEL,
        }
    )
