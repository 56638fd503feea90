"""Two ways of counting in a text."""

from __future__ import annotations

from bisect import bisect_right


class Utf16:
    """Offsets in a text: code points, as Python counts, and UTF-16 units, as a page counts."""

    def __init__(self, text: str) -> None:
        self._wide = [i for i, c in enumerate(text) if c > "\uffff"] if text and max(text) > "\uffff" else []
        self._length = len(text)

    def to_page(self, offset: int) -> int:
        return offset + bisect_right(self._wide, offset - 1)

    def from_page(self, offset: int) -> int:
        offset = max(0, min(offset, self._length + len(self._wide)))
        low, high = 0, min(offset, self._length)
        while low < high:
            middle = (low + high + 1) // 2
            low, high = (middle, high) if self.to_page(middle) <= offset else (low, middle - 1)
        return low
