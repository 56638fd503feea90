"""The Explorer: everything about one input, linked."""

from __future__ import annotations

from typing import Any

from neuronwidget.live.model import LiveModel
from neuronwidget.widgets.base import ModelWidget


class Explorer(ModelWidget):
    """Everything about one input of a live model: a text that one types in, a picture, a row of a table.

    The selection is shared: what is clicked in the page is `explorer.unit` and `explorer.selection` here, and setting
    them here moves the page. `explorer.frame()` gives the traces that are shown as a table.
    """

    def __init__(self, live: LiveModel, x: Any = "", **traits: Any) -> None:
        super().__init__(live, x, layout_kind="explorer", **traits)


def explore(live: LiveModel, x: Any = "", **traits: Any) -> Explorer:
    """Look into a live model.

    Parameters
    ----------
    live
        `nw.demo("code")`, or `nw.attach(…)` for a model of your own.
    x
        The text, picture or row to begin with. Type, paint or pull in the view to change it.
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
    return Explorer(live, x, **traits)
