"""A page that says anything at all to a widget, and reads the answers as a real page would have to."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Sequence
from typing import Any

from jupyter_client.session import json_packer


class Page:
    """Stands where the page of a widget is: says things to it, and keeps what comes back.

    Whatever the widget sends is packed as a kernel packs it, and must be plain JSON: no NaN, no lone surrogates.
    """

    def __init__(self, widget: Any) -> None:
        self.widget = widget
        self.sent: list[dict[str, Any]] = []
        self._news = threading.Condition()
        widget.comm.send = self._take
        self._seq = 1_000_000

    def _take(self, data: Any, buffers: Sequence[Any] | None = None, **_: Any) -> None:
        plain = json.loads(json_packer(data), parse_constant=_refuse)
        if plain["method"] == "custom":
            with self._news:
                self.sent.append(plain["content"])
                self._news.notify_all()

    def say(self, content: object, buffers: Sequence[bytes] = ()) -> None:
        """A custom message. ipywidgets would log what the handler raises; here it comes out."""
        self.widget._receive(self.widget, content, list(buffers))

    def sets(self, **state: Any) -> None:
        """An update of traits, as ipywidgets' own synchronisation sends it."""
        self.widget.comm.handle_msg({"content": {"data": {"method": "update", "state": state}}, "buffers": []})

    def until(self, wanted: Callable[[dict[str, Any]], object], since: int = 0) -> dict[str, Any]:
        """Wait for a message for which `wanted` is true, among those from number `since` on."""
        with self._news:
            self._news.wait_for(lambda: any(map(wanted, self.sent[since:])))
            return next(filter(wanted, self.sent[since:]))

    def answer(self, seq: int, since: int = 0) -> dict[str, Any]:
        """Wait for the answer to a question."""
        return self.until(lambda message: message.get("seq") == seq, since)

    def ask(self, subject: Any = "", buffers: Sequence[bytes] = (), **fields: Any) -> dict[str, Any]:
        """A sound question for a frame, of a text or another input, and its answer."""
        self._seq += 1
        since = len(self.sent)
        self.say({**question_about(subject, self.widget.site), "seq": self._seq, **fields}, buffers)
        return self.answer(self._seq, since)


def question_about(subject: Any, site: str) -> dict[str, Any]:
    """A request for traces of an input; a string is a text."""
    asked = {"kind": "text", "text": subject} if isinstance(subject, str) else subject
    return {"v": 2, "kind": "ask", "input": asked, "site": site, "parts": {"trace": {}}}


def _refuse(constant: str) -> float:
    raise AssertionError(f"{constant} is no JSON: the page would never see this message")
