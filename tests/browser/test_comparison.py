"""A comparison in JupyterLab: a unit is chosen by keys and pointer, pinned, switched off, looked into."""

from __future__ import annotations

import pytest

from tests.browser.conftest import Opener, shoot

pytestmark = pytest.mark.browser

SETUP = """
import neuronwidget as nw
from sklearn.datasets import load_breast_cancer
bunch = load_breast_cancer(as_frame=True)
live = nw.demo("cancer")
groups = {name: bunch.data[bunch.target == number] for number, name in enumerate(bunch.target_names)}
comparison = nw.compare(live, groups)
explorer = nw.explore(live)
w = nw.CompareView(comparison, explorer=explorer); w
"""


def test_a_unit_is_chosen_pinned_switched_off_and_looked_into(open_notebook: Opener) -> None:
    notebook = open_notebook(SETUP, "explorer")
    notebook.run_all()
    widget, keyboard = notebook.widget("comparison"), notebook.page.keyboard
    best = notebook.value("str(w.unit)")
    widget.wait_words("[data-nw=verdict]", "malignant")
    widget.wait_words("[data-nw=compared]", "50% would be chance")
    shoot(notebook, "comparison")

    widget.part("volcano").locator("canvas").focus()
    keyboard.press("ArrowDown")
    widget.part("volcano-tip").wait_for()
    keyboard.press("Enter")
    notebook.eventually(f"str(w.unit) != {best!r} and explorer.unit == w.unit")

    row = widget.root.locator("[data-nw=units] tbody tr").nth(3)
    unit = row.get_attribute("data-unit")
    row.locator("[data-nw=unit]").click()
    notebook.eventually(f"str(w.unit) == str(explorer.unit) == {unit!r}")
    keyboard.press("p")
    notebook.eventually(f"[str(pin) for pin in explorer.pins] == [{unit!r}]")

    widget.part("switch-off").focus()
    keyboard.press("Enter")
    notebook.eventually(f"[(e['unit'], e['factor']) for e in explorer.edits] == [({unit!r}, 0.0)]")
    widget.wait_words("[data-nw=cause]", "It is off")
    keyboard.press("Enter")
    notebook.eventually("explorer.edits == []")

    member = widget.part("exemplars").locator("[data-nw=member]").first
    document = int(member.get_attribute("data-document") or "")
    member.click()
    notebook.eventually(f"explorer.input == comparison.document({document})")
    notebook.python("explorer.unit = 'dense.0:5'")
    widget.wait_words("[data-nw=compared] h3", "dense.0:5")
    assert widget.root.evaluate("(root) => root.scrollWidth <= root.clientWidth")
