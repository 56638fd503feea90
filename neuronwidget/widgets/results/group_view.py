"""Widget with groups of units that behave alike: the GroupView."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import traitlets
from traitlets import TraitError

from neuronwidget.analysis.groups.result import UnitGroups
from neuronwidget.live.structure.sites import Unit
from neuronwidget.stream.protocol.shared import LIMITS
from neuronwidget.stream.worker import Worker
from neuronwidget.widgets.answers.results.group_info import cells_of, groups_info
from neuronwidget.widgets.base.model_widget import ModelWidget
from neuronwidget.widgets.errors import words_of
from neuronwidget.widgets.results.result_view import ResultView, check_explorer
from neuronwidget.widgets.saved import html
from neuronwidget.widgets.saved.bundle import Saved
from neuronwidget.widgets.saved.picture import png_of_cells

if TYPE_CHECKING:
    import pandas as pd


class GroupView(ResultView[UnitGroups]):
    """Units that behave alike: their correlations in order, and for each group what its units share.

    Parameters
    ----------
    groups
        From `nw.groups`.
    explorer
        A view of the live model: the units of the chosen group are pinned there, and the chosen unit is that of both.

    Attributes
    ----------
    group : int or None
        The chosen group.
    units : list of Unit
        Its units.

    Examples
    --------
    >>> import neuronwidget as nw
    >>> explorer = nw.explore(live, "def f(x):")                               # doctest: +SKIP
    >>> view = nw.GroupView(nw.groups(live, documents, "mlp.2"), explorer)     # doctest: +SKIP
    >>> view.group = 2                  # its units are pinned in the Explorer   # doctest: +SKIP
    """

    bundle = "results"

    groups_info = traitlets.Dict(default_value=None, allow_none=True).tag(sync=True)
    group = traitlets.Int(None, allow_none=True).tag(sync=True, echo_update=False)

    def __init__(self, groups: UnitGroups, explorer: ModelWidget | None = None, **traits: Any) -> None:
        if not isinstance(groups, UnitGroups):
            raise TypeError(f"{type(groups).__name__} is no result of nw.groups: give nw.groups(live, data, site).")
        check_explorer(explorer, groups.sites)
        info = dict(groups_info(groups))
        super().__init__(
            groups, Worker("neuronwidget: groups"), explorer, layout_kind="groups", groups_info=info, **traits
        )

    @property
    def groups(self) -> UnitGroups:
        """The groups that are shown."""
        return self._shown()

    @property
    def units(self) -> list[Unit]:
        """The units of the chosen group."""
        return [] if self.group is None else self.groups.group(self.group).units

    def table(self) -> pd.DataFrame:
        """A row a group, those that stand first."""
        return self.groups.table()

    def has(self, unit: Unit) -> bool:
        return self._result is not None and str(unit) in set(self._result.units["unit"])

    @traitlets.validate("group")
    def _known_group(self, proposal: Any) -> Any:
        value = proposal["value"]
        if value is not None and self._result is not None:
            try:
                self._result.group(value)
            except LookupError as error:
                raise TraitError(words_of(error)) from error
        return value

    @traitlets.observe("group")
    def _pin_units(self, change: Any) -> None:
        """The group's units are the Explorer's pins."""
        if self.linked and self._result is not None:
            self.pins = self.units[: LIMITS["pins"]]

    def _picture(self, result: UnitGroups) -> Saved:
        cells, words = cells_of(result), f"Correlations of {len(result.units):,} units, in the order of their groups"
        picture = html.image(png_of_cells(cells, False), words, 280, 280) if cells.size else ""
        names = ["group", "units", "correlation", "low", "high", "stands", "shared", "members"]
        table = result.table().head(12)
        rows = [[row[name] for name in names if name in row] for row in table.to_dict("records")]
        parts = (html.title(result.verdict), picture, html.table(rows, [name for name in names if name in table]))
        return Saved(result.verdict, parts)
