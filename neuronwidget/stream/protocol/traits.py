"""Types of what the page knows of a live model and of an atlas before it asks anything; they travel as traits."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Literal, TypedDict

if TYPE_CHECKING:
    from typing_extensions import NotRequired

    from neuronwidget.stream.protocol.frames import Grid


class SiteInfo(TypedDict):
    """A site as the page lists it. `grid`: rows and columns of its positions, for pictures and rows alone."""

    name: str
    canonical: str
    kind: str
    width: int
    layer: int
    grid: NotRequired[Grid | None]


class ImageInfo(TypedDict):
    """What a model of pictures eats."""

    kind: Literal["image"]
    width: int
    height: int
    channels: int
    classes: list[str] | None
    gallery: int


class TableInfo(TypedDict):
    """What a model of rows eats; `columns` as `TableInputs` describes them, `rows`: how many can be picked."""

    kind: Literal["table"]
    columns: list[dict[str, Any]]
    classes: list[str] | None
    rows: int


class Catalog(TypedDict):
    """Sites, abilities and the kind of input of a live model; `edits`: those that Python put on it, in words."""

    model: str
    sites: list[SiteInfo]
    context: int
    causal: bool
    guesses: bool
    predicts: str
    continues: NotRequired[bool]
    directions: NotRequired[list[str]]
    output: NotRequired[str]
    measure: str
    edits: NotRequired[list[str]]
    input: NotRequired[Mapping[str, Any]]


class AtlasSite(TypedDict):
    """A site of an atlas as the page lists it."""

    name: str
    kind: str
    width: int
    layer: int


Phase = Literal["offered", "building", "stopping", "stopped", "failed"]


class AtlasOffer(TypedDict):
    """What a view without an atlas offers: to build that of a bundled model, and how far this is.

    `takes`: how long it takes, in words; "" where nothing can be built by a button. `share` of it is done; `left`:
    seconds. `words`: what went wrong, or what to know.
    """

    takes: str
    phase: Phase
    share: float | None
    left: float | None
    words: str


class AtlasInfo(TypedDict):
    """What the page must know of an atlas before it asks anything; `about`: where it was imported from."""

    model: str
    input: str
    documents: int | None
    tokens: int | None
    about: NotRequired[str]
    sites: list[AtlasSite]
