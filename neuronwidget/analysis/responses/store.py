"""Rows of many inputs: in memory while they are few, as float16 in a file of their own where they are many."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from typing import IO, Any

import numpy as np
from numpy.typing import NDArray

#: From so many bytes on rows go to the disk.
IN_MEMORY = 256 << 20
_BLOCK = 1024


class Rows:
    """Rows [inputs, columns] that are read as float32, by slices or numbers of inputs: all of them, or some.

    Where they lie on the disk they are float16, each row with a scale of its own, so that none is too large for that:
    about three decimals of each row's largest value are kept.

    >>> RowsBuilder().add(np.ones((3, 2), np.float32)).rows()[1:].shape
    (2, 2)
    """

    def __init__(self, whole: NDArray[Any], scales: NDArray[np.float32] | None = None, file: Any = None) -> None:
        self._whole, self._scales, self._file = whole, scales, file

    @property
    def shape(self) -> tuple[int, int]:
        return self._whole.shape[0], self._whole.shape[1]

    @property
    def on_disk(self) -> bool:
        return self._scales is not None

    def __len__(self) -> int:
        return len(self._whole)

    def __getitem__(self, chosen: Any) -> NDArray[np.float32]:
        rows = np.asarray(self._whole[chosen], np.float32)
        return rows if self._scales is None else rows * self._scales[chosen][..., None]

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> NDArray[Any]:
        whole = self[:]
        return whole if dtype is None else whole.astype(dtype)

    def columns(self, chosen: Any) -> NDArray[np.float32]:
        """Columns of all inputs, by a slice or by numbers."""
        part = np.asarray(self._whole[:, chosen], np.float32)
        return part if self._scales is None else part * self._scales[:, None]

    def blocks(self, rows: int = _BLOCK) -> Iterator[tuple[int, NDArray[np.float32]]]:
        """Blocks of all rows, each with the number of its first."""
        for start in range(0, len(self), rows):
            yield start, self[start : start + rows]


class RowsBuilder:
    """Takes in rows, block by block."""

    def __init__(self, in_memory: int | None = None) -> None:
        self._in_memory = IN_MEMORY if in_memory is None else in_memory
        self._held: list[NDArray[np.float32]] = []
        self._bytes = self._count = 0
        self._scales: list[NDArray[np.float32]] = []
        self._file: IO[bytes] | None = None

    def add(self, rows: NDArray[np.float32]) -> RowsBuilder:
        """Rows [some, columns] behind those that are there."""
        self._count += len(rows)
        self._bytes += rows.nbytes
        self._held.append(rows)
        if self._file is None and self._bytes > self._in_memory:
            self._file = tempfile.TemporaryFile(prefix="neuronwidget-rows-")  # noqa: SIM115, it lives with the rows
        if self._file is not None:
            for block in self._held:
                self._write(block)
            self._columns = rows.shape[1]
            self._held = []
        return self

    def _write(self, block: NDArray[np.float32]) -> None:
        assert self._file is not None
        largest = np.abs(np.nan_to_num(block, posinf=0.0, neginf=0.0)).max(1, initial=0.0)
        scale = np.where(largest > 0, largest, 1).astype(np.float32)
        self._scales.append(scale)
        self._file.write((block / scale[:, None]).astype(np.float16).tobytes())

    def rows(self, columns: int = 0) -> Rows:
        """The rows that were taken in; `columns`: how wide where there are none."""
        if self._file is not None:
            self._file.flush()
            whole = np.memmap(self._file, np.float16, "r", shape=(self._count, self._columns))
            return Rows(whole, np.concatenate(self._scales), self._file)
        held = self._held
        return Rows(np.concatenate(held) if held else np.zeros((0, columns), np.float32))
