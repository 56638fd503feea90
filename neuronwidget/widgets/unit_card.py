"""Widget with all that is known of one unit, and the live input marked in it: the UnitCard."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from neuronwidget.analysis.inspect.card import Card, check_order, unit_card
from neuronwidget.live.model import LiveModel
from neuronwidget.widgets.explorer import Explorer

if TYPE_CHECKING:
    from neuronwidget.atlas.base import AtlasBase


class UnitCard(Explorer):
    """What one unit did over a data set: how often and how strongly it fires, and what goes with it.

    Beside the card stands the input, to be changed like that of an Explorer: what the unit does there is marked in the
    histogram at every change, with its rank among the exemplars. These are below, with their texts, pictures or rows,
    and what is picked of them is `card.selected`. `card.card()` has the card in Python.

    Parameters
    ----------
    live, atlas
        The live model, and what `nw.scan` made of it.
    unit
        Any spelling; the first unit of the atlas by default.
    x
        The text, picture or row to begin with.

    Examples
    --------
    >>> import neuronwidget as nw
    >>> nw.UnitCard(live, atlas, "mlp.2:417", "def f(x):")           # doctest: +SKIP
    """

    def __init__(self, live: LiveModel, atlas: AtlasBase, unit: Any = None, x: Any = "", **traits: Any) -> None:
        check_order(type(self).__name__, live, atlas)
        super().__init__(live, x, atlas=atlas, layout_kind="card", **traits)
        self.unit = unit if unit is not None else self.atlas.first_unit()

    def card(self) -> Card:
        """Tables of what is shown."""
        if self.unit is None:
            raise ValueError("No unit is chosen: set card.unit.")
        return unit_card(self.live, self.atlas, self.unit)
