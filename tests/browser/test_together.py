"""Several widgets on one page, and a host with styles of its own: none spoils what another shows."""

from __future__ import annotations

import pytest

from tests.browser.conftest import EXPLORE, IMPORT, TEXT, Opener, shoot

pytestmark = pytest.mark.browser

ROW = f"import ipywidgets\na, b = (nw.explore(live, {TEXT!r}) for _ in range(2))\nipywidgets.HBox([a, b])"
PICTURE = "nw.explore(nw.demo('digits'))"
# Where a unit, a token and a cell are marked, and how the page is laid out.
LOOKS = """(root) => [".nw-mark-col", ".nw-mark-row", ".nw-body", ".nw-area-side", ".nw-canvas"].map((one) => {
    const style = getComputedStyle(root.querySelector(one));
    const { position, boxShadow, gridTemplateAreas, cursor, borderLeft, height } = style;
    return [one, position, boxShadow, gridTemplateAreas, cursor, borderLeft, height];
})"""


def test_explorers_share_a_row(open_notebook: Opener) -> None:
    notebook = open_notebook(IMPORT, ROW, height=1500)
    notebook.run_all()
    for index in range(2):
        notebook.widget(index=index).wait_text(TEXT)
    widths = [notebook.widget(index=index).root.evaluate("(root) => root.clientWidth") for index in range(2)]
    assert min(widths) > 320
    assert max(widths) - min(widths) <= 2, "each takes its share"
    shoot(notebook, "row")
    second = notebook.widget(index=1)
    second.root.get_by_text("Only units").click()
    notebook.page.keyboard.type("5-9")
    notebook.eventually("b.view['filter'] == '5-9'")
    assert notebook.value("a.view['filter']") == "", "a label speaks of its own widget"


@pytest.mark.parametrize("host", ["lab", "notebooks"])
def test_help_is_laid_out_by_us(open_notebook: Opener, host: str) -> None:
    notebook = open_notebook(IMPORT, EXPLORE, host=host, height=1500)
    notebook.run_all()
    widget = notebook.widget()
    widget.wait_text(TEXT)
    widget.part("help").click()
    script = """(root) => [...root.querySelectorAll('.nw-help-line')].map((line) => {
        const [what, does] = [...line.children].map((part) => part.getBoundingClientRect());
        return does.left >= what.right && Math.abs(does.top - what.top) < 2;
    })"""
    lines = widget.wait(script)
    assert len(lines) > 5
    assert all(lines), "what there is stands at the left of what it does"
    shoot(notebook, f"help-{host}")


def test_another_bundle_changes_nothing(open_notebook: Opener) -> None:
    atlas = "atlas = live.atlas(size=20_000)\nnw.explore(live, 'a # b', atlas=atlas)"
    notebook = open_notebook(IMPORT, EXPLORE, PICTURE, atlas, height=1500)
    notebook.run_cell(0)
    notebook.run_cell(1)
    widget = notebook.widget()
    widget.wait_text(TEXT)
    with widget.repaint():
        widget.click_token(3)
    widget.wait("(root) => root.querySelector('.nw-mark-col') && root.querySelector('.nw-mark-row')")
    before = widget.root.evaluate(LOOKS)
    notebook.run_cell(2)
    notebook.widget(index=1).wait_seq(0)
    notebook.run_cell(3)
    notebook.widget(index=2).wait("(root) => root.querySelector('[data-nw=card] [data-nw=histogram]')")
    assert widget.root.evaluate(LOOKS) == before
    shoot(notebook, "three-bundles")
