"""What is left of a widget in a saved notebook: a picture and a sentence, for readers without a kernel."""

import base64
import re
import threading
import zlib
from collections.abc import Callable, Iterator
from html.parser import HTMLParser
from typing import Any

import ipywidgets
import numpy as np
import pytest
import torch
from torch import Tensor, nn

import neuronwidget as nw
from neuronwidget.stream.raster import Scale, quantise
from neuronwidget.widgets.saved import html
from neuronwidget.widgets.saved.bundle import WAIT, Maker, Making, Saved, with_saved
from neuronwidget.widgets.saved.picture import png_of_cells, png_of_pixels, shade_of

LIVE = "application/vnd.jupyter.widget-view+json"
MOST = 60_000
HOSTILE = 'a <script>alert(1)</script> "&" <img src=x onerror=alert(2)> 😀 \ud800 </pre>\n# comment\n'


@pytest.fixture(scope="module")
def atlas(tmp_path_factory: pytest.TempPathFactory) -> nw.Atlas:
    texts = ["x = 1  # one <b>\n", "def f(y):\n    return '</pre>'  # two\n", HOSTILE.replace("\ud800", "")]
    out = tmp_path_factory.mktemp("atlas")
    return nw.scan(nw.demo("code"), texts, sites=["mlp.1", "state.1"], out=str(out / "a"), progress=False)


@pytest.fixture(autouse=True)
def closed(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv(WAIT, "600")  # however busy the machine is
    yield
    ipywidgets.Widget.close_all()


def bundle(widget: Any) -> dict[str, Any]:
    data, _ = widget._repr_mimebundle_()
    return data


class Elements(HTMLParser):
    """Tags with their attributes, and the text between them."""

    def __init__(self, source: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.feed(source)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.text += data


def pictures(page: Elements) -> list[bytes]:
    sources = [str(attributes["src"]) for tag, attributes in page.tags if tag == "img"]
    return [base64.b64decode(source.removeprefix("data:image/png;base64,"), validate=True) for source in sources]


VIEWS: dict[str, Callable[[nw.Atlas], Any]] = {
    "text": lambda _: nw.explore(nw.demo("code"), HOSTILE),
    "strip": lambda _: nw.TokenStrip(nw.demo("code"), HOSTILE, unit="mlp.1:3"),
    "heatmap": lambda _: nw.Heatmap(nw.demo("code"), HOSTILE, site="mlp.1", unit="mlp.1:3"),
    "picture": lambda _: nw.explore(nw.demo("digits")),
    "row": lambda _: nw.explore(nw.demo("cancer")),
    "beside an atlas": lambda atlas: nw.explore(nw.demo("code"), HOSTILE, atlas=atlas),
    "exemplars": lambda atlas: nw.ExemplarGrid(atlas, unit="state.1:92"),
    "card": lambda atlas: nw.UnitCard(nw.demo("code"), atlas, "state.1:92", HOSTILE),
    "finder": lambda atlas: nw.UnitFinder(atlas, query={"text": "</pre>"}),
    "scan": lambda _: nw.ScanProgress(),
}


@pytest.mark.parametrize("name", VIEWS)
def test_every_widget_leaves_a_picture_and_a_sentence_beside_the_live_view(name: str, atlas: nw.Atlas) -> None:
    widget = VIEWS[name](atlas)
    data = bundle(widget)
    assert data[LIVE]["model_id"] == widget.model_id
    assert "object at 0x" not in data["text/plain"]
    assert len(data["text/html"].encode()) <= MOST
    assert len(data["text/plain"].encode()) <= MOST
    page = Elements(data["text/html"])
    for words in (data["text/plain"], page.text):
        assert "pip install neuronwidget" in words
        if getattr(widget, "unit", None) is not None:
            assert f"unit {widget.unit}" in words
    assert {tag for tag, _ in page.tags} <= {"div", "span", "pre", "img", "table", "tr", "td"}
    assert {key for _, attributes in page.tags for key in attributes} <= {"style", "class", "src", "alt"}
    assert all(png.startswith(b"\x89PNG") for png in pictures(page))
    if name not in ("finder", "scan", "row"):
        assert pictures(page)
    assert not re.search(r"https?:", data["text/html"])


def test_a_picture_that_takes_too_long_still_says_what_was_looked_at(
    atlas: nw.Atlas, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(WAIT, "0")
    grid = bundle(nw.ExemplarGrid(atlas, unit="state.1:92"))
    finder = bundle(nw.UnitFinder(atlas, query={"text": "# tw"}))
    for data, words in ((grid, "unit state.1:92"), (finder, "UnitFinder in code"), (finder, "# tw")):
        assert words in data["text/plain"]
        assert words in Elements(data["text/html"]).text


def test_a_saved_picture_says_what_units_are_called(atlas: nw.Atlas) -> None:
    live = nw.demo("code")
    live.labels["state.1:0"] = "</script>"
    words = "state.1:92, inside a comment (held up)"
    for widget in (
        nw.explore(live, "x = 1  # one", unit="state.1:92"),
        nw.ExemplarGrid(atlas, live=live, unit="state.1:92"),
    ):
        data = bundle(widget)
        assert words in data["text/plain"]
        assert words in Elements(data["text/html"]).text
    top = Elements(bundle(nw.explore(live, "# one", site="state.1", unit=None))["text/html"])
    assert words in top.text
    assert "script" not in {tag for tag, _ in top.tags}


def test_the_text_is_there_shaded_as_the_unit_does() -> None:
    live = nw.demo("code")
    text = 'x = "1"  # one\n😀y\n'
    page = Elements(bundle(nw.explore(live, text, unit="state.1:92"))["text/html"])
    assert text in page.text
    values = live.record(text, sites=["state.1"])["state.1"][:, 92].numpy()
    assert any("strongest" in part and html.number(float(np.abs(values).max()))[-5:] in part for part in [page.text])
    shades = {attributes.get("style") for tag, attributes in page.tags if tag == "span"}
    assert len(shades) > 2
    assert "state.1: 96 units" in page.text
    assert f"× {len(values)} tokens" in page.text


def test_what_was_typed_since_is_what_is_shown() -> None:
    explorer = nw.explore(nw.demo("code"), "first")
    explorer.input, explorer.unit = "second", "mlp.0:7"
    data = bundle(explorer)
    assert "second" in data["text/plain"]
    assert "first" not in data["text/html"]
    assert "mlp.0:7" in data["text/html"]


def test_a_long_text_stays_small_and_says_what_is_missing() -> None:
    inputs = nw.TextInputs(lambda text: [ord(c) % 256 for c in text], lambda ids: "".join(map(chr, ids)))
    torch.manual_seed(0)
    live = nw.attach(
        nn.Sequential(nn.Embedding(256, 8), nn.Linear(8, 3000), nn.ReLU(), nn.Linear(3000, 256)), inputs=inputs
    )
    data = bundle(nw.explore(live, "<&>" * 5_000))
    assert len(data["text/html"].encode()) <= MOST
    assert "more" in data["text/html"]


class Moody(nn.Module):
    """Raises what it is told to."""

    error: BaseException | None = None

    def __init__(self) -> None:
        super().__init__()
        self.embed, self.dense = nn.Embedding(256, 4), nn.Linear(4, 4)

    def forward(self, ids: Tensor) -> Tensor:
        if self.error is not None:
            raise self.error
        return self.dense(self.embed(ids))


@pytest.mark.parametrize("error", [RuntimeError("no"), SystemExit(3), KeyboardInterrupt(), MemoryError()])
def test_an_error_of_the_model_does_not_reach_the_cell(error: BaseException) -> None:
    module = Moody()
    inputs = nw.TextInputs(lambda text: [ord(c) % 256 for c in text], lambda ids: "".join(map(chr, ids)))
    widget = nw.explore(nw.attach(module, inputs=inputs), "text")
    module.error = error
    data = bundle(widget)
    assert data[LIVE]["model_id"] == widget.model_id
    assert "Explorer" in data["text/plain"]
    assert "pip install" in data["text/html"]


class Slow(Moody):
    """Waits inside a pass until it is let go."""

    go: threading.Event | None = None

    def forward(self, ids: Tensor) -> Tensor:
        if self.go is not None:
            self.go.wait()
        return super().forward(ids)


def test_no_cell_waits_for_a_model_that_is_slow(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is painted before the bundle is there: what is at hand without the model stands for the picture."""
    monkeypatch.delenv(WAIT)
    module = Slow()
    inputs = nw.TextInputs(lambda text: [ord(c) % 256 for c in text], lambda ids: "".join(map(chr, ids)))
    widget = nw.explore(nw.attach(module, inputs=inputs), HOSTILE.replace("\ud800", ""))
    module.go = threading.Event()
    try:
        data = bundle(widget)  # comes while the model waits
    finally:
        module.go.set()
    page = Elements(data["text/html"])
    assert not pictures(page), "what the units did is not known yet"
    assert HOSTILE.replace("\ud800", "").strip() in page.text
    assert f"unit {widget.unit}" in data["text/plain"]
    assert "pip install neuronwidget" in page.text
    assert len(data["text/html"].encode()) <= MOST


def test_what_was_kept_stands_where_the_rest_takes_long(monkeypatch: pytest.MonkeyPatch) -> None:
    kept, go = threading.Event(), threading.Event()

    def make(making: Making) -> Saved:
        making.keep(Saved("the first half", ("first",)))
        kept.set()
        go.wait()
        return Saved("all of it", ("first", "second"))

    monkeypatch.delenv(WAIT)
    try:
        data, _ = with_saved(({}, {}), Maker("a", lambda: Saved("nothing"), make, 0.0))
        while "nothing" in data["text/plain"]:  # the thread had not begun
            kept.wait()
            data, _ = with_saved(({}, {}), Maker("a", lambda: Saved("nothing"), make, 1.0))
    finally:
        go.set()
    assert "the first half" in data["text/plain"]
    assert "second" not in data["text/html"]


def test_pngs_hold_the_cells_and_colours_of_the_scale() -> None:
    scale = Scale(-1.0, 1.0)
    values = np.array([[-1.0, 0.0, 1.0], [np.nan, np.inf, 0.5]], np.float32)
    cells = quantise(values, scale)
    chunks = dict(_chunks(png_of_cells(cells, scale.signed)))
    lines = np.frombuffer(zlib.decompress(chunks[b"IDAT"]), np.uint8).reshape(2, 4)
    assert (lines[:, 1:] == cells).all()
    assert (lines[:, 0] == 0).all()
    cover = chunks[b"tRNS"]
    assert cover[cells[0, 1]] < 4, "nothing at zero"
    assert cover[cells[0, 0]] > 250
    assert chunks[b"PLTE"][3 * cells[0, 0] : 3 * cells[0, 0] + 3] == bytes(shade_of(3, True)[:3])
    pixels = np.arange(5 * 4 * 3, dtype=np.uint8).reshape(5, 4, 3)
    rows = np.frombuffer(zlib.decompress(dict(_chunks(png_of_pixels(pixels)))[b"IDAT"]), np.uint8).reshape(5, 13)
    assert (rows[:, 1:] == pixels.reshape(5, 12)).all()


def _chunks(png: bytes) -> Iterator[tuple[bytes, bytes]]:
    at = 8
    while at < len(png):
        size = int.from_bytes(png[at : at + 4], "big")
        body = png[at + 4 : at + 8 + size]
        assert int.from_bytes(png[at + 8 + size : at + 12 + size], "big") == zlib.crc32(body)
        yield body[:4], body[4:]
        at += 12 + size
