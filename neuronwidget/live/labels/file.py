"""File of labels: JSON with a label in a few lines. Several processes may write to it at once, and lose nothing.

A change is made under a lock to what the file says by then, and written whole or not at all. The file is a stranger's:
nothing in it is run or unpickled, and what does not fit is said.
"""

from __future__ import annotations

import json
import os
import secrets
import stat
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from neuronwidget.live.labels.label import LONGEST, LONGEST_TEXT, MOST_TESTS, Label, LabelsError, checked_test, one_line
from neuronwidget.live.structure.sites import Unit, natural_key

FORMAT, VERSION = "neuronwidget labels", 1
MOST_BYTES, MOST_LABELS = 64 << 20, 200_000


@dataclass
class Content:
    """What a file of labels holds: the model's name, a checksum of its weights where that is known, and the labels."""

    model: str = ""
    weights: str | None = None
    labels: dict[str, Label] = field(default_factory=dict)


class LabelFile:
    """A file of labels, which need not be there yet."""

    def __init__(self, path: str | os.PathLike[str]) -> None:
        self.path = Path(os.path.abspath(os.path.expanduser(path)))
        if not self.path.parent.is_dir():
            raise LabelsError(f"There is no folder {self.path.parent}: make it first, or give another path.")
        self._read: tuple[object, Content] | None = None
        self.content()

    def content(self) -> Content:
        """What it holds now; read again only where the file is another one than before."""
        try:
            status = os.stat(self.path)
        except FileNotFoundError:
            return Content()
        except OSError as error:
            raise LabelsError(f"{self.path} cannot be read: {error.strerror or error}.") from error
        signature = (status.st_ino, status.st_mtime_ns, status.st_size)
        if self._read is None or self._read[0] != signature:
            self._read = signature, read(self.path)
        return self._read[1]

    def change(self, act: Callable[[Content], None]) -> None:
        """Change what it holds at this moment; others that want to write wait meanwhile."""
        with self._said(), self._locked():
            self._read = None
            content = self.content()
            act(content)
            self._write(content)

    def _write(self, content: Content) -> None:
        target = Path(os.path.realpath(self.path))  # a link stays one
        beside = target.with_name(f".{target.name}.{secrets.token_hex(4)}.tmp")
        try:
            with open(beside, "x", encoding="utf-8", newline="\n") as file:
                file.write(written(content))
                file.flush()
                os.fsync(file.fileno())
            os.replace(beside, target)
        finally:
            beside.unlink(missing_ok=True)
        self._read = None

    @contextmanager
    def _locked(self) -> Iterator[None]:
        """The lock is a file of its own: the one with the labels is another one after each change."""
        path = Path(os.path.realpath(self.path))
        flags = os.O_RDWR | os.O_CREAT | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0)
        handle = os.open(path.with_name(f".{path.name}.lock"), flags, 0o666)
        with os.fdopen(handle, "r+b") as file:
            if not stat.S_ISREG(os.fstat(handle).st_mode):
                raise LabelsError(f"{file.name} is no file: labels cannot be locked.")
            if sys.platform == "win32":
                import msvcrt

                msvcrt.locking(handle, msvcrt.LK_LOCK, 1)
            else:
                import fcntl

                fcntl.flock(file, fcntl.LOCK_EX)
            yield

    @contextmanager
    def _said(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            raise LabelsError(f"Nothing can be written to {self.path}: {error.strerror or error}.") from error


# ---- writing ---------------------------------------------------------------------------------------------------------


def written(content: Content) -> str:
    """Labels as JSON that differs in the lines of a label where that label differs."""
    units = sorted(content.labels, key=natural_key)
    entries = ",\n".join(f"  {_json(unit)}: {_entry(content.labels[unit])}" for unit in units)
    head = {"format": FORMAT, "version": VERSION, "model": content.model, "weights": content.weights}
    lines = "".join(f" {_json(name)}: {_json(value)},\n" for name, value in head.items())
    return f'{{\n{lines} "labels": {{\n{entries}\n }}\n}}\n'


def _entry(label: Label) -> str:
    parts = {"label": label.words, "author": label.author, "date": label.date}
    lines = [f"   {_json(name)}: {_json(value)}" for name, value in parts.items()]
    if label.tests:
        tests = ",\n".join(f"    {_json(dict(test))}" for test in label.tests)
        lines.append(f'   "tests": [\n{tests}\n   ]')
    return "{\n" + ",\n".join(lines) + "\n  }"


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, allow_nan=False)


# ---- reading ---------------------------------------------------------------------------------------------------------


def read(path: Path) -> Content:
    """Labels of a file. Raises `LabelsError` in a sentence where it holds something else."""
    try:
        if not path.is_file():
            raise LabelsError(f"{path} is no file: give the path of a JSON file of labels.")
        if path.stat().st_size > MOST_BYTES:
            raise LabelsError(f"{path} has more than {MOST_BYTES >> 20} MB: that is no file of labels.")
        stored = json.loads(path.read_bytes().decode())
    except OSError as error:
        raise LabelsError(f"{path} cannot be read: {error.strerror or error}.") from error
    except (ValueError, RecursionError) as error:
        if isinstance(error, LabelsError):
            raise
        raise LabelsError(f"{path} is no JSON, so it holds no labels: {str(error)[:120]}.") from error
    try:
        return _content(stored)
    except LabelsError as error:
        raise LabelsError(f"{path}: {error}") from error


def _content(stored: Any) -> Content:
    if not isinstance(stored, dict) or stored.get("format") != FORMAT:
        raise LabelsError(f'it is no file of labels: those begin with "format": "{FORMAT}".')
    if stored.get("version") != VERSION:
        raise LabelsError(f"it has version {str(stored.get('version'))[:20]}, this is {VERSION}: update neuronwidget.")
    model, weights, labels = stored.get("model"), stored.get("weights"), stored.get("labels")
    if not isinstance(model, str) or not (weights is None or isinstance(weights, str)) or not isinstance(labels, dict):
        raise LabelsError('"model" is a name, "weights" a checksum or null, and "labels" an object of labels by unit.')
    if len(labels) > MOST_LABELS:
        raise LabelsError(f"it has {len(labels):,} labels: at most {MOST_LABELS:,} are read.")
    return Content(one_line(model), weights, {_unit(name): _label(name, entry) for name, entry in labels.items()})


def _unit(name: str) -> str:
    try:
        unit = Unit.parse(name)
    except ValueError as error:
        raise LabelsError(f"{name[:60]!r} is no unit, such as 'mlp.2:417'.") from error
    if len(name) > LONGEST or one_line(unit.site) != unit.site:
        raise LabelsError(f"{name[:60]!r} is no unit, such as 'mlp.2:417'.")
    return str(unit)


def _label(name: str, entry: Any) -> Label:
    fields = entry if isinstance(entry, Mapping) else {}
    words, author, date = (fields.get(key, "") for key in ("label", "author", "date"))
    tests = fields.get("tests", [])
    if "label" not in fields or not all(isinstance(text, str) for text in (words, author, date)):
        raise LabelsError(f'{name[:60]!r} has no words under "label".')
    if not isinstance(tests, list):
        raise LabelsError(f'"tests" of {name[:60]!r} is no list.')
    kept = tuple(checked_test(test, name[:60]) for test in tests[-MOST_TESTS:])
    return Label(one_line(words), one_line(author, LONGEST_TEXT), one_line(date, 40), kept)
