"""The live model: a torch module, how to feed it, and where its units are."""

from __future__ import annotations

import copy
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Protocol, Self

from torch import nn

from neuronwidget.live.adapters.adaptation import Adaptation
from neuronwidget.live.base.passable import Passable
from neuronwidget.live.base.replicated import Replicated
from neuronwidget.live.edits.edit import BaseEdit
from neuronwidget.live.edits.edit_set import EditSet
from neuronwidget.live.errors import AttachError
from neuronwidget.live.labels.labelled import Labelled, as_labels
from neuronwidget.live.labels.labels import Labels
from neuronwidget.live.recording import Recording
from neuronwidget.live.reuse import Causal
from neuronwidget.live.structure.sites import Site, SiteTable

if TYPE_CHECKING:
    import pandas as pd


class BundledAtlas(Protocol):
    """Builds or opens the atlas of a bundled model. `takes`: how long building takes, in words."""

    takes: str

    def __call__(self, live: LiveModel, /, **options: Any) -> Any: ...


class LiveModel(Replicated, Passable, Labelled, ABC):
    """A model one can look into while it runs. Made by `neuronwidget.attach` and `neuronwidget.demo`.

    This is the base of all kinds of input: `TokenModel` reads texts, `TensorModel` inputs of one size.

    Attributes
    ----------
    sites
        Where units are: `live.sites.table()` lists them, `live.sites["mlp.2"]` takes any name in use.
    lock
        Held during every pass, but for those of a scan; one for each module, however often it is attached. Hold it
        around optimiser steps in another thread, so that weights keep still during a pass. Forward and backward passes
        of the other thread need no lock: passes here run on a replica that shares the parameters and nothing else.
    classes
        How many outputs the model has to choose from; 0 where they are no choice.
    predicts
        What the output speaks of: "next" (the token after each), "here" (each token itself), "first" (the first token
        of an answer), "whole" (the whole input), "" (it is no prediction).
    output
        What it tells apart, in a word, where somebody said so: "phoneme".
    suggested
        A unit worth looking at first, where somebody knows one.
    references
        What edits take means and other positions from, where they are given no data: an atlas, a list of inputs, or
        a function that gives such a list when it is first needed.
    directions
        Directions to steer along, by name, which views offer: `live.directions["comments"] = nw.difference(…)`.
    labels
        What units are called: `live.labels["mlp.2:417"] = "inside a string"`. All views of the model show them, and
        keep what a person names there in them. Set it to `nw.Labels("labels.json")`, and they are in that file.

    Examples
    --------
    >>> import neuronwidget as nw
    >>> live = nw.demo("code")                               # doctest: +SKIP
    >>> live.record("x = 1", sites=["mlp.0"])["mlp.0"]       # doctest: +SKIP
    """

    sites: SiteTable
    classes: int
    predicts: str
    output: str = ""

    def __init__(
        self,
        module: nn.Module,
        inputs: Any,
        *,
        name: str | None = None,
        keep: bool = True,
        adaptation: Adaptation | None = None,
        suggested: str | None = None,
        labels: Labels | Mapping[str, str] | None = None,
        atlas: BundledAtlas | None = None,
    ) -> None:
        """`adaptation`: what an adapter says of the model. `atlas`: builds or opens the atlas of a bundled model."""
        super().__init__(module, keep)
        self.inputs: Any = inputs
        self.context: int = inputs.context
        self.name = name or type(self.module).__name__
        self.suggested = suggested
        self._labels = as_labels(labels)
        #: Builds or opens the atlas of a bundled model; None for models of one's own.
        self.bundled_atlas = atlas
        self.references: Any = None
        self._own_edits, self._held, self._recorded = EditSet(), {}, {}
        sites = self._discover()
        self._depths = {(s.module, s.side, s.call): n for n, s in reversed([*enumerate(sites)])}
        self.sites = sites if adaptation is None else adaptation.apply(sites)
        if adaptation is not None and adaptation.predicts is not None:
            self.predicts = adaptation.predicts

    @property
    def kind(self) -> str:
        """The name of the kind of input: "text", "image", "table", or one that was registered."""
        kind: str = self.inputs.kind
        return kind

    def _check_labels(self, labels: Labels) -> None:
        labels.for_model(self)

    def _with_edits(self, edits: EditSet) -> Self:
        other = copy.copy(self)
        other._own_edits, other._held, other._recorded = edits, {}, {**self._recorded}
        other._saes = [*self._saes]
        other._offer(self.directions)
        other.edits_in_views = ()
        return other

    @property
    def tells_each_token(self) -> bool:
        """Has its output a row for each token?"""
        return False

    @property
    def causal(self) -> Causal | None:
        """How to run on from a cache; None where there is none, or it gives other numbers."""
        return None

    # ---- looking ---------------------------------------------------------------------------------------

    def record(
        self,
        x: Any,
        sites: Sequence[str] | None = None,
        *,
        edits: Sequence[BaseEdit] = (),
        focus: int | None = None,
        overtaken: Callable[[], bool] | None = None,
    ) -> Recording:
        """What chosen sites did on one input.

        Parameters
        ----------
        x
            What a person edits: a text; a picture (array, PIL image, file, gallery number); a row (dict, Series);
            or a float tensor of what the model eats, without a dimension for the batch.
        sites
            Names of sites; None for the default ones. The model runs no deeper than the deepest of them.
        edits
            For this recording alone: the same as `live.edited(*edits).record(…)`.
        focus
            For a text beyond the context: the character that must be inside the window. Default: the last one.

        Returns
        -------
        Recording of float32 tensors [positions, units].
        """
        live = self.edited(*edits) if edits else self
        return live._record(x, self.choose(sites), focus, overtaken)

    @abstractmethod
    def _record(self, x: Any, sites: list[Site], focus: int | None, overtaken: Callable[[], bool] | None) -> Recording:
        """The same of sites that were looked up."""

    def predict(self, x: Any, k: int = 10, *, edits: Sequence[BaseEdit] = ()) -> pd.DataFrame:
        """The most probable next tokens (or classes), with their probabilities; where the model answers in several
        steps, those of each `step`.

        A model that fills gaps is asked for the first mask in the text, or else for its last token. `edits`: for this
        prediction alone.
        """
        import pandas as pd

        column, steps = (self.edited(*edits) if edits else self)._predicted(x, k)
        column = self.output or column
        rows = [(step, name, p) for step, named in enumerate(steps) for name, p in named]
        table = pd.DataFrame(rows, columns=["step", column, "probability"])
        return table if len(steps) > 1 else table.drop(columns="step")

    @abstractmethod
    def _predicted(self, x: Any, k: int) -> tuple[str, list[list[tuple[str, float]]]]:
        """What is predicted ("token", "class"), and at each step the k most probable with their probabilities."""

    def generate(self, *asked: Any, **settings: Any) -> Any:
        """Continue a text, token by token: see `TokenModel.generate`. Models of other inputs refuse."""
        raise AttachError(f"{self.name} reads inputs of kind {self.kind!r} and continues no text.")

    def choose(self, sites: Sequence[str] | None) -> list[Site]:
        """Sites by name, in the order they were asked for; None for the default ones."""
        if isinstance(sites, str):
            sites = [sites]
        return self.sites.defaults if sites is None else list(dict.fromkeys(map(self.sites.resolve, sites)))

    def atlas(self, **options: Any) -> Any:
        """The atlas of a bundled model: built at first, then kept. `options`: see `neuronwidget.demos.atlases`."""
        if self.bundled_atlas is None:
            raise AttachError(f'{self.name} has no atlas of its own: nw.scan(live, documents, out="atlas/") makes one.')
        return self.bundled_atlas(self, **options)

    # ---- attaching -------------------------------------------------------------------------------------

    @abstractmethod
    def _discover(self) -> SiteTable:
        """Find the sites; `classes` and `predicts` are set, too. Raises `AttachError` where there are none."""

    def __repr__(self) -> str:
        edits = f", with {', '.join(map(str, self.edits))}" if self.edits else ""
        notes = "".join(f"\n{note}" for note in self.sites.notes)
        return f"LiveModel({self.name}, {len(self.sites.defaults)} default sites of {len(self.sites)}{edits}){notes}"
