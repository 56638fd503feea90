"""Reader of texts by an edited model that is made anew at every move of a slider."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from torch import Tensor

from neuronwidget.live.replica.trust import Trust
from neuronwidget.live.resume import Resume
from neuronwidget.live.structure.sites import Site
from neuronwidget.live.token_model import TokenModel


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
        #: Tokens taken over from the pass before, in the last `read`.
        self.reused = 0

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
            self.reused = self._reader.reused
            return rows
        if not self._trust.holds():
            self._rows = {}
        missing = [site for site in sites if site not in self._rows]
        self.reused = 0 if missing else len(ids)
        if missing:
            self._rows.update(self._resume.run(self._live, list(ids), missing, overtaken=overtaken).values)
        return {site: self._rows[site] for site in sites}
