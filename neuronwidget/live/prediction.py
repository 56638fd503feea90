"""Predictions: what a model's output speaks of, and the most probable of it."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from neuronwidget.live.inputs.text import Tokens
from neuronwidget.live.structure.discover_tokens import TokenStructure


@dataclass(frozen=True)
class Guess:
    """What a model expects next: the most probable token numbers, their probabilities, and all of them [vocabulary]."""

    ids: list[int]
    probabilities: list[float]
    every: Tensor

    @classmethod
    def of(cls, logits: Tensor, k: int) -> Guess:
        """The k most probable entries of logits [vocabulary]."""
        every = logits.detach().to("cpu", torch.float32).softmax(-1)
        best = every.topk(min(k, len(every)))
        return cls(best.indices.tolist(), best.values.tolist(), every)


def prediction_kind(structure: TokenStructure) -> str:
    """What the output of a model speaks of, by its shape; see `LiveModel.predicts`."""
    if structure.classes < 2:
        return ""
    if structure.output_axis is None:
        return "whole"
    if structure.predictions > 1:
        return ""  # several at each token: of what, nothing tells
    return "next" if structure.causal else "here"


def prediction_token(tokens: Tokens, predicts: str) -> int:
    """The token that predictions are asked of: the first mask, where the model fills gaps, else the last token."""
    masks = [i for i, label in tokens.labels.items() if "mask" in label.lower()] if predicts == "here" else []
    return masks[0] if masks else len(tokens) - 1
