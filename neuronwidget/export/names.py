"""Names for other tools: such as can be a folder and a part of an address, of one thing only."""

from __future__ import annotations

import re
from collections.abc import Iterable

#: The file beside SAEDashboard's batches that holds the site's name, which they have no field for.
NAME_FILE = "site.txt"
_NOTES = "neuronwidget site "


def notes_of(site: str) -> str:
    """The notes of a source of Neuronpedia, which hold the site's name."""
    return _NOTES + site


def site_in_notes(notes: object) -> str:
    """The site's name in such notes; "" where they are others.

    >>> site_in_notes(notes_of("mlp.1")), site_in_notes("a set of features"), site_in_notes(None)
    ('mlp.1', '', '')
    """
    return notes.removeprefix(_NOTES) if isinstance(notes, str) and notes.startswith(_NOTES) else ""


def safe(name: str, also: str = "") -> str:
    """A name of letters, digits, `-`, `_` and `also` alone; two `_` in a row mean something to Neuronpedia.

    >>> safe("org/some model.v2"), safe("…")
    ('org-some-model-v2', 'unnamed')
    """
    short = re.sub(r"_+", "_", re.sub(rf"[^A-Za-z0-9_{also}-]+", "-", name)).strip("-_" + also)
    return short[:128] or "unnamed"


def unique(names: Iterable[str], also: str = "") -> list[str]:
    """Safe names, different ones for different things, also where capitals make no difference.

    >>> unique(["mlp.0", "mlp-0", "MLP 0"])
    ['mlp-0', 'mlp-0-2', 'MLP-0-3']
    """
    taken: set[str] = set()
    distinct = []
    for name in names:
        number, short = 1, safe(name, also)
        full = short
        while full.lower() in taken:
            number += 1
            full = f"{short}-{number}"
        taken.add(full.lower())
        distinct.append(full)
    return distinct
