"""Puts the repository's address from pyproject.toml where the README needs it: `python tools/address.py`.

`Repository` under `[project.urls]` is the one place where it is written by hand.
"""

from __future__ import annotations

import re
from pathlib import Path
from urllib.parse import quote

ROOT = Path(__file__).resolve().parents[1]
README = ROOT / "README.md"
START = "HEAD?urlpath=lab/tree/notebooks/00_quickstart.ipynb"


def address() -> str:
    """Where the repository is, as pyproject.toml has it."""
    match = re.search(r'^Repository = "(.+?)/?"$', (ROOT / "pyproject.toml").read_text(encoding="utf-8"), re.MULTILINE)
    if match is None:
        raise SystemExit('pyproject.toml has no line Repository = "https://…" under [project.urls].')
    return match[1]


def binder(repository: str) -> str:
    """Where Binder opens a repository on its quickstart; GitHub's have a short way of their own."""
    _, on_github, name = repository.partition("https://github.com/")
    place = f"gh/{name}" if on_github else f"git/{quote(repository, safe='')}"
    return f"https://mybinder.org/v2/{place}/{START}"


def filled(text: str, repository: str) -> str:
    """The README's text with this address in its badge, its clone line and its pip line."""
    for before, value, after in (
        (r"\]\(", binder(repository), r"\)"),
        (r"git clone ", repository, r" neuronwidget$"),
        (r"neuronwidget @ git\+", repository, r'"'),
    ):
        old = r"https://mybinder\.org/v2/\S+?" if "mybinder" in value else r"\S+?"
        text, count = re.subn(f"({before}){old}({after})", lambda m, v=value: m[1] + v + m[2], text, flags=re.MULTILINE)
        if count != 1:
            raise SystemExit(f"README.md has {count} lines for {value}, and not one.")
    return text


if __name__ == "__main__":
    README.write_text(filled(README.read_text(encoding="utf-8"), address()), encoding="utf-8")
