"""Key press → painted with an atlas beside the view, and without: `python -m benchmarks.atlas_beside`.

Two Explorers of the same model and text stand in one page; one has an atlas, so each key also moves the marks of its
card and of its exemplars. The same keys are typed into both, in turn.
"""

from __future__ import annotations

import statistics
from typing import Any

from benchmarks.live_loop import TEXT, Times, row, spread, take_in, typed
from benchmarks.timing import HEAD, machine
from tests.browser import lab

ROUNDS = 4
UNIT = "state.1:92"
#: The Explorers, by their names in Python.
HANDLES = ("alone", "beside")
SETUP = """
import neuronwidget as nw

live = nw.demo("code")
atlas = live.atlas(size=100_000, progress=False)
"""


def open_both(server: lab.Server, browser: Any) -> tuple[lab.Notebook, list[lab.Widget]]:
    """A notebook with both, past their first pictures."""
    shown = f"nw.explore(live, {TEXT!r}, unit={UNIT!r}"
    cells = f"alone = {shown}); alone", f"beside = {shown}, atlas=atlas); beside"
    server.write("beside.ipynb", SETUP, *cells)
    notebook = lab.Notebook(server, browser, "beside.ipynb", height=1600)
    notebook.run_to_the_end()
    widgets = [notebook.widget("explorer", index) for index in range(len(HANDLES))]
    for widget in widgets:
        widget.wait_seq(0)
    notebook.set_width(widgets[1], 1400, 1600)
    widgets[1].wait("(root) => root.querySelector('[data-nw=histogram]') && root.querySelector('[data-nw=exemplar]')")
    return notebook, widgets


def empty(notebook: lab.Notebook, widget: lab.Widget, handle: str) -> None:
    """Bring a text back to what it was."""
    if widget.text() != TEXT:
        with widget.repaint():
            notebook.python(f"{handle}.input = {TEXT!r}")


def main() -> None:
    print(machine())
    print(HEAD)
    with lab.jupyterlab() as (server, browser):
        notebook, widgets = open_both(server, browser)
        times: dict[str, Times] = {handle: ([], [], []) for handle in HANDLES}
        for number in range(ROUNDS + 1):  # the first warms up
            for handle, widget in zip(HANDLES, widgets, strict=True):
                taken = typed(notebook, widget)
                if number:
                    take_in(times[handle], taken)
                empty(notebook, widget, handle)  # or what it paints later counts as the other's
        alone, beside = (times[handle][0] for handle in HANDLES)
        row("key → painted, an atlas beside the view", spread(beside), "")
        row("the same without an atlas", spread(alone), "")
        ratio = statistics.median(beside) / statistics.median(alone)
        row("with an atlas ÷ without, medians", f"**{ratio:.2f}**", "≤ 1.2")
        notebook.close()


if __name__ == "__main__":
    main()
