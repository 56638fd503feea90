"""Base of the kinds of input: what a data set and a scan ask of a kind, answered for inputs that run whole."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, Protocol

import numpy as np
import numpy.typing as npt

from neuronwidget.corpus import files
from neuronwidget.corpus.documents import Cutter
from neuronwidget.corpus.kinds.whole import WholeCutter
from neuronwidget.corpus.samples import alike, numbers_of

if TYPE_CHECKING:
    import pandas as pd


class Contents(Protocol):
    """Where documents that were scanned are read from: an atlas."""

    def documents(self, numbers: Sequence[int]) -> pd.DataFrame:
        """id, label, tokens and text of documents; of inputs that run whole the text is what `kept` made of them."""

    def images(self, numbers: Sequence[int]) -> npt.NDArray[np.uint8]:
        """Small pictures of documents, where the kind has some: uint8 [n, height, width, 3]."""


class CorpusKind:
    """A kind of input: how documents are made of what is found, what is kept of them, and what they are called.

    As it stands, it is for inputs that run whole, of which a document's text is the content as JSON. A subclass says
    its name, and what else is different.

    Attributes
    ----------
    name
        What `kind` of its inputs is.
    counted, places
        What inputs are counted by, and what the values of a site are: "tokens", "pictures", "places in pictures".
    column
        The column of a table of exemplars in which the content is; `searched`: those whose words say what it is.
    whole
        Inputs run whole; else they are cut into windows of tokens.
    pictures
        Of each document a small picture is kept, and of each exemplar a map over it.
    another
        What another preparation of a fixed sample tells, in a sentence.
    """

    name: ClassVar[str]
    counted: ClassVar[str] = "rows"
    places: ClassVar[str] = "rows"
    column: ClassVar[str] = "row"
    searched: ClassVar[tuple[str, ...]] = ("id", "label")
    whole: ClassVar[bool] = True
    pictures: ClassVar[bool] = False
    another: ClassVar[str] = "another way to prepare an input"
    cutter_class: ClassVar[type[WholeCutter]] = WholeCutter

    # ---- from a data set to the model ------------------------------------------------------------------

    def from_files(self, paths: Sequence[Path], columns: files.Columns) -> Any:
        """What `nw.scan` takes, from files."""
        return files.arrays(paths, columns)

    def cutter(self, inputs: Any, window: int | None, overlap: int | None) -> Cutter:
        """What makes windows of documents; `window` and `overlap` in tokens, where documents are cut."""
        if window is not None or overlap is not None:
            raise ValueError("Pictures and rows run whole: window= and overlap= are for texts.")
        return self.cutter_class(self.name, inputs)

    def sample(self, inputs: Any) -> Any:
        """What the model is given for inputs that never change: a checksum, or numbers out of tensors by name.

        That tells one `preprocess` from another, also where its code says nothing: a function that reads a variable.
        None where there is no telling, since it draws at random.
        """
        fixed = list(self.fixed_inputs(inputs))
        first, again = ([numbers_of(inputs.prepare(one)) for one in fixed] for _ in range(2))
        return first if alike(first, again) else None

    def fixed_inputs(self, inputs: Any) -> Iterable[Any]:
        """Inputs that never change, for `sample`."""
        return list(inputs.samples())

    # ---- from an atlas to a person ---------------------------------------------------------------------

    def amount(self, documents: int, tokens: int) -> str:
        """How much there is of it, in words."""
        return f"{documents:,} {self.counted}"

    def read(self, contents: Contents, numbers: Sequence[int]) -> list[Any]:
        """The contents of documents by their numbers."""
        return [json.loads(text) for text in contents.documents(numbers)["text"]]

    def read_exemplars(self, contents: Contents, exemplars: pd.DataFrame) -> list[Any]:
        """What each exemplar shows."""
        return self.read(contents, exemplars["document"].tolist())
