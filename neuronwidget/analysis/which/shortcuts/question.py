"""The question whether a model has shortcuts: what is screened on one half of its data and proved on the other."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from neuronwidget.analysis.responses.collect import collect
from neuronwidget.analysis.responses.responses import Responses
from neuronwidget.analysis.responses.same import without_contradictions
from neuronwidget.analysis.result import Provenance
from neuronwidget.analysis.scores.halves import halves
from neuronwidget.analysis.which.answers import answered_right, right_outputs
from neuronwidget.analysis.which.shortcuts.candidates import GOES_WITH, LEAST, candidates
from neuronwidget.analysis.which.shortcuts.kinds.registry import property_kind
from neuronwidget.analysis.which.shortcuts.looks import look_of
from neuronwidget.analysis.which.shortcuts.proof.ground import Grounds
from neuronwidget.analysis.which.shortcuts.proof.proof import Proof, Proved
from neuronwidget.analysis.which.shortcuts.proof.screened import Screened, screened
from neuronwidget.analysis.which.shortcuts.proof.trials import Overtaken, UsualValues, held_together, right_shares
from neuronwidget.analysis.which.shortcuts.properties import properties_of, table_of
from neuronwidget.analysis.which.shortcuts.result import Shortcuts
from neuronwidget.analysis.which.shortcuts.rows import UnitRows
from neuronwidget.analysis.words import listed
from neuronwidget.live.errors import AttachError
from neuronwidget.live.model import LiveModel

if TYPE_CHECKING:
    import pandas as pd

#: So many units are named that go with a property against which no input goes; each half needs so many inputs.
_SUSPECTED, _FEWEST = 3, 20


class Question:
    """The data of a question in two halves, and what each half answers."""

    def __init__(
        self, live: LiveModel, taken: Responses, sites: Sequence[str], seed: int, overtaken: Overtaken
    ) -> None:
        self.live, self.sites, self._seed, self._stop = live, list(sites), seed, overtaken
        self.notes: list[str] = []
        self._taken = taken = self._labelled(taken)
        self._labels = [str(label) for label in taken.labels]
        outputs = right_outputs(live, self._labels)
        self._right = answered_right(live, taken, outputs, overtaken)
        self._first, _ = halves(taken.documents, self._labels, seed)
        if min(self._first.sum(), (~self._first).sum()) < _FEWEST:
            raise ValueError(
                f"{len(taken):,} labelled inputs are too few: {2 * _FEWEST} are needed, half of them to choose units "
                "on and half to prove them on."
            )
        kept = property_kind(live.kind)
        contents = taken.inputs.contents(taken.documents.tolist()) if kept.tried else []
        self._properties = properties_of(kept.measured(contents, self._first), self._labels, self._first)
        inputs = [taken.input(int(number)) for number in taken.documents]
        self._grounds = Grounds(live, inputs, outputs, self._first, seed, overtaken)
        self._usual = UsualValues(self._means())
        self._say_what_is_missing()

    def _labelled(self, taken: Responses) -> Responses:
        """The responses to inputs that have a label."""
        if not self.live.predicts:
            raise AttachError(f"{self.live.name} predicts nothing: there are no answers that could be right or wrong.")
        labelled = np.array([label is not None for label in taken.labels], bool)
        if not labelled.any():
            raise ValueError("Which answers are right? The data has no labels: give labels=, one for each input.")
        if len({label for label in taken.labels if label is not None}) < 2:
            raise ValueError("All labels are alike: there is nothing to tell apart. Give inputs of two labels or more.")
        if taken.sample:
            self.notes.append(f"Of {taken.sample}.")
        if not labelled.all():
            self.notes.append(f"{int((~labelled).sum()):,} inputs without a label were left out.")
            taken = taken.only(taken.documents[labelled])
        taken, notes = without_contradictions(taken)
        self.notes += notes
        return taken

    def _means(self) -> Responses:
        """What the sites do on average on the first half."""
        if self._taken.how == "mean":
            return self._taken.only(self._taken.documents[self._first])
        inputs = self._grounds.parts[0].inputs
        return collect(self.live, inputs, self.sites, how="mean", predictions=False, overtaken=self._stop)

    def _say_what_is_missing(self) -> None:
        wrong = int((~self._right).sum())
        own = np.array(self._labels, dtype=object)
        single = [label for label, count in Counter(self._labels).items() if count == 1]
        if single:
            self.notes.append(
                f"Of the label{'' if len(single) == 1 else 's'} {listed([repr(label) for label in single])} there is "
                f"one input{'' if len(single) == 1 else ' each'}, and so none to prove on what it shows: give more."
            )
        enough = any(
            min((own == label)[self._first & ~self._right].sum(), (own == label)[self._first & self._right].sum())
            >= LEAST
            for label in set(self._labels)
        )
        if not enough:
            self.notes.append(
                f"{wrong:,} of {len(own):,} inputs are answered wrong: too few of any label to search among them. What "
                "a model leans on shows in inputs where that goes with another label."
            )

    def screened(self, step: Callable[[], None]) -> list[Screened]:
        """Candidates with their gain on the first half, the largest first; those that cannot be tried last."""
        listed = candidates(self._taken, self.sites, self._labels, self._right, self._first, self._properties)
        step()
        outcomes = screened(self.live, listed, self._grounds, self._usual, self._seed, self._stop)
        step()
        return outcomes

    def proved(self, several: Sequence[Screened], most: int, randoms: int, step: Callable[[], None]) -> Proved:
        """Outcomes of the best candidates on the second half."""
        proof = Proof(self.live, self._grounds, self._usual, several, randoms, self._seed, self._stop)
        return proof.of(most, step)

    @cached_property
    def _table(self) -> pd.DataFrame:
        """What each property tells, held out."""
        return table_of(self._properties, self._first, self._seed)

    def _suspected(self, missing: Sequence[Screened]) -> list[Screened]:
        """Units that go with a property that tells labels, in both halves, and cannot be tried."""
        told = set(self._table.loc[self._table["telling"], "property"])
        going = [
            one
            for one in missing
            if one.candidate.goes_with is not None
            and one.candidate.goes_with.name in told
            and abs(one.candidate.correlation(~self._first)) >= GOES_WITH
        ]
        return going[:_SUSPECTED]

    def result(self, proved: Proved, provenance: Provenance) -> Shortcuts:
        """The result, the shortcuts first."""
        second = ~self._first
        searched = sum(self._taken.sites[site].width for site in self.sites)
        rows = UnitRows(proved, self._suspected(proved.missing), second, searched)
        inputs = self._grounds.parts[1].inputs
        looks = tuple(look_of(self.live, one, inputs, one.values[second]) for one in rows.candidates)
        edits = held_together(proved.units, self._usual)
        return Shortcuts(
            tuple(self.sites),
            self.live.kind,
            rows.units(),
            self._table,
            rows.random(),
            rows.sets(),
            looks,
            float(self._right[second].mean()),
            right_shares(self.live, self._grounds.parts[1], edits, self._right[second], self._stop),
            (int(self._first.sum()), int(second.sum())),
            int((~self._right).sum()),
            searched,
            tuple(self.notes),
            provenance,
        )
