"""A picture of every view in every host, for a person to look at: `python -m tests.browser.hosts.looks`.

JupyterLab, Notebook 7 and marimo, in Chromium and Firefox, light and dark, 600 and 1400 pixels wide; `live`, and in a
notebook that was saved and is opened again without its kernel: with the state of its widgets (`saved`), and as
JupyterLab saves by default (`pictures`). Words behind the command choose among them, and among the views by name:
`… looks marimo firefox dark 600 compare`. Pictures land in `tests/browser/shots/looks/`, with one `sheet.png` of all
views a folder; what sticks out of a view and errors on the console that are ours are printed.
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
from tests.browser.conftest import SHOTS, ours
from tests.browser.hosts import marimo_app
from tests.browser.hosts.firefox import firefox
from tests.browser.hosts.views import FLEETING, MODELS, OPENED, VIEWS, setup

HEIGHT = 3600
CHOICES = (
    ("lab", "notebooks", "marimo"),
    ("chromium", "firefox"),
    ("light", "dark"),
    ("600", "1400"),
    ("live", "saved", "pictures"),
)

# What a live view says while an answer is awaited.
AWAITED = r"/on (its|their) way|as soon as you rest|Waiting for/"
# All views that a page shows, those in shadow roots (marimo) too, and the pictures that stand for them.
ROOTS = """const roots = (place) => [...place.querySelectorAll("*")].flatMap((one) =>
  one.matches(".nw-root, .vega-embed, [class^=neuronwidget-saved-]") ? (one.getClientRects().length ? [one] : [])
  : one.shadowRoot ? roots(one.shadowRoot) : []);"""
READY = f"""([count, how]) => {{ {ROOTS} const all = roots(document);
  const states = [how === "live" ? "live" : "no-kernel", "running"];
  return all.length >= count && all.every((root) => root.clientHeight > 0 && (root.matches(".vega-embed") ||
    (root.matches(".nw-root") ? how !== "pictures" && states.includes(root.dataset.state) : how === "pictures" ||
    (how === "given up" && root.closest(".jp-OutputArea").textContent.includes("model not found"))) &&
    (how !== "live" || (!{AWAITED}.test(root.textContent) &&
    !root.querySelector("[data-fresh=false], [data-nw=concepts-said]:empty") &&
    (root.dataset.seq || root.querySelector("[data-nw=exemplar], [data-nw=find-count], .nw-scan-found, " +
    "[data-nw=verdict], [data-nw^=blind-]")))))); }}"""
WIDTH = f"""() => {{ {ROOTS} const ours = roots(document).filter((root) => !root.matches(".vega-embed"));
  return Math.max(...ours.map((root) => root.clientWidth)); }}"""
PLACE = f"""(index) => {{ {ROOTS} const root = roots(document)[index]; root.scrollIntoView({{ block: "start" }});
  const {{ x, y, width, height, right }} = root.getBoundingClientRect();
  const out = root.scrollWidth <= root.clientWidth ? [] :
    [...root.querySelectorAll("*")].filter((part) => part.getBoundingClientRect().right > right + 1);
  return {{ clip: {{ x, y, width, height }}, out: [...new Set(out.map((part) => String(part.className)))] }}; }}"""
STATES = f"""() => {{ {ROOTS} return roots(document).map((root) =>
  [root.dataset.nw ?? root.className, root.dataset.state, root.dataset.seq, root.textContent.match({AWAITED})?.[0],
    ...[...root.querySelectorAll("[data-fresh=false]")].map((part) => `old ${{part.dataset.nw}}`),
  ].filter(Boolean).join(" ")).join(", "); }}"""
OPEN = f"([index, part]) => {{ {ROOTS} roots(document)[index].querySelector(part).click(); }}"
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
    """A server whose page has these views. `saves`: it is a notebook, which keeps them."""

    address: str
    views: Sequence[str]
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

    def __init__(self, address: str, views: Sequence[str]) -> None:
        self.address, self.views = address, views

    def kept(self) -> int:
        return 0

    def reopened(self, state: bool) -> str:
        return self.address


class JupyterHost:
    """JupyterLab or Notebook 7."""

    saves = True

    def __init__(self, server: lab.Server, host: str, views: Sequence[str]) -> None:
        self._server, self._host, self.views = server, host, views
        self._name = server.write("looks.ipynb", setup(views)[0], *(VIEWS[name] for name in views))
        self.address = self._address(self._name)

    def _address(self, name: str) -> str:
        if self._host == "lab":
            return f"{self._server.url}/lab/workspaces/{name.partition('.')[0]}/tree/{name}?reset"
        return f"{self._server.url}/{self._host}/{name}"

    def kept(self) -> int:
        stores = self._server.read(self._name).metadata.get("widgets", {}).values()
        models = [model["state"] for store in stores for model in store.get("state", {}).values()]
        views = [state for state in models if "layout_kind" in state]
        snapshots = [[state[name] for name in ("snapshot", "atlas_snapshot") if name in state] for state in views]
        return sum(not kept or any(kept) for kept in snapshots)

    def reopened(self, state: bool) -> str:
        self._server.end_kernels()
        if state:
            return self._address(self._name)
        notebook = self._server.read(self._name)
        notebook.metadata.pop("widgets", None)
        nbformat.write(notebook, self._server.notebooks / "pictures.ipynb")
        return self._address("pictures.ipynb")


@contextmanager
def serve(host: str, theme: str, folder: Path, views: Sequence[str]) -> Iterator[Host]:
    """A server whose page in `host` has these views, in a theme."""
    if host == "marimo":
        first, names = setup(views)
        source = marimo_app.source(first, ", ".join(names), *(VIEWS[name] for name in views))
        with marimo_app.serve(folder, source, theme) as address:
            yield MarimoHost(address, views)
        return
    server = lab.Server(folder)
    try:
        server.set("@jupyterlab/apputils-extension/themes", theme=f"JupyterLab {theme.title()}")
        server.set("@jupyterlab/notebook-extension/tracker", windowingMode="none")
        server.set("@jupyter-widgets/jupyterlab-manager/plugin", saveState=True)
        yield JupyterHost(server, host, views)
    finally:
        server.stop()


def opened(tab: Tab, address: str) -> None:
    """A notebook, with the side bar out of the way."""
    tab.goto(address)
    tab.wait_for_function("() => window.jupyterapp?.shell?.currentWidget?.content?.widgets?.length > 0")
    tab.evaluate("() => { jupyterapp.shell.collapseLeft?.(); }")


def run_cells(tab: Tab, views: int) -> None:
    """Run one cell after another: a page that starts all views at once is slow."""
    tab.wait_for_function("() => jupyterapp.shell.currentWidget.sessionContext.session?.kernel?.status === 'idle'")
    for count in range(views + 1):
        tab.evaluate(f"(index) => {{ {lab.POINT_AT_CELL}; void run(); }}", count)
        tab.wait_for_function(READY, arg=[count, "live"])


def shoot(tab: Tab, folder: Path, width: int, views: Sequence[str]) -> None:
    """A picture of each view, with the window so wide that the widest view has `width`, and a sheet of all."""
    folder.mkdir(parents=True, exist_ok=True)
    window = width
    for _ in range(3):
        tab.set_viewport_size({"width": window, "height": HEIGHT})
        tab.evaluate(SETTLED)
        window += width - int(tab.evaluate(WIDTH))
    tab.evaluate(SETTLED)
    paths = []
    for number, name in zip(range(int(tab.evaluate(COUNT))), views, strict=False):
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
    while host.kept() < len(set(host.views) - FLEETING):
        assert time.monotonic() < end, "what views keep was not saved"
        tab.evaluate("() => jupyterapp.shell.currentWidget.context.save().then(() => null)")


def reopen(tab: Tab, host: Host, state: str) -> None:
    """Open the saved page, whose kernel is gone, until each view has the form that is looked for.

    Where the new kernel connects while JupyterLab still reads saved widgets, it gives up those that it has not read,
    and their pictures stay: more often the more widgets there are, and the slower the machine.
    """
    views = len(set(host.views) - {"scatter"})
    address = host.reopened(state == "saved")
    for _ in range(8):
        opened(tab, address)
        tab.wait_for_function(READY, arg=[views, "given up" if state == "saved" else state])
        if tab.evaluate(READY, [views, state]):
            return
        print("JupyterLab gave up some saved widgets, whose pictures stand for them; the page is opened again.")
    raise AssertionError("JupyterLab never read all saved widgets")


def looks(tab: Tab, host: Host, name: str, widths: Sequence[str], states: Sequence[str]) -> None:
    """Pictures of a page in all widths, as long as it lives and after that."""
    tab.set_viewport_size({"width": 1500, "height": HEIGHT})
    if host.saves:
        opened(tab, host.address)
        run_cells(tab, len(host.views))
    else:
        tab.goto(host.address)
        states = ["live"]
    tab.wait_for_function(READY, arg=[len(host.views), "live"])
    for view in set(host.views) & OPENED.keys():
        tab.evaluate(OPEN, [host.views.index(view), OPENED[view]])
    tab.wait_for_function(READY, arg=[len(host.views), "live"])
    for state in [state for state in CHOICES[-1] if state in states]:
        if state != "live":
            if state == "saved" or "saved" not in states:
                save(tab, host)
            reopen(tab, host, state)
        for width in widths:
            folder = f"{name}-{width}{'' if state == 'live' else f'-{state}'}"
            shoot(tab, SHOTS / "looks" / folder, int(width), host.views)


def main() -> None:
    words = sys.argv[1:]
    unknown = set(words) - {word for choice in (*CHOICES, VIEWS) for word in choice}
    if unknown:
        raise SystemExit(f"There is no {', '.join(sorted(unknown))}; choose among {CHOICES} and {', '.join(VIEWS)}.")
    exec(MODELS, {})  # atlases are built once, and no page waits for them
    views = [name for name in VIEWS if name in words] or list(VIEWS)
    chosen = [[one for one in choice if one in words] or choice for choice in CHOICES]
    hosts, browsers, themes, widths, states = chosen
    for host, browser, theme in itertools.product(hosts, browsers, themes):
        tabs = chromium_tab if browser == "chromium" else firefox_tab
        name = f"{host}-{browser}-{theme}"
        with (
            tempfile.TemporaryDirectory() as place,
            serve(host, theme, Path(place), views) as served,
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
