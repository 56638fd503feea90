"""Curves of 64 numbers: a kind of input that only tests know, with one object for each layer."""

from __future__ import annotations

from collections.abc import Collection, Hashable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from neuronwidget.analysis.kinds import registry as probes
from neuronwidget.analysis.kinds.tensors import TensorProbe
from neuronwidget.corpus.kinds import registry as corpus_kinds
from neuronwidget.corpus.kinds.kind import CorpusKind
from neuronwidget.live.inputs import registry as live_kinds
from neuronwidget.live.inputs.tensors import InputError, TensorInputs
from neuronwidget.live.tensor_model import TensorModel
from neuronwidget.stream.protocol import inputs
from neuronwidget.stream.protocol.checks import is_number, wrong
from neuronwidget.widgets.frames.kinds import registry as frame_kinds
from neuronwidget.widgets.frames.kinds.tensors import TensorKind

Curve = NDArray[np.float32]
LENGTH = 64
WAVE: Curve = np.sin(np.arange(LENGTH) / 5).astype(np.float32)


class CurveInputs(TensorInputs):
    """Curves, as a list or an array."""

    kind = "curve"

    def __init__(self, classes: Sequence[str] | None = None) -> None:
        super().__init__(classes, None)

    def read(self, x: Any) -> Curve:
        try:
            curve = np.asarray(x, np.float32)
        except (TypeError, ValueError) as error:
            raise InputError("A curve is a list of numbers.") from error
        if curve.shape != (LENGTH,):
            raise InputError(f"A curve has {LENGTH} numbers, not {list(curve.shape)}.")
        return curve

    def prepare(self, value: Any) -> Tensor:
        return torch.from_numpy(self.read(value))[None, None]

    def start(self) -> Curve:
        return np.zeros(LENGTH, np.float32)

    def samples(self) -> list[Curve]:
        return [WAVE, -WAVE]


class CurveDocuments(CorpusKind):
    """All that a scan must be told of curves."""

    name = "curve"
    counted = "curves"
    places = "places on curves"


class CurveProbe(TensorProbe):
    """All that questions about one curve must be told: its parts are stretches of eight points, laid flat."""

    part, parts = "stretch", "stretches"

    def __init__(self, live: TensorModel, x: Any, *, instead: Any = None, seed: int = 0) -> None:
        super().__init__(live, live.inputs.prepare(x))
        self.names = [f"points {start} to {start + 7}" for start in range(0, LENGTH, 8)]

    def without(self, chosen: Collection[int], draw: int = 0) -> Tensor:
        points: Tensor = self.given.clone()
        for part in chosen:
            points[..., 8 * part : 8 * part + 8] = 0
        return points


class CurveFrames(TensorKind):
    """All that widgets must be told: a curve travels as a list of numbers."""

    name = "curve"

    def read(self, content: Mapping[str, Any], buffers: Sequence[Any]) -> list[float]:
        points = content.get("points")
        if not isinstance(points, list) or not all(map(is_number, points)) or len(points) != LENGTH:
            raise wrong("points", f"a list of {LENGTH} numbers", points)
        return points

    def value(self, live: TensorModel, asked: list[float]) -> Curve:
        curve: Curve = live.inputs.read(asked)
        return curve

    def key(self, value: Curve) -> Hashable:
        return value.tobytes()

    def to_page(self, value: Any) -> list[float]:
        points: list[float] = value.tolist()
        return points

    def from_page(self, live: Any, value: Any) -> Any:
        return self.read({"points": value}, ())

    def info(self, live: TensorModel) -> Mapping[str, Any]:
        return {"kind": "curve", "length": LENGTH, "classes": live.class_names or None}

    def exemplar(self, row: Any) -> Mapping[str, Any]:
        return {"points": [float(point) for point in row["row"]]}


@contextmanager
def curves_are_known() -> Iterator[None]:
    """One object is registered for each layer."""
    live_kinds.register(live_kinds.LiveKind("curve", CurveInputs, TensorModel))
    corpus_kinds.register(CurveDocuments())
    probes.register("curve", CurveProbe)
    frame_kinds.register(CurveFrames())
    try:
        yield
    finally:
        for table in (live_kinds.KINDS, corpus_kinds.KINDS, probes.PROBES, frame_kinds.KINDS, inputs.READERS):
            table.pop("curve", None)
