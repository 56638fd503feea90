"""What views of an atlas share: the atlas bundle, what the page must know at first, and the way of its questions."""

from __future__ import annotations

from typing import Any

import anywidget
import traitlets
from traitlets import TraitError

from neuronwidget.atlas.atlas import Atlas
from neuronwidget.live.model import LiveModel
from neuronwidget.stream import protocol
from neuronwidget.stream.kernel import keep_default_shell, mend_replies
from neuronwidget.widgets.atlas_answers import AtlasAnswers
from neuronwidget.widgets.atlas_desk import Desk
from neuronwidget.widgets.base import _STATIC, ModelWidget
from neuronwidget.widgets.traits import UnitTrait, unit_to_json


def atlas_info(atlas: Atlas) -> dict[str, Any]:
    """What the page must know of an atlas before it asks anything; `AtlasInfo` in `js/src/atlas/protocol.ts`."""
    done = atlas.manifest["done"]
    return {
        "model": atlas.manifest["model"],
        "input": atlas.input,
        "documents": int(done["documents"]),
        "tokens": int(done["tokens"]),
        "sites": [
            {"name": site.name, "kind": site.kind, "width": site.width, "layer": site.layer} for site in atlas.sites
        ],
    }


def check_atlas(atlas: object) -> Atlas:
    """Refuses what is no atlas in a sentence."""
    if not isinstance(atlas, Atlas):
        raise TypeError(f"{type(atlas).__name__} is not an atlas: give nw.scan(…) or nw.open_atlas('folder').")
    return atlas


class AtlasWidget(anywidget.AnyWidget):
    """A view of an atlas. Traits are two-way: setting them in Python moves the page.

    Attributes
    ----------
    unit : Unit or None
        The unit that is shown; any spelling can be set.
    status : str
        What the page last said of itself.
    """

    _esm = _STATIC / "atlas.js"
    _css = _STATIC / "atlas.css"

    _answers: AtlasAnswers | None = None

    layout_kind = traitlets.Unicode("").tag(sync=True)
    atlas_info = traitlets.Dict().tag(sync=True)
    unit = UnitTrait(None, allow_none=True).tag(sync=True, echo_update=False, to_json=unit_to_json)
    status = traitlets.Unicode("not shown").tag(sync=True, echo_update=False)
    # Written by the page only, so that a saved notebook can show what was there; it never travels to the kernel.
    atlas_snapshot = traitlets.Dict().tag(sync=True, echo_update=False)

    def __init__(
        self, atlas: Atlas, *, live: LiveModel | None = None, view: ModelWidget | None = None, **traits: Any
    ) -> None:
        self._answers = AtlasAnswers(Desk(check_atlas(atlas), live, view))
        super().__init__(atlas_info=atlas_info(atlas), **traits)
        mend_replies()
        if self.comm is not None:
            keep_default_shell(self.comm)
        self.on_msg(self._receive)

    @property
    def atlas(self) -> Atlas:
        """The atlas."""
        if self._answers is None:
            raise RuntimeError("This widget was closed.")
        return self._answers.desk.atlas

    @property
    def last_error(self) -> BaseException | None:
        """The last exception that was answered with an error."""
        return None if self._answers is None else self._answers.last_error

    @traitlets.validate("unit")
    def _known_unit(self, proposal: Any) -> Any:
        value = proposal["value"]
        if value is None or self._answers is None:
            return value
        try:
            return self.atlas.sites.unit(value)
        except (KeyError, IndexError, ValueError) as error:
            raise TraitError(str(error.args[0])) from error

    def _receive(self, _: Any, content: Any, buffers: Any) -> None:
        """A message from the page. Reading a unit takes milliseconds, so it is answered at once."""
        try:
            message = protocol.read(content, buffers or ())
        except protocol.ProtocolError as error:
            self.send(protocol.error(error.seq, str(error), error.hint))
            return
        answers = self._answers
        if answers is None:
            self.send(protocol.note("closed"))
        elif isinstance(message, protocol.AtlasAsk):
            self.send(*answers.answer(message))
        elif isinstance(message, protocol.Set):
            self._apply(message.changes)
        elif isinstance(message, protocol.Signal) and message.kind == "hello":
            self.send(protocol.note("ready"))

    def _apply(self, changes: Any) -> None:
        """Set traits as the person set them in the page, without sending them back there."""
        try:
            self.set_state(dict(changes))
        except Exception as error:
            self.send(protocol.error(-1, f"Python could not take the change: {error}", "The page is unchanged."))

    def close(self) -> None:
        """Let go of the atlas; the page keeps its last picture and says so."""
        if self._answers is not None:
            self._answers = None
            self.send(protocol.note("closed"))
        super().close()
