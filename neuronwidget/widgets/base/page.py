"""Base class of widgets whose page asks questions: messages come in, and go through a mailbox to a worker."""

from __future__ import annotations

import threading
import weakref
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import traitlets

from neuronwidget.live.model import LiveModel
from neuronwidget.live.structure.sites import Unit
from neuronwidget.stream.kernel import run_dependents
from neuronwidget.stream.mailbox import Mailbox
from neuronwidget.stream.protocol import answers, asks
from neuronwidget.stream.protocol.checks import ProtocolError
from neuronwidget.stream.protocol.shared import TRAITS_FROM_PAGE
from neuronwidget.stream.worker import Worker
from neuronwidget.widgets.base.traits import LabelsTrait, UnitTrait, unit_to_json
from neuronwidget.widgets.base.widget import OwnWidget

if TYPE_CHECKING:
    from neuronwidget.atlas.base import AtlasBase

#: What a page says of itself, which nobody's cell is about.
_OF_THE_PAGE = frozenset({"status", "snapshot", "atlas_snapshot"})
_workers: weakref.WeakKeyDictionary[LiveModel | AtlasBase, Worker] = weakref.WeakKeyDictionary()
_workers_lock = threading.Lock()


def worker_of(asked: LiveModel | AtlasBase) -> Worker:
    """The one worker of a live model, which does all of its torch work, or of an atlas without one."""
    name = asked.name if isinstance(asked, LiveModel) else "atlas"
    with _workers_lock:
        return _workers.setdefault(asked, Worker(f"neuronwidget: {name}"))


class PageWidget(OwnWidget):
    """A widget whose page asks questions. Traits are two-way: setting them in Python moves the page.

    Attributes
    ----------
    unit : Unit or None
        The unit that is shown; any spelling can be set.
    labels : dict of str
        What units are called, by unit: `{"mlp.2:417": "inside a string"}`; a person names units in the page. Set it
        whole: `view.labels = {**view.labels, "mlp.2:3": "digits"}`. What stands in brackets at the end of a name is
        its evidence, which lists leave out.
    status : str
        What the page last said of itself: "not shown", "live", "error: …".
    """

    from_page = (*TRAITS_FROM_PAGE, "snapshot", "atlas_snapshot")

    _worker: Worker | None = None

    layout_kind = traitlets.Unicode("").tag(sync=True)
    unit = UnitTrait(None, allow_none=True).tag(sync=True, echo_update=False, to_json=unit_to_json)
    labels = LabelsTrait().tag(sync=True, echo_update=False)
    status = traitlets.Unicode("not shown").tag(sync=True, echo_update=False)

    def __init__(self, worker: Worker, **traits: Any) -> None:
        self._box: Mailbox[Any] = Mailbox()
        super().__init__(**traits)
        self._worker = worker
        worker.serve(self.model_id, self._box, self._answer)

    def known_unit(self, unit: Unit) -> Unit:
        """A unit that gets a name, as this view writes it; raises where it is none."""
        return unit

    def _receive(self, _: Any, content: Any, buffers: Any) -> None:
        """A message from the page. May come on the main thread or on another: it only puts the request into a box."""
        try:
            message = asks.read(content, buffers or ())
        except ProtocolError as error:
            self.send(answers.error(error.seq, str(error), error.hint))
            return
        if isinstance(message, asks.Set):
            self._set_traits(message.changes)
        elif isinstance(message, asks.AtlasAsk):
            self._ask_atlas(message)
        elif isinstance(message, asks.Signal) and message.kind == "hello":
            self.send(answers.sign("ready" if self._worker is not None else "closed"))
        else:
            self._on_message(message)

    def _ask_atlas(self, ask: asks.AtlasAsk) -> None:
        self._enqueue(ask, f"atlas {ask.seq}")  # a slot of its own: none may be lost

    def _on_message(self, message: Any) -> None:
        """Another message, which not all widgets know."""

    def _answer(self, message: Any) -> None:
        """On the worker: what was enqueued. Errors are answers too."""

    def _enqueue(self, message: Any, slot: str) -> Any:
        """Put it where the worker finds it. Returns the older message whose place it takes."""
        worker = self._worker
        if worker is None:
            self.send(answers.sign("closed"))
            return None
        older = self._box.put(message, slot)
        worker.wake()
        return older

    def _set_traits(self, changes: Mapping[str, Any]) -> None:
        """Set traits as the person set them in the page, without sending them back there."""
        if changes:
            self.set_state(dict(changes))
            if changes.keys() - _OF_THE_PAGE:
                run_dependents(self.comm, {"status": self.status})

    def close(self) -> None:
        """Free all that was kept; the page keeps its last picture and says so."""
        worker, self._worker = self._worker, None
        if worker is not None:
            worker.forget(self.model_id)
            self.send(answers.sign("closed"))
        self.last_error = None
        super().close()
