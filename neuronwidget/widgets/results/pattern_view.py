"""Widget with the inputs that a site treats alike: the PatternView."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from neuronwidget.analysis.patterns.result import Patterns
from neuronwidget.live.labels.labelled import Labelled, LabelledResult
from neuronwidget.live.model import LiveModel
from neuronwidget.stream.protocol import asks
from neuronwidget.stream.worker import Worker
from neuronwidget.widgets.answers.answers import Answers
from neuronwidget.widgets.answers.members import ANSWERS, PatternContext, marker
from neuronwidget.widgets.answers.results.pattern_info import patterns_info
from neuronwidget.widgets.base.model_widget import ModelWidget, kind_of_live
from neuronwidget.widgets.base.pattern_traits import PatternTraits, Placed, check_patterns
from neuronwidget.widgets.saved.bundle import Making, Saved
from neuronwidget.widgets.saved.results.patterns import saved_patterns

if TYPE_CHECKING:
    import pandas as pd


class PatternView(PatternTraits):
    """Inputs that a site treats alike: a map, patterns as rows with their inputs, labels, and what sets them apart.

    With a live model it has that model's editor, and the input in it is placed in the map and in its pattern at every
    key.

    Parameters
    ----------
    patterns
        From `nw.patterns`.
    live
        The model that they were found in.
    flow
        The patterns of another site over the same data: then both stand side by side, with how the ones split and merge
        into the others.
    x
        With a live model: the input to begin with; a typical one of the steadiest pattern by default.

    Attributes
    ----------
    pattern : int or None
        The chosen pattern; −1: the inputs in none.
    chosen : DataFrame
        The inputs that are chosen in the page: by a pattern, a label, a part of the map.

    Examples
    --------
    >>> import neuronwidget as nw
    >>> live = nw.demo("digits")
    >>> patterns = nw.patterns(live, live.inputs.gallery, "dense.0")           # doctest: +SKIP
    >>> view = nw.PatternView(patterns, live)                                  # doctest: +SKIP
    >>> view.pattern = 3                                                       # doctest: +SKIP
    >>> view.chosen["label"].value_counts()                                    # doctest: +SKIP
    """

    bundle = "results"

    def __new__(cls, patterns: Any = None, live: LiveModel | None = None, *args: Any, **traits: Any) -> PatternView:
        """With a live model it is a view of that, too."""
        view: PatternView = super().__new__(LivePatternView if cls is PatternView and live is not None else cls)
        return view

    def __init__(
        self, patterns: Patterns, live: LiveModel | None = None, flow: Patterns | None = None, **traits: Any
    ) -> None:
        self._layers = _layers(patterns, flow, None)
        super().__init__(Worker("neuronwidget: patterns"), **_shown(self._layers), **traits)

    @property
    def patterns(self) -> Patterns:
        """The patterns that are shown."""
        return self._first()

    def table(self) -> pd.DataFrame:
        """A row a pattern, the most stable first."""
        return self._first().table()

    def _what_is_named(self) -> Labelled:
        rests_on = self._first().provenance
        return LabelledResult(rests_on.model, rests_on.weights)

    def _answer(self, message: Any) -> None:
        """Inputs of a pattern; errors are answers too."""
        if not isinstance(message, asks.AtlasAsk):
            super()._answer(message)
        elif self._layers:
            answering = Answers("A view of patterns", PatternContext(self._layers, self._shown_by), ANSWERS)
            self.send(*answering.answer(message))
            self.last_error = answering.last_error or self.last_error

    @property
    def _shown_by(self) -> LiveModel | None:
        """The live model that shows members, where there is one."""
        return None

    def _saved(self, making: Making) -> Saved:
        return saved_patterns(self._layers)

    def _at_hand(self) -> Saved:
        return saved_patterns(self._layers)

    def close(self) -> None:
        """Let go of the patterns; the page keeps its last picture and says so."""
        super().close()
        self._layers = ()


class LivePatternView(PatternView, ModelWidget):
    """The same with the editor of a live model, whose input is placed among the others."""

    def __init__(
        self,
        patterns: Patterns,
        live: LiveModel | None = None,
        flow: Patterns | None = None,
        x: Any = None,
        **traits: Any,
    ) -> None:
        kind_of_live(live)
        assert live is not None
        self._layers = _layers(patterns, flow, live)
        if "site" not in traits and "unit" not in traits:
            traits |= _first_look(self._layers[0])
        x = _first_input(self._layers[0]) if x is None else x
        ModelWidget.__init__(self, live, x, **_shown(self._layers), **traits)
        assert self._builder is not None
        self._builder.patterns = tuple(map(Placed, self._layers))

    @property
    def _shown_by(self) -> LiveModel | None:
        return self._live

    def _what_is_named(self) -> Labelled:
        return self.live


def _layers(patterns: Patterns, flow: Patterns | None, live: LiveModel | None) -> Sequence[Patterns]:
    first = check_patterns(patterns, live)
    if flow is None:
        return (first,)
    second = check_patterns(flow, live)
    first.flow(second)  # raises in a sentence where they have no input in common
    return first, second


def _shown(layers: Sequence[Patterns]) -> dict[str, Any]:
    return {"layout_kind": "patterns", "patterns_info": dict(patterns_info(layers, layers[0].kept.kind))}


def _first_look(patterns: Patterns) -> dict[str, Any]:
    """The site of the patterns, and the unit that sets the steadiest one apart."""
    table = patterns.table()
    unit = None if table.empty else marker(patterns, int(table["pattern"].iloc[0]))
    return {"site": patterns.site} if unit is None else {"unit": unit}


def _first_input(patterns: Patterns) -> Any:
    """A typical input of the steadiest pattern; the first of all where there is none."""
    table, inputs = patterns.table(), patterns.inputs
    own = inputs if table.empty else inputs[inputs["pattern"] == table["pattern"].iloc[0]]
    if own.empty:
        return ""
    typical = own.sort_values("membership", ascending=False, kind="stable")["document"].iloc[0]
    try:
        return patterns.document(int(typical))
    except LookupError:
        return ""
