"""Recordings: what chosen sites did on one input."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor

from neuronwidget.live.structure.sites import Site, SiteTable, Unit

if TYPE_CHECKING:
    import pandas as pd


class Recording:
    """Activations of one input, by site.

    `recording["mlp.2"]` is a float32 tensor [positions, units]; a site that speaks of the whole input has one row.
    `positions` says what each row is; where sites differ in that, `positions_of(site)` does.

    Examples
    --------
    >>> import neuronwidget as nw
    >>> recording = nw.demo("code").record("x = 1")          # doctest: +SKIP
    >>> recording["mlp.0"].shape, recording.positions          # doctest: +SKIP
    (torch.Size([5, 1024]), ['x', ' ', '=', ' ', '1'])
    """

    def __init__(
        self, table: SiteTable, values: Mapping[Site, Tensor], positions: Sequence[str], window: tuple[int, int, int]
    ) -> None:
        self._table = table
        self._values = dict(values)
        self.positions = list(positions)
        #: First token looked at, one past the last, and how many the input has: a long text is seen through a window.
        self.window = window

    @property
    def sites(self) -> list[str]:
        return [site.name for site in self._values]

    def grid(self, name: str) -> tuple[int, int] | None:
        """Rows and columns that a site's positions form over a picture; None where it speaks of the whole input."""
        return self._table.resolve(name).grid

    def positions_of(self, name: str) -> list[Any]:
        """What each row of `recording[name]` is: a token, a step, (y, x) on the site's grid, or the whole input."""
        site = self._table.resolve(name)
        if site.steps is not None and not site.per_token:
            return [f"step {i}" for i in range(len(self[name]))]
        if site.layout is not None:
            return site.layout.places
        return list(self.positions) if site.per_token else ["(whole input)"]

    def __contains__(self, name: str) -> bool:
        try:
            return self._table.resolve(name) in self._values
        except KeyError:
            return False

    def __getitem__(self, name: str) -> Tensor:
        site = self._table.resolve(name)
        if site not in self._values:
            raise KeyError(f"{site.name} was not recorded; recorded: {', '.join(self.sites)}. Ask for it with sites=.")
        return self._values[site]

    def table(self, site: str, units: Sequence[int] | None = None) -> pd.DataFrame:
        """One row a position, one column a unit."""
        import pandas as pd

        place = self._table.resolve(site)
        values = self[site]
        chosen = list(range(values.shape[1])) if units is None else [place.unit(u).index for u in units]
        rows = self.positions_of(site)
        columns = [str(Unit(place.name, u)) for u in chosen]
        frame = pd.DataFrame(values[:, chosen].numpy(), columns=columns)
        frame.insert(0, "position", range(len(rows)))
        if place.grid is not None:
            frame.insert(1, "y", pd.array([row[0] if isinstance(row, tuple) else None for row in rows], "Int64"))
            frame.insert(2, "x", pd.array([row[1] if isinstance(row, tuple) else None for row in rows], "Int64"))
        else:
            frame.insert(1, "text", rows)
        return frame

    def top(self, n: int = 20) -> pd.DataFrame:
        """The units that are most active here, by magnitude at their strongest position.

        Sites differ in scale; each value is also given as a share of its site's largest magnitude on this input.
        """
        import pandas as pd

        parts = []
        for site, values in self._values.items():
            if not values.numel():
                continue
            finite = torch.nan_to_num(values, nan=0.0, posinf=0.0, neginf=0.0)
            peaks, where = finite.abs().max(dim=0)
            strongest, units = peaks.topk(min(n, len(peaks)))
            for share, unit in zip((strongest / strongest[0].clamp_min(1e-30)).tolist(), units.tolist(), strict=True):
                at = int(where[unit])
                text = self.positions_of(site.name)[at]
                parts.append((str(Unit(site.name, unit)), float(finite[at, unit]), share, at, text))
        columns = ["unit", "value", "share_of_site", "position", "text"]
        frame = pd.DataFrame(parts, columns=columns)
        return frame.sort_values("share_of_site", ascending=False, kind="stable").head(n).reset_index(drop=True)

    def __repr__(self) -> str:
        first, last, total = self.window
        if not self.positions:
            return f"Recording({', '.join(f'{s.name} {list(v.shape)}' for s, v in self._values.items())})"
        seen = f"{last - first} positions" + (f" ({first}–{last} of {total})" if last - first < total else "")
        return f"Recording({seen}; {', '.join(f'{s.name} {list(v.shape)}' for s, v in self._values.items())})"
