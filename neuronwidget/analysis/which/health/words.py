"""Words for states of units: what each means with the thresholds that hold, and why a unit is in it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from neuronwidget.atlas import states

ORDINARY = "ok"
STATES = ("dead", "not seen", "rare", "dense", "saturated", ORDINARY)
"""The same states as an atlas has, in the order in which they are shown: from silence to too much."""
assert set(STATES) == set(states.STATES)


def meaning(state: str, limits: Mapping[str, float]) -> str:
    """What a state means, with its threshold.

    >>> meaning("rare", {"rare": 0.001})
    'at fewer than 0.1 % of values'
    """
    match state:
        case "dead":
            return "never, in enough values to tell"
        case "not seen":
            return "never, in too few values to call it dead"
        case "rare":
            return f"at fewer than {in_percent(limits['rare'])} of values"
        case "dense":
            return f"above zero at {in_percent(limits['dense'])} of values or more"
        case "saturated":
            return f"at its bounds at {in_percent(limits['saturated'])} of values or more, or always on and still"
    return "none of these"


def reason(row: Mapping[Any, Any]) -> str:
    """Why a unit is in its state, with what was counted."""
    seen = f"{row['seen']:,} {row['counted']}"
    match row["state"]:
        case "dead":
            return f"never fired in {seen}: at {in_percent(row['active_high'])} of them at most"
        case "not seen":
            return f"never fired in {seen}, too few to call it dead: at {in_percent(row['active_high'])} at most"
        case "rare":
            return f"fires at {round(row['active'] * row['seen']):,} of {seen}"
        case "dense":
            return f"above zero at {in_percent(row['density'])} of {seen}"
        case "saturated" if row["bounded"] and row["pinned"] > 0:
            return f"within 1 % of a bound at {in_percent(row['pinned'])} of {seen}"
    spread = abs(row["std"] / row["mean"]) if row["mean"] else 0.0
    return f"always on: fires at {in_percent(row['active'])} of {seen}, and varies by {in_percent(spread)} of its mean"


def in_percent(share: float) -> str:
    """A share in words, however small it is.

    >>> in_percent(0.99951), in_percent(0.5), in_percent(0.0000499), in_percent(1.0)
    ('99.95 %', '50 %', '0.005 %', '100 %')
    """
    percent = 100 * float(share)
    if percent > 99:
        return f"{percent:.4g} %"
    return f"{percent:.2g} %"
