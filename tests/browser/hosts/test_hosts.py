"""The same Explorer in Notebook 7 and in marimo."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from tests.browser import lab
from tests.browser.conftest import EXPLORE, IMPORT, SHOTS, TEXT, Opener, shoot
from tests.browser.hosts import marimo_app

pytestmark = pytest.mark.browser

SETUP = "import neuronwidget as nw\n\nlive = nw.demo('code')"


def test_notebook_7(open_notebook: Opener) -> None:
    notebook = open_notebook(IMPORT, EXPLORE, host="notebooks", height=1500)
    notebook.run_all()
    widget = notebook.widget()
    widget.wait_text(TEXT)
    widget.write("x = 1\n# two")
    widget.wait_text("x = 1\n# two")
    notebook.eventually("w.input == 'x = 1\\n# two'")
    with widget.repaint():
        widget.click_token(3)
    notebook.eventually("w.selection['token'] == 3")
    with widget.repaint():
        widget.part("order").select_option("similarity")
    with widget.repaint():
        widget.part("map").click(position={"x": 60, "y": 90})
    notebook.eventually("w.unit is not None and w.unit.index != 7")
    shoot(notebook, "notebook-7")
    # By itself it does so with what is higher than a hundred lines: all that fits into the window stays in sight.
    notebook.command("notebook:enable-output-scrolling")
    notebook.wait("() => document.querySelector('.jp-mod-outputsScrolled .nw-root')")
    assert widget.root.evaluate("(root) => root.closest('.jp-OutputArea').clientHeight >= root.clientHeight")


@pytest.fixture
def marimo(tmp_path: Path, browser: Browser) -> Iterator[Page]:
    """A marimo app that shows an Explorer."""
    cell = f"w = nw.explore(live, {TEXT!r}, unit='mlp.1:7')\nw"
    with marimo_app.serve(tmp_path, marimo_app.source(SETUP, "live, nw", cell)) as address:
        context = browser.new_context(viewport={"width": 1400, "height": 1500})
        context.set_default_timeout(lab.PATIENCE)
        page = context.new_page()
        page.goto(address)
        yield page
        SHOTS.mkdir(exist_ok=True)
        page.screenshot(path=SHOTS / "marimo.png")
        context.close()


def test_marimo(marimo: Page) -> None:
    """Its widgets may live in a shadow root, so frames are followed by the root's own attributes."""
    root = marimo.locator(".nw-root[data-nw=explorer]")
    marimo.locator(".nw-root[data-state=live][data-seq]").wait_for()
    editor = root.locator("[data-nw=editor]")
    assert editor.input_value() == TEXT
    root.evaluate(
        """root => root.addEventListener("neuronwidget:painted", (event) => { root.shown = event.detail.text; })"""
    )
    editor.focus()
    marimo.keyboard.press("ControlOrMeta+a")
    marimo.keyboard.type("x = 'typed quickly'", delay=5)
    handle = root.element_handle()
    marimo.wait_for_function("root => root.shown === \"x = 'typed quickly'\"", arg=handle)
    before = root.get_attribute("data-seq")
    root.locator("[data-nw=map]").click(position={"x": 60, "y": 90})
    marimo.wait_for_function("([root, before]) => root.dataset.seq !== before", arg=[handle, before])
