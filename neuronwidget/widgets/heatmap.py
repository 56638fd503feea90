"""Widget with a map of units × tokens of one site: the Heatmap."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from neuronwidget.live.model import LiveModel
from neuronwidget.widgets.base.model_widget import ModelWidget, check_has_tokens
from neuronwidget.widgets.frames.order import order_units, parse_units

if TYPE_CHECKING:
    import pandas as pd


class Heatmap(ModelWidget):
    """A map of all units of a site over the tokens of a text.

    Examples
    --------
    >>> import neuronwidget as nw
    >>> nw.Heatmap(nw.demo("code"), "x = 'text'", site="mlp.2")    # doctest: +SKIP
    """

    def __init__(self, live: LiveModel, text: str = "", **traits: Any) -> None:
        check_has_tokens(live, type(self).__name__)
        super().__init__(live, text, layout_kind="heatmap", **traits)

    def table(self) -> pd.DataFrame:
        """What is shown, as a table: one row a token, one column a unit, ordered and filtered as the map is."""
        recording = self.live.record(self.input, sites=[self.site])
        values = recording[self.site].numpy()
        chosen = parse_units(self.view["filter"], values.shape[1])
        units = list(range(values.shape[1])) if chosen is None else chosen
        order = order_units(values[:, units], self.view["order"])
        return recording.table(self.site, units=[units[i] for i in order])
