"""Says on which device the values of a scan are counted: where the model is, or where its caller wants it."""

from __future__ import annotations

from typing import Any

import torch


def named(device: Any) -> torch.device | None:
    """What `device=` names; None stays None. Raises ValueError where it is no name of a device."""
    if device is None:
        return None
    try:
        return torch.device(device)
    except (TypeError, RuntimeError, ValueError) as error:
        raise ValueError(
            f"device= says where values are counted: None (where the model is), 'cpu', or a graphics card as 'cuda' or "
            f"'cuda:1'; not {repr(device)[:60]}."
        ) from error


def place_of(wanted: torch.device | None, model: torch.device) -> torch.device | None:
    """Where values are brought before they are counted; None where they stay with the model.

    They do where nobody says otherwise and the model's device can count. Raises ValueError where `wanted` cannot.
    """
    if wanted is None:
        return torch.device("cpu") if model.type != "cpu" and _refusal(model) else None
    refusal = _refusal(wanted)
    if refusal:
        raise ValueError(f"Values cannot be counted on {wanted}: {refusal}. Leave device= out, or give device='cpu'.")
    return wanted


def counts_like_a_card(place: torch.device | None, model: torch.device) -> bool:
    """Are values counted elsewhere than in the memory of the CPU?"""
    return (place or model).type != "cpu"


def _refusal(device: torch.device) -> str:
    """Why nothing can be counted there, which takes sums of float64; "" where it can."""
    try:
        torch.ones(1, dtype=torch.float64, device=device).cumsum(0).cpu()
    except (RuntimeError, AssertionError, TypeError, NotImplementedError, ValueError) as error:
        return next(iter(str(error).splitlines()), type(error).__name__).rstrip(".")[:200]
    return ""
