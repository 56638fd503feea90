"""What widgets with an atlas share, whether a live view stands beside it or not."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import traitlets

from neuronwidget.stream.mailbox import Mailbox
from neuronwidget.stream.protocol import asks as protocol
from neuronwidget.stream.worker import Worker
from neuronwidget.widgets.base.page import PageWidget

if TYPE_CHECKING:
    from neuronwidget.atlas.atlas import Atlas
    from neuronwidget.live.recording import Recording
    from neuronwidget.widgets.answers.answers import AtlasAnswers


class AtlasPage(PageWidget):
    """A widget whose page asks an atlas.

    Searches for units have a thread of their own, so that no key waits for one; only what fires in the present input is
    recorded on the worker, as all that runs the model. Of searches the newest wins, and breaks off the one under way.
    """

    _answers: AtlasAnswers | None = None

    atlas_info = traitlets.Dict().tag(sync=True)
    # Written by the page only, so that a saved notebook can show what was there; it never travels to the kernel.
    atlas_snapshot = traitlets.Dict().tag(sync=True, echo_update=False)

    def __init__(self, *args: Any, **traits: Any) -> None:
        self._searches: Mailbox[tuple[protocol.AtlasAsk, Recording | None]] = Mailbox()
        self._searcher = Worker("neuronwidget: search")
        super().__init__(*args, **traits)

    @property
    def atlas(self) -> Atlas:
        """What every unit did over a data set."""
        if self._answers is None:
            raise RuntimeError("This widget was closed.")
        return self._answers.desk.atlas

    def _ask_atlas(self, ask: protocol.AtlasAsk) -> None:
        if ask.want != "find":
            super()._ask_atlas(ask)
        elif ask.about.get("fires") is True:
            older = self._drop(ask, "find")
            if older is not None:
                self._send_overtaken(older)
        else:
            self._search(ask, None)

    def _search(self, ask: protocol.AtlasAsk, recorded: Recording | None) -> None:
        """Have the searching thread answer, on what was recorded of the present input where that is asked for."""
        if self._answers is None:
            self.send(protocol.sign("closed"))
            return
        older = self._searches.put((ask, recorded))
        if older is not None:
            self._send_overtaken(older[0])
        self._searcher.serve(self.model_id, self._searches, self._find)

    def _find(self, search: tuple[protocol.AtlasAsk, Recording | None]) -> None:
        """On the searching thread."""
        answers = self._answers
        if answers is not None:
            ask, recorded = search
            self.send(*answers.answer(ask, answers.desk.searching(recorded, self._overtaken)))
            self.last_error = answers.last_error or self.last_error

    def _overtaken(self) -> bool:
        return self._answers is None or self._searches.waiting() or self._box.waiting("find")

    def _send_overtaken(self, ask: protocol.AtlasAsk) -> None:
        self.send(protocol.atlas(ask.seq, ask.want, error="A newer search was asked for.", hint="Search again."))

    def _answer(self, message: Any) -> None:
        answers = self._answers
        if not isinstance(message, protocol.AtlasAsk):
            super()._answer(message)
            return
        if answers is None:
            return
        if message.want == "find":
            try:
                recorded = answers.desk.record(message.about)
            except BaseException as error:  # whatever the model raises is an answer
                self.send(*answers.refuse(message, error))
            else:
                self._search(message, recorded)
        else:
            self.send(*answers.answer(message))
        self.last_error = answers.last_error or self.last_error

    def close(self) -> None:
        """Free the atlas and all else that was kept; the page keeps its last picture and says so."""
        self._answers = None
        if self._worker is not None:
            self._searcher.forget(self.model_id)
        super().close()
