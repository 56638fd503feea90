"""Tensors in safetensors files: written one after another, read where they are asked for.

The library's own writer makes a file of another name and mode beside the one it is told, and what it makes is left
behind when the process is killed. Its reader gives neighbouring rows only, and knows no checksums: a file may hold a
CRC-32 of each of its pages, as a tensor of its own, and then what is read of it was checked.
"""

from __future__ import annotations

import json
import math
import mmap
import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

import numpy as np
import numpy.typing as npt
from torch import Tensor

from neuronwidget.atlas.files.untrusted import AtlasError, open_file, understood

PAGE = 1 << 13
_SUMS = "page_sums"
_HEADER_BYTES = 1 << 20
_KINDS: dict[str, np.dtype[Any]] = {
    "F64": np.dtype("<f8"),
    "I64": np.dtype("<i8"),
    "F32": np.dtype("<f4"),
    "I32": np.dtype("<i4"),
    "U32": np.dtype("<u4"),
    "F16": np.dtype("<f2"),
    "I16": np.dtype("<i2"),
    "U16": np.dtype("<u2"),
    "I8": np.dtype("i1"),
    "U8": np.dtype("u1"),
    "BOOL": np.dtype("?"),
}
_NAMES = {kind: name for name, kind in _KINDS.items()}
Array = npt.NDArray[Any]


@dataclass(frozen=True)
class Blocks:
    """A tensor too large to be held: its type, its shape, and its parts one after another."""

    dtype: npt.DTypeLike
    shape: tuple[int, ...]
    parts: Callable[[], Iterable[Array]]


def write(file: IO[bytes], tensors: Mapping[str, Tensor | Array | Blocks], *, checked: bool = False) -> None:
    """All tensors, those of large elements first, so that each lies where its elements can be addressed.

    `checked`: with a checksum of each page.
    """
    blocks = {name: _in_blocks(tensor) for name, tensor in tensors.items()}
    ordered = sorted(blocks.items(), key=lambda item: (-np.dtype(item[1].dtype).itemsize, item[0]))
    sizes = [(name, np.dtype(t.dtype), t.shape) for name, t in ordered]
    bytes_ = sum(kind.itemsize * math.prod(shape) for _, kind, shape in sizes)
    if checked:
        sizes.append((_SUMS, _KINDS["U8"], (1 + -(-bytes_ // PAGE), 4)))
    header = _header(sizes)
    file.write(header)
    sums = _PageSums(header)
    for _, tensor in ordered:
        for part in tensor.parts():
            if part.size:
                content = np.ascontiguousarray(part, tensor.dtype).reshape(-1).view(np.uint8).data
                file.write(content)
                if checked:
                    sums.add(content)
    if checked:
        file.write(sums.content())


def _in_blocks(tensor: Tensor | Array | Blocks) -> Blocks:
    if isinstance(tensor, Blocks):
        return tensor
    array = tensor.detach().cpu().numpy() if isinstance(tensor, Tensor) else tensor
    return Blocks(array.dtype, array.shape, lambda: [array])


def _header(tensors: Iterable[tuple[str, np.dtype[Any], tuple[int, ...]]]) -> bytes:
    """What stands before tensors of (name, kind of element, shape)."""
    described, offset = {}, 0
    for name, kind, shape in tensors:
        end = offset + kind.itemsize * math.prod(shape)
        described[name] = {"dtype": _NAMES[kind], "shape": list(shape), "data_offsets": [offset, end]}
        offset = end
    text = json.dumps(described, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 8)
    return len(text).to_bytes(8, "little") + text


class _PageSums:
    """Checksums of a header, and of pages of what is added behind it piece by piece."""

    def __init__(self, header: bytes) -> None:
        self._sums = [zlib.crc32(header)]
        self._open, self._room = 0, PAGE

    def add(self, content: memoryview) -> None:
        place = 0
        while place < len(content):
            part = content[place : place + self._room]
            self._open = zlib.crc32(part, self._open)
            self._room -= len(part)
            place += len(part)
            if not self._room:
                self._close()

    def content(self) -> bytes:
        """All of them, the one of the last page, too."""
        if self._room < PAGE:
            self._close()
        return np.array(self._sums, "<u4").tobytes()

    def _close(self) -> None:
        self._sums.append(self._open)
        self._open, self._room = 0, PAGE


class Tensors:
    """Tensors of a file. What is read is checked where the file has checksums; whatever is wrong is an `AtlasError`.

    The file is mapped, and closed when nobody holds this any more.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        with open_file(path) as file, understood(path):
            self._file = np.frombuffer(mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ), np.uint8)
            length = int.from_bytes(self._file[:8].tobytes(), "little")
            if length > min(len(self._file) - 8, _HEADER_BYTES):
                raise ValueError("it does not begin as such a file does")
            self._data = self._file[8 + length :]
            self._parts = dict(_described(json.loads(self._file[8 : 8 + length].tobytes()), len(self._data)))
            self._sums = self._page_sums(self._parts.pop(_SUMS, None))
            self._checked: set[int] = set()
            if self._sums is not None and self._sums[0] != zlib.crc32(self._file[: 8 + length].data):
                raise ValueError("the checksum of its header does not fit")

    def _page_sums(self, part: _Part | None) -> Array | None:
        """The checksums of header and pages; None where the file has none."""
        self._covered = max((other.end for other in self._parts.values()), default=0)
        if part is None:
            return None
        if part.kind != _KINDS["U8"] or part.shape != (1 + -(-self._covered // PAGE), 4):
            raise ValueError("its checksums are not those of its pages")
        return part.of(self._data).view("<u4")[:, 0]

    def shape(self, name: str) -> tuple[int, ...]:
        return self._part(name).shape

    def rows(self, name: str, first: int = 0, last: int | None = None) -> Array:
        """Rows first … last − 1 of a tensor, in memory of their own."""
        part = self._part(name)
        last = part.shape[0] if last is None else last
        if not 0 <= first <= last <= part.shape[0]:
            raise AtlasError(f"{self.path} has {part.shape[0]:,} rows of {name}, not the rows {first:,} to {last:,}.")
        self._check(np.array([part.begin + first * part.row]), np.array([part.begin + last * part.row]))
        return np.array(part.of(self._data)[first:last])

    def some(self, name: str, numbers: npt.NDArray[np.int64]) -> Array:
        """Rows of these numbers."""
        part = self._part(name)
        if len(numbers) and not 0 <= numbers.min() <= numbers.max() < part.shape[0]:
            raise AtlasError(f"{self.path} has {part.shape[0]:,} rows of {name}, and is asked for others.")
        begins = part.begin + numbers * part.row
        self._check(begins, begins + part.row)
        rows: Array = part.of(self._data)[numbers]
        return rows

    def _part(self, name: str) -> _Part:
        if name not in self._parts:
            raise AtlasError(f"{self.path} has no tensor {name}.")
        return self._parts[name]

    def _check(self, begins: npt.NDArray[np.int64], ends: npt.NDArray[np.int64]) -> None:
        """Compare the pages that bytes `begins` … `ends` − 1 are of with their checksums, each once."""
        if self._sums is None:
            return
        first, count = begins // PAGE, (ends - 1) // PAGE - begins // PAGE + 1
        count = np.where(ends > begins, count, 0)
        within = np.arange(count.sum()) - np.repeat(count.cumsum() - count, count)
        for page in set((np.repeat(first, count) + within).tolist()) - self._checked:
            end = min((page + 1) * PAGE, self._covered)
            if zlib.crc32(self._data[page * PAGE : end].data) != self._sums[1 + page]:
                raise AtlasError(f"{self.path} was changed after it was written: the checksum of a page does not fit.")
            self._checked.add(page)


@dataclass(frozen=True)
class _Part:
    """Where a tensor lies among the bytes behind the header. `row`: bytes of one of its rows."""

    kind: np.dtype[Any]
    shape: tuple[int, ...]
    begin: int
    end: int

    @property
    def row(self) -> int:
        return self.kind.itemsize * math.prod(self.shape[1:])

    def of(self, data: Array) -> Array:
        return data[self.begin : self.end].view(self.kind).reshape(self.shape)


def _described(header: Any, size: int) -> Iterator[tuple[str, _Part]]:
    """The tensors that a header tells of. Raises ValueError where one cannot lie in `size` bytes as it says."""
    for name, told in header.items():
        if name == "__metadata__":
            continue
        shape, (begin, end) = tuple(told["shape"]), told["data_offsets"]
        kind = _KINDS[told["dtype"]]
        if not shape or any(type(number) is not int or number < 0 for number in (*shape, begin, end)):
            raise ValueError(f"it says strange things of {str(name)[:40]!r}")
        if not begin <= end <= size or end - begin != kind.itemsize * math.prod(shape):
            raise ValueError(f"{str(name)[:40]!r} is not as large as it says")
        yield name, _Part(kind, shape, begin, end)
