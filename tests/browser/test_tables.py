"""The Explorer of rows of a table in JupyterLab."""

from __future__ import annotations

import pytest

from tests.browser import lab
from tests.browser.conftest import Opener, fits_and_is_dark, shoot

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
READY = "[data-nw=sweep][data-column]"


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
    last = float(slider.input_value())
    assert last > explorer.notebook.value("start['measure 2']")
    explorer.notebook.eventually(f"w.input['measure 2'] == {last!r}")
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
    chart = explorer.root.locator("[data-nw=sweep] .nw-chart > svg").last
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


def test_a_pinned_unit_is_a_line_over_the_sweep(explorer: lab.Widget) -> None:
    lines = explorer.root.locator("[data-nw=sweep] [data-line]")
    assert lines.evaluate_all("all => all.map(line => line.dataset.line)") == ["dense.0:3"]
    for row in (1, 3):
        explorer.root.locator("[data-nw=units] [data-unit]").nth(row).locator("[data-nw=pin]").click()
    explorer.notebook.eventually("len(w.pins) == 2")
    pins = explorer.notebook.value("[str(pin) for pin in w.pins]")
    expected = [*(["dense.0:3"] if "dense.0:3" not in pins else []), *pins]
    explorer.wait(
        """(root, names) => {
            const lines = [...root.querySelectorAll("[data-nw=sweep] [data-line]")];
            return JSON.stringify(lines.map((line) => line.dataset.line)) === JSON.stringify(names);
        }""",
        expected,
    )
    chart = explorer.root.locator("[data-nw=sweep] .nw-chart > svg").first
    assert chart.locator("path").count() == len(expected)
    chart.scroll_into_view_if_needed()
    shoot(explorer.notebook, "tables-pins")
    hue = explorer.root.locator(f"[data-nw=units] [data-unit='{pins[0]}'] [data-nw=pin]").evaluate(
        "node => getComputedStyle(node).color"
    )
    place = expected.index(pins[0])
    assert chart.locator("path").nth(place).evaluate("node => getComputedStyle(node).stroke") == hue
    explorer.root.locator(f"[data-line='{pins[0]}'] [data-nw=pin]").click()
    explorer.notebook.eventually(f"[str(pin) for pin in w.pins] == {pins[1:]!r}")


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


def test_it_fits_and_is_dark_where_the_host_is(open_notebook: Opener) -> None:
    notebook = open_notebook(SETUP, EXPLORE, name="tables_dark.ipynb", dark=True, width=770, height=1500)
    fits_and_is_dark(notebook)
    widget = notebook.widget()
    with widget.repaint():
        notebook.python("w.pins = ['dense.0:1', 'dense.0:5', 'dense.0:9', 'dense.1:0']")
    widget.root.locator("[data-line='dense.1:0']").wait_for()
    assert widget.root.evaluate("(root) => root.scrollWidth <= root.clientWidth")
    shoot(notebook, "tables-dark-600")
