"""Traits of widgets that show patterns of inputs: which are chosen, and the input that is opened in the editor."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import traitlets
from numpy.typing import NDArray
from traitlets import TraitError

from neuronwidget.stream.protocol.checks import readable
from neuronwidget.widgets.answers.chosen import WIDE, is_chosen, read_narrowed
from neuronwidget.widgets.base.page import PageWidget
from neuronwidget.widgets.errors import words_of

if TYPE_CHECKING:
    import pandas as pd

    from neuronwidget.analysis.patterns.result import Patterns
    from neuronwidget.live.model import LiveModel

_NAME = 60


class PatternTraits(PageWidget):
    """A widget with patterns of inputs, of one layer or of two; `patterns_info` is None where it has none.

    Attributes
    ----------
    pattern : int or None
        The chosen pattern; −1: the inputs in none. None: all inputs.
    narrowed : dict
        What else narrows the chosen inputs: `label`, `to` (a pattern of the second layer), `brush` (a part of a map:
        the number of its layer, left, right, bottom, top).
    member : int or None
        The document that was last opened in the editor; setting it opens it there.
    """

    patterns_info = traitlets.Dict(default_value=None, allow_none=True).tag(sync=True)
    pattern = traitlets.Int(None, allow_none=True).tag(sync=True, echo_update=False)
    narrowed = traitlets.Dict(WIDE).tag(sync=True, echo_update=False)
    member = traitlets.Int(None, allow_none=True).tag(sync=True, echo_update=False)

    _layers: Sequence[Patterns] = ()

    @property
    def chosen(self) -> pd.DataFrame:
        """The chosen inputs, a row an input, as `patterns.members()` has them."""
        first = self._first()
        kept = is_chosen(self._layers, self.pattern, self.narrowed)
        return first.members()[kept].reset_index(drop=True)

    def _first(self) -> Patterns:
        if not self._layers:
            raise RuntimeError("This view has no patterns: give it some, patterns=nw.patterns(live, data, site).")
        return self._layers[0]

    @traitlets.validate("pattern")
    def _known_pattern(self, proposal: Any) -> Any:
        value = proposal["value"]
        if value is None or value == -1 or not self._layers:
            return value
        numbers = self._layers[0].table()["pattern"].tolist()
        if value not in numbers:
            there = f"0 to {max(numbers)}, and −1 for inputs in none" if numbers else "none at all"
            raise TraitError(f"There is no pattern {value}: there are {there}.")
        return value

    @traitlets.validate("narrowed")
    def _whole_narrowed(self, proposal: Any) -> dict[str, Any]:
        try:
            return read_narrowed(proposal["value"])
        except ValueError as error:
            raise TraitError(str(error)) from error

    @traitlets.validate("member")
    def _known_member(self, proposal: Any) -> Any:
        value = proposal["value"]
        if value is not None and self._layers and value not in self._layers[0].inputs["document"].to_numpy():
            raise TraitError(f"There is no input {value} among those that the patterns are of.")
        return value

    @traitlets.observe("member")
    def _open_member(self, change: Any) -> None:
        """A view of a live model has it as its input."""
        if change["new"] is None or not self._layers or not self.has_trait("input"):
            return
        try:
            self.input = self._layers[0].document(change["new"])
        except LookupError as error:  # of more inputs than could be kept
            raise TraitError(words_of(error)) from error


class Placed:
    """Patterns as a panel of frames needs them, with the names of inputs at hand."""

    def __init__(self, patterns: Patterns) -> None:
        self.site, self._placer = patterns.site, patterns.placer
        self._names = dict(zip(patterns.inputs["document"], patterns.inputs["name"], strict=True))
        self._shown: dict[int, str] = {}

    def place_values(self, values: NDArray[np.float32], nearest: int) -> Any:
        return self._placer.place_values(values, nearest)

    def name_of(self, document: int) -> str:
        if document not in self._shown:
            self._shown[document] = readable(str(self._names.get(document, document)), _NAME)
        return self._shown[document]


def check_patterns(patterns: object, live: LiveModel | None = None) -> Patterns:
    """Refuses what are no patterns, or none of this model, in a sentence."""
    from neuronwidget.analysis.patterns.result import Patterns

    if not isinstance(patterns, Patterns):
        raise TypeError(f"{type(patterns).__name__} is no result of nw.patterns: give nw.patterns(live, data, site).")
    if live is not None:
        if patterns.kept.kind != live.kind:
            raise ValueError(f"The patterns are of the kind {patterns.kept.kind}, and {live.name} reads {live.kind}s.")
        live.sites.resolve(patterns.site)
    return patterns
