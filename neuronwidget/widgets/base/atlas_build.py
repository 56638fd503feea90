"""Build of a bundled model's atlas beside its Explorer: on a thread of its own, with what the page shows of it."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, cast

from neuronwidget.atlas.scan.observer import Done, Plan, ScanObserver, ScanPaused, TimeLeft
from neuronwidget.stream.mailbox import Mailbox
from neuronwidget.stream.protocol.traits import AtlasOffer, Phase
from neuronwidget.stream.worker import Worker
from neuronwidget.widgets.base.catalog import offer_of
from neuronwidget.widgets.errors import words_of

if TYPE_CHECKING:
    from neuronwidget.atlas.atlas import Atlas
    from neuronwidget.live.model import LiveModel

_UPDATES = 0.25  # seconds between two words to the page, at least


class AtlasBuild(ScanObserver):
    """Opens or builds the atlas of a bundled model, and says how far it is.

    `tell` hears of each step, `done` gets the atlas; both on the thread of the build.
    """

    _KEY = "build"

    def __init__(self, live: LiveModel, tell: Callable[[AtlasOffer], None], done: Callable[[Atlas], None]) -> None:
        self._live, self._tell, self._done = live, tell, done
        self._box: Mailbox[LiveModel] = Mailbox()
        self._worker = Worker("neuronwidget: atlas")
        self._stop = threading.Event()
        self._total: int | None = None
        self._left = TimeLeft()
        self._next = 0.0
        self._at_work = False

    def start(self) -> None:
        """Begin, or go on; where it is at work already, nothing."""
        if not self._at_work:
            self._at_work = True
            self._stop.clear()
            self._say("building")
            self._box.put(self._live)
            self._worker.serve(self._KEY, self._box, self._build)

    def stop(self) -> None:
        """End it after the present batch; what is done is kept."""
        self._stop.set()
        if self._at_work:
            self._say("stopping")

    def close(self) -> None:
        """End it, and let go of everything."""
        self._stop.set()
        self._worker.forget(self._KEY)

    def _say(self, phase: Phase, **how: Any) -> None:
        self._tell(cast("AtlasOffer", {**offer_of(self._live), "phase": phase, **how}))

    # ---- on the thread of the build ----------------------------------------------------------------------

    def _build(self, live: LiveModel) -> None:
        self._total, self._left = None, TimeLeft()
        try:
            atlas = live.atlas(progress=self)
        except Exception as error:
            stopped = isinstance(error, ScanPaused)
            words = "Stopped. What is done is kept, and goes on from there." if stopped else words_of(error)
            self._at_work = False
            self._say("stopped" if stopped else "failed", words=words)
        else:
            self._done(atlas)
            self._at_work = False
            self._say("offered")
        finally:
            self._worker.forget(self._KEY)

    def begin(self, plan: Plan) -> None:
        self._total = plan.total

    def report(self, done: Done) -> None:
        now = time.monotonic()
        if self._total is None or now < self._next:
            return
        self._next = now + _UPDATES
        documents, seconds = done["documents"], done["seconds"]
        left = self._left.seconds(documents, seconds, self._total)
        self._say("stopping" if self._stop.is_set() else "building", share=documents / max(1, self._total), left=left)

    def stops(self) -> bool:
        return self._stop.is_set()
