"""List of what a scan wrote into its folder: nothing else there is ever written to, replaced or removed.

A name is on the list, and the list on the disk, before there is a file of that name. The list is a file of the folder,
`.written`, with a line for each name that was added (`+`) or removed (`-`).
"""

from __future__ import annotations

import os
import re
import stat
import threading
from collections.abc import Iterable
from pathlib import Path
from typing import IO

from neuronwidget.atlas.files.untrusted import AtlasError, open_file, understood

LIST, LOCK = ".written", ".lock"
_HEADER = b"neuronwidget: what a scan wrote into this folder\n"
_MOST = 64 << 20
#: Whatever a list says, nothing else than what a scan can have written is removed.
_NAMES = re.compile(
    r"manifest\.json|documents\.parquet|(pictures|texts)\.safetensors|state-\d{9,}\.safetensors|journal/[a-z]+"
    r"|sites/\d{3,}\.safetensors|exemplars/\d{3,}-\d{5,}\.(parquet|safetensors)|(journal|sites|exemplars)/"
)
_TEMPORARY = re.compile(r"(.*/)?\.([^/]+)\.tmp")
_NO_LINK = getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_BINARY", 0)


class Written:
    """Names of files, and of folders as `name/`, that were written into `root`.

    `from_manifest`: names that the manifest tells; a folder that was copied without its hidden files has no list.
    """

    def __init__(self, root: Path, from_manifest: Iterable[str] = ()) -> None:
        self.root = root
        self.names: set[str] = {name for name in from_manifest if _NAMES.fullmatch(name)}
        for name in [name for name in self.names if "/" in name]:
            self.names.add(name.partition("/")[0] + "/")
        self._length = self._read()
        self._one_at_a_time = threading.Lock()

    def _read(self) -> int:
        """Read the list; returns how long it is without a line that was cut off."""
        path = self.root / LIST
        if not os.path.lexists(path):
            return 0
        with open_file(path, links=False) as file, understood(path):
            content = file.read(_MOST)
        if not content.startswith(_HEADER):
            if not _HEADER.startswith(content):
                raise AtlasError(f"{path} is no list of a scan. Give another out=.")
            return 0
        content = content[: content.rfind(b"\n") + 1]
        for line in content[len(_HEADER) :].decode(errors="replace").splitlines():
            sign, name = line[:1], line[1:]
            if sign == "-":
                self.names.discard(name)
            elif sign == "+" and _can_be(name):
                self.names.add(name)
        return len(content)

    def claim(self, *names: str) -> None:
        """Put names on the list before they are written. Raises `AtlasError` where somebody else's file has one."""
        with self._one_at_a_time:
            new = [name for name in names if name not in self.names]
            for name in new:
                path = self.root / name
                if os.path.lexists(path):
                    raise AtlasError(
                        f"{path} was not written by this scan, and would be overwritten. Give another out=."
                    )
            if new:
                self._append("".join(f"+{name}\n" for name in new), safe=True)
                self.names.update(new)

    def release(self, name: str) -> None:
        """Take a name off the list: there is nothing of ours under it any more."""
        with self._one_at_a_time:
            self.names.discard(name)
            self._append(f"-{name}\n")

    def remove(self, name: str) -> None:
        """Remove what has this name, if it still is a file or an empty folder, and take the name off the list."""
        path = self.root / name
        if path.parent == self.root or is_folder(path.parent):
            if name.endswith("/"):
                if not is_folder(path) or any(path.iterdir()):
                    return
                path.rmdir()
            else:
                remove_file(path)
        self.release(name)

    def keep(self, names: Iterable[str]) -> None:
        """Remove all that is on the list but these files and their folders."""
        wanted = set(names)
        for name in sorted(self.names - wanted, key=lambda name: (name.endswith("/"), name)):
            if not name.endswith("/") or not any(other.startswith(name) for other in wanted):
                self.remove(name)

    def shorten(self) -> None:
        """Write the list anew, with no more than it says."""
        lines = _HEADER + b"".join(f"+{name}\n".encode() for name in sorted(self.names))
        path = self.root / LIST
        if os.path.lexists(path):
            with open_file(path, links=False) as file:
                if file.read(_MOST) == lines:
                    return
        self.claim(temporary(LIST))
        new = self.root / temporary(LIST)
        remove_file(new)
        with create(new) as file:
            file.write(lines)
            file.flush()
            os.fsync(file.fileno())
        os.replace(new, path)
        self.names.discard(temporary(LIST))
        self._length = len(lines)

    def _append(self, lines: str, *, safe: bool = False) -> None:
        path = self.root / LIST
        begins = not self._length
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | _NO_LINK, 0o666)
        with os.fdopen(handle, "wb") as file:
            file.truncate(self._length)
            file.seek(self._length)
            self._length += file.write((_HEADER if begins else b"") + lines.encode())
            file.flush()
            if safe:
                os.fsync(file.fileno())
        if begins:
            sync_folder(self.root)


def temporary(name: str) -> str:
    """The name under which a file is written before it gets its own.

    >>> temporary("sites/000.safetensors")
    'sites/.000.safetensors.tmp'
    """
    folder, slash, last = name.rpartition("/")
    return f"{folder}{slash}.{last}.tmp"


def _can_be(name: str) -> bool:
    """Is it a name that a scan gives?"""
    part = _TEMPORARY.fullmatch(name)
    whole = (part[1] or "") + part[2] if part else name
    return _NAMES.fullmatch(whole) is not None or whole == LIST


def create(path: Path) -> IO[bytes]:
    """A new file, with the mode that the user's umask gives. Raises FileExistsError where there is anything."""
    return os.fdopen(os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL | _NO_LINK, 0o666), "w+b")


def remove_file(path: Path) -> None:
    """Remove a file; a link, or whatever else has come in its place, stays."""
    if is_file(path):
        path.unlink()


def is_file(path: Path) -> bool:
    """Is it a file, and no link to one?"""
    return stat.S_ISREG(_mode(path))


def is_folder(path: Path) -> bool:
    """Is it a folder, and no link to one?"""
    return stat.S_ISDIR(_mode(path))


def sync_folder(path: Path) -> None:
    """Make sure that the names in a folder are on the disk."""
    try:
        handle = os.open(path, os.O_RDONLY)
    except OSError:  # Windows cannot open folders
        return
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _mode(path: Path) -> int:
    try:
        return os.lstat(path).st_mode
    except OSError:
        return 0
