"""The Explorer: everything about one input, linked."""

from __future__ import annotations

from typing import Any

from neuronwidget.live.model import LiveModel
from neuronwidget.widgets.base import ModelWidget


class Explorer(ModelWidget):
    """Text, overview, heatmap, strongest units, guesses and traces of a live model, all following the text.

    The selection is shared: what is clicked in the page is `explorer.unit` and `explorer.selection` here, and setting
    them here moves the page. `explorer.frame()` gives the traces that are shown as a table.
    """

    def __init__(self, live: LiveModel, text: str = "", **traits: Any) -> None:
        super().__init__(live, text, layout_kind="explorer", **traits)


def explore(live: LiveModel, text: str = "", **traits: Any) -> Explorer:
    """Look into a live model.

    Parameters
    ----------
    live
        `nw.demo("code")`, or `nw.attach(…)` for a model of your own.
    text
        The text to begin with. Type in the view to change it.
    site, unit, pins
        What is shown at first: `site="mlp.2"`, `unit="mlp.2:417"`, `pins=["mlp.1:3"]`.

    Returns
    -------
    Explorer, which a notebook shows as the last value of a cell.

    Examples
    --------
    >>> import neuronwidget as nw
    >>> explorer = nw.explore(nw.demo("code"), "def greet(name):")    # doctest: +SKIP
    >>> explorer.unit = "mlp.2:417"                                    # doctest: +SKIP
    """
    return Explorer(live, text, **traits)
