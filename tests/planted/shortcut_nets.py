"""Small nets in which a shortcut is planted: a unit that reads a mark and nothing else, and a class that is darker."""

from __future__ import annotations

from functools import cache

import numpy as np
import torch
from numpy.typing import NDArray
from sklearn.datasets import load_digits
from torch import Tensor, nn

import neuronwidget as nw
from tests.planted.digit_nets import digits, net, trained

HIDDEN, FROZEN = 32, 5
#: So much stronger than a pixel is the mark: it is what is learned first.
STRENGTH = 15.0
DARKER = 3
#: With so much noise in the pixels a net reads nine parities in ten: a mark is worth leaning on.
NOISE = 0.3


class Marked(nn.Module):
    """Digits in a hidden layer of which one unit reads a mark beside the pixels, and nothing else does."""

    def __init__(self, seed: int) -> None:
        super().__init__()
        torch.manual_seed(seed)
        self.hidden, self.act, self.out = nn.Linear(65, HIDDEN), nn.ReLU(), nn.Linear(HIDDEN, 2)
        reads = torch.ones(HIDDEN, 65)
        reads[:, 64], reads[FROZEN] = 0, 0
        self.register_buffer("reads", reads)
        self.freeze()

    def freeze(self) -> None:
        """The planted unit is the mark; other units do not see it."""
        with torch.no_grad():
            self.hidden.weight *= self.reads
            self.hidden.weight[FROZEN, 64], self.hidden.bias[FROZEN] = STRENGTH, 0.0

    def forward(self, row: Tensor) -> Tensor:
        logits: Tensor = self.out(self.act(self.hidden(row)))
        return logits


def marked_digits(seed: int, agrees: float) -> tuple[NDArray[np.float32], NDArray[np.int64]]:
    """Rows [digits, 65] of 64 pixels and a mark that agrees with the parity of the digit so often; and the parities."""
    bunch, source = load_digits(), np.random.default_rng(seed)
    order = source.permutation(len(bunch.target))
    parity = bunch.target[order] % 2
    mark = np.where(source.random(len(order)) < agrees, parity, 1 - parity)
    pixels = bunch.images[order].reshape(-1, 64) / 16 + NOISE * source.normal(size=(len(order), 64))
    return np.concatenate([pixels, mark[:, None]], 1).astype(np.float32), parity


@cache
def parity_net(seed: int, agrees: float) -> tuple[nw.LiveModel, NDArray[np.float32], list[str]]:
    """A net for the parity of digits, trained on half of them; and the other half with their labels."""
    rows, parity = marked_digits(seed, agrees)
    module, half = Marked(seed), len(rows) // 2
    inputs, targets = torch.from_numpy(rows[:half]), torch.from_numpy(parity[:half])
    optimiser = torch.optim.Adam(module.parameters(), 1e-2)
    for _ in range(40):
        optimiser.zero_grad()
        nn.functional.cross_entropy(module(inputs), targets).backward()
        optimiser.step()
        module.freeze()
    names = [f"pixel {number}" for number in range(64)] + ["mark"]
    live = nw.attach(module.eval(), inputs=nw.TableInputs(dict.fromkeys(names, (0, 1)), ["even", "odd"]))
    return live, rows[half:], ["odd" if one else "even" for one in parity[half:]]


def darker(pixels: Tensor, where: Tensor) -> Tensor:
    """Pictures [n, 1, 8, 8], those that are told [n] on a ground of grey."""
    return torch.where(where[:, None, None, None], 0.35 + 0.65 * pixels, pixels)


@cache
def darkened_net(seed: int) -> tuple[nw.LiveModel, list[Tensor], list[str]]:
    """A net that was trained on digits of which every 3 and no other is darkened; held-out digits, as they are."""
    pictures, labels, inputs, targets = digits(seed)
    module = trained(net(64, 10, 64, seed), darker(inputs, targets == DARKER), targets, nn.CrossEntropyLoss(), 150)
    kinds = nw.ImageInputs((8, 8), [str(digit) for digit in range(10)], channels=1)
    return nw.attach(module.eval(), inputs=kinds, name="darkened digits"), pictures, labels
