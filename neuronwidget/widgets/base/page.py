"""Base class of widgets whose page asks questions: messages come in, and go through a mailbox to a worker."""

from __future__ import annotations

import threading
import weakref
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import traitlets

from neuronwidget.live.labels.label import LabelsError
from neuronwidget.live.labels.labelled import Labelled
from neuronwidget.live.model import LiveModel
from neuronwidget.live.structure.sites import Unit
from neuronwidget.stream.kernel import run_dependents
from neuronwidget.stream.mailbox import Mailbox
from neuronwidget.stream.protocol import answers, asks
from neuronwidget.stream.protocol.checks import ProtocolError
from neuronwidget.stream.protocol.shared import TRAITS_FROM_PAGE
from neuronwidget.stream.worker import Worker
from neuronwidget.widgets.base.traits import LabelsTrait, UnitTrait, labels_from_page, unit_to_json
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
        What units are called, by unit: `{"mlp.2:417": "inside a string"}`, as the labels of what is shown say: those of
        the live model, or of the atlas. A person names units in the page. Set it whole, `view.labels = {**view.labels,
        "mlp.2:3": "digits"}`, or to labels of a file, `view.labels = nw.Labels("labels.json")`: what is named in the
        view is then written there.
    evidence : dict
        Of labels that were tested the words, "held up", "failed" or "untested", and what tests said.
    status : str
        What the page last said of itself: "not shown", "live", "error: …".
    """

    from_page = (*TRAITS_FROM_PAGE, "snapshot", "atlas_snapshot")

    _worker: Worker | None = None

    layout_kind = traitlets.Unicode("").tag(sync=True)
    unit = UnitTrait(None, allow_none=True).tag(sync=True, echo_update=False, to_json=unit_to_json)
    labels = LabelsTrait().tag(sync=True, echo_update=False, from_json=labels_from_page)
    evidence = traitlets.Dict().tag(sync=True)
    status = traitlets.Unicode("not shown").tag(sync=True, echo_update=False)

    def __init__(self, worker: Worker, **traits: Any) -> None:
        self._box: Mailbox[Any] = Mailbox()
        #: What has the labels, and of units that these spell otherwise than the view how they do.
        self._named: Labelled = self._what_is_named()
        self._spelt: dict[str, str] = {}
        given = traits.pop("labels", None)
        names = self._names() if given is None or isinstance(given, dict) else given
        super().__init__(labels={**names, **given} if isinstance(given, dict) else names, **traits)
        self.evidence = self._evidence()
        self._named.labels.observe(self._show_labels)
        self._worker = worker
        worker.serve(self.model_id, self._box, self._answer)

    # ---- labels ----------------------------------------------------------------------------------------

    def _what_is_named(self) -> Labelled:
        """What has the labels that are shown: a live model, an atlas; else they are the view's own."""
        return Labelled()

    def known_unit(self, unit: Unit) -> Unit:
        """A unit that gets a name, as this view writes it; raises where it is none."""
        return unit

    def take_labels(self, labels: Any) -> dict[str, str]:
        """Labels, or the path of their file, become those of what is shown; returns the names."""
        self._named.labels = labels
        return self._names()

    def _names(self) -> dict[str, str]:
        """What units that this view knows are called."""
        names = {}
        self._spelt = {}
        for name, words in self._named.labels.items():
            try:
                unit = str(self.known_unit(Unit.parse(name)))
            except (ValueError, LookupError, OverflowError):
                continue  # of a site that is not there, such as that of an autoencoder
            names[unit], self._spelt[unit] = words, str(name)
        return names

    def _evidence(self) -> dict[str, list[str]]:
        evidence = self._named.labels.evidence()
        return {unit: evidence[name] for unit, name in self._spelt.items() if name in evidence}

    def _show_labels(self) -> None:
        """They were changed, here or elsewhere."""
        if self._worker is not None:
            self.labels = self._names()
            self.evidence = self._evidence()

    @traitlets.observe("labels")
    def _change_labels(self, change: Any) -> None:
        """What was named or renamed in this view is so everywhere."""
        old, new = change["old"] or {}, change["new"]
        labels = self._named.labels
        names = {
            self._spelt.get(unit, unit): new.get(unit) for unit in {**old, **new} if old.get(unit) != new.get(unit)
        }
        names = {name: words for name, words in names.items() if labels.get(name) != words}
        if not names:
            return
        try:
            labels.change(names)
        except LabelsError:
            self._show_labels()
            raise

    # ---- messages --------------------------------------------------------------------------------------

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
        self._named = Labelled()
        super().close()
