"""Widget with a running scan: how far it is, buttons that keep what is done, exemplars that fill in."""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Sequence
from typing import Any

import traitlets

from neuronwidget.atlas.scan.observer import Done, Plan, ScanObserver, ScanPaused, TimeLeft
from neuronwidget.live.structure.sites import Unit
from neuronwidget.stream.protocol.checks import ProtocolError, plain, readable
from neuronwidget.widgets.base.widget import OwnWidget
from neuronwidget.widgets.errors import words_of
from neuronwidget.widgets.saved import html
from neuronwidget.widgets.saved.bundle import Making, Saved

_SHARE = 0.03  # of the time may go into looking for exemplars
_LOOKS, _UPDATES = 1.0, 0.25  # seconds between two of them, at least
_NOTHING_DONE = {"documents": 0, "tokens": 0, "rate": None, "seconds": 0.0, "left": None, "total": None}


class ScanProgress(ScanObserver, OwnWidget):
    """What `nw.scan` shows in a notebook.

    Pause holds the scan where it is, with everything saved, until "Go on"; Cancel ends it with `ScanPaused`, and so
    does an interrupt of the kernel. The same call goes on from there. The buttons are heard while the cell runs where
    the notebook gives widgets a thread of their own (JupyterLab from 4.4 on); the page says so where it does not.

    Parameters
    ----------
    units
        Whose exemplars are shown meanwhile, as "mlp.2:417"; by default the first unit of up to three sites. They can
        be changed in the page.
    n
        How many of each.
    total
        How many documents there are, if the scan cannot know.

    Examples
    --------
    >>> import neuronwidget as nw
    >>> view = nw.ScanProgress(units=["mlp.2:417"])
    >>> nw.scan(live, texts, out="atlas/", progress=view)     # doctest: +SKIP
    """

    bundle = "scan"

    takes_interrupts = True

    phase = traitlets.Unicode("waiting").tag(sync=True)
    done = traitlets.Dict(_NOTHING_DONE).tag(sync=True)
    shown: Any = traitlets.List().tag(sync=True)
    words = traitlets.Unicode("").tag(sync=True)
    heard = traitlets.Bool(False).tag(sync=True)

    def __init__(self, units: Sequence[str | Unit] = (), *, n: int = 5, total: int | None = None) -> None:
        self.units = [Unit.parse(unit) for unit in units]
        self._n, self._total = n, total
        self._plan: Plan | None = None
        self._hold, self._stop, self._hears = threading.Event(), threading.Event(), threading.Event()
        self._newly: list[Unit] | None = None
        self._next_update = self._next_look = 0.0
        self._left = TimeLeft()
        self._latest: Done | None = None
        super().__init__()

    def _receive(self, _: Any, content: Any, __: Any) -> None:
        """On whatever thread the page's messages come: only notes what is wanted."""
        try:
            content = plain(content)
        except ProtocolError:
            return
        if not isinstance(content, dict):
            return
        self._hears.set()
        kind = content.get("kind")
        if kind == "hold":
            self._hold.set()
        elif kind == "go":
            self._hold.clear()
        elif kind == "stop":
            self._stop.set()
        elif kind == "units" and isinstance(content.get("units"), str):
            try:
                self._newly = [Unit.parse(name) for name in content["units"].replace(",", " ").split()[:12]]
            except ValueError:
                self._newly = None

    # ---- what a scan calls -----------------------------------------------------------------------------

    def begin(self, plan: Plan) -> None:
        self._plan = plan
        self._stop.clear()
        self._hold.clear()
        self._hears.clear()
        self._left = TimeLeft()
        self._next_update = self._next_look = 0.0
        self.phase, self.words, self.heard = "waiting", "", False
        if not self.units:
            self.units = [Unit(site, 0) for site in plan.sites[:3]]
        self._latest = None
        self.done = {**_NOTHING_DONE, "total": self._total if self._total is not None else plan.total}
        self._show()

    def tell(self, words: str) -> None:
        self.words = words

    def report(self, done: Done) -> None:
        self._latest = done
        now = time.monotonic()
        if now < self._next_update and self.phase == "running":
            return
        self._next_update = now + _UPDATES
        self._tell(done)
        self.phase = "running"
        if now >= self._next_look or self._newly is not None:
            self._look()
            spent = time.monotonic() - now
            self._next_look = now + max(_LOOKS, spent / _SHARE)

    def holds(self) -> bool:
        self._say_heard()
        held = self._hold.is_set()
        if held and self.phase == "running":
            self.phase = "held"
        elif not held and self.phase == "held":
            self.phase = "running"
        return held

    def stops(self) -> bool:
        self._say_heard()
        return self._stop.is_set()

    def end(self, error: BaseException | None) -> None:
        stopped = isinstance(error, (KeyboardInterrupt, ScanPaused))
        if error is None or stopped:
            if self._latest is not None:  # the last numbers may have come too soon after those before
                self._tell(self._latest)
            self._look()
        self.phase = "done" if error is None else "stopped" if stopped else "failed"
        self.words = "" if error is None or stopped else f"{type(error).__name__}: {words_of(error)}"
        self._plan = None

    # ---- what the page shows ---------------------------------------------------------------------------

    def _tell(self, done: Done) -> None:
        assert self._plan is not None
        total = self._total if self._total is not None else self._plan.total
        documents, seconds = done["documents"], done["seconds"]
        left = self._left.seconds(documents, seconds, total)
        rate = done["rate"] if seconds > 0 else None
        self.done = {
            "documents": documents, "tokens": done["tokens"],
            "rate": rate, "seconds": seconds, "left": left, "total": total,
        }  # fmt: skip
        self._say_heard()

    def _say_heard(self) -> None:
        # Asked on the scan's own thread: what the page said has come while the cell runs.
        if self._hears.is_set() and not self.heard:
            self.heard = True

    def _look(self) -> None:
        if self._newly is not None:
            self.units, self._newly = self._newly, None
        if self._plan is None:
            return
        shown: list[dict[str, Any]] = []
        problems: list[str] = []
        for unit in self.units:
            try:
                rows = self._plan.look(unit.site, unit.index, self._n)
            except (KeyError, IndexError):
                problems.append(str(unit))
                continue
            shown.append({"unit": str(unit), "found": [_exemplar(row) for row in rows]})
        self.shown = shown
        self.words = f"This scan has no {readable(', '.join(problems), 200)}." if problems else ""

    def _show(self) -> None:
        """In the cell that runs the scan, unless it was put somewhere already."""
        kernels: Any = sys.modules.get("ipykernel.kernelbase")
        if kernels is not None and kernels.Kernel.initialized() and not self._displayed:
            from IPython.display import display

            display(self)  # type: ignore[no-untyped-call]

    def _saved(self, making: Making) -> Saved:
        """What is known when the cell begins: nothing is sent again for readers when the scan ends."""
        total = self._total if self._total is not None else None if self._plan is None else self._plan.total
        of = "a data set" if total is None else f"{total:,} documents"
        sites = "" if self._plan is None else f" at {', '.join(self._plan.sites[:8])}"
        what = f"Progress of a scan of {of}{sites}"
        after = "What it found is in its atlas: nw.open_atlas(…) opens the folder that out= names."
        return Saved(f"{what}\n{after}", (html.title(readable(what, 300)), html.line(after)))

    _displayed = False

    def _repr_mimebundle_(self, **kwargs: Any) -> Any:
        self._displayed = True
        return super()._repr_mimebundle_(**kwargs)


def _exemplar(row: dict[str, Any]) -> dict[str, Any]:
    """An exemplar as the page shows it."""
    return {
        "value": float(row["value"]),
        "pieces": list(row["pieces"]),
        "values": [float(value) for value in row["values"]],
        "id": str(row["id"]),
    }
