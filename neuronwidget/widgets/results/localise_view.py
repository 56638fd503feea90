"""Widget that shows how many units it takes to tell something: the LocaliseView."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import traitlets
from traitlets import TraitError

from neuronwidget.analysis.which.localise.result import Localised
from neuronwidget.live.structure.sites import Unit
from neuronwidget.stream.worker import Worker
from neuronwidget.widgets.answers.results.localised_info import localised_info
from neuronwidget.widgets.base.model_widget import ModelWidget
from neuronwidget.widgets.errors import words_of
from neuronwidget.widgets.results.result_view import ResultView, check_explorer
from neuronwidget.widgets.saved import html
from neuronwidget.widgets.saved.bundle import Saved

if TYPE_CHECKING:
    import pandas as pd

_WIDE: dict[str, Any] = {"concept": None, "k": None}
_ROWS = 12


class LocaliseView(ResultView[Localised]):
    """How well the best k units tell a concept, for each k, beside a random basis and shuffled labels.

    Parameters
    ----------
    localised
        From `nw.localise`.
    explorer
        A view of the live model: a unit that is clicked is chosen there, and the other way round.

    Attributes
    ----------
    unit : Unit or None
        The chosen unit.
    narrowed : dict
        What is looked at: `concept` (None: the first) and `k`, how many units (None: as many as the verdict says).

    Examples
    --------
    >>> import neuronwidget as nw
    >>> view = nw.LocaliseView(nw.localise(live, pictures, labels, "dense.0"), explorer)   # doctest: +SKIP
    >>> view.narrowed = {"concept": "3", "k": 2}                                           # doctest: +SKIP
    """

    bundle = "results"

    localised_info = traitlets.Dict(default_value=None, allow_none=True).tag(sync=True)
    narrowed = traitlets.Dict(_WIDE).tag(sync=True, echo_update=False)

    def __init__(self, localised: Localised, explorer: ModelWidget | None = None, **traits: Any) -> None:
        if not isinstance(localised, Localised):
            raise TypeError(f"{type(localised).__name__} is no result of nw.localise: give nw.localise(live, data, …).")
        linked = check_explorer(explorer, localised.sites)
        info = dict(localised_info(localised))
        super().__init__(
            localised, Worker("neuronwidget: localised"), linked, layout_kind="localised", localised_info=info, **traits
        )

    @property
    def localised(self) -> Localised:
        """The result that is shown."""
        return self._shown()

    @property
    def units(self) -> list[Unit]:
        """The units at the chosen k, the best first."""
        concept, k = self._looked_at()
        units = self.localised.units
        return [Unit.parse(name) for name in units.loc[units["concept"] == concept, "unit"].head(k)]

    def _looked_at(self) -> tuple[str, int]:
        concept = self.narrowed["concept"] or self.localised.found["concept"].iloc[0]
        return concept, self.narrowed["k"] or int(self.localised.row(concept)["k"])

    def table(self) -> pd.DataFrame:
        """The units of the chosen concept, the best first."""
        units = self.localised.units
        return self.localised.named(units[units["concept"] == self._looked_at()[0]].reset_index(drop=True))

    def has(self, unit: Unit) -> bool:
        return self._result is not None and unit.site in self._result.sites

    @traitlets.validate("narrowed")
    def _whole_narrowed(self, proposal: Any) -> dict[str, Any]:
        """Of both there is a value, which is one that there is."""
        given = {**_WIDE, **proposal["value"]}
        if given.keys() != _WIDE.keys():
            raise TraitError("narrowed= has `concept` and `k`, and nothing else.")
        if self._result is None:
            return given
        if given["concept"] is not None:
            try:
                self._result.row(given["concept"])
            except KeyError as error:
                raise TraitError(words_of(error)) from error
        ks = sorted(set(self._result.curves["k"]))
        if given["k"] is not None and given["k"] not in ks:
            raise TraitError(f"There is no probe of {given['k']!r} units; there are {', '.join(map(str, ks))}.")
        return given

    def _picture(self, result: Localised) -> Saved:
        heads = ["concept", "says", "k", "f1", "alone", "rotated", "control"]
        concepts = [[row[name] for name in heads] for row in result.found.head(_ROWS).to_dict("records")]
        concept, _ = self._looked_at()
        curves = result.curves[result.curves["concept"] == concept].pivot(index="k", columns="basis", values="f1")
        lines = [(k, *row) for k, row in zip(curves.index, curves.to_numpy().tolist(), strict=True)]
        parts = (
            html.title(result.verdict),
            html.table(concepts, heads),
            html.line(f"F1 of {concept} on the other half", quiet=True),
            html.table(lines, ["k", *map(str, curves.columns)]),
        )
        return Saved(result.verdict, parts)
