"""Passes of live models over the same module, edited and not: what they say of some inputs, and how far it differs."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from torch import Tensor

from neuronwidget.analysis.cause.measure import KL, Floats, Measure
from neuronwidget.analysis.steps import IsOvertaken
from neuronwidget.live.errors import AttachError
from neuronwidget.live.model import LiveModel
from neuronwidget.live.resume import Resume

#: At most so many positions of a text are read, evenly spread, the last among them: the head costs most of a pass.
MOST_ROWS = 32


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
        overtaken: IsOvertaken | None = None,
        ahead_of: LiveModel | None = None,
    ) -> Tensor:
        """Log-probabilities [rows, choices]: the head runs on the rows that are read and no others.

        `ahead_of`: with the edits of passes that are to follow; see `Resume.run`.
        """
        head = live.head_site
        if rows is not None and head is not None:
            stream = self.resume.run(live, given, [head], overtaken=overtaken, ahead_of=ahead_of).values[head]
            return live.log_probabilities(live.head_logits(stream[list(rows)]))
        output = live.said(self.resume.run(live, given, whole=True, overtaken=overtaken, ahead_of=ahead_of).output)
        return live.log_probabilities(output if rows is None else output[list(rows)])


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
        overtaken: IsOvertaken | None = None,
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
        by_model = []
        for place, model in enumerate(self._edited):
            if self._begin:
                self._begin[place]()
            by_model.append(by_input(KL.of(before, passes.say(model, given, rows, overtaken), 0), count))
        self._found.append(by_model)

    @property
    def values(self) -> Floats:
        """What was measured: [edited models, inputs]."""
        values: Floats = np.concatenate([np.array(by_model) for by_model in self._found], 1)
        return values


def by_input(rows: Tensor, inputs: int) -> list[float]:
    """What each input of a batch comes to: its row, or the mean of the rows of a text."""
    return rows.double().tolist() if inputs > 1 else [float(rows.double().mean())]
