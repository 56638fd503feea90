"""Measures of how far what a model says moves, input by input: KL, or which answers become right."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from neuronwidget.live.errors import AttachError
from neuronwidget.live.model import LiveModel
from neuronwidget.live.resume import Resume

Floats = NDArray[np.float64]
#: At most so many positions of a text are read, evenly spread, the last among them: the head costs most of a pass.
MOST_ROWS = 32
_DRAWS = 2_000


@dataclass(frozen=True)
class Measure:
    """How far what a model says moves.

    Attributes
    ----------
    name
        In words, as a table has it: "KL".
    of
        Log-probabilities before and after, [rows, choices] each, and the number of the first input of the batch →
        how far they are apart, [rows].
    last
        Only the last position of a text is read.
    """

    name: str
    of: Callable[[Tensor, Tensor, int], Tensor]
    last: bool = False


def divergence(before: Tensor, after: Tensor, _: int = 0) -> Tensor:
    """KL divergence of what is said after from what was said before: [rows], in nats.

    It is summed from terms that are not below zero and vanish with the change, so that rounding in the logarithms does
    not pass for an effect.

    >>> divergence(torch.tensor([[0.5, 0.5]]).log(), torch.tensor([[0.5, 0.5]]).log())
    tensor([0.])
    """
    less = before - after
    found = torch.expm1(-less).add_(less).mul_(before.exp()).sum(-1)
    if bool(torch.isfinite(found).all()):
        return found
    possible = before > -torch.inf  # what was ruled out before counts with what it is given now
    return torch.where(possible, before.exp() * (torch.expm1(-less) + less), after.exp()).sum(-1)


KL = Measure("KL", divergence)


def measure_of(live: LiveModel, labels: Sequence[str | int] | None, inputs: int) -> Measure:
    """KL; with labels, one an input, which answers become right (1) or wrong (−1)."""
    if labels is None:
        return KL
    if len(labels) != inputs:
        raise ValueError(f"labels= names {len(labels)} answers for {inputs} inputs: give one for each.")
    numbers = torch.tensor([output_number(live, label) for label in labels])

    def right(before: Tensor, after: Tensor, first: int) -> Tensor:
        wanted = numbers[first : first + len(before)]
        return (after.argmax(-1) == wanted).float() - (before.argmax(-1) == wanted).float()

    return Measure("share right", right, last=True)


def output_number(live: LiveModel, label: str | int) -> int:
    """The number of an output that a label names: a class, or the first token of a text."""
    if not isinstance(label, str):
        return int(label)
    names = output_names(live)
    if names is None:
        return int(live.inputs.tokens(label).ids[0])
    if label not in names:
        raise ValueError(f"{live.name} has no class {label!r}. It tells apart: {', '.join(names[:12])}.")
    return names.index(label)


def output_names(live: LiveModel) -> list[str] | None:
    """Names of the classes that a model tells apart; None where it tells tokens."""
    names = getattr(live, "class_names", None) or live.inputs.classes
    return None if names is None else list(names)


class Passes:
    """Passes of live models over the same module, edited and not, on batches of inputs: what they say.

    Attributes
    ----------
    batches
        What each pass is given, and how many inputs it takes.
    """

    def __init__(self, live: LiveModel, inputs: Sequence[Any]) -> None:
        if not live.predicts:
            raise AttachError(f"{live.name} predicts nothing, so an edit has no effect on what it says to measure.")
        if not inputs:
            raise ValueError("There is no input to measure an effect on.")
        self.resume = Resume(live)
        self.batches = live.batches(inputs)

    def rows(self, live: LiveModel, given: Any, measure: Measure | None = None) -> list[int] | None:
        """The positions that are read; None for all that is said, where that is of the whole input."""
        if not live.tells_each_token:
            return None
        tokens = len(given)
        if measure is not None and measure.last:
            return [tokens - 1]
        if measure is None or tokens <= MOST_ROWS:
            return list(range(tokens))
        return [round(at) for at in np.linspace(0, tokens - 1, MOST_ROWS).tolist()]

    def say(
        self,
        live: LiveModel,
        given: Any,
        rows: Sequence[int] | None,
        overtaken: Callable[[], bool] | None = None,
        ahead_of: LiveModel | None = None,
    ) -> Tensor:
        """Log-probabilities [rows, choices]: the head runs on the rows that are read and no others.

        `ahead_of`: with the edits of passes that are to follow; see `Resume.run`.
        """
        head = live.head_site
        if rows is not None and head is not None:
            stream = self.resume.run(live, given, [head], overtaken=overtaken, ahead_of=ahead_of).values[head]
            return live.log_probabilities(live.head_logits(stream[list(rows)]))
        said = live.said(self.resume.run(live, given, whole=True, overtaken=overtaken, ahead_of=ahead_of).output)
        return live.log_probabilities(said if rows is None else said[list(rows)])


class Divergences:
    """KL between what edited models and the live model say of each input, measured a batch of inputs at a time.

    A step that raises `Overtaken` was broken off, and is done again in the next one.

    Attributes
    ----------
    done, total
        How many batches were measured, of how many.
    """

    def __init__(
        self,
        live: LiveModel,
        edited: Sequence[LiveModel],
        inputs: Sequence[Any],
        begin: Sequence[Callable[[], None]] = (),
        overtaken: Callable[[], bool] | None = None,
    ) -> None:
        """`begin`: called before each pass of an edited model, one for each of them, or none."""
        self._live, self._edited, self._begin, self._overtaken = live, list(edited), list(begin), overtaken
        self._passes = Passes(live, inputs)
        self._found: list[list[list[float]]] = []
        self.total = len(self._passes.batches)

    @property
    def done(self) -> int:
        return len(self._found)

    def step(self) -> None:
        """Measure the next batch."""
        live, passes, overtaken = self._live, self._passes, self._overtaken
        given, count = passes.batches[self.done]
        rows = passes.rows(live, given, KL)
        before = passes.say(live, given, rows, overtaken, ahead_of=self._edited[0])
        found = []
        for place, model in enumerate(self._edited):
            if self._begin:
                self._begin[place]()
            found.append(by_input(KL.of(before, passes.say(model, given, rows, overtaken), 0), count))
        self._found.append(found)

    @property
    def values(self) -> Floats:
        """What was measured: [edited models, inputs]."""
        values: Floats = np.concatenate([np.array(found) for found in self._found], 1)
        return values


def by_input(rows: Tensor, inputs: int) -> list[float]:
    """What each input of a batch comes to: its row, or the mean of the rows of a text."""
    return rows.double().tolist() if inputs > 1 else [float(rows.double().mean())]


def inputs_of(x: Any) -> list[Any]:
    """The inputs: a list is several, anything else is one."""
    return list(x) if isinstance(x, (list, tuple)) else [x]


def mean_interval(values: Floats, seed: int, share: float = 0.95) -> tuple[float, float]:
    """A bootstrap interval of the mean over inputs; NaN where there is one input alone."""
    if len(values) < 2:
        return float("nan"), float("nan")
    source = np.random.default_rng(seed)
    blocks = [source.integers(0, len(values), (_DRAWS // 20, len(values))) for _ in range(20)]
    means = np.concatenate([values[block].mean(1) for block in blocks])
    low, high = np.percentile(means, [50 * (1 - share), 50 * (1 + share)])
    return float(low), float(high)
