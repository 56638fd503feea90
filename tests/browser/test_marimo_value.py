"""What a person changes in a widget reaches the cells of a marimo notebook that read its value."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser import lab

pytestmark = pytest.mark.browser

APP = """
import marimo

app = marimo.App()


@app.cell
def _():
    import marimo as mo
    import neuronwidget as nw

    w = mo.ui.anywidget(nw.explore(nw.demo("code"), "x = 1", unit="mlp.1:7"))
    w
    return mo, w


@app.cell
def _(mo, w):
    mo.md(f"unit {w.value['unit']}, input {w.value['input']!r}, token {w.value['selection']['token']}")
    return
"""


@pytest.fixture
def page(tmp_path: Path, browser: Browser) -> Iterator[Page]:
    (tmp_path / "app.py").write_text(APP)
    port = lab.free_port()
    command = [sys.executable, "-m", "marimo", "run", "app.py", "--headless", "--host=127.0.0.1", f"--port={port}"]
    env = os.environ | {"PYTHONPATH": str(lab.REPO), "XDG_CONFIG_HOME": str(tmp_path), "XDG_STATE_HOME": str(tmp_path)}
    server = lab.start([*command, "--no-token"], env, tmp_path, f":{port}", port)
    context = browser.new_context(viewport={"width": 1400, "height": 1500})
    context.set_default_timeout(lab.PATIENCE)
    page = context.new_page()
    page.goto(f"http://127.0.0.1:{port}")
    yield page
    context.close()
    lab.stop(server)


def test_cells_that_read_the_value_run_when_a_person_types_and_clicks(page: Page) -> None:
    expect.set_options(timeout=lab.PATIENCE)
    page.locator(".nw-root[data-state=live][data-seq]").wait_for()
    said = page.locator("p", has_text="token ").or_(page.locator(".markdown", has_text="token ")).last
    expect(said).to_contain_text("unit mlp.1:7, input 'x = 1'")
    root = page.locator(".nw-root[data-nw=explorer]")
    root.locator("[data-nw=editor]").focus()
    page.keyboard.press("ControlOrMeta+a")
    page.keyboard.type("y = 22", delay=5)
    expect(said).to_contain_text("input 'y = 22'")
    root.locator("[data-nw=map]").click(position={"x": 60, "y": 60})
    expect(said).not_to_contain_text("unit mlp.1:7")
    assert "Traceback" not in page.content()
