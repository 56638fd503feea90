"""The page's end of a widget whose worker goes on when the test lets it."""

from __future__ import annotations

from collections import deque
from typing import Any

from neuronwidget.stream.protocol.shared import VERSION
from tests.golden.make import Page


class Queued(Page):
    """What is enqueued waits until the test lets the worker go on; what it sends comes in order."""

    def __init__(self, widget: Any) -> None:
        super().__init__(widget)
        self.jobs: deque[Any] = deque()
        widget._enqueue = lambda message, _slot: self.jobs.append(message)

    def work(self, jobs: int | None = None) -> list[dict[str, Any]]:
        """Do so many jobs, or all; what was sent meanwhile."""
        before = len(self.heard)
        while self.jobs and jobs != 0:
            self.widget._answer(self.jobs.popleft())
            jobs = None if jobs is None else jobs - 1
        return [content for content, _ in self.heard[before:]]

    def show(self, seq: int, text: str, **fields: Any) -> dict[str, Any]:
        """The frame of a text."""
        asked = {"input": {"kind": "text", "text": text, "focus": 0}, "site": "mlp.1", "parts": {"trace": {}}}
        self.say_nothing("ask", seq=seq, **{**asked, **fields})
        self.jobs.rotate(1)  # it comes before the step that waits
        (frame,) = (content for content in self.work(1) if content["kind"] != "overtaken")
        assert frame["kind"] == "frame", frame
        return frame

    def say_nothing(self, kind: str, **fields: Any) -> None:
        """Send a message, which then waits."""
        self.widget._receive(None, {"v": VERSION, "kind": kind, **fields}, [])
