"""File of the code model: float16 weights in safetensors, its shape and recipe beside them."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

import torch
from safetensors import safe_open

from neuronwidget.demos.architectures.code import CodeConfig, CodeModel
from neuronwidget.demos.model_file import about as about
from neuronwidget.demos.model_file import replace_file
from neuronwidget.demos.model_file import shape as model_shape


def untrained(config: CodeConfig, seed: int) -> CodeModel:
    """The model as it is before the first step; the global random state stays as it was."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        return CodeModel(config)


def twin(path: Path) -> CodeModel:
    """The model that training began with for the file at ``path``."""
    return untrained(_config(path), about(path)["recipe"]["seed"]).eval()


def read(path: Path) -> CodeModel:
    """The trained model, in float32 and evaluation mode."""
    model = untrained(_config(path), 0)  # not on "meta": initialising there imports all of torch's compiler, a second
    with safe_open(path, "pt") as file:
        weights = {name: file.get_tensor(name).float() for name in file.keys()}  # noqa: SIM118, it is no dict
    model.load_state_dict(weights)
    return model.eval()


def write(model: CodeModel, path: Path, training: dict[str, Any]) -> None:
    """Write the weights in float16, with the shape and what is ``training`` of the training as metadata."""
    tensors = {name: value.half() for name, value in model.state_dict().items()}
    replace_file(path, tensors, {"config": json.dumps(asdict(model.config)), "about": json.dumps(training)})


def _config(path: Path) -> CodeConfig:
    shape = model_shape(path)
    return CodeConfig(**shape | {"memory": tuple(shape["memory"])})
