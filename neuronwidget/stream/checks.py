"""Small checks of what comes from the page; each refuses in a sentence."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, cast


class ProtocolError(ValueError):
    """A message that cannot be understood. `hint` says what to do about it."""

    def __init__(self, message: str, hint: str, seq: int = -1) -> None:
        super().__init__(message)
        self.hint = hint
        self.seq = seq


def readable(text: str, most: int | None = None) -> str:
    r"""A text that can be sent: halves of surrogate pairs are joined or replaced, what is too long is cut.

    >>> readable("\ud83d\ude00 \ud800"), readable("abcdef", 4)
    ('😀 �', 'abc…')
    """
    if not text.isascii():
        text = text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
    return text if most is None or len(text) <= most else text[: most - 1] + "…"


def whole(content: Mapping[str, Any], name: str, default: int | None = None) -> int:
    """A whole number under a name."""
    value = content.get(name, default)
    if isinstance(value, bool) or not isinstance(value, (int, float)) or value != value or abs(value) > 2**53:
        raise wrong(name, "a whole number", value)
    return int(value)


def within(content: Mapping[str, Any], name: str, low: int, high: int) -> int:
    """A whole number, brought between two ends."""
    return min(max(whole(content, name), low), high)


def one_of(content: Mapping[str, Any], name: str, choices: tuple[str, ...]) -> str:
    """One of some words; the first where there is none."""
    value = content.get(name, choices[0])
    if value not in choices:
        raise wrong(name, "one of " + ", ".join(choices), value)
    return cast(str, value)


def pair(content: Mapping[str, Any], name: str) -> tuple[int, int] | None:
    """Two numbers, or None."""
    value = content.get(name)
    if value is None:
        return None
    if not (isinstance(value, (list, tuple)) and len(value) == 2 and all(isinstance(v, (int, float)) for v in value)):
        raise wrong(name, "two numbers or null", value)
    return int(value[0]), int(value[1])


def numbers(content: Mapping[str, Any], name: str) -> tuple[float, float] | None:
    """Two finite numbers, or None."""
    value = content.get(name)
    if value is None:
        return None
    fits = isinstance(value, (list, tuple)) and len(value) == 2 and all(isinstance(v, (int, float)) for v in value)
    if not fits or not all(abs(v) < 3e38 for v in value):
        raise wrong(name, "two numbers or null", value)
    return float(value[0]), float(value[1])


def texts(content: Mapping[str, Any], name: str, choices: tuple[str, ...] | None = None) -> list[str]:
    """A list of texts (some of these), empty where there is none."""
    value = content.get(name) or []
    if not isinstance(value, list) or not all(isinstance(v, str) and (choices is None or v in choices) for v in value):
        raise wrong(name, "a list of texts" if choices is None else "some of " + ", ".join(choices), value)
    return value


def part(content: Mapping[str, Any], name: str) -> Mapping[str, Any] | None:
    """An object under a name, or None."""
    value = content.get(name)
    if value is not None and not isinstance(value, Mapping):
        raise wrong(name, "an object or null", value)
    return value


def shorten(value: object) -> str:
    """A value as a sentence can hold it."""
    shown = repr(value)
    return shown if len(shown) <= 80 else shown[:77] + "…"


def wrong(name: str, expected: str, value: object) -> ProtocolError:
    """The error for a field that holds something else."""
    return ProtocolError(
        f"“{name}” should be {expected}, not {shorten(value)}.", "Reload the page and run the cell again."
    )
