"""Rounds of a blind test: which examples are shown together, what is asked of them, and the answers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from neuronwidget.analysis.labels.blind.example import Example, Examples, Mark
from neuronwidget.analysis.labels.blind.spots import spots_of

if TYPE_CHECKING:
    from neuronwidget.live.model import LiveModel
    from neuronwidget.live.structure.sites import Unit

KINDS = ("detection", "fuzzing", "intruder")
#: How many examples a round of detection has, and how many one with an intruder.
TOGETHER, AMONG = 5, 4
#: What part of the examples that fire each kind of round gets, where all three are asked for.
_SHARES = {"detection": 0.4, "fuzzing": 0.24, "intruder": 0.36}


@dataclass(frozen=True, eq=False)
class Round:
    """One round: what is shown, and what is true of it.

    Attributes
    ----------
    kind
        "detection": in which of the examples does the unit fire? "fuzzing": is the highlighted spot the right one?
        "intruder": which of them is the one in which it does not fire?
    examples, marks
        What is shown, and what is highlighted in each.
    truth
        The numbers of the examples that are to be chosen; of "fuzzing" [0] where the spot is right, else [].
    """

    kind: str
    examples: tuple[Example, ...]
    marks: tuple[Mark, ...]
    truth: frozenset[int]


def make_rounds(
    live: LiveModel, unit: Unit, examples: Examples, kinds: Sequence[str] = KINDS, seed: int = 0
) -> list[Round]:
    """Rounds over the examples to test, each of which is in one round only; kind after kind, shuffled within each."""
    kinds = list(dict.fromkeys(kinds))
    unknown = [kind for kind in kinds if kind not in KINDS]
    if unknown or not kinds:
        raise ValueError(f"rounds= names some of {', '.join(KINDS)}, not {', '.join(map(str, unknown)) or 'none'}.")
    random = np.random.default_rng([seed, 4])
    firing = _shuffled([one for one in examples.test if one.fires], random)
    silent = _shuffled([one for one in examples.test if not one.fires], random)
    share = {kind: _SHARES[kind] / sum(_SHARES[k] for k in kinds) for kind in kinds}
    total = len(firing)
    rounds: dict[str, list[Round]] = {kind: [] for kind in kinds}
    if "fuzzing" in kinds:
        rounds["fuzzing"], firing = _fuzzing(live, unit, examples, firing, round(share["fuzzing"] * total), random)
    if "intruder" in kinds:
        count = min(round(share["intruder"] * total) // (AMONG - 1), len(silent), len(firing) // (AMONG - 1))
        rounds["intruder"] = [_intruder(firing, silent, random) for _ in range(count)]
    if "detection" in kinds:
        each = min(len(firing), len(silent), max(1, round(share["detection"] * total)))
        rounds["detection"] = _detection([*firing[:each], *silent[:each]], random)
    return [one for kind in kinds for one in rounds[kind]]


def _shuffled(examples: Sequence[Example], random: np.random.Generator) -> list[Example]:
    return [examples[number] for number in random.permutation(len(examples))]


def _detection(examples: Sequence[Example], random: np.random.Generator) -> list[Round]:
    """As many that fire as do not, in all; how many of them a round has is left to chance."""
    mixed = _shuffled(examples, random)
    rounds = []
    for some in np.array_split(np.arange(len(mixed)), max(1, round(len(mixed) / TOGETHER))):
        shown = tuple(mixed[number] for number in some)
        truth = frozenset(place for place, one in enumerate(shown) if one.fires)
        rounds.append(Round("detection", shown, tuple(Mark() for _ in shown), truth))
    return rounds


def _intruder(firing: list[Example], silent: list[Example], random: np.random.Generator) -> Round:
    """Takes its examples out of the lists."""
    own = [silent.pop(), *(firing.pop() for _ in range(AMONG - 1))]
    shown = tuple(_shuffled(own, random))
    return Round("intruder", shown, tuple(Mark() for _ in shown), frozenset([shown.index(own[0])]))


def _fuzzing(
    live: LiveModel,
    unit: Unit,
    examples: Examples,
    firing: Sequence[Example],
    wanted: int,
    random: np.random.Generator,
) -> tuple[list[Round], list[Example]]:
    """Rounds with the right spot and as many with a wrong one, and the examples that are left.

    Only examples that have a wrong spot are used: where a unit fires all over, every spot is right, and what is
    highlighted there says nothing.
    """
    usable: list[tuple[Example, Mark, Sequence[Mark]]] = []
    for one in firing:
        if len(usable) == wanted - wanted % 2:
            break
        spots = spots_of(live, unit, examples, one)
        if spots.wrong:
            usable.append((one, spots.right, spots.wrong))
    usable = usable[: len(usable) - len(usable) % 2]
    right = random.permutation(len(usable)) < len(usable) // 2
    rounds = []
    for (one, spot, wrong), is_right in zip(usable, right.tolist(), strict=True):
        mark = spot if is_right else wrong[int(random.integers(len(wrong)))]
        rounds.append(Round("fuzzing", (one,), (mark,), frozenset([0] if is_right else [])))
    taken = {one.document for one, _, _ in usable}
    return rounds, [one for one in firing if one.document not in taken]
