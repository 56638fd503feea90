"""Tries whether units that tell a property are causes: what holding them at their mean changes, beside random units."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

import neuronwidget as nw
from neuronwidget.analysis.predicates.python_source import BINARY
from neuronwidget.demos import MODELS, corpus
from training import cards

#: Windows of so many characters to measure on, and for the means.
WINDOW, WINDOWS, USUAL = 256, 12, 40


def measured(
    card: dict[str, Any], training: Iterable[corpus.Module], held_out: Iterable[corpus.Module]
) -> dict[str, Any]:
    """What the card says of its binary detectors as causes, for the bundled code model."""
    live = nw.demo("code")
    usual, judged = texts(training, USUAL), texts(held_out, WINDOWS)
    causes = []
    for detector in card["detectors"]:
        if detector["property"] not in BINARY:
            continue
        unit = f"{detector['site']}:{detector['unit']}"
        effect = nw.effect(live, judged, nw.Ablate(unit, data=usual))
        control = effect.control
        causes.append(
            {
                "property": detector["property"],
                "unit": unit,
                **{name: getattr(control, name) for name in ("effect", "low", "high", "random", "drawn", "verdict")},
            }
        )
    return {"causes": causes, "causes_measured": {"window": WINDOW, "windows": len(judged), "usual": len(usual)}}


def texts(modules: Iterable[corpus.Module], count: int) -> list[str]:
    """Windows from so many modules, one each, that begin where a line begins near the middle."""
    windows = []
    for module in modules:
        start = module.text.find("\n", len(module.text) // 2) + 1
        window = module.text[start : start + WINDOW]
        if start and len(window) == WINDOW and window.isascii():
            windows.append(window)
    step = max(1, len(windows) // count)
    return windows[::step][:count]


def main() -> None:
    """Measure the bundled model and write that into its card."""
    path = MODELS / "code.safetensors"
    card = json.loads(path.with_suffix(".json").read_text(encoding="utf-8"))
    card |= measured(card, *corpus.split(corpus.modules()))
    cards.write(card, path)


if __name__ == "__main__":
    main()
