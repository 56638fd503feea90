"""States of units, in one word, from counts and moments; shares with their bounds."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from neuronwidget.atlas.count.counts import COUNTS

if TYPE_CHECKING:
    import pandas as pd

MOMENTS = ("mean", "std", "min", "max", "skew", "kurtosis")
Floats = npt.NDArray[np.float64]
Z = 1.959963984540054
"""So many standard deviations to both sides of the mean lie 95 % of a normal distribution."""


@dataclass(frozen=True)
class Thresholds:
    """Where one state ends and the next begins. A unit *fires* at a token where |a| > 1e-6.

    dead
        It never fired, in so many tokens that it fires at this share of them at most (95 %).
    rare
        It fires, at fewer than this share of tokens.
    dense
        Its activation is above zero at this share of tokens or more.
    saturated
        Share of values within 1 % of the bounds of its tanh or sigmoid; without such a bound: it fires at
        `always_on` of the tokens or more, and varies by less than `still` of its mean.
    """

    dead: float = 1e-4
    rare: float = 1e-3
    dense: float = 0.9
    saturated: float = 0.9
    always_on: float = 0.99
    still: float = 1e-3

    def as_dict(self) -> dict[str, float]:
        return asdict(self)


STATES = ("not seen", "dead", "rare", "saturated", "dense", "ok")


def states(
    seen: Floats,
    positive: Floats,
    active: Floats,
    pinned: Floats,
    mean: Floats,
    std: Floats,
    bounded: bool,
    limits: Thresholds,
) -> npt.NDArray[np.object_]:
    """The state of each unit, from counts of tokens and moments, [units] each."""
    tokens = np.maximum(seen, 1)
    silent = active == 0
    steady = (active >= limits.always_on * tokens) & (std <= limits.still * np.abs(mean))
    pressed = pinned >= limits.saturated * tokens if bounded else np.zeros_like(silent)
    state = np.select(
        [
            silent & (share_interval(silent * 0.0, tokens)[1] <= limits.dead),
            silent,
            pressed | steady,
            active < limits.rare * tokens,
            positive >= limits.dense * tokens,
        ],
        ["dead", "not seen", "saturated", "rare", "dense"],
        "ok",
    )
    return state.astype(object)


def share_interval(hits: Floats, trials: Floats) -> tuple[Floats, Floats]:
    """The 95 % interval of a share; (0, 1) where nothing was tried.

    Wilson's, but where it never or always happened: there one end is known, and the other is exact. A share larger than
    1 − 0.05^(1 / trials), about 3 / trials, would have shown itself at least once in 95 of 100 such samples.

    >>> low, high = share_interval(np.array([0.0, 5.0, 0.0]), np.array([100.0, 10.0, 30_000.0]))
    >>> low.round(3).tolist(), high.round(4).tolist()
    ([0.0, 0.237, 0.0], [0.0295, 0.7634, 0.0001])
    """
    n = np.maximum(trials, 1)
    share = hits / n
    middle = (share + Z**2 / (2 * n)) / (1 + Z**2 / n)
    reach = Z * np.sqrt(share * (1 - share) / n + Z**2 / (4 * n**2)) / (1 + Z**2 / n)
    rest = -np.expm1(np.log(0.05) / n)
    none, never, always = trials == 0, hits == 0, hits == trials
    low = np.select([none | never, always], [0.0, 1 - rest], np.clip(middle - reach, 0, 1))
    high = np.select([none | always, never], [1.0, rest], np.clip(middle + reach, 0, 1))
    return low, high


def described(columns: Mapping[str, npt.NDArray[Any]], bounded: bool, limits: Thresholds) -> pd.DataFrame:
    """Rows of `Atlas.units`, from counts and moments, [units] each; `bounded`: they come out of a tanh or sigmoid."""
    import pandas as pd

    seen, positive, active, pinned = (columns[name].astype(np.float64) for name in COUNTS[:4])
    low, high = share_interval(positive, seen)
    state = states(seen, positive, active, pinned, columns["mean"], columns["std"], bounded, limits)
    with np.errstate(invalid="ignore"):
        return pd.DataFrame(
            {
                "seen": columns["seen"],
                "density": positive / np.where(seen > 0, seen, np.nan),
                "density_low": low,
                "density_high": high,
                **{name: columns[name] for name in MOMENTS},
                "active": active / np.where(seen > 0, seen, np.nan),
                "nonfinite": columns["nonfinite"],
                "state": state,
            }
        )
