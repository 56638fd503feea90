"""Small programs that an atlas of the demo model is made of."""

from __future__ import annotations

import keyword


def documents() -> list[str]:
    """Small programs: each defines a function whose name is a keyword with a line under it."""
    return [
        f'import {word}_\n\n\ndef {word}_(value, {word}s=None):\n    """Return what {word} is."""\n'
        f"    return [value for _ in range({number}) if value is not {word}s]  # {word}\n"
        for number, word in enumerate(keyword.kwlist[:24])
    ]
