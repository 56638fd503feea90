"""Panel of classes: how probable a model of pictures or rows finds each."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypedDict

from neuronwidget.widgets.frames.frame_pass import FramePass, TensorPass
from neuronwidget.widgets.frames.panels.panel import Given, Needs, Panel
from neuronwidget.widgets.frames.request import Request

if TYPE_CHECKING:
    from typing_extensions import NotRequired


@dataclass(frozen=True, slots=True)
class ClassesAsk:
    """Request for all classes; has no fields."""


class ClassesPart(TypedDict):
    """Names and probabilities of all classes; `before`: those of the model as it was, where edits are shown."""

    names: list[str]
    probabilities: list[float]
    before: NotRequired[list[float]]


class ClassesPanel(Panel[ClassesAsk, ClassesPart]):
    """Panel of class probabilities; absent where the model tells no classes apart, or where one is not finite."""

    name = "classes"

    @staticmethod
    def read(asked: Mapping[str, Any]) -> ClassesAsk:
        return ClassesAsk()

    def needs(self, asked: ClassesAsk, request: Request) -> Needs:
        return Needs(classes=True)

    def give(self, asked: ClassesAsk, frame_pass: FramePass) -> Given[ClassesPart] | None:
        if frame_pass.tensor is not None and frame_pass.tensor.problem is not None:
            raise frame_pass.tensor.problem
        probabilities = _probabilities(frame_pass.tensor)
        if frame_pass.tensor is None or probabilities is None:
            return None
        part: ClassesPart = {"names": frame_pass.tensor.live.class_names, "probabilities": probabilities}
        both = frame_pass.compared
        before = None if both is None or both.shows == "before" else _probabilities(both.before.tensor)
        return Given(part if before is None else {**part, "before": before})


def _probabilities(tensor: TensorPass | None) -> list[float] | None:
    """Of all classes, where the model tells any apart and each has a probability."""
    if tensor is None or tensor.classes is None or not bool(tensor.classes.isfinite().all()):
        return None
    return [round(p, 6) for p in tensor.classes.tolist()]
