"""Words of verdicts: names in a row, and things that are counted."""

from __future__ import annotations

from collections.abc import Sequence


def listed(names: Sequence[str], most: int = 4) -> str:
    """Names in a row, the last ones counted where they are many.

    >>> listed(["a", "b", "c"], 2)
    'a, b and 1 more'
    """
    shown = ", ".join(names[:most])
    return shown if len(names) <= most else f"{shown} and {len(names) - most} more"


def counted(count: int, thing: str) -> str:
    """Number and name of things that are counted: "3 units".

    >>> counted(1, "unit"), counted(2000, "unit")
    ('1 unit', '2,000 units')
    """
    return f"{count:,} {thing}" if count == 1 else f"{count:,} {thing}s"
