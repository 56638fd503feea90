"""Puts what is saved into the bundle of a widget's output, beside the live view; never raises and never waits long."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from neuronwidget.stream.protocol.checks import readable
from neuronwidget.widgets.saved import html

#: Seconds that a cell waits for the picture at most: a model may be slow, or busy elsewhere.
PATIENCE = 4.0
MOST_WORDS = 1_000
HOW = (
    "This is a picture from when the cell ran. To type, click and paint in it: pip install neuronwidget, "
    "open this notebook in Jupyter and run the cell."
)


@dataclass(frozen=True)
class Saved:
    """What a widget leaves in a saved notebook: a sentence, and parts of a picture in HTML, the first ones first."""

    words: str
    parts: tuple[str, ...] = ()


#: Makes it; asked now and then whether that is still wanted.
Maker = Callable[[Callable[[], bool]], Saved]


def with_saved(bundle: Any, plain: str, make: Maker) -> Any:
    """A bundle of mime types with a `text/html` and a `text/plain` that say what is shown.

    The live view stays in it, and notebooks prefer that one. Where making the picture fails or takes too long, `plain`
    stands for it.
    """
    if bundle is None:
        return None
    data, metadata = bundle if isinstance(bundle, tuple) else (bundle, {})
    saved = _made(make) or Saved(plain, (html.title(plain),))
    words = readable(f"{saved.words}\n{HOW}", MOST_WORDS)
    return {**data, "text/plain": words, "text/html": html.together(saved.parts, HOW)}, metadata


def _made(make: Maker) -> Saved | None:
    """What `make` gives; None where it raises or takes too long. On a thread of its own, which then ends by itself."""
    results: list[Saved] = []
    late = threading.Event()

    def run() -> None:
        try:
            results.append(make(late.is_set))
        except BaseException:  # also what a model meant for the interpreter; the live view tells it
            pass

    thread = threading.Thread(target=run, name="neuronwidget: saved picture", daemon=True)
    thread.start()
    thread.join(PATIENCE)
    late.set()
    return results[0] if results else None
