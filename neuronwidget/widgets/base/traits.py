"""Traits that are checked against the live model of their widget: units, and the input."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any

import traitlets
from traitlets import TraitError

from neuronwidget.live.labels.label import LabelsError
from neuronwidget.live.labels.labels import Labels
from neuronwidget.live.structure.sites import Unit
from neuronwidget.stream.protocol.checks import ProtocolError, plain, readable, shorten
from neuronwidget.stream.protocol.edits import read_edits
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
    """What units are called: unit, in any spelling → words. Units without words are left out.

    Labels, or the path of their file, can be set too: they become those of what the view shows.
    """

    info_text = "a dict of units and what they are called, such as {'mlp.2:417': 'inside a string'}"

    def validate(self, obj: Any, value: Any) -> dict[str, str]:
        if isinstance(value, (Labels, str, os.PathLike)):
            try:
                return dict(obj.take_labels(value))
            except LabelsError as error:
                raise TraitError(str(error)) from error
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


class EditsTrait(traitlets.List[Any]):
    """What is done to units of the model while it is looked at: a list of dicts, each with all of its fields."""

    info_text = "a list of edits, such as [{'edit': 'scale', 'unit': 'mlp.2:417', 'factor': 0}]"

    def validate(self, obj: Any, value: Any) -> list[dict[str, Any]]:
        try:
            spelt = plain([_spelt(edit) for edit in super().validate(obj, value) or []])
            edits = [edit.plain() for edit in read_edits(spelt)]
            for edit in edits:
                if edit["edit"] != "steer" or not obj.knows_direction(edit["unit"]):
                    edit["unit"] = str(obj.known_unit(Unit.parse(edit["unit"])))
                if edit["when"] is not None:
                    edit["when"]["unit"] = str(obj.known_unit(Unit.parse(edit["when"]["unit"])))
        except ProtocolError as error:
            raise TraitError(f"edits: {error}") from error
        except (TypeError, ValueError, LookupError, OverflowError) as error:
            raise TraitError(f"edits: {words_of(error)}") from error
        return edits


def _spelt(edit: Any) -> Any:
    """An edit whose units are written by their names, whatever spelling they were given in."""
    if not isinstance(edit, Mapping):
        return edit
    names = {key: _name(value) if key == "unit" else value for key, value in edit.items()}
    when = names.get("when")
    return {**names, "when": {**when, "unit": _name(when.get("unit"))}} if isinstance(when, Mapping) else names


def _name(unit: Any) -> Any:
    return str(Unit.parse(unit)) if isinstance(unit, (Unit, tuple)) else unit


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


def beside_to_json(value: Any, widget: Any) -> Any:
    """The input that is compared with, as it travels to the page; None where there is none."""
    return None if value is None else input_to_json(value, widget)


def beside_from_page(value: Any, widget: Any) -> Any:
    """The input beside, as the page may set it."""
    return None if value is None else input_from_page(value, widget)


def labels_from_page(value: Any, _: Any) -> dict[str, Any]:
    """Labels as the page may set them: words by unit, and no path of a file."""
    if not isinstance(value, dict):
        raise TraitError(f"labels are words by unit, not {shorten(value)}.")
    return value


def unit_to_json(value: Unit | None, _: Any) -> str | None:
    """A unit by its name."""
    return None if value is None else str(value)


def units_to_json(value: list[Unit], _: Any) -> list[str]:
    """Units by their names."""
    return [str(unit) for unit in value]
