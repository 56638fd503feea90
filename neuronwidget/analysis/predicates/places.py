"""Leads from characters and pixels to the positions of a site: tokens, places in a picture."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch.nn import functional

from neuronwidget.live.structure.sites import Site

Flags = NDArray[np.bool_]
#: So much of a position's part of a picture must be marked.
_SHARE = 0.5


def at_positions(live: Any, site: Site, content: Any, flags: bool | Flags) -> Flags:
    """What was found in an input, bool [characters] or [height, width] or one for all, as bool [positions]."""
    places = np.asarray(flags, np.bool_)
    if places.ndim == 0:
        return np.full(_positions(live, site, content), bool(places))
    if not _many(site):
        return np.array([places.any()])
    return of_pixels(site, places) if places.ndim == 2 else of_characters(live, content, places)


def of_characters(live: Any, text: str, characters: Flags) -> Flags:
    """Tokens of which a character is marked: bool [tokens]. A token that is no text is not."""
    spans = np.array(live.inputs.tokens(text).spans, np.int64).reshape(-1, 2)
    before = np.concatenate([[0], np.cumsum(characters)])
    spans = spans.clip(0, len(characters))
    marked: Flags = before[spans[:, 1]] > before[spans[:, 0]]
    return marked


def of_pixels(site: Site, pixels: Flags) -> Flags:
    """Positions of a picture's site of whose part at least half is marked: bool [positions], row by row.

    Positions that lie nowhere in the picture, such as that of a class token, are not.
    """
    assert site.layout is not None
    assert site.grid is not None
    shares = functional.interpolate(torch.from_numpy(pixels.astype(np.float32))[None, None], site.grid, mode="area")
    marked = np.zeros(site.layout.positions, np.bool_)
    marked[site.layout.lead :] = (shares[0, 0] >= _SHARE).flatten().numpy()
    return marked


def _many(site: Site) -> bool:
    """Has the site more than one position an input?"""
    return site.per_token if site.layout is None else site.grid is not None


def _positions(live: Any, site: Site, content: Any) -> int:
    if site.layout is not None:
        return site.layout.positions
    return len(live.inputs.tokens(content)) if site.per_token else 1
