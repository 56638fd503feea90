"""Types that what the page knows of several results has in common."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypedDict

if TYPE_CHECKING:
    from typing_extensions import NotRequired

    from neuronwidget.stream.protocol.atlas import TableColumn
    from neuronwidget.stream.protocol.frames import ScaleHeader


class Pixels64(TypedDict):
    """A small picture: RGB bytes in base64."""

    width: int
    height: int
    rgb: str


class Figure(TypedDict):
    """A number that must be known before a result is believed, and what it means."""

    name: str
    value: str
    words: str


class InputRow(TypedDict):
    """One input of a data set; what its kind adds: `cells` of rows, `pieces` of texts. `missing`: it was not kept."""

    document: int
    name: str
    label: str | None
    prediction: str | None
    cells: NotRequired[dict[str, Any]]
    pieces: NotRequired[list[str]]
    missing: NotRequired[bool]


class InputsAnswer(TypedDict):
    """What inputs in an answer have in common: their kind, which `unit` shades texts, the columns of rows."""

    input: str
    unit: str | None
    scale: ScaleHeader | None
    columns: list[TableColumn]
