"""What is told of a unit: shares with their bounds, moments, and in one word the state that follows from them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from neuronwidget.atlas.counts import COUNTS

if TYPE_CHECKING:
    import pandas as pd

MOMENTS = ("mean", "std", "min", "max", "skew", "kurtosis")
Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Thresholds:
    """Where one state ends and the next begins. A unit *fires* at a token where |a| > 1e-6.

    dead
        It never fired, in so many tokens that it fires at most this often (95 %: 3 / tokens).
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
    found = np.select(
        [
            silent & (3 / tokens <= limits.dead),
            silent,
            pressed | steady,
            active < limits.rare * tokens,
            positive >= limits.dense * tokens,
        ],
        ["dead", "not seen", "saturated", "rare", "dense"],
        "ok",
    )
    return found.astype(object)


def wilson(hits: Floats, trials: Floats, z: float = 1.959963984540054) -> tuple[Floats, Floats]:
    """The 95 % score interval of a share; (0, 1) where nothing was tried.

    >>> low, high = wilson(np.array([0.0, 5.0]), np.array([100.0, 10.0]))
    >>> low.round(3).tolist(), high.round(3).tolist()
    ([0.0, 0.237], [0.037, 0.763])
    """
    n = np.maximum(trials, 1)
    share = hits / n
    middle = (share + z**2 / (2 * n)) / (1 + z**2 / n)
    reach = z * np.sqrt(share * (1 - share) / n + z**2 / (4 * n**2)) / (1 + z**2 / n)
    none = trials == 0
    low = np.where(none | (hits == 0), 0.0, np.clip(middle - reach, 0, 1))
    high = np.where(none | (hits == trials), 1.0, np.clip(middle + reach, 0, 1))
    return low, high


def described(columns: Mapping[str, npt.NDArray[Any]], bounded: bool, limits: Thresholds) -> pd.DataFrame:
    """Rows of `Atlas.units`, from counts and moments, [units] each; `bounded`: they come out of a tanh or sigmoid."""
    import pandas as pd

    seen, positive, active, pinned = (columns[name].astype(np.float64) for name in COUNTS[:4])
    low, high = wilson(positive, seen)
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
                "rate_bound": np.where(active == 0, np.minimum(3 / np.maximum(seen, 1), 1.0), np.nan),
                "nonfinite": columns["nonfinite"],
                "state": state,
            }
        )
