"""Finds the inputs of a data set that have a concept, without running a model."""

from __future__ import annotations

from typing import Any

import numpy as np

from neuronwidget.analysis.predicates.predicate import Example, Flags, Predicate
from neuronwidget.analysis.responses.responses import Responses
from neuronwidget.corpus.documents import read_documents
from neuronwidget.corpus.kinds.registry import kind_of


def holding(predicate: Predicate, live: Any, data: Any) -> Flags:
    """Which inputs have a concept, anywhere: bool [inputs]. `data`: as `nw.scan` takes it, or responses."""
    if isinstance(data, Responses):
        numbers = data.documents.tolist()
        return np.array([predicate.holds(Example(data.input(number), number)) for number in numbers], np.bool_)
    cutter = kind_of(live.kind).cutter(live.inputs, None, None)
    documents = enumerate(read_documents(data, cutter))
    return np.array([predicate.holds(Example(one.content, number)) for number, one in documents], np.bool_)
