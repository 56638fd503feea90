"""Opens files that somebody else may have written: only where they are files, and only as far as is sane.

Whatever is wrong with one of them is told as an `AtlasError`, in a sentence that names the file. Nothing is unpickled.
"""

from __future__ import annotations

import gzip
import json
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from io import BufferedReader
from pathlib import Path
from typing import Any

Json = dict[str, Any]
#: Bytes of a JSON file that is read at once, and of a line of JSON.
JSON_BYTES, LINE_BYTES = 512 << 20, 64 << 20
#: A compressed file may hold so many times its size, and in any case so many bytes: JSON shrinks to a tenth or so.
EXPANSION, EXPANDED = 100, 16 << 20
#: So much a line counts at least: the time goes by lines, too.
_SHORTEST = 64
#: Rows and bytes of a row group of Parquet.
_GROUP_ROWS, _GROUP_BYTES = 1 << 16, 1 << 30
_KINDS = {
    stat.S_IFDIR: "a folder",
    stat.S_IFCHR: "a device",
    stat.S_IFBLK: "a device",
    stat.S_IFIFO: "a pipe",
    stat.S_IFSOCK: "a socket",
}


class AtlasError(RuntimeError):
    """A folder that is no atlas, is not finished, or was changed by something else."""


def file_size(path: Path) -> int:
    """Bytes of a file. A link is followed, as caches keep files so; it must lead to a file, not to a device or pipe."""
    try:
        status = os.stat(path)
    except FileNotFoundError as error:
        raise AtlasError(f"{path} is missing.") from error
    except (OSError, ValueError) as error:
        raise AtlasError(f"{path} cannot be opened: {_reason(error)}.") from error
    if not stat.S_ISREG(status.st_mode):
        kind = _KINDS.get(stat.S_IFMT(status.st_mode), "no file")
        raise AtlasError(f"{path} is {kind} where a file is expected.")
    return status.st_size


def open_file(path: Path, *, links: bool = True) -> BufferedReader:
    """A file to read, which is one."""
    if not links and path.is_symlink():
        raise AtlasError(f"{path} is a link; a scan goes on in files of its own only.")
    file_size(path)  # before it is opened: some devices act when they are
    with understood(path):
        return open(path, "rb")


@contextmanager
def understood(path: Path) -> Iterator[None]:
    """Whatever goes wrong while a file is read and made sense of becomes a sentence."""
    try:
        yield
    except AtlasError:
        raise
    except Exception as error:  # libraries raise what they like
        raise AtlasError(f"{path} is damaged, or not what it should be: {_reason(error)}.") from error


def read_json(path: Path, most: int = JSON_BYTES) -> Json:
    """A file that holds one JSON object."""
    with open_file(path) as file, understood(path):
        content = file.read(most + 1)
    if len(content) > most:
        raise AtlasError(f"{path} has more than {most >> 20} MB; that much is not read at once.")
    return parsed(content, path)


def json_lines(path: Path) -> Iterator[Json]:
    """The objects of a file of JSON lines, compressed where its name ends in `.gz`."""
    with open_file(path) as raw:
        size = os.fstat(raw.fileno()).st_size
        packed = path.suffix == ".gz"
        most = max(EXPANDED, EXPANSION * size)
        seen = 0
        file: Any = gzip.GzipFile(fileobj=raw) if packed else raw
        with file:
            while True:
                with understood(path):
                    line = file.readline(LINE_BYTES + 1)
                seen += max(len(line), _SHORTEST)
                if len(line) > LINE_BYTES:
                    raise AtlasError(f"{path} has a line of more than {LINE_BYTES >> 20} MB; that much is not read.")
                if seen > most:
                    raise AtlasError(
                        f"{path} has {size:,} bytes but holds more than {most:,}: no file of units is so dense."
                    )
                if not line:
                    return
                if line.strip():
                    yield parsed(line, path)


def parsed(content: bytes, path: Path) -> Json:
    """The JSON object that is written in `content`, of the file `path`."""
    try:
        value = json.loads(content)
    except (ValueError, RecursionError) as error:
        raise AtlasError(f"{path} is damaged: it cannot be read as JSON.") from error
    if not isinstance(value, dict):
        raise AtlasError(f"{path} is damaged: it holds {type(value).__name__} where an object is expected.")
    return value


def row_groups(path: Path, numbers: list[int]) -> Any:
    """Row groups of a Parquet file as one arrow table."""
    import pyarrow.parquet as pq

    with understood(path), pq.ParquetFile(path, page_checksum_verification=True) as file:
        if not numbers:
            return file.schema_arrow.empty_table()
        for number in numbers:
            group = file.metadata.row_group(number)
            if group.num_rows > _GROUP_ROWS or group.total_byte_size > _GROUP_BYTES:
                raise AtlasError(
                    f"{path} has a row group of {group.num_rows:,} rows, {group.total_byte_size:,} bytes: "
                    "no scan writes such."
                )
        return file.read_row_groups(numbers)


def _reason(error: Exception) -> str:
    """What an error says, in one short line."""
    if isinstance(error, OSError) and error.strerror:
        return error.strerror
    message = next((line.strip() for line in str(error).splitlines() if line.strip()), "")
    return f"{type(error).__name__}: {message[:160].rstrip('.')}" if message else type(error).__name__
