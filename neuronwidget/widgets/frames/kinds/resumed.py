"""Passes and texts that edited models share which are made anew at every move of a slider, and their reader."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from torch import Tensor

from neuronwidget.live.inputs.text import Tokens
from neuronwidget.live.model import LiveModel
from neuronwidget.live.replica.trust import Trust
from neuronwidget.live.resume import Resume
from neuronwidget.live.structure.sites import Site
from neuronwidget.live.token_model import TokenModel
from neuronwidget.widgets.frames.offsets import Utf16


class Arrays:
    """Values of sites as arrays: the same array as long as the tensor is the same, which then was not made again."""

    def __init__(self) -> None:
        self._kept: dict[Site, tuple[Tensor, Any]] = {}

    def forget(self) -> None:
        self._kept.clear()

    def of(self, site: Site, tensor: Tensor, make: Callable[[Tensor], Any] = Tensor.numpy) -> Any:
        """The array that `make` makes of a tensor of a site."""
        kept = self._kept.get(site)
        if kept is None or kept[0] is not tensor:
            kept = self._kept[site] = tensor, make(tensor)
        return kept[1]


class TokenizedText:
    """One text after another cut into tokens; `offsets` in the text, as Python and as the page counts."""

    def __init__(self) -> None:
        self._tokens = Tokens("", [], [])
        self.offsets = Utf16("")

    def of(self, live: TokenModel, text: str) -> Tokens:
        """The tokens of the next text, which is often the same."""
        if text != self._tokens.text or not self._tokens.ids:
            self._tokens, self.offsets = live.inputs.tokens(text), Utf16(text)
        return self._tokens


class SharedPasses:
    """What passes of edited models over one input after another share: all that lies before the edits."""

    def __init__(self, live: LiveModel) -> None:
        self.resume, self.arrays, self.tokenized = Resume(live), Arrays(), TokenizedText()

    def forget(self) -> None:
        """Drop what is kept of the input."""
        self.resume.forget()
        self.arrays.forget()


class ResumedReader:
    """Records its first text from the first edited place on, and further ones from their first changed token on.

    `resume` is shared by the edited models of one widget: it keeps what lies before the edits.
    """

    def __init__(self, live: TokenModel, resume: Resume) -> None:
        self._live, self._resume = live, resume
        self._reader = live.reader()
        self._trust = Trust(live)
        self._first: list[int] | None = None
        self._rows: dict[Site, Tensor] = {}
        #: Tokens taken over from the pass before, in the last `read`; and are its tensors never written to again?
        self.reused, self.lasts = 0, True

    def forget(self) -> None:
        """Drop all memory."""
        self._reader.forget()
        self._resume.forget()
        self._first, self._rows = None, {}

    def read(
        self, ids: Sequence[int], sites: Sequence[Site], overtaken: Callable[[], bool] | None = None
    ) -> dict[Site, Tensor]:
        """What `sites` did on these tokens: float32 [tokens, units] each."""
        if self._first is None and ids:
            self._first = list(ids)
        if not ids or list(ids) != self._first:
            self._first, self._rows = [], {}  # somebody types: from now on tokens are reused
            rows = self._reader.read(ids, sites, overtaken)
            self.reused, self.lasts = self._reader.reused, self._reader.lasts
            return rows
        if not self._trust.holds():
            self._rows = {}
        missing = [site for site in sites if site not in self._rows]
        self.reused, self.lasts = 0 if missing else len(ids), True
        if missing:
            self._rows.update(self._resume.run(self._live, list(ids), missing, overtaken=overtaken).values)
        return {site: self._rows[site] for site in sites}
