"""HTML of saved pictures, with no sheet and no script: everything that comes from a model or a person is escaped here.

Only styles that JupyterLab leaves in the outputs of notebooks that it does not trust.
"""

from __future__ import annotations

import base64
import html
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from neuronwidget.stream.protocol.checks import readable
from neuronwidget.stream.raster import FIRST, LAST, Scale, quantise
from neuronwidget.widgets.saved.picture import png_of_cells, shade_of

#: What one saved picture may weigh in all, and its shaded text.
MOST_BYTES, MOST_TEXT = 56_000, 22_000
#: Over text no colour covers more than this: it must stay legible on both grounds.
_OVER_TEXT = 0.6
_LEVELS = 24

_BORDER = "border:1px solid rgba(128,128,128,0.4)"
_QUIET = "opacity:0.75;font-size:12px"
_PRE = "white-space:pre-wrap;word-break:break-word;font-family:monospace;margin:4px 0;padding:0;background:transparent"


def escaped(text: object, most: int = 400) -> str:
    """A text as HTML that is only text."""
    return html.escape(readable(str(text), most))


def line(text: object, *, quiet: bool = False) -> str:
    """A line of words."""
    return f'<div style="{_QUIET}">{escaped(text)}</div>' if quiet else f"<div>{escaped(text)}</div>"


def title(text: object) -> str:
    """What the picture shows, as its first line."""
    return f'<div style="font-weight:600">{escaped(text)}</div>'


def called(unit: object, label: str) -> str:
    """A unit as a saved table has it, with what it is called.

    >>> called("dense.0:3", "large cells (held up)"), called("dense.0:4", "")
    ('dense.0:3, large cells (held up)', 'dense.0:4')
    """
    return f"{unit}, {label}" if label else str(unit)


def image(png: bytes, words: str, width: int, height: int) -> str:
    """An inline picture of that size on the page; its pixels stay squares."""
    data = base64.b64encode(png).decode()
    style = f"width:{width}px;height:{height}px;max-width:100%;image-rendering:pixelated;margin:0;{_BORDER}"
    return f'<img src="data:image/png;base64,{data}" alt="{escaped(words)}" style="{style}">'


def number(value: float) -> str:
    """Three digits, as the page's lists have them.

    >>> number(0.93812), number(-1234.5), number(float("nan"))
    ('0.938', '−1.23e+03', 'NaN')
    """
    if value != value:
        return "NaN"
    return f"{value:.3g}".replace("-", "−").replace("e−", "e-").replace("inf", "∞")


def scale_of(header: Mapping[str, Any]) -> Scale:
    """The scale that a frame's header tells."""
    return Scale(header["lo"], header["hi"], header["mode"])


def legend(scale: Scale, words: str) -> str:
    """The ramp of a scale between its ends."""
    ramp = np.linspace(FIRST, LAST, 64).astype(np.uint8)[None]
    bar = image(png_of_cells(ramp, scale.signed), f"Colours from {number(scale.lo)} to {number(scale.hi)}", 160, 10)
    log = ", logarithmic" if scale.mode == "log" else ""
    return f'<div style="{_QUIET}">{number(scale.lo)} {bar} {number(scale.hi)} · {escaped(words + log)}</div>'


def shaded(pieces: Sequence[str], values: NDArray[np.float32], scale: Scale, most: int = MOST_TEXT) -> str:
    """A text whose pieces are shaded by values, one for each; the end is left out where it would be too long."""
    cells = quantise(np.asarray(values, np.float32), scale)
    parts: list[str] = []
    length, last = 0, ""
    for count, (piece, byte) in enumerate(zip(pieces, cells, strict=True)):
        words, style = escaped(piece), _style(int(byte), scale.signed)
        if style == last and parts:
            parts[-1] = parts[-1].removesuffix("</span>") + words + ("</span>" if style else "")
            length += len(words)
        else:
            parts.append(f'<span style="{style}">{words}</span>' if style else words)
            length += len(parts[-1])
        last = style
        if length > most and count + 1 < len(pieces):
            parts.append(escaped(f" … and {len(pieces) - count - 1} more"))
            break
    return f'<pre style="{_PRE}">{"".join(parts)}</pre>'


def plain_text(text: str, most: int = MOST_TEXT) -> str:
    """A text without colours."""
    return f'<pre style="{_PRE}">{escaped(text, most)}</pre>'


def in_one_line(text: object, most: int = 120) -> str:
    r"""A text that stands in a list: in a line of its own, with a sign where its lines end.

    >>> in_one_line("a\nb").partition(">")[2]
    'a⏎b</div>'
    """
    return f'<div style="white-space:pre-wrap;font-family:monospace">{escaped(signs(text), most)}</div>'


def signs(text: object) -> str:
    """A text whose ends of lines are seen; one of nothing but blanks is seen as such."""
    words = str(text).replace("\n", "⏎")
    return words.replace(" ", "␣") if words.strip() == "" else words


def row_in_words(row: Mapping[str, Any], most: int = 6) -> str:
    """The first cells of a table's row."""
    cells = [f"{name} {number(x) if isinstance(x, float) else x}" for name, x in [*row.items()][:most]]
    return escaped(", ".join(cells) + (" …" if len(row) > most else ""))


def _style(byte: int, signed: bool) -> str:
    red, green, blue, cover = shade_of(byte, signed)
    cover = round(cover * _LEVELS) / _LEVELS * _OVER_TEXT
    return f"background-color:rgba({red},{green},{blue},{cover:.2f})" if cover else ""


def table(rows: Iterable[Sequence[object]], heads: Sequence[str] = ()) -> str:
    """A small table; numbers are shown with three digits."""
    cell = '<td style="text-align:left;padding:0 12px 0 0">{}</td>'

    def row(cells: Sequence[object]) -> str:
        texts = (number(float(x)) if isinstance(x, (float, np.floating)) else escaped(x, 80) for x in cells)
        return "<tr>" + "".join(cell.format(text) for text in texts) + "</tr>"

    body = row([*heads]) if heads else ""
    style = "border-collapse:collapse;font-size:12px;margin:4px 0"
    return f'<table style="{style}">{body}{"".join(map(row, rows))}</table>'


def together(parts: Iterable[str], how: str, name: str) -> str:
    """The parts in one frame, and below them what brings it to life; what would make it too large is left out.

    `name`: a class, by which the widget's page finds the frame.
    """
    frame = f'<div class="{escaped(name)}" style="{_BORDER};border-radius:6px;padding:8px 10px">{{}}</div>'
    end = line(how, quiet=True)
    kept, room = [], MOST_BYTES - len((frame + end).encode())
    for part in parts:
        size = len(part.encode())
        if size <= room:
            kept.append(part)
            room -= size
    return frame.format("".join([*kept, end]))
