"""The folder an atlas lives in: what is written is whole or not there, what is read is checked first.

`manifest.json` names every file that counts, with its size and checksums; a file it does not name is rubbish from a
scan that was cut off. It is replaced last and in one step, so at any moment it describes a complete state.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

if TYPE_CHECKING:
    from torch import Tensor

FORMAT = 1
MANIFEST = "manifest.json"
_PAGES, _PAGE = 8, 4096


class AtlasError(RuntimeError):
    """A folder that is no atlas, is not finished, or was changed by something else."""


class Folder:
    """Files of an atlas, by name."""

    def __init__(self, path: str | os.PathLike[str]) -> None:
        self.path = Path(path)

    # ---- the manifest ----------------------------------------------------------------------------------

    def manifest(self) -> dict[str, Any]:
        """What the folder holds. Raises `AtlasError` where that cannot be believed."""
        file = self.path / MANIFEST
        if not self.path.is_dir():
            raise AtlasError(f"There is no folder {self.path}.")
        if not file.exists():
            raise AtlasError(
                f"{self.path} has no {MANIFEST}: it is no atlas, or a scan was cut off before it saved anything."
            )
        try:
            manifest: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
            claimed = manifest.pop("checksum")
        except (ValueError, KeyError, AttributeError, TypeError) as error:
            raise AtlasError(f"{file} is damaged: it cannot be read as JSON with a checksum.") from error
        if claimed != _checksum(manifest):
            raise AtlasError(f"{file} was changed after it was written: its checksum does not fit.")
        if manifest.get("format") != FORMAT:
            raise AtlasError(
                f"{self.path} has format {manifest.get('format')}, this neuronwidget reads {FORMAT}: "
                "update neuronwidget, or scan again."
            )
        return manifest

    def has_manifest(self) -> bool:
        return (self.path / MANIFEST).exists()

    def write_manifest(self, manifest: dict[str, Any]) -> None:
        text = json.dumps({**manifest, "checksum": _checksum(manifest)}, indent=1, ensure_ascii=False)
        self.write(MANIFEST, lambda file: file.write(text.encode()))

    # ---- files -----------------------------------------------------------------------------------------

    def write(self, name: str, fill: Callable[[IO[bytes]], object]) -> dict[str, Any]:
        """Write a file under another name, make sure it is on the disk, rename it. Returns what to know it by."""
        with self.writing(name) as temporary, open(temporary, "wb") as file:
            fill(file)
        return self.record(name)

    @contextmanager
    def writing(self, name: str) -> Iterator[Path]:
        """A temporary path for `name`, which gets its name when the block ends well."""
        target = self.path / name
        target.parent.mkdir(parents=True, exist_ok=True)
        temporary = target.with_name(f".{target.name}.tmp")
        yield temporary
        with open(temporary, "rb") as file:
            os.fsync(file.fileno())
        os.replace(temporary, target)
        _sync_folder(target.parent)

    def write_tensors(self, name: str, tensors: dict[str, Tensor]) -> dict[str, Any]:
        from safetensors.torch import save_file

        with self.writing(name) as temporary:
            save_file({key: tensor.contiguous() for key, tensor in tensors.items()}, temporary)
        return self.record(name)

    def record(self, name: str) -> dict[str, Any]:
        """Size and checksums of a file: of all of it, and of eight pages spread over it, which is quick to check."""
        path = self.path / name
        with open(path, "rb") as file:
            full = hashlib.file_digest(file, "sha256") if hasattr(hashlib, "file_digest") else _digest(file)
        return {"size": path.stat().st_size, "sha256": full.hexdigest(), "pages": pages_digest(path)}

    def check(self, name: str, record: dict[str, Any], *, how: str = "size") -> Path:
        """The path of a file that is as it was written. `how`: "size", "pages" or "all"."""
        path = self.path / name
        if not path.is_file():
            raise AtlasError(f"{path} is missing.")
        size = path.stat().st_size
        if size != record["size"]:
            raise AtlasError(
                f"{path} has {size:,} bytes where the manifest says {record['size']:,}: it is cut off or was changed."
            )
        if (how == "pages" and pages_digest(path) != record["pages"]) or (
            how == "all" and self.record(name)["sha256"] != record["sha256"]
        ):
            raise AtlasError(f"{path} was changed after it was written: its checksum does not fit.")
        return path

    def keep_only(self, names: Iterable[str]) -> None:
        """Remove what an earlier, unfinished state left behind: only files of kinds that a scan writes."""
        wanted = {MANIFEST, ".lock", *names}
        for path in sorted(self.path.rglob("*"), reverse=True):
            name = path.relative_to(self.path).as_posix()
            ours = (
                name.startswith(("state-", "journal/", "sites/", "exemplars/", "documents.parquet", "pictures."))
                or path.suffix == ".tmp"
            )
            if path.is_file() and ours and name not in wanted:
                path.unlink()
            elif path.is_dir() and ours and not any(path.iterdir()):
                path.rmdir()

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Nobody else scans into this folder meanwhile; the lock ends with the process."""
        self.path.mkdir(parents=True, exist_ok=True)
        try:
            import fcntl
        except ImportError:  # Windows: two scans into one folder are not noticed there
            yield
            return
        with open(self.path / ".lock", "w") as file:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError as error:
                raise AtlasError(f"Another scan is writing to {self.path}.") from error
            yield


class Journal:
    """A file that only grows. What was added since the manifest was last written does not count."""

    def __init__(self, path: Path, length: int) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self._file = open(path, "ab")  # noqa: SIM115 - stays open during the scan
        size = path.stat().st_size
        if size < length:
            raise AtlasError(
                f"{path} has {size:,} bytes where the manifest says {length:,}: it is cut off or was changed."
            )
        self._file.truncate(length)

    def append(self, content: bytes) -> None:
        self._file.write(content)

    def flush(self) -> None:
        self._file.flush()

    def sync(self) -> int:
        """Make sure that everything is on the disk; returns the length."""
        self._file.flush()
        os.fsync(self._file.fileno())
        return self._file.tell()

    def close(self) -> None:
        self._file.close()


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


def _checksum(manifest: dict[str, Any]) -> str:
    return hashlib.sha256(json.dumps(manifest, sort_keys=True).encode()).hexdigest()


def _sync_folder(path: Path) -> None:
    try:
        handle = os.open(path, os.O_RDONLY)
    except OSError:  # Windows cannot open folders
        return
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
