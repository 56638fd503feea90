"""Widget with what a model leans on and should not: the ShortcutView."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import traitlets
from traitlets import TraitError

from neuronwidget.analysis.which.shortcuts.result import Shortcuts
from neuronwidget.live.labels.labelled import Labelled
from neuronwidget.live.model import LiveModel
from neuronwidget.live.structure.sites import Unit
from neuronwidget.stream.worker import Worker
from neuronwidget.widgets.answers.results.shortcuts_info import shortcuts_info
from neuronwidget.widgets.base.model_widget import ModelWidget, kind_of_live
from neuronwidget.widgets.errors import words_of
from neuronwidget.widgets.results.result_view import ResultView, check_explorer
from neuronwidget.widgets.saved import html
from neuronwidget.widgets.saved.bundle import Saved

if TYPE_CHECKING:
    import pandas as pd


class ShortcutView(ResultView[Shortcuts]):
    """What a model leans on, told in order: the data alone, candidates, what holding them does, where they look.

    Parameters
    ----------
    shortcuts
        From `nw.shortcuts`.
    live
        The model: its names of units are shown. By default that of the explorer.
    explorer
        A view of the live model: the chosen unit is shown there and the other way round, units can be pinned and
        switched off.

    Attributes
    ----------
    unit : Unit or None
        The chosen unit, one that was tried; at first the best one.

    Examples
    --------
    >>> import neuronwidget as nw
    >>> live = nw.demo("digits-shortcut")
    >>> shortcuts = nw.shortcuts(live, pictures, labels)                       # doctest: +SKIP
    >>> view = nw.ShortcutView(shortcuts, explorer=nw.explore(live))           # doctest: +SKIP
    """

    bundle = "results"

    shortcuts_info = traitlets.Dict(default_value=None, allow_none=True).tag(sync=True)

    _live: LiveModel | None = None

    def __init__(
        self,
        shortcuts: Shortcuts,
        live: LiveModel | None = None,
        explorer: ModelWidget | None = None,
        **traits: Any,
    ) -> None:
        if not isinstance(shortcuts, Shortcuts):
            raise TypeError(
                f"{type(shortcuts).__name__} is no result of nw.shortcuts: give nw.shortcuts(live, data, labels)."
            )
        linked = check_explorer(explorer, shortcuts.sites)
        if live is not None:
            kind_of_live(live)
            self._live = live
        if shortcuts.looks:
            traits.setdefault("unit", shortcuts.looks[0].unit)
        info = dict(shortcuts_info(shortcuts))
        super().__init__(
            shortcuts, Worker("neuronwidget: shortcuts"), linked, layout_kind="shortcuts", shortcuts_info=info, **traits
        )

    @property
    def shortcuts(self) -> Shortcuts:
        """The result that is shown."""
        return self._shown()

    def table(self) -> pd.DataFrame:
        """A row a unit that was tried, the shortcuts first."""
        return self.shortcuts.table()

    def has(self, unit: Unit) -> bool:
        return self._result is not None and str(unit) in {look.unit for look in self._result.looks}

    def _what_is_named(self) -> Labelled:
        return super()._what_is_named() if self._live is None else self._live

    @traitlets.validate("unit")
    def _tried_unit(self, proposal: Any) -> Any:
        unit = proposal["value"]
        if unit is not None and self._result is not None:
            try:
                self._result.look(unit)
            except KeyError as error:
                raise TraitError(words_of(error)) from error
        return unit

    def _picture(self, result: Shortcuts) -> Saved:
        info = shortcuts_info(result)
        told = [(row["property"], row["tells"], _number(row["auroc"])) for row in info["properties"][:4]]
        goes = [candidate["cells"][1] for candidate in info["units"]["rows"]]
        gains = [(row["unit"], row["state"], row["gain"], max(row["random"], default=None)) for row in info["gains"]]
        rows = [
            (html.called(unit, label), state, _number(gain), _number(best), with_)
            for (unit, state, gain, best), label, with_ in zip(gains, result.table()["label"], goes, strict=True)
        ]
        parts = [html.title(info["verdict"])]
        parts += [html.table(told, ["the data alone", "tells", "AUROC"])] if told else []
        parts += [html.table(rows, ["unit", "is", "gain", "best random", "goes with"])] if rows else []
        parts += [html.line(words) for words in info["sets"]]
        return Saved(info["verdict"], tuple(parts))


def _number(value: float | None) -> str:
    return "–" if value is None else f"{value:.3f}"
