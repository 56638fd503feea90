"""What happens around an Explorer: reloads, restarts, saved notebooks, busy cells, errors, themes, widths, links."""

from pathlib import Path

import pytest

from tests.browser import lab
from tests.browser.conftest import EXPLORE, IMPORT, TEXT, Opener, Spares, shoot

pytestmark = pytest.mark.browser

RAISES = """
import torch, neuronwidget as nw
from torch import nn

class Moody(nn.Module):
    def __init__(self):
        super().__init__()
        torch.manual_seed(0)
        self.embed, self.first, self.second = nn.Embedding(256, 8), nn.Linear(8, 12), nn.Linear(12, 6)

    def forward(self, ids):
        if (ids == ord("!")).any():
            raise RuntimeError("no <b>exclamation</b> marks")
        return self.second(torch.relu(self.first(self.embed(ids))))

inputs = nw.TextInputs(
    encode=lambda text: list(text.encode()), decode=lambda ids: bytes(ids).decode("utf-8", "replace")
)
live = nw.attach(Moody(), inputs=inputs)
w = nw.explore(live, "calm", unit="first:3"); w
"""


def test_a_reloaded_page_keeps_what_the_person_set(open_notebook: Opener) -> None:
    notebook = open_notebook(IMPORT, EXPLORE)
    notebook.run_all()
    widget = notebook.widget()
    widget.wait_text(TEXT)
    widget.write("kept = 'yes'")
    widget.wait_text("kept = 'yes'")
    widget.part("order").select_option("strength")
    notebook.eventually("w.input == \"kept = 'yes'\" and w.view['order'] == 'strength'")
    notebook.save()
    notebook.load()
    again = notebook.widget()
    again.wait_text("kept = 'yes'")
    assert again.text() == "kept = 'yes'"
    assert again.part("order").input_value() == "strength"
    assert "mlp.1:7" in again.root.inner_text()
    again.write("and goes on")
    again.wait_text("and goes on")


def test_after_a_restart_the_view_says_so_and_a_second_run_revives_it(open_notebook: Opener) -> None:
    notebook = open_notebook(IMPORT, EXPLORE)
    notebook.run_all()
    widget = notebook.widget()
    widget.wait_text(TEXT)
    notebook.restart_kernel()
    widget.wait_state("no-kernel", "stale")
    assert widget.text() == TEXT
    shoot(notebook, "explorer-kernel-restarted")
    notebook.run_all()
    again = notebook.widget()
    again.wait_text(TEXT)
    again.write("back")
    again.wait_text("back")


def test_a_kernel_that_is_shut_down_leaves_the_last_picture(open_notebook: Opener) -> None:
    notebook = open_notebook(IMPORT, EXPLORE)
    notebook.run_all()
    widget = notebook.widget()
    widget.wait_text(TEXT)
    notebook.end_kernel()
    widget.wait_state("no-kernel")
    assert "not live" in widget.part("status").inner_text()
    assert widget.root.locator("[data-token]").count() >= len(TEXT)


def test_a_saved_notebook_shows_its_last_frame_without_a_kernel(
    server: lab.Server, open_notebook: Opener, spares: Spares
) -> None:
    notebook = open_notebook(IMPORT, EXPLORE, name="saved.ipynb")
    notebook.run_all()
    widget = notebook.widget()
    widget.wait_text(TEXT)
    widget.write("remember = me")
    widget.wait_text("remember = me")
    notebook.eventually("w.input == 'remember = me'")
    widget.save()
    spares.keep(notebook)
    again = open_notebook(name="saved.ipynb")
    reopened = again.widget()
    reopened.wait_state("no-kernel")
    assert "not live" in reopened.part("status").inner_text()
    assert reopened.text() == "remember = me"
    assert reopened.root.locator("[data-nw=strip] [data-token]").count() >= len("remember = me")
    reopened.point_at(3)
    reopened.wait("(root) => root.querySelector('[data-nw=tooltip]')?.textContent.includes('mlp.1:7')")
    shoot(again, "explorer-saved-without-kernel")
    kept = server.read("saved.ipynb").metadata.widgets
    assert len(str(kept)) < 1_000_000, "a notebook should not grow by megabytes"


def test_typing_is_followed_while_a_cell_runs(open_notebook: Opener, tmp_path: Path) -> None:
    flag = tmp_path / "go"
    wait = f"import os, time\nwhile not os.path.exists({str(flag)!r}):\n    time.sleep(0.01)"
    notebook = open_notebook(IMPORT, EXPLORE, wait)
    notebook.run_cell(0)
    notebook.run_cell(1)
    widget = notebook.widget()
    widget.wait_text(TEXT)
    notebook.begin_cell(2)
    notebook.wait("() => jupyterapp.shell.currentWidget.sessionContext.session.kernel.status === 'busy'")
    widget.write("meanwhile")
    widget.wait_text("meanwhile")
    running = "() => jupyterapp.shell.currentWidget.content.widgets[2].model.executionState"
    assert notebook.page.evaluate(running) == "running"
    flag.touch()
    notebook.wait(f"() => ({running})() === 'idle'")


def test_a_model_that_raises_is_an_answer(open_notebook: Opener) -> None:
    notebook = open_notebook(RAISES)
    notebook.run_all()
    widget = notebook.widget()
    widget.wait_text("calm")
    widget.part("editor").focus()
    notebook.page.keyboard.press("ControlOrMeta+End")
    notebook.page.keyboard.type("!")
    widget.part("error").wait_for()
    assert "no <b>exclamation</b> marks" in widget.part("error").inner_text()
    assert widget.attribute("data-state") == "stale"
    assert widget.root.locator("[data-nw=strip] [data-token]").count() >= len("calm"), "the last picture stays"
    shoot(notebook, "explorer-error")
    widget.write("calm again")
    widget.wait_text("calm again")
    assert widget.part("error").count() == 0


def test_closing_says_so(open_notebook: Opener) -> None:
    notebook = open_notebook(RAISES)
    notebook.run_all()
    widget = notebook.widget()
    widget.wait_text("calm")
    notebook.python("w.send({'v': 2, 'kind': 'closed'})")
    widget.wait_state("closed")


def test_dark_theme(server: lab.Server, open_notebook: Opener) -> None:
    notebook = open_notebook(IMPORT, EXPLORE, height=1500)
    notebook.run_all()
    widget = notebook.widget()
    widget.wait_text(TEXT)
    ink = "root => getComputedStyle(root).color.match(/\\d+/g).slice(0, 3).reduce((sum, part) => sum + Number(part), 0)"
    light = widget.root.evaluate(ink)
    picture = "root => root.querySelector('[data-nw=map]').toDataURL()"
    before = widget.root.evaluate(picture)
    notebook.command("apputils:change-theme", theme="JupyterLab Dark")
    widget.wait(f"(root, light) => ({ink})(root) > light + 200", light)
    widget.wait(f"(root, before) => ({picture})(root) !== before", before)
    shoot(notebook, "explorer-dark")
    notebook.command("apputils:change-theme", theme="JupyterLab Light")
    widget.wait(f"(root, light) => ({ink})(root) === light", light)


@pytest.mark.parametrize("width", [600, 1400])
def test_it_fits(open_notebook: Opener, width: int) -> None:
    notebook = open_notebook(IMPORT, EXPLORE, width=max(width, 900), height=1600)
    notebook.run_all()
    widget = notebook.widget()
    widget.wait_text(TEXT)
    notebook.set_width(widget, width, 1600)
    with widget.repaint():
        notebook.python("w.input = 'x = ' + 'long_name_' * 40 + '\\nshort'")
    outside = widget.root.evaluate(
        """root => {
            const edge = root.getBoundingClientRect();
            return [...root.querySelectorAll("*")].filter((part) => {
                if (part.closest(".nw-said")) return false;
                const box = part.getBoundingClientRect();
                return box.width > 0 && (box.right > edge.right + 1 || box.left < edge.left - 1);
            }).map((part) => part.outerHTML.slice(0, 120));
        }"""
    )
    assert outside == []
    assert widget.root.evaluate("root => root.scrollWidth <= root.clientWidth")
    shoot(notebook, f"explorer-{width}-wide")


def test_linked_widgets_move_together(open_notebook: Opener) -> None:
    notebook = open_notebook(
        IMPORT,
        f"a = nw.TokenStrip(live, {TEXT!r}, unit='mlp.1:7'); a",
        f"b = nw.Heatmap(live, {TEXT!r}, unit='mlp.1:7'); b",
        "links = [traitlets.link((a, name), (b, name)) for name in ('input', 'unit', 'selection')]",
        height=1500,
    )
    notebook.run_all()
    strip, heatmap = notebook.widget("token-strip"), notebook.widget("heatmap")
    strip.wait_text(TEXT)
    heatmap.wait_text(TEXT)
    notebook.wait("() => jupyterapp.shell.currentWidget.content.widgets[3].model.executionState === 'idle'")
    strip.write("both = 1")
    strip.wait_text("both = 1")
    heatmap.wait_text("both = 1")
    with strip.repaint(), heatmap.repaint():
        heatmap.part("map").click(position={"x": 60, "y": 90})
    notebook.eventually("a.unit == b.unit and a.unit.index != 7 and a.selection == b.selection")
    unit = notebook.value("str(a.unit)")
    strip.point_at(2)
    strip.wait("(root, unit) => root.querySelector('[data-nw=tooltip]')?.textContent.includes(unit)", unit)
    shoot(notebook, "linked")


def test_one_widget_shown_twice_stays_one(open_notebook: Opener) -> None:
    notebook = open_notebook(IMPORT, EXPLORE, "w", height=1500)
    notebook.run_all()
    first, second = notebook.widget(index=0), notebook.widget(index=1)
    first.wait_text(TEXT)
    first.write("two views")
    first.wait_text("two views")
    second.wait("(root) => root.querySelector('textarea').value === 'two views'")
    second.write("of one")
    second.wait_text("of one")
    first.wait("(root) => root.querySelector('textarea').value === 'of one'")
