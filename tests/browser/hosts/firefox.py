"""A real Firefox, spoken to in WebDriver BiDi, the protocol that it knows by itself: no driver, no build of its own.

A page is asked as Playwright's pages are: `goto`, `evaluate`, `wait_for_function`, `screenshot`, and a keyboard and a
mouse whose events are the browser's own.
"""

from __future__ import annotations

import base64
import json
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from websocket import WebSocket, create_connection

from tests.browser.lab import LISTEN, PATIENCE, free_port, start, stop

#: The keys of WebDriver that have no character of their own.
KEYS = {"Control": "\ue009", "Enter": "\ue007", "Delete": "\ue017", "Escape": "\ue00c"}
#: No first pages, no questions, and nobody on the network is asked for anything.
SETTINGS = {
    "app.update.enabled": False,
    "browser.aboutwelcome.enabled": False,
    "browser.shell.checkDefaultBrowser": False,
    "browser.startup.page": 0,
    "datareporting.policy.dataSubmissionEnabled": False,
    "dom.disable_beforeunload": True,
    "extensions.update.enabled": False,
    "network.captive-portal-service.enabled": False,
    "network.connectivity-service.enabled": False,
    "services.settings.server": "data:,",
    "toolkit.telemetry.server": "data:,",
}


def program() -> str | None:
    """The Firefox of this machine, or `None`."""
    names = ("firefox-esr", "firefox")
    return os.environ.get("NEURONWIDGET_FIREFOX") or next(filter(None, map(shutil.which, names)), None)


@contextmanager
def firefox(width: int = 1400, height: int = 1000, patience: int = PATIENCE) -> Iterator[FirefoxPage]:
    """Start Firefox with a profile of its own and one page; ends it. `patience` guards against hanging, in ms."""
    path = program()
    assert path is not None
    with tempfile.TemporaryDirectory() as profile:
        lines = [f"user_pref({json.dumps(name)}, {json.dumps(value)});" for name, value in SETTINGS.items()]
        (Path(profile) / "user.js").write_text("\n".join(lines))
        port = free_port()
        command = [path, "--headless", "--no-remote", "--profile", profile, f"--remote-debugging-port={port}"]
        process = start(command, dict(os.environ), Path(profile), "WebDriver BiDi listening on")
        try:
            page = FirefoxPage(f"ws://127.0.0.1:{port}/session", patience)
            page.set_viewport_size({"width": width, "height": height})
            yield page
            page.close()
        finally:
            stop(process)


class FirefoxPage:
    """One page; `console` has the errors that were logged or thrown on it."""

    def __init__(self, address: str, patience: int) -> None:
        self.patience = patience
        self.console: list[str] = []
        self._number = 0
        self._socket: WebSocket = create_connection(address, timeout=2 * patience / 1000, suppress_origin=True)
        self._call("session.new", capabilities={})
        self._call("session.subscribe", events=["log.entryAdded"])
        self._call("script.addPreloadScript", functionDeclaration=f"() => {{ {LISTEN} }}")
        # A page of its own, which has the focus, as the one that Firefox begins with has not: hosts go by that.
        self._context = self._call("browsingContext.create", type="tab")["context"]

    def _call(self, method: str, **params: Any) -> Any:
        """Send a command and read until its answer is there."""
        self._number += 1
        self._socket.send(json.dumps({"id": self._number, "method": method, "params": params}))
        while True:
            message = json.loads(self._socket.recv())
            if message.get("method") == "log.entryAdded":
                self._heard(message["params"])
            elif message.get("id") == self._number:
                if message["type"] == "error":
                    raise RuntimeError(f"{method}: {message['error']}: {message['message']}")
                return message["result"]

    def _heard(self, entry: Any) -> None:
        if entry["level"] == "error":
            self.console.append(f"{entry['text']} ({entry['source'].get('url', '')})")

    def set_viewport_size(self, size: dict[str, int]) -> None:
        self._call("browsingContext.setViewport", context=self._context, viewport=size)

    def goto(self, url: str) -> None:
        """Open a page and wait until it is loaded."""
        self._call("browsingContext.navigate", context=self._context, url=url, wait="complete")

    def evaluate(self, script: str, arg: object = None) -> Any:
        """Call a function of the page; what goes in and comes out is JSON."""
        reply = self._call(
            "script.callFunction",
            functionDeclaration=f"async (arg) => JSON.stringify(await ({script})(JSON.parse(arg)) ?? null)",
            arguments=[{"type": "string", "value": json.dumps(arg)}],
            awaitPromise=True,
            target={"context": self._context},
        )
        if reply["type"] == "exception":
            raise RuntimeError(reply["exceptionDetails"]["text"])
        return json.loads(reply["result"]["value"])

    def wait_for_function(self, script: str, arg: object = None) -> Any:
        """Wait until a function of the page returns something true; returns it."""
        found = self.evaluate(
            f"""async ([arg, patience]) => {{
              const test = ({script}), end = performance.now() + patience;
              while (performance.now() < end) {{
                const value = await test(arg);
                if (value) return [value];
                await new Promise((done) => requestAnimationFrame(done));
              }}
            }}""",
            [arg, self.patience],
        )
        assert found is not None, f"this did not become true within {self.patience / 1000:.0f} s: {script}"
        return found[0]

    def screenshot(self, path: Path, clip: dict[str, float] | None = None) -> None:
        """A picture of what is in the window, or of a part of it."""
        part = {"clip": {"type": "box", **clip}} if clip else {}
        reply = self._call("browsingContext.captureScreenshot", context=self._context, origin="viewport", **part)
        path.write_bytes(base64.b64decode(reply["data"]))

    def _perform(self, **source: Any) -> None:
        self._call("input.performActions", context=self._context, actions=[source])

    def press(self, keys: str) -> None:
        """Press a key, or several at once: `Control+a`."""
        values = [KEYS.get(key, key) for key in keys.split("+")]
        down = [{"type": "keyDown", "value": value} for value in values]
        up = [{"type": "keyUp", "value": value} for value in reversed(values)]
        self._perform(type="key", id="keyboard", actions=down + up)

    def type(self, text: str) -> None:
        for character in text:
            self.press("Enter" if character == "\n" else character)

    def click(self, script: str, arg: object = None) -> None:
        """Click into the middle of the element that a function of the page returns, once it is there."""
        shown = f"(arg) => {{ const it = ({script})(arg); it?.scrollIntoView({{ block: 'center' }}); "
        x, y = self.wait_for_function(
            shown + "const box = it?.getBoundingClientRect();"
            " return box && [Math.round(box.left + box.width / 2), Math.round(box.top + box.height / 2)]; }",
            arg,
        )
        self.click_at(x, y)

    def click_at(self, x: int, y: int) -> None:
        move = {"type": "pointerMove", "x": x, "y": y}
        press = [{"type": "pointerDown", "button": 0}, {"type": "pointerUp", "button": 0}]
        self._perform(type="pointer", id="mouse", parameters={"pointerType": "mouse"}, actions=[move, *press])

    def close(self) -> None:
        self._call("session.end")
        self._socket.close()
