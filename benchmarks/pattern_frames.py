"""A frame with the input placed among patterns ÷ the same frame without: `python -m benchmarks.pattern_frames`.

Each frame is of another input, as typing makes it, and has the parts that an Explorer's page asks for. The patterns are
of the site that is looked at, as the Explorer begins with them, and of one further down, which is recorded for them
alone. Processor time of the thread that builds the frames, so that what else runs on the machine is not counted.
Wanted: at most 1.1.
"""

from __future__ import annotations

import itertools
import json
import statistics
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np

import neuronwidget as nw
from benchmarks.timing import HEADER, Ratio, machine
from neuronwidget.stream.protocol.asks import Ask, read
from neuronwidget.stream.protocol.shared import VERSION
from neuronwidget.widgets.base.pattern_traits import Placed
from neuronwidget.widgets.frames.build import FrameBuilder

BOUND, INPUTS, ROUNDS, WARMUP = 1.1, 900, 150, 15
CODE = 'def greet(name, loud=False):\n    """Say hello."""\n    return f"hello {name}"  # a string\n'
#: What the page asks, as its own tests write it down.
ASKS = Path(__file__).parents[1] / "tests/golden/asks"


def parts_of(name: str) -> dict[str, Any]:
    """What an Explorer asks for; of a row also the sweep over its first column, which is open from the start."""
    parts: dict[str, Any] = json.loads((ASKS / f"{name}.json").read_text(encoding="utf-8"))["message"]["parts"]
    return parts


def asks_of(kind: str, site: str, contents: Iterator[tuple[dict[str, Any], list[bytes]]], parts: Any) -> Iterator[Ask]:
    """Requests for one input after the other."""
    for seq, (given, buffers) in enumerate(contents):
        message = {"v": VERSION, "kind": "ask", "seq": seq, "input": {"kind": kind, **given}, "site": site}
        ask = read({**message, "unit": f"{site}:0", "parts": parts}, buffers)
        assert isinstance(ask, Ask)
        yield ask


def texts() -> Iterator[tuple[dict[str, Any], list[bytes]]]:
    for number in itertools.count():
        text = CODE * 2 + f"x = {number}"
        yield {"text": text, "focus": len(text)}, []


def pictures(live: Any) -> Iterator[tuple[dict[str, Any], list[bytes]]]:
    for exhibit in itertools.cycle(live.inputs.gallery):
        height, width = exhibit.pixels.shape[:2]
        yield {"width": width, "height": height}, [np.ascontiguousarray(exhibit.pixels).tobytes()]


def rows(live: Any) -> Iterator[tuple[dict[str, Any], list[bytes]]]:
    for number in itertools.count():
        row = dict(live.inputs.start())
        name = next(iter(row))
        yield {"row": {**row, name: float(row[name]) + 0.01 * number}}, []


def ratio(live: Any, patterns: Any, ask: str, contents: Callable[[Any], Any], site: str) -> Ratio:
    """Time frames of both kinds over the same inputs, in turn. `site`: the one that is looked at."""
    parts = parts_of(ask)
    if "sweep" in parts:
        parts["sweep"]["column"] = next(iter(live.inputs.start()))

    def frames(placed: bool) -> Callable[[], object]:
        builder = FrameBuilder(live)
        builder.patterns = (Placed(patterns),) if placed else ()
        asked = {**parts, "pattern": {"nearest": 4}} if placed else parts
        questions = asks_of(live.kind, site, contents(live), asked)
        return lambda: builder.build(next(questions)).encode()

    with_place, without = frames(True), frames(False)
    pairs = []
    for number in range(ROUNDS + WARMUP):  # now the one first, now the other: what comes second finds caches warm
        pair = [cpu(call) for call in (with_place, without)[:: 1 if number % 2 else -1]]
        pairs.append(pair[:: 1 if number % 2 else -1])
    pairs = pairs[WARMUP:]
    low, middle, high = statistics.quantiles([a / b for a, b in pairs], n=4)
    return Ratio(middle, low, high, *(1e3 * statistics.median(pair[i] for pair in pairs) for i in (0, 1)))


def cpu(call: Callable[[], object]) -> float:
    """Processor seconds of this thread in one call."""
    began = time.thread_time()
    call()
    return time.thread_time() - began


def main() -> None:
    print(machine())
    print(HEADER)
    lines = [CODE[: 20 + i % 60] for i in range(INPUTS)]

    def drawn(live: Any) -> Any:
        return [(e.pixels, e.label) for e in live.inputs.gallery] * (INPUTS // len(live.inputs.gallery))

    cases: list[tuple[str, str, Any, Any, str]] = [
        ("code", "text-explorer", lambda live: texts(), lambda live: lines, "mlp.2"),
        ("digits", "image", pictures, drawn, "dense.0"),
        ("cancer", "table", rows, lambda live: live.inputs.rows * (INPUTS // len(live.inputs.rows)), "dense.1"),
    ]
    for name, ask, contents, data, site in cases:
        live = nw.demo(name)
        patterns = nw.patterns(live, data(live), site, bootstraps=2, nulls=0)
        for shown, words in ((site, "there"), (live.sites.defaults[0].name, "at another site")):
            what = f"a frame of {name}, its input placed {words} ÷ not placed"
            print(ratio(live, patterns, ask, contents, shown).row(what, f"≤ {BOUND}"))


if __name__ == "__main__":
    main()
