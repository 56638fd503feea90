"""One server and one browser for all browser tests; a fresh notebook, or a fresh widget, for each.

Notebooks are opened one after another in the same page of JupyterLab, and kernels that a test has done with are emptied
and handed on: loading the page, starting a kernel and importing torch take longer than most tests.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser

from tests.browser import lab

SHOTS = Path(__file__).parent / "shots"
TEXT = 'def greet(name):\n    return f"hello {name}"  # a string\n'
IMPORT = "import torch, traitlets, neuronwidget as nw\nlive = nw.demo('code')"
EXPLORE = f"w = nw.explore(live, {TEXT!r}, unit='mlp.1:7', view={{'order': 'index'}}); w"
# What hosts say of themselves and of the network when a kernel goes: nothing of it comes from our page.
NOT_OURS = (
    "favicon",
    "reading 'schema'",
    'property "schema"',
    "filebrowser:open-path",
    "WebSocket connection",
    "Failed to load resource",
    "Canceled future",
    "Kernel Disconnected",
)

Opener = Callable[..., lab.Notebook]
#: Settings of the extension of JupyterLab that shows widgets.
WIDGETS = "@jupyter-widgets/jupyterlab-manager/plugin"
#: Leaves a kernel without widgets and names.
EMPTY = "__import__('ipywidgets').Widget.close_all(); get_ipython().reset()"
THEME = "apputils:change-theme"
#: So many notebooks share a page; then it is closed with whatever JupyterLab still holds of them.
SHARING = 20


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[lab.Server]:
    server = lab.Server(tmp_path_factory.mktemp("lab"))
    server.set(WIDGETS, saveState=True)
    yield server
    server.stop()


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    with lab.chromium() as browser:
        yield browser


class Spares:
    """Pages of JupyterLab, and sessions with a kernel, that tests have done with."""

    def __init__(self, server: lab.Server, browser: Browser) -> None:
        self._server, self._browser = server, browser
        self._tabs: list[lab.Tab] = []
        self._sessions: list[str] = []
        self._uses: dict[lab.Tab, int] = {}
        self._open: list[lab.Notebook] = []

    def open(self, name: str, **options: Any) -> lab.Notebook:
        """Open a notebook in a page and with a kernel that are left over, or in new ones."""
        if self._sessions:
            self._server.hand_on(self._sessions.pop(), name)
        tab = self._tabs.pop() if self._tabs else None
        self._open.append(lab.Notebook(self._server, self._browser, name, tab=tab, **options))
        return self._open[-1]

    def lends(self, notebook: lab.Notebook) -> bool:
        """Is it open in a page of these, and with a kernel of these?"""
        return notebook in self._open

    def keep(self, notebook: lab.Notebook) -> None:
        """Close a notebook, which has no kernel then; its page and its kernel are left for others."""
        self._open.remove(notebook)
        sessions = self._server.sessions(notebook.name)
        tab = notebook.leave(EMPTY)
        self._uses[tab] = self._uses.get(tab, 0) + 1
        if self._uses[tab] < SHARING:
            self._tabs.append(tab)
        else:
            tab.close()
        for session in sessions:
            self._server.hand_on(session, f"left-{session}.ipynb")
        self._sessions += sessions

    def close(self) -> None:
        for tab in self._tabs:
            tab.close()


@pytest.fixture(scope="session")
def spares(server: lab.Server, browser: Browser) -> Iterator[Spares]:
    spares = Spares(server, browser)
    yield spares
    spares.close()


def shoot(notebook: lab.Notebook, name: str) -> None:
    """Take a picture of the page into the folder that git ignores."""
    SHOTS.mkdir(exist_ok=True)
    notebook.page.screenshot(path=SHOTS / f"{name}.png")


def ours(console: list[str]) -> list[str]:
    """What a console said that did not come from the host."""
    return [line for line in console if not any(word in line for word in NOT_OURS)]


def our_errors(notebook: lab.Notebook) -> list[str]:
    """What the console of a notebook's page said that did not come from the host."""
    return ours(notebook.console)


def fits_and_is_dark(notebook: lab.Notebook) -> None:
    """Run a notebook beside a closed side bar: its Explorer is dark and nothing of it sticks out."""
    notebook.command("application:toggle-left-area")
    notebook.run_all()
    widget = notebook.widget()
    widget.wait_seq(0)
    widget.wait("(root) => root.classList.contains('nw-dark')")
    assert widget.root.evaluate("(root) => root.scrollWidth <= root.clientWidth")


@pytest.fixture
def open_notebook(
    request: pytest.FixtureRequest, server: lab.Server, browser: Browser, spares: Spares
) -> Iterator[Opener]:
    """Open notebooks of given cells; afterwards their consoles must be clean.

    `own`: with a page and a kernel that no other test has: what is written to settings holds in pages that are loaded
    after it. So has a notebook that is there already, and one in another host. `dark`: in JupyterLab's dark theme.
    """
    opened: list[lab.Notebook] = []
    owns: list[lab.Notebook] = []
    darkened: list[lab.Notebook] = []

    def opener(
        *cells: str,
        name: str = re.sub(r"\W", "_", request.node.name) + ".ipynb",
        own: bool | None = None,
        dark: bool = False,
        **options: Any,
    ) -> lab.Notebook:
        if cells:
            server.write(name, *cells)
        if own or (own is None and (not cells or options.get("host", "lab") != "lab")):
            opened.append(lab.Notebook(server, browser, name, **options))
            owns.append(opened[-1])
        else:
            opened.append(spares.open(name, **options))
        if dark:
            opened[-1].command(THEME, theme="JupyterLab Dark")
            darkened.append(opened[-1])
        return opened[-1]

    yield opener
    errors = [line for notebook in opened for line in our_errors(notebook)]
    failed = request.node.stash.get(FAILED, False)
    for number, notebook in enumerate(opened):
        if failed and not notebook.page.is_closed():
            shoot(notebook, f"failed-{request.node.name}-{number}")
        if notebook in owns or (failed and spares.lends(notebook)):
            notebook.close()
            server.end_kernels(notebook.name)
        elif spares.lends(notebook):  # else the test has left it
            if notebook in darkened:
                notebook.command(THEME, theme="JupyterLab Light")
            spares.keep(notebook)
    assert not errors


@pytest.fixture(scope="module")
def setup(request: pytest.FixtureRequest) -> str:
    """The first cell of `shared`: the module's SETUP, or what a fixture of its own makes."""
    return str(getattr(request.module, "SETUP", IMPORT))


@pytest.fixture(scope="module")
def shared(request: pytest.FixtureRequest, server: lab.Server, spares: Spares, setup: str) -> Iterator[lab.Notebook]:
    """A notebook whose second cell shows a fresh widget: the module's EXPLORE."""
    module = request.module
    cells = setup, getattr(module, "EXPLORE", EXPLORE)
    name = server.write(f"{module.__name__.rpartition('.')[2]}.ipynb", *cells)
    notebook = spares.open(name, height=1500)
    notebook.run_cell(0)
    yield notebook
    spares.keep(notebook)


@pytest.fixture
def fresh(request: pytest.FixtureRequest, shared: lab.Notebook) -> Iterator[lab.Notebook]:
    """`shared` with a widget that no test has touched, `w` in Python; afterwards its console must be clean."""
    shared.console.clear()
    shared.dialogs.clear()
    shared.page.mouse.move(0, 0)
    if "w" in shared.value("list(globals())"):
        shared.python("w.close()")
    shared.forget()
    shared.run_cell(1)
    yield shared
    if request.node.stash.get(FAILED, False):
        shoot(shared, f"failed-{request.node.name}")
    assert not our_errors(shared)
    assert not shared.dialogs


@pytest.fixture
def explorer(request: pytest.FixtureRequest, fresh: lab.Notebook) -> lab.Widget:
    """A fresh Explorer in JupyterLab with its first picture painted.

    Where the model reads no text, the module says in READY what is there then.
    """
    widget = fresh.widget()
    ready = getattr(request.module, "READY", None)
    if ready is None:
        widget.wait_text(getattr(request.module, "TEXT", TEXT))
    else:
        widget.wait_seq(0)
        widget.root.locator(ready).wait_for()
    return widget


FAILED = pytest.StashKey[bool]()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Iterator[None]:
    """Let fixtures know that the test failed, so that they keep a picture of what it saw."""
    report = yield
    if report.failed:  # type: ignore[attr-defined]
        item.stash[FAILED] = True
    return report
