"""Reductions: what an input's positions come to, as one row; and the sink that makes these rows while a model runs."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from neuronwidget.corpus.documents import Chunk
from neuronwidget.live.structure.sites import Site
from neuronwidget.passes.batch import Batch
from neuronwidget.passes.threads import Threads

#: What a row is made of: for each unit one number, or two.
HOW: dict[str, tuple[str, ...]] = {
    "none": ("value",),
    "mean": ("mean",),
    "mean+std": ("mean", "std"),
    "max": ("max",),
    "mean+max": ("mean", "max"),
    "min+max": ("min", "max"),
    "last": ("last",),
    "active": ("active",),
}


def check_how(how: str, name: str = "how") -> None:
    """Refuse what is no way to reduce."""
    if how not in HOW:
        raise ValueError(f"{name}= is one of {', '.join(HOW)}, not {how!r}.")


def reduced(values: Tensor, how: str) -> Tensor:
    """What one input comes to: values [positions, units] → [columns], float32.

    >>> reduced(torch.tensor([[1.0, 4.0], [3.0, 0.0]]), "min+max").tolist()
    [1.0, 0.0, 3.0, 4.0]
    """
    values = values.float()
    parts = [_ONE[part](values) for part in HOW[how]]
    return parts[0] if len(parts) == 1 else torch.cat(parts)


def row_of(values: NDArray[np.float32], how: str) -> NDArray[np.float32]:
    """`reduced` of an array; a single position, as most inputs of one size have, is its row."""
    if len(values) == 1 and how in _ITSELF:
        row: NDArray[np.float32] = values[0]
    else:
        row = reduced(torch.from_numpy(values), how).numpy()
    return row


#: What a single position comes to by these is what it is.
_ITSELF = ("none", "mean", "max", "last")
_ONE: dict[str, Callable[[Tensor], Tensor]] = {
    "value": torch.flatten,
    "mean": lambda values: values.mean(0),
    "std": lambda values: values.std(0, correction=0),
    "min": lambda values: values.amin(0),
    "max": lambda values: values.amax(0),
    "last": lambda values: values[-1],
    "active": lambda values: (values > 0).float().mean(0),
}


class ChunkRows:
    """A sink: of each document of a chunk one row for each site and each way to reduce that is wanted there.

    Attributes
    ----------
    chunk
        What was run.
    """

    def __init__(self, chunk: Chunk, wanted: Mapping[Site, Sequence[str]], measured: bool = False) -> None:
        """`measured`: also how long the vectors of positions are, which takes one more look at every value."""
        self.chunk, self._wanted, self._measured = chunk, wanted, measured
        self._inputs: dict[tuple[Site, str], _Inputs] = {}

    def add(self, site: Site, values: Tensor, batch: Batch, threads: Threads) -> None:
        places = [document - self.chunk.first_document for document in batch.documents.tolist()]
        ordinals = batch.ordinals.tolist()
        for how in self._wanted[site]:
            inputs = self._inputs.setdefault((site, how), _Inputs(len(self.chunk.documents), how, self._measured))
            for first, last, piece in _of_one_length(values, batch):
                inputs.add(piece.float(), places[first:last], ordinals[first:last])

    def rows(self, site: Site, how: str) -> NDArray[np.float32]:
        """Rows [documents with a position, columns]."""
        inputs = self._inputs.get((site, how))
        return np.zeros((0, site.width * len(HOW[how])), np.float32) if inputs is None else inputs.rows()

    def lengths(self, site: Site, how: str) -> list[float]:
        """How long the vectors of each of these documents' positions are, in the mean, where that was measured."""
        inputs = self._inputs.get((site, how))
        return [] if inputs is None else inputs.lengths()

    @property
    def present(self) -> list[int]:
        """Which documents of the chunk have a position, by their places in it."""
        inputs = next(iter(self._inputs.values()), None)
        return [] if inputs is None else torch.nonzero(inputs.counts)[:, 0].tolist()


def _of_one_length(values: Tensor, batch: Batch) -> Iterator[tuple[int, int, Tensor]]:
    """Windows of a batch without padding: first, last, [windows, positions, units]; each alone where lengths differ."""
    if len(set(batch.lengths)) == 1:
        yield 0, len(batch.lengths), values[:, batch.skip : batch.lengths[0]]
        return
    for window, length in enumerate(batch.lengths):
        yield window, window + 1, values[window : window + 1, batch.skip : length]


class _Inputs:
    """Sums, extremes or last rows of some inputs, to which windows of them are added in any order."""

    def __init__(self, inputs: int, how: str, measured: bool) -> None:
        self.how, self.counts, self._measured = how, torch.zeros(inputs, dtype=torch.long), measured
        self._windows = torch.zeros(inputs, dtype=torch.float64)
        self._norms = torch.zeros(inputs, dtype=torch.float64)
        self._last = [-1] * inputs
        self._held: dict[str, Tensor] = {}

    def add(self, piece: Tensor, places: Sequence[int], ordinals: Sequence[int]) -> None:
        """Windows [windows, positions, units] of the inputs at these places."""
        windows, positions, units = piece.shape
        if not positions:
            return
        at = torch.tensor(places)
        self.counts.index_add_(0, at, torch.full((windows,), positions))
        self._windows.index_add_(0, at, torch.ones(windows, dtype=torch.float64))
        if self._measured:
            self._norms.index_add_(0, at, piece.norm(dim=2).double().mean(1))
        for part in HOW[self.how]:
            if part == "mean":
                self._sum("sum", at, piece.sum(1, dtype=torch.float64))
            elif part == "std":  # the mean stands before it
                self._sum("squares", at, piece.double().square().sum(1))
            elif part == "active":
                self._sum(part, at, (piece > 0).sum(1).double())
            elif part in ("min", "max"):
                self._extreme(part, at, places, piece.amin(1) if part == "min" else piece.amax(1))
            elif part == "last":
                self._put(places, ordinals, piece[:, -1])
            else:
                self._flat(places, piece.reshape(windows, positions * units))

    def _sum(self, name: str, at: Tensor, sums: Tensor) -> None:
        if name not in self._held:
            self._held[name] = torch.zeros(len(self.counts), sums.shape[1], dtype=torch.float64)
        self._held[name].index_add_(0, at, sums)

    def _extreme(self, part: str, at: Tensor, places: Sequence[int], extremes: Tensor) -> None:
        if part not in self._held:
            nothing = torch.inf if part == "min" else -torch.inf
            self._held[part] = torch.full((len(self.counts), extremes.shape[1]), nothing)
        held, choose = self._held[part], torch.minimum if part == "min" else torch.maximum
        apart = len(set(places)) == len(places)  # else several windows of one input, one after the other
        for some in (slice(None),) if apart else range(len(places)):
            held[at[some]] = choose(held[at[some]], extremes[some])

    def _put(self, places: Sequence[int], ordinals: Sequence[int], rows: Tensor) -> None:
        if "last" not in self._held:
            self._held["last"] = torch.zeros(len(self.counts), rows.shape[1])
        for place, ordinal, row in zip(places, ordinals, rows, strict=True):
            if ordinal >= self._last[place]:
                self._last[place], self._held["last"][place] = ordinal, row

    def _flat(self, places: Sequence[int], rows: Tensor) -> None:
        if "value" not in self._held:
            self._held["value"] = torch.zeros(len(self.counts), rows.shape[1])
        if self._held["value"].shape[1] != rows.shape[1] or len(set(places)) < len(places) or self._seen_twice(places):
            raise ValueError(
                "how='none' keeps all positions apart, and these inputs have different numbers of them: choose another "
                f"of {', '.join(HOW)}."
            )
        self._held["value"][list(places)] = rows

    def _seen_twice(self, places: Sequence[int]) -> bool:
        return bool((self._windows[list(places)] > 1).any())

    def rows(self) -> NDArray[np.float32]:
        """[inputs with a position, columns]."""
        present = self.counts > 0
        counts, parts = self.counts[present, None], []
        for part in HOW[self.how]:
            if part == "mean":
                parts.append(self._held["sum"][present] / counts)
            elif part == "std":
                mean = self._held["sum"][present] / counts
                parts.append((self._held["squares"][present] / counts - mean.square()).clamp_min(0).sqrt())
            elif part == "active":
                parts.append(self._held[part][present] / counts)
            else:
                parts.append(self._held[part][present].double())
        rows: NDArray[np.float32] = torch.cat(parts, 1).float().numpy()
        return rows

    def lengths(self) -> list[float]:
        """How long the vectors of each input's positions are, in the mean; empty where that was not measured."""
        present = self.counts > 0
        lengths: list[float] = (self._norms[present] / self._windows[present]).tolist() if self._measured else []
        return lengths
