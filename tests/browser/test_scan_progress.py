"""A running scan in JupyterLab: it can be watched, paused, gone on with and ended from the page."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.browser.conftest import Opener, shoot

pytestmark = pytest.mark.browser

SETUP = """
import neuronwidget as nw
live = nw.demo("code")
texts = [f"def f{i}(x):\\n    return x + {i}  # a <b>number</b>\\n" * (i % 9 + 1) for i in range(100_000)]
"""


def test_watched_paused_gone_on_with_and_ended(open_notebook: Opener, tmp_path: Path) -> None:
    out = tmp_path / "atlas"
    notebook = open_notebook(SETUP, f"nw.scan(live, texts, ['mlp.0', 'mlp.1'], out={str(out)!r}, checkpoint=1e9)")
    notebook.run_cell(0)
    notebook.begin_cell(1)
    view = notebook.widget("scan-progress")
    view.wait_words("[data-nw=numbers]", "tokens/s")
    view.wait_words('[data-unit="mlp.0:0"]', "def")
    assert view.root.locator("b").count() == 0, "texts are texts"
    view.wait("(root) => !root.querySelector('[data-nw=pause]').disabled")
    view.part("pause").click()
    view.wait_state("held")
    shoot(notebook, "scan-held")
    before = view.part("numbers").inner_text()
    assert "of 100,000 documents" in before
    assert before.endswith("left")
    view.part("scan-units").fill("mlp.1:5")
    view.part("scan-units").press("Enter")
    view.part("pause").click()
    view.wait_state("running")
    view.wait_words('[data-unit="mlp.1:5"]', "def")
    view.part("stop").click()
    view.wait_state("stopped")
    said = notebook.page.get_by_text("Stopped after")
    said.wait_for()
    saved = json.loads((out / "manifest.json").read_text())
    assert saved["done"]["documents"] > 0
    assert not saved["finished"]
