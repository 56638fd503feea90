"""Constants that both sides of the wire need, from `shared.json`, which the page imports too."""

from __future__ import annotations

import json
from importlib import resources
from typing import Any

_SHARED: dict[str, Any] = json.loads(resources.files(__package__).joinpath("shared.json").read_text(encoding="utf-8"))

VERSION: int = _SHARED["version"]
#: What a request may be about, and which panels may have a part in it; others can be registered.
KINDS, PANELS = tuple(_SHARED["kinds"]), tuple(_SHARED["panels"])
#: Where a reading under the pointer can be taken.
READINGS: tuple[str, ...] = tuple(_SHARED["readings"])
#: Orders of a map's rows, and shapes of a colour scale.
ORDERS: tuple[str, ...] = tuple(_SHARED["orders"])
MODES: tuple[str, ...] = tuple(_SHARED["modes"])
#: Kinds of edits with the field that says how much, what an ablation puts in, where edits act, and what is then shown.
EDITS: dict[str, str] = _SHARED["edits"]
ABLATIONS: tuple[str, ...] = tuple(_SHARED["ablations"])
SCOPES: tuple[str, ...] = tuple(_SHARED["scopes"])
COMPARES: tuple[str, ...] = tuple(_SHARED["compares"])
#: Long questions about what a frame shows.
STUDIES: tuple[str, ...] = tuple(_SHARED["studies"])
#: Groups of exemplars in the order in which the page lists them, and how many tokens of each may be shown.
GROUPS: tuple[str, ...] = tuple(_SHARED["groups"])
CONTEXTS: tuple[str, ...] = tuple(_SHARED["contexts"])
#: States of a unit, and orders of a search for units.
STATES: tuple[str, ...] = tuple(_SHARED["states"])
FIND_ORDERS: tuple[str, ...] = tuple(_SHARED["findOrders"])
FIND_PLACES: tuple[str, ...] = tuple(_SHARED["findPlaces"])
TRAITS_FROM_PAGE: tuple[str, ...] = tuple(_SHARED["traitsFromPage"])
#: Colours that tell pins and patterns apart, on a light ground and on a dark one.
HUES: dict[str, list[str]] = _SHARED["hues"]
#: With what a view begins.
VIEW: dict[str, Any] = _SHARED["view"]
#: The most of each thing that a request may ask for.
LIMITS: dict[str, int] = _SHARED["limits"]
