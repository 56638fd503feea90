"""Doors to higher floors: functions that an object further down offers as its method, loaded when they are called.

Imports point down only (see CONTRIBUTING.md), and an atlas should still know how to export itself. What stands here is
all that goes the other way.
"""

from __future__ import annotations

import importlib
from typing import Any

DOORS = {
    "Atlas.similar": ("neuronwidget.analysis.inspect.similar", "similar"),
    "Atlas.export": ("neuronwidget.export.export", "export"),
    "Labels.test": ("neuronwidget.analysis.labels.label_test", "run_test"),
    "ScanObserver.in_notebook": ("neuronwidget.widgets.scan_progress", "ScanProgress"),
}
"""By the method that leads there: the module, and the name in it."""


def enter(door: str) -> Any:
    """What stands behind a door: something that can be called."""
    module, name = DOORS[door]
    return getattr(importlib.import_module(module), name)
