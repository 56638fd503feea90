"""Counts every value where the model is, with few large operations: for graphics cards."""

from __future__ import annotations

import torch
from torch import Tensor

from neuronwidget.atlas.count.by_torch.counter import ACTIVE, Task, pinned
from neuronwidget.atlas.count.histogram import BINS
from neuronwidget.passes.row_blocks import FOLD
from neuronwidget.passes.threads import Threads


class DeviceCounter:
    """The same as `TorchCounter`, all units at once; nothing leaves the device."""

    block = least = 1 << 30

    def __init__(self, task: Task, threads: Threads) -> None:
        parts = [part for row_block in task.row_blocks for part in row_block.parts]
        spans = [task.values[part.first : part.last, part.begin : part.end].flatten(0, 1) for part in parts]
        self._task, self.units = task, task.values.shape[2]
        self._values = (torch.cat(spans) if len(spans) != 1 else spans[0]).float()
        self.rows = len(self._values)

    def counted(self, units: slice) -> tuple[Tensor, Tensor]:
        """See `TorchCounter.counted`."""
        x, basis = self._values[:, units], self._task.basis.of(units)
        slots = torch.floor(x * self._task.ruler.scale[units]).int().bitwise_and_(BINS - 1)
        slots += torch.arange(x.shape[1], dtype=torch.int32, device=x.device) * BINS
        counts = torch.bincount(slots.flatten(), minlength=x.shape[1] * BINS).view(-1, BINS)
        first = x * basis.scale + basis.offset
        second = first * first
        planes = [first, second, first * second, second * second, (x > 0.0).float(), (x.abs() > ACTIVE).float()]
        if self._task.bound is not None:
            planes.append(pinned(x, self._task.bound).float())
        return counts, torch.stack([_summed(plane) for plane in planes])


def _summed(plane: Tensor) -> Tensor:
    """Over rows: 32 at a time as float32, as float64 from there on."""
    whole = len(plane) // FOLD * FOLD
    total = plane[:whole].view(-1, FOLD, plane.shape[1]).sum(1).double().sum(0)
    return total + plane[whole:].sum(0).double()
