"""A sparse autoencoder for the neurons of the code model: the module and its file.

A feature is a direction in the space of a site's neurons. At each position only the few features that go best
with what the neurons do are active, and a weighted sum of their directions gives the neurons back.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import torch
from safetensors import safe_open
from torch import Tensor, nn
from torch.nn import functional

from neuronwidget.demos import MODELS
from neuronwidget.demos.model_file import about as about
from neuronwidget.demos.model_file import replace_file
from neuronwidget.demos.model_file import shape as model_shape
from neuronwidget.live.model import LiveModel
from neuronwidget.live.structure.sites import Site

NAME = "code-sae"


@dataclass(frozen=True)
class SaeConfig:
    """Which site, how many units it has, how many features there are, and how many may be active at a position."""

    site: str = "mlp.1"
    width: int = 768
    features: int = 2048
    active: int = 32

    def __post_init__(self) -> None:
        if not 0 < self.active <= self.features:
            raise ValueError(f"{self.active} active features of {self.features}")


class SparseAutoencoder(nn.Module):
    """``encode``: neurons [positions, width] → features [positions, features], not negative, mostly 0.

    One matrix serves both ways: the rows of ``directions [features, width]`` have length 1. Features whose
    directions are alike are active together, so each has a ``gain`` that keeps their sum from overshooting.
    """

    centre: Tensor
    scale: Tensor

    def __init__(self, config: SaeConfig) -> None:
        super().__init__()
        self.config = config
        self.directions = nn.Parameter(functional.normalize(torch.randn(config.features, config.width), dim=1))
        self.gain = nn.Parameter(torch.ones(config.features))
        self.bias = nn.Parameter(torch.zeros(config.features))
        self.register_buffer("centre", torch.zeros(config.width))
        self.register_buffer("scale", torch.ones(()))

    def encode(self, neurons: Tensor) -> Tensor:
        """The features, of which at most ``config.active`` a position are above 0."""
        centred = (neurons - self.centre) / self.scale
        features = (functional.linear(centred, self.directions) * self.gain + self.bias).relu()
        strongest = features.topk(self.config.active, dim=-1)
        return torch.zeros_like(features).scatter(-1, strongest.indices, strongest.values)

    def decode(self, features: Tensor) -> Tensor:
        """The neurons that ``features`` stand for, [positions, width]."""
        return (features @ self.directions) * self.scale + self.centre

    def forward(self, neurons: Tensor) -> Tensor:
        """What is left of ``neurons`` after encoding and decoding."""
        return self.decode(self.encode(neurons))


def untrained(config: SaeConfig, seed: int) -> SparseAutoencoder:
    """The autoencoder as its seed makes it: random directions; the global random state stays as it was."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        return SparseAutoencoder(config)


def twin(path: Path) -> SparseAutoencoder:
    """The untrained autoencoder of the file at ``path``."""
    return untrained(_config(path), about(path)["recipe"]["seed"]).eval()


def read(path: Path) -> SparseAutoencoder:
    """The trained autoencoder, in float32 and evaluation mode."""
    with torch.device("meta"):
        sae = SparseAutoencoder(_config(path))
    with safe_open(path, "pt") as file:
        tensors = {name: file.get_tensor(name).float() for name in sae.state_dict()}
    sae.load_state_dict(tensors, assign=True)
    return sae.eval()


def attach_to(live: LiveModel, *, trained: bool = True) -> Site:
    """Put the bundled autoencoder (or its untrained twin) on a live code model."""
    path = MODELS / f"{NAME}.safetensors"
    sae = read(path) if trained else twin(path)
    return live.add_sae(sae.config.site, sae)


def write(sae: SparseAutoencoder, path: Path, training: dict[str, Any]) -> None:
    """Write the directions in float16, all else in float32, with the shape and what is ``training`` as metadata."""
    tensors = {name: value.half() if name == "directions" else value for name, value in sae.state_dict().items()}
    replace_file(path, tensors, {"config": json.dumps(asdict(sae.config)), "about": json.dumps(training)})


def _config(path: Path) -> SaeConfig:
    return SaeConfig(**model_shape(path))
