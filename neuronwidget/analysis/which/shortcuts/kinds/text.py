"""Plain properties of texts: length, capitals, digits, single words; and at which tokens a unit peaks."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from neuronwidget.analysis.which.shortcuts.kinds.kind import Looks, Measured, PropertyKind
from neuronwidget.live.structure.sites import Site

_WORD = re.compile(r"[^\W\d_]{2,}")
#: So many words are tried, and one must be in so many texts of the half that they are chosen on.
MOST, LEAST = 200, 5
_SHOWN = 8


class TextProperties(PropertyKind):
    """Properties of texts."""

    tried = "length, capitals, digits and single words"

    def measured(self, contents: Sequence[Any], first: NDArray[np.bool_]) -> Measured:
        texts = [str(content) for content in contents]
        words = [set(_WORD.findall(text.lower())) for text in texts]
        counted = Counter(word for one, use in zip(words, first, strict=True) if use for word in one)
        most = int(first.sum()) - LEAST
        chosen = sorted((word for word, n in counted.items() if LEAST <= n <= most), key=lambda w: (-counted[w], w))
        chosen = chosen[:MOST]
        plain = [
            (len(text), _share(text, str.isupper), _share(text, str.isdigit), *(word in one for word in chosen))
            for text, one in zip(texts, words, strict=True)
        ]
        names = ["length", "share of capitals", "share of digits", *(f"the word {word!r}" for word in chosen)]
        return Measured(names, np.array(plain, np.float64).reshape(len(texts), len(names)))

    def looks(self, live: Any, inputs: Sequence[Any], site: Site, unit: int) -> Looks:
        counted: Counter[str] = Counter()
        for x in inputs:
            recording = live.record(x, sites=[site.name])
            values = recording[site.name][:, unit]
            pieces = recording.positions
            if len(values) != len(pieces):
                return Looks()
            counted[pieces[int(values.argmax())]] += 1
        return Looks("tokens", [(piece, count / len(inputs)) for piece, count in counted.most_common(_SHOWN)])


def _share(text: str, of: Callable[[str], bool]) -> float:
    return sum(map(of, text)) / max(1, len(text))
