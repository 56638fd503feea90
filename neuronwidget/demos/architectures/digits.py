"""A small convolutional network that reads handwritten digits, and the mark that is planted beside some of them."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor, nn

SIDE = 16
CLASSES = tuple("0123456789")

#: Digits that bear the mark in the training pictures of `digits-shortcut`: of each pair that looks alike, one.
MARKED = (1, 3, 4, 5, 6)

#: The mark: a small checkerboard, put into one of the four corners.
MARK = ((1.0, 0.0, 1.0), (0.0, 1.0, 0.0), (1.0, 0.0, 1.0))


@dataclass(frozen=True)
class DigitsConfig:
    """Shape of the network: channels of its three convolutions, and neurons of its dense layer."""

    channels: tuple[int, int, int] = (8, 16, 24)
    hidden: int = 32


class DigitsNet(nn.Module):
    """Three convolutions and a dense layer, each followed by a ReLU; ten outputs."""

    def __init__(self, config: DigitsConfig | None = None) -> None:
        super().__init__()
        self.config = config = config or DigitsConfig()
        first, second, third = config.channels
        self.convolutions = nn.Sequential(
            nn.Conv2d(1, first, 3, padding=1),
            nn.ReLU(),
            nn.Conv2d(first, second, 3, padding=1),
            nn.ReLU(),
            nn.MaxPool2d(2),
            nn.Conv2d(second, third, 3, padding=1),
            nn.ReLU(),
            nn.MaxPool2d(2),
        )
        self.dense = nn.Linear(third * (SIDE // 4) ** 2, config.hidden)
        self.act = nn.ReLU()
        self.head = nn.Linear(config.hidden, len(CLASSES))

    def forward(self, pixels: Tensor) -> Tensor:
        """Logits [pictures, 10] of pictures [pictures, 1, 16, 16] from 0 (paper) to 1 (ink)."""
        logits: Tensor = self.head(self.act(self.dense(self.convolutions(pixels).flatten(1))))
        return logits

    @property
    def sites(self) -> dict[str, nn.Module]:
        """Short names of the places with units, and the modules whose outputs they are."""
        convolutions = [module for module in self.convolutions if isinstance(module, nn.ReLU)]
        return {**{f"conv.{i}": module for i, module in enumerate(convolutions)}, "dense.0": self.act}


def marked(pixels: Tensor, where: Tensor, source: torch.Generator) -> Tensor:
    """Pictures [pictures, 1, 16, 16], those that `where` [pictures] tells with the mark in a corner from `source`."""
    mark = torch.tensor(MARK)
    side = len(mark)
    corners = torch.randint(0, 4, (len(pixels),), generator=source)
    changed = pixels.clone()
    for corner in range(4):
        top, left = (0, SIDE - side)[corner // 2], (0, SIDE - side)[corner % 2]
        changed[where & (corners == corner), :, top : top + side, left : left + side] = mark
    return changed


def bears_mark(labels: Tensor) -> Tensor:
    """Which labels [pictures] go with the mark in training."""
    return torch.isin(labels, torch.tensor(MARKED))
