"""The quickstart in a real Firefox: opened, typed into, followed, pointed at, and nothing on its console."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest

from tests.browser import lab
from tests.browser.conftest import SHOTS, ours
from tests.browser.hosts.firefox import FirefoxPage, firefox, program

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(
        program() is None and not os.environ.get("CI"),
        reason="there is no Firefox here: install firefox-esr, or set NEURONWIDGET_FIREFOX to the path of one",
    ),
]
QUICKSTART = "00_quickstart.ipynb"
ROOT = 'document.querySelector(".nw-root[data-nw=explorer]")'
PAINTED = "(text) => window.__painted.findLast((one) => one.kind === 'explorer')?.text === text"
SAYS = f"""(before) => {{ const says = {ROOT}.querySelector("[data-nw=unit-says]").innerText;
  return says !== before && says; }}"""


def in_root(selector: str) -> str:
    """A function that returns a part of the first Explorer."""
    return f"() => {ROOT}?.querySelector({selector!r})"


@pytest.fixture
def page() -> Iterator[FirefoxPage]:
    with firefox(height=1500) as page:
        yield page


def test_the_quickstart(server: lab.Server, page: FirefoxPage) -> None:
    (server.notebooks / QUICKSTART).write_bytes((lab.REPO / "notebooks" / QUICKSTART).read_bytes())
    page.goto(f"{server.url}/lab/workspaces/firefox/tree/{QUICKSTART}?reset")
    page.wait_for_function("() => window.jupyterapp?.shell?.currentWidget?.content?.widgets?.length > 0")
    page.wait_for_function("() => jupyterapp.shell.currentWidget.sessionContext.session?.kernel?.status === 'idle'")
    page.evaluate(f"() => {{ const index = 1; {lab.POINT_AT_CELL}; void run(); }}")
    page.wait_for_function("() => window.__painted.length > 0")
    says = page.wait_for_function(SAYS, "")
    assert says.startswith("state.1:92 · inside a comment")

    page.click(in_root("[data-nw=editor]"))
    page.press("Control+a")
    page.type("x = 1  # one")
    page.wait_for_function(PAINTED, "x = 1  # one")
    assert page.evaluate(f"() => {ROOT}.querySelector('[data-nw=editor]').value") == "x = 1  # one"
    assert page.evaluate(f"() => {ROOT}.scrollWidth <= {ROOT}.clientWidth"), "nothing sticks out"

    bars = page.evaluate(f"() => getComputedStyle({ROOT}.querySelector('[data-nw=editor]')).scrollbarColor")
    assert bars.startswith("rgb(142, 142, 138)"), "bars have a colour of the view, on a dark ground too"

    page.click(in_root("[data-nw=units] [data-unit]:not(.nw-chosen) .nw-unit-button"))
    other = page.wait_for_function(SAYS, says)
    page.click(in_root("[data-nw=unit-back]"))
    assert page.wait_for_function(SAYS, other) == says

    page.click(in_root("[data-nw=help]"))
    words = page.wait_for_function(f"() => [...{ROOT}.querySelectorAll('.nw-help-line')].map((line) => line.innerText)")
    assert len(words) > 5
    SHOTS.mkdir(exist_ok=True)
    page.screenshot(SHOTS / "firefox.png")
    assert ours(page.console) == []
