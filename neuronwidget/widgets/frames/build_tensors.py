"""Frames of models whose input has one size: what pictures and rows have in common."""

from __future__ import annotations

import time
from abc import abstractmethod
from collections.abc import Callable, Hashable
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray
from torch import Tensor

from neuronwidget.live.replica.trust import Trust
from neuronwidget.live.structure.sites import Site, Unit
from neuronwidget.live.tensor_model import TensorModel
from neuronwidget.stream.frame import Frame
from neuronwidget.stream.protocol.answers import ClassesHeader, FrameHeader, Kind, Reading
from neuronwidget.stream.protocol.asks import Ask, Probe, TilesWant
from neuronwidget.stream.raster import Scale, bin_starts, quantise, strongest
from neuronwidget.widgets.frames.build import Painter
from neuronwidget.widgets.frames.readout import FrameReadout, readable

Floats = NDArray[np.float32]


class FixedPainter(Painter):
    """Makes frames of pictures or rows. Keeps what the last input did: looking elsewhere runs only what is new."""

    live: TensorModel

    def __init__(self, live: TensorModel) -> None:
        super().__init__(live)
        self.live = live
        self._trust = Trust(live)
        self._key: Hashable = None
        self._prepared: Any = None
        self._said: Tensor | None = None
        self._kept: dict[Site, Floats] = {}
        self._unit: tuple[Site, int] | None = None

    def forget(self) -> None:
        super().forget()
        self._key, self._prepared, self._said, self._unit = None, None, None, None
        self._kept.clear()

    @abstractmethod
    def value_of(self, ask: Ask) -> Any:
        """What the page asks about, as the inputs understand it."""

    @abstractmethod
    def key_of(self, value: Any) -> Hashable:
        """Equal for equal values."""

    @abstractmethod
    def add(self, ask: Ask, value: Any, header: FrameHeader, arrays: dict[str, NDArray[Any]]) -> None:
        """Put into a frame what only this kind of input has."""

    # ---- frames ----------------------------------------------------------------------------------------

    def paint(self, ask: Ask, overtaken: Callable[[], bool] | None = None) -> Frame:
        """The frame that answers `ask`."""
        began = time.perf_counter()
        self._shown = self._unit = None
        table = self.live.sites
        site = table.resolve(ask.site)
        unit = None if ask.unit is None else table.unit(ask.unit)
        pins = [table.unit(name) for name in ask.pins]
        value = self.value_of(ask)
        wanted = [site, *(table.resolve(u.site) for u in (*([unit] if unit else []), *pins))]
        seconds, fresh = self._look(value, list(dict.fromkeys(wanted)), ask.classes, overtaken)
        self._update_peaks()
        scale = self._scale(site, ask)
        shown = table.resolve(unit.site) if unit is not None else site
        header: FrameHeader = {
            "site": site.name,
            "unit": None if unit is None else str(unit),
            "pins": [str(pin) for pin in pins],
            "window": {"start": 0, "end": 0, "first": 0, "total": 0},
            "labels": {},
            "token": None,
            "scale": self._scale(shown, ask).header(),
            "siteScale": scale.header(),
            "pinScales": [self._scale(table.resolve(pin.site), ask).header() for pin in pins],
            "map": None,
            "overview": None,
            "guesses": None,
            "odd": self._odd(),
            "reused": 0 if fresh else 1,
            "ms": {"model": round(seconds * 1e3, 3), "total": 0.0},
            "input": cast("Kind", self.live.inputs.kind),
            "grid": _grid(site),
            "classes": self._classes() if ask.classes else None,
            "sweep": None,
        }
        arrays: dict[str, NDArray[Any]] = {}
        if unit is not None:
            arrays["unit"] = self._on_grid(unit)
            header["unitGrid"] = _grid(shown)
            header["lead"] = [readable(float(value)) for value in self._trace(unit)[: _lead(shown)]]
            self._unit = (shown, unit.index)
        self._pins(pins, header, arrays)
        geometry = self._map(ask.map, site, scale, header, arrays) if ask.map else None
        if ask.top:
            best = self._strongest(site, ask.top)
            arrays["top_units"], arrays["top_values"] = best
        if ask.tiles is not None and site.grid is not None:
            self._tiles(ask.tiles, site, scale, arrays)
        self.add(ask, value, header, arrays)
        order, rows, cols, ends = geometry or (np.arange(0), np.arange(0), np.arange(0), (0, 0))
        self._shown = FrameReadout(ask.seq, 0, site, self._values[site], order, rows, cols, ends, {}, np.arange(0))
        total = time.perf_counter() - began
        header["ms"]["total"] = round(total * 1e3, 3)
        return Frame(ask.seq, header, arrays)

    def probe(self, probe: Probe) -> Reading | None:
        """The exact value under the pointer, and the part of the picture that it can come from."""
        if probe.where != "unit":
            return super().probe(probe)
        if self._unit is None or self._shown is None or self._shown.seq != probe.of:
            return None
        site, index = self._unit
        height, width = site.grid or (1, 1)
        if not (0 <= probe.x < width and 0 <= probe.y < height):
            return None
        position = _lead(site) + probe.y * width + probe.x
        box = self.live.field(site, position) if site.grid is not None else None
        return {
            "where": probe.where,
            "x": probe.x,
            "y": probe.y,
            "unit": str(Unit(site.name, index)),
            "token": position,
            "value": readable(float(self._values[site][position, index])),
            "units": 1,
            "tokens": 1,
            "box": None if box is None else list(box),
        }

    # ---- the parts -------------------------------------------------------------------------------------

    def _look(
        self, value: Any, sites: list[Site], classes: bool, overtaken: Callable[[], bool] | None
    ) -> tuple[float, bool]:
        """Run what is not known yet; seconds in the model, and whether anything was run."""
        key = self.key_of(value)
        if not self._trust.holds() or key != self._key:
            self.forget()
            self._prepared = self.live.inputs.prepare(value)
            self._key = key
        missing = [site for site in sites if site not in self._kept]
        unsaid = classes and self._said is None and self.live.classes > 0
        seconds = 0.0
        if missing or unsaid:
            began = time.perf_counter()
            seen = self.live.see(self._prepared, missing, classes=unsaid, overtaken=overtaken)
            seconds = time.perf_counter() - began
            self._kept.update({site: found.numpy() for site, found in seen.values.items()})
            self._said = seen.classes if unsaid else self._said
        self._values = {site: self._kept[site] for site in sites}
        return seconds, bool(missing or unsaid)

    def _classes(self) -> ClassesHeader | None:
        """Names and probabilities; None where the model tells none, or has no finite opinion."""
        if self._said is None or not bool(self._said.isfinite().all()):
            return None
        return {"names": self.live.class_names, "probabilities": [round(p, 6) for p in self._said.tolist()]}

    def _on_grid(self, unit: Unit) -> Floats:
        """A unit's values without those of tokens that lie nowhere in the picture."""
        return self._trace(unit)[_lead(self.live.sites.resolve(unit.site)) :]

    def _pins(self, pins: list[Unit], header: FrameHeader, arrays: dict[str, NDArray[Any]]) -> None:
        grids = [_grid(self.live.sites.resolve(pin.site)) for pin in pins]
        if not pins:
            return
        if all(grid == grids[0] for grid in grids):
            arrays["pins"] = np.stack([self._on_grid(pin) for pin in pins])
        else:
            arrays.update({f"pin_{i}": self._on_grid(pin) for i, pin in enumerate(pins)})
        header["pinGrids"] = grids

    def _peaks_of(self, site: Site) -> Floats:
        """Of each unit the value of largest magnitude over all positions: [units]."""
        peaks: Floats = strongest(self._values[site], np.zeros(1, np.intp), axis=0)[0]
        return peaks

    def _strongest(self, site: Site, k: int) -> tuple[NDArray[np.int32], Floats]:
        peaks = self._peaks_of(site)
        order = np.argsort(-np.nan_to_num(np.abs(peaks), nan=np.inf), kind="stable")[:k]
        return order.astype(np.int32), peaks[order].astype(np.float32)

    def _tiles(self, want: TilesWant, site: Site, scale: Scale, arrays: dict[str, NDArray[Any]]) -> None:
        """Small pictures of the strongest units: [k, height, width]."""
        assert site.grid is not None
        units, values = self._strongest(site, want.count)
        height, width = site.grid
        maps = self._values[site][_lead(site) :, units].T.reshape(len(units), height, width)
        for axis, most in ((1, want.height), (2, want.width)):
            maps = strongest(maps, bin_starts(maps.shape[axis], most), axis=axis)
        arrays["tiles"] = np.ascontiguousarray(quantise(maps, scale))
        arrays["tile_units"], arrays["tile_values"] = units, values


def _grid(site: Site) -> list[int] | None:
    return None if site.grid is None else list(site.grid)


def _lead(site: Site) -> int:
    return 0 if site.layout is None else site.layout.lead
