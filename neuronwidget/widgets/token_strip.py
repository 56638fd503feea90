"""Widget with the text itself, each token shaded by one unit: the TokenStrip."""

from __future__ import annotations

from typing import Any

from neuronwidget.live.model import LiveModel
from neuronwidget.widgets.base.model_widget import ModelWidget, check_has_tokens


class TokenStrip(ModelWidget):
    """An editor whose tokens are shaded by what one unit does there.

    Parameters
    ----------
    live
        A live model.
    text
        The text to begin with.
    unit, pins, site
        What is shown; see `ModelWidget`.

    Examples
    --------
    >>> import neuronwidget as nw
    >>> nw.TokenStrip(nw.demo("code"), "x = 'text'", unit="mlp.2:417")    # doctest: +SKIP
    """

    def __init__(self, live: LiveModel, text: str = "", **traits: Any) -> None:
        check_has_tokens(live, type(self).__name__)
        super().__init__(live, text, layout_kind="strip", **traits)
