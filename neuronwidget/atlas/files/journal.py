"""Journal: a file that only grows while a scan runs, and is known by a checksum of all that is in it."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path
from typing import Any

from neuronwidget.atlas.files.untrusted import AtlasError, open_file, understood


class Journal:
    """What was added since the manifest was last written does not count. `record`: size and checksum of what does.

    The checksum is of what was written, kept up as it is written; what is there is read when a scan goes on, and once
    more before it is used.
    """

    def __init__(self, path: Path, record: dict[str, Any]) -> None:
        self.path, self._size = path, record["size"]
        self._digest = self._read()
        if self._digest.hexdigest() != record["sha256"]:
            raise AtlasError(f"{path} was changed after it was written: its checksum does not fit.")
        flags = os.O_RDWR | os.O_CREAT | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_BINARY", 0)
        with understood(path):
            self._file = os.fdopen(os.open(path, flags, 0o666), "r+b")
            self._file.truncate(self._size)
            self._file.seek(self._size)

    def _read(self) -> Any:
        """The checksum of what counts of the file."""
        digest = hashlib.sha256()
        if not os.path.lexists(self.path) and not self._size:
            return digest
        with open_file(self.path, links=False) as file, understood(self.path):
            status = os.fstat(file.fileno())
            if status.st_size < self._size:
                raise AtlasError(
                    f"{self.path} has {status.st_size:,} bytes where the manifest says {self._size:,}: "
                    "it is cut off or was changed."
                )
            if status.st_nlink > 1:
                raise AtlasError(
                    f"{self.path} is the same file as one elsewhere (a hard link), which would be written to as well: "
                    "make a copy of the folder, and go on there."
                )
            left = self._size
            while left and (block := file.read(min(left, 1 << 20))):
                digest.update(block)
                left -= len(block)
        return digest

    def append(self, content: bytes) -> None:
        self._file.write(content)
        self._digest.update(content)
        self._size += len(content)

    def flush(self) -> None:
        self._file.flush()

    def sync(self) -> dict[str, Any]:
        """Make sure that everything is on the disk; returns what to know it by."""
        self._file.flush()
        os.fsync(self._file.fileno())
        return {"size": self._size, "sha256": self._digest.hexdigest()}

    def check(self) -> None:
        """Raises `AtlasError` where the file does not hold what was written to it."""
        self._file.flush()
        if self._read().digest() != self._digest.digest():
            raise AtlasError(f"{self.path} was changed after it was written: its checksum does not fit.")

    def close(self) -> None:
        self._file.close()


def empty() -> dict[str, Any]:
    """What a journal is known by in which nothing is."""
    return {"size": 0, "sha256": hashlib.sha256().hexdigest()}
