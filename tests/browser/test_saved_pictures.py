"""The picture that a cell keeps of its widget: out of sight while the widget lives, there for whoever has no kernel."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Locator, expect

from tests.browser import lab
from tests.browser.conftest import EXPLORE, IMPORT, TEXT, WIDGETS, Opener, shoot

pytestmark = pytest.mark.browser
PICTURE = "[class^=neuronwidget-saved-]"
STRIP = f"strip = nw.TokenStrip(live, {TEXT!r}, unit='mlp.1:7'); strip"


def rows(notebook: lab.Notebook) -> Locator:
    """The rows that JupyterLab puts around pictures."""
    return notebook.page.locator(".jp-OutputArea-child").filter(has=notebook.page.locator(PICTURE))


def nothing_twice(notebook: lab.Notebook, count: int) -> None:
    """All pictures are in the page, and none takes up room."""
    expect(rows(notebook)).to_have_count(count)
    for number in range(count):
        expect(rows(notebook).nth(number)).to_be_hidden()


@pytest.fixture
def without_state(server: lab.Server) -> Iterator[None]:
    """Pages that are loaded now save notebooks as JupyterLab does by default, without the state of widgets."""
    server.set(WIDGETS, saveState=False)
    yield
    server.set(WIDGETS, saveState=True)


@pytest.mark.usefixtures("without_state")
def test_a_reader_without_a_kernel_sees_the_picture(server: lab.Server, open_notebook: Opener) -> None:
    """In a notebook that JupyterLab trusts."""
    notebook = open_notebook(IMPORT, EXPLORE, STRIP, own=True, height=1500)
    notebook.run_to_the_end()
    notebook.widget().wait_text(TEXT)
    notebook.widget("token-strip").wait_text(TEXT)
    nothing_twice(notebook, 2)
    notebook.page.evaluate("() => jupyterapp.shell.currentWidget.context.save()")
    # Another page of the same kernel brings the widgets to life again.
    notebook.load()
    notebook.widget().wait_text(TEXT)
    nothing_twice(notebook, 2)
    notebook.close()
    server.end_kernels(notebook.name)
    assert "widgets" not in server.read(notebook.name).metadata

    again = open_notebook(name=notebook.name, height=1500)
    again.wait("() => jupyterapp.shell.currentWidget.content.model.cells.get(2)?.trusted")
    for number in range(2):
        picture = rows(again).nth(number).locator(PICTURE)
        picture.wait_for()
        assert "def greet(name):" in picture.inner_text()
        assert "mlp.1:7" in picture.inner_text()
        expect(picture.locator("img").first).to_be_visible()
    # What JupyterLab says above a picture it has itself, in a whole sentence.
    for number in range(2):
        again.page.get_by_text("model not found").nth(number).wait_for(state="attached")
        expect(again.page.get_by_text("model not found").nth(number)).to_be_hidden()
    assert again.page.locator(".nw-root").count() == 0
    shoot(again, "saved-picture-without-kernel")
    again.console[:] = [line for line in again.console if "widget model not found" not in line]


def test_a_view_that_lost_its_kernel_shows_more_than_the_picture(open_notebook: Opener) -> None:
    notebook = open_notebook(IMPORT, EXPLORE)
    notebook.run_all()
    widget = notebook.widget()
    widget.wait_text(TEXT)
    nothing_twice(notebook, 1)
    notebook.end_kernel()
    widget.wait_state("no-kernel")
    nothing_twice(notebook, 1)
