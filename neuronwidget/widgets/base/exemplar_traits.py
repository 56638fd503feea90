"""Traits of views of exemplars: how these are shown, and which of them a person picked."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import traitlets
from traitlets import TraitError

from neuronwidget.stream.protocol.shared import CONTEXTS, GROUPS

if TYPE_CHECKING:
    import pandas as pd

    from neuronwidget.atlas.base import AtlasBase
    from neuronwidget.live.structure.sites import Unit
    from neuronwidget.widgets.answers.answers import AtlasAnswers

_CHOICES = {"group": GROUPS, "context": CONTEXTS}
_SHOWN = {"group": "top", "context": "full"}


class ExemplarTraits(traitlets.HasTraits):
    """Traits of a widget that shows the exemplars of its `unit`.

    Attributes
    ----------
    picked : list of int
        The rows of `atlas.exemplars(unit)` that are selected; of another unit none are.
    shown : dict
        `group`: "top", "intervals", "quantiles" or "bottom"; `context`: "5", "16" or "full" tokens of each.
    """

    unit: Any
    atlas: AtlasBase
    _answers: AtlasAnswers | None
    _picked_of: Unit | None = None

    shown = traitlets.Dict(_SHOWN).tag(sync=True, echo_update=False)
    picked = traitlets.List(traitlets.Int()).tag(sync=True, echo_update=False)

    @traitlets.validate("shown")
    def _whole_shown(self, proposal: Any) -> dict[str, Any]:
        shown = {**self.shown, **proposal["value"]}
        if shown.keys() != _SHOWN.keys():
            raise TraitError(f"shown has {', '.join(_SHOWN)}.")
        for name, choices in _CHOICES.items():
            shown[name] = str(shown[name])
            if shown[name] not in choices:
                raise TraitError(f"shown['{name}'] is one of {', '.join(choices)}, not {shown[name]!r}.")
        return shown

    @traitlets.validate("picked")
    def _rows_there(self, proposal: Any) -> list[int]:
        rows = list(dict.fromkeys(proposal["value"]))
        if rows and self._answers is not None:
            count = self._count()
            missing = [row for row in rows if not 0 <= row < count]
            if missing:
                raise TraitError(f"{self.unit} has {count} exemplars, there is no row {missing[0]}.")
        self._picked_of = self.unit
        return rows

    def _count(self) -> int:
        """How many exemplars the unit has; none where its site was not scanned."""
        try:
            assert self._answers is not None
            return 0 if self.unit is None else len(self._answers.context.exemplars(self.unit))
        except (KeyError, IndexError):
            return 0

    @traitlets.observe("unit")
    def _drop_picked(self, change: Any) -> None:
        # The page says unit and rows together, and then the rows are already of the new unit.
        if change["new"] != self._picked_of:
            self.picked = []

    @property
    def selected(self) -> pd.DataFrame:
        """The exemplars that are selected, as `atlas.exemplars` has them, in the order in which they were picked."""
        if self.unit is None:
            raise ValueError("No unit is chosen: set .unit.")
        return self.atlas.exemplars(self.unit).loc[self.picked]
