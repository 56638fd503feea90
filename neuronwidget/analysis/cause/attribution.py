"""Attribution: which parts of one input drive a unit or an output, checked by taking them out."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import torch

from neuronwidget.analysis.cause.target import Target, target_of
from neuronwidget.analysis.kinds.probe import Probe
from neuronwidget.analysis.kinds.registry import probe_of
from neuronwidget.analysis.result import Provenance, Result
from neuronwidget.analysis.steps import IsOvertaken, Progress, Step, Steps, to_the_end
from neuronwidget.analysis.theme import altair, themed
from neuronwidget.live.structure.sites import Unit

if TYPE_CHECKING:
    import pandas as pd

    from neuronwidget.live.edits.edit import BaseEdit
    from neuronwidget.live.model import LiveModel

METHODS = ("occlusion", "gradient")
STRONGEST, RANDOM = 5, 20
#: Differences smaller than this share of the value are rounding.
_ROUNDING = 1e-5


@dataclass(frozen=True, eq=False, repr=False)
class Attribution(Result):
    """Which parts of one input drive a unit or an output. Made by `attribution`.

    Attributes
    ----------
    target, value
        What is driven, in words, and what it is on the whole input: a unit's value at one position, or the logarithm
        of an output's odds.
    method
        "occlusion" (each part was taken out in turn) or "gradient" (a preview by the slope alone).
    effects
        number, part, effect: by how much the value falls without that part.
    strongest, without_strongest
        The parts with the largest effects, and the value without all of them together.
    without_random
        The value without as many parts chosen at random, one for each choice. Neither is known without a check.
    """

    target: str
    value: float
    method: str
    part: str
    parts_name: str
    effects: pd.DataFrame
    strongest: tuple[int, ...]
    without_strongest: float
    without_random: tuple[float, ...]
    provenance: Provenance

    @property
    def beaten(self) -> int:
        """How many of the random choices lower the value less than the strongest parts do, by more than rounding."""
        rounding = _ROUNDING * abs(self.value)
        return sum(value - self.without_strongest > rounding for value in self.without_random)

    @property
    def drives(self) -> bool:
        """Do the strongest parts lower the value more than every random choice?"""
        return bool(self.without_random) and self.beaten == len(self.without_random)

    @property
    def verdict(self) -> str:
        """What the strongest parts are, and whether taking them out does more than taking out others."""
        how = "" if self.method == "occlusion" else "By the gradient, a preview: "
        checked = not math.isnan(self.without_strongest)
        if not self.strongest or (checked and not self.without_random):
            return f"{how}Nothing that can be taken out of this input changes {self.target} ({self.value:.3g})."
        names = self.effects["name"]
        listed = ", ".join(repr(names[number]) for number in self.strongest)
        many = len(self.strongest) > 1
        what = f"the {len(self.strongest)} strongest {self.parts_name}" if many else f"the strongest {self.part}"
        if not checked:
            return f"{how}What drives {self.target} most is {what} ({listed}); not checked."
        numbers = f"{self.beaten}/{len(self.without_random)} random choices"
        change = f"from {self.value:.3g} to {self.without_strongest:.3g}"
        if self.drives:
            return f"{how}Removing {what} ({listed}) lowers {self.target} {change}, more than {numbers}."
        return f"{how}No more than chance: removing {what} takes {self.target} {change}, lower than {numbers}."

    def table(self) -> pd.DataFrame:
        """One row a part, strongest first: number, name, effect; for patches y and x."""
        return self.effects.sort_values("effect", ascending=False, kind="stable").reset_index(drop=True)

    def chart(self) -> Any:
        """The effects over the input: a map of a picture, bars for tokens in their order, and for columns."""
        alt = altair()
        effects = self.effects.assign(name=self.effects["name"].astype(str))
        most = float(np.nanmax(np.abs(effects["effect"]), initial=0.0)) or 1.0
        colour = alt.Color("effect:Q", scale=alt.Scale(scheme="blueorange", domain=[-most, most]), title="effect")
        chart = alt.Chart(effects, title=alt.Title(f"What drives {self.target}", subtitle=self.verdict))
        tip = ["name:N", "effect:Q"]
        if "y" in effects:
            rows = alt.Y("y:O", title=None)
            return themed(chart.mark_rect().encode(x=alt.X("x:O", title=None), y=rows, color=colour, tooltip=tip))
        order = [f"{number} {name}" for number, name in zip(effects["number"], effects["name"], strict=True)]
        bars = chart.mark_bar().transform_calculate(place="datum.number + ' ' + datum.name")
        place = alt.X("place:N", title=self.part, sort=order)
        return themed(bars.encode(x=place, y=alt.Y("effect:Q", title="effect"), tooltip=tip))


def attribution(
    live: LiveModel,
    x: Any,
    unit: Unit | str | tuple[str, int] | None = None,
    *,
    output: str | int | None = None,
    position: int | None = None,
    method: str = "occlusion",
    check: bool = True,
    instead: Any = None,
    edits: Sequence[BaseEdit] = (),
    seed: int = 0,
    progress: Progress | None = None,
    overtaken: IsOvertaken | None = None,
) -> Attribution:
    """Which tokens, patches or columns of an input drive a unit or an output.

    Each part in turn gives its place to something else, and what that takes from the value is the part's effect: a
    token to other tokens of the text (the median of five draws), a patch of a picture to the picture's median colour,
    a column of a row to its typical value. Then the strongest five, fewer of a small input, are taken out together,
    and beside them 20 random choices of as many of the others, with replacements that had no part in the choice.

    Parameters
    ----------
    unit
        What is looked at; None: an output.
    output
        The name or number of an output, without `unit`; None: the most probable one. Its value is the logarithm of its
        odds; of texts, as what follows the last token, or fills the first mask.
    position
        Of the unit: a token, or the number of a place in a picture. None: where the unit is strongest.
    method
        "gradient" asks the slope of the value alone, in one pass: a fast preview, wrong where the value does not follow
        the slope. It is checked in the same way.
    check
        False leaves out the taking out together: the verdict then says what was found, and that it was not checked.
    instead
        Another input of the kind: what stands in the place of what is taken out comes from it.

    Examples
    --------
    >>> import neuronwidget as nw
    >>> attribution = nw.attribution(nw.demo("code"), "x = 1  # a note", "state.1:92")
    >>> attribution.table()["name"][0]
    '#'
    """
    if method not in METHODS:
        raise ValueError(f"method= is one of {', '.join(METHODS)}, not {method!r}.")
    if edits:
        live = live.edited(*edits)
    probe = probe_of(live, x, instead=instead, seed=seed)
    target = target_of(live, probe, unit, output, position)
    rests_on = Provenance.of_live(live, seed=seed, target=target.name, method=method, instead=instead is not None)
    return to_the_end(attribution_steps(live, probe, target, rests_on, method, check, seed), progress, overtaken)


def attribution_steps(
    live: LiveModel,
    probe: Probe,
    target: Target,
    rests_on: Provenance,
    method: str = "occlusion",
    check: bool = True,
    seed: int = 0,
) -> Steps[Attribution]:
    """`attribution`, a part a step; then the taking out together, whose steps are no further ones of the count."""
    reaching = probe.reaching(target.position)
    if method == "gradient":
        effects = _by_slope(live, probe, target, reaching)
    else:
        effects = yield from _occluded(probe, target, reaching)
    strongest = _strongest(effects, reaching)
    without, random = math.nan, list[float]()
    if check:
        without, random = yield from _checked(probe, target, strongest, reaching, seed)
    return Attribution(
        target.name,
        target.value(probe, probe.given),
        method,
        probe.part,
        probe.parts,
        _table(probe, effects),
        tuple(strongest),
        without,
        tuple(random),
        rests_on,
    )


def _occluded(probe: Probe, target: Target, reaching: Sequence[int]) -> Steps[np.ndarray[Any, Any]]:
    """By how much the value falls without each part [parts]: the median over the draws, so that none decides alone."""
    whole, effects = target.value(probe, probe.given), np.zeros(len(probe.names))
    for done, part in enumerate(reaching):
        without = []
        for draw in range(probe.draws):
            yield Step(done, len(reaching))
            without.append(target.value(probe, probe.without([part], draw)))
        effects[part] = whole - float(np.median(without))
        yield Step(done + 1, len(reaching))
    return effects


def _by_slope(live: LiveModel, probe: Probe, target: Target, reaching: Sequence[int]) -> np.ndarray[Any, Any]:
    """The same as the slope of the value says it, in one pass [parts]."""
    slope, effects = target.slope(live, probe), np.zeros(len(probe.names))
    numbers = probe.numbers(probe.given)
    for part in reaching:
        falls = [(slope * (numbers - probe.numbers(probe.without([part], draw)))).sum() for draw in range(probe.draws)]
        effects[part] = float(torch.stack(falls).median())
    return effects


def _strongest(effects: np.ndarray[Any, Any], reaching: Sequence[int]) -> list[int]:
    """The parts whose effects are largest, a quarter of all at most."""
    most = min(STRONGEST, max(1, len(reaching) // 4))
    order = sorted(reaching, key=lambda part: -effects[part])[:most]
    return [part for part in order if effects[part] > 0]


def _checked(
    probe: Probe,
    target: Target,
    strongest: Sequence[int],
    reaching: Sequence[int],
    seed: int,
) -> Steps[tuple[float, list[float]]]:
    """The value without the strongest parts, and without as many at random: with draws that chose nothing."""
    source = np.random.default_rng(seed)
    rest = [part for part in reaching if part not in strongest]
    others = _choices(source, rest if len(rest) >= len(strongest) else list(reaching), strongest)
    values = []
    for chosen in (strongest, *others):
        without = []
        for draw in range(probe.draws, 2 * probe.draws):
            yield Step(len(reaching), len(reaching))
            without.append(target.value(probe, probe.without(chosen, draw)))
        values.append(float(np.median(without)))
    return values[0], values[1:]


def _choices(source: np.random.Generator, parts: Sequence[int], other_than: Sequence[int]) -> list[list[int]]:
    """Different choices of as many parts, at random, none of them `other_than`; fewer where there are no more."""
    chosen: dict[frozenset[int], list[int]] = {}
    for _ in range(50 * RANDOM if other_than else 0):
        choice = sorted(source.choice(parts, len(other_than), replace=False).tolist())
        if set(choice) != set(other_than) and len(chosen) < RANDOM:
            chosen.setdefault(frozenset(choice), choice)
    return list(chosen.values())


def _table(probe: Probe, effects: np.ndarray[Any, Any]) -> pd.DataFrame:
    import pandas as pd

    table = pd.DataFrame({"number": range(len(effects)), "name": probe.names, "effect": effects})
    if probe.names and isinstance(probe.names[0], tuple):
        table["name"] = [f"y {y}, x {x}" for y, x in probe.names]
        table.insert(1, "y", [y for y, _ in probe.names])
        table.insert(2, "x", [x for _, x in probe.names])
    return table
