"""Documents of an atlas, by their numbers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from neuronwidget.atlas.base import AtlasBase
from neuronwidget.atlas.files import documents, thumbnails
from neuronwidget.atlas.files.opened import OpenedFolder
from neuronwidget.atlas.files.untrusted import row_groups, understood

if TYPE_CHECKING:
    import pandas as pd


class AtlasDocuments(OpenedFolder, AtlasBase):
    """Reads the documents that lie in the folder of an atlas."""

    def document(self, number: int) -> pd.Series:
        """A document by its number: id, label, tokens, and its text, image or row."""
        row = self.documents([number]).iloc[0].drop("text")
        with understood(self.folder.path):
            row[self.kind.column] = self.contents([number])[0]
        return row

    def documents(self, numbers: Sequence[int]) -> pd.DataFrame:
        """Some documents by their numbers: id, label, tokens, text (of a row its JSON, of a picture none)."""
        total = self.manifest["done"]["documents"]
        for number in numbers:
            if not 0 <= number < total:
                raise IndexError(f"The atlas has the documents 0 to {total - 1}, not {number}.")
        groups = sorted({number // documents.TOGETHER for number in numbers})
        path = self._path("documents.parquet")
        table = row_groups(path, groups)
        with understood(path):
            return table.to_pandas().set_index("document").loc[list(numbers)]

    def images(self, numbers: Sequence[int]) -> npt.NDArray[np.uint8]:
        """Small copies of pictures by their numbers: uint8 [n, height, width, 3], the longer side at most 64."""
        path = self._path(thumbnails.FILE)
        with understood(path):
            return thumbnails.read(path, numbers)
