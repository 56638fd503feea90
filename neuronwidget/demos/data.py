"""The data of the small models: scikit-learn's digits and its table of tumours, and which items were held out."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn import functional

from neuronwidget.demos.architectures.digits import SIDE


@dataclass(frozen=True)
class Data:
    """Data of a small model: inputs [items, …], labels [items], and which items are trained on."""

    inputs: Tensor
    labels: Tensor
    training: Tensor
    held_out: Tensor


def split(inputs: Tensor, labels: Tensor, share: float, seed: int) -> Data:
    """A share of each class is held out, drawn from the seed."""
    source = torch.Generator().manual_seed(seed)
    held = []
    for label in sorted(set(labels.tolist())):
        items = torch.nonzero(labels == label)[:, 0]
        held.append(items[torch.randperm(len(items), generator=source)][: round(len(items) * share)])
    held_out = torch.cat(held).sort().values
    training = torch.tensor(sorted(set(range(len(labels))) - set(held_out.tolist())))
    return Data(inputs, labels, training, held_out)


def digits(share: float, seed: int) -> Data:
    """scikit-learn's digits, enlarged to 16 × 16: inputs [1797, 1, 16, 16] from 0 to 1."""
    from sklearn.datasets import load_digits

    bunch = load_digits()
    pixels = torch.tensor(bunch.images, dtype=torch.float32)[:, None] / 16
    pixels = functional.interpolate(pixels, (SIDE, SIDE), mode="bilinear")
    return split(pixels, torch.tensor(bunch.target), share, seed)
