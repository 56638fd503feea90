"""Which units are out of order, and which carry a concept, in JupyterLab beside an Explorer that has the same unit."""

from __future__ import annotations

import pytest

from tests.browser.conftest import Opener, shoot

pytestmark = pytest.mark.browser

SETUP = """
import neuronwidget as nw
from sklearn.datasets import load_digits
bunch = load_digits()
live, pictures = nw.demo("digits"), (bunch.images[:400] * 255 / 16).astype("uint8")
health = nw.health(live, pictures)
found = nw.localise(live, pictures, bunch.target[:400], "dense.0", of=["0", "5"], splits=2)
explorer = nw.explore(live, pictures[0])
"""


def test_units_are_chosen_by_pointer_and_keys_and_the_explorer_follows(open_notebook: Opener) -> None:
    notebook = open_notebook(SETUP, "h = nw.HealthView(health, explorer); h", "w = nw.LocaliseView(found, explorer); w")
    notebook.run_all()
    sick = notebook.widget("health")
    sick.wait_words("[data-nw=verdict]", "dead (never, in enough values to tell")
    shoot(notebook, "health")
    part = sick.root.locator("[data-nw=health-part]").first
    site, state = part.evaluate("(part) => [part.closest('[data-site]').dataset.site, part.dataset.is]")
    part.focus()
    notebook.page.keyboard.press("Enter")
    notebook.eventually(f"h.narrowed == {{'state': {state!r}, 'site': {site!r}}}")
    sick.root.locator("[data-nw=health-rows] [data-nw=unit]").first.click()
    notebook.eventually("str(h.unit) == str(explorer.unit) == h.table()['unit'][0]")

    told = notebook.widget("localised")
    told.wait_words("[data-nw=verdict]", "2 concepts in dense.0")
    shoot(notebook, "localised")
    told.root.locator("[data-nw=local-concept]").nth(1).click()
    notebook.eventually("w.narrowed == {'concept': '5', 'k': None}")
    told.root.locator("[data-k='2']").focus()
    notebook.page.keyboard.press("ArrowRight")
    notebook.page.keyboard.press("Enter")
    notebook.eventually("w.narrowed['k'] == 3 and len(w.units) == 3")
    told.wait_words("[data-nw=local-units]", "The best 3 units")
    told.root.locator("[data-nw=unit]").nth(2).click()
    notebook.eventually("w.unit == w.units[2] == explorer.unit == h.unit")
    notebook.python("explorer.unit = w.units[0]")
    notebook.eventually("w.unit == h.unit == w.units[0]")
    told.root.locator("tr.nw-chosen").wait_for()
    assert told.root.evaluate("(root) => root.scrollWidth <= root.clientWidth")
    assert sick.root.evaluate("(root) => root.scrollWidth <= root.clientWidth")
