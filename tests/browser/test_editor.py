"""The editor: text of every kind, its mirror exactly under it, and what the keys of an editor do."""

import pytest

from tests.browser.conftest import TEXT, shoot
from tests.browser.lab import Widget

pytestmark = pytest.mark.browser

HOSTILE = "</script><img src=x onerror=alert(1)>\n<b>&amp;</b> \u202eabc\u202c שלום"
EMOJI = "a👩\u200d👩\u200d👧e\u0301🇩🇪z"
LINES = [
    "one\n\n\ntwo\n",
    "\tx = [\n\t\t1,\n]",
    "a long line " * 60 + "\n" + "y" * 700 + "\nend",
    "שלום\nabc שלום def\n\u202eabc\u202c\n",
    EMOJI + "\n" + EMOJI,
    "\x00\x07\u200b\n\ufeff",
]

HEIGHTS = """(root) => {
    const area = root.querySelector('[data-nw=editor]');
    const heightOf = (text) => {
        const twin = area.cloneNode();
        twin.value = text;
        twin.style.cssText = 'height: 0; min-height: 0; bottom: auto';
        area.after(twin);
        const height = twin.scrollHeight;
        twin.remove();
        return height;
    };
    const lines = [...root.querySelectorAll('[data-nw=strip] > *')].map((line) => line.getBoundingClientRect());
    const ends = [...area.value.matchAll(/\\n/g)].map((found) => found.index);
    return {
        drawn: lines.map((line) => Math.round(line.bottom - lines[0].top)),
        wanted: [...ends, area.value.length].map((end) => heightOf(area.value.slice(0, end))),
    };
}"""


@pytest.mark.parametrize("text", LINES, ids=["empty lines", "tabs", "wrapped", "right to left", "emoji", "controls"])
def test_each_line_is_drawn_where_the_editor_has_it(explorer: Widget, text: str) -> None:
    with explorer.repaint():
        explorer.notebook.python(f"w.input = {text!r}")
    explorer.wait_text(text)
    found = explorer.root.evaluate(HEIGHTS)
    assert len(found["drawn"]) == text.count("\n") + 1
    assert found["drawn"] == found["wanted"]


def test_the_line_one_types_in_stays_in_sight(explorer: Widget) -> None:
    text = "".join(f"line {i}\n" for i in range(40))
    with explorer.repaint():
        explorer.notebook.python(f"w.input = {text!r}")
    explorer.wait_text(text)
    explorer.part("editor").focus()
    explorer.page.keyboard.press("ControlOrMeta+End")
    explorer.page.keyboard.type("the last")
    explorer.wait_text(text + "the last")
    inside = """(root) => {
        const line = root.querySelector('[data-nw=strip] > :last-child').getBoundingClientRect();
        const frame = root.querySelector('.nw-editor-scroll').getBoundingClientRect();
        return line.top >= frame.top && line.bottom <= frame.bottom;
    }"""
    explorer.wait(inside)
    shoot(explorer.notebook, "explorer-last-line")


def test_undo_and_redo(explorer: Widget) -> None:
    explorer.part("editor").focus()
    explorer.page.keyboard.press("ControlOrMeta+End")
    explorer.page.keyboard.type("new")
    explorer.page.keyboard.press("Enter")
    explorer.wait_text(TEXT + "new\n")
    explorer.page.keyboard.press("ControlOrMeta+z")
    explorer.wait(f"(root) => root.querySelector('textarea').value.length < {len(TEXT) + 4}")
    for _ in range(4):
        explorer.page.keyboard.press("ControlOrMeta+z")
    explorer.wait_text(TEXT)
    for _ in range(5):
        explorer.page.keyboard.press("ControlOrMeta+Shift+z")
    explorer.wait_text(TEXT + "new\n")


@pytest.mark.parametrize("text", ["", "x", EMOJI, HOSTILE], ids=["empty", "one", "emoji", "hostile"])
def test_hard_text_is_typed_like_any_other(explorer: Widget, text: str) -> None:
    editor = explorer.part("editor")
    editor.focus()
    explorer.page.keyboard.press("ControlOrMeta+a")
    explorer.page.keyboard.press("Delete")
    explorer.wait_text("")
    if text:
        explorer.page.keyboard.insert_text(text)
        explorer.wait_text(text)
    assert explorer.text() == text
    explorer.notebook.eventually(f"w.input == {text!r}")
    assert explorer.root.locator("img, script, b[onerror]").count() == 0


def test_hostile_text_from_python_stays_text(explorer: Widget) -> None:
    with explorer.repaint():
        explorer.notebook.python(f"w.input = {HOSTILE!r} + chr(0)")
    explorer.wait_text(HOSTILE + "\x00")
    explorer.point_at(12)
    explorer.part("tooltip").first.wait_for()
    assert explorer.root.locator("img, script").count() == 0
    assert not explorer.notebook.dialogs
    shoot(explorer.notebook, "explorer-hostile-text")


def test_four_thousand_characters_show_the_window_that_is_looked_at(explorer: Widget) -> None:
    text = "".join(f"line_{i:04d} = {i}\n" for i in range(260))
    with explorer.repaint():
        explorer.notebook.python(f"w.input = {text!r}")
    explorer.wait_text(text)
    explorer.part("editor").focus()
    explorer.page.keyboard.press("ControlOrMeta+End")
    explorer.wait(f"(root) => root.querySelector('[data-token=\"{len(text) - 1}\"]')")
    context = explorer.notebook.value("live.context")
    shown = explorer.root.locator("[data-nw=strip] [data-token]").count()
    assert shown <= context < len(text)
    shoot(explorer.notebook, "explorer-long-text")
    assert f"{len(text)}" in explorer.root.inner_text().replace(",", ""), "the page says how long the whole text is"
