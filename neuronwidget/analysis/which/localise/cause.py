"""Asks whether the output reads the units that tell a concept: they are held at their means, beside random units."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

import numpy as np

from neuronwidget.analysis.cause.controls import Controls, compare_with_random
from neuronwidget.analysis.which.localise.asked import Asked
from neuronwidget.live.edits.kinds import Ablate
from neuronwidget.live.structure.sites import Unit

if TYPE_CHECKING:
    from neuronwidget.live.model import LiveModel

#: On so many inputs with the concept units are held at their means, and of so many inputs the means are.
_TRIED, _FOR_MEANS = 24, 128
_DRAWS = 20
NOT_TRIED = "whether it is a cause was not tried: nw.localise(…, cause=True) tries it"


def ablated(
    live: LiveModel,
    asked: Asked,
    concept: str,
    held: np.ndarray[tuple[int], np.dtype[np.bool_]],
    units: Sequence[Unit],
    seed: int,
    overtaken: Callable[[], bool] | None,
) -> Controls | str:
    """What holding units at their means does to what is said of inputs with the concept; or why it was not tried.

    `held`: the rows that had no part in choosing the units, of which the inputs are.
    """
    if not live.predicts:
        return f"whether it is a cause cannot be tried: {live.name} predicts nothing"
    if asked.input is None:
        return "whether it is a cause was not tried: the inputs cannot be had again (give a list)"
    source = np.random.default_rng(seed)
    with_it = np.unique(asked.documents[held & asked.concepts[concept]])
    tried = _some(with_it, _TRIED, source)
    means = _some(np.unique(asked.documents), _FOR_MEANS, source)
    data = [asked.input(int(number)) for number in means]
    sites = dict.fromkeys(unit.site for unit in units)
    edits = [Ablate([unit for unit in units if unit.site == site], to="mean", data=data) for site in sites]
    return compare_with_random(live, [asked.input(int(number)) for number in tried], edits, _DRAWS, seed, overtaken)


def _some(numbers: np.ndarray[tuple[int], np.dtype[np.int64]], most: int, source: np.random.Generator) -> list[int]:
    drawn = source.permutation(len(numbers))[:most]
    return [int(number) for number in np.sort(numbers[drawn])]


def in_words(tried: Controls | str, several: bool) -> str:
    """Whether it is a cause, in words that can be quoted.

    >>> in_words(Controls(0.0, [0.1] * 20, 0.0, 0.0, [], "random units", "KL"), False).partition(":")[0]
    'a detector, not shown to be a cause'
    """
    if isinstance(tried, str):
        return tried
    held = "held at their means they change" if several else "held at its mean it changes"
    change = f"{held} what the model says by {tried.measure} {tried.effect:.2g}, {tried.verdict}"
    them = "them" if several else "it"
    return f"the output reads {them}: {change}" if tried.is_larger else f"a detector, not shown to be a cause: {change}"
