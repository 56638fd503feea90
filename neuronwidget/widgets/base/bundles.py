"""Bundles: the page's module and style sheet, which a widget is sent when it is made."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import anywidget

STATIC = Path(__file__).parents[2] / "static"


@dataclass(frozen=True)
class Bundle:
    """A module and its sheet. Both give their text by `str`, and say where they are written anew: `changed`."""

    module: Any
    sheet: Any


@cache
def bundle(name: str) -> Bundle:
    """The bundle of that name; see `js/build.mjs`."""
    # anywidget follows files only that it finds as attributes of a class.
    files = {"_esm": STATIC / f"{name}.js", "_css": STATIC / f"{name}.css"}
    holder: Any = type(f"Bundle_{name}", (anywidget.AnyWidget,), files)
    return Bundle(holder._esm, holder._css)
