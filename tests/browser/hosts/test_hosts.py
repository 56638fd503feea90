"""The same Explorer in Notebook 7 and in marimo."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from tests.browser import lab
from tests.browser.conftest import EXPLORE, IMPORT, SHOTS, TEXT, Opener, shoot

pytestmark = pytest.mark.browser

APP = f"""
import marimo

app = marimo.App()


@app.cell
def _():
    import neuronwidget as nw

    live = nw.demo("code")
    w = nw.explore(live, {TEXT!r}, unit="mlp.1:7")
    w
    return
"""


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


@pytest.fixture
def marimo(tmp_path: Path, browser: Browser) -> Iterator[Page]:
    """A marimo app that shows an Explorer."""
    (tmp_path / "app.py").write_text(APP)
    port = lab.free_port()
    command = [sys.executable, "-m", "marimo", "run", "app.py", "--headless", "--host=127.0.0.1", f"--port={port}"]
    env = os.environ | {"PYTHONPATH": str(lab.REPO), "XDG_CONFIG_HOME": str(tmp_path), "XDG_STATE_HOME": str(tmp_path)}
    server = lab.start([*command, "--no-token"], env, tmp_path, f":{port}")
    context = browser.new_context(viewport={"width": 1400, "height": 1500})
    context.set_default_timeout(lab.PATIENCE)
    page = context.new_page()
    page.goto(f"http://127.0.0.1:{port}")
    yield page
    SHOTS.mkdir(exist_ok=True)
    page.screenshot(path=SHOTS / "marimo.png")
    context.close()
    lab.stop(server)


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
