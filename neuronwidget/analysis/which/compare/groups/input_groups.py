"""Input groups: what is compared, with what sites did on it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from neuronwidget.analysis.responses.collect import collect
from neuronwidget.analysis.responses.reduce import HOW
from neuronwidget.analysis.responses.responses import Responses
from neuronwidget.analysis.result import Provenance

if TYPE_CHECKING:
    import pandas as pd

    from neuronwidget.live.model import LiveModel
    from neuronwidget.live.structure.sites import Site

#: Inputs that a group has at least: two to find with, two to report on.
FEWEST = 4


@dataclass(frozen=True)
class Ask:
    """How groups are read: of which sites, reduced how (None: see `usual_how`), and at most how many of each."""

    sites: tuple[str, ...] | None = None
    how: str | None = None
    most: int = 10_000
    seed: int = 0
    progress: Callable[[int], object] | None = None
    overtaken: Callable[[], bool] | None = None

    def run(self, live: LiveModel, items: Sequence[object], groups: int) -> Responses:
        """Runs inputs that have their group as their label."""
        how = self.how or usual_how(live, live.choose(self.sites), groups)
        check_one_number(how, groups)
        return collect(
            live,
            items,
            self.sites,
            how=how,
            predictions=False,
            progress=self.progress,
            overtaken=self.overtaken,
        )


@dataclass(frozen=True, eq=False)
class InputGroups:
    """Inputs in groups, for `nw.compare`. Made by `right_wrong`, and of whatever else is compared.

    Attributes
    ----------
    names
        Of the groups, in their order.
    responses
        What sites do on the inputs; the label of each is its group.
    notes
        What of them should be told with an answer, in sentences.
    together
        [inputs]: a number; inputs that have the same come into the same half.
    within
        Each input has a row of each group: the groups are places in the inputs.
    again
        Runs another model on the same inputs, at sites by name; None where they can be read once only.
    """

    names: tuple[str, ...]
    responses: Responses
    notes: tuple[str, ...] = ()
    together: NDArray[np.int64] | None = None
    within: bool = False
    again: Callable[[LiveModel, Sequence[str]], Responses] | None = None

    @property
    def group(self) -> NDArray[np.int64]:
        """[inputs]: the number of each one's group."""
        number = {name: place for place, name in enumerate(self.names)}
        return np.array([number[str(label)] for label in self.responses.labels], np.int64)

    @property
    def counts(self) -> dict[str, int]:
        """How many inputs each group has."""
        counted = np.bincount(self.group, minlength=len(self.names))
        return dict(zip(self.names, counted.tolist(), strict=True))

    @property
    def halved_by(self) -> NDArray[np.int64]:
        """[inputs]: inputs with the same number come into the same half."""
        return self.responses.documents if self.together is None else self.together

    def table(self) -> pd.DataFrame:
        """A row an input: document, name, group, and what the model says of it where that is known."""
        import pandas as pd

        columns = {
            "document": self.responses.documents,
            "name": self.responses.names,
            "group": self.responses.labels,
            "prediction": self.responses.predictions,
        }
        return pd.DataFrame({name: column for name, column in columns.items() if column is not None})

    def __repr__(self) -> str:
        counts = ", ".join(f"{name}: {count:,}" for name, count in self.counts.items())
        return " ".join([f"Groups of inputs ({counts}).", *self.notes])

    def of_model(self, live: LiveModel, ask: Ask) -> InputGroups:
        """The same, where they are of this model as it is, and of what is asked; else what to do is said."""
        now, then = Provenance.of_live(live), self.responses.provenance
        if (now.weights, now.edits) != (then.weights, then.edits):
            raise ValueError(f"These responses are of {then.model} as it was or was edited then: collect them anew.")
        if ask.how not in (None, self.responses.how):
            raise ValueError(f"These responses are by how={self.responses.how!r}, not {ask.how!r}: collect them anew.")
        for name in ask.sites or ():
            self.responses.of(live.sites.resolve(name).name)
        return self

    def on(self, twin: LiveModel | Responses, sites: Sequence[str], ask: Ask) -> Responses:
        """What another model does on the same inputs."""
        responses = self.responses
        if not isinstance(twin, Responses) and self.again is not None:
            twin = self.again(twin, sites)
        if not isinstance(twin, Responses):
            if responses.source is None:
                raise ValueError("The data is gone once read: give it as a list, or twin=nw.collect(twin, data).")
            twin = collect(
                twin, responses.source, sites, how=responses.how, predictions=False, overtaken=ask.overtaken
            ).only(responses.documents)
        if not np.array_equal(twin.documents, self.responses.documents):
            raise ValueError("The twin's responses are of other inputs: collect them from the same data.")
        return twin


def usual_how(live: LiveModel, sites: Sequence[Site], groups: int) -> str:
    """What an input's positions come to where nobody says: of two groups the largest value over a text, mean and
    largest value over a picture; of more the share of positions at which a unit is active.
    """
    from neuronwidget.corpus.kinds.registry import kind_of

    if groups > 2:
        return "active"
    if not kind_of(live.kind).whole:
        return "max"
    many = any(site.layout is not None and site.layout.positions > 1 for site in sites)
    return "mean+max" if many else "mean"


def check_one_number(how: str, groups: int) -> None:
    """Refuses two numbers a unit where more than two groups are compared."""
    if groups > 2 and len(HOW[how]) > 1:
        raise ValueError(f"More than two groups are compared by one number a unit, not by how={how!r}.")


def checked(groups: InputGroups) -> InputGroups:
    """Refuses groups that cannot be compared."""
    counts = groups.counts
    check_one_number(groups.responses.how, len(counts))
    if len(counts) < 2:
        alone = f"All {len(groups.responses):,} inputs are in one group, {groups.names[0]!r}" if counts else "No groups"
        raise ValueError(f"{alone}: there is nothing to compare it with. Give two groups or more.")
    for name, count in counts.items():
        if count == 0:
            words = f"The group {name!r} is empty: give it {FEWEST} inputs or more."
            raise ValueError(" ".join([words, *groups.notes]))
        if count < FEWEST:
            words = (
                f"The group {name!r} has {count} input{'' if count == 1 else 's'}; {FEWEST} are needed at least, half "
                "of them to report on what the others find."
            )
            raise ValueError(" ".join([words, *groups.notes]))
    return groups
