"""Table of the kinds of input whose plain properties are known; of any other kind there are none.

>>> property_kind("image").tried
'brightness, border and corners'
"""

from __future__ import annotations

from neuronwidget.analysis.which.shortcuts.kinds.image import ImageProperties
from neuronwidget.analysis.which.shortcuts.kinds.kind import PropertyKind
from neuronwidget.analysis.which.shortcuts.kinds.table import TableProperties
from neuronwidget.analysis.which.shortcuts.kinds.text import TextProperties

KINDS: dict[str, PropertyKind] = {}


def register(kind: str, properties: PropertyKind) -> None:
    """Add a kind, or put another in the place of the one of its name."""
    KINDS[kind] = properties


def property_kind(kind: str) -> PropertyKind:
    """The properties of a kind of input."""
    return KINDS.get(kind, PropertyKind())


for _kind, _properties in (("text", TextProperties()), ("image", ImageProperties()), ("table", TableProperties())):
    register(_kind, _properties)
