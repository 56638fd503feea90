"""Base class of widgets whose page may ask an atlas, whether a live view stands beside it or not."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import traitlets

from neuronwidget.stream.mailbox import Mailbox
from neuronwidget.stream.protocol import answers, asks
from neuronwidget.stream.worker import Worker
from neuronwidget.widgets.base.page import PageWidget

if TYPE_CHECKING:
    from neuronwidget.atlas.base import AtlasBase
    from neuronwidget.live.recording import Recording
    from neuronwidget.widgets.answers.answers import AtlasAnswers


class AtlasPage(PageWidget):
    """A widget whose page asks an atlas, where it has one; `atlas_info` is None where it has none.

    Searches for units have a thread of their own, so that no key waits for one; only what fires in the present input is
    recorded on the worker, as all that runs the model. Of searches the newest wins, and breaks off the one under way.
    """

    _answers: AtlasAnswers | None = None

    atlas_info = traitlets.Dict(default_value=None, allow_none=True).tag(sync=True)
    # Written by the page only, so that a saved notebook can show what was there; it never travels to the kernel.
    atlas_snapshot = traitlets.Dict().tag(sync=True, echo_update=False)

    def __init__(self, *args: Any, **traits: Any) -> None:
        self._searches: Mailbox[tuple[asks.AtlasAsk, Recording | None]] = Mailbox()
        self._searcher = Worker("neuronwidget: search")
        super().__init__(*args, **traits)

    @property
    def atlas(self) -> AtlasBase:
        """What every unit did over a data set."""
        if self._answers is None:
            closed = self._worker is None
            raise RuntimeError("This widget was closed." if closed else "This view has no atlas: give it one, atlas=.")
        return self._answers.context.atlas

    def _ask_atlas(self, ask: asks.AtlasAsk) -> None:
        if self._answers is None or ask.question != "find":
            super()._ask_atlas(ask)
        elif ask.params.get("fires") is True:
            older = self._enqueue(ask, "find")
            if older is not None:
                self._send_overtaken(older)
        else:
            self._search(ask, None)

    def _search(self, ask: asks.AtlasAsk, recorded: Recording | None) -> None:
        """Have the searching thread answer, on what was recorded of the present input where that is asked for."""
        if self._answers is None:
            self.send(answers.sign("closed"))
            return
        older = self._searches.put((ask, recorded))
        if older is not None:
            self._send_overtaken(older[0])
        self._searcher.serve(self.model_id, self._searches, self._find)

    def _find(self, search: tuple[asks.AtlasAsk, Recording | None]) -> None:
        """On the searching thread."""
        atlas = self._answers
        if atlas is not None:
            ask, recorded = search
            self.send(*atlas.answer(ask, atlas.context.searching(recorded, self._overtaken)))
            self.last_error = atlas.last_error or self.last_error

    def _overtaken(self) -> bool:
        return self._answers is None or self._searches.waiting() or self._box.waiting("find")

    def _send_overtaken(self, ask: asks.AtlasAsk) -> None:
        self.send(answers.atlas(ask.seq, ask.question, error="A newer search was asked for.", hint="Search again."))

    def _answer(self, message: Any) -> None:
        atlas = self._answers
        if atlas is None or not isinstance(message, asks.AtlasAsk):
            super()._answer(message)
            return
        if message.question == "find":
            try:
                recorded = atlas.context.record(message.params)
            except BaseException as error:  # whatever the model raises is an answer
                self.send(*atlas.refuse(message, error))
            else:
                self._search(message, recorded)
        else:
            self.send(*atlas.answer(message))
        self.last_error = atlas.last_error or self.last_error

    def close(self) -> None:
        """Free the atlas and all else that was kept; the page keeps its last picture and says so."""
        self._answers = None
        if self._worker is not None:
            self._searcher.forget(self.model_id)
        super().close()
