"""The verdict on a comparison, in words."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol

import numpy as np

from neuronwidget.analysis.result import Provenance


class Judged(Protocol):
    """What a verdict rests on: fields of `Comparison`."""

    @property
    def groups(self) -> Mapping[str, tuple[int, int]]: ...
    @property
    def measure(self) -> str: ...
    @property
    def units(self) -> Any: ...
    @property
    def found(self) -> Any: ...
    @property
    def null(self) -> Any: ...
    @property
    def twin(self) -> Any: ...
    @property
    def insensitive(self) -> bool: ...
    @property
    def prevalence(self) -> float: ...
    @property
    def notes(self) -> tuple[str, ...]: ...
    @property
    def cause(self) -> str | None: ...
    @property
    def provenance(self) -> Provenance: ...


def verdict_of(comparison: Judged) -> str:
    """How many units differ, how much the best does and whether that is a cause; or that nothing was found."""
    parts = [_found(comparison) if len(comparison.found) else _nothing(comparison)]
    parts += _beside(comparison)
    if comparison.insensitive:
        parts.append(
            f"The rarest group has {100 * comparison.prevalence:.2g} % of the inputs: AUROC hardly changes there where "
            "half of them lack their label, so read ap and f1."
        )
    if len(comparison.found):
        parts.append(comparison.cause or _not_tried(comparison))
    return " ".join([*parts, *comparison.notes])


def _found(comparison: Judged) -> str:
    differing, searched = comparison.found, len(comparison.units)
    best = differing.iloc[0]
    where = ", ".join(f"{site} ({count})" for site, count in differing["site"].value_counts().head(3).items())
    few = "1 unit differs" if len(differing) == 1 else f"{len(differing):,} units differ"
    return (
        f"{few} between {named(comparison.groups)}, of {searched:,} that were searched: {where}. "
        f"Clearest is {_called(comparison, best)}, higher in {best['group']}: {_effect(comparison, best)} on inputs "
        "that had no part in finding it."
    )


def _nothing(comparison: Judged) -> str:
    searched = len(comparison.units)
    tested = comparison.units[comparison.units["p"].notna()]
    if tested.empty:
        return f"Nothing found between {named(comparison.groups)}: no unit of {searched:,} could be tested."
    best = tested.loc[tested["p"].idxmin()]
    in_sample, held = (_value(comparison, _turned(best) * best[name]) for name in ("in_sample", "effect"))
    return (
        f"Nothing found: of {searched:,} units none differs between {named(comparison.groups)} in a way that holds. "
        f"{best['site']}:{best['unit']} tells most in the half that finds ({in_sample}, q {best['q']:.2g}); in the "
        f"other it comes to {held}."
    )


def _called(comparison: Judged, row: Any) -> str:
    """A unit, with what it is called where it has a name."""
    unit = f"{row['site']}:{row['unit']}"
    name = comparison.provenance.names.get(unit)
    return f"{unit} “{name}”" if name else unit


def _effect(comparison: Judged, row: Any) -> str:
    turned = _turned(row)
    low, high = (_number(comparison, end) for end in sorted((turned * row["low"], turned * row["high"])))
    in_sample = _number(comparison, turned * row["in_sample"])
    return f"{_value(comparison, turned * row['effect'])} (95 % {low} to {high}; in the half that finds {in_sample})"


def _turned(row: Any) -> int:
    """−1 for a unit that is lower in the first group: what it tells is said of the group in which it is higher."""
    return -1 if row["in_sample"] < 0 else 1


def _value(comparison: Judged, effect: float) -> str:
    words = "AUROC" if comparison.measure == "auroc" else "specificity"
    return f"{words} {_number(comparison, effect)}"


def _number(comparison: Judged, effect: float) -> str:
    """As people know it: AUROC itself, not its distance from chance."""
    return f"{effect + 0.5 if comparison.measure == 'auroc' else effect:.2f}"


def _beside(comparison: Judged) -> list[str]:
    """What shuffled groups and the twin give."""
    words = []
    if len(comparison.null):
        counts, draws = comparison.null["found"], len(comparison.null)
        ever = int((counts > 0).sum())
        many = f"in {ever} of {draws}, {counts.max()} at most" if ever else f"in none of {draws}"
        words.append(f"Groups that are shuffled give something {many}.")
    if comparison.twin is not None:
        twin = comparison.twin
        words.append(f"{twin.words}: {twin.found:,} of {twin.searched:,} units.")
    return words


def _not_tried(comparison: Judged) -> str:
    best = comparison.found.iloc[0]
    return (
        "These tell the groups apart; whether the model uses them was not tried: comparison.tried(live), or "
        f'nw.effect(live, inputs, nw.Ablate("{best["site"]}:{best["unit"]}")).'
    )


def named(groups: Mapping[str, tuple[int, int]]) -> str:
    """Groups with how many inputs they have.

    >>> named({"a": (3, 3), "b": (4, 3), "c": (2, 2)})
    'a (6 inputs), b (7) and c (4)'
    """
    words = [f"{name} ({int(np.sum(halves)):,}{' inputs' if not place else ''})"
             for place, (name, halves) in enumerate(groups.items())]  # fmt: skip
    return f"{', '.join(words[:-1])} and {words[-1]}"
