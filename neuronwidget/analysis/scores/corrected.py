"""Correction of p-values for how many units were searched."""

from __future__ import annotations

from typing import Any

import numpy as np

from neuronwidget.analysis.scores.sides import Floats

#: "bh": Benjamini and Hochberg, for units that are independent or rise together; "by": Yekutieli's, for any units.
CORRECTIONS = ("bh", "by")


def q_values(p: Any, how: str = "bh") -> Floats:
    """The false discovery rate at which each unit would be among the findings, from all p-values of a search.

    NaN was not tested: it stays, and does not count as searched.

    >>> q_values([0.01, 0.04, 0.03, float("nan")]).round(3).tolist()
    [0.03, 0.04, 0.04, nan]
    """
    if how not in CORRECTIONS:
        raise ValueError(f"A correction is one of {', '.join(CORRECTIONS)}, not {how!r}.")
    p = np.asarray(p, np.float64)
    q, tested = np.full(p.shape, np.nan), np.flatnonzero(~np.isnan(p))
    places = np.arange(1, len(tested) + 1)
    order = tested[np.argsort(p[tested], kind="stable")]
    searched = len(tested) * (1.0 if how == "bh" else float((1 / places).sum()))
    raised = p[order] * searched / places
    q[order] = np.minimum.accumulate(raised[::-1])[::-1].clip(max=1.0)
    return q
