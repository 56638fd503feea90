"""Measures of what a model says: how far it moves, input by input; and one number of it, by which inputs compare."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from neuronwidget.analysis.inspect.outputs import output_name
from neuronwidget.live.model import LiveModel

Floats = NDArray[np.float64]
#: What two inputs are compared by: an output, a pair of them, or a function of the logarithms of the outputs'
#: probabilities [outputs]; None: what tells the two apart.
Metric = str | int | tuple[str | int, str | int] | Callable[[Tensor], float] | None
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
    kl = torch.expm1(-less).add_(less).mul_(before.exp()).sum(-1)
    if bool(torch.isfinite(kl).all()):
        return kl
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


@dataclass(frozen=True)
class NumberOfOutputs:
    """One number of the logarithms of the outputs' probabilities [outputs], and what it is in words."""

    name: str
    of: Callable[[Tensor], float]


def metric_of(live: LiveModel, metric: Metric, clean: Tensor, corrupted: Tensor) -> NumberOfOutputs:
    """What tells two inputs apart: by default the most probable output of the one against that of the other.

    A name or number of an output: the logarithm of its probability. A pair: that of the first minus that of the
    second. Where both inputs have the same most probable output, the divergence from what the clean one says.
    """
    if callable(metric):
        return NumberOfOutputs(
            getattr(metric, "__name__", type(metric).__name__), lambda outputs: float(metric(outputs))
        )
    if isinstance(metric, (tuple, list)) and len(metric) != 2:
        raise ValueError(
            f"metric= is an output, a pair of outputs, or a function; {metric!r} is {len(metric)} outputs."
        )
    if isinstance(metric, (str, int)):
        one = output_number(live, metric, clean)
        return NumberOfOutputs(f"log p({output_name(live, one)!r})", lambda outputs: float(outputs[one]))
    pair = (int(clean.argmax()), int(corrupted.argmax())) if metric is None else metric
    first, second = (output_number(live, one, clean) for one in pair)
    if first == second:
        return NumberOfOutputs("−KL(clean ‖ ·)", lambda outputs: -float(divergence(clean, outputs)))
    words = f"log p({output_name(live, first)!r}) − log p({output_name(live, second)!r})"
    return NumberOfOutputs(words, lambda outputs: float(outputs[first] - outputs[second]))


def output_number(live: LiveModel, name: str | int, outputs: Tensor | None = None) -> int:
    """The number of an output: of a class by its name, of a token by its text, of a longer text its first token.

    `outputs`: what the model gives its outputs on some input [outputs]; it tells the likeliest where there is no such
    output.

    >>> import neuronwidget as nw
    >>> output_number(nw.demo("cancer"), "benign"), nw.demo("code").inputs.label(output_number(nw.demo("code"), "def"))
    (1, 'd')
    """
    if not isinstance(name, str):
        last = max(2, live.classes) - 1
        if not 0 <= name <= last:
            raise IndexError(f"The model has the outputs 0 to {last}, not {name}.")
        return int(name)
    names = output_names(live)
    if names is not None:
        if name not in names:
            raise ValueError(f"{live.name} has no class {name!r}. It tells apart: {', '.join(names[:12])}.")
        return names.index(name)
    number = _token_called(live, name)
    if number is None:
        best = [] if outputs is None else outputs.topk(min(4, len(outputs))).indices.tolist()
        likely = [output_name(live, index) for index in best]
        told = f" Most probable here: {', '.join(map(repr, likely))}." if likely else " Give a text of its tokens."
        raise KeyError(f"The model has no output {name!r}.{told}")
    return number


def _token_called(live: LiveModel, name: str) -> int | None:
    """The first token of a text, if the tokens say that text; else the one that is called so, as `<eos>` is."""
    try:
        tokens = live.inputs.tokens(name)
    except Exception:  # a tokenizer of one's own that does not know its letters
        written: list[int] = []
    else:
        written = [number for number, (start, end) in zip(tokens.ids, tokens.spans, strict=True) if end > start]
    if written and _plain(live.inputs.decode(written)) == _plain(name):
        return written[0]
    return next((number for number in range(live.classes) if output_name(live, number) == name), None)


def _plain(text: str) -> str:
    """Tokenizers may drop the space in front of a word, and capitals."""
    return text.strip().casefold()


def output_names(live: LiveModel) -> list[str] | None:
    """Names of the classes that a model tells apart; None where it tells tokens."""
    names = getattr(live, "class_names", None) or live.inputs.classes
    return None if names is None else list(names)


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
