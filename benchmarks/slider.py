"""Slider move → painted, beside a key press and a bare echo in the same page: `python -m benchmarks.slider`.

The strength of an edit is moved by arrow keys, which are moves of the slider as those of a pointer are. The page's own
clock says when each came and when the picture that followed was on the screen.
"""

from __future__ import annotations

import statistics
import time

from benchmarks.live_loop import Times, beside_echo, empty, row, spread, take_in, typed
from benchmarks.timing import HEAD, machine
from tests.browser import lab

MOVES, ROUNDS, GAP = 30, 3, 0.120
UNIT = "mlp.2:17"
NOTE_MOVES = """(root) => {
  if (!window.__moves) root.addEventListener("keydown", ({ timeStamp }) => window.__moves.push(timeStamp), true);
  window.__moves = [];
}"""


def moved(notebook: lab.Notebook, widget: lab.Widget) -> Times:
    """Milliseconds from each move to the picture that followed, those inside the model, and those in the kernel.

    Nothing is asked of the page between two moves: what Playwright asks runs on the page's own thread, and was 5 to 7
    ms of each move when a picture was waited for. So each move must have a picture of its own, in turn; a round in
    which two moves shared one is done again.
    """
    slider = widget.part("strength")
    while True:
        slider.focus()
        widget.root.evaluate(NOTE_MOVES)
        notebook.forget()
        due = time.perf_counter()
        for number in range(MOVES):
            time.sleep(max(0.0, due - time.perf_counter()))
            notebook.page.keyboard.press("ArrowLeft" if number % 2 else "ArrowRight")
            due += GAP
        time.sleep(4 * GAP)
        moves = notebook.page.evaluate("window.__moves")
        frames = [frame for frame in notebook.painted() if frame["kind"] == "explorer"]
        if len(moves) == len(frames):
            break
    return (
        [frame["at"] - at for at, frame in zip(moves, frames, strict=True)],
        [frame["ms"]["model"] for frame in frames],
        [frame["ms"]["total"] for frame in frames],
    )


def rest(times: Times) -> list[float]:
    """What is not the model's."""
    return [total - model for total, model, _ in zip(*times, strict=True)]


def main() -> None:
    print(machine())
    print(HEAD)
    with lab.jupyterlab() as (server, browser):
        edit = {"edit": "scale", "unit": UNIT, "factor": 2}
        notebook, explorer, echo = beside_echo(server, browser, "slider.ipynb", UNIT)
        keys: Times = ([], [], [])
        moves: Times = ([], [], [])
        bare: list[float] = []
        for number in range(ROUNDS + 1):  # the first warms up
            notebook.python("w.edits = []")
            empty(notebook, explorer, "explorer")
            pressed = typed(notebook, explorer)
            empty(notebook, echo, "echo")
            echoed = typed(notebook, echo)[0]
            empty(notebook, explorer, "explorer")
            with explorer.repaint():
                notebook.python(f"w.edits = [{edit!r}]")
            slid = moved(notebook, explorer)
            if number:
                bare += echoed
                take_in(keys, pressed)
                take_in(moves, slid)
        echo_time = statistics.median(bare)
        row("key → painted", spread(keys[0]), "")
        row("slider move → painted", spread(moves[0]), "")
        row("of it the model", spread(moves[1]), "")
        row("of it in the kernel", spread([total - model for _, model, total in zip(*moves, strict=True)]), "")
        row("key: not the model ÷ bare echo", f"**{statistics.median(rest(keys)) / echo_time:.2f}**", "≤ 1.3")
        row("slider: not the model ÷ bare echo", f"**{statistics.median(rest(moves)) / echo_time:.2f}**", "≤ 1.3")
        notebook.close()


if __name__ == "__main__":
    main()
