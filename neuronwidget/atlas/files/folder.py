"""Folder of an atlas: what is written is whole or not there, what is read is checked first.

`manifest.json` names every file that counts, with its size and checksums; a file it does not name is rubbish from a
scan that was cut off. It is replaced last and in one step, so at any moment it describes a complete state.

The folder itself may be a link to one; below it nothing is written to or removed through a link, and nothing at all
that is not on the list of what was written there (`written`).
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import stat
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from functools import cached_property
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, cast

from neuronwidget.atlas.files.manifest import EARLIER, StrangeError, check
from neuronwidget.atlas.files.manifest import FORMAT as FORMAT
from neuronwidget.atlas.files.tensors import write as write_safetensors
from neuronwidget.atlas.files.untrusted import AtlasError as AtlasError
from neuronwidget.atlas.files.untrusted import file_size, open_file, read_json, understood
from neuronwidget.atlas.files.written import (
    LIST,
    LOCK,
    Written,
    create,
    is_file,
    is_folder,
    remove_file,
    sync_folder,
    temporary,
)

if TYPE_CHECKING:
    from torch import Tensor

    from neuronwidget.atlas.files.tensors import Array, Blocks

MANIFEST = "manifest.json"
MANIFEST_BYTES = 64 << 20
_PAGES, _PAGE = 8, 4096


class Folder:
    """Files of an atlas, by name."""

    def __init__(self, path: str | os.PathLike[str]) -> None:
        self.path = Path(path)

    # ---- the manifest ----------------------------------------------------------------------------------

    def manifest(self) -> dict[str, Any]:
        """What the folder holds. Raises `AtlasError` where that cannot be believed."""
        file = self.path / MANIFEST
        if not os.path.isdir(self.path):  # which, unlike the method, is not stopped by a folder that is closed
            raise AtlasError(f"There is no folder {self.path}.")
        if not self.has_manifest():
            raise AtlasError(
                f"{self.path} has no {MANIFEST}: it is no atlas, or a scan was cut off before it saved anything."
            )
        manifest = read_json(file, MANIFEST_BYTES)
        if "checksum" not in manifest:
            raise AtlasError(f"{file} is damaged: it cannot be read as JSON with a checksum.")
        with understood(file):
            claimed, actual = manifest.pop("checksum"), _checksum(manifest)
        if claimed != actual:
            raise AtlasError(f"{file} was changed after it was written: its checksum does not fit.")
        if manifest.get("format") not in (EARLIER, FORMAT):
            raise AtlasError(
                f"{self.path} has format {str(manifest.get('format'))[:40]}, this neuronwidget reads {EARLIER} and "
                f"{FORMAT}: update neuronwidget, or scan again."
            )
        try:
            check(manifest)
        except StrangeError as error:
            raise AtlasError(f"{file} is not what a scan writes: {error}.") from error
        return manifest

    def has_manifest(self) -> bool:
        return os.path.lexists(self.path / MANIFEST)

    def write_manifest(self, manifest: dict[str, Any]) -> None:
        text = json.dumps({**manifest, "checksum": _checksum(manifest)}, indent=1)
        self.write(MANIFEST, lambda file: file.write(text.encode()))

    # ---- files -----------------------------------------------------------------------------------------

    def write(self, name: str, fill: Callable[[IO[bytes]], object]) -> dict[str, Any]:
        """Write a file under another name, make sure it is on the disk, rename it. Returns what to know it by.

        What `fill` writes, from the beginning to the end, is summed up on its way.
        """
        target, new = self.place(name, temporary(name)), self.path / temporary(name)
        remove_file(new)
        try:
            with create(new) as file:
                summed = _Summed(file)
                fill(cast("IO[bytes]", summed))
                file.flush()
                os.fsync(file.fileno())
            if os.path.lexists(target) and not is_file(target):
                raise AtlasError(f"{target} is a link or a folder, and would be overwritten.")
            os.replace(new, target)
        except Exception:
            with contextlib.suppress(OSError):
                remove_file(new)
            raise
        self._written.release(temporary(name))
        sync_folder(target.parent)
        return {"size": summed.size, "sha256": summed.digest.hexdigest(), "pages": pages_digest(target)}

    def write_tensors(self, name: str, tensors: Mapping[str, Tensor | Array | Blocks]) -> dict[str, Any]:
        return self.write(name, lambda file: write_safetensors(file, tensors))

    def place(self, *names: str) -> Path:
        """Where the first of these files is to be written, once all names are on the list and their folders there."""
        self.path.mkdir(parents=True, exist_ok=True)
        folders = sorted({name.rpartition("/")[0] for name in names} - {""})
        for path in (self.path / folder for folder in folders):
            if os.path.lexists(path) and not is_folder(path):
                raise AtlasError(f"{path} is a link or a file; a scan writes into folders of its own only.")
        self._written.claim(*(f"{folder}/" for folder in folders), *names)
        for folder in folders:
            (self.path / folder).mkdir(exist_ok=True)
        return self.path / names[0]

    def record(self, name: str) -> dict[str, Any]:
        """Size and checksums of a file: of all of it, and of eight pages spread over it, which is quick to check."""
        path = self.path / name
        with open_file(path) as file:
            full = hashlib.file_digest(file, "sha256") if hasattr(hashlib, "file_digest") else _digest(file)
        return {"size": file_size(path), "sha256": full.hexdigest(), "pages": pages_digest(path)}

    def check(self, name: str, record: dict[str, Any], *, how: str = "size") -> Path:
        """The path of a file that is as it was written. `how`: "size", "pages" or "all"."""
        path = self.path / name
        size = file_size(path)
        if size != record["size"]:
            raise AtlasError(
                f"{path} has {size:,} bytes where the manifest says {record['size']:,}: it is cut off or was changed."
            )
        with understood(path):
            differs = (how == "pages" and pages_digest(path) != record["pages"]) or (
                how == "all" and self.record(name)["sha256"] != record["sha256"]
            )
        if differs:
            raise AtlasError(f"{path} was changed after it was written: its checksum does not fit.")
        return path

    # ---- whose files these are -------------------------------------------------------------------------

    @cached_property
    def _written(self) -> Written:
        """The list; where there is none, as in a folder that was copied, the names that the manifest tells."""
        if os.path.lexists(self.path / LIST) or not self.has_manifest():
            return Written(self.path)
        manifest = self.manifest()
        done = manifest["done"]
        journals = [f"journal/{name}" for name in done.get("journals", ())]
        return Written(self.path, [MANIFEST, *manifest.get("files", ()), *filter(None, [done.get("state")]), *journals])

    def refuse_others(self) -> None:
        """Raises `AtlasError` where the folder is neither empty nor that of a scan."""
        with _said(self.path):
            if os.path.lexists(self.path) and not self.path.is_dir():
                raise AtlasError(f"{self.path} is no folder. Give another out=.")
            if self.has_manifest() or not self.path.is_dir():
                return
            here = {path.name for path in self.path.iterdir()} - {LOCK, LIST}
        others = here - {name.rstrip("/") for name in self._written.names}
        if others:
            raise AtlasError(f"{self.path} holds other files ({', '.join(sorted(others)[:3])}). Give another out=.")

    def keep_only(self, names: Iterable[str]) -> None:
        """Remove what else an earlier, unfinished state left behind."""
        self._written.keep([MANIFEST, *names])

    def tidy(self, names: Iterable[str]) -> None:
        """Remove all that a scan wrote but the files of the finished atlas, and its list but for these."""
        self.keep_only(names)
        self._written.shorten()

    def is_tidy(self, names: Iterable[str]) -> bool:
        """Is there nothing left to remove of an atlas that is finished?"""
        return {name for name in self._written.names if not name.endswith("/")} <= {MANIFEST, *names}

    def remove(self) -> None:
        """Remove all that was written here. What somebody else put into the folder stays."""
        if not os.path.lexists(self.path):
            return
        with self.locked():
            self._written.keep(())
            for name in (LIST, LOCK):
                remove_file(self.path / name)
            del self._written
            if not self.path.is_symlink() and not any(self.path.iterdir()):
                self.path.rmdir()

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Nobody else scans into this folder meanwhile; the lock ends with the process."""
        with _said(self.path):
            self.path.mkdir(parents=True, exist_ok=True)
            flags = os.O_RDWR | os.O_CREAT | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0)
            handle = os.open(self.path / LOCK, flags, 0o666)
        with os.fdopen(handle, "rb") as file:
            if not stat.S_ISREG(os.fstat(handle).st_mode):
                raise AtlasError(f"{self.path / LOCK} is no file. Give another out=.")
            try:
                import fcntl
            except ImportError:  # Windows: two scans into one folder are not noticed there
                pass
            else:
                try:
                    fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                except OSError as error:
                    raise AtlasError(f"Another scan is writing to {self.path}.") from error
            yield


def _checksum(manifest: dict[str, Any]) -> str:
    return hashlib.sha256(json.dumps(manifest, sort_keys=True).encode()).hexdigest()


@contextmanager
def _said(path: Path) -> Iterator[None]:
    """What keeps a folder from being used is said in a sentence."""
    try:
        yield
    except OSError as error:
        raise AtlasError(f"Nothing can be written to {path}: {error.strerror or error}.") from error


class _Summed:
    """A file that is written from its beginning to its end, with the size and the checksum of what was written."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file, self.size, self.digest = file, 0, hashlib.sha256()

    def write(self, content: bytes | memoryview) -> int:
        written = self._file.write(content)
        self.digest.update(content)
        self.size += written
        return written

    def __getattr__(self, name: str) -> Any:
        return getattr(self._file, name)


def pages_digest(path: Path) -> str:
    """Checksum of the first and last page of a file and some between."""
    size = path.stat().st_size
    digest = hashlib.sha256(str(size).encode())
    with open(path, "rb", buffering=0) as file:
        for i in range(_PAGES):
            file.seek(max(0, size - _PAGE) * i // (_PAGES - 1))
            digest.update(file.read(_PAGE))
    return digest.hexdigest()


def _digest(file: IO[bytes]) -> Any:  # Python 3.10
    digest = hashlib.sha256()
    while block := file.read(1 << 20):
        digest.update(block)
    return digest
