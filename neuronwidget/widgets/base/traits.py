"""Traits that are checked against the live model of their widget."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import traitlets
from traitlets import TraitError

from neuronwidget.live.inputs.tensors import InputError
from neuronwidget.live.structure.sites import Unit
from neuronwidget.live.tensor_model import TensorModel
from neuronwidget.stream.protocol.checks import readable, shorten
from neuronwidget.stream.protocol.inputs import picture_of, read_row


class UnitTrait(traitlets.TraitType[Any, Any]):
    """A unit, set by any spelling: `Unit("mlp.2", 3)`, `"mlp.2:3"`, `("mlp.2", 3)`, or None."""

    info_text = "a unit such as 'mlp.2:417'"

    def validate(self, obj: Any, value: Any) -> Unit | None:
        if value is None and self.allow_none:
            return None
        try:
            return Unit.parse(value)
        except (TypeError, ValueError, LookupError, OverflowError) as error:
            raise TraitError(f"{shorten(value)} is not a unit; write it as 'mlp.2:417'.") from error


class InputTrait(traitlets.TraitType[Any, Any]):
    """What is looked at: a text, a picture (uint8 [height, width, 3]) or a row (a dict), as the model's inputs have it.

    Anything that `live.record` takes can be set; an empty string stands for what the inputs begin with.
    """

    default_value = ""
    info_text = "an input of the live model"

    def validate(self, obj: Any, value: Any) -> Any:
        live = obj._live
        if not isinstance(live, TensorModel):
            if isinstance(value, str):
                return readable(value)
            raise TraitError(f"The input of a model of text is a string, not {type(value).__name__}.")
        try:
            nothing = value is None or (isinstance(value, str) and not value)
            return live.inputs.start() if nothing else live.inputs.read(value)
        except InputError as error:
            raise TraitError(str(error)) from error


def input_to_json(value: Any, _: Any) -> Any:
    """A picture as its size and RGB bytes, which travel as a buffer; texts and rows as they are."""
    if isinstance(value, np.ndarray):
        return {"width": value.shape[1], "height": value.shape[0], "rgb": value.tobytes()}
    return value


def input_from_page(value: Any, widget: Any) -> Any:
    """The input as the page may set it: text; pixels or a number of the gallery; cells or the number of a row.

    Python may set more, the path of a picture above all. A page, which may come with a notebook of somebody else, may
    not have the kernel open files.
    """
    live = widget._live
    if not isinstance(live, TensorModel):
        return value
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    if live.inputs.kind == "image":
        if not isinstance(value, Mapping) or value.keys() != {"width", "height", "rgb"}:
            raise TraitError("The page sends a picture as its pixels or as a number of the gallery, and no path.")
        picture = picture_of(value, value["rgb"])
        return np.frombuffer(picture.rgb, np.uint8).reshape(picture.height, picture.width, 3)
    row = read_row(value)
    if row is None:
        raise TraitError("The page sends a row as an object of numbers and words, or as the number of an example.")
    return row


def unit_to_json(value: Unit | None, _: Any) -> str | None:
    """A unit by its name."""
    return None if value is None else str(value)


def units_to_json(value: list[Unit], _: Any) -> list[str]:
    """Units by their names."""
    return [str(unit) for unit in value]
