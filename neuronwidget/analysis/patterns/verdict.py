"""The verdict on patterns, in words."""

from __future__ import annotations

from typing import Any, Protocol

import numpy as np

from neuronwidget.analysis.patterns.beside import Beside
from neuronwidget.analysis.patterns.stability import HOLDS, REPEATS

#: So many patterns must hold for there to be any.
LEAST = 2


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
    if not is_patterned(patterns):
        sampled = f" These were {patterns.sample}." if patterns.sample else ""
        return f"No patterns in {patterns.site}: a continuum. {_continuum(patterns)}{sampled}"
    holding = int(patterns.found["holds"].sum())
    parts = [f"{_count(len(patterns.found), 'pattern')} in {patterns.site}, of which {holding} hold"]
    parts.append(f"{in_percent(patterns.noise)} of {len(patterns.inputs):,} inputs in none")
    if not np.isnan(patterns.agreement):
        parts.append(f"they agree with the labels by {patterns.agreement:.2f} (AMI: 1 is the same, 0 is chance)")
    parts += [patterns.sample] if patterns.sample else []
    return "; ".join(parts) + "." + _beside(patterns) + _largest(patterns)


def _continuum(patterns: Judged) -> str:
    """What says that there are no patterns."""
    groups, many = patterns.found, f"{len(patterns.inputs):,} inputs"
    if not len(groups):
        return f"Nowhere do some of the {many} lie closer together than all around."
    best = (
        f"(at best {groups['stability'].max():.2f}, {HOLDS:g} is asked for) and between halves of the {many} (at best "
        f"{groups['repeats'].max():.2f} of {REPEATS:g})."
    )
    if groups["holds"].any():
        which = "The one group" if len(groups) == 1 else f"Of {len(groups)} groups one alone"
        return f"{which} comes back when inputs are left out and between halves: the dense end of a continuum does."
    if len(groups) == 1:
        return f"The one group does not come back both when inputs are left out {best}"
    return f"Of {len(groups)} groups none comes back both when inputs are left out {best}"


def is_patterned(patterns: Judged) -> bool:
    """Are there patterns that hold? One alone is what the dense end of a continuum looks like."""
    return int(patterns.found["holds"].sum()) >= LEAST


def _beside(patterns: Judged) -> str:
    words = ""
    if patterns.null is not None:
        null = patterns.null
        words += f" Permuted columns make {_count(null.holding, 'pattern')} that hold"
        words += "." if null.holding != 1 else "s."
    if patterns.twin is not None:
        twin = patterns.twin
        words += f" {twin.words}: {_count(twin.patterns, 'pattern')}, {in_percent(twin.noise)} in none"
        words += "." if np.isnan(twin.agreement) else f", AMI {twin.agreement:.2f}."
    return words


def _largest(patterns: Judged) -> str:
    large = patterns.found[patterns.found["largest"]]
    if large.empty:
        return ""
    row = large.iloc[0]
    return f" Pattern {row['pattern']} holds {in_percent(row['share'])} of the inputs: the rest hangs on that one."


def _count(number: float, name: str) -> str:
    """A count in words.

    >>> _count(1, "pattern"), _count(0, "pattern")
    ('1 pattern', 'no patterns')
    """
    if number == 0:
        return f"no {name}s"
    return f"{number:g} {name}" + ("" if number == 1 else "s")


def in_percent(share: float) -> str:
    """A share in words.

    >>> in_percent(0.293)
    '29 %'
    """
    return f"{100 * share:.0f} %"
