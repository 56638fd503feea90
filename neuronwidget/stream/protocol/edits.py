"""Edits as the page and the trait of a widget spell them: plain objects, each checked once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from neuronwidget.stream.protocol.checks import ProtocolError, is_number, one_of, shorten, whole, wrong
from neuronwidget.stream.protocol.shared import ABLATIONS, EDITS, LIMITS, SCOPES

_FIELDS = {"edit", "unit", "scope", "when", "on", *EDITS.values()}


@dataclass(frozen=True, slots=True)
class EditAsk:
    """What is done to one unit, at which positions, and whether it is on.

    `amount` stands under the name that `EDITS` has for the edit: the factor of a scale, the value of a clamp, the
    strength of steering, and of an ablation what is put there: "zero", "mean", "resample". What is steered along is the
    output weights of `unit`, or a direction of that name. `scope`: "all", "last", or numbers of tokens. `when`: a unit,
    and the value that it must be above.

    >>> read_edit({"edit": "scale", "unit": "mlp.2:417", "factor": 0}).plain()["factor"]
    0.0
    """

    edit: str
    unit: str
    amount: float | str
    scope: str | tuple[int, ...] = "all"
    when: tuple[str, float] | None = None
    on: bool = True

    @property
    def acts(self) -> bool:
        """Does it change anything?"""
        return self.on and (self.edit, self.amount) not in (("scale", 1), ("steer", 0))

    def plain(self) -> dict[str, Any]:
        """The edit as it is written on the wire and in the trait."""
        return {
            "edit": self.edit,
            "unit": self.unit,
            EDITS[self.edit]: self.amount,
            "scope": self.scope if isinstance(self.scope, str) else list(self.scope),
            "when": None if self.when is None else {"unit": self.when[0], "above": self.when[1]},
            "on": self.on,
        }


def read_edits(content: object) -> tuple[EditAsk, ...]:
    """The edits of a request; none where there are none."""
    if content is None:
        return ()
    if not isinstance(content, (list, tuple)):
        raise wrong("edits", "a list of edits", content)
    if len(content) > LIMITS["edits"]:
        raise ProtocolError(
            f"There are {len(content)} edits; at most {LIMITS['edits']} are taken.", "Remove some of them."
        )
    return tuple(map(read_edit, content))


def read_edit(content: object) -> EditAsk:
    """One edit; raises `ProtocolError`."""
    if not isinstance(content, Mapping):
        raise wrong("edits", "made of objects", content)
    unknown = [str(name) for name in content if name not in _FIELDS]
    if unknown:
        raise wrong("edits", "of the fields " + ", ".join(sorted(_FIELDS)), unknown[0])
    edit, unit = one_of(content, "edit", tuple(EDITS)), content.get("unit")
    if not isinstance(unit, str):
        raise wrong("unit", "a unit's name", unit)
    on = content.get("on", True)
    if not isinstance(on, bool):
        raise wrong("on", "true or false", on)
    return EditAsk(edit, unit, _amount(content, edit), _scope(content.get("scope", "all")), _when(content), on)


def _amount(content: Mapping[str, Any], edit: str) -> float | str:
    name = EDITS[edit]
    if edit == "ablate":
        return one_of(content, name, ABLATIONS)
    value = content.get(name)
    if not is_number(value):
        raise wrong(name, "a finite number", value)
    return float(value)


def _scope(scope: object) -> str | tuple[int, ...]:
    if isinstance(scope, str) and scope in SCOPES:
        return scope
    if isinstance(scope, (list, tuple)) and 0 < len(scope) <= LIMITS["positions"]:
        return tuple(sorted({whole({"scope": place}, "scope") for place in scope}))
    raise ProtocolError(
        f"“scope” should be one of {', '.join(SCOPES)} or a list of token numbers, not {shorten(scope)}.",
        "Choose where the edit acts.",
    )


def _when(content: Mapping[str, Any]) -> tuple[str, float] | None:
    when = content.get("when")
    if when is None:
        return None
    unit, above = (when.get("unit"), when.get("above")) if isinstance(when, Mapping) else (None, None)
    if not (isinstance(unit, str) and is_number(above)):
        raise wrong("when", "a unit and the value that it must be above, or null", when)
    return unit, float(above)
