"""Widget with the units that differ between groups of inputs: the CompareView."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import traitlets
from traitlets import TraitError

from neuronwidget.analysis.which.compare.result import Comparison
from neuronwidget.atlas.base import AtlasBase
from neuronwidget.live.labels.labelled import Labelled
from neuronwidget.live.model import LiveModel
from neuronwidget.live.structure.sites import Unit
from neuronwidget.stream.protocol import asks
from neuronwidget.stream.worker import Worker
from neuronwidget.widgets.answers.answers import Answers
from neuronwidget.widgets.answers.compared import ANSWERS, ComparisonContext, row_of
from neuronwidget.widgets.answers.results.comparison_info import comparison_info
from neuronwidget.widgets.base.atlas_widget import check_atlas
from neuronwidget.widgets.base.model_widget import ModelWidget, kind_of_live
from neuronwidget.widgets.base.page import worker_of
from neuronwidget.widgets.errors import words_of
from neuronwidget.widgets.results.result_view import ResultView, check_explorer
from neuronwidget.widgets.saved.bundle import Saved
from neuronwidget.widgets.saved.results.comparison import saved_comparison

if TYPE_CHECKING:
    import pandas as pd


class CompareView(ResultView[Comparison]):
    """Units that differ between groups of inputs: effect against certainty beside chance, a table, one unit closely.

    Of the unit that is chosen it shows the values in each group, and the inputs of each group to which it responds most
    strongly: all on inputs that had no part in finding it.

    Parameters
    ----------
    comparison
        From `nw.compare`.
    live
        The model; it shades texts by what the chosen unit does in them. By default that of the explorer.
    atlas
        What the units did over a data set: said of the chosen unit. By default that of the explorer.
    explorer
        A view of the live model: the chosen unit is shown there and the other way round, units can be pinned and
        switched off, and inputs open there.

    Attributes
    ----------
    unit : Unit or None
        The chosen unit; at first the best one.
    chosen : DataFrame
        Its values: group, document, value.
    member : int or None
        The document that was last opened in the explorer; setting it opens it there.

    Examples
    --------
    >>> import neuronwidget as nw
    >>> live = nw.demo("cancer")
    >>> explorer = nw.explore(live)                                            # doctest: +SKIP
    >>> comparison = nw.compare(live, {"malignant": rows_a, "benign": rows_b}) # doctest: +SKIP
    >>> view = nw.CompareView(comparison, explorer=explorer)                   # doctest: +SKIP
    >>> view.unit = "dense.0:3"                                                # doctest: +SKIP
    >>> view.chosen.groupby("group")["value"].median()                         # doctest: +SKIP
    """

    bundle = "results"

    comparison_info = traitlets.Dict(default_value=None, allow_none=True).tag(sync=True)
    member = traitlets.Int(None, allow_none=True).tag(sync=True, echo_update=False)

    _context: ComparisonContext | None = None

    def __init__(
        self,
        comparison: Comparison,
        live: LiveModel | None = None,
        atlas: AtlasBase | None = None,
        explorer: ModelWidget | None = None,
        **traits: Any,
    ) -> None:
        if not isinstance(comparison, Comparison):
            raise TypeError(f"{type(comparison).__name__} is no result of nw.compare: give nw.compare(live, groups).")
        check_explorer(explorer, comparison.sites)
        live = explorer.live if live is None and explorer is not None else live
        atlas = _atlas_of(explorer) if atlas is None else check_atlas(atlas)
        if live is not None:
            kind_of_live(live)
            if live.kind != comparison.kept.kind:
                raise ValueError(f"The groups are of {comparison.kept.kind}s, and {live.name} reads {live.kind}s.")
        self._context = ComparisonContext(comparison, live, atlas)
        worker = Worker("neuronwidget: comparison") if live is None else worker_of(live)
        info = comparison_info(comparison)
        if info["units"]["rows"]:
            traits.setdefault("unit", info["units"]["rows"][0]["unit"])
        super().__init__(comparison, worker, explorer, layout_kind="comparison", comparison_info=dict(info), **traits)

    @property
    def comparison(self) -> Comparison:
        """The comparison that is shown."""
        return self._shown()

    @property
    def chosen(self) -> pd.DataFrame:
        """The values of the chosen unit on the half that had no part in finding it: group, document, value."""
        if self.unit is None:
            raise RuntimeError('No unit is chosen: set one, view.unit = "dense.0:3".')
        return self.comparison.distributions(self.unit)

    def table(self) -> pd.DataFrame:
        """A row a unit, the best first."""
        return self.comparison.table()

    def has(self, unit: Unit) -> bool:
        try:
            row_of(self.comparison, unit)
        except KeyError:
            return False
        return True

    def _what_is_named(self) -> Labelled:
        context = self._context
        if context is None or context.live is None:
            return super()._what_is_named() if context is None or context.atlas is None else context.atlas
        return context.live

    @traitlets.validate("unit")
    def _compared_unit(self, proposal: Any) -> Any:
        unit = proposal["value"]
        if unit is not None and self._context is not None:
            try:
                row_of(self.comparison, unit)
            except KeyError as error:
                raise TraitError(words_of(error)) from error
        return unit

    @traitlets.observe("member")
    def _open_member(self, change: Any) -> None:
        """The linked view has it as its input."""
        explorer, context = self._explorer, self._context
        if change["new"] is None or context is None or explorer is None or explorer._live is None:
            return
        try:
            explorer.input = context.comparison.document(change["new"])
        except LookupError as error:  # of more inputs than could be kept
            raise TraitError(words_of(error)) from error

    def _answer(self, message: Any) -> None:
        """What one unit does; errors are answers too."""
        if isinstance(message, asks.AtlasAsk) and self._context is not None:
            answering = Answers("A comparison", self._context, ANSWERS)
            self.send(*answering.answer(message))
            self.last_error = answering.last_error or self.last_error

    def _picture(self, result: Comparison) -> Saved:
        return saved_comparison(result, self.unit)

    def close(self) -> None:
        """Let go of the comparison and of the linked view; the page keeps its last picture and says so."""
        super().close()
        self._context = None


def _atlas_of(explorer: ModelWidget | None) -> AtlasBase | None:
    over = None if explorer is None else explorer.over
    return over if isinstance(over, AtlasBase) else None
