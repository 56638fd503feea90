"""Inputs in the order of what each unit did on them, with those alike told from others."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from neuronwidget.analysis.scores.sides import Flags, Floats, Values

Places = NDArray[np.int64]


@dataclass(frozen=True)
class Ordered:
    """Inputs from the lowest value to the highest, for each unit.

    Attributes
    ----------
    order
        [units, inputs]: which input stands at each place.
    values
        The values in this order.
    new
        Is the value at a place another than at the one before?
    broken
        [units]: is one of the values NaN?
    """

    order: Places
    values: Values
    new: Flags
    broken: Flags

    @classmethod
    def of(cls, values: Values) -> Ordered:
        """Inputs in the order of values [inputs, units]."""
        rows = np.ascontiguousarray(values.T)
        order = np.argsort(rows, axis=1)
        there = np.take_along_axis(rows, order, 1)
        new = np.ones(there.shape, bool)
        np.not_equal(there[:, 1:], there[:, :-1], out=new[:, 1:])
        return cls(order, there, new, np.isnan(rows).any(1))

    @property
    def first(self) -> Places:
        """[units, inputs]: the first place that has the value of each place."""
        places = np.arange(self.new.shape[1])
        return np.maximum.accumulate(np.where(self.new, places, 0), axis=1)

    @property
    def last(self) -> Places:
        """[units, inputs]: the last place that has the value of each place."""
        ends, places = np.ones_like(self.new), np.arange(self.new.shape[1])
        ends[:, :-1] = self.new[:, 1:]
        backwards = np.where(ends, places, self.new.shape[1])[:, ::-1]
        return np.minimum.accumulate(backwards, axis=1)[:, ::-1]

    def ranks_in_order(self) -> Floats:
        """[units, inputs]: the rank at each place, from 1 on; the mean of the ranks of those alike."""
        if self.new.all():
            return np.broadcast_to(np.arange(1.0, self.new.shape[1] + 1), self.new.shape)
        return (self.first + self.last) / 2 + 1

    def ranks(self) -> Floats:
        """[inputs, units]: the same of each input; NaN where a unit has one."""
        ranks = np.empty(self.order.shape)
        np.put_along_axis(ranks, self.order, self.ranks_in_order(), 1)
        ranks[self.broken] = np.nan
        return ranks.T
