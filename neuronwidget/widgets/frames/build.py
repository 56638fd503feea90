"""Answers what a page asks: one frame that holds exactly what is visible."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from torch import Tensor

from neuronwidget.live.inputs.text import Tokens
from neuronwidget.live.reuse import Reader
from neuronwidget.live.structure.sites import Site, Unit
from neuronwidget.live.tensors import strongest_step
from neuronwidget.stream.frame import Frame
from neuronwidget.stream.protocol.answers import FrameHeader, Odd, Reading, Window
from neuronwidget.stream.protocol.asks import Ask, MapWant, Probe
from neuronwidget.stream.raster import (
    Scale,
    bin_starts,
    extremes,
    first_largest,
    fit_peaks,
    fit_scale,
    quantise,
    strongest,
)
from neuronwidget.widgets.frames.guesses import guesses
from neuronwidget.widgets.frames.offsets import Utf16
from neuronwidget.widgets.frames.order import order_units
from neuronwidget.widgets.frames.readout import FrameReadout

Floats = NDArray[np.float32]
Pooled = tuple[tuple[Site, bytes, bytes], Floats]

#: A map has no more cells than this, however large the view, so that a whole frame stays under 400 kB.
MOST_CELLS = 250_000


class Painter:
    """Makes frames for one widget. Keeps the last input, so that only what changed is run again."""

    def __init__(self, live: Any) -> None:
        self.live = live
        self._reader = Reader(live)
        self._tokens = Tokens("", [], [])
        self._offsets = Utf16("")
        self._start = 0
        self._order: tuple[tuple[str, tuple[int, ...] | None], NDArray[np.intp]] | None = None
        self._values: dict[Site, Floats] = {}
        self._peaks: dict[Site, tuple[Floats, Floats]] = {}
        self._pooled: Pooled | None = None
        self._pooled_before: Pooled | None = None
        self._shown: FrameReadout | None = None

    def forget(self) -> None:
        """Drop what was kept for speed."""
        self._reader.forget()
        self._peaks.clear()
        self._pooled = None
        self._values.clear()
        self._shown = None

    # ---- frames ----------------------------------------------------------------------------------------

    def paint(self, ask: Ask, overtaken: Callable[[], bool] | None = None) -> Frame:
        """The frame that answers `ask`."""
        began = time.perf_counter()
        self._shown = None
        table = self.live.sites
        site = table.resolve(ask.site)
        unit = None if ask.unit is None else table.unit(ask.unit)
        pins = [table.unit(name) for name in ask.pins]
        tokens, start, end, token = self._look_at(ask)
        self._values, model_seconds, hidden = self._run(ask, tokens.ids[start:end], site, unit, pins, overtaken)
        self._update_peaks()
        self._pooled_before, self._pooled = self._pooled, None  # of the frame before this one or of none
        own_scale = self._scale(site, ask)
        header: FrameHeader = {
            "site": site.name,
            "unit": None if unit is None else str(unit),
            "pins": [str(pin) for pin in pins],
            "window": self._window(tokens, start, end),
            "labels": {str(i - start): tokens.labels[i] for i in tokens.labels if start <= i < end},
            "token": token,
            "scale": None if unit is None else self._scale(table.resolve(unit.site), ask).header(),
            "pinScales": [self._scale(table.resolve(pin.site), ask).header() for pin in pins],
            "map": None,
            "overview": None,
            "guesses": None,
            "odd": self._odd(),
            "reused": self._reader.reused,
            "ms": {"model": 0.0, "total": 0.0},
        }
        arrays: dict[str, NDArray[Any]] = {"spans": self._offsets.spans_to_page(tokens.spans[start:end])}
        arrays["ids"] = np.array(tokens.ids[start:end], np.int32)
        if unit is not None:
            arrays["unit"] = self._trace(unit)
        if pins:
            arrays["pins"] = np.stack([self._trace(pin) for pin in pins])
        geometry = self._map(ask.map, site, own_scale, header, arrays) if ask.map else None
        overview, overview_cols = self._overview(ask, header, arrays)
        if token is not None and ask.top:
            self._top(site, token - start, ask.top, arrays)
        if token is not None and ask.guesses:
            said, seconds = guesses(self.live, ask.guesses, tokens, (start, end), token, hidden)
            header["guesses"] = said
            model_seconds += seconds
        order, rows, cols, ends = geometry or (np.arange(0), np.arange(0), np.arange(0), (0, 0))
        values = self._values.get(site, np.empty((0, site.width), np.float32))
        peaks = {place: self._values[place] for place in overview}
        self._shown = FrameReadout(ask.seq, start, site, values, order, rows, cols, ends, peaks, overview_cols)
        total = time.perf_counter() - began
        header["ms"] = {"model": round(model_seconds * 1e3, 3), "total": round(total * 1e3, 3)}
        return Frame(ask.seq, header, arrays)

    def _look_at(self, ask: Ask) -> tuple[Tokens, int, int, int | None]:
        """The tokens, the window, and the token spoken of."""
        if ask.text != self._tokens.text or not self._tokens.ids:
            self._tokens, self._offsets = self.live.inputs.tokens(ask.text), Utf16(ask.text)
        tokens = self._tokens
        focus = tokens.at(self._offsets.from_page(ask.focus))
        token = focus if ask.token is None or not 0 <= ask.token < len(tokens) else ask.token
        start, end = tokens.window(focus or 0, self.live.context, self._start)
        self._start = start
        if token is not None and not start <= token < end:
            token = focus
        return tokens, start, end, token

    def _run(
        self,
        ask: Ask,
        ids: Sequence[int],
        site: Site,
        unit: Unit | None,
        pins: Sequence[Unit],
        overtaken: Callable[[], bool] | None,
    ) -> tuple[dict[Site, Floats], float, Tensor | None]:
        """Record what is visible and no more."""
        table = self.live.sites
        wanted = [table.resolve(u.site) for u in (*([unit] if unit else []), *pins)]
        if ask.map or ask.top or not wanted:
            wanted.append(site)
        if ask.overview_width:
            wanted += table.defaults
        shown = list(dict.fromkeys(wanted))
        head = self.live.head_site if ask.guesses else None
        began = time.perf_counter()
        found = self._reader.read(ids, list(dict.fromkeys([*shown, *([head] if head else [])])), overtaken)
        seconds = time.perf_counter() - began
        values = {}
        for place in shown:
            array = (
                found[place] if place.steps is None or place.per_token else strongest_step(found[place])[None]
            ).numpy()
            # A site that speaks of the whole input says the same at every token.
            values[place] = array if place.per_token else np.repeat(array, len(ids), axis=0)
        return values, seconds, found[head] if head else None

    def _update_peaks(self) -> None:
        """Lowest and highest value of each site at each token; only for tokens that were run again."""
        kept = self._reader.reused
        peaks = {}
        for site, values in self._values.items():
            low, high = self._peaks.get(site, (values[:0, 0], values[:0, 0]))
            known = min(kept, len(low))
            fresh = values[known:]
            with np.errstate(invalid="ignore"):
                peaks[site] = (
                    np.concatenate([low[:known], fresh.min(axis=1)]),
                    np.concatenate([high[:known], fresh.max(axis=1)]),
                )
        self._peaks = peaks

    def _window(self, tokens: Tokens, start: int, end: int) -> Window:
        first = tokens.spans[start][0] if start < end and start > 0 else 0
        last = tokens.spans[end - 1][1] if start < end < len(tokens) else len(tokens.text)
        return {
            "start": self._offsets.to_page(first),
            "end": self._offsets.to_page(last),
            "first": start,
            "total": len(tokens),
            "without": tokens.left_out(start, end),
        }

    def _scale(self, site: Site, ask: Ask) -> Scale:
        low, high = self._peaks.get(site, (np.empty(0, np.float32),) * 2)
        pinned = ask.pinned if site.name == self.live.sites.resolve(ask.site).name else None
        return fit_scale(extremes(low)[0], extremes(high)[1], ask.mode, pinned)

    def _odd(self) -> Odd:
        nan = inf = 0
        for site, values in self._values.items():
            if not all(np.isfinite(peak).all() for peak in self._peaks[site]):
                nan += int(np.isnan(values).sum())
                inf += int(np.isinf(values).sum())
        return {"nan": nan, "inf": inf}

    def _trace(self, unit: Unit) -> Floats:
        return np.ascontiguousarray(self._values[self.live.sites.resolve(unit.site)][:, unit.index], np.float32)

    def _map(
        self, want: MapWant, site: Site, scale: Scale, header: FrameHeader, arrays: dict[str, NDArray[Any]]
    ) -> tuple[NDArray[np.intp], NDArray[np.intp], NDArray[np.intp], tuple[int, int]]:
        values = self._values[site]
        order = self._ordered(want, site, values)
        row0, row1 = _clip(want.rows, len(order))
        col0, col1 = _clip(want.cols, len(values))
        header["map"] = {
            "rows": [row0, row1],
            "cols": [col0, col1],
            "total": len(order),
            "selected": _place_of(header["unit"], site, order),
            "scale": scale.header(),
        }
        if row0 == row1 or col0 == col1:
            arrays["map"] = np.empty((0, 0), np.uint8)
            arrays["map_units"] = np.empty(0, np.int32)
            return order, np.arange(0), np.arange(0), (0, 0)
        width = min(want.width, col1 - col0)
        cols = bin_starts(col1 - col0, width)
        rows = bin_starts(row1 - row0, min(want.height, max(1, MOST_CELLS // width)))
        units = order[row0:row1]
        seen = values[col0:col1]
        arrays["map"] = np.ascontiguousarray(quantise(self._pool(site, seen, cols, units, rows), scale).T)
        if len(rows) == len(units):
            holders = units
        else:
            with np.errstate(invalid="ignore"):
                peaks = np.nan_to_num(np.maximum(seen.max(0), -seen.min(0))[units], nan=np.inf)
            holders = units[first_largest(peaks, rows)]
        arrays["map_units"] = holders.astype(np.int32)
        return order, rows + row0, cols + col0, (row1, col1)

    def _pool(
        self, site: Site, values: Floats, cols: NDArray[np.intp], units: NDArray[np.intp], rows: NDArray[np.intp]
    ) -> Floats:
        """A map's cells [columns, rows]; of tokens that were not run again they are those of the frame before."""
        key = (site, units.tobytes(), rows.tobytes())
        whole = len(cols) == len(values) == len(self._values[site])
        before = self._pooled_before if whole else None
        known = before[1] if before is not None and before[0] == key else values[:0, rows]
        kept = min(self._reader.reused, len(known))
        part = strongest(values, cols, axis=0)[kept:]
        part = part if len(units) == part.shape[1] and (np.diff(units) == 1).all() else part[:, units]
        pooled = np.concatenate([known[:kept], strongest(part, rows, axis=1)])
        self._pooled = (key, pooled) if whole else None
        return pooled

    def _ordered(self, want: MapWant, site: Site, values: Floats) -> NDArray[np.intp]:
        key = (site.name, want.units)
        if want.hold and self._order is not None and self._order[0] == key:
            return self._order[1]
        if want.units is None:
            order = order_units(values, want.order)
        else:
            chosen = np.array([u for u in want.units if 0 <= u < site.width], np.intp)
            order = chosen[order_units(values[:, chosen], want.order)] if len(chosen) else chosen
        self._order = (key, order)
        return order

    def _overview(
        self, ask: Ask, header: FrameHeader, arrays: dict[str, NDArray[Any]]
    ) -> tuple[list[Site], NDArray[np.intp]]:
        if not ask.overview_width:
            return [], np.arange(0)
        sites = self.live.sites.defaults
        length = len(self._values[sites[0]])
        cols = bin_starts(length, ask.overview_width) if length else np.arange(0)
        lines, lows, highs = [], [], []
        for site in sites:
            low, high = self._peaks[site]
            with np.errstate(invalid="ignore"):
                peak = np.maximum(high, -low)
            scale = fit_peaks(*extremes(peak)[:2], ask.mode)
            lows.append(scale.lo)
            highs.append(scale.hi)
            lines.append(quantise(strongest(peak, cols, axis=0) if length else peak, scale))
        header["overview"] = {"sites": [site.name for site in sites], "lows": lows, "highs": highs}
        arrays["overview"] = np.stack(lines)
        return sites, cols

    def _top(self, site: Site, row: int, k: int, arrays: dict[str, NDArray[Any]]) -> None:
        values = self._values[site][row]
        strength = np.nan_to_num(np.abs(values), nan=np.inf)
        k = min(k, len(values))
        best = np.argpartition(-strength, k - 1)[:k]
        best = best[np.lexsort((best, -strength[best]))]
        arrays["top_units"] = best.astype(np.int32)
        arrays["top_values"] = values[best].astype(np.float32)

    def probe(self, probe: Probe) -> Reading | None:
        """The exact value under the pointer; None when the picture has changed since."""
        return None if self._shown is None else self._shown.read(probe)


def _place_of(unit: str | None, site: Site, order: NDArray[np.intp]) -> int | None:
    """The row at which the selected unit stands, if it is one of the map's."""
    if unit is None or Unit.parse(unit).site != site.name:
        return None
    place = np.flatnonzero(order == Unit.parse(unit).index)
    return int(place[0]) if len(place) else None


def _clip(wanted: tuple[int, int] | None, length: int) -> tuple[int, int]:
    first, last = wanted or (0, length)
    first = max(0, min(first, length))
    return first, max(first, min(last, length))
