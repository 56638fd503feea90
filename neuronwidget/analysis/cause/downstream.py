"""Units that an edit changes most behind the place where it acts, in standard deviations of their own."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import torch
from torch import Tensor

from neuronwidget.atlas.atlas import Atlas
from neuronwidget.live.structure.sites import Unit

#: A unit that hardly varies is measured by this share of what the units of its site vary by.
_LEAST = 0.01


def changed_units(
    before: Mapping[str, Tensor], after: Mapping[str, Tensor], stds: Mapping[str, Tensor] | None, n: int = 20
) -> list[tuple[Unit, float, float, float]]:
    """The units that changed most: (unit, before, after, change in standard deviations), the largest first.

    Parameters
    ----------
    before, after
        What sites did, [positions, units] by name. A unit counts where it changed most.
    stds
        Standard deviations [units] by site, as of an atlas; None, or a site that is missing: those over the positions
        of `before`, and where that has one position, of all units of the site together.

    Examples
    --------
    >>> before, after = torch.tensor([[0.0, 1.0], [1.0, 2.0]]), torch.tensor([[0.0, 1.0], [3.0, 2.0]])
    >>> [(str(unit), value, other) for unit, value, other, _ in changed_units({"a": before}, {"a": after}, None, 1)]
    [('a:0', 1.0, 3.0)]
    """
    found = []
    for site, rows in before.items():
        change = torch.nan_to_num(after[site] - rows, nan=0.0, posinf=0.0, neginf=0.0)
        if not rows.numel() or not bool(change.any()):
            continue
        own = (stds or {}).get(site)
        deviation = _of_input(rows) if own is None else torch.nan_to_num(own.float())
        deviation = deviation.clamp_min(_LEAST * float(deviation.square().mean().sqrt())).clamp_min(1e-30)
        where = change.abs().argmax(0)
        most = change.gather(0, where[None])[0] / deviation
        for unit in most.abs().topk(min(n, len(most))).indices.tolist():
            at = int(where[unit])
            found.append((Unit(site, unit), float(rows[at, unit]), float(after[site][at, unit]), float(most[unit])))
    return sorted(found, key=lambda entry: -abs(entry[3]))[:n]


def stds_of(atlas: Atlas | None) -> dict[str, Tensor] | None:
    """The standard deviation of each unit over the data of an atlas, by site."""
    if atlas is None:
        return None
    column: Any = atlas.units["std"]
    return {
        str(site): torch.as_tensor(values.to_numpy(), dtype=torch.float32)
        for site, values in column.groupby(level="site", sort=False)
    }


def _of_input(rows: Tensor) -> Tensor:
    finite = torch.nan_to_num(rows, nan=0.0, posinf=0.0, neginf=0.0)
    if len(rows) > 1:
        return finite.std(0)
    return finite.std().expand(rows.shape[1]) if rows.shape[1] > 1 else finite.abs()[0]
