"""Patterns of inputs in JupyterLab: what is chosen in the page is chosen in Python, and a key places the input anew."""

from __future__ import annotations

import pytest

from tests.browser import lab
from tests.browser.conftest import Opener, shoot

pytestmark = pytest.mark.browser

SETUP = """
import neuronwidget as nw
from sklearn.datasets import load_digits
bunch = load_digits()
live = nw.demo("digits")
data = [((16 * image).clip(0, 255).astype("uint8")[..., None].repeat(3, 2), str(label))
        for image, label in zip(bunch.images[:600], bunch.target)]
responses = nw.collect(live, data, ["conv.2", "dense.0"])
first, second = (nw.patterns(live, responses, site, bootstraps=3, nulls=1) for site in ("conv.2", "dense.0"))
"""
SHOW = "w = nw.PatternView(second, live, flow=first); w"


def placed(widget: lab.Widget) -> str:
    """Where the present input is said to lie."""
    return widget.part("place").first.inner_text()


def test_patterns_are_chosen_by_pointer_and_keys_and_the_input_is_placed_at_every_key(open_notebook: Opener) -> None:
    notebook = open_notebook(SETUP, SHOW)
    notebook.run_all()
    widget = notebook.widget("patterns")
    widget.wait_words("[data-nw=verdict]", "patterns in dense.0")
    widget.wait_words("[data-nw=place]", "Nearest to it")
    shoot(notebook, "patterns")

    row = widget.root.locator("[data-nw=patterns] > li").nth(0)
    number = int(row.get_attribute("data-pattern") or "")
    row.locator("button").first.focus()
    notebook.page.keyboard.press("Enter")
    notebook.eventually(f"w.pattern == {number} and len(w.chosen) == (second.inputs['pattern'] == {number}).sum()")
    widget.part("member").first.wait_for()

    before = placed(widget)
    member = widget.part("member").first
    document = int(member.get_attribute("data-document") or "")
    member.click()
    notebook.eventually(f"w.member == {document} and (w.input == second.document({document})).all()")
    widget.wait_words("[data-nw=place]", f"Pattern {number}")
    widget.part("picture").focus()
    with widget.repaint():
        notebook.page.keyboard.press("Shift+ArrowRight")
    assert placed(widget) != before

    notebook.python("w.pattern = None")
    widget.wait_words("[data-nw=chosen]", "Choose a pattern")
    widget.root.locator("[data-nw=pattern-map] > div > canvas").first.focus()
    notebook.page.keyboard.press("ArrowRight")
    pointed = widget.root.locator(".nw-map-tip canvas").first
    pointed.wait_for()
    assert pointed.evaluate("(picture) => picture.clientHeight") < 100
    box = widget.root.locator("[data-nw=pattern-map] canvas").first.bounding_box()
    assert box is not None
    mouse = notebook.page.mouse
    mouse.move(box["x"] + 10, box["y"] + 10)
    mouse.down()
    mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2, steps=4)
    mouse.up()
    notebook.eventually("w.narrowed['brush'] is not None and 0 < len(w.chosen) < len(data)")
    assert widget.root.evaluate("(root) => root.scrollWidth <= root.clientWidth")
