"""Labels of units of the bundled models: a file beside each card, made and tested by `training/labels.py`."""

from __future__ import annotations

from pathlib import Path

from neuronwidget.demos import MODELS
from neuronwidget.live.labels.labels import Labels


def labels_path(name: str) -> Path:
    """Where the labels of a bundled model are, if it has any."""
    return MODELS / f"{name}.labels.json"


def labels_of(*names: str) -> Labels:
    """Labels of a bundled model, and of what is put on it, in memory: what is changed stays there.

    >>> labels_of("code")["state.1:92"]
    'inside a comment'
    """
    return Labels.copy_of(*filter(Path.is_file, map(labels_path, names)))
