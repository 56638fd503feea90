"""Bundle for where no live view comes to life, a sentence and a picture; never raises and hardly waits."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from neuronwidget.stream.protocol.checks import readable
from neuronwidget.widgets.saved import html
from neuronwidget.widgets.saved.cell import PICTURES

MOST_WORDS = 1_000
#: JupyterLab and Notebook 7 put a row above a picture, in which stands "Error displaying widget: model not found" where
#: the live view is gone: words and no element. The picture says what is meant, so in notebooks that they trust that row
#: is not shown; from others they take this sheet away.
_WITHOUT_ERROR = (
    "<style>.jp-OutputArea-child:has(.jupyter-widgets):not(:has(.jupyter-widgets *))"
    ":has(+.jp-OutputArea-child .{name}){{display:none}}</style>"
)
#: Variable of the environment: seconds that the end of a cell waits for each picture.
WAIT = "NEURONWIDGET_PICTURE_SECONDS"
TO_LIFE = "To type, click and paint in it: pip install neuronwidget, open this notebook in Jupyter and run the cell."
HOW = f"This is a picture from when the cell ran. {TO_LIFE}"


@dataclass(frozen=True)
class Saved:
    """What a widget leaves in a saved notebook: a sentence, and parts of a picture in HTML, the first ones first."""

    words: str
    parts: tuple[str, ...] = ()


class Making:
    """A picture that is being made: whether it is late, and what there is of it so far."""

    def __init__(self) -> None:
        self.best: Saved | None = None
        self._late = threading.Event()

    def late(self) -> bool:
        """Does nobody wait for it any more?"""
        return self._late.is_set()

    def keep(self, saved: Saved) -> None:
        """Keep the best so far, which stands for the picture where more comes too late."""
        if not self.late():
            self.best = saved

    def stop(self) -> None:
        self._late.set()


@dataclass(frozen=True)
class Maker:
    """How a widget's picture is made, within `patience` seconds; where that fails or takes longer, what is `at_hand`.

    `name`: what its HTML is called by the widget's page, as a class.
    """

    name: str
    at_hand: Callable[[], Saved]
    make: Callable[[Making], Saved]
    patience: float

    def picture(self) -> dict[str, Any]:
        """A `text/html` and a `text/plain` that say what is shown."""
        saved = _made(self.make, self.patience) or self.at_hand()
        words = readable(f"{saved.words}\n{HOW}", MOST_WORDS)
        return {"text/plain": words, "text/html": html.together(saved.parts, HOW, self.name)}

    def output(self) -> dict[str, Any]:
        """The picture as an output of its own, below the live view."""
        picture = self.picture()
        return {**picture, "text/html": picture["text/html"] + _WITHOUT_ERROR.format(name=self.name)}


def with_saved(bundle: Any, maker: Maker) -> Any:
    """A bundle of mime types with a live view, and what is to be read without one.

    In a cell of a notebook that is a sentence, and the picture follows as an output of its own. Outside of cells
    nothing can follow: then the picture is in the bundle.
    """
    if bundle is None:
        return None
    data, metadata = bundle if isinstance(bundle, tuple) else (bundle, {})
    if not PICTURES.follow(maker.name, maker.output):
        return {**data, **maker.picture()}, metadata
    title = maker.at_hand().words.partition("\n")[0]
    return {**data, "text/plain": readable(f"{title}\n{TO_LIFE}", MOST_WORDS)}, metadata


def _seconds(patience: float) -> float:
    """What a person who executes notebooks for readers wants to wait, or else `patience`."""
    try:
        return float(os.environ.get(WAIT, ""))
    except ValueError:
        return patience


def _made(make: Callable[[Making], Saved], patience: float) -> Saved | None:
    """What `make` gives, or has kept when time is up; else None. On a thread of its own, which then ends by itself."""
    making = Making()

    def run() -> None:
        try:
            making.keep(make(making))
        except BaseException:  # also what a model meant for the interpreter; the live view tells it
            pass

    thread = threading.Thread(target=run, name="neuronwidget: saved picture", daemon=True)
    thread.start()
    thread.join(_seconds(patience))
    making.stop()
    return making.best
