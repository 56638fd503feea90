"""Widget with inputs that show what a unit does, side by side: the ExemplarGrid."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import traitlets

from neuronwidget.atlas.base import AtlasBase
from neuronwidget.live.model import LiveModel
from neuronwidget.live.structure.sites import Unit
from neuronwidget.stream.protocol.checks import ProtocolError
from neuronwidget.widgets.base.atlas_widget import AtlasWidget
from neuronwidget.widgets.base.exemplar_traits import ExemplarTraits
from neuronwidget.widgets.base.model_widget import ModelWidget
from neuronwidget.widgets.frames.kinds.registry import kind_of
from neuronwidget.widgets.saved.atlas_view import saved_grid
from neuronwidget.widgets.saved.bundle import Making, Saved

if TYPE_CHECKING:
    import pandas as pd


class ExemplarGrid(ExemplarTraits, AtlasWidget):
    """Exemplars of one unit: the text around each, shaded by the unit, in groups to choose from.

    Parameters
    ----------
    atlas
        From `nw.scan` or `nw.open_atlas`.
    unit
        What is shown; the first unit of the atlas by default.
    live
        An Explorer or another view of a live model, which is linked then: its unit is the grid's, and what is put into
        the editor becomes its input. Or a live model: it tells where in a document an exemplar's tokens stand.

    Attributes
    ----------
    picked : list of int
        The rows of `atlas.exemplars(unit)` that are selected.
    shown : dict
        `group`: "top", "intervals", "quantiles" or "bottom"; `context`: "5", "16" or "full" tokens of each.
    used : pandas.Series or None
        The exemplar that was last put into the editor; see also `on_use`. `text` is the whole document where all
        of it was put there.

    Examples
    --------
    >>> import neuronwidget as nw
    >>> grid = nw.ExemplarGrid(nw.open_atlas("atlas/"), unit="mlp.2:417")     # doctest: +SKIP
    >>> grid.selected                                  # what was picked in the page       # doctest: +SKIP
    """

    used = traitlets.Any(None, allow_none=True)

    _callbacks: tuple[Callable[[pd.Series], object], ...] = ()

    def __init__(
        self, atlas: AtlasBase, unit: Any = None, *, live: LiveModel | ModelWidget | None = None, **traits: Any
    ) -> None:
        super().__init__(atlas, live, unit=unit, layout_kind="exemplars", **traits)
        if self.unit is None:
            self.unit = self.atlas.first_unit()
        assert self._answers is not None
        self._answers.context.apply = self._apply

    def table(self) -> pd.DataFrame:
        """Table of all exemplars of the unit."""
        if self.unit is None:
            raise ValueError("No unit is chosen: set grid.unit.")
        return self.atlas.exemplars(self.unit)

    def on_use(self, callback: Callable[[pd.Series], object]) -> None:
        """Call a function whenever an exemplar is put into the editor, with the exemplar."""
        self._callbacks = (*self._callbacks, callback)

    def _apply(self, unit: Unit, key: int, whole: bool) -> str:
        table = self.table() if unit == self.unit else self.atlas.exemplars(unit)
        if not 0 <= key < len(table):
            raise ProtocolError(f"{unit} has {len(table)} exemplars, there is no number {key}.", "Reload the page.")
        row = table.loc[key]
        kind = kind_of(self.atlas.input)
        if whole and kind.has_tokens:
            row = row.copy()
            row["text"] = self.atlas.document(int(row["document"]))["text"]
        view = self._view
        if view is not None and view.live.kind != self.atlas.input:
            raise ProtocolError(f"The linked view shows no {self.atlas.input}.", "Link a view of such a model.")
        self.used = row
        if view is not None:
            view.input = row[self.atlas.kind.column]
        for callback in self._callbacks:
            callback(row)
        return "the linked view" if view is not None else "grid.used"

    def _saved(self, making: Making) -> Saved:
        assert self._answers is not None
        return saved_grid(type(self).__name__, self.atlas, self._answers.context.live, self.unit, self.shown["group"])

    def close(self) -> None:
        """Let go of the atlas, of the linked view and of the functions that are called."""
        self._callbacks = ()
        super().close()
