"""Finds which part of a picture can reach a position: by marking, not by reckoning.

A NaN in one place of the input reaches every value that is computed from it, whatever the weights are. So the model
runs once for each row of pixels, and once for each column, with that row set to NaN, and where NaN arrives is what
depends on it. Large pictures are marked in bands, and boxes then end on the edges of bands.
"""

from __future__ import annotations

import itertools
import time
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from neuronwidget.live.capture import capture, rows
from neuronwidget.live.inputs.tensors import TensorInputs, main_tensor
from neuronwidget.live.structure.sites import Site

#: Bands a picture is cut into, along each side, at most and at least.
_BANDS, _FEWEST = 32, 4


class Fed(Protocol):
    """What is asked of a live model here: its inputs, and passes on them."""

    inputs: TensorInputs

    def running(self, sites: Sequence[Site], /) -> AbstractContextManager[dict[str, nn.Module]]: ...

    def feed(self, prepared: Sequence[Any], /) -> object: ...


@dataclass(frozen=True)
class Fields:
    """For each position [positions] the first pixel and one past the last that reach it, along x and along y."""

    x: NDArray[np.int64]
    y: NDArray[np.int64]

    def box(self, position: int) -> tuple[int, int, int, int] | None:
        """Left, top, right, bottom; right and bottom are one past the last pixel. None where nothing reaches it."""
        left, right = (int(end) for end in self.x[position])
        top, bottom = (int(end) for end in self.y[position])
        return (left, top, right, bottom) if left < right and top < bottom else None


def receptive_fields(live: Fed, site: Site, seconds: float) -> Fields | None:
    """The fields of all positions of a site; None where NaN gets lost on the way, or where it would take too long.

    `seconds`: about how long it may take. A slower model is marked in fewer bands.
    """
    height, width = live.inputs.picture or (0, 0)
    prepared = live.inputs.prepare(live.inputs.start())
    try:
        began = time.perf_counter()
        if not bool(_arrived(live, prepared, site, 2, 0, height).any()):
            return None
        bands = min(_BANDS, seconds / 2 / max(time.perf_counter() - began, 1e-9))
        if bands < _FEWEST:
            return None
        x, y = (_reached(live, prepared, site, axis, n, int(bands)) for axis, n in ((3, width), (2, height)))
    except Exception:
        return None
    return Fields(x.numpy(), y.numpy())


def _reached(live: Fed, prepared: object, site: Site, axis: int, length: int, bands: int) -> Tensor:
    """The first pixel and one past the last along a dimension of the input: [positions, 2]."""
    edges = np.linspace(0, length, min(length, bands) + 1).round().astype(int).tolist()
    ends = torch.tensor([[length, 0]]).repeat(site.layout.positions if site.layout else 1, 1)
    for start, stop in itertools.pairwise(edges):
        here = _arrived(live, prepared, site, axis, start, stop)
        ends[here, 0] = ends[here, 0].clamp_max(start)
        ends[here, 1] = ends[here, 1].clamp_min(stop)
    return ends


def _arrived(live: Fed, prepared: object, site: Site, axis: int, start: int, stop: int) -> Tensor:
    """Which positions a mark on some rows or columns of pixels reaches: [positions]."""
    marked = _marked(prepared, axis, start, stop)
    with live.running([site]) as parts, plain_convolutions():
        tensors, _ = capture(parts, lambda: live.feed([marked]), [site])
        return rows(site, tensors[site]).isnan().any(1)


@contextmanager
def plain_convolutions() -> Iterator[None]:
    """Sums of products and nothing else: faster ways mix neighbouring pixels first, and would spread the mark."""
    backends: tuple[Any, ...] = (torch.backends.mkldnn, torch.backends.cudnn)
    before = [backend.enabled for backend in backends]
    try:
        for backend in backends:
            backend.enabled = False
        yield
    finally:
        for backend, enabled in zip(backends, before, strict=True):
            backend.enabled = enabled


def _marked(prepared: object, axis: int, start: int, stop: int) -> object:
    tensor = main_tensor(prepared)
    copy = tensor.clone()
    copy.narrow(axis, start, stop - start).fill_(float("nan"))
    if isinstance(prepared, Tensor):
        return copy
    assert isinstance(prepared, dict)
    return {name: copy if value is tensor else value for name, value in prepared.items()}
