"""Panel of classes: how probable a model of pictures or rows finds each."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, TypedDict

from neuronwidget.widgets.frames.frame_pass import FramePass
from neuronwidget.widgets.frames.panels.panel import Given, Needs, Panel
from neuronwidget.widgets.frames.request import Request


@dataclass(frozen=True, slots=True)
class ClassesAsk:
    """Nothing more: all classes."""


class ClassesPart(TypedDict):
    """Names and probabilities of all classes."""

    names: list[str]
    probabilities: list[float]


class ClassesPanel(Panel[ClassesAsk, ClassesPart]):
    """Absent where the model tells no classes apart, or where a probability is not finite."""

    name = "classes"

    @staticmethod
    def read(asked: Mapping[str, Any]) -> ClassesAsk:
        return ClassesAsk()

    def needs(self, asked: ClassesAsk, request: Request) -> Needs:
        return Needs(classes=True)

    def give(self, asked: ClassesAsk, frame_pass: FramePass) -> Given[ClassesPart] | None:
        tensor = frame_pass.tensor
        if tensor is not None and tensor.problem is not None:
            raise tensor.problem
        if tensor is None or tensor.classes is None or not bool(tensor.classes.isfinite().all()):
            return None
        probabilities = [round(p, 6) for p in tensor.classes.tolist()]
        return Given({"names": tensor.live.class_names, "probabilities": probabilities})
