"""Texts as probes: their parts are tokens, and other tokens of the text take the place of one that is taken out."""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from torch import Tensor, nn

from neuronwidget.analysis.kinds.probe import Probe
from neuronwidget.live.errors import AttachError
from neuronwidget.live.hooks import Hooks
from neuronwidget.live.inputs.tensors import InputError
from neuronwidget.live.inputs.text import as_ids
from neuronwidget.live.prediction import prediction_token
from neuronwidget.live.resume import Resume
from neuronwidget.live.structure.sites import Site

if TYPE_CHECKING:
    from neuronwidget.live.token_model import TokenModel

#: A text of fewer different tokens than these offers too little to put in the place of one.
_FEW = 3
_DRAWN = 64


class TextProbe(Probe):
    """A text, through the window that ends with it. A token gives its place to another, so that none of the rest moves.

    Replacements are drawn from the text itself, or from `instead`.
    """

    part, parts, draws = "token", "tokens", 5

    def __init__(self, live: TokenModel, x: str, *, instead: str | None = None, seed: int = 0) -> None:
        tokens = live.inputs.tokens(x)
        at = prediction_token(tokens, live.predicts)
        start, end = tokens.window(at, live.context)
        if start == end:
            raise InputError("The text is empty: there is nothing in it that could matter.")
        self._live, self._at = live, at - start
        self.given = tokens.ids[start:end]
        self.names = tokens.pieces[start:end]
        self._reader = live.reader()
        self._instead = self._replacements(instead, seed)

    def _replacements(self, instead: str | None, seed: int) -> np.ndarray[Any, Any]:
        """Token numbers [draws, tokens] that take a place each, none of them the one that stands there."""
        pool = sorted(set(self.given if instead is None else self._live.inputs.tokens(instead).ids))
        if instead is None and len(pool) < _FEW:
            pool = sorted({*pool, *self._live.sample_ids(_DRAWN)})
        if len(pool) < 2:
            raise InputError("There must be two different tokens at least, for one to take the place of another.")
        numbers, given = np.array(pool), np.array(self.given)
        source = np.random.default_rng(seed)
        drawn = numbers[source.integers(0, len(pool), (_DRAWN, len(given)))]
        other = numbers[
            (np.searchsorted(numbers, drawn) + 1 + source.integers(0, len(pool) - 1, drawn.shape)) % len(pool)
        ]
        return np.where(drawn == given, other, drawn)

    def without(self, chosen: Collection[int], draw: int = 0) -> list[int]:
        ids = list(self.given)
        for part in chosen:
            ids[part] = int(self._instead[draw % _DRAWN, part])
        return ids

    def _take(self, live: Any) -> None:
        self._live, self._reader = live, live.reader()

    def values(self, given: list[int], site: Site) -> Tensor:
        return self._reader.read(given, [site])[site]

    def outputs(self, given: list[int]) -> Tensor:
        live = self._live
        if not live.predicts:
            raise AttachError(f"{live.name} has no head: it gives a stream of numbers and no outputs. Name a unit.")
        logits = live.read_logits(self._reader, given, self._at)
        return live.log_probabilities(logits[-1] if logits.ndim > 1 else logits)

    def resumed(self, resume: Resume, edited: Any, overtaken: Callable[[], bool] | None = None) -> Tensor:
        head = edited.head_site
        if head is None:
            return self.outputs_of(resume.run(edited, self.given, whole=True, overtaken=overtaken).output)
        stream = resume.run(edited, self.given, [head], overtaken=overtaken).values[head]
        logarithms: Tensor = edited.log_probabilities(edited.head_logits(stream[self._at]))
        return logarithms

    def reaching(self, position: int | None) -> list[int]:
        last = self._at if position is None else position
        return list(range(last + 1 if self._live.looks_back else len(self.given)))

    # ---- gradients -------------------------------------------------------------------------------------

    def numbers(self, given: list[int]) -> Tensor:
        with self._live.running() as parts, torch.no_grad():
            rows: Tensor = self._embedding(parts)(as_ids(given, self._live.device))
        return rows

    def run(self, numbers: Tensor) -> object:
        with self._live.running(whole=True) as parts, Hooks() as hooks:
            hooks.edit(self._embedding(parts), "out", lambda _: numbers)
            with torch.enable_grad():
                return self._live.call(self.given)

    def outputs_of(self, returned: object) -> Tensor:
        output = self._live.said(returned)
        return self._live.log_probabilities(output[self._at if self._live.tells_each_token else -1])

    def _embedding(self, parts: dict[str, nn.Module]) -> nn.Module:
        """The part that makes numbers of tokens."""
        most = max(self.given)
        module = next((m for m in parts.values() if isinstance(m, nn.Embedding) and len(m.weight) > most), None)
        if module is None:
            raise AttachError(
                f"{self._live.name} has no embedding to take gradients at: method='occlusion' needs none."
            )
        return module
