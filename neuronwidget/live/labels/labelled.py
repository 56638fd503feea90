"""What has labels: a live model, an atlas, a result; each takes those of its own model only."""

from __future__ import annotations

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
    def labels(self, labels: Any) -> None:
        before = self.labels
        self._labels = before.replaced(labels, self._check_labels)
        before.hand_over(self._labels)

    def _check_labels(self, labels: Labels) -> None:
        """Raises `LabelsError` where they are labels of another model."""


class LabelledResult(Labelled):
    """A result, whose units are those of a model that is not there: its name and a checksum of its weights."""

    def __init__(self, model: str, weights: str | None) -> None:
        self._model, self._weights = model, weights

    def _check_labels(self, labels: Labels) -> None:
        labels.belong(self._model, lambda: self._weights)
