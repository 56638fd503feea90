"""Answers of a model to labelled inputs: which output each label names, and which inputs are answered right."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from neuronwidget.analysis.cause.measure import output_names, output_number
from neuronwidget.analysis.cause.passes import Passes
from neuronwidget.analysis.inspect.outputs import output_name
from neuronwidget.analysis.responses.responses import Responses
from neuronwidget.live.model import LiveModel

Numbers = NDArray[np.int64]


def right_outputs(live: LiveModel, labels: Sequence[str]) -> Numbers:
    """The number of the output that each label names; a number as a label is that of a class, where none is called so.

    >>> import neuronwidget as nw
    >>> right_outputs(nw.demo("cancer"), ["malignant", "1"]).tolist()
    [0, 1]
    """
    names = _class_names(live)
    numbers: dict[str, int] = {}
    for label in dict.fromkeys(labels):
        if names is None:
            numbers[label] = output_number(live, label)
        elif label in names:
            numbers[label] = names.index(label)
        elif label.isdecimal() and int(label) < len(names):
            numbers[label] = int(label)
        else:
            raise ValueError(
                f"{live.name} has no class {label!r}. It tells apart: {', '.join(names[:12])}. Labels are these names, "
                "or their numbers."
            )
    return np.array([numbers[label] for label in labels], np.int64)


def answered_right(
    live: LiveModel, responses: Responses, outputs: Numbers, overtaken: Callable[[], bool] | None = None
) -> NDArray[np.bool_]:
    """Which inputs the model answers with the outputs that are right [inputs]; run where its answers are not known."""
    if responses.predictions is None:
        inputs = [responses.input(int(number)) for number in responses.documents]
        return np.equal(answers_to(live, inputs, overtaken), outputs)
    names = _class_names(live)
    called = {number: output_name(live, number) if names is None else names[number] for number in set(outputs.tolist())}
    pairs = zip(outputs.tolist(), responses.predictions, strict=True)
    right = [called[number] == prediction for number, prediction in pairs]
    return np.array(right, bool)


def answers_to(live: LiveModel, inputs: Sequence[Any], overtaken: Callable[[], bool] | None = None) -> Numbers:
    """The number of the output that the model answers each of some inputs with; it is run on them."""
    answers: list[int] = []
    passes = Passes(live, inputs)
    for given, _ in passes.batches:
        rows = [len(given) - 1] if live.tells_each_token else None
        answers += passes.say(live, given, rows, overtaken).argmax(-1).tolist()
    return np.array(answers, np.int64)


def _class_names(live: LiveModel) -> list[str] | None:
    """Names of the classes that a model tells apart, their numbers where they have none; None where it tells tokens."""
    names = output_names(live)
    return [str(number) for number in range(live.classes)] if names is None and live.predicts == "whole" else names


def some(values: Sequence[Any], chosen: NDArray[np.bool_]) -> list[Any]:
    """Those of a list that are chosen."""
    return [value for value, use in zip(values, chosen, strict=True) if use]
