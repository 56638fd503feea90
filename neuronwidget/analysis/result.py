"""Base of results: the answer to a question as a table, a chart and a sentence, with what it rests on.

To add a question: write a function that takes a live model or an atlas and returns a dataclass of its own, a subclass
of `Result`. Where it runs a data set through the model, it does so with a sink of its own (`neuronwidget.passes.sink`,
`tests/passes/test_sinks.py`). `inspect/card.py` is an example.
"""

from __future__ import annotations

import json
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field, fields
from functools import wraps
from html import escape
from typing import TYPE_CHECKING, Any, ClassVar, TypeVar

import torch

from neuronwidget.analysis.plain import from_plain, to_plain
from neuronwidget.live.replica.fingerprint import model_digest
from neuronwidget.version import __version__

if TYPE_CHECKING:
    import pandas as pd

    from neuronwidget.atlas.base import AtlasBase
    from neuronwidget.live.model import LiveModel

R = TypeVar("R", bound="Result")
FORMAT, VERSION = "neuronwidget result", 1
_MOST_ROWS = 20


class ResultError(ValueError):
    """Something that cannot be read as a result."""


@dataclass(frozen=True)
class Provenance:
    """What a result rests on.

    Attributes
    ----------
    model, weights
        The name of the live model, and a checksum of its weights.
    data
        How many documents and tokens there were, and a checksum of them.
    settings
        With which the question was asked, and the data read.
    seed
        Of what was drawn at random; None where nothing was.
    edits
        What was changed in the model while it ran, in words.
    versions
        Of this package, and of others that the numbers depend on.
    names
        What units were called when the question was asked, with the mark of how well that was tested.
    """

    model: str
    weights: str | None
    data: Mapping[str, Any] = field(default_factory=dict)
    settings: Mapping[str, Any] = field(default_factory=dict)
    seed: int | None = None
    edits: tuple[str, ...] = ()
    versions: Mapping[str, str] = field(default_factory=dict)
    names: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def of_atlas(cls, atlas: AtlasBase, live: LiveModel | None = None, **settings: Any) -> Provenance:
        """Provenance of what an atlas and a live model, as it is edited now, tell. `settings`: of the question."""
        origin = atlas.origin()
        return cls(
            atlas.model or "",
            origin.weights,
            origin.data,
            {**settings, "scan": origin.settings},
            edits=(
                *(f"scan: {edit}" for edit in origin.edits),
                *(str(edit) for edit in (live.edits if live is not None else ())),
            ),
            versions={"neuronwidget": __version__, **{f"scan: {k}": v for k, v in origin.versions.items()}},
            names=(atlas if live is None else live).labels.marked(),
        )

    @classmethod
    def of_live(
        cls, live: LiveModel, *, data: Mapping[str, Any] | None = None, seed: int | None = None, **settings: Any
    ) -> Provenance:
        """Provenance of what a live model does, as it is edited now. `data`: of the inputs, where they are many."""
        versions = {"neuronwidget": __version__, "torch": str(torch.__version__)}
        edits = tuple(map(str, live.edits))
        names = live.labels.marked()
        return cls(live.name, model_digest(live), dict(data or {}), settings, seed, edits, versions, names)

    def __str__(self) -> str:
        parts = [self.model if self.weights is None else f"{self.model} (weights {self.weights[:12]})"]
        parts += [f"{self.data['documents']:,} documents"] if "documents" in self.data else []
        parts += [f"with {', '.join(self.edits)}"] if self.edits else []
        parts += [f"seed {self.seed}"] if self.seed is not None else []
        return ", ".join(parts) + "."


class Result(ABC):
    """The answer to a question. A subclass is a dataclass; its fields are what is kept of it in JSON.

    In a notebook a result shows its verdict and its table, also where no kernel runs any more. A table that has units
    says what they are called: see `named`.
    """

    provenance: Provenance
    #: Dataclasses that a field may hold, beside tables, arrays, units and plain values.
    parts: ClassVar[tuple[type[Any], ...]] = ()

    def __init_subclass__(cls, **options: Any) -> None:
        super().__init_subclass__(**options)
        if "table" in vars(cls):
            cls.table = _with_names(cls.table)  # type: ignore[assignment, method-assign]

    @property
    @abstractmethod
    def verdict(self) -> str:
        """The answer in a sentence that can be quoted; also that nothing was found."""

    @abstractmethod
    def table(self) -> pd.DataFrame:
        """The answer as a table."""

    @abstractmethod
    def chart(self) -> Any:
        """The answer as a chart of altair."""

    def named(self, table: pd.DataFrame) -> pd.DataFrame:
        """A table of units with what they are called, in a column `label` behind `unit`; any other table as it is.

        The label is as it was when the question was asked, with the mark of how well it was tested, "opens a string
        (held up)"; "" where a unit has none. `unit` is "mlp.2:417", or a number beside `site`; either may be in the
        index.
        """
        plain = table.reset_index() if "unit" not in table and "unit" in table.index.names else table
        if "unit" not in plain or "label" in plain:
            return table
        named, names = table.copy(), self.provenance.names
        labels: Any = ""
        if names:
            units = plain["unit"].astype(str)
            if "site" in plain:
                units = units.where(units.str.contains(":"), plain["site"].astype(str) + ":" + units)
            labels = [names.get(unit, "") for unit in units]
        named.insert(table.columns.get_loc("unit") + 1 if "unit" in table else 0, "label", labels)
        return named

    def to_json(self) -> str:
        """The result as JSON, as `from_json` reads it."""
        own = [f.name for f in fields(self) if f.name != "provenance"]  # type: ignore[arg-type]
        stored = {
            "format": FORMAT,
            "version": VERSION,
            "result": type(self).__name__,
            "provenance": to_plain(asdict(self.provenance)),
            "content": {name: to_plain(getattr(self, name)) for name in own},
        }
        return json.dumps(stored, ensure_ascii=False, allow_nan=False)

    @classmethod
    def from_json(cls: type[R], text: str) -> R:
        """A result of this class as `to_json` wrote it. Raises `ResultError` where it is none."""
        try:
            stored = json.loads(text)
            if stored["format"] != FORMAT or stored["version"] != VERSION:
                raise ResultError(f"This is version {stored['version']} of {stored['format']!r}: update neuronwidget.")
            if stored["result"] != cls.__name__:
                raise ResultError(f"This is a {stored['result']}, not a {cls.__name__}.")
            provenance = from_plain(stored["provenance"])
            provenance["edits"] = tuple(provenance["edits"])
            content = {name: from_plain(value, cls.parts) for name, value in stored["content"].items()}
            make: Any = cls
            result: R = make(provenance=Provenance(**provenance), **content)
            return result
        except ResultError:
            raise
        except (KeyError, TypeError, ValueError, AttributeError, RecursionError) as error:
            raise ResultError(f"This is no result of neuronwidget: {type(error).__name__}, {error}") from error

    def __repr__(self) -> str:
        return f"{self.verdict}\n{without_empty(self.table()).to_string(max_rows=_MOST_ROWS, max_colwidth=40)}"

    def _repr_html_(self) -> str:
        table = without_empty(self.table()).to_html(max_rows=_MOST_ROWS, border=0)
        return f"<p>{escape(self.verdict)}</p>{table}<p><small>{escape(str(self.provenance))}</small></p>"


def without_empty(table: pd.DataFrame) -> pd.DataFrame:
    """A table as it is shown: where no unit has a label, without a column of them."""
    return table.drop(columns="label") if "label" in table and not any(table["label"]) else table


def _with_names(table: Callable[[Any], pd.DataFrame]) -> Callable[[Any], pd.DataFrame]:
    """The method `table` of a result, with what units are called."""

    @wraps(table)
    def named(self: Any) -> pd.DataFrame:
        shown: pd.DataFrame = self.named(table(self))
        return shown

    return named
