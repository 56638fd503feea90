"""A picture of every view in every host, for a person to look at: `python -m tests.browser.hosts.looks`.

JupyterLab, Notebook 7 and marimo, in Chromium and Firefox, light and dark, 600 and 1400 pixels wide; `live`, and in a
notebook that was saved and is opened again without its kernel: with the state of its widgets (`saved`), and as
JupyterLab saves by default (`pictures`). Words behind the command choose among them: `… looks marimo firefox dark 600`.
Pictures land in `tests/browser/shots/looks/`, with one `sheet.png` of all views a folder; what sticks out of a view and
errors on the console that are ours are printed.
"""

from __future__ import annotations

import itertools
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Protocol

import nbformat
from PIL import Image

from tests.browser import lab
from tests.browser.conftest import SHOTS, TEXT, ours
from tests.browser.hosts import marimo_app
from tests.browser.hosts.firefox import firefox

SETUP = """
import neuronwidget as nw

from neuronwidget.atlas.scan.observer import Plan

code, digits, cancer = nw.demo("code"), nw.demo("digits"), nw.demo("cancer")
texts = code.atlas(size=20_000, progress=False)
pictures, rows = digits.atlas(progress=False), cancer.atlas(progress=False)

def scanning():
    # A scan on its way, held still: what an observer is told of one.
    view = nw.ScanProgress(["state.1:92", "mlp.0:3"])
    view._displayed = True  # the last line of its cell shows it
    look = lambda site, unit, n: texts.exemplars((site, unit), "top", n).to_dict("records")
    view.begin(Plan(["mlp.0", "state.1"], 1200, look))
    for share in (0.1, 0.4):
        done = {"documents": int(1200 * share), "tokens": int(90_000 * share), "rate": 5200.0, "seconds": 17 * share}
        view.report(done)
        view._next_update = 0.0
    return view
"""
NAMES = "nw, code, digits, cancer, texts, pictures, rows, scanning"
EDIT = {"edit": "scale", "unit": "state.1:92", "factor": 0}
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
    "exemplars-narrow": "nw.ExemplarGrid(texts, unit='state.1:92', layout={'width': '360px'})",
    "finder": "nw.UnitFinder(texts)",
    "finder-text": "nw.UnitFinder(texts, query={'text': '#'})",
    "edited": f"nw.explore(code, {TEXT!r}, edits=[{EDIT}], pins=['state.0:60'])",
    "scan": "scanning()",
    "scatter": "nw.UnitScatter(texts).widget",  # the last: of what altair shows a saved notebook keeps no picture
}
HEIGHT = 3600
CHOICES = (
    ("lab", "notebooks", "marimo"),
    ("chromium", "firefox"),
    ("light", "dark"),
    ("600", "1400"),
    ("live", "saved", "pictures"),
)

# All views that a page shows, those in shadow roots (marimo) too, and the pictures that stand for them.
ROOTS = """const roots = (place) => [...place.querySelectorAll("*")].flatMap((one) =>
  one.matches(".nw-root, .vega-embed, [class^=neuronwidget-saved-]") ? (one.getClientRects().length ? [one] : [])
  : one.shadowRoot ? roots(one.shadowRoot) : []);"""
READY = f"""([count, how]) => {{ {ROOTS} const all = roots(document);
  const states = [how === "live" ? "live" : "no-kernel", "running"];
  return all.length >= count && all.every((root) => root.clientHeight > 0 && (root.matches(".vega-embed") ||
    (how === "pictures" ? !root.matches(".nw-root") : states.includes(root.dataset.state)) &&
    (how !== "live" || root.dataset.seq ||
    root.querySelector("[data-nw=exemplar], [data-nw=find-count], .nw-scan-found")))); }}"""
WIDTH = f"""() => {{ {ROOTS} const ours = roots(document).filter((root) => !root.matches(".vega-embed"));
  return Math.max(...ours.map((root) => root.clientWidth)); }}"""
PLACE = f"""(index) => {{ {ROOTS} const root = roots(document)[index]; root.scrollIntoView({{ block: "start" }});
  const {{ x, y, width, height, right }} = root.getBoundingClientRect();
  const out = root.scrollWidth <= root.clientWidth ? [] :
    [...root.querySelectorAll("*")].filter((part) => part.getBoundingClientRect().right > right + 1);
  return {{ clip: {{ x, y, width, height }}, out: [...new Set(out.map((part) => String(part.className)))] }}; }}"""
STATES = f"""() => {{ {ROOTS} return roots(document).map((root) =>
  `${{root.dataset.nw ?? root.className}} ${{root.dataset.state ?? ""}} ${{root.dataset.seq ?? ""}}`).join(", "); }}"""
COUNT = f"() => {{ {ROOTS} return roots(document).length; }}"
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


class Host(Protocol):
    """A server whose page has all views. `saves`: it is a notebook, which keeps them."""

    address: str
    saves: bool

    def kept(self) -> int:
        """How many views the saved page holds a picture of."""
        ...

    def reopened(self, state: bool) -> str:
        """The address of the same page, whose kernel is gone; was the state of its widgets saved?"""
        ...


class MarimoHost:
    """marimo, which keeps nothing of its widgets."""

    saves = False

    def __init__(self, address: str) -> None:
        self.address = address

    def kept(self) -> int:
        return 0

    def reopened(self, state: bool) -> str:
        return self.address


class JupyterHost:
    """JupyterLab or Notebook 7."""

    saves = True

    def __init__(self, server: lab.Server, host: str) -> None:
        self._server, self._host = server, host
        self._name = server.write("looks.ipynb", SETUP, *VIEWS.values())
        self.address = self._address(self._name)

    def _address(self, name: str) -> str:
        if self._host == "lab":
            return f"{self._server.url}/lab/workspaces/{name.partition('.')[0]}/tree/{name}?reset"
        return f"{self._server.url}/{self._host}/{name}"

    def kept(self) -> int:
        stores = self._server.read(self._name).metadata.get("widgets", {}).values()
        models = [model["state"] for store in stores for model in store.get("state", {}).values()]
        return sum(bool(state.get("snapshot") or state.get("atlas_snapshot")) for state in models)

    def reopened(self, state: bool) -> str:
        self._server.end_kernels()
        if state:
            return self._address(self._name)
        notebook = self._server.read(self._name)
        notebook.metadata.pop("widgets", None)
        nbformat.write(notebook, self._server.notebooks / "pictures.ipynb")
        return self._address("pictures.ipynb")


@contextmanager
def serve(host: str, theme: str, folder: Path) -> Iterator[Host]:
    """A server whose page in `host` has all views, in a theme."""
    if host == "marimo":
        with marimo_app.serve(folder, marimo_app.source(SETUP, NAMES, *VIEWS.values()), theme) as address:
            yield MarimoHost(address)
        return
    server = lab.Server(folder)
    try:
        server.set("@jupyterlab/apputils-extension/themes", theme=f"JupyterLab {theme.title()}")
        server.set("@jupyterlab/notebook-extension/tracker", windowingMode="none")
        server.set("@jupyter-widgets/jupyterlab-manager/plugin", saveState=True)
        yield JupyterHost(server, host)
    finally:
        server.stop()


def opened(tab: Tab, address: str) -> None:
    """A notebook, with the side bar out of the way."""
    tab.goto(address)
    tab.wait_for_function("() => window.jupyterapp?.shell?.currentWidget?.content?.widgets?.length > 0")
    tab.evaluate("() => { jupyterapp.shell.collapseLeft?.(); }")


def run_cells(tab: Tab) -> None:
    """Run one cell after another: a page that starts all views at once is slow."""
    tab.wait_for_function("() => jupyterapp.shell.currentWidget.sessionContext.session?.kernel?.status === 'idle'")
    for count in range(len(VIEWS) + 1):
        tab.evaluate(f"(index) => {{ {lab.POINT_AT_CELL}; void run(); }}", count)
        tab.wait_for_function(READY, arg=[count, "live"])


def shoot(tab: Tab, folder: Path, width: int) -> None:
    """A picture of each view, with the window so wide that the widest view has `width`, and a sheet of all."""
    folder.mkdir(parents=True, exist_ok=True)
    window = width
    for _ in range(3):
        tab.set_viewport_size({"width": window, "height": HEIGHT})
        tab.evaluate(SETTLED)
        window += width - int(tab.evaluate(WIDTH))
    tab.evaluate(SETTLED)
    paths = []
    for number, name in zip(range(int(tab.evaluate(COUNT))), VIEWS, strict=False):
        tab.evaluate(PLACE, number)
        tab.evaluate(SETTLED)
        place = tab.evaluate(PLACE, number)
        paths.append(folder / f"{number:02}-{name}.png")
        tab.screenshot(path=paths[-1], clip=place["clip"])
        if place["out"]:
            print(f"{folder.name}, {name}: sticks out: {', '.join(place['out'])}")
    sheet(paths, width).save(folder / "sheet.png")


def sheet(paths: Sequence[Path], width: int) -> Image.Image:
    """All pictures below each other; narrow ones beside each other, so that a sheet is no ribbon."""
    pictures = [Image.open(path).convert("RGB") for path in paths]
    rows = [pictures[start : start + 1400 // width] for start in range(0, len(pictures), 1400 // width)]
    heights = [max(picture.height for picture in row) + 16 for row in rows]
    whole = Image.new("RGB", (max(len(row) for row in rows) * (width + 16), sum(heights)), "grey")
    for row, top in zip(rows, itertools.accumulate([0, *heights]), strict=False):
        for column, picture in enumerate(row):
            whole.paste(picture, (column * (width + 16), top))
    return whole


def save(tab: Tab, host: Host) -> None:
    """Save the notebook until its file holds what every view keeps of itself; they do that once they are at rest."""
    end = time.monotonic() + 5 * lab.PATIENCE / 1000
    while host.kept() < len(VIEWS) - 2:  # a scan and a chart of altair keep nothing
        assert time.monotonic() < end, "what views keep was not saved"
        tab.evaluate("() => jupyterapp.shell.currentWidget.context.save().then(() => null)")


def looks(tab: Tab, host: Host, name: str, widths: Sequence[str], states: Sequence[str]) -> None:
    """Pictures of a page in all widths, as long as it lives and after that."""
    tab.set_viewport_size({"width": 1500, "height": HEIGHT})
    if host.saves:
        opened(tab, host.address)
        run_cells(tab)
    else:
        tab.goto(host.address)
        states = ["live"]
    tab.wait_for_function(READY, arg=[len(VIEWS), "live"])
    for state in [state for state in CHOICES[-1] if state in states]:
        if state != "live":
            if state == "saved" or "saved" not in states:
                save(tab, host)
            opened(tab, host.reopened(state == "saved"))
            tab.wait_for_function(READY, arg=[len(VIEWS) - 1, state])
        for width in widths:
            shoot(tab, SHOTS / "looks" / f"{name}-{width}{'' if state == 'live' else f'-{state}'}", int(width))


def main() -> None:
    words = sys.argv[1:]
    unknown = set(words) - {word for choice in CHOICES for word in choice}
    if unknown:
        raise SystemExit(f"There is no {', '.join(sorted(unknown))}; choose among {CHOICES}.")
    exec(SETUP)  # atlases are built once, and no page waits for them
    chosen = [[one for one in choice if one in words] or choice for choice in CHOICES]
    hosts, browsers, themes, widths, states = chosen
    for host, browser, theme in itertools.product(hosts, browsers, themes):
        tabs = chromium_tab if browser == "chromium" else firefox_tab
        name = f"{host}-{browser}-{theme}"
        with (
            tempfile.TemporaryDirectory() as place,
            serve(host, theme, Path(place)) as served,
            tabs() as (tab, console),
        ):
            try:
                looks(tab, served, name, widths, states)
            except Exception:
                print(f"{name}: views, by state and frame: {tab.evaluate(STATES)}")
                raise
            for line in ours(console):
                print(f"{name}: console: {line}")
        print(f"{host} {browser} {theme}: done", flush=True)


if __name__ == "__main__":
    main()
