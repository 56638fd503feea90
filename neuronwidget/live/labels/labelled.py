"""Base of what has labels: a live model, an atlas, a result; each takes those of its own model only."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any

from neuronwidget.live.labels.labels import Labels


class Labelled:
    """Something whose units have labels: a live model, an atlas, a view of results.

    Attributes
    ----------
    labels
        Set it to labels or to the path of their file, and these are its labels; set it to a mapping, and its labels
        are changed to that.
    """

    _labels: Labels | None = None

    @property
    def labels(self) -> Labels:
        if self._labels is None:
            self._labels = Labels()
        return self._labels

    @labels.setter
    def labels(self, given: Any) -> None:
        before = self.labels
        if isinstance(given, Mapping) and not isinstance(given, Labels):
            before.change({**dict.fromkeys(before), **given})
            return
        labels = as_labels(given)
        self._check_labels(labels)
        labels.on_top_of(before)
        self._labels = labels
        before.hand_over(labels)

    def _check_labels(self, labels: Labels) -> None:
        """Raises `LabelsError` where they are labels of another model."""


class LabelledResult(Labelled):
    """A result, whose units are those of a model that is not there: its name and a checksum of its weights."""

    def __init__(self, model: str, weights: str | None) -> None:
        self._model, self._weights = model, weights

    def _check_labels(self, labels: Labels) -> None:
        labels.belong(self._model, lambda: self._weights)


def as_labels(given: Any) -> Labels:
    """Labels, from labels, a mapping, or the path of a file."""
    if isinstance(given, Labels):
        return given
    if isinstance(given, (str, os.PathLike)):
        return Labels(given)
    labels = Labels()
    labels.change(dict(given or {}))
    return labels
