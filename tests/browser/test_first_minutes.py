"""What a newcomer does first: read what the coloured unit is, look at another, come back, give it a name."""

from typing import Any

import pytest
from playwright.sync_api import Locator

from tests.browser import lab
from tests.browser.conftest import Opener, Spares, shoot
from tests.browser.lab import Widget

pytestmark = pytest.mark.browser

TEXT = "def greet(name):\n    # a comment\n    return name\n"
SETUP = "import neuronwidget as nw\nlive = nw.demo('code')"
EXPLORE = f"w = nw.explore(live, {TEXT!r})\nw"

# Running all cells ends at the last one, and the notebook takes those that are far away out of the page.
BACK_TO_CELL = """(index) => {
  const content = jupyterapp.shell.currentWidget.content;
  content.activeCellIndex = index;
  return content.scrollToItem(index, "start").then(() => null);
}"""


def box_of(part: Locator) -> Any:
    box = part.bounding_box()
    assert box is not None
    return box


def test_a_unit_is_read_left_found_again_and_named(explorer: Widget) -> None:
    says = explorer.part("unit-says")
    assert says.inner_text().startswith("state.1:92 · inside a comment AUROC .99, untrained twin .68; AP 0.9")
    assert box_of(says)["y"] < box_of(explorer.part("editor"))["y"]
    assert says.locator(".nw-tested").get_attribute("aria-label") == "held up"
    shoot(explorer.notebook, "first-line")

    with explorer.repaint():
        explorer.root.locator("[data-nw=units] [data-unit]:not(.nw-chosen) .nw-unit-button").first.click()
    explorer.notebook.eventually("str(w.unit) != 'state.1:92'")
    other = explorer.notebook.value("str(w.unit)")
    explorer.wait_words("[data-nw=unit-says]", other)

    back = explorer.part("unit-back")
    assert min(box_of(back)["width"], box_of(back)["height"]) >= 24
    assert "inside a comment" in (back.get_attribute("aria-label") or "")
    back.click()
    explorer.wait_words("[data-nw=unit-says]", "state.1:92")
    explorer.notebook.eventually("str(w.unit) == 'state.1:92'")
    # By the keys, from within the text, and the text stays as it is.
    explorer.part("editor").focus()
    explorer.page.keyboard.press("Alt+ArrowRight")
    explorer.wait_words("[data-nw=unit-says]", other)
    explorer.page.keyboard.press("Alt+ArrowLeft")
    explorer.wait_words("[data-nw=unit-says]", "state.1:92")
    assert explorer.text() == TEXT

    explorer.part("name-it").focus()
    explorer.page.keyboard.press("Enter")
    explorer.page.keyboard.type("remarks")
    explorer.page.keyboard.press("Escape")
    explorer.wait_words("[data-nw=unit-says]", "inside a comment")
    explorer.page.keyboard.press("Enter")
    explorer.page.keyboard.type("remarks in code")
    explorer.page.keyboard.press("Enter")
    explorer.wait_words("[data-nw=unit-says]", "state.1:92 · remarks in code")
    explorer.notebook.eventually("w.labels['state.1:92'] == 'remarks in code'")
    assert "remarks in code" in explorer.root.locator("[data-nw=legend][data-of=unit]").inner_text()
    # Another view of the model has the name too.
    assert explorer.notebook.value("nw.TokenStrip(live).labels['state.1:92']") == "remarks in code"


def test_the_path_of_a_first_time_reader(server: lab.Server, open_notebook: Opener, spares: Spares) -> None:
    """The quickstart: run all, read, type, look at another unit, come back, name it, save, open it without a kernel."""
    name, typed = "first-path.ipynb", "x = 1  # one"
    (server.notebooks / name).write_bytes((lab.REPO / "notebooks" / "00_quickstart.ipynb").read_bytes())
    notebook = open_notebook(name=name, own=False, height=1500)
    notebook.run_to_the_end()
    notebook.page.evaluate(BACK_TO_CELL, 1)
    first = notebook.widget()
    first.wait_words("[data-nw=unit-says]", "state.1:92 · inside a comment AUROC .99, untrained twin .68; AP 0.9")
    first.write(typed)
    first.wait_text(typed)

    with first.repaint():
        first.root.locator("[data-nw=units] [data-unit]:not(.nw-chosen) .nw-unit-button").first.click()
    first.wait("(root) => !root.querySelector('[data-nw=unit-says]').innerText.includes('state.1:92')")
    first.part("unit-back").click()
    first.wait_words("[data-nw=unit-says]", "state.1:92 · inside a comment")
    first.part("name-it").click()
    first.page.keyboard.type("remarks in code")
    first.page.keyboard.press("Enter")
    first.wait_words("[data-nw=unit-says]", "state.1:92 · remarks in code")
    notebook.eventually("live.labels['state.1:92'] == 'remarks in code'")
    first.save()
    spares.keep(notebook)

    again = open_notebook(name=name, height=1500)
    reopened = again.widget()
    reopened.wait_state("no-kernel")
    reopened.wait_words("[data-nw=unit-says]", "state.1:92 · remarks in code")
    assert reopened.text() == typed
    assert reopened.root.locator("[data-nw=strip] [data-token]").count() >= len(typed)
    shoot(again, "first-path-reopened")


def test_names_that_python_gives_are_read_at_once(explorer: Widget) -> None:
    explorer.notebook.python("w.labels = {**w.labels, 'state.1:92': 'after the hash'}")
    explorer.wait_words("[data-nw=unit-says]", "state.1:92 · after the hash")


def test_a_name_goes_to_a_file_and_the_mark_of_its_test_is_there_after_a_reload(explorer: Widget) -> None:
    notebook = explorer.notebook
    notebook.python("import tempfile; labels = nw.Labels(tempfile.mkdtemp() + '/labels.json'); w.labels = labels")
    explorer.part("name-it").focus()
    explorer.page.keyboard.press("Enter")
    explorer.page.keyboard.type("remarks")
    explorer.page.keyboard.press("Enter")
    notebook.eventually("nw.Labels(labels.path).get('state.1:92') == 'remarks'")
    notebook.python("labels.add_test('state.1:92', {'kind': 'blind', 'outcome': 'failed', 'short': '7 of 13'})")
    explorer.wait_words("[data-nw=unit-says]", "state.1:92 · remarks 7 of 13")
    notebook.save()
    notebook.load()
    again = notebook.widget()
    again.wait_words("[data-nw=unit-says]", "state.1:92 · remarks 7 of 13")
    assert again.part("unit-says").locator(".nw-tested").get_attribute("aria-label") == "failed"
    shoot(notebook, "failed-label")


def test_a_view_has_the_whole_screen_and_gives_it_back(explorer: Widget) -> None:
    before = box_of(explorer.root)["width"]
    explorer.part("full-screen").click()
    explorer.wait("(root) => document.fullscreenElement === root && root.clientWidth > innerWidth - 20")
    explorer.page.keyboard.press("Tab")
    shoot(explorer.notebook, "full-screen")
    explorer.part("full-screen").click()
    back = "(root, width) => !document.fullscreenElement && root.getBoundingClientRect().width === width"
    explorer.wait(back, before)


def test_a_newcomer_sees_all_of_it_in_900_pixels(explorer: Widget) -> None:
    size = explorer.page.viewport_size
    explorer.page.set_viewport_size({"width": 1400, "height": 900})
    explorer.part("full-screen").click()
    explorer.wait("(root) => root.clientWidth > innerWidth - 20 && innerWidth >= 1400")
    parts = ("editor", "reading", "overview", "units", "map", "guesses", "atlas-offer")
    boxes = {name: box_of(explorer.part(name)) for name in parts}
    shoot(explorer.notebook, "first-900")
    says = explorer.part("atlas-offer").locator("p")
    assert "about a minute" in says.inner_text()
    assert box_of(says)["width"] > 200
    for name, box in boxes.items():
        assert box["y"] >= 0, name
        assert box["y"] + box["height"] <= 900, name
    # By question: the text at the left, at the right what the unit does, what the model expects, which are strongest.
    right = [boxes[name] for name in ("atlas-offer", "guesses", "units")]
    assert all(box["x"] >= boxes["editor"]["x"] + boxes["editor"]["width"] for box in right)
    assert [box["y"] for box in right] == sorted(box["y"] for box in right)
    explorer.part("full-screen").click()
    assert size is not None
    explorer.page.set_viewport_size(size)


def test_an_atlas_is_built_from_the_page(open_notebook: Opener) -> None:
    cache = "import os, tempfile\nos.environ['XDG_CACHE_HOME'] = tempfile.mkdtemp()"
    notebook = open_notebook(f"{cache}\nimport neuronwidget as nw", "w = nw.explore(nw.demo('cancer')); w", own=True)
    notebook.run_all()
    widget = notebook.widget()
    widget.wait_seq(0)
    assert "a few seconds" in widget.part("atlas-offer").inner_text()
    widget.part("build-atlas").click()
    widget.root.locator("[data-nw=atlas-side] [data-nw=histogram]").wait_for()
    notebook.eventually("w.atlas.manifest['done']['documents'] == 569")
    assert widget.root.locator("[data-nw=atlas-offer]").count() == 0
    notebook.set_width(widget, 1100, 1200)
    side, row = box_of(widget.part("atlas-side")), box_of(widget.part("editor"))
    assert side["x"] >= row["x"] + row["width"]
    assert side["y"] <= row["y"] + 5
    shoot(notebook, "first-atlas")
