"""Test of a label by a predicate: does the unit find what its label says, in inputs that chose nothing?"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from neuronwidget.analysis.labels.measures import measured
from neuronwidget.analysis.labels.seen import Seen, see
from neuronwidget.analysis.predicates.given import predicate_of
from neuronwidget.analysis.result import Provenance, Result
from neuronwidget.analysis.scores.detection import best_threshold
from neuronwidget.analysis.scores.halves import halves
from neuronwidget.analysis.scores.ranks import auroc
from neuronwidget.analysis.theme import altair, themed
from neuronwidget.live.labels.label import FAILED, HELD_UP
from neuronwidget.live.labels.labels import Labels, UnitName
from neuronwidget.live.structure.sites import Unit

if TYPE_CHECKING:
    import pandas as pd

    from neuronwidget.live.edits.edit import BaseEdit
    from neuronwidget.live.model import LiveModel

TOO_FEW = "not enough data"
ENDS = ("high", "low")
#: So many inputs with the concept, and without, each half must have; and so many rows that are tested.
LEAST_INPUTS, LEAST_ROWS = 5, 10


@dataclass(frozen=True, eq=False, repr=False)
class LabelTest(Result):
    """How well a unit finds what its label says. Made by `labels.test`.

    Attributes
    ----------
    unit, label, concept
        What was tested, and by which predicate.
    outcome
        "held up", "failed" or "not enough data".
    end
        "high": the concept is where the unit is above the threshold; "low": where it is below.
    threshold
        Chosen on the first half.
    scores
        measure ("AP", "F1", "IoU", "r"), value, low, high, chance, random (the median of random units of the site, each
        with its own end and threshold), as_good (the share of these that do as well), in_sample (the first half).
    line
        What the AP must be above: the largest of `least`, chance, and that of random units.
    rows, rows_are, marked, inputs
        How many rows, "positions" or "inputs", judged it; how many of these have the concept; of how many inputs.
    """

    unit: Unit
    label: str
    concept: str
    outcome: str
    end: str
    threshold: float
    scores: pd.DataFrame
    line: float
    rows: int
    rows_are: str
    marked: int
    inputs: int
    sample: str
    provenance: Provenance

    @property
    def verdict(self) -> str:
        """Whether the label held up, with what that rests on."""
        head = f"“{self.label}” of {self.unit}"
        counted = f"{self.rows:,} held-out {self.rows_are}"
        if self.scores.empty:
            return (
                f"{head}: not enough data. Of {counted} {self.marked:,} have {self.concept}; each half needs "
                f"{LEAST_INPUTS} inputs with it and {LEAST_INPUTS} without."
            )
        ap, f1 = self.scores.iloc[0], self.scores.iloc[1]
        words = {HELD_UP: "held up", FAILED: "failed"}
        outcome = words.get(self.outcome, "is undecided: more inputs would tell")
        beside = f"chance {ap['chance']:.2f}, random units {ap['random']:.2f}"
        score = f"AP {ap['value']:.2f} ({ap['low']:.2f} to {ap['high']:.2f})"
        return (
            f"{head} {outcome}: {score} for {self.concept} where it is {self.end}, F1 {f1['value']:.2f}, in {counted} "
            f"of {self.inputs:,} inputs; {beside}. Whether the unit is a cause was not tried."
        )

    def table(self) -> pd.DataFrame:
        """A row a measure."""
        return self.scores

    def chart(self) -> Any:
        """Each measure with its interval, beside chance and random units."""
        alt = altair()
        base = alt.Chart(self.scores, title=alt.Title(f"{self.unit}: {self.label}", subtitle=self.outcome))
        y = alt.Y("measure:N", sort=None, title=None)
        bar = base.mark_rule(strokeWidth=3).encode(x=alt.X("low:Q", title="held out"), x2="high:Q", y=y)
        own = base.mark_point(filled=True, size=60).encode(x="value:Q", y=y, tooltip=list(self.scores.columns))
        chance = base.mark_tick(color="#888").encode(x="chance:Q", y=y)
        random = base.mark_tick(color="#d55e00").encode(x="random:Q", y=y)
        return themed((bar + own + chance + random).properties(width=360, height=120))

    def _short(self) -> str:
        if self.scores.empty:
            return TOO_FEW
        ap = self.scores.iloc[0]
        return f"AP {ap['value']:.2f} ({ap['low']:.2f} to {ap['high']:.2f}), chance {ap['chance']:.2f}"

    def evidence(self) -> dict[str, Any]:
        """What the label keeps of it."""
        first = {} if self.scores.empty else self.scores.iloc[0][["value", "low", "high", "chance", "random"]].to_dict()
        return {
            "kind": "predicate",
            "outcome": self.outcome,
            "label": self.label,
            "verdict": self.verdict,
            "short": self._short(),
            "concept": self.concept,
            **{f"ap_{name}" if name != "value" else "ap": float(value) for name, value in first.items()},
            **({} if self.scores.empty else {"f1": float(self.scores["value"][1])}),
            "rows": self.rows,
            "inputs": self.inputs,
            "data": str(self.provenance.data.get("digest", "")),
            "seed": self.provenance.seed,
            "weights": self.provenance.weights,
        }


def run_test(
    labels: Labels,
    live: LiveModel,
    unit: UnitName,
    predicate: Any,
    data: Any,
    *,
    name: str | None = None,
    end: str | None = None,
    least: float = 0.5,
    most: int = 40_000,
    random: int = 100,
    edits: Sequence[BaseEdit] = (),
    seed: int = 0,
    progress: Callable[[int], object] | None = None,
    overtaken: Callable[[], bool] | None = None,
) -> LabelTest:
    """Does a unit find what its label says?

    One half of the inputs chooses whether the unit is high or low there, and the threshold; the other half judges. The
    label holds up where the whole interval of the average precision is above chance, above random units of the site,
    and above `least`; it failed where the whole interval is below; between, more inputs would tell. The label keeps the
    outcome, and views show it beside the name.

    Parameters
    ----------
    predicate
        The concept as `nw.predicate_of` takes it; `name`: what it is called.
    data
        Inputs as `nw.scan` takes them, or responses.
    end
        "high" or "low", where the label says which; None lets the first half choose.
    least
        The average precision that a label is worth its name from.
    most
        So many positions are looked at, at most, drawn by `seed`.
    random
        With how many random units of the site it is compared.
    progress
        Called with the number of inputs that were run.
    """
    if end is not None and end not in ENDS:
        raise ValueError(f"end= is one of {', '.join(ENDS)}, not {end!r}.")
    labels.for_model(live)
    place = live.sites.unit(unit)
    words = labels[place if place in labels else unit]
    running = live.edited(*edits) if edits else live
    concept = predicate_of(predicate, name)
    seen = see(running, place, random, concept, data, most=most, seed=seed, progress=progress, overtaken=overtaken)
    settings = {"concept": concept.name, "least": least, "most": most, "random": random}
    described = {"documents": len(np.unique(seen.documents)), "digest": seen.digest}
    test = _judged(
        seen, place, words, concept.name, end, least, Provenance.of_live(running, data=described, seed=seed, **settings)
    )
    labels.add_test(place if place in labels else unit, test.evidence())
    return test


def _judged(
    seen: Seen, unit: Unit, label: str, concept: str, end: str | None, least: float, provenance: Provenance
) -> LabelTest:
    import pandas as pd

    has = np.isin(seen.documents, seen.documents[seen.marked])
    first, second = halves(seen.documents, has.tolist(), provenance.seed or 0)
    scores, outcome, line, threshold = pd.DataFrame(), TOO_FEW, float("nan"), float("nan")
    if min(_enough(seen, half) for half in (first, second)):
        aurocs = np.nan_to_num(auroc(seen.values[first], seen.marked[first]), nan=0.5)
        if end is None:
            end = ENDS[int(aurocs[0] < 0.5)]
        signs = np.where(aurocs < 0.5, -1.0, 1.0)
        signs[0] = 1.0 if end == "high" else -1.0
        values = np.nan_to_num(seen.values.astype(np.float64) * signs, posinf=3e38, neginf=-3e38)
        thresholds = best_threshold(values[first], seen.marked[first])
        scores = measured(values, thresholds, seen, first, second, provenance.seed or 0)
        threshold = float(thresholds[0] * signs[0])
        line = float(np.nanmax([least, scores["chance"][0], scores["random"][0]]))
        low, high = scores["low"][0], scores["high"][0]
        outcome = HELD_UP if low > line else FAILED if high < line else TOO_FEW
    return LabelTest(
        unit,
        label,
        concept,
        outcome,
        end or ENDS[0],
        threshold,
        scores,
        line,
        int(second.sum()),
        seen.rows_are,
        int(seen.marked[second].sum()),
        len(np.unique(seen.documents[second])),
        seen.sample,
        provenance,
    )


def _enough(seen: Seen, half: NDArray[np.bool_]) -> bool:
    documents, marked = seen.documents[half], seen.marked[half]
    sides = (documents[marked], documents[~marked])
    return all(len(np.unique(side)) >= LEAST_INPUTS and len(side) >= LEAST_ROWS // 2 for side in sides)
