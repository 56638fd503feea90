"""The bundled models: their names, files and cards.

This module imports no torch.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

NAMES = ("code", "code-sae", "digits", "digits-shortcut", "cancer")
MODELS = Path(__file__).parent / "models"


def demo_card(name: str) -> dict[str, Any]:
    """What is known of a bundled model: its training, its scores, and units to look at.

    >>> demo_card("code")["detectors"][0].keys() >= {"property", "site", "unit", "held_out", "twin"}
    True
    """
    if name not in NAMES:
        raise ValueError(f"no demo model {name!r}; there are {', '.join(NAMES)}")
    card: dict[str, Any] = json.loads((MODELS / f"{name}.json").read_text(encoding="utf-8"))
    return card
