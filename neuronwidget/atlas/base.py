"""Base class of atlases: what views and questions ask of one, scanned here or written by another tool."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from neuronwidget.atlas.maps import MapShape
from neuronwidget.atlas.states import Thresholds
from neuronwidget.corpus.kinds.kind import CorpusKind
from neuronwidget.corpus.kinds.registry import kind_of
from neuronwidget.live.labels.labelled import Labelled
from neuronwidget.live.labels.labels import Labels
from neuronwidget.live.structure.sites import SiteTable, Unit

if TYPE_CHECKING:
    import pandas as pd

UnitName = str | Unit | tuple[str, int]
#: An output of the model, and how much one unit more of something adds to it.
Effect = tuple[str, float]


@dataclass(frozen=True)
class Origin:
    """Where an atlas is from: a digest of the weights, the data, and how these were read, as far as it is known."""

    weights: str | None = None
    data: Mapping[str, Any] = field(default_factory=dict)
    settings: Mapping[str, Any] = field(default_factory=dict)
    edits: tuple[str, ...] = ()
    versions: Mapping[str, str] = field(default_factory=dict)


class AtlasBase(Labelled, ABC):
    """What every unit did over a data set.

    Attributes
    ----------
    model
        The model's name; None where it is not told.
    sites
        The sites that are described.
    thresholds
        From where on a unit is called dead, rare, dense or saturated.
    lacks
        What cannot be asked for, with a sentence that says so: "state", "similar", "document", "values" (those around a
        peak), "exclusive" (how a unit goes with a text), or a group of exemplars.
    about
        Where it is from, in a sentence, where its size does not say enough.
    looks_back
        Does the model read up to each token and no further, as far as is known?
    labels
        What units are called; views of the atlas alone show them. Empty unless somebody set them, as `live.atlas()`
        does for the bundled models. Not kept in the folder: `atlas.labels = nw.Labels("labels.json")`.
    """

    model: str | None
    thresholds: Thresholds
    lacks: Mapping[str, str] = {}
    about: str = ""
    looks_back: bool = False

    @property
    @abstractmethod
    def input(self) -> str:
        """What the data are: the name of a kind of input, "text", "image" or "table"."""

    @property
    def kind(self) -> CorpusKind:
        """The kind of input that the data are."""
        return kind_of(self.input)

    @property
    @abstractmethod
    def size(self) -> tuple[int | None, int | None]:
        """How many documents and tokens the data have; None where it is not told."""

    @property
    @abstractmethod
    def sites(self) -> SiteTable:
        """The sites that are described."""

    @property
    @abstractmethod
    def units(self) -> pd.DataFrame:
        """One row a unit, indexed by (site, unit)."""

    @abstractmethod
    def resolve(self, unit: UnitName) -> Unit:
        """The unit that a person means, which is in the atlas; raises `KeyError` or `IndexError`."""

    @abstractmethod
    def unit(self, unit: UnitName) -> pd.Series:
        """What is known of one unit, in any spelling; NaN, and "" as the state, where it is not told."""

    @abstractmethod
    def exemplars(self, unit: UnitName, group: str | None = None, n: int | None = None) -> pd.DataFrame:
        """Inputs that show what a unit does, by group."""

    @abstractmethod
    def histogram(self, unit: UnitName) -> pd.DataFrame:
        """How often a unit had which value: low, high, count."""

    @abstractmethod
    def similar(self, unit: UnitName, n: int = 10) -> pd.DataFrame:
        """The units that do the same on the same tokens: unit, correlation."""

    @abstractmethod
    def document(self, number: int) -> pd.Series:
        """A document by its number."""

    @abstractmethod
    def documents(self, numbers: Sequence[int]) -> pd.DataFrame:
        """Some documents by their numbers: id, label, tokens, text."""

    def images(self, numbers: Sequence[int]) -> npt.NDArray[np.uint8]:
        """Small copies of pictures by the numbers of their documents: uint8 [n, height, width, 3]."""
        raise ValueError(self.lacks.get("document", "This atlas holds no pictures."))

    def contents(self, numbers: Sequence[int]) -> list[Any]:
        """What some documents are, by their numbers: texts, rows, small copies of pictures."""
        return self.kind.read(self, numbers)

    @abstractmethod
    def first_unit(self) -> Unit:
        """A unit to begin with."""

    @abstractmethod
    def ends(self, unit: UnitName) -> tuple[float, float]:
        """The least and the largest value that is known of a unit."""

    @abstractmethod
    def ends_of_site(self, site: str) -> tuple[float, float]:
        """The least and the largest value of all units of a site; NaN where it is not told."""

    @abstractmethod
    def intervals(self, unit: UnitName) -> list[tuple[float, float]]:
        """Ends of the intervals that exemplars are drawn from, the lowest first."""

    @abstractmethod
    def searchable(self, site: str, units: set[int]) -> Iterator[dict[str, Any]]:
        """Exemplars of some units, a part of the units at a time: columns that are looked through for a text.

        `unit`, `value` and `group` as arrays [exemplars]; as columns of arrow `kind.searched`, and of texts `peak` and,
        where whole documents are kept, `document`, `position` and `values`.
        """

    @abstractmethod
    def origin(self) -> Origin:
        """Origin: which weights and data it is of."""

    def _check_labels(self, labels: Labels) -> None:
        labels.belong(self.model or "the model of this atlas", lambda: self.origin().weights)

    def map_of(self, site: str) -> MapShape | None:
        """How the positions of a site lie over a picture, and what exemplars hold of them; None for texts."""
        return None

    def is_bounded(self, site: str) -> bool:
        """Do its values come out of a tanh or sigmoid?"""
        return False

    def told_outputs(self, unit: UnitName) -> tuple[list[Effect], list[Effect]] | None:
        """The outputs that a unit raises and lowers most, where the atlas itself says so."""
        return None
