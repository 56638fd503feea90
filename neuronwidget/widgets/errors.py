"""Words for errors, for the person at the page: what happened, and what to do."""

from __future__ import annotations

import traceback
from pathlib import Path

from neuronwidget.live.capture import CaptureError
from neuronwidget.live.edits.errors import EditError
from neuronwidget.live.errors import AttachError, ModelGoneError
from neuronwidget.live.inputs.tensors import InputError
from neuronwidget.stream.protocol.checks import ProtocolError, readable

#: What this package refuses with such an error says in a sentence what to do.
TOLD = (AttachError, CaptureError, EditError, ValueError)
MOST_WORDS = 4_000
PACKAGE = Path(__file__).parents[1]


def explain(error: BaseException) -> tuple[str, str]:
    """What happened while a live model was asked, and what to do. Raises nothing, whatever the error is like."""
    if isinstance(error, ModelGoneError):
        return words_of(error), "Attach the model again and show a new widget."
    if isinstance(error, ProtocolError):
        return words_of(error), error.hint
    if isinstance(error, InputError):
        return words_of(error), "The last good picture stays. Change the input to try again."
    if is_told(error):
        return words_of(error), "Choose another site."
    return (
        with_place(error),
        "The last good picture stays. The exception is in widget.last_error; edit the text to try again.",
    )


def explain_panel(error: BaseException) -> tuple[str, str]:
    """Explains the error of one panel of a frame, whose others are there."""
    if isinstance(error, (CaptureError, InputError)) or is_told(error):
        return words_of(error), ""
    return with_place(error), "The exception is in widget.last_error."


def in_place(error: BaseException) -> str:
    """Explains the error of a question beside a frame, in the place of its answer."""
    return (words_of(error) if isinstance(error, TOLD) or is_told(error) else "") or with_place(error)


def is_told(error: BaseException) -> bool:
    """Is it a look-up that this package refused in a sentence? Those of a model's own code hold a bare key."""
    if not isinstance(error, LookupError) or " " not in words_of(error):
        return False
    place = _place(error)
    return place is not None and PACKAGE in Path(place.filename).parents


def words_of(error: BaseException) -> str:
    """What an error says of itself, without the quotes that a KeyError puts around it; "" where it says nothing.

    >>> words_of(KeyError("There is no site.")), words_of(KeyError())
    ('There is no site.', '')
    """
    try:
        looked_up = isinstance(error, LookupError) and len(error.args) == 1 and isinstance(error.args[0], str)
        return readable(str(error.args[0]) if looked_up else str(error), MOST_WORDS)
    except Exception:  # an error of the user's own, whose `__str__` raises
        return ""


def with_place(error: BaseException) -> str:
    """An error nobody foresaw: its kind, its words, and where it was raised."""
    last, words = _place(error), words_of(error)
    place = f" (in {last.name}, {Path(last.filename).name} line {last.lineno})" if last else ""
    return readable(f"{type(error).__name__}{': ' if words else ''}{words}{place}", MOST_WORDS)


def _place(error: BaseException) -> traceback.FrameSummary | None:
    """The line that raised it; None where that cannot be told."""
    try:
        return traceback.extract_tb(error.__traceback__)[-1] if error.__traceback__ else None
    except Exception:  # lines of code may come from a loader of the user's own
        return None
