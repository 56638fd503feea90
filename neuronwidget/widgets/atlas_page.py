"""What widgets with an atlas share, whether a live view stands beside it or not."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import traitlets

from neuronwidget.stream import protocol
from neuronwidget.widgets.page import PageWidget

if TYPE_CHECKING:
    from neuronwidget.atlas.atlas import Atlas
    from neuronwidget.widgets.atlas_answers import AtlasAnswers


class AtlasPage(PageWidget):
    """A widget whose page asks an atlas."""

    _answers: AtlasAnswers | None = None

    atlas_info = traitlets.Dict().tag(sync=True)
    # Written by the page only, so that a saved notebook can show what was there; it never travels to the kernel.
    atlas_snapshot = traitlets.Dict().tag(sync=True, echo_update=False)

    @property
    def atlas(self) -> Atlas:
        """What every unit did over a data set."""
        if self._answers is None:
            raise RuntimeError("This widget was closed.")
        return self._answers.desk.atlas

    def _answer(self, message: Any) -> None:
        answers = self._answers
        if not isinstance(message, protocol.AtlasAsk):
            super()._answer(message)
        elif answers is not None:
            self.send(*answers.answer(message))
            self.last_error = answers.last_error or self.last_error

    def close(self) -> None:
        """Free the atlas and all else that was kept; the page keeps its last picture and says so."""
        self._answers = None
        super().close()
