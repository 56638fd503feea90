"""A real notebook server and a real browser: JupyterLab, Notebook 7, and what a person does in them.

Nothing here sleeps: servers are ready when they say so, pages when the application says so, and widgets when they
dispatch `neuronwidget:painted`.
"""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import nbformat
from jupyter_client import BlockingKernelClient
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Locator, Page, sync_playwright

REPO = Path(__file__).parents[2]
# A guard against hanging for ever, in milliseconds; nothing is measured by it.
PATIENCE = 60_000
CHROMIUM_ARGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--force-color-profile=srgb",
]

# Keeps every painted frame of every widget on the page and every key, with the times of the page's clock.
LISTEN = """
window.__painted = [];
window.__keys = [];
document.addEventListener("keydown", (event) => {
  if (event.key.length === 1) window.__keys.push({ key: event.key, at: event.timeStamp });
}, true);
document.addEventListener("neuronwidget:painted", (event) => {
  window.__painted.push({ ...event.detail, at: performance.now(), kind: event.target.dataset.nw });
});
"""

POINT_AT_CELL = """
    const content = jupyterapp.shell.currentWidget.content;
    content.deselectAll();
    content.activeCellIndex = index;
    const run = () => jupyterapp.commands.execute("notebook:run-cell");
"""


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def start(
    command: list[str], env: dict[str, str], cwd: Path, ready: str, port: int | None = None
) -> subprocess.Popen[str]:
    """Start a server and wait until it has printed `ready`; its output is kept in `server.log`.

    `port`: of one that prints its address before anybody can reach it.
    """
    process = subprocess.Popen(
        command,
        env=env | {"PYTHONUNBUFFERED": "1"},
        cwd=cwd,
        text=True,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        start_new_session=True,
    )
    assert process.stdout is not None
    log = (cwd / "server.log").open("w")
    for line in process.stdout:
        log.write(line)
        if ready in line:
            break
    else:
        log.close()
        raise RuntimeError(f"{command[2]} did not start:\n{(cwd / 'server.log').read_text()}")

    def drain() -> None:
        assert process.stdout is not None
        for line in process.stdout:
            log.write(line)
        log.close()

    threading.Thread(target=drain, daemon=True).start()
    while port is not None and process.poll() is None:
        with suppress(OSError), socket.create_connection(("127.0.0.1", port)):
            break
        time.sleep(0.1)
    return process


def stop(process: subprocess.Popen[str]) -> None:
    process.terminate()
    try:
        process.wait(20)
    except subprocess.TimeoutExpired:
        process.kill()


class Server:
    """A JupyterLab server (it serves Notebook 7 too) with folders and settings of its own.

    `python` and `environ` are for one that runs in another environment than this, which has the package too.
    """

    def __init__(self, folder: Path, python: str = sys.executable, environ: dict[str, str] | None = None) -> None:
        self.folder = folder
        self.notebooks = folder / "notebooks"
        self.settings = folder / "settings"
        self.runtime = folder / "runtime"
        self.notebooks.mkdir(parents=True)
        self.set("@jupyterlab/apputils-extension/notification", fetchNews="false", checkForUpdates=False)
        port = free_port()
        self.url = f"http://127.0.0.1:{port}"
        env = (environ or os.environ | {"PYTHONPATH": str(REPO)}) | {
            "JUPYTER_CONFIG_DIR": str(folder / "config"),
            "JUPYTER_DATA_DIR": str(folder / "data"),
            "JUPYTER_RUNTIME_DIR": str(self.runtime),
            "JUPYTERLAB_SETTINGS_DIR": str(self.settings),
            "JUPYTERLAB_WORKSPACES_DIR": str(folder / "workspaces"),
            "IPYTHONDIR": str(folder / "ipython"),
        }
        command = [python, "-m", "jupyterlab", "--no-browser", "--ip=127.0.0.1", f"--port={port}"]
        command += ["--ServerApp.port_retries=0", "--IdentityProvider.token=", "--LabApp.expose_app_in_browser=True"]
        command += [f"--ServerApp.root_dir={self.notebooks}", "--JupyterNotebookApp.expose_app_in_browser=True"]
        command += ["--allow-root", "--ServerApp.disable_check_xsrf=True"]
        self.process = start(command, env, folder, "is running at")

    def set(self, plugin: str, **values: object) -> None:
        """Write a user's settings; pages that are opened later follow them."""
        path = self.settings / f"{plugin}.jupyterlab-settings"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(values))

    def write(self, name: str, *cells: str) -> str:
        """Make a notebook of code cells; returns its name."""
        notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(cell) for cell in cells])
        notebook.metadata["kernelspec"] = {"name": "python3", "display_name": "Python 3", "language": "python"}
        nbformat.write(notebook, self.notebooks / name)
        return name

    def read(self, name: str) -> Any:
        return nbformat.read(self.notebooks / name, 4)

    def kernels(self) -> list[str]:
        """Ids of the running kernels."""
        with urllib.request.urlopen(f"{self.url}/api/kernels") as response:
            return [kernel["id"] for kernel in json.load(response)]

    def sessions(self, *names: str) -> list[str]:
        """Ids of the sessions of these notebooks, or of all."""
        with urllib.request.urlopen(f"{self.url}/api/sessions") as response:
            return [session["id"] for session in json.load(response) if not names or session["path"] in names]

    def end_kernels(self, *names: str) -> None:
        """End the sessions of these notebooks, or all, with their kernels, so that no later page finds them."""
        for session in self.sessions(*names):
            request = urllib.request.Request(f"{self.url}/api/sessions/{session}", method="DELETE")
            urllib.request.urlopen(request).close()

    def hand_on(self, session: str, name: str) -> None:
        """Make a session, with its kernel, that of a notebook of this name."""
        content = json.dumps({"path": name, "name": name, "type": "notebook"}).encode()
        request = urllib.request.Request(f"{self.url}/api/sessions/{session}", content, method="PATCH")
        urllib.request.urlopen(request).close()

    def stop(self) -> None:
        self.end_kernels()
        stop(self.process)


@contextmanager
def chromium() -> Iterator[Browser]:
    """Start the Chromium that is on this machine, or Playwright's."""
    names = ("chromium", "chromium-browser", "google-chrome")
    found = os.environ.get("NEURONWIDGET_CHROMIUM") or next(filter(None, map(shutil.which, names)), None)
    headless = not os.environ.get("NEURONWIDGET_HEADED")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=found, headless=headless, args=CHROMIUM_ARGS)
        yield browser
        browser.close()


@contextmanager
def jupyterlab(python: str = sys.executable, environ: dict[str, str] | None = None) -> Iterator[tuple[Server, Browser]]:
    """A JupyterLab in a folder that is gone afterwards, and a browser for it; see `Server`."""
    with tempfile.TemporaryDirectory() as folder, chromium() as browser:
        server = Server(Path(folder), python, environ)
        try:
            yield server, browser
        finally:
            server.stop()


def _asked(client: BlockingKernelClient, code: str, expression: str = "None") -> Any:
    """Run code in a kernel; returns the value of an expression, as JSON."""
    wanted = {"value": f"__import__('json').dumps({expression})"}
    reply = client.execute(code, silent=True, user_expressions=wanted, reply=True, timeout=PATIENCE / 1000)
    content = reply["content"]
    assert content["status"] == "ok", "\n".join(content.get("traceback", []))
    value = content["user_expressions"]["value"]
    assert value["status"] == "ok", "\n".join(value.get("traceback", []))
    return json.loads(eval(value["data"]["text/plain"]))


class Tab:
    """A page of a browser of its own, in which notebooks can be opened one after another.

    `console`, `dialogs`: what was heard since they were emptied, or replaced.
    """

    def __init__(self, browser: Browser) -> None:
        self.context: BrowserContext = browser.new_context()
        self.context.set_default_timeout(PATIENCE)
        self.context.add_init_script(LISTEN)
        self.page: Page = self.context.new_page()
        self.console: list[str] = []
        self.dialogs: list[str] = []
        self.page.on("console", self._heard)
        self.page.on("pageerror", lambda error: self.console.append(f"uncaught {error}"))
        self.page.on("dialog", lambda dialog: (self.dialogs.append(dialog.message), dialog.accept()))

    def _heard(self, message: ConsoleMessage) -> None:
        if message.type == "error":
            self.console.append(f"{message.text} ({message.location.get('url', '')})")

    def close(self) -> None:
        self.context.close()


class Notebook:
    """A notebook open in JupyterLab, or in Notebook 7 with `host="notebooks"`.

    `tab`: a page in which JupyterLab is there already, from a notebook that left it with `leave`.
    """

    def __init__(
        self,
        server: Server,
        browser: Browser,
        name: str,
        *,
        width: int = 1400,
        height: int = 1000,
        host: str = "lab",
        tab: Tab | None = None,
    ) -> None:
        self.server, self.name, self.host = server, name, host
        self.tab = tab or Tab(browser)
        self.page = self.tab.page
        self.console = self.tab.console = []
        self.dialogs = self.tab.dialogs = []
        self._clients: dict[str, BlockingKernelClient] = {}
        self.page.set_viewport_size({"width": width, "height": height})
        if tab is None:
            self.load()
        else:
            self.forget()
            self.page.mouse.move(0, 0)
            self.page.evaluate("() => jupyterapp.shell.leftCollapsed && jupyterapp.shell.expandLeft()")
            self.command("docmanager:open", path=name)
            self._wait_for_cells()

    @property
    def address(self) -> str:
        if self.host == "lab":
            return f"{self.server.url}/lab/workspaces/{self.name.split('.')[0]}/tree/{self.name}?reset"
        return f"{self.server.url}/{self.host}/{self.name}"

    def load(self) -> None:
        """Load the page, as a person does for the first time or again, and wait until the notebook is there."""
        self.page.goto(self.address)
        self._wait_for_cells()

    def _wait_for_cells(self) -> None:
        self.wait("() => window.jupyterapp?.shell?.currentWidget?.content?.widgets?.length > 0")

    def wait(self, script: str, arg: object = None) -> Any:
        """Wait until a function of the page returns something true; returns it."""
        return self.page.wait_for_function(script, arg=arg, timeout=PATIENCE).json_value()

    def command(self, name: str, **args: object) -> None:
        """Run one of the application's own commands, by its name."""
        self.page.evaluate("([name, args]) => jupyterapp.commands.execute(name, args).then(() => null)", [name, args])

    def run_to_the_end(self) -> None:
        """Run all cells, wait until the last has ended, and until no widget has an open question; no cell may fail."""
        self.run_all()
        self.wait(
            "() => jupyterapp.shell.currentWidget.content.widgets.every((cell) =>"
            " cell.model.type !== 'code' || (cell.model.executionState === 'idle' && cell.model.executionCount))"
        )
        failed = self.page.evaluate(
            "() => jupyterapp.shell.currentWidget.content.widgets.flatMap((cell) =>"
            " (cell.model.toJSON().outputs ?? []).filter((output) => output.output_type === 'error'))"
        )
        assert failed == []

    def wait_for_kernel(self) -> None:
        """Wait until the notebook has a kernel that is idle."""
        self.wait("() => jupyterapp.shell.currentWidget.sessionContext.session?.kernel?.status === 'idle'")

    def run_all(self) -> None:
        """Run all cells and wait for their end."""
        self.wait_for_kernel()
        self.command("notebook:run-all-cells")

    def run_cell(self, index: int) -> None:
        """Run one cell and wait for its end."""
        self.wait_for_kernel()
        self.page.evaluate(f"async (index) => {{ {POINT_AT_CELL}; await run(); }}", index)

    def begin_cell(self, index: int) -> None:
        """Start one cell and do not wait for its end."""
        self.wait_for_kernel()
        self.page.evaluate(f"(index) => {{ {POINT_AT_CELL}; void run(); }}", index)

    def save(self) -> None:
        self.command("docmanager:save")

    def restart_kernel(self) -> None:
        """Restart the kernel without the question."""
        self.page.evaluate("() => jupyterapp.shell.currentWidget.sessionContext.restartKernel().then(() => null)")

    def end_kernel(self) -> None:
        """Shut the kernel down, as “Shut Down Kernel” in the menu does."""
        self.page.evaluate("() => jupyterapp.shell.currentWidget.sessionContext.shutdown().then(() => null)")

    # ---- the kernel, asked from outside the page

    def python(self, code: str, expression: str = "None") -> Any:
        """Run code in the notebook's kernel without touching the page; returns the value of an expression, as JSON.

        A real client on the same kernel: nothing of the page's own traffic is used.
        """
        return _asked(self._client(), code, expression)

    def _client(self) -> BlockingKernelClient:
        name = self.page.evaluate("() => jupyterapp.shell.currentWidget.sessionContext.session.kernel.id")
        client = self._clients.get(name)
        if client is None:
            client = self._clients[name] = BlockingKernelClient(
                connection_file=str(self.server.runtime / f"kernel-{name}.json")
            )
            client.load_connection_file()
            client.start_channels()
            client.wait_for_ready(timeout=PATIENCE / 1000)
        return client

    def value(self, expression: str) -> Any:
        """The value of a Python expression in the notebook's kernel."""
        return self.python("", expression)

    def eventually(self, expression: str) -> None:
        """Wait until a Python expression is true in the kernel, which is free to serve the page between looks."""
        end = time.monotonic() + PATIENCE / 1000
        while not self.value(f"bool({expression})"):
            assert time.monotonic() < end, f"this did not become true within {PATIENCE / 1000:.0f} s: {expression}"
            self.page.evaluate("() => new Promise((done) => requestAnimationFrame(done))")

    # ---- what the widgets paint

    def widget(self, kind: str = "explorer", index: int = 0) -> Widget:
        """The widget of a kind, once it is on the page."""
        root = self.page.locator(f".nw-root[data-nw={kind}]").nth(index)
        root.wait_for()
        return Widget(self, root)

    def painted(self) -> list[dict[str, Any]]:
        """All frames painted on this page so far: seq, text, ms, at, kind."""
        return list(self.page.evaluate("() => window.__painted"))

    def keys(self) -> list[dict[str, Any]]:
        """All keys pressed on this page so far that are characters: key, at."""
        return list(self.page.evaluate("() => window.__keys"))

    def forget(self) -> None:
        """Begin the records of frames and keys anew."""
        self.page.evaluate("() => { window.__painted.length = 0; window.__keys.length = 0; }")

    def set_width(self, widget: Widget, width: int, height: int) -> None:
        """Size the window so that a widget gets this many CSS pixels."""
        at_width = "(root, width) => Math.abs(root.clientWidth - width) <= 2"
        for _ in range(3):  # a step may move a sidebar
            size = self.page.viewport_size
            assert size is not None
            missing = width - int(widget.root.evaluate("root => root.clientWidth"))
            self.page.set_viewport_size({"width": size["width"] + missing, "height": height})
            self.page.evaluate("() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))")
        widget.wait(at_width, width)

    def leave(self, code: str) -> Tab:
        """Close the notebook and leave JupyterLab in its page, for another one; its kernel, if any, still runs code."""
        runs = self.page.evaluate("() => Boolean(jupyterapp.shell.currentWidget.sessionContext.session?.kernel)")
        client = self._client() if runs else None
        self.page.evaluate("() => jupyterapp.shell.currentWidget.dispose()")
        if client is not None:
            _asked(client, code)
        self._hang_up()
        return self.tab

    def close(self) -> None:
        """Close the notebook with its page."""
        self._hang_up()
        self.tab.close()

    def _hang_up(self) -> None:
        for client in self._clients.values():
            client.stop_channels()
        self._clients.clear()


class Widget:
    """One of our widgets on a page, found by its `data-nw` hooks."""

    def __init__(self, notebook: Notebook, root: Locator) -> None:
        self.notebook, self.page, self.root = notebook, notebook.page, root

    def part(self, name: str) -> Locator:
        return self.root.locator(f'[data-nw="{name}"]')

    def attribute(self, name: str) -> str | None:
        return self.root.get_attribute(name)

    @property
    def seq(self) -> int:
        return int(self.attribute("data-seq") or 0)

    def wait(self, script: str, arg: object = None) -> Any:
        """Wait until a function of the root (and `arg`) returns something true; returns it."""
        handle = self.root.element_handle()
        call = f"([root, arg]) => ({script})(root, arg)"
        return self.page.wait_for_function(call, arg=[handle, arg], timeout=PATIENCE).json_value()

    def wait_state(self, *states: str) -> str:
        return str(self.wait("(root, states) => states.includes(root.dataset.state) && root.dataset.state", states))

    def wait_text(self, text: str) -> dict[str, Any]:
        """Wait until the last painted frame belongs to `text` and nothing more is under way."""
        return dict(
            self.wait(
                """(root, text) => {
                    const last = window.__painted.findLast((one) => one.kind === root.dataset.nw);
                    return root.dataset.state === "live" && last?.text === text && last;
                }""",
                text,
            )
        )

    def wait_seq(self, after: int) -> int:
        """Wait for a frame newer than `after`; returns its seq."""
        return int(
            self.wait(
                "(root, after) => root.dataset.state === 'live' && Number(root.dataset.seq) > after"
                " && root.dataset.seq",
                after,
            )
        )

    def wait_words(self, selector: str, words: str) -> str:
        """Wait until a part of the widget holds some words; returns all of its words."""
        script = "(root, [selector, words]) => { const said = root.querySelector(selector)?.innerText ?? '';"
        return str(self.wait(script + " return said.includes(words) && said; }", [selector, words]))

    def wait_axis(self, test: str, arg: object = None) -> list[str]:
        """Wait until `test(ticks, arg)` is true of the units that the map's axis names; returns them."""
        script = "(root, arg) => { const ticks = [...root.querySelectorAll('.nw-unit-axis .nw-tick')]"
        return list(
            self.wait(script + f".map((tick) => tick.innerText); return ({test})(ticks, arg) && ticks; }}", arg)
        )

    @contextmanager
    def repaint(self) -> Iterator[None]:
        """Do something and wait for a newer frame."""
        before = self.seq
        yield
        self.wait_seq(before)

    def save(self) -> None:
        """Save the notebook until the file holds the widget's snapshot of what is painted.

        The snapshot waits until the page is at rest, and JupyterLab collects the widgets' states while it already
        writes the file: one save may be too early for both.
        """
        end = time.monotonic() + PATIENCE / 1000
        while self.seq not in self._saved():
            assert time.monotonic() < end, "the snapshot of what is painted was not saved"
            self.page.evaluate("() => jupyterapp.shell.currentWidget.context.save()")

    def _saved(self) -> set[int]:
        """The frames whose snapshots are in the notebook's file, by number."""
        kept = self.notebook.server.read(self.notebook.name).metadata.get("widgets", {})
        models = [model for store in kept.values() for model in store.get("state", {}).values()]
        snapshots = [model["state"]["snapshot"] for model in models if model["state"].get("snapshot")]
        return {json.loads(snapshot)["message"]["seq"] for snapshot in snapshots}

    def token(self, index: int) -> Locator:
        return self.root.locator(f'[data-token="{index}"]').first

    def point_at(self, index: int) -> None:
        """Move the mouse onto a token; the editor lies above it, so it is found by its place."""
        self.token(index).scroll_into_view_if_needed()
        box = self.token(index).bounding_box()
        assert box is not None
        self.page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)

    def click_token(self, index: int) -> None:
        self.point_at(index)
        self.page.mouse.down()
        self.page.mouse.up()

    def text(self) -> str:
        return self.part("editor").input_value()

    def write(self, text: str) -> None:
        """Replace the text by typing, as a person does."""
        self.part("editor").focus()
        self.page.keyboard.press("ControlOrMeta+a")
        self.page.keyboard.press("Delete")
        for number, line in enumerate(text.split("\n")):
            if number:
                self.page.keyboard.press("Enter")
            self.page.keyboard.type(line)
