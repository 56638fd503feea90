"""Base class of panels: a panel reads what the page asks of it, says what it needs, and gives its part of a frame."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar, Generic, NamedTuple, TypeVar

from numpy.typing import NDArray

from neuronwidget.live.structure.sites import Site
from neuronwidget.widgets.frames.frame_pass import FramePass
from neuronwidget.widgets.frames.readout import Readout
from neuronwidget.widgets.frames.request import Request

A = TypeVar("A")
P = TypeVar("P", bound=Mapping[str, object])


class Needs(NamedTuple):
    """What a panel needs of the pass: sites; the stream that goes into the model's head; class probabilities."""

    sites: tuple[Site, ...] = ()
    stream: bool = False
    classes: bool = False

    @classmethod
    def of_all(cls, needs: Iterable[Needs]) -> Needs:
        """What all of them need together."""
        sites: dict[Site, None] = {}
        stream = classes = False
        for need in needs:
            for site in need.sites:
                sites[site] = None
            stream, classes = stream or need.stream, classes or need.classes
        return cls(tuple(sites), stream, classes)


@dataclass(frozen=True)
class Given(Generic[P]):
    """A panel's part of a frame.

    `part` can be written as JSON; `arrays` are sent as `panel.name`; `readout` reads values under the pointer off what
    is shown; `seconds` were spent in the model beside the pass.
    """

    part: P
    arrays: Mapping[str, NDArray[Any]] = field(default_factory=dict)
    readout: Readout | None = None
    seconds: float = 0.0


class Panel(ABC, Generic[A, P]):
    """One panel of one widget. It may keep things from frame to frame; `A` is what it is asked, `P` its part's type."""

    #: What it is called on the wire.
    name: ClassVar[str]
    #: What a reading under the pointer of this panel is called, if there are any.
    reading: ClassVar[str] = ""

    @staticmethod
    @abstractmethod
    def read(asked: Mapping[str, Any]) -> Any:
        """Check what the page asks; raises `ProtocolError`."""

    def needs(self, asked: A, request: Request) -> Needs:
        """What must be recorded for it."""
        return Needs()

    @abstractmethod
    def give(self, asked: A, frame_pass: FramePass) -> Given[P] | None:
        """Its part of the frame; None where it has nothing to show."""

    def forget(self) -> None:
        """Drop what was kept for speed."""
