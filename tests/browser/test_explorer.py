"""The Explorer in JupyterLab: what a person does, and what follows in the page and in Python."""

import re

import numpy as np
import pytest

from tests.browser.conftest import TEXT, shoot
from tests.browser.lab import Widget

pytestmark = pytest.mark.browser


def numbers(text: str) -> list[float]:
    """All numbers in a text as the page writes them."""
    return [float(found.replace("−", "-")) for found in re.findall(r"[−-]?\d+(?:\.\d+)?(?:e[−-]?\d+)?", text)]


def close_to(found: list[float], value: float) -> bool:
    return any(np.isclose(number, value, rtol=1e-4, atol=1e-6) for number in found)


def order_by_strength(explorer: Widget) -> list[int]:
    """Units of the shown site, strongest first, reckoned in Python."""
    code = "from neuronwidget.widgets.frames.order import order_units"
    expression = "order_units(live.record(w.input, sites=[w.site])[w.site].numpy(), 'strength').tolist()"
    return list(explorer.notebook.python(code, expression))


def test_typing_is_followed(explorer: Widget) -> None:
    shoot(explorer.notebook, "explorer-1400")
    explorer.write("x = 1\ny = 'two'  # three")
    explorer.wait_text("x = 1\ny = 'two'  # three")
    explorer.notebook.eventually("w.input == \"x = 1\\ny = 'two'  # three\"")
    assert explorer.root.locator("[data-token]").last.get_attribute("data-token") == "23"


def test_after_a_burst_of_keys_the_last_frame_belongs_to_the_last_text(explorer: Widget) -> None:
    explorer.part("editor").focus()
    explorer.page.keyboard.press("ControlOrMeta+End")
    explorer.page.keyboard.type("abcdefghijklmnopqrstuvwxyz")
    explorer.wait_text(TEXT + "abcdefghijklmnopqrstuvwxyz")
    seqs = [frame["seq"] for frame in explorer.notebook.painted()]
    assert seqs == sorted(seqs)


def test_hover_reads_the_exact_value(explorer: Widget) -> None:
    explorer.point_at(9)
    tip = explorer.part("tooltip").first
    tip.wait_for()
    value = explorer.notebook.value(f"float(live.record({TEXT!r}, sites=['mlp.1'])['mlp.1'][9, 7])")
    assert "mlp.1:7" in tip.inner_text()
    assert close_to(numbers(tip.inner_text()), value)
    shoot(explorer.notebook, "explorer-hover")


def test_a_click_on_a_token_selects_it_here_and_in_python(explorer: Widget) -> None:
    with explorer.repaint():
        explorer.click_token(9)
    explorer.notebook.eventually("w.selection['token'] == 9 and w.selection['span'] == [9, 10]")
    explorer.wait_words("[data-nw=guesses]", "token 9")


def test_a_click_in_the_map_follows_that_unit(explorer: Widget) -> None:
    explorer.root.evaluate("root => root.querySelector('[data-nw=map]').scrollIntoView({block: 'center'})")
    box = explorer.part("map").bounding_box()
    assert box is not None
    at = {"x": box["width"] * 0.31, "y": box["height"] * 0.62}
    explorer.part("map").hover(position=at)
    explorer.wait("(root) => /mlp\\.1:\\d+/.test(root.querySelector('[data-nw=tooltip]')?.textContent ?? '')")
    with explorer.repaint():
        explorer.part("map").click(position=at)
    token = int(0.31 * len(TEXT))
    explorer.notebook.eventually(f"w.unit.index != 7 and w.unit.site == 'mlp.1' and w.selection['token'] == {token}")
    # What was clicked is what the tooltip speaks of, and what the strip is now shaded by.
    unit = explorer.notebook.value("str(w.unit)")
    explorer.part("map").hover(position={"x": at["x"] + 1, "y": at["y"]})
    explorer.wait("(root, unit) => root.querySelector('[data-nw=tooltip]')?.textContent.includes(unit)", unit)
    value = explorer.notebook.value("float(live.record(w.input, sites=[w.site])[w.site][:, w.unit.index].abs().max())")
    assert value >= 0


def test_the_tooltip_of_the_map_becomes_exact(explorer: Widget) -> None:
    explorer.root.evaluate("root => root.querySelector('[data-nw=map]').scrollIntoView({block: 'center'})")
    explorer.part("map").hover(position={"x": 100, "y": 100})
    words = explorer.wait(
        "(root) => { const text = root.querySelector('[data-nw=tooltip]')?.innerText;"
        " return text && /mlp\\.1:\\d+/.test(text) && !text.includes('≈') && text; }"
    )
    unit = re.search(r"mlp\.1:(\d+)", words)
    token = re.search(r"token (\d+)", words)
    assert unit
    assert token
    value = explorer.notebook.value(
        f"float(live.record(w.input, sites=['mlp.1'])['mlp.1'][{token.group(1)}, {unit.group(1)}])"
    )
    assert close_to(numbers(words.split("\n")[0]), value)


def test_python_moves_the_page(explorer: Widget) -> None:
    with explorer.repaint():
        explorer.notebook.python("w.input = 'moved = 1'")
    explorer.wait_text("moved = 1")
    assert explorer.text() == "moved = 1"
    with explorer.repaint():
        explorer.notebook.python("w.unit = 'mlp.0:3'")
    explorer.wait("(root) => root.querySelector('[data-nw=site]').value === 'mlp.0'")
    explorer.point_at(2)
    explorer.wait("(root) => root.querySelector('[data-nw=tooltip]')?.textContent.includes('mlp.0:3')")
    with explorer.repaint():
        explorer.notebook.python("w.selection = {'token': 4, 'span': None}")
    explorer.wait("(root) => root.querySelector('[data-nw=guesses]').textContent.includes('token 4')")


def test_python_sees_what_is_shown(explorer: Widget) -> None:
    columns = explorer.notebook.value("list(map(str, w.table().columns))")
    assert "mlp.1:7" in columns
    assert explorer.notebook.value("len(w.table())") == len(TEXT)


def test_another_site_is_chosen(explorer: Widget) -> None:
    with explorer.repaint():
        explorer.part("site").select_option("mlp.0")
    explorer.notebook.eventually("w.site == 'mlp.0' and w.unit is None")
    explorer.wait_words("[data-nw=legend][data-of=map]", "mlp.0")


@pytest.mark.parametrize("order", ["strength", "variation", "similarity"])
def test_units_are_sorted(explorer: Widget, order: str) -> None:
    before = explorer.wait_axis("(ticks) => ticks.length")
    explorer.part("order").select_option(order)
    explorer.notebook.eventually(f"w.view['order'] == {order!r}")
    explorer.wait_axis("(ticks, before) => ticks.join() !== before.join()", before)
    shoot(explorer.notebook, f"explorer-sorted-by-{order}")


def test_the_first_row_by_strength_is_the_strongest_unit(explorer: Widget) -> None:
    explorer.part("order").select_option("strength")
    explorer.part("filter").fill("0-11")
    explorer.part("filter").press("Enter")
    explorer.notebook.eventually("w.view['filter'] == '0-11' and w.view['order'] == 'strength'")
    strongest = next(unit for unit in order_by_strength(explorer) if unit <= 11)
    explorer.wait_axis("(ticks, unit) => ticks.length === 12 && ticks[0] === String(unit)", strongest)
    explorer.root.evaluate("root => root.querySelector('[data-nw=map]').scrollIntoView({block: 'center'})")
    explorer.part("map").hover(position={"x": 30, "y": 4})
    explorer.wait_words("[data-nw=tooltip]", f"mlp.1:{strongest} ")


def test_units_are_filtered(explorer: Widget) -> None:
    with explorer.repaint():
        explorer.part("filter").fill("3, 17-20")
        explorer.part("filter").press("Enter")
    explorer.notebook.eventually("w.view['filter'] == '3, 17-20'")
    explorer.wait_axis("(ticks) => ticks.join() === '3,17,18,19,20'")
    shoot(explorer.notebook, "explorer-filtered")


def test_zoom_by_button_wheel_and_back(explorer: Widget) -> None:
    other = "(ticks, before) => ticks.length && ticks.join() !== before.join()"
    whole = explorer.wait_axis("(ticks) => ticks.length")
    explorer.part("zoom-in").click()
    nearer = explorer.wait_axis(other, whole)
    explorer.root.evaluate("root => root.querySelector('[data-nw=map]').scrollIntoView({block: 'center'})")
    explorer.part("map").hover(position={"x": 50, "y": 50})
    explorer.page.keyboard.down("Control")
    explorer.page.mouse.wheel(0, -200)
    explorer.page.keyboard.up("Control")
    explorer.wait_axis(other, nearer)
    shoot(explorer.notebook, "explorer-zoomed")
    explorer.part("zoom-reset").click()
    explorer.wait_axis("(ticks, whole) => ticks.join() === whole.join()", whole)


def test_pins_are_traced_and_known_in_python(explorer: Widget) -> None:
    with explorer.repaint():
        explorer.click_token(9)
    explorer.wait_words(".nw-units", "token 9")
    names = explorer.root.locator("[data-nw=units] [data-unit]").evaluate_all("rows => rows.map((r) => r.dataset.unit)")
    for name in names[:3]:
        with explorer.repaint():
            explorer.root.locator(f'[data-nw=units] [data-unit="{name}"] [data-nw=pin]').click()
    explorer.notebook.eventually(f"list(map(str, w.pins)) == {names[:3]!r}")
    explorer.wait(
        "(root, names) => names.every((name) => root.querySelector('[data-nw=traces]').textContent.includes(name))",
        names[:3],
    )
    shoot(explorer.notebook, "explorer-pins")
    with explorer.repaint():
        explorer.notebook.python("w.pins = []")
    explorer.wait("(root, name) => !root.querySelector('[data-nw=traces]').textContent.includes(name)", names[1])


def test_the_scale_is_pinned(explorer: Widget) -> None:
    legend = explorer.root.locator("[data-nw=legend][data-of=map]")
    explorer.part("map-settings").click()
    explorer.part("pin-scale").click()
    explorer.notebook.eventually("'mlp.1' in w.view['pinned']")
    assert explorer.part("pin-scale").get_attribute("aria-pressed") == "true"
    ends = numbers(legend.inner_text())
    low, high = explorer.notebook.value("w.view['pinned']['mlp.1']")
    assert close_to(ends, high)
    assert close_to(ends, low)
    explorer.write("#")
    explorer.wait_text("#")
    assert numbers(legend.inner_text()) == ends


def test_logarithmic_colours(explorer: Widget) -> None:
    explorer.part("map-settings").press("Enter")
    explorer.page.keyboard.press("Space")
    explorer.notebook.eventually("w.view['mode'] == 'log'")
    explorer.wait_words("[data-nw=legend][data-of=map]", "log")
    shoot(explorer.notebook, "explorer-log")


def test_everything_is_reached_and_done_by_keyboard(explorer: Widget) -> None:
    explorer.part("editor").focus()
    explorer.page.keyboard.press("Escape")
    names: list[str] = []
    for _ in range(80):
        explorer.page.keyboard.press("Tab")
        here = explorer.page.evaluate("() => document.activeElement.dataset.nw ?? document.activeElement.tagName")
        names.append(here)
        if here == "map":
            break
    assert names[-1] == "map", names
    assert {"overview", "order", "filter", "map-settings", "zoom-in", "zoom-reset"} <= set(names)
    outline = explorer.page.evaluate(
        "() => { const style = getComputedStyle(document.activeElement); return style.outlineStyle + style.boxShadow; }"
    )
    assert outline != "nonenone", "focus must be visible"
    for key in ("Home", "ArrowDown", "ArrowRight", "ArrowRight"):
        explorer.page.keyboard.press(key)
    with explorer.repaint():
        explorer.page.keyboard.press("Enter")
    explorer.notebook.eventually("w.unit is not None and w.unit.index != 7")
    unit = explorer.notebook.value("str(w.unit)")
    explorer.page.keyboard.press("p")
    explorer.notebook.eventually(f"list(map(str, w.pins)) == [{unit!r}]")
    shoot(explorer.notebook, "explorer-keyboard")


def test_letters_typed_into_the_map_never_reach_the_notebook(explorer: Widget) -> None:
    """In command mode JupyterLab deletes a cell at “d d” and stops the kernel at “i i”."""
    cells = "() => jupyterapp.shell.currentWidget.content.widgets.length"
    before = explorer.page.evaluate(cells)
    explorer.part("map").focus()
    for key in "ddaabbxv":
        explorer.page.keyboard.press(key)
    explorer.write("ddaabb")
    explorer.wait_text("ddaabb")
    assert explorer.page.evaluate(cells) == before


def test_nothing_moves_while_one_types(explorer: Widget) -> None:
    size = (
        "(root) => [...root.querySelectorAll('section, canvas, [data-nw=status]')].map((part) => {"
        " const box = part.getBoundingClientRect(); return [part.className, box.width, box.height].join(' '); })"
    )
    explorer.part("editor").focus()
    before = explorer.root.evaluate(size)
    explorer.page.keyboard.press("ControlOrMeta+End")
    explorer.page.keyboard.press("ArrowLeft")
    explorer.page.keyboard.type(" and")
    explorer.wait_text(TEXT[:-1] + " and\n")
    assert explorer.root.evaluate(size) == before
