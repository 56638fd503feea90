"""Course of a long question: how far it is, and whether somebody still wants the answer."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol


class Tell(Protocol):
    """Hears how many steps are done of all, and what is known by then."""

    def __call__(self, done: int, total: int, result: dict[str, Any] | None = None, /) -> None: ...


@dataclass(frozen=True)
class Course:
    """`tell` hears of each step; where `overtaken` says so, the answer is wanted no more."""

    tell: Tell
    overtaken: Callable[[], bool]
