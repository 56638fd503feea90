"""Damping of what a group of inputs has more of: edits for the units that passed the corrected test, and no others.

Each unit is multiplied by α = 1 − 2 (AUROC − .5) wherever it is (AURA): one that tells the group without fail is
switched off, one that tells it a little is turned down a little. Without the test nearly half of all units that have
nothing to do with it would be turned down.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from neuronwidget.live.edits.kinds import Scale
from neuronwidget.live.structure.sites import Unit

if TYPE_CHECKING:
    from neuronwidget.analysis.which.compare.result import Comparison
    from neuronwidget.live.model import LiveModel


def damp(live: LiveModel, comparison: Comparison, group: str | None = None) -> list[Scale]:
    """Edits that turn down the units which passed the test and are higher in a group; none where none passed.

    Parameters
    ----------
    comparison
        From `nw.compare`, of two groups.
    group
        The one whose units are damped; the first by default.

    Examples
    --------
    >>> import neuronwidget as nw
    >>> comparison = nw.compare(live, {"toxic": texts_a, "harmless": texts_b})   # doctest: +SKIP
    >>> with live.edit(*nw.damp(live, comparison)):                              # doctest: +SKIP
    ...     model.generate(...)
    """
    names = list(comparison.groups)
    if comparison.measure != "auroc":
        raise ValueError(f"Damping turns down what one of two groups has more of; this compares {len(names)} groups.")
    group = names[0] if group is None else group
    if group not in names:
        raise ValueError(f"There is no group {group!r}: {' and '.join(map(repr, names))} were compared.")
    strength: dict[Unit, float] = {}
    for row in comparison.found.to_dict("records"):
        unit, effect = live.sites.unit((str(row["site"]), int(row["unit"]))), float(row["effect"])
        more = effect if group == names[0] else -effect
        if more > 0:
            strength[unit] = max(strength.get(unit, 0.0), more)
    return [Scale(unit, round(1 - 2 * more, 6)) for unit, more in strength.items()]
