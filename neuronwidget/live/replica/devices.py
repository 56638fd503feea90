"""Tells on which device a model's parts are, also when another library moves them about."""

from __future__ import annotations

import torch
from torch import nn


def home(module: nn.Module) -> torch.device:
    """Where a module wants what goes into it: where its first parameter is, or where `accelerate` runs it."""
    parameter = next(module.parameters(), None)
    if parameter is not None and not parameter.is_meta:
        return parameter.device
    devices = (getattr(hook, "execution_device", None) for part in module.modules() for hook in _hooks(part))
    device = next((device for device in devices if device is not None), "cpu")
    return torch.device(device)


def is_elsewhere(module: nn.Module) -> bool:
    """Are weights that are on no device kept by `accelerate`, which brings them when their part runs?"""
    return any(getattr(hook, "offload", False) for part in module.modules() for hook in _hooks(part))


def _hooks(module: nn.Module) -> tuple[object, ...]:
    hook = getattr(module, "_hf_hook", None)
    return getattr(hook, "hooks", (hook,))  # several in a row are kept as one
