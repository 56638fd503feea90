"""Layouts: where positions and units lie in the tensor of a site."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import isqrt

from torch import Tensor, nn

from neuronwidget.live.structure.parts import is_matrix

#: Most tokens that may stand before those of the picture: a class token and some registers.
_MOST_LEADING = 8

_CHANNELS_FIRST = (
    nn.modules.conv._ConvNd,
    nn.modules.batchnorm._NormBase,
    nn.GroupNorm,
    nn.modules.pooling._MaxPoolNd,
    nn.modules.pooling._AvgPoolNd,
    nn.modules.pooling._AdaptiveAvgPoolNd,
    nn.modules.pooling._AdaptiveMaxPoolNd,
    nn.Upsample,
    nn.PixelShuffle,
)


@dataclass(frozen=True)
class Layout:
    """Which dimensions of a tensor are what.

    `batch` counts inputs, `axes` count positions, in order; all others are units. A tensor that folds windows of the
    picture into its batch has `batch` among its `axes`. `grid` is how many rows and columns the positions form over
    the picture, None where a site speaks of the whole input; `lead` tokens before them lie nowhere in the picture.
    """

    batch: int
    axes: tuple[int, ...]
    positions: int
    grid: tuple[int, int] | None
    lead: int = 0

    def rows(self, tensor: Tensor, inputs: int = 1) -> Tensor:
        """A tensor of `inputs` inputs as [inputs, positions, units]."""
        if inputs == self.positions == 1:  # nothing to put in order: units are all that there is
            return tensor.reshape(1, 1, -1)
        shape = tensor.shape
        split = tensor.reshape(*shape[: self.batch], inputs, -1, *shape[self.batch + 1 :]).movedim(self.batch, 0)
        axes = [axis + 1 for axis in self.axes]  # the inputs now come first
        units = [axis for axis in range(1, split.ndim) if axis not in axes]
        return split.permute(0, *axes, *units).reshape(inputs, self.positions, -1)

    def tensor(self, rows: Tensor, shape: Sequence[int]) -> Tensor:
        """The tensor of a shape that has these rows [inputs, positions, units]: `rows` the other way round."""
        inputs = len(rows)
        split = list(shape)
        if shape:
            split[self.batch] //= inputs
        sizes = [inputs, *split]  # the inputs come first
        axes = [axis + 1 for axis in self.axes]
        order = [0, *axes, *(axis for axis in range(1, len(sizes)) if axis not in axes)]
        back = rows.reshape([sizes[axis] for axis in order]).permute([order.index(axis) for axis in range(len(sizes))])
        return back.movedim(0, self.batch).reshape(list(shape))

    @property
    def places(self) -> list[tuple[int, int] | str]:
        """What each position is: (y, x) on the grid; `lead 0` … for those before it."""
        if self.grid is None:
            return ["(whole input)"] if self.positions == 1 else [str(i) for i in range(self.positions)]
        height, width = self.grid
        return [*(f"lead {i}" for i in range(self.lead)), *((y, x) for y in range(height) for x in range(width))]


def batch_axis(one: Tensor, two: Tensor | None) -> int | None:
    """The dimension that is twice as long for two inputs as for one; None where no single dimension is."""
    if two is None:
        return 0 if one.ndim else None
    if one.ndim != two.ndim:
        return None
    grown = [i for i, (a, b) in enumerate(zip(one.shape, two.shape, strict=True)) if a != b]
    if len(grown) != 1 or two.shape[grown[0]] != 2 * one.shape[grown[0]]:
        return None
    return grown[0]


def unit_axis(module: nn.Module, tensor: Tensor, batch: int) -> int | None:
    """The dimension of units that a module's kind tells: channels first for convolutions and their kin, else last."""
    if tensor.ndim <= 2:
        return 1 - batch if tensor.ndim == 2 else None
    if isinstance(module, _CHANNELS_FIRST):
        return 1
    if isinstance(module, (nn.LayerNorm, nn.RNNBase, nn.Embedding)) or is_matrix(module):
        return tensor.ndim - 1
    return None


def guess_unit_axis(tensor: Tensor, picture: tuple[int, int] | None) -> int:
    """Channels first or last, by which reading gives positions in the proportions of the picture; first in doubt.

    Of three dimensions the last: rows of tokens.
    """
    if tensor.ndim != 4 or picture is None:
        return 1 if tensor.ndim > 3 else tensor.ndim - 1
    height, width = picture
    _, a, b, c = tensor.shape
    return 3 if a * width == b * height and b * width != c * height else 1


def lay_out(
    tensor: Tensor, batch: int, units: int | None, picture: tuple[int, int] | None, grids: Sequence[tuple[int, int]]
) -> Layout:
    """The layout of a tensor of one input. `grids` are the grids of positions seen so far, for rows of tokens."""
    folded = tensor.shape[batch] > 1
    axes = tuple(i for i in range(tensor.ndim) if i != units and (i != batch or folded))
    if units is None:
        axes = (batch,) if folded else ()
    positions = 1
    for axis in axes:
        positions *= tensor.shape[axis]
    if not axes or picture is None:
        return Layout(batch, axes, positions, None if positions == 1 else (1, positions))
    if folded:
        return Layout(batch, axes, positions, (1, positions))  # windows: their order is not that of the picture
    if len(axes) == 2:
        return Layout(batch, axes, positions, (tensor.shape[axes[0]], tensor.shape[axes[1]]))
    grid, lead = grid_of(positions, picture, grids)
    return Layout(batch, axes, positions, grid, lead)


def grid_of(tokens: int, picture: tuple[int, int], grids: Sequence[tuple[int, int]]) -> tuple[tuple[int, int], int]:
    """Which rows and columns of patches so many tokens are, and how many stand before them."""
    height, width = picture
    candidates = [(tokens - h * w, (h, w)) for h, w in dict.fromkeys(grids) if h * w > 1]
    fitting = sorted((lead, grid) for lead, grid in candidates if 0 <= lead <= _MOST_LEADING)
    if fitting:
        return fitting[0][1], fitting[0][0]
    for lead in (0, 1):
        side = isqrt(max(0, tokens - lead))
        if height == width and side > 1 and side * side == tokens - lead:
            return (side, side), lead
    return (1, tokens), 0
