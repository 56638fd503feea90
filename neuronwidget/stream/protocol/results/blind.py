"""Types of what the page knows of a blind test; `js/src/wire/results/blind.ts` says the same.

Of a round it knows what is shown and no answer: that comes when the round was answered.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal, TypedDict

if TYPE_CHECKING:
    from typing_extensions import NotRequired

    from neuronwidget.stream.protocol.atlas import TableColumn
    from neuronwidget.stream.protocol.frames import ScaleHeader
    from neuronwidget.stream.protocol.results.shown import Pixels64

Phase = Literal["explain", "round", "feedback", "end"]


class BlindItem(TypedDict):
    """One example: `pieces` of a text, an `image` or `cells` of a row, with what is highlighted.

    `box`: left, top, width and height, as parts of the picture. What the unit does there, and whether it fires, is told
    of examples that explain it and of rounds that were answered: `shades` of each piece, `peak` the strongest one.
    """

    pieces: NotRequired[list[str]]
    marked: NotRequired[int]
    image: NotRequired[Pixels64]
    box: NotRequired[list[float]]
    cells: NotRequired[dict[str, Any]]
    column: NotRequired[str]
    shades: NotRequired[list[float]]
    peak: NotRequired[int]
    fires: NotRequired[bool]
    why: NotRequired[str]


class BlindRound(TypedDict):
    """A round as it is shown. Once it was answered: what was `chosen`, and the `truth`, by the numbers of its items."""

    number: int
    kind: str
    items: list[BlindItem]
    chosen: NotRequired[list[int]]
    truth: NotRequired[list[int]]


class BlindRow(TypedDict):
    """How one kind of round was answered, or all."""

    kind: str
    judged: int
    right: int
    score: float | None
    low: float
    high: float
    chance: float | None
    verdict: str


class BlindInfo(TypedDict):
    """All that a page shows of a blind test now. `step` counts what a person did; an answer names the step it is to.

    `explain`: examples to form a label by, where one is asked for. `round`: the present one. `missed`: in the end,
    rounds that were not answered right. `stored`: where the score was written, in words. `linked`: is there a view of
    the model that can show the unit?
    """

    unit: str
    input: str
    label: str
    asks: bool
    phase: Phase
    step: int
    rounds: int
    answered: int
    right: int
    judged: int
    feedback: str
    linked: bool
    scale: ScaleHeader
    columns: list[TableColumn]
    explain: list[BlindItem]
    round: BlindRound | None
    outcome: str
    verdict: str
    rows: list[BlindRow]
    missed: list[BlindRound]
    stored: str
