"""Lookup tables: what a unit does, told from the tokens and the position alone; `judge` says how well that holds."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from neuronwidget.analysis.responses.positions import PositionValues

Floats = NDArray[np.float64]
Numbers = NDArray[np.int64]

#: By the name of a table, the tables in the order in which a tie is broken: the simplest first.
TABLES = ("token", "before", "position", "bigram")
_TOKENS = 1 << 31
#: Of some tokens the place of each in a table, and whether it is there.
Found = tuple[Numbers, NDArray[np.bool_]]


def keys_of(by: str, tokens: Numbers, before: Numbers, positions: Numbers) -> Numbers:
    """What a table looks up, as one number for each token.

    Two tokens side by side are one exact number: no two of them share an entry, whatever the vocabulary. There are no
    more entries than tokens that were read, so the size of the vocabulary takes no memory.
    """
    if by == "bigram":
        return (before + 1) * _TOKENS + tokens
    return {"token": tokens, "before": before, "position": positions}[by]


@dataclass(frozen=True)
class Entries:
    """Which tokens share an entry: `keys` [entries] in order, `place` [tokens] of each token's entry, `counts`."""

    keys: Numbers
    place: Numbers
    counts: Numbers

    @classmethod
    def of(cls, keys: Numbers) -> Entries:
        unique, place, counts = np.unique(keys, return_inverse=True, return_counts=True)
        return cls(unique, place, counts)

    @cached_property
    def _chosen(self) -> Any:
        """Sparse [entries, tokens]: 1 where a token is of an entry."""
        from scipy.sparse import csr_matrix

        shape = len(self.keys), len(self.place)
        return csr_matrix((np.ones(shape[1]), (self.place, np.arange(shape[1]))), shape)

    def sums(self, values: Floats) -> Floats:
        """Sums of values [tokens, units] over each entry: [entries, units]."""
        sums: Floats = self._chosen @ values
        return sums

    def find(self, keys: Numbers) -> Found:
        """Places of other keys among the entries, and whether they are there."""
        place = np.searchsorted(self.keys, keys).clip(0, len(self.keys) - 1)
        return place, self.keys[place] == keys


@dataclass(frozen=True)
class Table:
    """Table of what is added to a shorter context's prediction: `added` [entries, units]."""

    entries: Entries
    added: Floats

    @classmethod
    def fitted(cls, entries: Entries, rest: Floats) -> Table:
        """Fits a table to what the shorter context leaves over: `rest` [tokens, units].

        An entry that was seen n times counts n / (n + λ), where λ is how much values scatter within entries, over how
        much they differ between entries. So what was seen once or twice says little where values scatter, and all of it
        where they do not.
        """
        counts, tokens = entries.counts[:, None], len(entries.place)
        sums = entries.sums(rest)
        of_entries = (sums**2 / counts).sum(0)
        spare = tokens - len(entries.keys)
        within = ((rest**2).sum(0) - of_entries).clip(0) / max(spare, 1)
        between = ((of_entries - len(entries.keys) * within) / tokens).clip(0)
        if spare == 0:  # no entry came twice: nothing tells what one is worth
            return cls(entries, np.zeros_like(sums))
        share = np.divide(counts * between, counts * between + within, out=np.zeros_like(sums), where=between > 0)
        return cls(entries, share * sums / counts)

    @property
    def own(self) -> Floats:
        """What it adds at the tokens that it was fitted on [tokens, units]."""
        added: Floats = self.added[self.entries.place]
        return added

    def at(self, places: Found) -> Floats:
        """What it adds [tokens, units]: nothing where it has no entry."""
        place, there = places
        return np.where(there[:, None], self.added[place], 0.0)


@dataclass(frozen=True)
class Tables:
    """Lookup tables for some units: by the token, the token before, the position, and by both tokens.

    The mean stands for what was never seen. For two tokens that were never seen side by side stands what the token says
    and, in `rest`, what the one before adds to that.
    """

    mean: Floats
    by: dict[str, Table]
    rest: Table

    @classmethod
    def fitted(cls, values: Floats, entries: dict[str, Entries]) -> Tables:
        """Fits tables to values [tokens, units]; `entries`: which of these tokens share an entry in each table."""
        mean = values.mean(0)
        tables = {by: Table.fitted(entries[by], values - mean) for by in TABLES if by != "bigram"}
        left = values - mean - tables["token"].own
        rest = Table.fitted(entries["before"], left)
        return cls(mean, {**tables, "bigram": Table.fitted(entries["bigram"], left - rest.own)}, rest)

    def told(self, by: str, places: dict[str, Found]) -> Floats:
        """What a table says that the units do at some tokens: [tokens, units]."""
        told: Floats = self.mean + self.by[by].at(places[by])
        if by == "bigram":
            told = told + self.by["token"].at(places["token"]) + self.rest.at(places["before"])
        return told

    def find(self, tokens: Numbers, before: Numbers, positions: Numbers) -> dict[str, Found]:
        """Where some tokens stand in each table."""
        return {by: self.by[by].entries.find(keys_of(by, tokens, before, positions)) for by in TABLES}


def entries_of(read: PositionValues, chosen: NDArray[np.bool_]) -> dict[str, Entries]:
    """Which of the chosen tokens share an entry, table by table."""
    tokens, before, positions = (each[chosen] for each in (read.tokens, read.before, read.positions))
    return {by: Entries.of(keys_of(by, tokens, before, positions)) for by in TABLES}
