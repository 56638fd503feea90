"""What one writes in an afternoon instead of `nw.scan`: hooks, a running topk, means and shares of values above 0."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import torch
from torch import Tensor, nn


class Done(Exception):  # noqa: N818 - nothing went wrong
    """The last module has been seen: the rest of the model need not run."""


def scan(model: nn.Module, parts: Mapping[str, nn.Module], batches: Iterator[Tensor], path: str) -> None:
    """The 20 strongest documents of what goes into each part, over batches [documents, tokens]; saved as a file."""
    kept: dict[str, dict[str, Tensor]] = {}

    def look(name: str, values: Tensor) -> None:
        peaks, places = values.max(1)  # [documents, units]
        own = kept.setdefault(name, {"sum": torch.zeros(values.shape[2]), "above": torch.zeros(values.shape[2])})
        own["sum"] += values.sum((0, 1))
        own["above"] += (values > 0).sum((0, 1))
        numbers = torch.arange(seen, seen + len(values))[:, None].expand_as(places)
        new = {"value": peaks, "place": places, "document": numbers}
        both = {field: torch.cat([own[field], more]) if field in own else more for field, more in new.items()}
        _, best = both["value"].topk(min(20, len(both["value"])), dim=0)
        own |= {field: all_of.gather(0, best) for field, all_of in both.items()}
        if name == last:
            raise Done

    def hook(name: str) -> None:
        parts[name].register_forward_pre_hook(lambda _, args: look(name, args[0]))

    seen, last = 0, list(parts)[-1]
    for name in parts:
        hook(name)
    with torch.no_grad():
        for batch in batches:
            try:
                model(batch)
            except Done:
                seen += len(batch)
    torch.save(kept, path)
