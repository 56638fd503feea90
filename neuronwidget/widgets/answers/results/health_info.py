"""Trait of the health of units: a bar a site, and the units that are out of order."""

from __future__ import annotations

from typing import TYPE_CHECKING

from neuronwidget.analysis.which.health.words import STATES, meaning
from neuronwidget.stream.protocol.checks import readable
from neuronwidget.stream.protocol.results.health import HealthInfo, HealthRow
from neuronwidget.widgets.answers.results.shown import finite

if TYPE_CHECKING:
    from neuronwidget.analysis.which.health.result import Health

#: So many units of a site are sent in each state, and so many of all.
EACH, MOST = 50, 1000
_WORD = 200


def health_info(health: Health) -> HealthInfo:
    """All that the page shows of the health of units."""
    table = health.table()
    shown = table.groupby(["site", "state"], sort=False).head(EACH).head(MOST)
    return {
        "model": readable(health.provenance.model, _WORD),
        "verdict": health.verdict,
        "states": [(state, meaning(state, health.thresholds)) for state in STATES],
        "layers": [
            {
                "site": str(row["site"]),
                "units": int(row["units"]),
                "on": f"{row['seen']:,} {row['counted']}",
                "counts": [int(row[state]) for state in STATES],
            }
            for row in health.layers.to_dict("records")
        ],
        "rows": [
            HealthRow(
                unit=str(row["unit"]),
                state=str(row["state"]),
                share=finite(row["share"]),
                low=finite(row["low"]),
                high=finite(row["high"]),
                reason=str(row["reason"]),
            )
            for row in shown.to_dict("records")
        ],
    }
