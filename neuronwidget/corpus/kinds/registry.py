"""Table of the kinds of input that data sets and scans know; a further kind is one more object, registered.

To add a kind: subclass `CorpusKind` in a file beside this one. Say its name and the words for it, and what is different
from an input that runs whole: in its cutter what is looked for in a source and what is kept of it, in `read` what an
exemplar shows. Register it below. `tests/corpus/test_added_kind.py` does so for a curve of 64 numbers.

>>> kind_of("image").counted
'pictures'
"""

from __future__ import annotations

from neuronwidget.corpus.kinds.image import ImageKind
from neuronwidget.corpus.kinds.kind import CorpusKind
from neuronwidget.corpus.kinds.table import TableKind
from neuronwidget.corpus.kinds.text import TextKind

KINDS: dict[str, CorpusKind] = {}


def register(kind: CorpusKind) -> None:
    """Add a kind, or put another in the place of the one of its name."""
    KINDS[kind.name] = kind


def kind_of(name: str) -> CorpusKind:
    """The kind of this name, which is what `kind` of its inputs says."""
    if name not in KINDS:
        raise ValueError(f"There is no kind of input {name!r}; there are {', '.join(KINDS)}.")
    return KINDS[name]


for _kind in (TextKind(), ImageKind(), TableKind()):
    register(_kind)
