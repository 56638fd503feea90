"""Edits made in views of a live model: one list for each live model, which all of its views show."""

from __future__ import annotations

import weakref
from collections.abc import Iterator
from contextlib import suppress
from typing import Any, Protocol

from neuronwidget.live.edits.edit import BaseEdit
from neuronwidget.live.edits.errors import EditError
from neuronwidget.live.model import LiveModel
from neuronwidget.stream.protocol.edits import read_edits
from neuronwidget.widgets.frames.edited import edit_of, look_up


class View(Protocol):
    """A view of a live model; `edits` as its trait has them."""

    edits: Any


class SharedEdits:
    """The edits that the views of one live model show, and these views.

    They are gone with the last view. `live.edits.in_views` says which are on.
    """

    def __init__(self, live: LiveModel) -> None:
        self._live = weakref.ref(live)
        self._views: weakref.WeakSet[View] = weakref.WeakSet()
        self.edits: list[dict[str, Any]] = []

    def join(self, view: View, *, brings: bool) -> None:
        """A view begins with the edits that are on; one that `brings` its own puts them on in all views."""
        self._views.add(view)
        if brings:
            self.put_on(view.edits)
        else:
            view.edits = self.edits

    def leave(self, view: View) -> None:
        """A view was closed."""
        self._views.discard(view)
        if not self._views:
            self.put_on([])

    def put_on(self, edits: list[dict[str, Any]]) -> None:
        """Puts edits on: from now on all views show these."""
        live = self._live()
        if live is None or edits == self.edits:
            return
        self.edits = edits
        live.edits_in_views = tuple(_that_act(live, edits))
        for view in list(self._views):
            if view.edits != edits:
                view.edits = edits


def _that_act(live: LiveModel, edits: list[dict[str, Any]]) -> Iterator[BaseEdit]:
    """Those that are on and can be made; why others cannot is said in the frames of the views."""
    for asked in look_up(read_edits(edits), live)[0]:
        with suppress(EditError, LookupError, ValueError, TypeError):
            yield edit_of(asked)


_shared: weakref.WeakKeyDictionary[LiveModel, SharedEdits] = weakref.WeakKeyDictionary()


def shared_edits(live: LiveModel) -> SharedEdits:
    """Those of a live model."""
    return _shared.setdefault(live, SharedEdits(live))
