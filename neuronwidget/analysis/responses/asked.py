"""Responses that a question is asked of: collected from its data, or taken as they were given in its place."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING, Any

from neuronwidget.analysis.responses.collect import collect
from neuronwidget.analysis.responses.responses import Responses
from neuronwidget.analysis.result import Provenance

if TYPE_CHECKING:
    from neuronwidget.live.model import LiveModel


def responses_of(
    live: LiveModel,
    data: Any,
    sites: Sequence[str] | None,
    how: str | None,
    usual: str,
    *,
    labels: Iterable[Any] | None = None,
    most: int | None = None,
    seed: int = 0,
    overtaken: Callable[[], bool] | None = None,
) -> Responses:
    """Responses of the data; those that are given, where they are this model's. `usual`: the way to reduce, by default.

    `how`, `labels`, `most`: as `collect` takes them.
    """
    if not isinstance(data, Responses):
        way = usual if how is None else how
        return collect(live, data, sites, how=way, labels=labels, most=most, seed=seed, overtaken=overtaken)
    if how not in (None, data.how):
        raise ValueError(f"These responses are by how={data.how!r}, not {how!r}: collect them anew.")
    now, then = Provenance.of_live(live), data.provenance
    if (now.weights, now.edits) != (then.weights, then.edits):
        raise ValueError(f"These responses are of {then.model} as it was or was edited then: collect them anew.")
    return data if labels is None else data.with_labels(list(labels))
