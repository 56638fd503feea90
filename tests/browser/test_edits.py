"""A unit of a real model is turned down in JupyterLab, and everything follows."""

from __future__ import annotations

import pytest

from tests.browser.conftest import IMPORT, TEXT, Opener, shoot

pytestmark = pytest.mark.browser


def test_a_unit_is_switched_off_and_everything_follows(open_notebook: Opener) -> None:
    show = f"w = nw.explore(live, {TEXT!r}, pins=['mlp.1:7']); w"
    notebook = open_notebook(IMPORT, show, height=1300, width=1400)
    notebook.run_all()
    widget = notebook.widget()
    seq = widget.wait_seq(0)
    before = widget.part("guesses").inner_text()
    assert widget.part("edited").count() == 0
    widget.part("edit-off").click()
    seq = widget.wait_seq(seq)
    widget.part("edited").wait_for()
    widget.wait_words("[data-nw=edits]", "→ 0")
    assert widget.part("guesses").inner_text() != before
    assert notebook.value("w.edits[0]['factor']") == 0
    assert notebook.value("live.edits") == []
    verdict = widget.wait_words("[data-nw=verdict]", "random units")
    assert "20" in verdict
    widget.part("continue").click()
    widget.wait_words("[data-nw=continued] [role=status]", "tokens")
    columns = widget.part("continued").locator("ol").evaluate_all("all => all.map(one => one.children.length)")
    assert columns == [40, 40]
    widget.part("draw-dose").click()
    widget.wait_words("[data-nw=dose] [role=status]", "the effect is KL")
    assert "by one matrix" in widget.part("direct").inner_text()
    shoot(notebook, "edits-off")
    slider = widget.part("strength")
    slider.focus()
    slider.press("End")
    widget.wait_seq(seq)
    notebook.eventually("w.edits[0]['factor'] == 10")
    assert slider.get_attribute("aria-valuetext") == "10 times"
    widget.part("compare").locator("[value=difference]").check(force=True)
    widget.wait_words("[data-nw=edited]", "the difference is shown")
    notebook.eventually("w.view['compare'] == 'difference'")
    shoot(notebook, "edits-difference")
    slider.press("Control+z")
    widget.wait_words("[data-nw=edits]", "→ 0")
    notebook.python("strip = nw.TokenStrip(live, 'x = 1')")
    notebook.eventually("strip.edits == w.edits != []")
    notebook.python("strip.edits = []")
    widget.part("edited").wait_for(state="detached")
    widget.part("drives-output").click()
    assert "choices" in widget.wait_words("[data-nw=drives-said]", "random choices")
    shoot(notebook, "edits-drives")
    widget.part("hold-input").click()
    notebook.eventually("w.beside == w.input")
    notebook.python("w.input, w.beside = 'x = \"ab', 'x = [ab'")
    widget.wait_text('x = "ab')
    widget.part("patch").click()
    verdict = widget.wait_words("[data-nw=patches] .nw-verdict", "What a patch brings back")
    assert verdict == notebook.value("nw.patch_grid(live, w.beside, w.input).verdict")
    grid = widget.part("patch-grid")
    assert grid.locator("canvas").count() == 3
    for key in [*["ArrowRight"] * 4, "Enter"]:
        grid.press(key)
    widget.wait_words("[data-nw=patch-said]", 'resid.0 at token 4 “"”: 0.')
    notebook.eventually("(w.site, w.selection['token']) == ('resid.0', 4)")
    shoot(notebook, "edits-patches")
