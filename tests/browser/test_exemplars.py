"""Exemplars in JupyterLab: alone, and linked to an Explorer."""

from __future__ import annotations

from pathlib import Path

import pytest

import neuronwidget as nw
from tests.browser import lab
from tests.browser.conftest import Opener, shoot
from tests.browser.programs import documents

pytestmark = pytest.mark.browser

EXPLORE = "w = g = nw.ExemplarGrid(atlas, unit='mlp.1:3'); g"
# As many exemplars as no scan keeps: the same ones again and again.
MANY = """
import pandas as pd
class Many(nw.Atlas):
    def exemplars(self, unit, group=None, n=None):
        top = super().exemplars(unit, group="top")
        top = pd.concat([top] * (1000 // len(top) + 1), ignore_index=True).head(1000)
        return top.assign(rank=range(1000), document=range(1000), id=[f"copy {i}" for i in range(1000)])
many = Many(atlas.folder, atlas.manifest)
g = nw.ExemplarGrid(many, unit="mlp.1:3"); g
"""
PICTURES = """
import numpy as np, tempfile, neuronwidget as nw
from sklearn.datasets import load_digits
digits = load_digits()
data = [np.repeat(np.kron(image * 15, np.ones((2, 2))).astype(np.uint8)[:, :, None], 3, 2)
        for image in digits.images[:60]]
atlas = nw.scan(nw.demo("digits"), data, labels=[str(n) for n in digits.target[:60]], out=tempfile.mkdtemp(),
                progress=False)
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small atlas of the demo model."""
    out = tmp_path_factory.mktemp("atlas")
    nw.scan(nw.demo("code"), documents(), sites=["mlp.1"], out=out, progress=False)
    return out


@pytest.fixture(scope="module")
def setup(folder: Path) -> str:
    return f"import neuronwidget as nw\natlas = nw.open_atlas({str(folder)!r})"


@pytest.fixture
def grid(fresh: lab.Notebook) -> lab.Widget:
    """A fresh grid with its first exemplars on the page."""
    widget = fresh.widget("exemplar-grid")
    wait_fresh(widget, "mlp.1:3", "top")
    return widget


def wait_fresh(grid: lab.Widget, unit: str, group: str) -> None:
    """Wait until the exemplars of a unit and group are on the page."""
    grid.wait(
        """(root, [unit, group]) => {
            const { dataset } = root.querySelector("[data-nw=exemplars]") ?? { dataset: {} };
            return dataset.fresh === "true" && dataset.unit === unit && dataset.group === group;
        }""",
        [unit, group],
    )


def row(grid: lab.Widget, key: int) -> object:
    return grid.root.locator(f'[data-nw=exemplar][data-key="{key}"]')


def texts(grid: lab.Widget) -> list[str]:
    """What the rows on the page read of the tokens that are kept, newlines as they are."""
    words = grid.root.locator("[data-nw=exemplar] .nw-ex-tokens").evaluate_all(
        "rows => rows.map(row => [...row.querySelectorAll('.nw-ex-token')].map(token => token.textContent).join(''))"
    )
    return [word.replace("⏎", "\n") for word in words]


def test_it_shows_what_the_atlas_has(grid: lab.Widget) -> None:
    python = grid.notebook.value
    shown = texts(grid)
    assert shown == python("g.table().query('group == \"top\"')['text'].tolist()")[: len(shown)]
    assert len(shown) > 5
    whole = grid.root.locator("[data-nw=exemplar] .nw-ex-tokens").all_text_contents()
    assert all(part in filled.replace("⏎", "\n") for part, filled in zip(shown, whole, strict=True))
    assert sum(map(len, whole)) > sum(map(len, shown)), "rows are filled with what stands around the tokens"
    peaks = grid.root.locator("[data-nw=exemplar] .nw-ex-peak").all_text_contents()
    expected = python("[row.pieces[row.peak] for row in g.table().itertuples() if row.group == 'top']")
    assert [peak.replace("⏎", "\n") for peak in peaks] == expected[: len(peaks)]
    edges = grid.root.locator("[data-nw=exemplar] .nw-ex-peak").evaluate_all(
        "peaks => peaks.map(peak => Math.round(peak.getBoundingClientRect().left))"
    )
    assert max(edges) - min(edges) <= 1, "the peaks stand below each other"
    assert grid.notebook.value("g.status") == "live"


def test_tabs_and_tokens_are_traits_both_ways(grid: lab.Widget) -> None:
    grid.root.locator("[data-nw=exemplar-tab][data-group=intervals]").click()
    wait_fresh(grid, "mlp.1:3", "intervals")
    grid.notebook.eventually("g.shown == {'group': 'intervals', 'context': 'full'}")
    heads = grid.root.locator(".nw-ex-head").all_text_contents()
    assert heads[0].startswith("Interval 5 of 5 (highest):")
    grid.page.keyboard.press("ArrowRight")
    wait_fresh(grid, "mlp.1:3", "quantiles")
    assert grid.root.locator(".nw-ex-head").first.text_content().startswith("Fifth 5 of 5")
    grid.part("context").select_option("5")
    grid.notebook.eventually("g.shown['context'] == '5'")
    assert {len(text) for text in texts(grid)} == {5}
    grid.notebook.python("g.shown = {'group': 'top', 'context': 'full'}")
    wait_fresh(grid, "mlp.1:3", "top")
    assert max(len(text) for text in texts(grid)) == 25


def test_the_unit_moves_from_both_sides(grid: lab.Widget) -> None:
    grid.notebook.python("g.unit = 'mlp.1:40'")
    wait_fresh(grid, "mlp.1:40", "top")
    assert grid.part("unit").input_value() == "mlp.1:40"
    grid.part("unit").fill("mlp.1:41")
    grid.page.keyboard.press("Enter")
    wait_fresh(grid, "mlp.1:41", "top")
    grid.notebook.eventually("str(g.unit) == 'mlp.1:41'")
    grid.part("unit").fill("mlp.1:99999")
    grid.page.keyboard.press("Enter")
    assert "0 to" in grid.root.locator(".nw-problem").inner_text()
    assert grid.notebook.value("str(g.unit)") == "mlp.1:41"


def test_picking_returns_a_table(grid: lab.Widget) -> None:
    row(grid, 1).click()
    row(grid, 4).click(modifiers=["Shift"])
    row(grid, 2).click(modifiers=["ControlOrMeta"])
    grid.notebook.eventually("g.picked == [1, 3, 4]")
    assert grid.notebook.value("g.selected['text'].tolist() == g.table().loc[[1, 3, 4], 'text'].tolist()")
    assert "3 exemplars" in grid.part("picked-count").inner_text()
    grid.page.keyboard.press("ArrowDown")
    grid.page.keyboard.press("Space")
    grid.notebook.eventually("g.picked == [1, 4]")
    grid.page.keyboard.press("Shift+ArrowDown")
    grid.notebook.eventually("len(g.picked) == 2 and 1 not in g.picked")
    grid.notebook.python("g.picked = [0]")
    grid.wait("root => root.querySelector('[data-key=\"0\"]').ariaSelected === 'true'")
    grid.page.keyboard.press("Escape")
    grid.notebook.eventually("g.picked == []")


def test_a_document_opens_in_place_with_its_token(grid: lab.Widget) -> None:
    grid.part("exemplar-list").focus()
    grid.page.keyboard.press("ArrowDown")
    grid.page.keyboard.press("Enter")
    grid.part("document-text").wait_for()
    document, position = grid.notebook.value("[int(g.table().loc[1, name]) for name in ('document', 'position')]")
    text = documents()[document]
    shown = grid.part("document-text").text_content()
    assert shown.replace("⏎", "") == text
    before = grid.part("document-text").evaluate(
        """box => {
            const range = document.createRange();
            range.setStart(box, 0);
            range.setEndBefore(box.querySelector(".nw-ex-peak"));
            return range.toString();
        }"""
    )
    assert before == text[:position]
    inside = grid.wait(
        """root => {
            const [box, peak] = ["[data-nw=document-text]", "[data-nw=document-text] .nw-ex-peak"].map((name) =>
                root.querySelector(name).getBoundingClientRect());
            return peak.top >= box.top && peak.bottom <= box.bottom + 1;
        }"""
    )
    assert inside, "its token is in sight"
    grid.page.keyboard.press("Escape")
    grid.wait("root => root.querySelector('[data-nw=document]') === null")
    assert grid.part("exemplar-list").evaluate("list => list === document.activeElement")


@pytest.mark.parametrize("theme", ["Light", "Dark"])
def test_it_fits(grid: lab.Widget, theme: str) -> None:
    notebook = grid.notebook
    notebook.command("apputils:change-theme", theme=f"JupyterLab {theme}")
    grid.wait("(root, dark) => root.classList.contains('nw-dark') === dark", theme == "Dark")
    grid.root.locator("[data-nw=exemplar-tab][data-group=intervals]").click()
    wait_fresh(grid, "mlp.1:3", "intervals")
    for width in (600, 1400):
        notebook.set_width(grid, width, 1000)
        outside = grid.root.evaluate(
            """root => {
                const edge = root.getBoundingClientRect();
                const parts = root.querySelectorAll("button, select, input, p, .nw-ex-item > *, .nw-ex-ramp");
                return [...parts].filter((part) => {
                    const box = part.getBoundingClientRect();
                    return box.width > 0 && (box.right > edge.right + 1 || box.left < edge.left - 1);
                }).map((part) => part.outerHTML.slice(0, 120));
            }"""
        )
        assert outside == []
        assert grid.root.evaluate("root => root.scrollWidth <= root.clientWidth")
        shoot(notebook, f"exemplars-{width}-{theme.lower()}")
    notebook.command("apputils:change-theme", theme="JupyterLab Light")


def test_a_thousand_are_scrolled_and_few_are_drawn(open_notebook: Opener, setup: str) -> None:
    notebook = open_notebook(setup, MANY)
    notebook.run_all()
    grid = notebook.widget("exemplar-grid")
    wait_fresh(grid, "mlp.1:3", "top")
    grid.part("exemplar-list").focus()
    for _ in range(20):
        grid.page.keyboard.press("PageDown")
    grid.wait("root => [...root.querySelectorAll('[data-nw=exemplar]')].some((row) => Number(row.dataset.key) > 200)")
    grid.page.keyboard.press("End")
    row(grid, 999).wait_for()
    assert "copy 999" in row(grid, 999).inner_text()
    assert grid.root.locator("[data-nw=exemplar]").count() < 60
    grid.page.keyboard.press("Space")
    notebook.eventually("g.picked == [999]")
    grid.page.keyboard.press("Home")
    row(grid, 0).wait_for()
    assert grid.part("exemplar-list").evaluate("list => list.scrollTop") == 0


def test_what_is_used_becomes_the_input_of_the_linked_view(open_notebook: Opener, setup: str) -> None:
    explore = "w = nw.explore(nw.demo('code'), 'x = 1', unit='mlp.1:3'); w"
    notebook = open_notebook(setup, explore, "g = nw.ExemplarGrid(atlas, live=w); g", height=2000)
    notebook.run_all()
    grid, explorer = notebook.widget("exemplar-grid"), notebook.widget()
    wait_fresh(grid, "mlp.1:3", "top")
    explorer.wait_text("x = 1")
    grid.root.locator("[data-key='2'] [data-nw=exemplar-use]").click()
    text = notebook.value("g.table().loc[2, 'text']")
    explorer.wait_text(text)
    assert explorer.text() == text
    assert notebook.value("g.used['text']") == text
    assert notebook.value("g.picked") == [], "what is used need not be picked"
    grid.wait_words(".nw-ex-foot", "the linked view")
    notebook.python("w.unit = 'mlp.1:40'")
    wait_fresh(grid, "mlp.1:40", "top")


def explored(open_notebook: Opener, setup: str) -> tuple[lab.Notebook, lab.Widget]:
    """A notebook with the Explorer and its atlas."""
    explore = "w = nw.explore(nw.demo('code'), 'x = 1', unit='mlp.1:3', atlas=atlas); w"
    notebook = open_notebook(setup, explore, height=2200)
    notebook.run_all()
    explorer = notebook.widget()
    explorer.wait_text("x = 1")
    return notebook, explorer


def test_beside_the_explorer_they_follow_its_unit_and_become_its_input(open_notebook: Opener, setup: str) -> None:
    notebook, explorer = explored(open_notebook, setup)
    wait_fresh(explorer, "mlp.1:3", "top")
    explorer.root.locator("[data-nw=units] [data-unit] button").first.click()
    notebook.eventually("str(w.unit) != 'mlp.1:3'")
    unit = notebook.value("str(w.unit)")
    wait_fresh(explorer, unit, "top")
    explorer.root.locator("[data-nw=exemplar][data-key='0'] [data-nw=exemplar-use]").click()
    text, peak = notebook.value("(lambda row: [row['text'], int(row['peak'])])(atlas.exemplars(w.unit).loc[0])")
    explorer.wait_text(text)
    notebook.eventually(f"w.input == {text!r}")
    explorer.wait_words("[data-nw=reading]", f"token {peak} ")
    button = explorer.root.locator("[data-nw=exemplar][data-key='0'] [data-nw=exemplar-use]")
    count = notebook.value("len(atlas.exemplars(w.unit).loc[0, 'pieces'])")
    assert f"these {count} tokens" in (button.get_attribute("title") or "")
    explorer.root.locator("[data-nw=exemplar][data-key='0'] [data-nw=exemplar-open]").click()
    explorer.part("document-use").click()
    first = "atlas.exemplars(w.unit).loc[0]"
    document, position = notebook.value(f"[int({first}[name]) for name in ('document', 'position')]")
    explorer.wait_text(documents()[document])
    explorer.wait_words("[data-nw=reading]", f"token {position} ")
    shoot(notebook, "explorer-document-used")


def test_beside_the_explorer_they_are_picked_and_python_has_them(open_notebook: Opener, setup: str) -> None:
    notebook, explorer = explored(open_notebook, setup)
    wait_fresh(explorer, "mlp.1:3", "top")
    row(explorer, 1).click()
    row(explorer, 3).click(modifiers=["Shift"])
    notebook.eventually("w.picked == [1, 2, 3]")
    table = "atlas.exemplars('mlp.1:3').loc[[1, 2, 3], 'text'].tolist()"
    assert notebook.value(f"w.selected['text'].tolist() == {table}")
    explorer.wait_words("[data-nw=picked-count]", "3 exemplars picked: explorer.selected")
    shoot(notebook, "explorer-picked")
    notebook.python("w.picked = [0]")
    explorer.wait("root => root.querySelector('[data-key=\"0\"]').ariaSelected === 'true'")
    explorer.wait_words("[data-nw=picked-count]", "1 exemplar picked")
    notebook.python("w.unit = 'mlp.1:40'")
    wait_fresh(explorer, "mlp.1:40", "top")
    explorer.wait_words("[data-nw=picked-count]", "Click to pick")
    assert notebook.value("w.picked") == []
    explorer.root.locator("[data-nw=similar] button, [data-nw=units] [data-unit] button").first.click()
    notebook.eventually("str(w.unit) != 'mlp.1:40'")
    wait_fresh(explorer, notebook.value("str(w.unit)"), "top")
    row(explorer, 2).click()
    notebook.eventually("w.picked == [2]")
    explorer.part("picked-clear").click()
    notebook.eventually("w.picked == []")
    explorer.root.locator("[data-nw=exemplar-tab][data-group=intervals]").click()
    notebook.eventually("w.shown['group'] == 'intervals'")


def test_pictures_stand_side_by_side_with_their_maps(open_notebook: Opener) -> None:
    notebook = open_notebook(PICTURES, "g = nw.ExemplarGrid(atlas, unit='conv.1:2'); g")
    notebook.run_all()
    grid = notebook.widget("exemplar-grid")
    wait_fresh(grid, "conv.1:2", "top")
    count = grid.notebook.value("int((g.table().group == 'top').sum())")
    assert count > 5
    tops = grid.root.locator("[data-nw=exemplar]").evaluate_all(
        "tiles => tiles.map((tile) => Math.round(tile.getBoundingClientRect().top))"
    )
    assert tops.count(tops[0]) > 3, "several stand in a line"
    pixels = grid.root.locator("[data-key='0'] canvas").first.evaluate(
        "canvas => [...canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height).data]"
    )
    image = grid.notebook.value("g.table().loc[0, 'image'].ravel().tolist()")
    assert [value for place, value in enumerate(pixels) if place % 4 < 3] == image
    covered = grid.root.locator("[data-key='0'] .nw-ex-over").evaluate(
        """canvas => {
            const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
            const alphas = [...data].filter((_, place) => place % 4 === 3);
            return alphas.indexOf(Math.max(...alphas));
        }"""
    )
    assert covered == notebook.value("int(g.table().loc[0, 'map'].argmax())"), "most where the unit is strongest"
    grid.part("exemplar-list").focus()
    grid.page.keyboard.press("ArrowRight")
    grid.page.keyboard.press("Space")
    notebook.eventually("g.picked == [1]")
    grid.page.keyboard.press("Enter")
    place = notebook.value("[int(g.table().loc[1, name]) for name in ('y', 'x')]")
    grid.wait_words("[data-nw=document]", f"peak at row {place[0]}, column {place[1]}")
    shoot(notebook, "exemplars-pictures")


def test_without_a_kernel_the_saved_exemplars_are_shown(server: lab.Server, open_notebook: Opener, setup: str) -> None:
    notebook = open_notebook(setup, EXPLORE)
    notebook.run_all()
    grid = notebook.widget("exemplar-grid")
    wait_fresh(grid, "mlp.1:3", "top")
    before = texts(grid)
    notebook.save()
    notebook.wait("() => !jupyterapp.shell.currentWidget.context.model.dirty")
    saved = server.read(notebook.name)
    states = saved.metadata["widgets"]["application/vnd.jupyter.widget-state+json"]["state"]
    assert any(state["state"].get("atlas_snapshot") for state in states.values())
    notebook.end_kernel()
    server.end_kernels(notebook.name)
    notebook.load()
    later = notebook.widget("exemplar-grid")
    later.wait("root => root.querySelectorAll('[data-nw=exemplar]').length > 5")
    assert texts(later)[:5] == before[:5]
    later.wait_state("no-kernel")
    assert "not live" in later.part("status").inner_text()
