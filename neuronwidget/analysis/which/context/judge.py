"""Judges lookup tables of one half of the documents by what units do in the other half, beside what chance reaches."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from neuronwidget.analysis.responses.positions import PositionValues
from neuronwidget.analysis.scores.intervals import bootstrap
from neuronwidget.analysis.steps import Step, Steps
from neuronwidget.analysis.which.context.tables import TABLES, Entries, Floats, Found, Numbers, Tables, entries_of

#: A unit that varies less than this share of its largest value does not vary.
_STILL = 1e-9


@dataclass(frozen=True)
class Judged:
    """Shares of variance that tables tell, each [tables, units]: held out, with interval, and in-sample.

    `low`, `high`: 95 %, documents resampled. `chance` [draws, tables, units]: held out, of tables that were fitted on
    permuted values. `r2_seen`: held out, of tokens that have an entry; `seen` [tables]: which share these are. `keys`
    [tables]: entries.
    """

    r2: Floats
    low: Floats
    high: Floats
    in_sample: Floats
    r2_seen: Floats
    chance: Floats
    seen: Floats
    keys: Numbers


def judged(
    values: Floats,
    read: PositionValues,
    first: NDArray[np.bool_],
    draws: int,
    seed: int,
) -> Steps[Judged]:
    """Judges tables of values [tokens, units], a draw a step; `first`: the tokens of the half that is fitted on."""
    fitted_on, held = values[first], values[~first]
    entries = entries_of(read, first)
    tables = Tables.fitted(fitted_on, entries)
    places = tables.find(read.tokens[~first], read.before[~first], read.positions[~first])
    own: dict[str, Found] = {by: (each.place, np.ones(len(each.place), bool)) for by, each in entries.items()}
    r2, ends = _with_ends(tables, places, held, read.documents[~first], seed)
    chance = []
    source = np.random.default_rng(seed)
    for draw in range(draws):
        yield Step(draw, draws)
        permuted = Tables.fitted(fitted_on[shifted(read.documents[first], source)], entries)
        chance.append(_explained(permuted, places, held))
    return Judged(
        r2,
        *ends,
        _explained(tables, own, fitted_on),
        np.stack([_explained_seen(tables, by, places, held) for by in TABLES]),
        np.stack(chance),
        np.array([places[by][1].mean() for by in TABLES]),
        np.array([len(entries[by].keys) for by in TABLES]),
    )


def shifted(documents: Numbers, source: np.random.Generator) -> Numbers:
    """Places of tokens [tokens], shifted round within each document by an amount drawn at random.

    So what a unit does at neighbouring tokens stays together, and what a document is about stays with it; only which
    token it goes with is another.
    """
    starts = np.flatnonzero(np.diff(documents, prepend=documents[0] - 1))
    lengths = np.diff(starts, append=len(documents))
    by = 1 + (source.random(len(lengths)) * (lengths - 1)).astype(np.int64)
    start, length, step = (np.repeat(each, lengths) for each in (starts, lengths, by))
    places: Numbers = start + (np.arange(len(documents)) - start + step) % length
    return places


def _explained(tables: Tables, places: dict[str, Found], actual: Floats) -> Floats:
    """The share of variance that each table tells: [tables, units]; NaN for units that do not vary."""
    total = _varying(actual)
    return np.stack([1 - ((actual - tables.told(by, places)) ** 2).sum(0) / total for by in TABLES])


def _explained_seen(tables: Tables, by: str, places: dict[str, Found], actual: Floats) -> Floats:
    """The share of variance that a table tells where it has entries: [units]; NaN where it has none."""
    there = places[by][1]
    if not there.any():
        return np.full(actual.shape[1], np.nan)
    missed = ((actual - tables.told(by, places))[there] ** 2).sum(0)
    share: Floats = 1 - missed / _varying(actual[there])
    return share


def _varying(actual: Floats) -> Floats:
    """Sums of squares around the mean [units]; NaN where nothing varies."""
    total = ((actual - actual.mean(0)) ** 2).sum(0)
    return np.where(total > len(actual) * (_STILL * np.abs(actual).max(0)) ** 2, total, np.nan)


def _with_ends(
    tables: Tables, places: dict[str, Found], actual: Floats, documents: Numbers, seed: int
) -> tuple[Floats, tuple[Floats, Floats]]:
    """The shares [tables, units], and 95 % intervals: documents are drawn anew, with all of their tokens."""
    of_documents = Entries.of(documents)
    units = actual.shape[1]
    varying = np.isfinite(_varying(actual))
    total = np.where(varying, of_documents.sums((actual - actual.mean(0)) ** 2), 1.0)
    r2, low, high = [], [], []
    for by in TABLES:
        missed = of_documents.sums((actual - tables.told(by, places)) ** 2)
        r2.append(np.where(varying, 1 - missed.sum(0) / total.sum(0), np.nan))
        ends = bootstrap(
            np.concatenate([missed, total], axis=1), lambda sums: 1 - sums[:, :units] / sums[:, units:], seed=seed
        )
        low.append(np.where(varying, ends[0], np.nan))
        high.append(np.where(varying, ends[1], np.nan))
    return np.stack(r2), (np.stack(low), np.stack(high))
