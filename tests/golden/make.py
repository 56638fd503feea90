"""Writes the golden files that Python and TypeScript both read: `python -m tests.golden.make`.

Every one is what the code that answers real requests makes of a model with weights set by hand (`models.py`): frames of
every panel and kind, short answers, answers of an atlas, what the page knows from the first. `golden-headers.ts` has
their JSON as literals, which `tsc` checks against the page's types. Write them anew only when the protocol changes on
purpose; then raise VERSION in both languages.
"""

from __future__ import annotations

import base64
import json
import shutil
import tempfile
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import torch

import neuronwidget as nw
from neuronwidget.stream.protocol import asks
from neuronwidget.stream.protocol.shared import VERSION
from tests.golden import models, results

HERE = Path(__file__).parent
LITERALS = Path(__file__).parents[2] / "js/tests/wire/golden-headers.ts"
PICTURE = {"kind": "image", "width": 4, "height": 2}
#: One that acts, and one of a unit that is not there.
EDITS = [
    {"edit": "scale", "unit": "dense.0:3", "factor": 3, "scope": "all", "when": None, "on": True},
    {"edit": "clamp", "unit": "dense.7:1", "value": 0.5, "scope": [0], "when": None, "on": True},
]
MAP = {"rows": None, "cols": None, "height": 8, "width": 8, "order": "index", "hold": False, "units": None}


class Page:
    """The page's end of a real widget: what it sends is answered by the widget at once, what comes back is kept."""

    def __init__(self, widget: Any) -> None:
        self.widget = widget
        self.heard: list[tuple[dict[str, Any], list[bytes]]] = []
        widget.send = lambda content, buffers=None: self.heard.append((content, list(buffers or [])))
        self.waiting: deque[Any] = deque()
        widget._enqueue = lambda message, _slot: self.waiting.append(message)
        if hasattr(widget, "_searcher"):
            widget._searcher.serve = lambda _key, box, answer: answer(box.take())

    def say(self, kind: str, buffers: tuple[bytes, ...] = (), **fields: Any) -> tuple[dict[str, Any], list[bytes]]:
        """The last thing that came back."""
        self.widget._receive(None, {"v": VERSION, "kind": kind, **fields}, list(buffers))
        while self.waiting:
            self.widget._answer(self.waiting.popleft())
        return self.heard[-1]

    def ask(self, seq: int, subject: Any, buffers: tuple[bytes, ...] = (), **fields: Any) -> tuple[Any, list[bytes]]:
        """The frame of an input; a text is one with the cursor at `focus`."""
        if isinstance(subject, str):
            subject = {"kind": "text", "text": subject, "focus": fields.pop("focus")}
        base = {"site": self.widget.site, "parts": {"trace": {}}}
        content, sent = self.say("ask", buffers, seq=seq, input=subject, **{**base, **fields})
        assert content["kind"] == "frame", content
        content["head"]["ms"] = {"model": 1.5, "total": 2.25}
        return content, sent


def golden() -> dict[str, str]:
    """File name → content, for the JSON files and for the literals."""
    torch.manual_seed(0)
    files: dict[str, Any] = {}
    with _texts() as (live, atlas):
        files |= _frames(live) | _atlas("text", live, atlas, models.TEXT, "dense.0:1")
        files["messages"] = _messages(live)
        explorer = nw.explore(live, labels={("dense.1", 2): "likes </script>"})
        live.labels.add_test("dense.1:2", {"kind": "predicate", "outcome": "held up", "short": "AP 0.93"})
        files["trait-labels"], files["trait-evidence"] = explorer.labels, explorer.evidence
    with _pictures() as (live, atlas):
        files |= _image(live)
        files |= _atlas("image", live, atlas, 0, "conv.1:0", only=("exemplars",))
    with _rows() as (live, atlas):
        files |= _table(live) | _results(live)
        files |= _atlas("table", live, atlas, {"age": 54, "sex": "male"}, "dense.0:2", only=("exemplars",))
    written = {f"{name}.json": json.dumps(file, indent=1, ensure_ascii=False, allow_nan=False) + "\n"
               for name, file in files.items()}  # fmt: skip
    return {**written, LITERALS.name: literals(files)}


def _written(message: tuple[dict[str, Any], list[bytes]], **more: Any) -> dict[str, Any]:
    """A message as a file: its header, its buffers in base64, and the numbers that must be read out of them."""
    from neuronwidget.stream.frame import decode

    header, buffers = message
    arrays = decode(header, buffers) if header.get("arrays") else {}
    expect = {name: _numbers(array) for name, array in arrays.items() if name != "pad"}
    return {**more, "header": header, "buffers": [base64.b64encode(b).decode() for b in buffers], "expect": expect}


def _numbers(array: Any) -> list[Any]:
    return [value if value == value and abs(value) != float("inf") else str(value) for value in array.ravel().tolist()]


# ---- frames ----------------------------------------------------------------------------------------------------------


def _frames(live: nw.LiveModel) -> dict[str, Any]:
    page = Page(nw.explore(live, models.TEXT, site="dense.1", unit="dense.1:2"))
    text, base = models.TEXT, {"focus": 1, "unit": "dense.1:2"}
    files = {"frame-strip": _written(page.ask(1, text, pad=64, **base), text=text)}
    more = text + "</script>"
    everything = {
        "pins": ["dense.1:0", "dense.0:3"], "token": 1,
        "parts": {"trace": {}, "map": MAP, "overview": {"width": 8}, "guesses": {"most": 2}, "top": {"most": 3}},
    }  # fmt: skip
    page.ask(2, "aéb", **base, **everything)
    files["frame-map"] = _written(page.ask(3, more, **base, **everything), text=more)
    parts = {**everything["parts"], "edits": {"most": 3}}
    edited = {**base, **everything, "parts": parts, "edits": EDITS}
    files["frame-edited"] = _written(page.ask(8, text, **edited), text=text)
    files["frame-difference"] = _written(page.ask(9, text, **edited, compare="difference"), text=text)
    beside = {"beside": {"kind": "text", "text": text, "focus": 0}, "compare": "difference"}
    files["frame-beside"] = _written(
        page.ask(10, "abéb\n", **{**base, **everything, "parts": parts, **beside}), text="abéb\n"
    )
    with torch.no_grad():
        live.module.second.bias[0] = torch.nan
        live.module.second.bias[1] = torch.inf
    parts = {"trace": {}, "map": {**MAP, "units": [0, 1, 2]}}
    odd = {"unit": None, "mode": "log", "pinned": [-2, 2], "parts": parts}
    files["frame-log-and-odd"] = _written(page.ask(4, text, focus=0, **odd), text=text)
    with torch.no_grad():
        live.module.second.bias[:2] = 0
    files["frame-empty"] = _written(page.ask(5, "", focus=0, unit="dense.1:2"), text="")
    long = "aéb\n" * 3
    short = Page(nw.explore(models.text(bos=True, context=4), long, site="dense.1", unit="dense.1:2"))
    labels = short.ask(6, long, focus=0, unit="dense.1:2", parts={"trace": {}, "map": MAP})
    files["frame-labels"] = _written(labels, text=long)
    left_out = short.ask(7, long, focus=12, unit="dense.1:2", parts={"trace": {}, "guesses": {"most": 1}})
    files["frame-left-out"] = _written(left_out, text=long)
    return files


def _image(live: nw.LiveModel) -> dict[str, Any]:
    page = Page(nw.explore(live, 0, site="conv.1", unit="conv.0:3"))
    pixels = (live.inputs.gallery[0].pixels.tobytes(),)
    message = page.ask(
        11,
        PICTURE,
        pixels,
        site="conv.1",
        unit="conv.0:3",
        pins=["conv.1:2", "dense.0:0"],
        parts={"trace": {}, "top": {"most": 2}, "tiles": {"count": 2, "height": 8, "width": 8}, "classes": {}},
    )
    edits = [{"edit": "ablate", "unit": "conv.0:3", "to": "zero", "scope": "all", "when": None, "on": True}]
    parts = {"trace": {}, "classes": {}, "edits": {"most": 2}}
    edited = page.ask(15, PICTURE, pixels, unit="conv.0:3", parts=parts, edits=edits)
    maps = page.ask(13, PICTURE, pixels, unit=None, parts={"trace": {}, "map": MAP, "overview": {"width": 8}})
    return {
        "input-image": _written(message), "input-image-edited": _written(edited), "input-image-map": _written(maps)
    }  # fmt: skip


def _table(live: nw.LiveModel) -> dict[str, Any]:
    page = Page(nw.explore(live, {"age": 54, "sex": "male"}, site="dense.0", unit="dense.0:1"))
    message = page.ask(
        12,
        {"kind": "table", "row": {"age": 54, "sex": "male"}},
        unit="dense.0:0",
        pins=["dense.0:1", "dense.0:2"],
        parts={"trace": {}, "top": {"most": 3}, "classes": {}, "sweep": {"column": "age", "points": 3}},
    )
    maps = page.ask(14, {"kind": "table"}, unit="dense.0:2", parts={"trace": {}, "map": MAP, "overview": {"width": 8}})
    return {"input-table": _written(message), "input-table-map": _written(maps)}


def _results(live: nw.LiveModel) -> dict[str, Any]:
    """Patterns of inputs of two layers, of which the frame has a place each, groups of units, and a comparison."""
    """Patterns of inputs of two layers, of which the frame has a place each, groups of units, and a blind test."""
    first, second = results.patterns(), results.patterns("dense.1")
    page = Page(nw.PatternView(first, live, flow=second, x={"age": 54, "sex": "male"}))
    row = {"kind": "table", "row": {"age": 54, "sex": "male"}}
    frame = page.ask(15, row, unit=None, parts={"pattern": {"nearest": 2}})
    about = {"layer": 0, "pattern": 0, "narrowed": {"label": "ill", "to": 0, "brush": [0, -1, 5, -1, 5]}, "most": 3}
    compared = Page(nw.CompareView(results.comparison(), live))
    return {
        "input-table-pattern": _written(frame),
        "atlas-members-table": _written(page.say("atlas", seq=38, want="members", **about)),
        "trait-patterns_info": dict(page.widget.patterns_info),
        "trait-groups_info": dict(nw.GroupView(results.groups()).groups_info),
        "trait-comparison_info": dict(compared.widget.comparison_info),
        "atlas-compared-table": _written(compared.say("atlas", seq=39, want="compared", unit="dense.0:2")),
        "trait-health_info": dict(nw.HealthView(results.health()).health_info),
        **_blind(live),
        "trait-localised_info": dict(nw.LocaliseView(results.localised()).localised_info),
        "trait-shortcuts_info": dict(nw.ShortcutView(results.shortcuts()).shortcuts_info),
    }


def _blind(live: nw.LiveModel) -> dict[str, Any]:
    """A blind test as it begins, in a round, after it, and in the end."""
    test = nw.BlindTest(live, blind=results.blind(""), by="somebody")
    said = {"trait-blind_info-explain": dict(test.blind_info)}
    test.begin("old")
    said["trait-blind_info-round"] = dict(test.blind_info)
    test.answer([1])
    said["trait-blind_info-feedback"] = dict(test.blind_info)
    for answer in ([0], [1]):
        test.next()
        test.answer(answer)
    test.next()
    said["trait-blind_info-end"] = dict(test.blind_info)
    test.close()
    return said


# ---- short answers ---------------------------------------------------------------------------------------------------


def _messages(live: nw.LiveModel) -> dict[str, Any]:
    """One of each kind of answer that is no frame, by a name of its own."""
    page = Page(nw.explore(live, models.TEXT, site="dense.1", unit="dense.1:2"))
    picture = Page(nw.explore(models.image(), 0, site="conv.1", unit="conv.0:3"))
    short = {"kind": "text", "text": "bb", "focus": 0}
    answers: dict[str, Any] = {
        "ready": page.say("hello"),
        "error": page.say("ask", seq=21, input=short, site="nowhere.3"),
        "atlas-error": page.say("atlas", seq=22, want="card", unit="dense.1:2"),
        "echo": page.say("echo", id=3, size=4),
        "gallery-empty": page.say("gallery"),
        "gallery": picture.say("gallery"),
    }
    page.ask(23, models.TEXT, focus=0, parts={"trace": {}, "map": MAP, "overview": {"width": 8}})
    answers["probe"] = page.say("probe", seq=24, of=23, where="map", x=2, y=1)
    answers["probe-overview"] = page.say("probe", seq=25, of=23, where="overview", x=0, y=1)
    pixels = (models.image().inputs.gallery[0].pixels.tobytes(),)
    picture.ask(26, PICTURE, pixels, unit="conv.1:0")
    answers["probe-unit"] = picture.say("probe", seq=27, of=26, where="unit", x=1, y=0)
    page.ask(30, models.TEXT, focus=0, unit="dense.1:2")
    answers["study"] = page.say("study", seq=31, of=30, question="attribution", target="unit")
    answers["study-problem"] = page.say("study", seq=32, of=30, question="grid", sites="dense")
    page.ask(35, models.TEXT, focus=0, edits=EDITS)
    page.say("study", seq=36, of=35, question="continue", tokens=1, temperature=0, seed=0)
    answers["study-continue"] = page.heard[-2]  # the last one has no tokens
    answers["study-control"] = page.say("study", seq=37, of=35, question="control")
    asked = {"v": VERSION, "kind": "ask", "seq": 28, "input": short, "site": "dense.0"}
    page.widget._box.put(asks.read({**asked, "seq": 29}), "ask")  # a newer one is waiting
    page.widget._answer(asks.read(asked))
    answers["overtaken"] = page.heard[-1]
    page.widget.close()
    answers["closed"] = page.heard[-1]
    return {name: message for name, (message, _) in answers.items()}


# ---- an atlas --------------------------------------------------------------------------------------------------------


def _atlas(
    kind: str, live: nw.LiveModel, atlas: Any, x: Any, unit: str, only: tuple[str, ...] | None = None
) -> dict[str, Any]:
    """Answers to each question, and the traits with which views of this kind begin."""
    explorer = nw.explore(live, x, atlas=atlas, unit=unit)
    page = Page(explorer)
    questions: dict[str, dict[str, Any]] = {
        "exemplars": {"unit": unit, "group": "top", "first": 0, "count": 3},
        "document": {"unit": unit, "key": 0},
        "use": {"unit": unit, "key": 0, "document": False},
        "card": {"unit": unit},
        "kin": {"unit": unit, "count": 3},
        "find": {"sites": [], "states": [], "density": None, "text": "b", "fires": True, "similar": None,
                 "at": "", "order": "", "count": 3},
    }  # fmt: skip
    files = {}
    for number, (want, about) in enumerate(questions.items()):
        if only is None or want in only:
            asked = Page(nw.ExemplarGrid(atlas, unit=unit, live=explorer)) if want == "use" else page
            message = asked.say("atlas", seq=31 + number, want=want, **about)
            assert "error" not in message[0], message
            files[f"atlas-{want}" if kind == "text" else f"atlas-{want}-{kind}"] = _written(message)
    files[f"trait-catalog-{kind}"] = dict(explorer.catalog)
    files[f"trait-atlas_info-{kind}"] = dict(explorer.atlas_info)
    return files


@contextmanager
def _scanned(live: nw.LiveModel, documents: Any, **settings: Any) -> Iterator[tuple[nw.LiveModel, Any]]:
    folder = tempfile.mkdtemp()
    try:
        yield live, nw.scan(live, documents, out=folder + "/atlas", progress=False, **settings)
    finally:
        shutil.rmtree(folder)


def _texts() -> Any:
    texts = [("</script>", "aéb\n</script>aab"), ("second", "bba\n\n"), ("third", "éa</script>")]
    return _scanned(models.text(), texts)


def _pictures() -> Any:
    live = models.image()
    return _scanned(live, [(exhibit.pixels, exhibit.label) for exhibit in live.inputs.gallery])


def _rows() -> Any:
    rows = [{"age": 18, "sex": "male"}, {"age": 54, "sex": "female"}, {"age": 90, "sex": "male"}]
    return _scanned(models.table(), rows)


# ---- literals for tsc ------------------------------------------------------------------------------------------------


def literals(files: dict[str, Any]) -> str:
    """All headers as TypeScript literals, each checked against the type that the page has for it."""
    lines = [
        "// Written by `python -m tests.golden.make`; nothing runs it: `tsc` checks that each literal is of its type.",
        'import type { FrameMessage, FromKernel } from "../../src/wire/protocol.ts";',
        'import type { AtlasAnswerOf, TraitOf } from "./golden-types.ts";',
        "",
        "export const HEADERS = {",
    ]
    for name, content in files.items():
        group, _, rest = name.partition("-")
        if name == "messages":
            for key, message in content.items():
                wanted = 'AtlasAnswerOf<"error">' if message["kind"] == "atlas" else "FromKernel"
                lines.append(f"  {json.dumps('message ' + key)}: {_literal(message)} satisfies {wanted},")
            continue
        type_name = {"atlas": "AtlasAnswerOf", "trait": "TraitOf"}.get(group, "FrameMessage")
        argument = "" if type_name == "FrameMessage" else f'<"{rest.split("-")[0]}">'
        header = content if group == "trait" else content["header"]
        lines.append(f"  {json.dumps(name)}: {_literal(header)} satisfies {type_name}{argument},")
    return "\n".join([*lines, "};", ""])


def _literal(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, allow_nan=False)


def write() -> None:
    """Write all files, and remove golden files that are no longer made."""
    made = golden()
    for path in HERE.glob("*.json"):
        if path.name not in made:
            path.unlink()
    for name, content in made.items():
        (LITERALS if name == LITERALS.name else HERE / name).write_text(content, encoding="utf-8")


if __name__ == "__main__":
    write()
