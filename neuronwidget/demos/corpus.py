"""Data of the code model: the source of the standard library of the Python it runs on.

Whole top-level modules are held out, so nothing the model is judged on is a neighbour of
something it was trained on.
"""

from __future__ import annotations

import hashlib
import sysconfig
from dataclasses import dataclass
from pathlib import Path

# Tests, generated tables and vendored or platform-dependent trees: little prose, little code.
_SKIPPED_FOLDERS = frozenset(
    {
        "site-packages", "dist-packages", "__pycache__", "test", "tests", "idle_test", "encodings",
        "pydoc_data", "turtledemo", "lib-dynload", "ensurepip", "__phello__",
    }
)  # fmt: skip
_SKIPPED_NAMES = ("config-", "_sysconfigdata", "sre_constants")
_HELD_OUT_SHARE = 12  # one top-level module in twelve


_FEW = tuple(
    f"{name}.py"
    for name in (
        "argparse", "ast", "calendar", "csv", "difflib", "fractions", "heapq", "json/decoder", "statistics", "string",
        "textwrap", "tokenize",
    )
)  # fmt: skip


@dataclass(frozen=True)
class Module:
    """One source file: its path below the library's root, and its text with newlines as line ends."""

    path: str
    text: str

    @property
    def top(self) -> str:
        """The top-level module or package it belongs to."""
        return self.path.split("/")[0].removesuffix(".py")


def held_out(top: str) -> bool:
    """Whether the top-level module ``top`` is kept from training (a hash of its name decides)."""
    return hashlib.sha256(top.encode()).digest()[0] % _HELD_OUT_SHARE == 0


def modules(root: Path | None = None) -> list[Module]:
    """Read every module below ``root`` (this Python's standard library), sorted by path."""
    root = root or Path(sysconfig.get_paths()["stdlib"])
    sources: list[Module] = []
    for file in sorted(root.rglob("*.py"), key=lambda file: file.relative_to(root).as_posix()):
        parts = file.relative_to(root).parts
        if _SKIPPED_FOLDERS.intersection(parts) or parts[0].startswith(_SKIPPED_NAMES):
            continue
        try:
            text = file.read_text(encoding="utf-8")
        except UnicodeDecodeError:
            continue  # a source in another encoding, one or two in a library
        if text:
            sources.append(Module("/".join(parts), text))
    if not sources:
        raise FileNotFoundError(f"no Python source below {root}")
    return sources


def some_texts(root: Path | None = None, characters: int = 384) -> list[str]:
    """Pieces of a few modules of the standard library, from its middle on: enough for what units usually do."""
    folder = root or Path(sysconfig.get_paths()["stdlib"])
    texts = ((folder / name).read_text(encoding="utf-8") for name in _FEW if (folder / name).is_file())
    return [text[len(text) // 2 :][:characters] for text in texts]


def split(sources: list[Module]) -> tuple[list[Module], list[Module]]:
    """``(training, held_out)``."""
    return [m for m in sources if not held_out(m.top)], [m for m in sources if held_out(m.top)]
