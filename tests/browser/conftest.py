"""One server and one browser for all browser tests; a fresh notebook, or a fresh widget, for each."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path

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


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[lab.Server]:
    server = lab.Server(tmp_path_factory.mktemp("lab"))
    yield server
    server.stop()


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    with lab.chromium() as browser:
        yield browser


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
def open_notebook(request: pytest.FixtureRequest, server: lab.Server, browser: Browser) -> Iterator[Opener]:
    """Open notebooks of given cells; afterwards their consoles must be clean and their kernels are ended."""
    opened: list[lab.Notebook] = []

    def opener(
        *cells: str, name: str = re.sub(r"\W", "_", request.node.name) + ".ipynb", **options: object
    ) -> lab.Notebook:
        if cells:
            server.write(name, *cells)
        opened.append(lab.Notebook(server, browser, name, **options))  # type: ignore[arg-type]
        return opened[-1]

    yield opener
    errors = [line for notebook in opened for line in our_errors(notebook)]
    for number, notebook in enumerate(opened):
        if request.node.stash.get(FAILED, False):
            shoot(notebook, f"failed-{request.node.name}-{number}")
        notebook.close()
    server.end_kernels(*(notebook.name for notebook in opened))
    assert not errors


@pytest.fixture(scope="module")
def setup(request: pytest.FixtureRequest) -> str:
    """The first cell of `shared`: the module's SETUP, or what a fixture of its own makes."""
    return str(getattr(request.module, "SETUP", IMPORT))


@pytest.fixture(scope="module")
def shared(request: pytest.FixtureRequest, server: lab.Server, browser: Browser, setup: str) -> Iterator[lab.Notebook]:
    """A notebook whose second cell shows a fresh widget: the module's EXPLORE."""
    module = request.module
    cells = setup, getattr(module, "EXPLORE", EXPLORE)
    name = server.write(f"{module.__name__.rpartition('.')[2]}.ipynb", *cells)
    notebook = lab.Notebook(server, browser, name, height=1500)
    notebook.run_cell(0)
    yield notebook
    notebook.close()
    server.end_kernels(name)


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


@pytest.fixture
def dark(server: lab.Server) -> Iterator[None]:
    """Pages that are opened now have JupyterLab's dark theme."""
    themes = "@jupyterlab/apputils-extension/themes"
    server.set(themes, theme="JupyterLab Dark")
    yield
    server.set(themes, theme="JupyterLab Light")


FAILED = pytest.StashKey[bool]()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Iterator[None]:
    """Let fixtures know that the test failed, so that they keep a picture of what it saw."""
    report = yield
    if report.failed:  # type: ignore[attr-defined]
        item.stash[FAILED] = True
    return report
