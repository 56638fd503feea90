"""Converts offsets in a text between code points and UTF-16 units."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray


class Utf16:
    """Offsets in a text: code points, as Python counts, and UTF-16 units, as a page counts."""

    def __init__(self, text: str) -> None:
        self._wide = [i for i, c in enumerate(text) if c > "\uffff"] if text and max(text) > "\uffff" else []
        self._length = len(text)

    def to_page(self, offset: int) -> int:
        return offset + bisect_right(self._wide, offset - 1)

    def spans_to_page(self, spans: Sequence[tuple[int, int]]) -> NDArray[np.int32]:
        """Starts and ends in a page's count, [spans, 2]."""
        offsets = np.array(spans, np.int32).reshape(-1, 2)
        if self._wide:
            offsets += np.searchsorted(self._wide, offsets - 1, side="right").astype(np.int32)
        return offsets

    def from_page(self, offset: int) -> int:
        offset = max(0, min(offset, self._length + len(self._wide)))
        low, high = 0, min(offset, self._length)
        while low < high:
            middle = (low + high + 1) // 2
            low, high = (middle, high) if self.to_page(middle) <= offset else (low, middle - 1)
        return low
