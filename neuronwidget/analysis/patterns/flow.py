"""Flow: how the patterns of one site split and merge into those of another."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pandas as pd


def flow(inputs: pd.DataFrame, others: pd.DataFrame) -> pd.DataFrame:
    """Inputs by their pattern at one site and at another: from, to, inputs, of_from, of_to (shares).

    `inputs`, `others`: document and pattern of each input. Those that both sites know count; −1 stands for no pattern.
    """
    both = inputs[["document", "pattern"]].merge(others[["document", "pattern"]], on="document", suffixes=("", "_to"))
    if both.empty:
        raise ValueError("The two results have no input in common: ask both of the same data.")
    counts = both.groupby(["pattern", "pattern_to"]).size().rename("inputs").reset_index()
    counts = counts.rename(columns={"pattern": "from", "pattern_to": "to"})
    for side in ("from", "to"):
        counts[f"of_{side}"] = counts["inputs"] / counts.groupby(side)["inputs"].transform("sum")
    return counts
