"""Table of the kinds of input that `attach` knows; a further kind is one more object, registered.

>>> from neuronwidget.live.inputs.image import ImageInputs
>>> kind_of(ImageInputs(size=8)).model.__name__
'TensorModel'
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from torch import nn

from neuronwidget.live.adapters.adaptation import Adaptation
from neuronwidget.live.adapters.registry import adapt_text
from neuronwidget.live.adapters.vision import adapt_images, is_picture_processor
from neuronwidget.live.errors import AttachError
from neuronwidget.live.inputs.image import ImageInputs
from neuronwidget.live.inputs.table import TableInputs
from neuronwidget.live.inputs.text import TextInputs
from neuronwidget.live.model import LiveModel
from neuronwidget.live.tensor_model import TensorModel
from neuronwidget.live.token_model import TokenModel


def _never(_: object) -> bool:
    return False


def _as_given(model: nn.Module, processor: Any, inputs: Any) -> Adaptation:
    return Adaptation(inputs)


@dataclass(frozen=True)
class LiveKind:
    """A kind of input, for attaching.

    Attributes
    ----------
    name
        What `kind` of its inputs is.
    inputs
        The class of its inputs.
    model
        The class of its live models.
    has_processor
        Says whether a tokenizer or processor, given instead of inputs, belongs to this kind.
    adapt
        What adapters say of a module, from its processor and inputs, either of which may be None.
    """

    name: str
    inputs: type[Any]
    model: type[LiveModel]
    has_processor: Callable[[Any], bool] = _never
    adapt: Callable[[nn.Module, Any, Any], Adaptation] = _as_given


KINDS: dict[str, LiveKind] = {}


def register(kind: LiveKind) -> None:
    """Add a kind, or put another in the place of the one of its name."""
    KINDS[kind.name] = kind


def kind_of(inputs: Any) -> LiveKind:
    """The kind of some inputs, by its name."""
    name = getattr(inputs, "kind", None)
    if name not in KINDS:
        raise AttachError(f"{type(inputs).__name__} is no kind of inputs that is known: {', '.join(KINDS)}.")
    return KINDS[name]


def kind_of_processor(processor: Any) -> LiveKind:
    """The kind that a tokenizer or processor belongs to; text where none says that it does."""
    return next((kind for kind in KINDS.values() if kind.has_processor(processor)), KINDS["text"])


def is_inputs(candidate: Any) -> bool:
    """Is it inputs of a known kind, and not a tokenizer or processor?"""
    return any(isinstance(candidate, kind.inputs) for kind in KINDS.values())


register(LiveKind("text", TextInputs, TokenModel, adapt=adapt_text))
register(LiveKind("image", ImageInputs, TensorModel, is_picture_processor, adapt_images))
register(LiveKind("table", TableInputs, TensorModel))
