"""Cache of the code model between two passes: every layer's state for every position."""

from __future__ import annotations

from dataclasses import dataclass, field

from torch import Tensor


class Rows:
    """A growing buffer of one row per position, ``[batch, tokens, …]``; cutting it back is free."""

    def __init__(self) -> None:
        self.length = 0
        self._buffer: Tensor | None = None

    def append(self, rows: Tensor) -> Tensor:
        """Add ``rows`` behind the last one and return all, ``[batch, length, …]``."""
        end = self.length + rows.shape[1]
        buffer = self._buffer
        if buffer is None or end > buffer.shape[1] or rows.shape[0] != buffer.shape[0]:
            room = max(end, 2 * self.length, 64)
            buffer = rows.new_empty((rows.shape[0], room, *rows.shape[2:]))
            if self._buffer is not None and self.length:
                buffer[:, : self.length] = self._buffer[:, : self.length]
            self._buffer = buffer
        buffer[:, self.length : end] = rows
        self.length = end
        return buffer[:, :end]

    def last(self) -> Tensor | None:
        """The newest row, ``[batch, …]``, or None where there is none."""
        return None if self._buffer is None or not self.length else self._buffer[:, self.length - 1]

    def crop(self, length: int) -> None:
        self.length = min(self.length, length)


@dataclass
class LayerCache:
    """What one block remembers of each position."""

    keys: Rows = field(default_factory=Rows)
    values: Rows = field(default_factory=Rows)
    states: Rows | None = None

    @property
    def length(self) -> int:
        rows = [self.keys, self.values] + ([self.states] if self.states is not None else [])
        return min(each.length for each in rows)

    def begin(self, start: int) -> None:
        """Get ready for tokens from ``start`` on; a pass broken off within the layer may have left more."""
        if self.length < start:
            raise ValueError(f"a layer holds {self.length} of the {start} tokens before: crop the cache to its length")
        self.crop(start)

    def crop(self, length: int) -> None:
        for rows in (self.keys, self.values, self.states):
            if rows is not None:
                rows.crop(length)


@dataclass
class CodeCache:
    """Per-position state of every layer, updated in place by each layer as it runs.

    A pass that is broken off leaves deeper layers shorter; ``length`` is what all of them hold.
    """

    layers: list[LayerCache]

    @property
    def lengths(self) -> list[int]:
        return [layer.length for layer in self.layers]

    @property
    def length(self) -> int:
        return min(self.lengths)

    def crop(self, length: int) -> None:
        """Forget every position from ``length`` on."""
        if length < 0:
            raise ValueError(f"cannot crop a cache to {length} tokens")
        for layer in self.layers:
            layer.crop(length)
