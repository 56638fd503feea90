"""Widget in which a person tests a label without knowing the answers: the BlindTest."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import traitlets
from traitlets import TraitError

from neuronwidget.analysis.labels.blind.blind import BlindRounds, blind_rounds
from neuronwidget.analysis.labels.blind.blind import words_of as words_of_label
from neuronwidget.analysis.labels.blind.choose import EXPLAIN, TEST
from neuronwidget.analysis.labels.blind.rounds import KINDS
from neuronwidget.analysis.labels.blind.run import FEEDBACK, BlindRun
from neuronwidget.analysis.labels.blind.score import BlindScore
from neuronwidget.atlas.base import AtlasBase
from neuronwidget.live.labels.label import LabelsError
from neuronwidget.live.labels.labelled import Labelled
from neuronwidget.live.model import LiveModel
from neuronwidget.live.structure.sites import Unit
from neuronwidget.stream.protocol.checks import ProtocolError, readable
from neuronwidget.stream.protocol.shared import LIMITS
from neuronwidget.stream.worker import Worker
from neuronwidget.widgets.answers.results.blind_info import columns_of, info_of, scale_of
from neuronwidget.widgets.base.model_widget import ModelWidget
from neuronwidget.widgets.base.page import PageWidget
from neuronwidget.widgets.errors import words_of
from neuronwidget.widgets.saved.bundle import Making, Saved
from neuronwidget.widgets.saved.results.blind import saved_blind

if TYPE_CHECKING:
    import pandas as pd


class BlindTest(PageWidget):
    """Rounds in which a person judges examples of a unit by its label, one round after the other.

    The page is not told an answer before the round was answered. In the end it shows the score with its interval, which
    is kept with the model's labels, as evidence for the one that was tested.

    Parameters
    ----------
    live
        The model.
    atlas, data
        Where examples come from: an atlas, or data as `nw.scan` takes them.
    unit
        What is tested.
    labels
        From `nw.Labels`, or the path of their file: they become those of the model.
    label
        The words that are tested, by default what the model's labels call the unit. Without any, or with "", examples
        are shown, and a person writes what the unit fires for.
    rounds
        Kinds of rounds: "detection", "fuzzing", "intruder".
    explain, test
        How many examples, to write a label by and to test it.
    end
        "top" or "bottom": at which end of its values the unit is said to fire; see `nw.blind_rounds`.
    feedback
        When the answers are shown: after each "round", or in the "end".
    by
        Who judges.
    blind
        Rounds that were made already (`nw.blind_rounds`), so that several people answer the same ones.
    explorer
        A view of the model, which shows the unit once the test is over.

    Attributes
    ----------
    blind : BlindRounds
        The rounds; `blind.rate(fn)` has a function answer the same ones.
    result : BlindScore
        The score of what was answered so far.

    Examples
    --------
    >>> import neuronwidget as nw
    >>> live = nw.demo("code")
    >>> test = nw.BlindTest(live, live.atlas(), "state.1:92")                  # doctest: +SKIP
    >>> test.result.verdict                                                    # doctest: +SKIP
    """

    bundle = "results"

    blind_info = traitlets.Dict(default_value=None, allow_none=True).tag(sync=True)
    # What a person did last; written by the page, which is told in `blind_info` what came of it.
    move = traitlets.Dict().tag(sync=True, echo_update=False)

    _run: BlindRun | None = None
    _live: LiveModel | None = None
    _explorer: ModelWidget | None = None

    def __init__(
        self,
        live: LiveModel,
        atlas: AtlasBase | None = None,
        unit: Any = None,
        labels: Any = None,
        *,
        data: Any = None,
        label: str | None = None,
        blind: BlindRounds | None = None,
        feedback: str = "round",
        by: str = "",
        rounds: Sequence[str] = KINDS,
        explain: int = EXPLAIN,
        test: int = TEST,
        end: str | None = None,
        explorer: ModelWidget | None = None,
        seed: int = 0,
        **traits: Any,
    ) -> None:
        if feedback not in FEEDBACK:
            raise ValueError(f"feedback= is one of {', '.join(FEEDBACK)}, not {feedback!r}.")
        if labels is not None:
            live.labels = labels
        if blind is None:
            if unit is None:
                raise ValueError("Say which unit is tested: nw.BlindTest(live, atlas, 'mlp.2:417').")
            name = live.sites.unit(unit)
            blind = blind_rounds(
                live,
                name,
                atlas=atlas,
                data=data,
                label=label,
                rounds=rounds,
                explain=explain,
                test=test,
                end=end,
                seed=seed,
            )
        elif label is not None:
            blind = blind.under(label)
        self._run = BlindRun(blind, by or "a person", feedback)
        self._live, self._explorer, self._stored = live, explorer, ""
        self._scale, self._columns = scale_of(blind), columns_of(blind, live)
        traits.setdefault("layout_kind", "blind")
        super().__init__(Worker("neuronwidget: blind test"), unit=blind.unit, blind_info=self._info(), **traits)

    # ---- what is tested, and what came of it -----------------------------------------------------------------

    @property
    def blind(self) -> BlindRounds:
        """The rounds."""
        return self._opened.blind

    @property
    def result(self) -> BlindScore:
        """The score of what was answered so far."""
        return self._opened.score

    @property
    def _opened(self) -> BlindRun:
        if self._run is None:
            raise RuntimeError("This widget was closed.")
        return self._run

    def table(self) -> pd.DataFrame:
        """A row a kind of round, and one of all."""
        return self.result.table()

    # ---- what a person does ----------------------------------------------------------------------------------

    def begin(self, label: str | None = None) -> None:
        """Begin with the rounds, with the words to test where they were not known yet."""
        self._opened.begin(readable(" ".join((label or "").split()), LIMITS["label"]))
        self._tell()

    def answer(self, chosen: Collection[int]) -> None:
        """Answer the present round with the numbers of its examples: see `BlindRounds.score`."""
        run = self._opened
        run.answer(chosen)
        if run.is_answered:
            self._keep_score()
        self._tell()

    def next(self) -> None:
        """Go on after the answers of a round were shown."""
        self._opened.next()
        self._tell()

    def _tell(self) -> None:
        """The page is told how things stand."""
        self.blind_info = self._info()

    @traitlets.observe("move")
    def _take_move(self, change: Any) -> None:
        """What the page sends; of a step that is over, such as a key pressed twice, nothing is taken."""
        move, run = change["new"], self._run
        if not isinstance(move, Mapping) or run is None or move.get("step") != run.step:
            return
        if run.phase == "explain":
            self.begin(str(move.get("label", "")))
        elif run.phase == "round":
            answer = move.get("answer")
            if not isinstance(answer, list):
                raise ProtocolError("An answer is a list of numbers.", "Reload the page.")
            self.answer(answer)
        elif run.phase == "feedback":
            self.next()
        elif self._explorer is not None and self._explorer._live is not None:
            self._explorer.unit = self.unit

    # ---- labels ----------------------------------------------------------------------------------------------

    def _what_is_named(self) -> Labelled:
        return super()._what_is_named() if self._live is None else self._live

    def _keep_score(self) -> None:
        """The score is evidence for the label; what stands in the way is told, and the score is there without it."""
        assert self._live is not None
        labels, unit, words = self._live.labels, self.blind.unit, self.blind.label
        try:
            if unit not in labels:
                labels[unit] = words
            called = labels[unit]
            named = {"label": called} if words_of_label(called) == words else {}
            labels.add_test(unit, {**self.result.evidence(), **named})
        except (LabelsError, LookupError) as error:
            self.last_error = error
            self._stored = f"It could not be kept with the label: {words_of(error)}"
        else:
            where = "as long as the kernel runs: give labels=nw.Labels('labels.json') to keep it"
            other = "" if named else f" It counts once {unit} is called that: now it is “{words_of_label(called)}”."
            self._stored = f"Kept as evidence for the label {f'in {labels.path}' if labels.path else where}.{other}"

    # ---- the page --------------------------------------------------------------------------------------------

    def _info(self) -> dict[str, Any]:
        assert self._live is not None
        linked = self._explorer is not None
        return {**info_of(self._opened, self._live, self._scale, self._columns, linked=linked, stored=self._stored)}

    def known_unit(self, unit: Unit) -> Unit:
        return unit if self._live is None else self._live.sites.unit(unit)

    @traitlets.validate("unit")
    def _same_unit(self, proposal: Any) -> Any:
        value = proposal["value"]
        if self._run is None or value == self.blind.unit:
            return value
        raise TraitError(f"This test is of {self.blind.unit}: make another for {value}.")

    def _saved(self, making: Making) -> Saved:
        return self._at_hand()

    def _at_hand(self) -> Saved:
        run = self._run
        if run is None:
            return self._called()
        begins = run.phase == "explain" and run.asks
        return saved_blind(run.blind, run.score, explains=begins, is_over=run.phase == "end")

    def close(self) -> None:
        """Let go of the model and the rounds; the page keeps its last picture and says so."""
        self._explorer = None
        super().close()
        self._run, self._live = None, None
