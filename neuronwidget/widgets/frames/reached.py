"""Records what can be recorded where a pass failed: sites are left out, each with what stood in its way."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TypeVar

from neuronwidget.live.capture import CaptureError, not_reached
from neuronwidget.live.edits.errors import EditError
from neuronwidget.live.errors import BusyError, ModelGoneError
from neuronwidget.live.inputs.tensors import InputError

P = TypeVar("P")
V = TypeVar("V")

#: They concern the input, the edits or the model as a whole, and no place in it.
_OF_ALL = (InputError, ModelGoneError, BusyError, EditError)


def record_reached(
    run: Callable[[Sequence[P]], Mapping[P, V]], places: Sequence[P], error: Exception
) -> tuple[Mapping[P, V], dict[P, Exception]]:
    """Run the model for as many of `places` as can be had; all of them together raised `error`.

    They stand in the order in which the model comes to them. One that it did not reach, or whose values make no sense,
    is left out, and the model runs again for the others. Where it raises on its way, those before are recorded.

    Returns
    -------
    What was recorded, and the error of each place that was not.
    """
    failed: dict[P, Exception] = {}
    left = list(places)
    while True:
        if isinstance(error, _OF_ALL):
            raise error
        if not isinstance(error, CaptureError):
            values, reached = _before(run, left)
            return values, {**failed, **dict.fromkeys(left[reached:], error)}
        named: tuple[object, ...] = error.sites
        blamed = {place: _alone(error, place) for place in left if place in named}
        if not blamed:
            raise error
        failed.update(blamed)
        left = [place for place in left if place not in failed]
        if not left:
            return {}, failed
        try:
            return run(left), failed
        except Exception as other:
            error = other


def _alone(error: CaptureError, place: object) -> Exception:
    """The same of one of the sites that an error names."""
    return error if len(error.sites) == 1 else not_reached([site for site in error.sites if site == place])


def _before(run: Callable[[Sequence[P]], Mapping[P, V]], places: Sequence[P]) -> tuple[Mapping[P, V], int]:
    """As many of the first places as can be recorded, and how many that are; all of them together cannot."""
    values: Mapping[P, V] = {}
    good, bad = 0, len(places)
    tried = bad - 1  # most often it is the last one alone: the model's head
    while good < bad - 1:
        try:
            values, good = run(places[:tried]), tried
        except _OF_ALL:
            raise
        except Exception:
            bad = tried
        tried = (good + bad) // 2
    return values, good
