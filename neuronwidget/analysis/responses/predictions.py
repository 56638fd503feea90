"""Predictions over a data set: where in the model its answer can be read during the same passes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from neuronwidget.live.structure.sites import Site

_NEAR = 1e-4


@dataclass(frozen=True)
class AnswerSite:
    """A site from whose rows, one an input, the answer is read: rows [inputs, columns] → what each input is called.

    `how`: which of an input's positions says it.
    """

    site: Site
    how: str
    names: Callable[[NDArray[np.float32]], list[str]]


def answer_site(live: Any) -> AnswerSite | None:
    """Where a model's answer for the whole input, or for the token behind it, is read; None where nowhere.

    That a site holds what the model answers is tried on its sample input.
    """
    if not live.classes or not live.predicts:
        return None
    head = live.head_site
    if head is not None:

        def next_tokens(rows: NDArray[np.float32]) -> list[str]:
            best = live.head_logits(torch.from_numpy(rows)).argmax(-1)
            return [live.inputs.label(int(number)) for number in best]

        return AnswerSite(head, "last", next_tokens) if live.predicts == "next" else None
    if live.predicts != "whole":
        return None
    with live.running(whole=True):
        answer = live.said(live.run_given(live.sample_given())).detach().float().cpu()
    if answer.ndim != 2 or len(answer) != 1:
        return None
    given = live.sample_given()
    for site in reversed(list(live.sites)):
        if site.width != answer.shape[1] or site.read is not None or site.steps is not None or site.grid is not None:
            continue
        if not site.per_token and _equal(_rows(live, site, given), answer):
            return AnswerSite(site, "mean", lambda rows: _classes(live, torch.from_numpy(rows)))
    return None


def _rows(live: Any, site: Site, given: Any) -> Tensor:
    from neuronwidget.live.capture import capture

    with live.running([site]) as parts:
        tensors, _ = capture(parts, lambda: live.run_given(given), [site])
        rows: Tensor = live.rows_of(site, tensors[site], given)
    return rows.detach().float().cpu()


def _equal(rows: Tensor, answer: Tensor) -> bool:
    return rows.shape == answer.shape and bool((rows - answer).abs().max() <= _NEAR * answer.abs().max().clamp_min(1))


def _classes(live: Any, outputs: Tensor) -> list[str]:
    best = live.log_probabilities(outputs).argmax(-1).tolist()
    names = getattr(live, "class_names", None) or live.inputs.classes
    return [str(number) if names is None else str(names[number]) for number in best]
