"""Where a model's parts are, also when another library moves them about."""

from __future__ import annotations

import torch
from torch import nn


def home(module: nn.Module) -> torch.device:
    """Where a module wants what goes into it: where its first parameter is, or where `accelerate` runs it."""
    device = getattr(getattr(module, "_hf_hook", None), "execution_device", None)
    if device is not None:
        return torch.device(device)
    parameter = next(module.parameters(), None)
    return torch.device("cpu") if parameter is None else parameter.device


def is_elsewhere(module: nn.Module) -> bool:
    """Are weights that are on no device kept by `accelerate`, which brings them when their part runs?"""
    return any(
        getattr(getattr(part, "_hf_hook", None), "offload", False)
        or any(getattr(hook, "offload", False) for hook in getattr(getattr(part, "_hf_hook", None), "hooks", ()))
        for part in module.modules()
    )
