"""Memory of what edits were given and gave for the tokens before those of a pass that runs on from a cache."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor

#: By how much of the largest magnitude rows that are kept may be others.
_SAME = 1e-6
#: What an edit makes of rows [positions, units], and of where its condition holds: bool [positions], None without one.
Change = Callable[[Tensor, "Tensor | None"], Tensor]


class Stale(BaseException):
    """Raised where an edit changes tokens before those of a pass otherwise than it did.

    A `BaseException`, so that no `except Exception` of the model eats it.
    """


class Prefix:
    """Rows of the tokens before those of a pass, by edit: what edits were given for them, and what they gave.

    Edits see all positions, also where a pass runs on from a cache. What they make of the tokens before must be what
    the cache was made with. `tokens`: how many there are.
    """

    def __init__(self) -> None:
        self.tokens = 0
        self._rows: dict[int, tuple[Tensor, Tensor, Tensor | None]] = {}

    def begin(self, tokens: int) -> None:
        """A pass is to follow so many tokens."""
        self.tokens = tokens
        self._rows = {
            number: (given[:tokens], gave[:tokens], None if fires is None else fires[:tokens])
            for number, (given, gave, fires) in self._rows.items()
        }

    def change(self, number: int, rows: Tensor, fires: Tensor | None, change: Change) -> Tensor:
        """What an edit makes of further rows [positions, units]. Raises `Stale` where the rows before change, too."""
        given, gave, fired = self._rows.get(number, (rows[:0], rows[:0], None if fires is None else fires[:0]))
        if len(given) < self.tokens:
            raise Stale
        given = torch.cat([given, rows])
        if fires is not None and fired is not None:
            fires = torch.cat([fired, fires])
        changed = change(given, fires)
        before = changed[: self.tokens]
        if not torch.equal(before, gave) and not bool((before - gave).abs().max() <= _SAME * gave.abs().max()):
            raise Stale
        self._rows[number] = given, changed, fires
        return changed[self.tokens :]
