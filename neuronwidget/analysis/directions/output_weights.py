"""Output weights: the direction in which a unit writes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from torch import Tensor

from neuronwidget.analysis.inspect.direct_path import NoPathError, decoded, directions, site_under
from neuronwidget.analysis.inspect.outputs import Outputs, direct_outputs
from neuronwidget.analysis.result import Provenance, Result
from neuronwidget.analysis.theme import altair, themed
from neuronwidget.live.structure.sites import Site, Unit

if TYPE_CHECKING:
    import pandas as pd

    from neuronwidget.live.model import LiveModel


@dataclass(frozen=True, eq=False, repr=False)
class OutputWeights(Result):
    """What one more of a unit adds at a site. Made by `output_weights`; `nw.Steer(site, weights, 2.0)` takes it.

    Attributes
    ----------
    unit, site
        Which unit, and the site of whose units the direction is made: the stream behind the unit's layer, or what an
        autoencoder's feature is decoded to.
    vector
        A number for each unit of that site, float32 [width].
    outputs
        What the direction promotes and suppresses by the direct path, or why that is not known.
    """

    unit: Unit
    site: str
    vector: np.ndarray[Any, Any]
    outputs: Outputs
    provenance: Provenance

    parts = (Outputs,)

    @property
    def direction(self) -> Tensor:
        """The direction as a tensor [width]."""
        return torch.from_numpy(self.vector.copy())

    @property
    def verdict(self) -> str:
        """Where and how strongly the unit writes, and what that promotes."""
        length = float(np.linalg.norm(self.vector))
        written = f"One more of {self.unit} adds a vector of length {length:.3g} at {self.site}"
        promoted = self.outputs.promoted["output"].tolist()[:3]
        if not promoted:
            return f"{written}."
        return f"{written}, which promotes {', '.join(map(repr, promoted))} most by the direct path."

    def table(self) -> pd.DataFrame:
        """The units of the site that get most, strongest first: unit, weight."""
        import pandas as pd

        order = np.argsort(-np.abs(self.vector), kind="stable")
        names = [str(Unit(self.site, int(index))) for index in order]
        return pd.DataFrame({"unit": names, "weight": self.vector[order].astype(float)})

    def chart(self) -> Any:
        """The twenty units of the site that get most."""
        alt = altair()
        chart = (
            alt.Chart(self.table().head(20), title=alt.Title(f"What {self.unit} writes", subtitle=self.verdict))
            .mark_bar()
            .encode(x="weight:Q", y=alt.Y("unit:N", sort=None, title=None), tooltip=["unit:N", "weight:Q"])
        )
        return themed(chart)


def output_weights(live: LiveModel, unit: Unit | str | tuple[str, int], site: str | None = None) -> OutputWeights:
    """The direction in which a unit writes, to steer along it.

    Parameters
    ----------
    site
        Where it is to be added: a site of the stream (`resid.5`), by default that of the unit's own layer; for the
        feature of an autoencoder the site that the feature is of is possible, too, and the default.

    Examples
    --------
    >>> import neuronwidget as nw
    >>> live = nw.demo("code")
    >>> weights = nw.output_weights(live, "mlp.1:571")
    >>> weights.site, weights.direction.shape
    ('resid.1', torch.Size([192]))
    """
    name = live.sites.unit(unit)
    wanted, vector = written_by(live, name, site)
    return OutputWeights(
        name,
        wanted.name,
        vector.numpy(),
        direct_outputs(live, name),
        Provenance.of_live(live, unit=str(name), site=wanted.name),
    )


def written_by(live: LiveModel, unit: Unit, site: str | None = None) -> tuple[Site, Tensor]:
    """Where a unit writes, and what one more of it adds there [width]; see `output_weights`."""
    own = live.sites.resolve(unit.site)
    try:
        with live.running():
            wanted = _default(live, own) if site is None else live.sites.resolve(site)
            return wanted, _written(live, own, unit.index, wanted)
    except NoPathError as error:
        raise ValueError(f"{unit} has no direction to steer along: {error}") from error


def _default(live: LiveModel, own: Site) -> Site:
    if own.kind == "sae":
        return site_under(live, own)
    if own.kind == "resid":
        return own
    stream = next((s for s in live.sites if s.kind == "resid" and s.layer == own.layer and not s.call), None)
    if stream is None:
        raise NoPathError(f"{own.name} does not write into a stream.")
    return stream


def _written(live: LiveModel, own: Site, index: int, wanted: Site) -> Tensor:
    """What one more of a unit adds at a site: [width]."""
    if own.kind == "sae" and wanted == site_under(live, own):
        return decoded(live, own, [index])[0]
    if wanted.kind != "resid":
        raise NoPathError(f"{wanted.name} is not a site of the stream, which is what its layer writes into.")
    return directions(live, own, [index])[0]
