"""Memory of what long questions found out about units of an atlas: kept until the model or the atlas is another one."""

from __future__ import annotations

import weakref
from collections.abc import Callable, Hashable
from typing import TypeVar

from neuronwidget.analysis.steps import Steps
from neuronwidget.atlas.base import AtlasBase
from neuronwidget.live.model import LiveModel

T = TypeVar("T")
_MOST = 32
_kept: weakref.WeakKeyDictionary[AtlasBase, dict[Hashable, tuple[object, object]]] = weakref.WeakKeyDictionary()


def kept(live: LiveModel, atlas: AtlasBase, key: Hashable, make: Callable[[], Steps[T]]) -> Steps[T]:
    """What `make` gives, once for each key, of the last ones that were asked for; what it refuses is a LookupError.

    What was made while the model became another one is not kept.
    """
    of_atlas, signature = _kept.setdefault(atlas, {}), live.signature()
    last = of_atlas.pop(key, None)
    if last is None or last[0] != signature:
        try:
            last = signature, (yield from make())
        except ValueError as error:
            raise LookupError(str(error)) from error
    if live.signature() == signature:
        of_atlas[key] = last
    while len(of_atlas) > _MOST:
        del of_atlas[next(iter(of_atlas))]
    answer: T = last[1]  # type: ignore[assignment]
    return answer
