"""Widget with the units that are out of order: the HealthView."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import traitlets
from traitlets import TraitError

from neuronwidget.analysis.which.health.result import COLOURS, Health
from neuronwidget.analysis.which.health.words import ORDINARY, STATES
from neuronwidget.live.structure.sites import Unit
from neuronwidget.stream.worker import Worker
from neuronwidget.widgets.answers.answers import AtlasAnswers
from neuronwidget.widgets.answers.context import AtlasContext
from neuronwidget.widgets.answers.results.health_info import health_info
from neuronwidget.widgets.base.atlas_page import AtlasPage
from neuronwidget.widgets.base.atlas_widget import atlas_info, check_atlas
from neuronwidget.widgets.base.model_widget import ModelWidget
from neuronwidget.widgets.base.page import worker_of
from neuronwidget.widgets.results.result_view import ResultView, check_explorer
from neuronwidget.widgets.saved import html
from neuronwidget.widgets.saved.bundle import Saved

if TYPE_CHECKING:
    import pandas as pd

    from neuronwidget.atlas.base import AtlasBase

_ROWS = 20
_PART = "display:inline-block;height:10px"
_WIDE: dict[str, Any] = {"state": None, "site": None}


class HealthView(AtlasPage, ResultView[Health]):
    """Which units are dead, not seen, rare, dense or saturated: a bar a site, and a row a unit with the reason.

    Parameters
    ----------
    health
        From `nw.health`.
    explorer
        A view of the live model: a unit that is clicked is chosen there, and the other way round.
    atlas
        Says of the chosen unit what it did over the data set.

    Attributes
    ----------
    unit : Unit or None
        The chosen unit.
    narrowed : dict
        What the rows are narrowed to: `state` and `site`, None for all of them.

    Examples
    --------
    >>> import neuronwidget as nw
    >>> live = nw.demo("digits")                                                # doctest: +SKIP
    >>> view = nw.HealthView(nw.health(live.atlas()), nw.explore(live))         # doctest: +SKIP
    >>> view.narrowed = {"state": "dead"}                                       # doctest: +SKIP
    """

    bundle = "results"

    health_info = traitlets.Dict(default_value=None, allow_none=True).tag(sync=True)
    narrowed = traitlets.Dict(_WIDE).tag(sync=True, echo_update=False)

    def __init__(
        self,
        health: Health,
        explorer: ModelWidget | None = None,
        atlas: AtlasBase | None = None,
        **traits: Any,
    ) -> None:
        if not isinstance(health, Health):
            raise TypeError(f"{type(health).__name__} is no result of nw.health: give nw.health(atlas).")
        linked = check_explorer(explorer, health.layers["site"])
        worker = Worker("neuronwidget: health")
        if atlas is not None:
            for site in health.layers["site"]:
                check_atlas(atlas).sites.resolve(site)
            self._answers = AtlasAnswers(AtlasContext(atlas, None if linked is None else linked.live, linked))
            traits["atlas_info"], worker = atlas_info(atlas), worker_of(atlas if linked is None else linked.live)
        info = dict(health_info(health))
        super().__init__(health, worker, linked, layout_kind="health", health_info=info, **traits)

    @property
    def health(self) -> Health:
        """The result that is shown."""
        return self._shown()

    def table(self) -> pd.DataFrame:
        """The units that are out of order, a row each, narrowed to the chosen state and site."""
        table = self.health.table()
        for column, wanted in self.narrowed.items():
            table = table if wanted is None else table[table[column] == wanted]
        return table.reset_index(drop=True)

    def has(self, unit: Unit) -> bool:
        return self._result is not None and unit.site in self._result.layers["site"].tolist()

    @traitlets.validate("narrowed")
    def _whole_narrowed(self, proposal: Any) -> dict[str, Any]:
        """Of both there is a value, which is one that there is."""
        given = {**_WIDE, **proposal["value"]}
        there = {"state": [state for state in STATES if state != ORDINARY]}
        there["site"] = [] if self._result is None else self._result.layers["site"].tolist()
        for name, value in given.items():
            if name not in there:
                raise TraitError(f"narrowed= has {name!r}; there are state and site.")
            if value is not None and there[name] and value not in there[name]:
                raise TraitError(f"There is no {name} {value!r}; there are {', '.join(there[name])}.")
        return given

    def _picture(self, result: Health) -> Saved:
        table = self.table().head(_ROWS)
        rows = [
            (html.called(row["unit"], row["label"]), row["state"], row["reason"]) for row in table.to_dict("records")
        ]
        parts = [html.title(result.verdict), *(_bar(row) for row in result.layers.to_dict("records"))]
        return Saved(result.verdict, (*parts, html.table(rows, ["unit", "state", "why"])))


def _bar(row: dict[Any, Any]) -> str:
    """The units of a site by state, as a bar of one line."""
    parts = "".join(
        f'<span style="{_PART};width:{100 * row[state] / row["units"]:.2f}%;background:{colour}"></span>'
        for state, colour in zip(STATES, COLOURS, strict=True)
        if row[state]
    )
    words = ", ".join(f"{row[state]:,} {'ordinary' if state == ORDINARY else state}" for state in STATES if row[state])
    line = html.line(f"{row['site']}: {words}", quiet=True)
    return f'{line}<div style="max-width:480px;line-height:0">{parts}</div>'
