"""Small checks of what comes from the page; each refuses in a sentence."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeGuard, cast

from neuronwidget.stream.protocol.shared import LIMITS

MAX_TEXT = LIMITS["text"]
MAX_DEPTH = 16
#: Beyond these, a whole number in JSON is not the one that was meant, and a fraction is none of float32.
MAX_WHOLE, MAX_NUMBER = 2**53, 3e38


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


def plain(value: object, depth: int = 0) -> Any:
    """What came from the page with texts that can be sent on; refuses what is nested too deep or too long."""
    if isinstance(value, str):
        if len(value) > MAX_TEXT:
            raise ProtocolError(
                f"The text has {len(value):,} characters; at most {MAX_TEXT:,} are taken.", "Paste a part of it."
            )
        return readable(value)
    if depth > MAX_DEPTH:
        raise ProtocolError(f"A message from the page is nested more than {MAX_DEPTH} deep.", "Reload the page.")
    if isinstance(value, Mapping):
        return {readable(str(name)): plain(inner, depth + 1) for name, inner in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(inner, depth + 1) for inner in value]
    return value


def is_number(value: object) -> TypeGuard[int | float]:
    """Is it a finite number, and not too large for a float? (NaN is not: it is not smaller than anything.)"""
    return isinstance(value, (int, float)) and not isinstance(value, bool) and abs(value) < MAX_NUMBER


def is_finite(value: object) -> bool:
    """Are all numbers in it, at any depth, such as JSON can hold? Of what `plain` gives."""
    if isinstance(value, Mapping):
        return all(map(is_finite, value.values()))
    if isinstance(value, list):
        return all(map(is_finite, value))
    return not isinstance(value, (int, float)) or isinstance(value, bool) or is_number(value)


def whole(content: Mapping[str, Any], name: str, default: int | None = None) -> int:
    """A whole number under a name."""
    value = content.get(name, default)
    if not is_number(value) or abs(value) > MAX_WHOLE:
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
    """Two whole numbers, or None."""
    ends = numbers(content, name)
    if ends is None:
        return None
    low, high = (whole({name: end}, name) for end in ends)
    return low, high


def numbers(content: Mapping[str, Any], name: str) -> tuple[float, float] | None:
    """Two finite numbers, or None."""
    value = content.get(name)
    if value is None:
        return None
    if not (isinstance(value, (list, tuple)) and len(value) == 2 and all(map(is_number, value))):
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
    try:
        shown = repr(value)
    except (ValueError, RecursionError):  # a number of too many digits, lists in lists in lists
        shown = f"such a {type(value).__name__}"
    return shown if len(shown) <= 80 else shown[:77] + "…"


def wrong(name: str, expected: str, value: object) -> ProtocolError:
    """The error for a field that holds something else."""
    return ProtocolError(
        f"“{name}” should be {expected}, not {shorten(value)}.", "Reload the page and run the cell again."
    )
