"""Answers of a model to labelled inputs: which output each label names, and which inputs are answered right."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from neuronwidget.analysis.cause.measure import output_names, output_number
from neuronwidget.analysis.cause.passes import Passes
from neuronwidget.analysis.responses.responses import Responses
from neuronwidget.live.model import LiveModel

Numbers = NDArray[np.int64]


def right_outputs(live: LiveModel, labels: Sequence[str]) -> Numbers:
    """The number of the output that each label names; a number as a label is that of a class, where none is called so.

    >>> import neuronwidget as nw
    >>> right_outputs(nw.demo("cancer"), ["malignant", "1"]).tolist()
    [0, 1]
    """
    names = output_names(live)
    numbers: dict[str, int] = {}
    for label in dict.fromkeys(labels):
        if names is None or label in names:
            numbers[label] = output_number(live, label)
        elif label.isdecimal() and int(label) < len(names):
            numbers[label] = int(label)
        else:
            raise ValueError(
                f"{live.name} has no class {label!r}. It tells apart: {', '.join(names[:12])}. Labels are these names, "
                "or their numbers."
            )
    return np.array([numbers[label] for label in labels], np.int64)


def given_outputs(live: LiveModel, responses: Responses, overtaken: Callable[[], bool] | None = None) -> Numbers:
    """The number of the output that the model answers each input with."""
    names = output_names(live)
    if responses.predictions is not None and names is not None:
        return np.array([names.index(name) for name in responses.predictions], np.int64)
    return answers_to(live, [responses.input(int(number)) for number in responses.documents], overtaken)


def answers_to(live: LiveModel, inputs: Sequence[Any], overtaken: Callable[[], bool] | None = None) -> Numbers:
    """The number of the output that the model answers each of some inputs with; it is run on them."""
    answers: list[int] = []
    passes = Passes(live, inputs)
    for given, _ in passes.batches:
        rows = [len(given) - 1] if live.tells_each_token else None
        answers += passes.say(live, given, rows, overtaken).argmax(-1).tolist()
    return np.array(answers, np.int64)


def some(values: Sequence[Any], chosen: NDArray[np.bool_]) -> list[Any]:
    """Those of a list that are chosen."""
    return [value for value, use in zip(values, chosen, strict=True) if use]
