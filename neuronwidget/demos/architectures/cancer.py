"""A small perceptron that tells malignant from benign tumours by measurements of their cells."""

from __future__ import annotations

from dataclasses import dataclass

from torch import nn

CLASSES = ("malignant", "benign")


@dataclass(frozen=True)
class CancerConfig:
    """Shape of the network: measurements, and neurons of its two dense layers."""

    measurements: int = 30
    hidden: tuple[int, int] = (16, 8)


class CancerNet(nn.Sequential):
    """Two dense layers, each followed by a ReLU: logits [rows, 2] of standardised rows [rows, measurements]."""

    def __init__(self, config: CancerConfig | None = None) -> None:
        config = config or CancerConfig()
        first, second = config.hidden
        super().__init__(
            nn.Linear(config.measurements, first),
            nn.ReLU(),
            nn.Linear(first, second),
            nn.ReLU(),
            nn.Linear(second, len(CLASSES)),
        )
        self.config = config
