"""Labels: a mapping of units to what they are called, in memory or in a file, which views of a model share."""

from __future__ import annotations

import getpass
import os
from collections.abc import Callable, Iterator, Mapping, MutableMapping
from datetime import datetime, timezone
from html import escape
from typing import TYPE_CHECKING, Any, Protocol

from neuronwidget.doors import enter
from neuronwidget.live.base.listeners import Listeners
from neuronwidget.live.labels.file import Content, LabelFile
from neuronwidget.live.labels.label import Label, LabelsError, Test, checked_test, one_line
from neuronwidget.live.labels.store import LabelStore
from neuronwidget.live.replica.fingerprint import model_digest
from neuronwidget.live.structure.sites import Unit, natural_key

if TYPE_CHECKING:
    import pandas as pd

UnitName = str | Unit | tuple[str, int]
_SHOWN = 50


class LabelledModel(Protocol):
    """What is asked of a live model here."""

    name: str

    @property
    def module(self) -> Any: ...


class Labels(MutableMapping[UnitName, str]):
    """What units are called: unit, in any spelling → words.

    Parameters
    ----------
    path
        A JSON file, which is made with the first label. Each change is written at once, to what the file says by then:
        two notebooks that write at the same time lose nothing, and of two labels of one unit the newer stays. Without
        a path labels are kept in memory.
    for_model
        The live model that they are for. Labels know the weights of their model, and those of another one are refused.
        A file that is new becomes the labels of the first model that is shown with it.
    author
        Who gives them; by default whoever is logged in.

    Examples
    --------
    >>> labels = Labels()
    >>> labels["mlp.2:417"] = "opens a string"
    >>> labels["mlp.2", 417], labels.label("mlp.2:417").mark()
    ('opens a string', 'untested')
    >>> del labels["mlp.2:417"]
    >>> len(labels)
    0
    """

    def __init__(
        self,
        path: str | os.PathLike[str] | None = None,
        *,
        for_model: LabelledModel | None = None,
        author: str | None = None,
    ) -> None:
        self._store = LabelStore(None if path is None else LabelFile(path))
        self._author = author
        self._listeners = Listeners()
        if for_model is not None:
            self.for_model(for_model)

    @classmethod
    def copy_of(cls, *paths: str | os.PathLike[str]) -> Labels:
        """What files of one model hold, in memory: changes do not go there."""
        labels = cls()
        held = labels._store.content()
        for path in paths:
            content = LabelFile(path).content()
            held.model, held.weights = content.model, content.weights
            held.labels |= content.labels
        return labels

    # ---- a mapping -------------------------------------------------------------------------------------

    def __getitem__(self, unit: UnitName) -> str:
        return self.label(unit).words

    def __setitem__(self, unit: UnitName, words: str) -> None:
        self.change({unit: words})

    def __delitem__(self, unit: UnitName) -> None:
        name = _name(unit)
        if self._store.label(name) is None:
            raise KeyError(f"{name} has no label.")
        self.change({name: None})

    def __iter__(self) -> Iterator[str]:
        return iter(sorted(self._store.labels(), key=natural_key))

    def __len__(self) -> int:
        return len(self._store.labels())

    def label(self, unit: UnitName) -> Label:
        """All that is known of a unit's label."""
        name = _name(unit)
        label = self._store.label(name)
        if label is None:
            raise KeyError(f"{name} has no label: labels[{name!r}] = 'opens a string' gives it one.")
        return label

    # ---- changing --------------------------------------------------------------------------------------

    def change(self, words: Mapping[Any, str | None]) -> None:
        """Set, or with None or "" take away, several labels in one step."""
        self._store.rename({_name(unit): _words(unit, one) for unit, one in words.items()}, self.author, _now())
        self.refresh()

    def add_test(self, unit: UnitName, test: Test) -> None:
        """Keep what a test said of a unit's label: see `Test`. It counts for as long as the unit has those words."""
        name, label = _name(unit), self.label(unit)
        kept = checked_test({"label": label.words, "date": _now(), "author": self.author, **test}, name)
        if kept.get("weights") is None and self.weights is not None:
            kept["weights"] = self.weights

        def act(content: Content) -> None:
            content.labels[name] = content.labels.get(name, label).tested(kept)

        self._write(act)

    def test(self, live: LabelledModel, unit: UnitName, predicate: Any, data: Any, **options: Any) -> Any:
        """Does a unit find what its label says? The label keeps the outcome, and views show it beside the name.

        `predicate`: the concept, as `nw.predicate_of` takes it. `data`: inputs that have it and inputs that have not.
        Returns a `LabelTest`; `options` are those of `neuronwidget.analysis.labels.label_test.run_test`.

        >>> labels.test(live, "state.1:92", nw.python_tokens("comment"), texts).verdict        # doctest: +SKIP
        """
        return enter("Labels.test")(self, live, unit, predicate, data, **options)

    def _write(self, act: Callable[[Content], None]) -> None:
        self._store.change(act)
        self.refresh()

    @property
    def author(self) -> str:
        """Who gives labels here."""
        if self._author is None:
            try:
                self._author = getpass.getuser()
            except (OSError, KeyError, ImportError):  # nobody is logged in
                self._author = ""
        return one_line(self._author)

    # ---- whose they are --------------------------------------------------------------------------------

    @property
    def path(self) -> str | None:
        """The file that they are in; None: they are in memory."""
        file = self._store.file
        return None if file is None else str(file.path)

    @property
    def model(self) -> str:
        """The name of the model that they are for; "" where that is not settled."""
        return self._store.content().model

    @property
    def weights(self) -> str | None:
        """A checksum of that model's weights."""
        return self._store.content().weights

    def for_model(self, live: LabelledModel) -> None:
        """These are labels of this model. Raises `LabelsError` where they are of another one."""
        self.belong(live.name, lambda: model_digest(live))

    def belong(self, name: str, digest: Callable[[], str | None]) -> None:
        """Raises `LabelsError` where the labels are of another model; `digest`: of this one's weights, if needed."""
        own = digest()
        if own is None or own == self.weights:
            return
        if self.weights is not None:
            raise LabelsError(
                f"{self.path or 'These labels'} are labels of another model ({self.model!r}; {name!r} has other "
                "weights). Its units need not mean the same here. If it is a fine-tuned copy, "
                "labels.adopt(live) takes them over, all of them untested."
            )
        self._settle(name, own)

    def adopt(self, live: LabelledModel) -> None:
        """Take the labels over for another model, such as a fine-tuned copy.

        What tests said stays with them, but speaks of the other weights: all labels are untested until they are tested
        again. Views of the model that they were for refuse them from now on: give a copy of the file.
        """
        self._settle(live.name, model_digest(live))

    def _settle(self, name: str, weights: str) -> None:
        def act(content: Content) -> None:
            content.model, content.weights = one_line(name), weights

        self._write(act)

    def on_top_of(self, others: Labels) -> None:
        """Names that the model brought along show through where there is no other, and are not written."""
        if others is not self and self._store.beneath is None:
            self._store.beneath = others._store if others._store.file is None else others._store.beneath

    # ---- who looks at them -----------------------------------------------------------------------------

    def observe(self, listener: Callable[[], None]) -> None:
        """Call a method after each change that is made here, for as long as its object lives."""
        self._listeners.add(listener)

    def hand_over(self, other: Labels) -> None:
        """Whoever looks at these looks at others from now on."""
        if other is not self:
            other._listeners.take_over(self._listeners)
            other.refresh()

    def refresh(self) -> None:
        """Look again: views show what the file says now, also what another notebook wrote."""
        self._listeners.tell()

    def evidence(self) -> dict[str, list[str]]:
        """Labels that were tested: the words, the mark ("held up", "failed", "untested") and what tests said."""
        weights = self.weights
        labels = ((unit, label, label.says(weights)) for unit, label in self._store.labels().items())
        return {unit: [label.words, label.mark(weights), says] for unit, label, says in labels if says}

    def marked(self) -> dict[str, str]:
        """Each label as a table has it: "opens a string (held up)"."""
        weights = self.weights
        return {unit: f"{label.words} ({label.mark(weights)})" for unit, label in self._store.labels().items()}

    def called(self, unit: UnitName) -> str:
        """A unit as a sentence has it: "mlp.2:417, opens a string (held up)"; alone where it has no label."""
        name = _name(unit)
        label = self._store.label(name)
        return name if label is None else f"{name}, {label.words} ({label.mark(self.weights)})"

    # ---- showing ---------------------------------------------------------------------------------------

    def table(self) -> pd.DataFrame:
        """One row a label: unit, label, tested ("held up", "failed", "untested"), evidence, author, date."""
        import pandas as pd

        labels, weights = self._store.labels(), self.weights
        rows = [
            (unit, one.words, one.mark(weights), one.says(weights), one.author, one.date)
            for unit, one in sorted(labels.items(), key=lambda item: natural_key(item[0]))
        ]
        return pd.DataFrame(rows, columns=["unit", "label", "tested", "evidence", "author", "date"])

    def __repr__(self) -> str:
        of = f" of {self.model}" if self.model else ""
        where = f" in {self.path}" if self.path else ""
        first = [f"\n{unit}: {words} ({self.label(unit).mark(self.weights)})" for unit, words in self.items()]
        more = f"\n… and {len(first) - _SHOWN} more" if len(first) > _SHOWN else ""
        return f"Labels({len(first)}{of}{where}){''.join(first[:_SHOWN])}{more}"

    def _repr_html_(self) -> str:
        head, _, _ = repr(self).partition("\n")
        return f"<p>{escape(head)}</p>{self.table().to_html(index=False, max_rows=_SHOWN, border=0)}"


def _name(unit: Any) -> str:
    return str(Unit.parse(unit))


def _words(unit: Any, words: Any) -> str:
    if words is not None and not isinstance(words, str):
        raise TypeError(f"labels[{str(unit)!r}] are words, not {type(words).__name__}.")
    return one_line(words or "")


def _now() -> str:
    return datetime.now(timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")
