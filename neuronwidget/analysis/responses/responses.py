"""The responses of sites to the inputs of a data set: one row an input."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from neuronwidget.analysis.responses.kept import KeptInputs
from neuronwidget.analysis.responses.reduce import HOW
from neuronwidget.analysis.responses.store import Rows
from neuronwidget.analysis.result import Provenance
from neuronwidget.live.structure.sites import Site


@dataclass(frozen=True, eq=False)
class Responses:
    """What sites do on each input of a data set. Made by `collect`; questions take it in the place of the data.

    Attributes
    ----------
    values
        By name of a site rows [inputs, columns], read as float32 by slices: `values["dense.0"][:10]`.
    sites
        The sites by their names.
    how
        What a row is made of: see `collect`.
    documents, names, labels, predictions
        Of each input its number in the data, its name, its label, and what the model says of it, where that is known.
    inputs
        What is needed to show the inputs again.
    lengths
        By name of a site: how long the vectors of its positions are, in the mean, where that was asked.
    read
        How many inputs the data has, as far as it was read.
    sample
        Which of them were run, in words; "" where all were.
    source
        The data, where it was a list, to be run again by another model.
    original
        Brings an input from it, whole, by the number of its document.
    """

    values: Mapping[str, Rows]
    sites: Mapping[str, Site]
    how: str
    documents: NDArray[np.int64]
    names: list[str]
    labels: list[str | None]
    predictions: list[str] | None
    inputs: KeptInputs
    lengths: Mapping[str, float]
    read: int
    sample: str
    provenance: Provenance
    source: Any = None
    original: Callable[[int], Any] | None = None

    def __len__(self) -> int:
        return len(self.documents)

    def __repr__(self) -> str:
        shapes = ", ".join(f"{name} {list(rows.shape)}" for name, rows in self.values.items())
        return f"Responses({len(self):,} inputs, {self.how}; {shapes})"

    def of(self, site: str) -> Rows:
        """The rows of a site; a miss says what to do."""
        if site not in self.values:
            there = ", ".join(self.values)
            raise KeyError(f"These responses are of {there}, not of {site}: nw.collect(live, data, [{site!r}, …]).")
        return self.values[site]

    def units(self, site: str) -> tuple[NDArray[np.int64], list[str]]:
        """Numbers of the units that the columns of a site are of, and what of the unit each is: "mean", "std"."""
        columns, width = self.of(site).shape[1], self.sites[site].width
        parts = HOW[self.how]
        if self.how == "none":
            return np.arange(columns) % width, [f"at {column // width}" for column in range(columns)]
        return np.tile(np.arange(width), len(parts)), [part for part in parts for _ in range(width)]

    def with_labels(self, labels: Sequence[Any]) -> Responses:
        """These responses with other labels, one for each input."""
        return replace(self, labels=checked_labels(labels, len(self)))

    def only(self, documents: NDArray[np.int64]) -> Responses:
        """Those of some documents, in the order of these."""
        places = np.nonzero(np.isin(self.documents, documents))[0]
        return replace(
            self,
            values={name: Rows(rows[places]) for name, rows in self.values.items()},
            documents=self.documents[places],
            names=[self.names[place] for place in places],
            labels=[self.labels[place] for place in places],
            predictions=None if self.predictions is None else [self.predictions[place] for place in places],
            inputs=self.inputs.some(self.documents[places].tolist()),
        )

    def input(self, number: int) -> Any:
        """An input by the number of its document, to be run or shown: from the data where it is there, else as kept."""
        return self.original(number) if self.original is not None else self.inputs.contents([number])[0]


def checked_labels(labels: Sequence[Any], inputs: int) -> list[str | None]:
    """Labels as text, one for each input."""
    from neuronwidget.corpus.sources import as_label

    given = [as_label(label) for label in labels]
    if len(given) != inputs:
        raise ValueError(f"labels= names {len(given):,} labels for {inputs:,} inputs: give one for each.")
    return given
