"""The word that exemplars have in common: the token at their peaks, their label, or the name of what comes twice."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pandas as pd


def common_word(exemplars: pd.DataFrame) -> tuple[str, float]:
    """What most of some exemplars have in common, and the share that has it; "" and 0 where nothing comes twice.

    >>> import pandas as pd
    >>> common_word(pd.DataFrame({"id": ["a", "b", "c"], "label": ["seven", "seven", "one"]}))
    ('seven', 0.6666666666666666)
    """
    if "pieces" in exemplars:
        peaks = zip(exemplars["pieces"], exemplars["peak"], strict=True)
        words: list[Any] = [pieces[int(peak)] for pieces, peak in peaks if 0 <= peak < len(pieces)]
    else:
        words = [label for label in exemplars.get("label", ()) if label] or list(exemplars.get("id", ()))
    ((word, count),) = Counter(map(str, words)).most_common(1) or [("", 0)]
    return (word, count / len(words)) if count > 1 else ("", 0.0)
