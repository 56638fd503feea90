"""Reference values: what the units of a site usually do, for edits that put that in their place.

Edits know the protocol alone. An atlas answers it, and so do inputs that are recorded for it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, Protocol, runtime_checkable

import torch
from torch import Tensor

from neuronwidget.live.edits.errors import EditError
from neuronwidget.live.structure.sites import Site


@runtime_checkable
class References(Protocol):
    """What the units of a site usually do. `site` is its name."""

    def mean(self, site: str, /) -> Tensor:
        """The mean of each unit over all positions: float32 [units]."""
        ...

    def samples(self, site: str, /, n: int, seed: int = 0) -> Tensor:
        """What all units did at up to `n` positions drawn at random: float32 [n, units]."""
        ...

    def norm(self, site: str, /) -> float:
        """The length that the units together typically have as a vector: the median over positions."""
        ...


#: So many positions are kept of inputs that are recorded.
MOST = 512


class RecordedReferences:
    """What units do on some inputs, each recorded on the model without edits when it is first asked for.

    >>> import neuronwidget as nw
    >>> live = nw.demo("cancer")
    >>> usual = RecordedReferences(live.record, live.inputs.samples())
    >>> usual.mean("dense.0").shape, usual.samples("dense.0", 1).shape
    (torch.Size([16]), torch.Size([1, 16]))
    """

    def __init__(self, record: Callable[..., Any], inputs: Iterable[Any]) -> None:
        self._record = record
        self._inputs = list(inputs)
        self._found: dict[str, tuple[Tensor, Tensor]] = {}
        if not self._inputs:
            raise EditError("data= holds no inputs to record.")

    def mean(self, site: str, /) -> Tensor:
        return self._of(site)[0]

    def samples(self, site: str, /, n: int, seed: int = 0) -> Tensor:
        return drawn(self._of(site)[1], n, seed)

    def norm(self, site: str, /) -> float:
        return typical_norm(self._of(site)[1])

    def _of(self, site: str) -> tuple[Tensor, Tensor]:
        """The mean [units], and rows of up to `MOST` positions drawn evenly from all of them: [rows, units]."""
        if site not in self._found:
            source = torch.Generator().manual_seed(0)
            total, count, kept, keys = torch.zeros(()), 0, torch.empty(0), torch.empty(0)
            for x in self._inputs:
                rows: Tensor = self._record(x, [site])[site]
                total, count = total + rows.double().sum(0), count + len(rows)
                kept = torch.cat([kept.view(-1, rows.shape[1]), rows])
                keys = torch.cat([keys, torch.rand(len(rows), generator=source)])
                if len(keys) > MOST:
                    keys, order = keys.topk(MOST, largest=False)
                    kept = kept[order]
            if not count:
                raise EditError(f"The inputs of data= have no positions at {site}.")
            self._found[site] = (total / count).float(), kept
        return self._found[site]


def drawn(rows: Tensor, n: int, seed: int) -> Tensor:
    """Up to n of the rows, in an order that the seed gives."""
    return rows[torch.randperm(len(rows), generator=torch.Generator().manual_seed(seed))[:n]]


def typical_norm(rows: Tensor) -> float:
    """The median length of rows [rows, units]: a first token a hundred times as long as the others is no measure."""
    return float(torch.linalg.vector_norm(rows.float(), dim=1).median())


def needed(references: References | None, edit: str, site: Site, instead: str) -> References:
    """Those that an edit was given; refuses it where there are none, with what can be done `instead`."""
    if references is None:
        raise EditError(
            f"{edit} needs to know what {site.name} usually does: give data= an atlas or a list of inputs, set "
            f"live.references to one of these, or take {instead}."
        )
    return references


def of_width(values: Tensor, edit: str, site: Site) -> Tensor:
    """Reference values [units] or [n, units] for an edit; refuses those of another number of units than the site's."""
    if values.shape[-1] != site.width:
        raise EditError(
            f"{edit}: the reference values are of {values.shape[-1]:,} units, and {site.name} has "
            f"{site.width:,}. Are they of another model?"
        )
    return values
