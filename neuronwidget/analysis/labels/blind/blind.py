"""Blind tests of a label: chooses examples, asks a rater about those that explained nothing, and scores the answers."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from neuronwidget.analysis.labels.blind.choose import EXPLAIN, TEST, choose
from neuronwidget.analysis.labels.blind.example import Example, Examples, Mark, Shown
from neuronwidget.analysis.labels.blind.pool import pool_of
from neuronwidget.analysis.labels.blind.rounds import KINDS, Round, make_rounds
from neuronwidget.analysis.labels.blind.score import BlindScore
from neuronwidget.analysis.result import Provenance
from neuronwidget.corpus.kinds.registry import kind_of

if TYPE_CHECKING:
    from neuronwidget.atlas.base import AtlasBase
    from neuronwidget.live.edits.edit import BaseEdit
    from neuronwidget.live.model import LiveModel
    from neuronwidget.live.structure.sites import Unit

#: So many documents are run at most.
DOCUMENTS = 240
#: A judge of one example: does the label hold in it, or at what is highlighted? True and False, or how surely.
Rater = Callable[[Shown], Any]


class BlindRounds:
    """The rounds of a blind test. Made by `blind_rounds`.

    Attributes
    ----------
    unit, label
        What is tested, and the words; `blind.under("other words")` has the same rounds for others.
    examples
        `examples.explain` to form a label by, `examples.test` for the rounds: no document is in both.
    rounds
        What is shown together, with the answers.
    """

    def __init__(
        self, unit: Unit, label: str, kind: str, examples: Examples, rounds: Sequence[Round], provenance: Provenance
    ) -> None:
        self.unit, self.label, self.kind = unit, label, kind
        self.examples, self.rounds, self.provenance = examples, list(rounds), provenance

    def rate(self, rater: Rater, *, name: str = "", progress: Callable[[int, int], object] | None = None) -> BlindScore:
        """Have a function judge all rounds.

        Parameters
        ----------
        rater
            Is given one example at a time, as a `Shown`: `text`, `image` or `row`, with what is highlighted. It says
            whether the label holds there: True, False, or a number from 0 to 1. Among intruders the lowest is chosen,
            by chance where several are.
        name
            Who judges; the function's name by default.

        Examples
        --------
        >>> blind = nw.blind_rounds(live, "state.1:92", atlas=atlas)           # doctest: +SKIP
        >>> blind.rate(lambda shown: "#" in shown.text).verdict                # doctest: +SKIP
        """
        random = np.random.default_rng([self.provenance.seed or 0, 5])
        answers = []
        for number, one in enumerate(self.rounds):
            sure = [float(rater(shown)) for shown in self.shown(one)]
            answers.append(_answer(one.kind, sure, random))
            if progress is not None:
                progress(number + 1, len(self.rounds))
        return self.score(answers, name or getattr(rater, "__name__", "a function"))

    def shown(self, one: Round) -> list[Shown]:
        """The examples of a round without the answer."""
        return [self._shown(one.kind, example, mark) for example, mark in zip(one.examples, one.marks, strict=True)]

    def score(self, answers: Sequence[Collection[int]], rater: str) -> BlindScore:
        """The score of answers to the first rounds: of each which of its examples are chosen, by number.

        Of "detection" those in which the unit fires, of "intruder" the one in which it does not, of "fuzzing" [0] where
        the highlighted spot is right.
        """
        import pandas as pd

        judged = [
            row
            for number, (one, answer) in enumerate(zip(self.rounds, answers, strict=False))
            for row in _judged(number, one, answer)
        ]
        columns = ["round", "kind", "document", "why", "said", "truth", "right", "chance"]
        table = pd.DataFrame(judged, columns=columns)
        return BlindScore(
            str(self.unit), self.label, rater, table, len(answers), len(self.rounds), self.provenance
        )  # fmt: skip

    def under(self, label: str) -> BlindRounds:
        """The same rounds for another label."""
        return BlindRounds(self.unit, label, self.kind, self.examples, self.rounds, self.provenance)

    def _shown(self, question: str, example: Example, mark: Mark) -> Shown:
        kept: dict[str, Any] = {"text": example.content, "pieces": example.pieces, "marked": mark.token}
        if not example.pieces:
            column = kind_of(self.kind).column
            kept = {column: example.content}
        return Shown(question, self.label, **kept, box=mark.box, column=mark.column)

    def __repr__(self) -> str:
        return f"BlindRounds({self.unit}, {len(self.rounds)} rounds, {self.examples!r})"


def blind_rounds(
    live: LiveModel,
    unit: Unit | str | tuple[str, int],
    *,
    atlas: AtlasBase | None = None,
    data: Any = None,
    label: str | None = None,
    rounds: Sequence[str] = KINDS,
    explain: int = EXPLAIN,
    test: int = TEST,
    end: str | None = None,
    most: int = DOCUMENTS,
    edits: Sequence[BaseEdit] = (),
    seed: int = 0,
    progress: Callable[[int], object] | None = None,
    overtaken: Callable[[], bool] | None = None,
) -> BlindRounds:
    """Rounds in which a label of a unit is tested by somebody who does not know the answers.

    Documents are run through the model as far as the unit's site. Half of the examples fire, half do not; of these a
    third is where the rest of the site looks as if the unit should, and a third where it comes nearest to firing. What
    explains the unit and what tests the explanation share no document, and nothing that reads the same.

    Parameters
    ----------
    atlas, data
        Where documents come from: those of an atlas, the unit's exemplars first, or others, as `nw.scan` takes them.
    label
        The words that are tested; None: what the live model calls the unit.
    rounds
        Kinds of rounds: "detection" (in which of these does it fire?), "fuzzing" (is the highlighted token, region or
        column the right one?), "intruder" (in which one does it not fire?).
    explain, test
        How many examples; fewer where there are not as many documents.
    end
        "top" or "bottom": at which end of its values the unit is said to fire; None: the one further from the middle of
        the atlas, or of the data that are run.
    most
        So many documents are run at most, drawn by `seed`.
    progress
        Called with the number of documents that were run. `overtaken`: asked while the model runs; True ends it.

    Examples
    --------
    >>> import neuronwidget as nw
    >>> live = nw.demo("cancer")
    >>> blind = nw.blind_rounds(live, "dense.0:1", data=live.inputs.rows, explain=10, test=10)
    >>> {one.document for one in blind.examples.explain} & {one.document for one in blind.examples.test}
    set()
    """
    name = live.sites.unit(unit)
    if edits:
        live = live.edited(*edits)
    pool = pool_of(
        live, name, atlas=atlas, data=data, end=end, most=most, seed=seed, progress=progress, overtaken=overtaken
    )
    examples = choose(pool, str(name), explain, test, seed)
    in_order = make_rounds(live, name, examples, rounds, seed)
    words = words_of(live.labels.get(str(name), "")) if label is None else label
    described = {"documents": pool.searched, "digest": pool.digest}
    settings = {"unit": str(name), "rounds": list(rounds), "end": pool.end, "fires": pool.fires, "silent": pool.silent}
    provenance = Provenance.of_live(live, data=described, seed=seed, **settings)
    return BlindRounds(name, words, live.kind, examples, in_order, provenance)


def words_of(label: str) -> str:
    """A unit's name without the evidence that stands in brackets at its end.

    >>> words_of("inside a comment (AUROC .99, untrained twin .68)")
    'inside a comment'
    """
    return re.sub(r"\s*\([^()]*\)$", "", label)


def _answer(kind: str, sure: Sequence[float], random: np.random.Generator) -> list[int]:
    """What is chosen, where a rater is so sure of each example."""
    if kind == "intruder":
        lowest = [place for place, one in enumerate(sure) if one == min(sure)]
        return [lowest[int(random.integers(len(lowest)))]]
    return [place for place, one in enumerate(sure) if one > 0.5]


def _judged(number: int, one: Round, answer: Collection[int]) -> list[tuple[Any, ...]]:
    """A row for each judgement of a round."""
    if one.kind == "intruder":
        (truth,) = one.truth
        judgement = next(iter(answer), -1)
        meant = one.examples[truth]
        chance = 1 / len(one.examples)
        return [(number, one.kind, meant.document, meant.why, judgement, truth, judgement == truth, chance)]
    rows = []
    for place, example in enumerate(one.examples):
        judgement, truth = place in answer, place in one.truth
        rows.append((number, one.kind, example.document, example.why, judgement, truth, judgement == truth, 0.5))
    return rows
