"""The Explorer of rows of a table in JupyterLab."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser

from tests.browser import lab
from tests.browser.conftest import our_errors, shoot

pytestmark = pytest.mark.browser

SETUP = """
import numpy as np, pandas as pd, torch, neuronwidget as nw
from torch import nn
torch.manual_seed(0)
draw = np.random.default_rng(0)
data = pd.DataFrame({f"measure {i}": draw.normal(10 * i, 1 + i, 200) for i in range(11)})
data["side"] = draw.choice(["left", "right", "none"], 200)
module = nn.Sequential(nn.Linear(14, 16), nn.ReLU(), nn.Linear(16, 2)).eval()
live = nw.attach(module, inputs=nw.TableInputs(data, classes=["ill", "well"]))
def chance(row, which):
    with torch.no_grad():
        return float(module(live.inputs.prepare(row)).softmax(-1).reshape(-1)[which])
"""
EXPLORE = "w = nw.explore(live, unit='dense.0:3'); start = dict(w.input); w"


@pytest.fixture(scope="module")
def notebook(server: lab.Server, browser: Browser) -> Iterator[lab.Notebook]:
    name = server.write("test_tables.ipynb", SETUP, EXPLORE)
    notebook = lab.Notebook(server, browser, name, height=1500)
    notebook.run_cell(0)
    yield notebook
    notebook.close()
    server.end_kernels()


@pytest.fixture
def explorer(notebook: lab.Notebook) -> Iterator[lab.Widget]:
    """A fresh Explorer, `w` in Python; `start` is the row it begins with."""
    notebook.console.clear()
    notebook.page.mouse.move(0, 0)
    if "w" in notebook.value("list(globals())"):
        notebook.python("w.close()")
    notebook.run_cell(1)
    widget = notebook.widget()
    widget.wait_seq(0)
    widget.root.locator("[data-nw=sweep][data-column]").wait_for()
    yield widget
    assert not our_errors(notebook)


def wait_for_class(explorer: lab.Widget, name: str, probability: float) -> None:
    """Wait until the page shows a class at a probability, rounded as the page rounds."""
    explorer.wait(
        """(root, [name, hundred]) => {
            const words = root.querySelector(`[data-class="${name}"] .nw-number`)?.firstChild.data ?? "";
            const shown = Number(words.replace(/[^0-9.]/g, ""));
            return words !== "" && Math.abs(shown - hundred) <= (hundred >= 10 ? 0.51 : 0.06);
        }""",
        [name, 100 * probability],
    )


def test_a_slider_moves_the_row_and_all_follows(explorer: lab.Widget) -> None:
    shoot(explorer.notebook, "tables-1400")
    slider = explorer.root.locator("[data-column='measure 2'] input[type=range]")
    slider.focus()
    for _ in range(12):
        explorer.page.keyboard.press("ArrowRight")
    explorer.notebook.eventually("w.input['measure 2'] > start['measure 2']")
    explorer.wait(
        "(root, value) => Number(root.querySelector('[data-column=\"measure 2\"] input[type=range]').value) > value",
        explorer.notebook.value("start['measure 2']"),
    )
    wait_for_class(explorer, "ill", explorer.notebook.value("chance(w.input, 0)"))
    assert explorer.notebook.value("{**w.input, 'measure 2': 0} == {**start, 'measure 2': 0}")
    explorer.wait("(root) => root.querySelector('[data-nw=sweep]').dataset.column === 'measure 2'")


def test_numbers_categories_and_the_way_back(explorer: lab.Widget) -> None:
    number = explorer.root.locator("[data-column='measure 1'] input[type=number]")
    number.fill("123.5")
    number.press("Enter")
    explorer.notebook.eventually("w.input['measure 1'] == 123.5")
    explorer.root.locator("[data-column=side] select").select_option("right")
    explorer.notebook.eventually("w.input['side'] == 'right'")
    wait_for_class(explorer, "well", explorer.notebook.value("chance(w.input, 1)"))
    explorer.root.locator("[data-column='measure 1'] button").click()
    explorer.notebook.eventually("w.input['measure 1'] == start['measure 1']")
    explorer.part("reset").click()
    explorer.notebook.eventually("w.input == start")


def test_the_sweep_says_what_the_model_would_say(explorer: lab.Widget) -> None:
    explorer.root.locator("[data-column='measure 3'] input[type=number]").focus()
    explorer.wait("(root) => root.querySelector('[data-nw=sweep]').dataset.column === 'measure 3'")
    chart = explorer.root.locator("[data-nw=sweep] svg").last
    label = chart.get_attribute("aria-label") or ""
    column = "live.inputs.column('measure 3')"
    first = explorer.notebook.value(f"chance({{**w.input, 'measure 3': {column}.low}}, 0)")
    said = label.split("ill ")[1].split(" %")[0].replace("< ", "").replace("> ", "")
    assert float(said) == pytest.approx(100 * first, abs=0.51)
    chart.scroll_into_view_if_needed()
    box = chart.bounding_box()
    assert box is not None
    explorer.page.mouse.click(box["x"] + box["width"] * 0.75, box["y"] + 20)
    low, high = explorer.notebook.value(f"[{column}.low, {column}.high]")
    explorer.notebook.eventually(f"abs(w.input['measure 3'] - {low + 0.75 * (high - low)}) < {0.02 * (high - low)}")


def test_columns_are_found_and_a_search_without_a_match_says_so(explorer: lab.Widget) -> None:
    explorer.part("search").fill("MEASURE 1")
    assert explorer.root.locator("[data-column]").count() - explorer.part("sweep").count() == 2
    explorer.part("search").fill("weight")
    explorer.root.get_by_text("No column has “weight” in its name.").wait_for()


def test_units_and_python(explorer: lab.Widget) -> None:
    row = explorer.root.locator("[data-nw=units] [data-unit]").nth(2)
    name = row.get_attribute("data-unit")
    row.locator(".nw-unit-button").click()
    explorer.notebook.eventually(f"str(w.unit) == {name!r}")
    explorer.notebook.python("w.input = {**start, 'side': 'none', 'measure 0': 0.25}")
    explorer.wait(
        "(root) => root.querySelector('[data-column=side] select').value === 'none'"
        " && root.querySelector('[data-column=\"measure 0\"] input[type=number]').value === '0.25'"
    )
    wait_for_class(explorer, "ill", explorer.notebook.value("chance(w.input, 0)"))


def test_it_fits_and_is_dark_where_the_host_is(server: lab.Server, browser: Browser) -> None:
    server.set("@jupyterlab/apputils-extension/themes", theme="JupyterLab Dark")
    try:
        name = server.write("tables_dark.ipynb", SETUP, EXPLORE)
        notebook = lab.Notebook(server, browser, name, width=770, height=1500)
        notebook.command("application:toggle-left-area")
        notebook.run_all()
        widget = notebook.widget()
        widget.wait_seq(0)
        widget.wait("(root) => root.classList.contains('nw-dark')")
        assert widget.root.evaluate("(root) => root.scrollWidth <= root.clientWidth")
        shoot(notebook, "tables-dark-600")
        assert not our_errors(notebook)
        notebook.close()
    finally:
        server.set("@jupyterlab/apputils-extension/themes", theme="JupyterLab Light")
        server.end_kernels()
