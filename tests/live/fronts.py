"""What stands before a small model, so that it takes token numbers or pictures: to be mixed in before its class."""

from __future__ import annotations

from torch import Tensor, nn


class TakesTokens(nn.Module):
    """Token numbers below 64."""

    def __init__(self) -> None:
        super().__init__()
        self.embed = nn.Embedding(64, 12)

    def forward(self, ids: Tensor) -> Tensor:
        return super().forward(self.embed(ids))  # type: ignore[misc]


class TakesPictures(nn.Module):
    """Pictures of three channels, 8 × 8 pixels or more."""

    def __init__(self) -> None:
        super().__init__()
        self.first = nn.Conv2d(3, 12, 8)

    def forward(self, pixels: Tensor) -> Tensor:
        return super().forward(self.first(pixels).mean((2, 3)))  # type: ignore[misc]
