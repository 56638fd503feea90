"""Every notebook of ours runs from top to bottom in the page."""

from pathlib import Path

import pytest

from tests.browser import lab
from tests.browser.conftest import Opener, shoot

pytestmark = pytest.mark.browser
#: Views of results without an editor: they show what they were given, and no frames.
RESULTS = {"shortcuts", "comparison", "health", "groups"}
NOTEBOOKS = sorted((lab.REPO / "notebooks").glob("*.ipynb"))


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_notebook_runs_and_its_widgets_come_alive(path: Path, server: lab.Server, open_notebook: Opener) -> None:
    (server.notebooks / path.name).write_bytes(path.read_bytes())
    notebook = open_notebook(name=path.name, own=False, height=1500)
    notebook.run_to_the_end()
    roots = notebook.page.locator(".nw-root")
    assert roots.count()
    for number in range(roots.count()):
        widget = lab.Widget(notebook, roots.nth(number))
        widget.root.scroll_into_view_if_needed()
        if widget.attribute("data-nw") == "exemplar-grid":
            widget.part("exemplar").first.wait_for()
        elif widget.attribute("data-nw") in RESULTS:
            widget.part("verdict").wait_for()
        elif widget.attribute("data-nw") == "scan-progress":  # an atlas that was not built before
            widget.wait_state("done")
        elif widget.attribute("data-nw") == "blind":
            widget.part("blind-explain").wait_for()
        else:
            widget.wait_seq(0)
        assert widget.part("error").count() == 0
        assert widget.root.evaluate("(root) => root.scrollWidth <= root.clientWidth")
        widget.root.evaluate("(root) => root.scrollIntoView({ block: 'start' })")
        shoot(notebook, f"{path.stem}-{number}")
