"""Errors in words for the person at the page: what happened, and what to do."""

from __future__ import annotations

import traceback
from pathlib import Path

from neuronwidget.live.inputs.fixed import InputError
from neuronwidget.live.model import ModelGoneError


def explain(error: BaseException) -> tuple[str, str]:
    """What happened while a live model was asked, and what to do."""
    if isinstance(error, ModelGoneError):
        return str(error), "Attach the model again and show a new widget."
    if isinstance(error, InputError):
        return str(error), "The last good picture stays. Change the input to try again."
    if isinstance(error, KeyError):
        return str(error.args[0]), "Choose another site."
    return (
        with_place(error),
        "The last good picture stays. The exception is in widget.last_error; edit the text to try again.",
    )


def with_place(error: BaseException) -> str:
    """An error nobody foresaw: its kind, its words, and where it was raised."""
    last = traceback.extract_tb(error.__traceback__)[-1] if error.__traceback__ else None
    place = f" (in {last.name}, {Path(last.filename).name} line {last.lineno})" if last else ""
    return f"{type(error).__name__}: {error}{place}"
