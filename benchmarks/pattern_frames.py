"""A frame with the input placed among patterns ÷ the same frame without: `python -m benchmarks.pattern_frames`.

Each frame is of another input, as typing makes it, and asks what an Explorer asks; patterns are of one site that is
recorded anyway. Wanted: at most 1.1.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

import neuronwidget as nw
from benchmarks.timing import HEADER, Ratio, compare, machine
from neuronwidget.stream.protocol.asks import Ask, read
from neuronwidget.stream.protocol.shared import VERSION
from neuronwidget.widgets.base.pattern_traits import Placed
from neuronwidget.widgets.frames.build import FrameBuilder

BOUND, INPUTS, ROUNDS = 1.1, 900, 60
CODE = 'def greet(name, loud=False):\n    """Say hello."""\n    return f"hello {name}"  # a string\n'
MAP = {"rows": None, "cols": None, "height": 256, "width": 512, "order": "strength", "hold": False, "units": None}
TEXT = {"trace": {}, "map": MAP, "overview": {"width": 512}, "guesses": {"most": 10}, "top": {"most": 15}}
PICTURE = {"trace": {}, "classes": {}, "top": {"most": 15}, "tiles": {"count": 12, "height": 64, "width": 64}}
ROW = {"trace": {}, "classes": {}, "top": {"most": 15}}


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


def ratio(name: str, contents: Callable[[Any], Any], parts: Any, data: Callable[[Any], Any], site: str) -> Ratio:
    """Time frames of both kinds over the same inputs, in turn."""
    live = nw.demo(name)
    patterns = nw.patterns(live, data(live), site, bootstraps=2, nulls=0)

    def frames(placed: bool) -> Callable[[], object]:
        builder = FrameBuilder(live)
        builder.patterns = (Placed(patterns),) if placed else ()
        asked = {**parts, "pattern": {"nearest": 4}} if placed else parts
        questions = asks_of(live.kind, site, contents(live), asked)
        return lambda: builder.build(next(questions)).encode()

    return compare(frames(True), frames(False), rounds=ROUNDS, warmup=8)


def main() -> None:
    print(machine())
    print(HEADER)
    lines = [CODE[: 20 + i % 60] for i in range(INPUTS)]
    cases: list[tuple[str, Any, Any, Any, str]] = [
        ("code", lambda live: texts(), TEXT, lambda live: lines, "mlp.2"),
        ("digits", pictures, PICTURE, lambda live: [(e.pixels, e.label) for e in live.inputs.gallery], "dense.0"),
        ("cancer", rows, ROW, lambda live: live.inputs.rows, "dense.0"),
    ]
    for case in cases:
        print(ratio(*case).row(f"a frame of {case[0]}, its input placed ÷ not placed", f"≤ {BOUND}"))


if __name__ == "__main__":
    main()
