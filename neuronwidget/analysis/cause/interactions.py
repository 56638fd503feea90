"""Interactions of units: what an edit of all of them together does, beside the sum of what it does to each alone."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from torch import Tensor

from neuronwidget.analysis.cause.matched import draws
from neuronwidget.analysis.cause.measure import inputs_of, mean_interval
from neuronwidget.analysis.cause.passes import Passes
from neuronwidget.analysis.result import Provenance, Result
from neuronwidget.analysis.steps import IsOvertaken, Progress
from neuronwidget.analysis.theme import altair, themed
from neuronwidget.live.edits.kinds import Ablate
from neuronwidget.live.model import LiveModel
from neuronwidget.live.structure.sites import Unit

if TYPE_CHECKING:
    import pandas as pd

#: Changes smaller than this share of what units do together are rounding.
_ROUNDING = 1e-4


@dataclass(frozen=True, eq=False, repr=False)
class Interactions(Result):
    """What units do together beside the sum of what each does alone. Made by `interactions`.

    Sizes are root mean squares over the outputs, of changes of the logits less their mean.

    Attributes
    ----------
    units
        Names of the units.
    alone
        unit, effect: the size of what the edit of each alone changes.
    together, summed
        The size of what the edit of all changes, and of the sum of the changes by each alone.
    interaction, low, high
        The size of the difference between the two, with a bootstrap interval over inputs (NaN for one input).
    random
        The same difference, as a share of `together`, for random sets of as many units of the same sites.
    inputs
        Over how many inputs these are means.
    """

    units: tuple[str, ...]
    alone: pd.DataFrame
    together: float
    summed: float
    interaction: float
    low: float
    high: float
    random: list[float]
    inputs: int
    provenance: Provenance

    @property
    def share(self) -> float:
        """The interaction as a share of what is changed together, or by the sum where that is more."""
        return self.interaction / max(self.together, self.summed, 1e-30)

    @property
    def interacts(self) -> bool:
        """Is there more than rounding, and more than in all of at least 19 random sets?"""
        beats = [self.share > other for other in self.random]
        return self.share > _ROUNDING and all(beats) and len(beats) >= 19

    @property
    def verdict(self) -> str:
        """Whether the units interact, with the numbers from which that follows."""
        names = " and ".join(self.units)
        sizes = f"together they change the logits by {self.together:.3g}, the sum of each alone is {self.summed:.3g}"
        off = f"{sizes}; the two differ by {self.interaction:.3g}"
        if self.share <= _ROUNDING:
            return f"{names} do not interact: {sizes}."
        count = sum(self.share > other for other in self.random)
        beside = f"a larger share than in {count} of {len(self.random)} random sets"
        if self.interacts:
            kind = "stand in for each other" if self.together > self.summed else "overlap"
            return f"{names} interact ({kind}): {off}, {beside}."
        return f"{names} interact no more than chance: {off}, {beside}."

    def table(self) -> pd.DataFrame:
        """What each does alone, their sum, and what they do together."""
        import pandas as pd

        more = pd.DataFrame(
            {
                "unit": ["sum of each", "together", "interaction"],
                "effect": [self.summed, self.together, self.interaction],
            }
        )
        return pd.concat([self.alone, more], ignore_index=True)

    def chart(self) -> Any:
        """The effects as bars."""
        alt, table = altair(), self.table()
        bars = (
            alt.Chart(table, title=alt.Title(" and ".join(self.units), subtitle=self.verdict))
            .mark_bar(color="#0072b2")
            .encode(
                x=alt.X("effect:Q", title="change of the logits"),
                y=alt.Y("unit:N", sort=table["unit"].tolist(), title=None),
                tooltip=["unit:N", "effect:Q"],
            )
        )
        return themed(bars)


def interactions(
    live: LiveModel,
    x: Any,
    units: Sequence[Any],
    *,
    edit: Callable[[Unit], Any] | None = None,
    edits: Sequence[Any] = (),
    controls: int = 20,
    seed: int = 0,
    overtaken: IsOvertaken | None = None,
    progress: Progress | None = None,
) -> Interactions:
    """What editing units together does on an input (or a list of them), beside the sum of what each does alone.

    Units that do the same in place of each other have little effect alone and a large one together; independent units
    add up. How much a model bends sums anyhow is told by random sets of as many units of the same sites.

    Parameters
    ----------
    units
        Two or more, in any spelling.
    edit
        Makes the edit of a unit; default: `Ablate(unit, to="zero")`.
    edits
        What is on beside them, also where neither is edited.

    Examples
    --------
    >>> import neuronwidget as nw
    >>> result = interactions(nw.demo("cancer"), 3, ["dense.1:1", "dense.1:2"], controls=3)
    >>> result.alone["unit"].tolist(), len(result.random)
    (['dense.1:1', 'dense.1:2'], 3)
    """
    import pandas as pd

    chosen = [live.sites.unit(unit) for unit in units]
    if len(set(chosen)) < 2 or len(set(chosen)) < len(chosen):
        raise ValueError("Interactions are of two or more different units: name them all, each once.")
    make = edit or (lambda unit: Ablate(unit, to="zero"))
    inputs, live = inputs_of(x), live.edited(*edits) if edits else live
    passes = Passes(live, inputs)
    sets = [chosen, *_random_sets(live, chosen, controls, seed)]
    models = [_models(live, several, make) for several in sets]
    measured = [np.zeros((len(chosen) + 3, 0)) for _ in sets]
    for number, (given, count) in enumerate(passes.batches):
        rows = passes.rows(live, given)
        rows = None if rows is None else rows[-1:]
        before = _logits(passes, live, given, rows, overtaken)
        for place, edited in enumerate(models):
            changes = [_logits(passes, each, given, rows, overtaken) - before for each in edited]
            measured[place] = np.concatenate([measured[place], _sizes(changes, count)], 1)
        if progress is not None:
            progress(number + 1, len(passes.batches))
    own = measured[0]
    *alone, summed, together, apart = own.mean(1).tolist()
    random = [float(each[-1].mean() / max(each[-2].mean(), each[-3].mean(), 1e-30)) for each in measured[1:]]
    names = tuple(map(str, chosen))
    each_alone = [make(unit) for unit in chosen]
    provenance = Provenance.of_live(
        live.edited(*each_alone), data={"inputs": len(inputs)}, seed=seed, units=list(names), controls=controls
    )
    table = pd.DataFrame({"unit": list(names), "effect": alone})
    return Interactions(
        names, table, together, summed, apart, *mean_interval(own[-1], seed), random, len(inputs), provenance
    )


def _models(live: LiveModel, units: Sequence[Unit], make: Callable[[Unit], Any]) -> list[LiveModel]:
    """With each edit alone, and with all of them."""
    edits = [make(unit) for unit in units]
    return [*(live.edited(edit) for edit in edits), live.edited(*edits)]


def _logits(
    passes: Passes, live: LiveModel, given: Any, rows: Sequence[int] | None, overtaken: IsOvertaken | None
) -> Tensor:
    """What is said, less its mean: [rows, outputs]. Adding one number to all outputs says nothing else."""
    logarithms = passes.say(live, given, rows, overtaken).double()
    return logarithms - logarithms.mean(-1, keepdim=True)


def _sizes(changes: Sequence[Tensor], inputs: int) -> np.ndarray[Any, np.dtype[np.float64]]:
    """Of each change alone, their sum, all together, and the difference of these: sizes [changes + 2, inputs]."""
    *alone, together = changes
    summed = torch.stack(alone).sum(0)
    sizes = [each.square().mean(-1).sqrt() for each in (*alone, summed, together, together - summed)]
    return torch.stack(sizes).reshape(len(sizes), inputs, -1).mean(-1).numpy()


def _random_sets(live: LiveModel, units: Sequence[Unit], n: int, seed: int) -> list[list[Unit]]:
    """Sets of as many units of each of the same sites, but for these; fewer where there are no more."""
    source, sites = np.random.default_rng(seed), list(dict.fromkeys(unit.site for unit in units))
    drawn = []
    for name in sites:
        own = [unit.index for unit in units if unit.site == name]
        others = [unit for unit in range(live.sites[name].width) if unit not in own]
        sets = [several for several in draws(others, len(own), n, source) if len(several) == len(own)]
        drawn.append([[Unit(name, unit) for unit in several] for several in sets])
    many = min(n, max(map(len, drawn))) if all(drawn) else 0
    return [[unit for several in drawn for unit in several[number % len(several)]] for number in range(many)]
