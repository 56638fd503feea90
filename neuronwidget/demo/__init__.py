"""The bundled models, their cards, and the scripts that trained them.

This module imports no torch; ``load`` does.
"""

from __future__ import annotations

import json
import sys
import types
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from torch import nn

    from neuronwidget.live.model import LiveModel

NAMES = ("code", "code-sae", "digits", "digits-shortcut", "cancer")
MODELS = Path(__file__).parent / "models"


class Codec(NamedTuple):
    """A text's tokens and back: ``encode(text) -> ids``, ``decode(id) -> text``."""

    encode: Callable[[str], list[int]]
    decode: Callable[[int], str]


def load(name: str, trained: bool = True) -> tuple[nn.Module, Codec]:
    """The code model in evaluation mode, and its codec; untrained, it is the twin the training began with."""
    if name != "code":
        raise ValueError(f"no demo model {name!r} of text; nw.demo has {', '.join(NAMES)}")
    from neuronwidget.demo import code, weights

    path = MODELS / f"{name}.safetensors"
    return weights.read(path) if trained else weights.twin(path), Codec(code.encode, code.decode)


def card(name: str) -> dict[str, Any]:
    """What is known of a bundled model: its training, its scores, and units to look at."""
    if name not in NAMES:
        raise ValueError(f"no demo model {name!r}; there are {', '.join(NAMES)}")
    known: dict[str, Any] = json.loads((MODELS / f"{name}.json").read_text(encoding="utf-8"))
    return known


class _Callable(types.ModuleType):
    """Makes ``nw.demo("code")`` work although ``neuronwidget.demo`` is this package."""

    def __call__(self, name: str = "code", *, trained: bool = True, sae: bool = False) -> LiveModel:
        """A bundled model, ready to look into, offline. ``trained=False``: its untrained twin.

        ``sae=True``, for ``code``: with a sparse autoencoder, whose features are the units of the site ``sae.1``.

        >>> import neuronwidget as nw
        >>> nw.demo("code").sites["mlp.0"].kind
        'mlp'
        """
        from neuronwidget.demo.attached import live_demo

        return live_demo(name, trained=trained, sae=sae)


sys.modules[__name__].__class__ = _Callable
