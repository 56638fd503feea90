"""Causes: are units that tell groups apart what the model uses? Each is held at its mean, beside random units."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from neuronwidget.analysis.cause.effect import effect
from neuronwidget.analysis.which.compare.kept_units import Shown
from neuronwidget.live.edits.kinds import Ablate

if TYPE_CHECKING:
    import pandas as pd

    from neuronwidget.live.model import LiveModel


def tried(
    live: LiveModel,
    chosen: pd.DataFrame,
    names: Sequence[str],
    shown: Shown,
    document: Callable[[int], Any],
    inputs: int,
    controls: int,
    seed: int,
    progress: Callable[[int, int], object] | None,
) -> pd.DataFrame:
    """Tries what comes of holding each of some units that were found at its mean: see `Comparison.tried`.

    `names`: of the groups; `document` brings an input by its number.
    """
    import pandas as pd

    entries = []
    # means over all groups: over one alone a unit would be held at what it does there anyway
    every = [document(number) for number in _spread(shown, 4 * inputs)]
    for done, (_, row) in enumerate(chosen.iterrows()):
        held = shown.documents[shown.group == names.index(row["group"])]
        unit, given = f"{row['site']}:{row['unit']}", [document(number) for number in held[:inputs].tolist()]
        held_at_mean = Ablate(unit, "mean", data=every)
        control = effect(live, given, held_at_mean, controls=controls, unrelated=[], seed=seed).control
        largest = max(control.random, default=float("nan"))
        told = (control.effect, control.low, control.high, largest, len(control.random), control.is_larger)
        entries.append((unit, *told))
        if progress is not None:
            progress(done + 1, len(chosen))
    columns = ["unit", "effect", "low", "high", "largest_random", "random", "cause"]
    return pd.DataFrame(entries, columns=columns)


def _spread(shown: Shown, count: int) -> list[int]:
    """The numbers of so many inputs, evenly spread over all groups."""
    places = np.linspace(0, len(shown.documents) - 1, min(count, len(shown.documents))).round().astype(int)
    return list(dict.fromkeys(shown.documents[places].tolist()))


def in_words(table: pd.DataFrame) -> str:
    """The outcome as the verdict says it."""
    many = "the one that tells" if len(table) == 1 else f"the {len(table)} that tell"
    causes = table[table["cause"]]
    how = f"held at its mean, beside {table['random'].max()} random units of its site changed as much"
    if causes.empty:
        return f"Of {many} most none is shown to be a cause ({how}): they tell, and the model need not use them."
    best, named = causes.iloc[0], ", ".join(causes["unit"])
    return (
        f"Of {many} most {named} {'is a cause' if len(causes) == 1 else 'are causes'} ({how}): without "
        f"{best['unit']} what the model says changes by KL {best['effect']:.2g}, without any of these by "
        f"{best['largest_random']:.2g} at most."
    )
