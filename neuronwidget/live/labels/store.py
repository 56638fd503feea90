"""Store of labels: by the names of their units, in memory or in a file, over those that the model brought along."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from neuronwidget.live.labels.file import Content, LabelFile
from neuronwidget.live.labels.label import Label


class LabelStore:
    """Labels by unit.

    Attributes
    ----------
    file
        Where they are; None: in memory.
    beneath
        Labels that the model brought along: they show through where there is no other, and are not written.
    """

    def __init__(self, file: LabelFile | None = None) -> None:
        self.file = file
        self.beneath: LabelStore | None = None
        self._held = Content()

    def content(self) -> Content:
        """What is here, without what shows through."""
        return self._held if self.file is None else self.file.content()

    def label(self, unit: str) -> Label | None:
        """The label of one unit, without going through all of them."""
        label = self.content().labels.get(unit)
        if label is None and self.beneath is not None:
            return self.beneath.label(unit)
        return label if label is not None and label.words else None

    def labels(self) -> dict[str, Label]:
        """All labels that have words, those beneath included."""
        labels = {} if self.beneath is None else self.beneath.labels()
        labels |= self.content().labels
        return {unit: label for unit, label in labels.items() if label.words}

    def change(self, act: Callable[[Content], None]) -> None:
        """Change what is here at this moment."""
        if self.file is None:
            act(self._held)
        else:
            self.file.change(act)

    def rename(self, words: Mapping[str, str], author: str, date: str) -> None:
        """Give units labels, or with "" take them away; tests of a unit stay with it."""
        beneath = {} if self.beneath is None else self.beneath.labels()

        def act(content: Content) -> None:
            for unit, one in words.items():
                before = content.labels.get(unit)
                if one or unit in beneath:
                    tests = before.tests if before is not None else beneath[unit].tests if unit in beneath else ()
                    if before is None or before.words != one:
                        content.labels[unit] = Label(one, author, date, tests)
                else:
                    content.labels.pop(unit, None)

        self.change(act)
