"""Traits that are checked against the live model of their widget: units, and the input."""

from __future__ import annotations

from typing import Any

import traitlets
from traitlets import TraitError

from neuronwidget.live.structure.sites import Unit
from neuronwidget.stream.protocol.checks import readable, shorten
from neuronwidget.stream.protocol.shared import LIMITS
from neuronwidget.widgets.errors import words_of


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


class LabelsTrait(traitlets.Dict):
    """What units are called: unit, in any spelling → words. Units without words are left out."""

    info_text = "a dict of units and what they are called, such as {'mlp.2:417': 'inside a string'}"

    def validate(self, obj: Any, value: Any) -> dict[str, str]:
        labels: dict[str, str] = {}
        for unit, words in (super().validate(obj, value) or {}).items():
            try:
                name = str(obj.known_unit(Unit.parse(unit)))
            except (TypeError, ValueError, LookupError, OverflowError) as error:
                raise TraitError(f"labels: {words_of(error)}") from error
            if not isinstance(words, str):
                raise TraitError(f"labels[{name!r}] are words, not {shorten(words)}.")
            if words := readable(" ".join(words.split()), LIMITS["label"]):
                labels[name] = words
        return labels


class InputTrait(traitlets.TraitType[Any, Any]):
    """What is looked at, as the kind of input of the widget's live model has it: a text, a picture, a row.

    Anything that `live.record` takes can be set; an empty string stands for what the inputs begin with.
    """

    default_value = ""
    info_text = "an input of the live model"

    def validate(self, obj: Any, value: Any) -> Any:
        if obj._live is not None:
            return obj._kind.check(obj._live, value)
        if isinstance(value, str):
            return readable(value)
        raise TraitError("This widget was closed.")


def input_to_json(value: Any, widget: Any) -> Any:
    """The input as it travels to the page."""
    return widget._kind.to_page(value)


def input_from_page(value: Any, widget: Any) -> Any:
    """The input as the page may set it: less than Python may, the path of a picture above all."""
    return widget._kind.from_page(widget._live, value)


def unit_to_json(value: Unit | None, _: Any) -> str | None:
    """A unit by its name."""
    return None if value is None else str(value)


def units_to_json(value: list[Unit], _: Any) -> list[str]:
    """Units by their names."""
    return [str(unit) for unit in value]
