"""Charts of atlases with altair (extra `report`).

The chart of a few thousand units carries its numbers with it. In a notebook, `UnitScatter` is the same chart with a
brush whose units come back to Python.
"""

from __future__ import annotations

import contextlib
import importlib
import importlib.util
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, Protocol

from traitlets import TraitError

from neuronwidget.analysis.theme import altair, themed
from neuronwidget.atlas.states import STATES

if TYPE_CHECKING:
    import pandas as pd

    from neuronwidget.atlas.atlas import Atlas

#: Colours of the states, told apart by people who see no red or green as well (Okabe and Ito's), on light and dark.
STATE_COLOURS = ("#999999", "#d55e00", "#e69f00", "#cc79a7", "#0072b2", "#009e73")
_AXES = {
    "density": "density (share above zero)",
    "max": "largest value",
    "min": "smallest value",
    "std": "spread of its values (standard deviation)",
    "mean": "mean value",
}
#: A picture that carries more units than these is slow to open: a random part is drawn instead, and said.
MOST_DRAWN = 20_000
_BRUSH, _PICK, _UNIT = "brush", "pick", "unit_shown"
#: Columns that a scatter may have upwards, the plainest first.
_UPWARDS = ("max", "std", "mean")
#: A column spreads where the middle four fifths of a site's units take more of its range than this.
_SPREAD = 0.1


def unit_scatter(
    atlas: Atlas,
    x: str = "density",
    y: str | None = None,
    *,
    units: pd.DataFrame | None = None,
    sites: str | Sequence[str] | None = None,
    log: Sequence[str] = ("density",),
    width: int = 520,
    height: int = 320,
) -> Any:
    """Every unit as a point, coloured by state: an altair chart whose brush is the selection `brush`.

    A click on a point is the selection `pick`, and the parameter `unit_shown` has a ring around its unit.

    Parameters
    ----------
    x, y
        Columns of `atlas.units`, or of `units`. Without `y`, largest values; where these are all alike, as those of a
        bounded activation are, the spread of each unit's values.
    units
        What is drawn, as `nw.find_units` gives it; None: all units of `sites`.
    log
        Which of x and y have a logarithmic axis. Units at or below zero there, dead ones most of all, are drawn at the
        foot of the axis.

    Examples
    --------
    >>> nw.unit_scatter(nw.demo("code").atlas(), sites="mlp.1")               # doctest: +SKIP
    """
    alt = altair()
    y = spreading(atlas, units, sites) if y is None else y
    table, title = _drawn(atlas, units, sites, (x, y), log)
    brush = alt.selection_interval(name=_BRUSH)
    pick = alt.selection_point(name=_PICK, fields=["unit"], empty=False)
    shown = f"datum.unit === {_UNIT}"
    chart = (
        alt.Chart(table)
        .mark_circle(opacity=0.75, stroke="#e0218a")
        .encode(
            x=alt.X(f"{x}_drawn:Q", title=_axis(x, log), scale=_scale(alt, x, log), axis=alt.Axis(labelSeparation=8)),
            y=alt.Y(f"{y}_drawn:Q", title=_axis(y, log), scale=_scale(alt, y, log)),
            color=alt.condition(brush, _colour_of_state(alt), alt.value("#8884")),
            size=alt.condition(shown, alt.value(110), alt.value(22)),
            strokeWidth=alt.condition(shown, alt.value(2.5), alt.value(0)),
            tooltip=["unit:N", "state:N", *[alt.Tooltip(f"{name}:Q", format=".4g") for name in dict.fromkeys((x, y))]],
        )
        .add_params(brush, pick, alt.param(name=_UNIT, value=""))
        .properties(width=width, height=height, title=title)
    )
    return themed(chart)


def _colour_of_state(alt: Any) -> Any:
    """States by colour; below the chart, so that all of it is seen in a page of 600 pixels."""
    scale = alt.Scale(domain=list(STATES), range=list(STATE_COLOURS))
    words = "datum.label == 'ok' ? 'ok: none of these' : datum.label"
    legend = alt.Legend(orient="bottom", symbolStrokeWidth=0, labelExpr=words)
    return alt.Color("state:N", scale=scale, title="state", legend=legend)


def spreading(atlas: Atlas, units: pd.DataFrame | None = None, sites: str | Sequence[str] | None = None) -> str:
    """The plainest of `max`, `std` and `mean` in which the units of every site lie apart; else that with the most."""
    import numpy as np

    from neuronwidget.analysis.inspect.find import find_units

    table = find_units(atlas, sites=sites, order="unit") if units is None else units
    least: dict[str, float] = {}
    for name in _UPWARDS:
        if name not in table:
            continue
        of_sites = [np.asarray(part, np.float64) for _, part in table[name].groupby(level="site")]
        least[name] = min((_apart(values[np.isfinite(values)]) for values in of_sites), default=0.0)
        if least[name] >= _SPREAD:
            return name
    return max(least, key=lambda name: least[name], default="max")


def _apart(values: Any) -> float:
    """How much of the range of some values, from zero on, their middle four fifths take."""
    import numpy as np

    if len(values) < 2:
        return 1.0
    size = max(float(np.abs(values).max()), 1e-30)
    low, high = np.quantile(values, (0.1, 0.9))
    return float(high - low) / size


def _scale(alt: Any, name: str, log: Sequence[str]) -> Any:
    return alt.Scale(type="log" if name in log else "linear", nice=True, zero=False)


def _axis(name: str, log: Sequence[str]) -> str:
    words = _AXES.get(name, name)
    return f"{words}, logarithmic" if name in log else words


def _drawn(
    atlas: Atlas,
    units: pd.DataFrame | None,
    sites: str | Sequence[str] | None,
    axes: tuple[str, str],
    log: Sequence[str],
) -> tuple[pd.DataFrame, Any]:
    """The rows that are drawn, with the columns `…_drawn` for places on the axes, and the title that counts them."""
    import numpy as np

    from neuronwidget.analysis.inspect.find import find_units

    table = find_units(atlas, sites=sites, order="unit") if units is None else units
    missing = [name for name in axes if name not in table]
    if missing:
        numbers = [name for name in table.columns if table[name].dtype.kind in "if"]
        raise ValueError(f"The units have no column {missing[0]!r}; there are {', '.join(numbers)}.")
    title = f"{len(table):,} units"
    if len(table) > MOST_DRAWN:
        table = table.sample(MOST_DRAWN, random_state=0).sort_index()
        title = f"{MOST_DRAWN:,} of {title}, drawn at random"
    drawn = table[list(dict.fromkeys((*axes, "state")))].reset_index()
    drawn["unit"] = drawn["site"] + ":" + drawn["unit"].astype(str)
    for name in axes:
        values = drawn[name].to_numpy(np.float64)
        if name in log:
            above = values[np.isfinite(values) & (values > 0)]
            values = np.where(values > 0, values, above.min() / 2 if len(above) else 1e-6)
        drawn[f"{name}_drawn"] = np.where(np.isfinite(values), values, np.nan)
    return drawn.dropna(subset=[f"{name}_drawn" for name in axes]), title


class LinkedView(Protocol):
    """A view that has a unit: an Explorer."""

    unit: Any

    def observe(self, handler: Callable[[Any], None], names: str, /) -> None: ...
    def unobserve(self, handler: Callable[[Any], None], names: str, /) -> None: ...


class UnitScatter:
    """The scatter of units in a notebook; `selected` is what the brush holds.

    Parameters
    ----------
    live
        An Explorer, or another view of a unit: a click on a point shows that unit there, and the unit that is shown
        there has a ring here. The other arguments are those of `unit_scatter`.

    Examples
    --------
    >>> import neuronwidget as nw
    >>> scatter = nw.UnitScatter(nw.open_atlas("atlas/"), live=explorer)      # doctest: +SKIP
    >>> scatter.selected                                        # after a brush   # doctest: +SKIP
    """

    def __init__(
        self,
        atlas: Atlas,
        x: str = "density",
        y: str | None = None,
        *,
        live: LinkedView | None = None,
        **settings: Any,
    ) -> None:
        alt = altair()
        y = spreading(atlas, settings.get("units"), settings.get("sites")) if y is None else y
        self.atlas, self._axes = atlas, (x, y)
        log = settings.get("log", ("density",))
        self._log = tuple(log)
        units = settings.get("units")
        self._table, _ = _drawn(atlas, units, settings.get("sites"), self._axes, self._log)
        self._units = atlas.units if units is None else units
        #: The altair chart by itself.
        self.chart = unit_scatter(atlas, x, y, **settings)
        if importlib.util.find_spec("vl_convert") is not None:
            alt.JupyterChart.enable_offline()  # else altair's page asks a server for Vega
        #: The widget that a notebook shows.
        self.widget = alt.JupyterChart(self.chart)
        self._view = live
        self.widget.selections.observe(self._picked, names=[_PICK])
        if live is not None:
            live.observe(self._follow, "unit")
            self._follow({"new": live.unit})

    @property
    def selected(self) -> pd.DataFrame:
        """The units in the brush, as rows of `atlas.units`; none without a brush."""
        brushed = self._brushed()
        return self._units.loc[brushed] if brushed else self._units.iloc[:0]

    def _picked(self, change: Any) -> None:
        """A point was clicked: the linked view shows its unit, where it has it."""
        chosen = change["new"].value
        if chosen and self._view is not None:
            # A model without that unit leaves its view as it is.
            with contextlib.suppress(TraitError):
                self._view.unit = chosen[0]["unit"]

    def _follow(self, change: Any) -> None:
        """The linked view shows another unit."""
        unit = change["new"]
        setattr(self.widget.params, _UNIT, "" if unit is None else str(unit))

    def _brushed(self) -> list[tuple[str, int]]:
        chosen = getattr(self.widget.selections, _BRUSH).value or {}
        if not chosen:
            return []
        table = self._table
        for name in self._axes:
            low, high = sorted(chosen.get(f"{name}_drawn", (-float("inf"), float("inf"))))
            table = table[table[f"{name}_drawn"].between(low, high)]
        return [(site, int(unit.rpartition(":")[2])) for site, unit in zip(table["site"], table["unit"], strict=True)]

    def observe(self, handler: Any) -> None:
        """Call a function with the units in the brush whenever it moves."""
        self.widget.selections.observe(lambda _: handler(self.selected), names=[_BRUSH])

    def close(self) -> None:
        """Let go of the linked view, of the chart in the page, and of the layout that was made for it."""
        view, self._view = self._view, None
        if view is not None:
            view.unobserve(self._follow, "unit")
        layout = self.widget.layout
        self.widget.close()
        layout.close()

    def _repr_mimebundle_(self, **settings: Any) -> Any:
        return self.widget._repr_mimebundle_(**settings)
