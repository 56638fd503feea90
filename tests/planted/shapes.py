"""Pictures with shapes drawn on the spot, their masks, and a net with a unit for some of them."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

import neuronwidget as nw

SIDE, LARGE = 32, 7
#: Shapes, and for which of them a unit is planted.
SHAPES = ("disc", "cross", "bars", "corner", "ring")
PLANTED = SHAPES[:3]
OTHERS = 13


def stencil(shape: str) -> NDArray[np.bool_]:
    """The pixels of a shape."""
    y, x = np.mgrid[:LARGE, :LARGE] - LARGE // 2
    away = np.hypot(x, y)
    drawn = {
        "disc": away <= 2.3,
        "cross": abs(x) == abs(y),
        "bars": np.mod(x, 3) == 0,
        "corner": (x == -2) | (y == -2),
        "ring": (away <= 3.3) & (away > 2.3),
    }
    return np.asarray(drawn[shape], bool)


def pictures(count: int, seed: int) -> tuple[NDArray[np.uint8], dict[str, NDArray[np.bool_]]]:
    """Noise in colours, and in each picture one of the shapes in red; masks are the squares around the shapes."""
    source = np.random.default_rng(seed)
    drawn = source.integers(0, 80, (count, SIDE, SIDE, 3))
    masks = {shape: np.zeros((count, SIDE, SIDE), bool) for shape in SHAPES}
    for number in range(count):
        shape = SHAPES[number % len(SHAPES)]
        y, x = source.integers(0, SIDE - LARGE, 2)
        drawn[number, y : y + LARGE, x : x + LARGE, 0] += 150 * stencil(shape)
        masks[shape][number, y : y + LARGE, x : x + LARGE] = True
    return drawn.astype(np.uint8), masks


def model(seed: int, stride: int = 1) -> Any:
    """A convolution: its first units answer to the planted shapes, the others to noise in blue, as drawn by `seed`."""
    torch.manual_seed(seed)
    conv = nn.Conv2d(3, len(PLANTED) + OTHERS, LARGE, stride=stride, padding=LARGE // 2)
    with torch.no_grad():
        for unit, shape in enumerate(PLANTED):
            kernel = torch.from_numpy(stencil(shape)).float()
            conv.weight[unit] = 0
            conv.weight[unit, 0] = (kernel - kernel.mean()) / (kernel - kernel.mean()).norm()
        conv.weight[len(PLANTED) :, :2] = 0
    net = nn.Sequential(conv, nn.ReLU(), nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(len(PLANTED) + OTHERS, 2))
    return nw.attach(net.eval(), inputs=nw.ImageInputs(size=SIDE, channels=3))
