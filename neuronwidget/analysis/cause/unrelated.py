"""Collateral change: what edits do to what a model says of inputs that they are not meant for."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from neuronwidget.analysis.cause.measure import KL, Floats, Passes, by_input
from neuronwidget.live.model import LiveModel


def collateral(live: LiveModel, edited: Sequence[LiveModel], inputs: Sequence[Any]) -> Floats:
    """KL between what the edited models and the live model say of each input: [edited models, inputs]."""
    passes = Passes(live, inputs)
    found: list[list[float]] = [[] for _ in edited]
    for given, count in passes.batches:
        rows = passes.rows(live, given, KL)
        before = passes.say(live, given, rows)
        for values, other in zip(found, edited, strict=True):
            values += by_input(KL.of(before, passes.say(other, given, rows), 0), count)
    return np.array(found)
