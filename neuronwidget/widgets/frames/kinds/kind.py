"""Base class of kinds of input: all that differs between texts, pictures and rows where widgets and frames are made."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar, Protocol

from numpy.typing import NDArray

from neuronwidget.stream.frame import Frame
from neuronwidget.stream.protocol.answers import GalleryItem
from neuronwidget.stream.raster import Scale
from neuronwidget.widgets.frames.frame_pass import Recorded
from neuronwidget.widgets.frames.panels.panel import Needs
from neuronwidget.widgets.frames.request import Request
from neuronwidget.widgets.saved import html
from neuronwidget.widgets.saved.bundle import Saved

if TYPE_CHECKING:
    import pandas as pd

    from neuronwidget.atlas.base import AtlasBase
    from neuronwidget.live.model import LiveModel
    from neuronwidget.live.recording import Recording
    from neuronwidget.live.structure.sites import Unit
    from neuronwidget.widgets.frames.kinds.resumed import SharedPasses


class Recorder(Protocol):
    """Records what requests of one widget need, and keeps of the last input what can be used again."""

    def record(self, request: Request, needs: Needs, overtaken: Callable[[], bool] | None) -> Recorded:
        """Run the model as deep as is needed."""

    def forget(self) -> None:
        """Drop what was kept."""


@dataclass(frozen=True)
class ShownExemplars:
    """A stretch of a unit's exemplars: the `rows` that go to the page, of all of its `table`."""

    atlas: AtlasBase
    live: LiveModel | None
    unit: Unit
    rows: pd.DataFrame
    table: pd.DataFrame


@dataclass(frozen=True)
class ShownMembers:
    """Some inputs of a data set by their contents. `unit`: the one that marks them, where the live model is there."""

    contents: Sequence[Any]
    live: LiveModel | None = None
    unit: Unit | None = None


@dataclass(frozen=True)
class Members:
    """What the page needs of such inputs beside what all have: of each of them, of all, and arrays."""

    each: Sequence[Mapping[str, Any]]
    common: Mapping[str, Any]
    arrays: Mapping[str, NDArray[Any]]


class FrameKind(ABC):
    """A kind of input as widgets see it. One object a kind is registered; it holds nothing of a model."""

    name: ClassVar[str]
    #: Is an input a row of tokens? Editors, strips and documents around exemplars are of tokens.
    has_tokens: ClassVar[bool] = False
    #: The page's module that has the Explorer of this kind.
    bundle: ClassVar[str] = "inputs"

    # ---- a request -------------------------------------------------------------------------------------

    @abstractmethod
    def read(self, content: Mapping[str, Any], buffers: Sequence[Any]) -> Any:
        """Check the `input` of a request; raises `ProtocolError`."""

    @abstractmethod
    def recorder(self, live: Any) -> Recorder:
        """Recorder of what the requests of one widget need."""

    def resumed(self, live: Any, shared: SharedPasses) -> Recorder:
        """Recorder for an edited live model, maybe another with each request."""
        return self.recorder(live)

    # ---- the trait `input` -----------------------------------------------------------------------------

    @abstractmethod
    def check(self, live: Any, value: Any) -> Any:
        """Anything that Python sets as what the model's inputs have; raises `InputError` or `TraitError`."""

    def to_page(self, value: Any) -> Any:
        """The input as it travels to the page."""
        return value

    @abstractmethod
    def from_page(self, live: Any, value: Any) -> Any:
        """The input as the page may set it, which may be less than Python may; raises `TraitError`."""

    # ---- what the page and Python are told -------------------------------------------------------------

    def info(self, live: Any) -> Mapping[str, Any] | None:
        """What the page must know of the input before it asks: the catalog's entry; None where there is nothing."""
        return {"kind": self.name, "classes": live.class_names or None}

    def guesses(self, live: Any) -> bool:
        """Does the page offer the panel of guesses?"""
        return False

    def gallery(self, live: Any) -> tuple[list[GalleryItem], list[bytes]]:
        """Inputs to choose from, and their bytes."""
        return [], []

    @abstractmethod
    def first(self, live: Any, x: Any) -> Any:
        """The input that a view begins with, for choosing a first unit; None where there is nothing yet."""

    @abstractmethod
    def table(self, recording: Recording, names: Sequence[str], units: Sequence[Unit]) -> pd.DataFrame:
        """What is shown of some sites and units, as a table."""

    # ---- what a saved notebook keeps -------------------------------------------------------------------

    def asked(self, value: Any, focus: int = 0) -> Any:
        """The widget's input as a request has it, as `read` would give it."""
        return value

    def at_hand(self, live: Any, value: Any) -> Saved:
        """The input alone, where nobody waits for the model."""
        return Saved(f"one input of the kind {self.name}")

    def saved(self, live: Any, value: Any, frame: Frame) -> Saved:
        """The input with what the frame's unit does there, for readers without a kernel."""
        return Saved(f"one input of the kind {self.name}")

    def saved_exemplars(self, shown: ShownExemplars, scale: Scale) -> Sequence[str]:
        """Each of a stretch of exemplars as HTML."""
        return ["" for _ in range(len(shown.rows))]

    # ---- exemplars -------------------------------------------------------------------------------------

    def exemplar(self, row: pd.Series) -> Mapping[str, Any]:
        """What the page needs of one exemplar beside what all have."""
        return {}

    def exemplars(self, shown: ShownExemplars) -> tuple[Mapping[str, Any], Mapping[str, NDArray[Any]]]:
        """What the page needs of a stretch of exemplars beside what all have: fields and arrays."""
        return {}, {}

    def brief(self, row: pd.Series) -> Mapping[str, Any]:
        """One exemplar in a few words, or as a small picture."""
        label, name = row.get("label"), row.get("id")
        return {"words": str(name if label is None or label != label else label)}

    # ---- inputs of a pattern ---------------------------------------------------------------------------

    def members(self, shown: ShownMembers) -> Members:
        """What the page needs to show inputs of a data set."""
        return Members([{} for _ in shown.contents], {}, {})

    def saved_members(self, shown: ShownMembers) -> Sequence[str]:
        """Each of them as HTML, which stands beside or below the one before."""
        return [html.in_one_line(content) for content in shown.contents]
