"""Metrics: one number of what a model says of an input, by which two passes are compared."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from torch import Tensor

from neuronwidget.analysis.cause.measure import divergence
from neuronwidget.analysis.kinds.probe import Probe

#: Logarithms of the outputs' probabilities [outputs] → a number.
Measure = Callable[[Tensor], float]
Metric = str | int | tuple[str | int, str | int] | Measure | None


@dataclass(frozen=True)
class Named:
    """A measure, and what it is in words."""

    name: str
    measure: Measure


def metric_of(metric: Metric, probe: Probe, clean: Tensor, corrupted: Tensor) -> Named:
    """What tells two inputs apart: by default the most probable output of the one against that of the other.

    A name or number of an output: the logarithm of its probability. A pair: that of the first minus that of the
    second. Where both inputs have the same most probable output, the divergence from what the clean one says.
    """
    if callable(metric):
        return Named(getattr(metric, "__name__", type(metric).__name__), lambda outputs: float(metric(outputs)))
    if isinstance(metric, (tuple, list)) and len(metric) != 2:
        raise ValueError(
            f"metric= is an output, a pair of outputs, or a function; {metric!r} is {len(metric)} outputs."
        )
    if isinstance(metric, (str, int)):
        one = probe.output(metric)
        return Named(f"log p({probe.label(one)!r})", lambda outputs: float(outputs[one]))
    first, second = (clean.argmax(), corrupted.argmax()) if metric is None else map(probe.output, metric)
    first, second = int(first), int(second)
    if first == second:
        return Named("−KL(clean ‖ ·)", lambda outputs: -float(divergence(clean, outputs)))
    words = f"log p({probe.label(first)!r}) − log p({probe.label(second)!r})"
    return Named(words, lambda outputs: float(outputs[first] - outputs[second]))
