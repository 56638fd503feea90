"""Summary of what the units of a site did, over all chunks so far: pure tensors, no files.

`Summary` holds everything about a site. Data come in as numbered chunks: a `ChunkSummary` collects one chunk, and
`Summary.add` takes it in whole or not at all. Two summaries of different chunks merge into one. Whatever the order of
chunks and merges, the result is the same to the last bit: counts are integers, ends and exemplars are chosen by an
order that has no ties, and floating-point sums follow a fixed tree (`moments`).
"""

from __future__ import annotations

from collections.abc import Iterable

import torch
from torch import Tensor

from neuronwidget.atlas.count.by_torch import admission as by_torch
from neuronwidget.atlas.count.by_torch.cells import CellTable
from neuronwidget.atlas.count.candidates import SHOWN, Candidates, strongest
from neuronwidget.atlas.count.chunk import ChunkSummary
from neuronwidget.atlas.count.counts import COUNTS, Counts
from neuronwidget.atlas.count.ends import INFINITY, Ends
from neuronwidget.atlas.count.moments import Moments, MomentTree
from neuronwidget.atlas.count.records import GROUPS, Limits
from neuronwidget.atlas.count.sample import Sample
from neuronwidget.atlas.count.spread import SPREAD, SpreadLimits, spread

KEEPS: dict[str, tuple[str, ...]] = {"all": GROUPS, "top": ("top",)}
"""Of which groups candidates are kept, by what `nw.scan(keep=…)` is told. With the middle goes the random sample."""
TOGETHER = 1024
"""Units whose tables are chosen anew together: what that takes of memory stays small."""


class Summary:
    """What the units of one site did, over all chunks taken in so far.

    `width`: how many values are kept with a candidate; `groups`: of which there are candidates, see `KEEPS`.
    """

    def __init__(self, units: int, width: int, groups: tuple[str, ...] = GROUPS) -> None:
        self.units, self.width, self.groups = units, width, groups
        self.counts = Counts(units)
        self.tree = MomentTree()
        self.limits: Limits
        self.peaks = Ends.empty(units)
        sizes = {"top": SHOWN, "bottom": SHOWN, "middle": SPREAD}
        self.top, self.bottom, self.middle = (
            Candidates.empty(units, sizes[group] if group in groups else 0, width=width) for group in GROUPS
        )
        self.sample = Sample.empty(units, width)
        self._last_chunk = -1
        self._in_order = True
        self._cells: CellTable | None = None
        self._set_limits()

    # ---- taking in -------------------------------------------------------------------------------------

    def start(self, chunk: int) -> ChunkSummary:
        """An empty summary of a chunk, which leaves out early what could not stay in this one."""
        # A limit compares values only: ties go to the earlier document, so it holds for later chunks alone.
        limits = self.limits if chunk > self._last_chunk else None
        return ChunkSummary(self.units, self.width, chunk, limits, self.groups)

    def add(self, chunk: ChunkSummary) -> None:
        """Take in a chunk, which is used up."""
        self.tree.add(chunk.number, chunk.moments())
        self._last_chunk = max(self._last_chunk, chunk.number)
        self.counts.merge(chunk.counts)
        before, self.peaks = self.peaks, self.peaks.join(chunk.peaks)
        if chunk.samples:
            self.sample = self.sample.join(chunk.samples)
        if chunk.records:  # documents may be without a window
            self._admit(chunk, before)
        chunk.clear()

    def _admit(self, chunk: ChunkSummary, before: Ends) -> None:
        """Take in the records of a chunk; the tables are in no order then. Without compiled loops one lies by cells."""
        blocks = [block for of_batch in chunk.records for block in of_batch]
        largest, limits = chunk.totals.largest, (self.sample.limit, self.counts.ends)
        if chunk.compiled != (self._cells is None):
            self._put_in_order()
        self._in_order = False
        if chunk.compiled:
            from neuronwidget.atlas.count.by_numba import admission as compiled

            tables = self.top, self.bottom, self.middle
            compiled.admit(blocks, largest, *tables, before, self.peaks)
            self.limits = Limits(*compiled.limits_of(*tables, self.peaks), *limits)
            return
        self._cells = self._cells or CellTable(self.middle)
        by_torch.admit(blocks, largest, self.top, self.bottom, self._cells, self.peaks)
        self.limits = Limits(*by_torch.limits_of(self.top, self.bottom, self._cells, self.peaks), *limits)

    def settle(self) -> None:
        """Put what is kept in order."""
        self.sample.sort()
        self._put_in_order()

    def _put_in_order(self) -> None:
        if self._in_order:
            return
        for group in self.groups:
            table: Candidates = getattr(self, group)
            for first in range(0, self.units, TOGETHER):
                block = slice(first, first + TOGETHER)
                table[block] = self._chosen(group, table[block], block)
        self._in_order, self._cells = True, None

    def _chosen(self, group: str, candidates: Candidates, units: Tensor | slice) -> Candidates:
        """Those that stay of candidates of some units, in order."""
        if group == "middle":
            return spread(candidates, self.peaks.low[units], self.peaks.high[units])
        return strongest(candidates)

    def _set_limits(self) -> None:
        beyond = torch.full((self.units,), INFINITY)
        top, bottom = (
            torch.where(table.ordinal[:, -1] >= 0, table.value[:, -1], -INFINITY) if table.value.shape[1] else beyond
            for table in (self.top, self.bottom)
        )
        middle = self.middle if "middle" in self.groups else Candidates.empty(self.units, 1, width=0)
        self.limits = Limits(top, bottom, SpreadLimits.of(middle, self.peaks), self.sample.limit, self.counts.ends)

    # ---- two summaries ---------------------------------------------------------------------------------

    def merge(self, other: Summary) -> None:
        """Take in a summary of other chunks. The other is used up."""
        self.settle()
        other.settle()
        self._last_chunk = max(self._last_chunk, other._last_chunk)
        self.counts.merge(other.counts)
        self.tree.merge(other.tree)
        self.peaks = self.peaks.join(other.peaks)
        for group in self.groups:
            for first in range(0, self.units, TOGETHER):
                block = slice(first, first + TOGETHER)
                table: Candidates = getattr(self, group)
                both = Candidates.join([table[block], getattr(other, group)[block]], 1)
                table[block] = self._chosen(group, both, block)
        self.sample = self.sample.join([other.sample])
        self.sample.sort()
        self._set_limits()

    # ---- as plain tensors ------------------------------------------------------------------------------

    def state(self) -> dict[str, Tensor]:
        """Everything as named tensors; `from_state` makes the same summary of them."""
        self.settle()
        state = {f"counts.{name}": counts for name, counts in self.counts.by_name.items()}
        state |= {"low": self.counts.ends.low, "high": self.counts.ends.high, "bins": self.counts.bins}
        state |= {"peaks.low": self.peaks.low, "peaks.high": self.peaks.high}
        for (level, index), moments in self.tree.nodes.items():
            state[f"tree.{level}.{index}"] = torch.stack(moments.tensors())
        for name in (*self.groups, *(("sample",) if "middle" in self.groups else ())):
            state |= {f"{name}.{_stored(field)}": tensor for field, tensor in vars(getattr(self, name)).items()}
        return state | {"last_chunk": torch.tensor([self._last_chunk])}

    @classmethod
    def from_state(cls, state: dict[str, Tensor]) -> Summary:
        groups = tuple(group for group in GROUPS if f"{group}.near" in state)
        summary = cls(len(state["low"]), state["top.near"].shape[-1], groups)
        summary.counts.by_name = {name: state[f"counts.{name}"] for name in COUNTS}
        summary.counts.ends = Ends(state["low"], state["high"])
        summary.counts.grid = Ends(state["low"].clone(), state["high"].clone())
        summary.counts.bins = state["bins"]
        summary.peaks = Ends(state["peaks.low"], state["peaks.high"])
        for name, tensor in state.items():
            if name.startswith("tree."):
                _, level, index = name.split(".")
                summary.tree.nodes[int(level), int(index)] = Moments(*tensor.unbind())
        for name in (*groups, *(("sample",) if "middle" in groups else ())):
            kind = Sample if name == "sample" else Candidates
            setattr(summary, name, kind(**{f: state[f"{name}.{_stored(f)}"] for f in kind.__dataclass_fields__}))
        summary._last_chunk = int(state["last_chunk"])
        summary._set_limits()
        return summary


def _stored(field: str) -> str:
    """The name of a field in a saved state, where it has had another one since the first version."""
    return {"context_hash": "twin", "sample_key": "lot", "around": "near"}.get(field, field)


def merged(summaries: Iterable[Summary]) -> Summary:
    """All of them as one, joined two by two."""
    row = list(summaries)
    while len(row) > 1:
        for left, right in zip(row[::2], row[1::2], strict=False):
            left.merge(right)
        row = row[::2]
    return row[0]
