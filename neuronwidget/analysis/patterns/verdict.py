"""The verdict on patterns, in words."""

from __future__ import annotations

from typing import Any, Protocol

import numpy as np

from neuronwidget.analysis.patterns.beside import Beside
from neuronwidget.analysis.patterns.stability import HOLDS, REPEATS


class Judged(Protocol):
    """What a verdict rests on: fields of `Patterns`."""

    @property
    def site(self) -> str: ...
    @property
    def inputs(self) -> Any: ...
    @property
    def found(self) -> Any: ...
    @property
    def noise(self) -> float: ...
    @property
    def agreement(self) -> float: ...
    @property
    def null(self) -> Beside | None: ...
    @property
    def twin(self) -> Beside | None: ...
    @property
    def sample(self) -> str: ...


def verdict_of(patterns: Judged) -> str:
    """How many patterns there are and how far to trust them; or that there are none, and what says so."""
    found, holding = patterns.found, int(patterns.found["holds"].sum())
    many = f"{len(patterns.inputs):,} inputs"
    if not len(found):
        return f"No patterns in {patterns.site}: a continuum. Nowhere do some of the {many} lie closer than all around."
    if not is_patterned(patterns):
        few = "The one group that is" if len(found) == 1 else f"Of {len(found)} groups that are"
        back = "does not come back" if len(found) == 1 else "none comes back both"
        return (
            f"No patterns in {patterns.site}: a continuum. {few} denser than what is around {back} when inputs are "
            f"left out (at best {found['stability'].max():.2f}, {HOLDS:g} is asked for) and between halves of the "
            f"{many} (at best {found['repeats'].max():.2f} of {REPEATS:g})."
        )
    words = [f"{_count(len(found), 'pattern')} in {patterns.site}, of which {holding} hold"]
    words.append(f"{patterns.noise:.0%} of {many} in none".replace("%", " %", 1))
    if not np.isnan(patterns.agreement):
        words.append(f"they agree with the labels by AMI {patterns.agreement:.2f}")
    words += [patterns.sample] if patterns.sample else []
    sentence = "; ".join(words) + "."
    return sentence + _beside(patterns) + _largest(patterns)


def is_patterned(patterns: Judged) -> bool:
    """Is there a pattern that holds?"""
    return bool(patterns.found["holds"].any())


def _beside(patterns: Judged) -> str:
    words = ""
    if patterns.null is not None:
        null = patterns.null
        words += f" Permuted columns make {_count(null.holding, 'pattern')} that hold"
        words += "." if null.holding != 1 else "s."
    if patterns.twin is not None:
        twin = patterns.twin
        words += f" {twin.words}: {_count(twin.patterns, 'pattern')}, {twin.noise:.0%}".replace("%", " %") + " in none"
        words += "." if np.isnan(twin.agreement) else f", AMI {twin.agreement:.2f}."
    return words


def _largest(patterns: Judged) -> str:
    large = patterns.found[patterns.found["largest"]]
    if large.empty:
        return ""
    row = large.iloc[0]
    share = f"{row['share']:.0%}".replace("%", " %")
    return f" Pattern {row['pattern']} holds {share} of the inputs: the rest of the picture hangs on that one."


def _count(number: float, name: str) -> str:
    """A count in words.

    >>> _count(1, "pattern"), _count(0, "pattern")
    ('1 pattern', 'no patterns')
    """
    if number == 0:
        return f"no {name}s"
    return f"{number:g} {name}" + ("" if number == 1 else "s")
