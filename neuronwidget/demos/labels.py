"""Names of units of the bundled models, from their cards: what a unit tells, and how well against the untrained twin.

This module imports no torch.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from neuronwidget.demos import demo_card

#: What the larger values of a unit go with, and what the smaller ones do.
_WORDS = {
    "string": ("inside a string", "below zero inside a string"),
    "comment": ("inside a comment", "below zero inside a comment"),
    "keyword": ("inside a keyword", "below zero inside a keyword"),
    "column": ("rises along the line", "falls along the line"),
    "indentation": ("rises with indentation", "falls with indentation"),
    "bracket": ("rises with open brackets", "falls with open brackets"),
}
#: A unit is named where its score lies this far above that of the twin's best unit.
_MARGIN = 0.1


def labels_of(name: str) -> dict[str, str]:
    """Unit → words, of those units of a bundled model that its card speaks for.

    >>> labels_of("code")["state.1:92"]
    'inside a comment (AUROC .99, untrained twin .68)'
    """
    return dict(_labels(name, demo_card(name)))


def _labels(name: str, card: dict[str, Any]) -> Iterator[tuple[str, str]]:
    for row in card.get("detectors", ()):
        yield from _detector(f"{row['site']}:{row['unit']}", row, row, row["twin"])
    for row in card.get("table", ()) if name == "code-sae" else ():
        yield from _detector(f"sae.1:{row['feature']['unit']}", row, row["feature"], row["untrained"])
    for row in card.get("tried", ()):
        if row["confirmed"]:
            evidence = f"held at its mean: +{_short(row['gain'])} accuracy where the mark misleads"
            yield f"{row['site']}:{row['unit']}", f"the planted mark ({evidence})"


def _detector(unit: str, row: dict[str, Any], scores: dict[str, Any], twin: float) -> Iterator[tuple[str, str]]:
    """Nothing where chance might have made as good a unit."""
    if scores["held_out"] >= twin + _MARGIN:
        words = _WORDS[row["property"]][scores["sign"] < 0]
        yield unit, f"{words} ({row['measure']} {_short(scores['held_out'])}, untrained twin {_short(twin)})"


def _short(score: float) -> str:
    return f"{score:.2f}".removeprefix("0")
