"""Examples of a unit: what is read, what the unit does there, and how that is shown to somebody who must not know."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
#: The ends of a unit's values, and the sign of what is strong there.
ENDS = {"top": 1.0, "bottom": -1.0}
#: Left, top, width and height as parts of a picture.
Box = tuple[float, float, float, float]


@dataclass(frozen=True, eq=False)
class Candidate:
    """A place in a document that was run, before it is known whether it is chosen.

    Attributes
    ----------
    document, name
        The number of the document in the data, and its name.
    key
        What is read, as something that can be compared: two with the same key read the same.
    pieces
        Of texts the tokens around the place; () for inputs that run whole.
    values
        What the unit does on each of `pieces`, or at each position of the site over the input: [places].
    place
        Which of these is meant.
    drawn
        Was the place drawn at random, rather than being where the unit is strongest?
    vector
        What the site's other units do there.
    """

    document: int
    name: str
    key: str
    pieces: tuple[str, ...]
    values: Floats
    place: int
    drawn: bool
    vector: NDArray[np.float32]

    @property
    def value(self) -> float:
        """What the unit does at the place."""
        return float(self.values[self.place])


@dataclass(frozen=True, eq=False)
class Example:
    """A chosen place.

    Attributes
    ----------
    content
        The picture, uint8 [height, width, channels], or the row; of texts the pieces as one.
    fires
        Does the unit fire in what is shown?
    why
        Why it was chosen: "fires"; or the unit does not, though the site's other units look as if it should
        ("similar"), or though it comes near ("near miss"), or just so ("random").
    """

    document: int
    name: str
    content: Any
    pieces: tuple[str, ...]
    values: Floats
    place: int
    value: float
    fires: bool
    why: str


@dataclass(frozen=True)
class Mark:
    """What is highlighted in an example: a token by its place, a part of a picture, or a column by its name."""

    token: int | None = None
    box: Box | None = None
    column: str | None = None


@dataclass(frozen=True, eq=False)
class Shown:
    """An example as whoever judges it sees it; it does not hold the answer.

    Attributes
    ----------
    question
        "detection": does the unit fire in it? "fuzzing": it does; is the highlighted place right? "intruder": of
        several, which is the one in which it does not?
    label
        The label that is tested.
    text, pieces
        Of texts.
    image
        Of pictures: uint8 [height, width, channels].
    row
        Of rows.
    marked
        Which of `pieces` is highlighted. `box`: which part of the picture: left, top, width and height, as parts of it.
        `column`: which column.
    """

    question: str
    label: str
    text: str = ""
    pieces: tuple[str, ...] = ()
    image: Any = None
    row: Mapping[str, Any] | None = None
    marked: int | None = None
    box: Box | None = None
    column: str | None = None


class Examples:
    """Examples to explain a unit by, and others to test an explanation on.

    Raises `ValueError` where the two share a document, or something that reads the same.

    Attributes
    ----------
    explain, test
        In no order.
    fires, silent
        From which value on the unit is said to fire, and up to which it is said not to; what lies between is not used.
    end
        "top" or "bottom": at which end of its values it fires.
    searched
        How many documents were looked at.
    """

    def __init__(
        self,
        explain: Sequence[Example],
        test: Sequence[Example],
        *,
        fires: float,
        silent: float,
        end: str,
        searched: int,
    ) -> None:
        shared = {one.document for one in explain} & {one.document for one in test}
        if shared:
            raise ValueError(f"Document {min(shared)} is among the examples to explain and among those to test.")
        self.explain, self.test = list(explain), list(test)
        self.fires, self.silent, self.end, self.searched = fires, silent, end, searched

    @property
    def sign(self) -> float:
        """1, or −1 where the unit fires at the lower end of its values."""
        return ENDS[self.end]

    def __repr__(self) -> str:
        return f"Examples({len(self.explain)} to explain, {len(self.test)} to test, of {self.searched} documents)"
