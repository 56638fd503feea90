"""Small nets whose hidden layer is known: digits that were learned, and a level that is a continuum."""

from __future__ import annotations

from functools import cache

import numpy as np
import torch
from numpy.typing import NDArray
from sklearn.datasets import load_digits
from torch import Tensor, nn

import neuronwidget as nw

#: Where the second hidden layer's neurons are.
SITE = "dense.1"


def net(inputs: int, outputs: int, width: int, seed: int) -> nn.Sequential:
    """Two hidden layers with ReLU."""
    torch.manual_seed(seed)
    return nn.Sequential(
        nn.Flatten(),
        nn.Linear(inputs, width),
        nn.ReLU(),
        nn.Linear(width, width),
        nn.ReLU(),
        nn.Linear(width, outputs),
    )


def trained(module: nn.Module, inputs: Tensor, targets: Tensor, loss: nn.Module, steps: int) -> nn.Module:
    optimiser = torch.optim.Adam(module.parameters(), 3e-3)
    for _ in range(steps):
        optimiser.zero_grad()
        loss(module(inputs), targets).backward()
        optimiser.step()
    return module.eval()


@cache
def digits(seed: int) -> tuple[list[Tensor], list[str], Tensor, Tensor]:
    """The held-out half of the digits, pictures [1, 8, 8] and labels; and the other half as tensors."""
    bunch = load_digits()
    order = np.random.default_rng(seed).permutation(len(bunch.target))
    half = len(order) // 2
    pixels = torch.tensor(bunch.images[order], dtype=torch.float32)[:, None] / 16
    labels = torch.tensor(bunch.target[order])
    held = list(pixels[half:]), [str(label) for label in labels[half:].tolist()]
    return *held, pixels[:half], labels[:half]


@cache
def digit_net(seed: int, *, learned: bool = True) -> nw.LiveModel:
    """A net 64-64-64-10 for digits, or what its training began with."""
    module: nn.Module = net(64, 10, 64, seed)
    if learned:
        _, _, inputs, labels = digits(seed)
        module = trained(module, inputs, labels, nn.CrossEntropyLoss(), 150)
    inputs_of = nw.ImageInputs((8, 8), [str(digit) for digit in range(10)], channels=1)
    return nw.attach(module.eval(), inputs=inputs_of, name="digits" if learned else "digits (untrained)")


def level_net(seed: int, count: int = 600) -> tuple[nw.LiveModel, list[dict[str, float]]]:
    """A net that tells a single level from sixteen noisy readings of it: what it holds is a continuum. With inputs."""
    source = np.random.default_rng(seed)
    names = [f"reading {number}" for number in range(16)]

    def drawn(count: int) -> tuple[Tensor, Tensor]:
        level = source.normal(size=(count, 1))
        return torch.tensor(level + 0.3 * source.normal(size=(count, 16)), dtype=torch.float32), torch.tensor(
            level, dtype=torch.float32
        )

    module = trained(net(16, 1, 32, seed), *drawn(1000), nn.MSELoss(), 200)
    readings = drawn(count)[0].numpy()
    live = nw.attach(module, inputs=nw.TableInputs(dict.fromkeys(names, (-4, 4))))
    return live, [dict(zip(names, map(float, row), strict=True)) for row in readings]


def planted_clusters(
    seed: int, clusters: int = 12, width: int = 32, count: int = 1000, noise: float = 0.2
) -> tuple[NDArray[np.float32], NDArray[np.int64]]:
    """Rows [count, width] in Gaussian clusters of unequal size and noise between them, and their clusters (−1)."""
    source = np.random.default_rng(seed)
    members = round(count * (1 - noise))
    shares = np.linspace(1, 4, clusters)
    sizes = np.floor(shares / shares.sum() * members).astype(int)
    sizes[-1] += members - sizes.sum()
    middles = source.uniform(-1, 1, (clusters, width))
    rows = [middle + 0.1 * source.normal(size=(size, width)) for middle, size in zip(middles, sizes, strict=True)]
    rows.append(source.uniform(-1.2, 1.2, (count - members, width)))
    labels = np.concatenate([np.repeat(np.arange(clusters), sizes), np.full(count - members, -1)])
    order = source.permutation(count)
    return np.concatenate(rows)[order].astype(np.float32), labels[order]


class Passes(nn.Module):
    """Its one layer gives what it is given."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.layer = nn.Linear(width, width)
        with torch.no_grad():
            self.layer.weight.copy_(torch.eye(width))
            self.layer.bias.zero_()

    def forward(self, row: Tensor) -> Tensor:
        return self.layer(row)


def passing(width: int) -> nw.LiveModel:
    """A model that hands rows of so many columns through at `dense.0`."""
    names = [f"column {number}" for number in range(width)]
    return nw.attach(Passes(width).eval(), inputs=nw.TableInputs(dict.fromkeys(names, (-9, 9))))


def as_rows(values: NDArray[np.float32]) -> list[dict[str, float]]:
    """Rows [count, width] as such a model takes them."""
    names = [f"column {number}" for number in range(values.shape[1])]
    return [dict(zip(names, map(float, row), strict=True)) for row in values]
