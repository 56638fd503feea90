"""A picture of every view in every host, for a person to look at: `python -m tests.browser.hosts.looks`.

JupyterLab, Notebook 7 and marimo, in Chromium and Firefox, light and dark, 600 and 1400 pixels wide. Words behind the
command choose among them: `… looks marimo firefox dark 600`. Pictures land in `tests/browser/shots/looks/`, with one
`sheet.png` of all views a folder; what sticks out of a view, and errors on the console that are ours, are printed.
"""

from __future__ import annotations

import itertools
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Protocol

from PIL import Image

from tests.browser import lab
from tests.browser.conftest import SHOTS, TEXT, ours
from tests.browser.hosts import marimo_app
from tests.browser.hosts.firefox import firefox

SETUP = """
import neuronwidget as nw

code, digits, cancer = nw.demo("code"), nw.demo("digits"), nw.demo("cancer")
texts = code.atlas(size=20_000, progress=False)
pictures, rows = digits.atlas(progress=False), cancer.atlas(progress=False)
"""
NAMES = "nw, code, digits, cancer, texts, pictures, rows"
VIEWS = {
    "strip": f"nw.TokenStrip(code, {TEXT!r}, unit='state.1:92')",
    "heatmap": f"nw.Heatmap(code, {TEXT!r}, site='mlp.1')",
    "explorer": f"nw.explore(code, {TEXT!r})",
    "picture": "nw.explore(digits)",
    "row": "nw.explore(cancer)",
    "explorer-atlas": f"nw.explore(code, {TEXT!r}, atlas=texts)",
    "picture-atlas": "nw.explore(digits, atlas=pictures)",
    "row-atlas": "nw.explore(cancer, atlas=rows)",
    "card": "nw.UnitCard(code, texts, 'state.1:92')",
    "exemplars": "nw.ExemplarGrid(texts, unit='state.1:92')",
    "finder": "nw.UnitFinder(texts)",
}
HEIGHT = 3600
CHOICES = ("lab", "notebooks", "marimo"), ("chromium", "firefox"), ("light", "dark"), ("600", "1400")

# All widgets of a page, those in shadow roots (marimo) too.
ROOTS = """const roots = (place) => [...place.querySelectorAll("*")].flatMap((one) =>
  one.matches(".nw-root") ? [one] : one.shadowRoot ? roots(one.shadowRoot) : []);"""
READY = f"""(count) => {{ {ROOTS} const all = roots(document);
  return all.length === count && all.every((root) => root.dataset.state === "live" &&
    (root.dataset.seq || root.querySelector("[data-nw=exemplar], [data-nw=find-count]"))); }}"""
WIDTH = f"() => {{ {ROOTS} return Math.max(...roots(document).map((root) => root.clientWidth)); }}"
PLACE = f"""(index) => {{ {ROOTS} const root = roots(document)[index]; root.scrollIntoView({{ block: "start" }});
  const {{ x, y, width, height, right }} = root.getBoundingClientRect();
  const out = root.scrollWidth <= root.clientWidth ? [] :
    [...root.querySelectorAll("*")].filter((part) => part.getBoundingClientRect().right > right + 1);
  return {{ clip: {{ x, y, width, height }}, out: [...new Set(out.map((part) => String(part.className)))] }}; }}"""
SETTLED = "() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(() => done(true))))"


class Tab(Protocol):
    """What is needed of a page; Playwright's pages and ours of Firefox have it."""

    def goto(self, url: str) -> object: ...
    def evaluate(self, script: str, arg: Any = None) -> Any: ...
    def wait_for_function(self, script: str, *, arg: Any = None) -> object: ...
    def set_viewport_size(self, size: Any) -> object: ...
    def screenshot(self, *, path: Path, clip: Any) -> object: ...


@contextmanager
def chromium_tab() -> Iterator[tuple[Tab, list[str]]]:
    """A page of Chromium, and what its console says."""
    console: list[str] = []
    with lab.chromium() as browser:
        page = browser.new_page()
        page.set_default_timeout(5 * lab.PATIENCE)
        page.on("console", lambda message: console.append(message.text) if message.type == "error" else None)
        page.on("pageerror", lambda error: console.append(str(error)))
        yield page, console


@contextmanager
def firefox_tab() -> Iterator[tuple[Tab, list[str]]]:
    """A page of Firefox, and what its console says."""
    with firefox(patience=5 * lab.PATIENCE) as page:
        yield page, page.console


@contextmanager
def serve(host: str, theme: str, folder: Path) -> Iterator[str]:
    """A server whose page in `host` has all views, in a theme; gives the page's address."""
    if host == "marimo":
        with marimo_app.serve(folder, marimo_app.source(SETUP, NAMES, *VIEWS.values()), theme) as address:
            yield address
        return
    server = lab.Server(folder)
    try:
        server.set("@jupyterlab/apputils-extension/themes", theme=f"JupyterLab {theme.title()}")
        server.set("@jupyterlab/notebook-extension/tracker", windowingMode="none")
        name = server.write("looks.ipynb", SETUP, *VIEWS.values())
        yield f"{server.url}/{host}/tree/{name}" if host == "lab" else f"{server.url}/{host}/{name}"
    finally:
        server.stop()


def run_cells(tab: Tab) -> None:
    """Run one cell after another, with the side bar out of the way: a page that starts all views at once is slow."""
    tab.wait_for_function("() => window.jupyterapp?.shell?.currentWidget?.content?.widgets?.length > 0")
    tab.wait_for_function("() => jupyterapp.shell.currentWidget.sessionContext.session?.kernel?.status === 'idle'")
    tab.evaluate("() => { jupyterapp.shell.collapseLeft?.(); }")
    for count in range(len(VIEWS) + 1):
        tab.evaluate(f"(index) => {{ {lab.POINT_AT_CELL}; void run(); }}", count)
        tab.wait_for_function(READY, arg=count)


def shoot(tab: Tab, folder: Path, width: int) -> None:
    """A picture of each view, with the window so wide that the widest view has `width`, and a sheet of all."""
    folder.mkdir(parents=True, exist_ok=True)
    window = width
    for _ in range(3):
        tab.set_viewport_size({"width": window, "height": HEIGHT})
        tab.evaluate(SETTLED)
        window += width - int(tab.evaluate(WIDTH))
    tab.wait_for_function(READY, arg=len(VIEWS))
    paths = []
    for number, name in enumerate(VIEWS):
        tab.evaluate(PLACE, number)
        tab.evaluate(SETTLED)
        place = tab.evaluate(PLACE, number)
        paths.append(folder / f"{number:02}-{name}.png")
        tab.screenshot(path=paths[-1], clip=place["clip"])
        if place["out"]:
            print(f"{folder.name}, {name}: sticks out: {', '.join(place['out'])}")
    pictures = [Image.open(path).convert("RGB") for path in paths]
    # Narrow ones beside each other, so that a sheet is no ribbon.
    rows = [pictures[start : start + 1400 // width] for start in range(0, len(pictures), 1400 // width)]
    heights = [max(picture.height for picture in row) + 16 for row in rows]
    sheet = Image.new("RGB", (max(len(row) for row in rows) * (width + 16), sum(heights)), "grey")
    for row, top in zip(rows, itertools.accumulate([0, *heights]), strict=False):
        for column, picture in enumerate(row):
            sheet.paste(picture, (column * (width + 16), top))
    sheet.save(folder / "sheet.png")


def main() -> None:
    words = sys.argv[1:]
    unknown = set(words) - {word for choice in CHOICES for word in choice}
    if unknown:
        raise SystemExit(f"There is no {', '.join(sorted(unknown))}; choose among {CHOICES}.")
    exec(SETUP)  # atlases are built once, and no page waits for them
    hosts, browsers, themes, widths = ([one for one in choice if one in words] or choice for choice in CHOICES)
    for host, browser, theme in itertools.product(hosts, browsers, themes):
        tabs = chromium_tab if browser == "chromium" else firefox_tab
        with (
            tempfile.TemporaryDirectory() as place,
            serve(host, theme, Path(place)) as address,
            tabs() as (tab, console),
        ):
            tab.set_viewport_size({"width": 1500, "height": HEIGHT})
            tab.goto(address)
            if host != "marimo":
                run_cells(tab)
            tab.wait_for_function(READY, arg=len(VIEWS))
            for width in widths:
                shoot(tab, SHOTS / "looks" / f"{host}-{browser}-{theme}-{width}", int(width))
            for line in ours(console):
                print(f"{host}-{browser}-{theme}: console: {line}")
        print(f"{host} {browser} {theme}: done", flush=True)


if __name__ == "__main__":
    main()
