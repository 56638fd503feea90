"""A blind test in JupyterLab: three rounds by the keyboard alone, and what they become in Python."""

from __future__ import annotations

import pytest

from tests.browser.conftest import Opener, shoot

pytestmark = pytest.mark.browser

SETUP = """
import neuronwidget as nw
from sklearn.datasets import load_digits
bunch = load_digits()
live = nw.demo("digits")
data = [(16 * image).clip(0, 255).astype("uint8")[..., None].repeat(3, 2) for image in bunch.images[:300]]
"""
SHOW = """
blind = nw.blind_rounds(live, "dense.0:5", data=data, label="a loop at the top")
kinds = ["detection", "fuzzing", "intruder"]
blind.rounds = [next(one for one in blind.rounds if one.kind == kind) for kind in kinds]
w = nw.BlindTest(live, blind=blind, by="K"); w
"""


def test_three_blind_rounds_are_answered_by_the_keyboard_alone(open_notebook: Opener) -> None:
    notebook = open_notebook(SETUP, SHOW)
    notebook.run_all()
    widget, keyboard = notebook.widget("blind"), notebook.page.keyboard
    widget.wait_words("h3", "Is this label right?")
    widget.part("blind-send").focus()
    keyboard.press("Enter")
    for number, kind in enumerate(("detection", "fuzzing", "intruder")):
        widget.wait_words("h3", f"Round {number + 1} of 3")
        assert widget.part("blind-round").get_attribute("data-kind") == kind
        assert widget.root.locator(".nw-blind-truth").count() == 0, "the page does not know it yet"
        shoot(notebook, f"blind-{kind}")
        truth = notebook.value(f"sorted(w.blind.rounds[{number}].truth)")
        if kind == "fuzzing":
            keyboard.press("1" if truth else "2")
        for item in truth if kind != "fuzzing" else []:
            keyboard.press(str(item + 1))
        keyboard.press("Enter")
        widget.wait_words(".nw-blind-outcome", "Right.")
        keyboard.press("Enter")
    widget.part("blind-end").wait_for()
    shoot(notebook, "blind-end")
    assert notebook.value("w.result.answers['right'].all() and w.result.answered == 3")
    assert notebook.value("live.labels.label('dense.0:5').tests[-1]['author']") == "K"
    assert widget.root.evaluate("(root) => root.scrollWidth <= root.clientWidth")

    notebook.save()
    notebook.load()
    again = notebook.widget("blind")
    again.wait_words("h3", "The score")
