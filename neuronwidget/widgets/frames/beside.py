"""Another input in the place of "before": what it did, laid beside what the present one does, by position."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from neuronwidget.widgets.frames.frame_pass import Floats, Indices, Recorded, TextPass, Values


def laid_beside(held: Recorded, now: Recorded) -> tuple[Recorded, Indices | None]:
    """What the held input did, at the positions of the present one, and which of these have a counterpart; None: all.

    Positions without one are NaN. Inputs of one size have the same positions.
    """
    if held.text is None or now.text is None:
        return replace(held, rows_kept=0), None
    places = counterparts(_ids(held.text), _ids(now.text))
    values, paired = held.values, None
    if len(_ids(held.text)) != len(places):
        paired = np.flatnonzero(places >= 0)
        placed = {site: _placed(rows, places, paired, site.per_token) for site, rows in held.values.items()}
        values = Values(placed, held.values.failed)
    token = now.text.token
    there = None if token is None else int(places[token - now.text.start])
    read = replace(held.text, token=None if there is None or there < 0 else held.text.start + there)
    text = replace(now.text, live=held.text.live, hidden=None, read=read, _said={})
    return replace(now, values=values, seconds=held.seconds, rows_kept=0, text=text), paired


def counterparts(held: Sequence[int], now: Sequence[int]) -> Indices:
    """For each token of the present text the place of its counterpart in the held one, −1 where it has none: [tokens].

    Texts of as many tokens go token by token. Of others the equal beginnings go together, and the equal ends.

    >>> counterparts([1, 2, 3], [1, 7, 8, 3]).tolist(), counterparts([1, 2, 3], [4, 2, 5]).tolist()
    ([0, -1, -1, 2], [0, 1, 2])
    """
    if len(held) == len(now):
        return np.arange(len(now))
    places = np.full(len(now), -1)
    most = min(len(held), len(now))
    front = next((i for i in range(most) if held[i] != now[i]), most)
    back = next((i for i in range(most - front) if held[-1 - i] != now[-1 - i]), most - front)
    places[:front] = np.arange(front)
    places[len(now) - back :] = np.arange(len(held) - back, len(held))
    return places


def _ids(text: TextPass) -> list[int]:
    return text.tokens.ids[text.start : text.end]


def _placed(rows: Floats, places: Indices, paired: Indices, per_token: bool) -> Floats:
    """Values [positions, units] at other positions; a site of the whole input says the same at each."""
    if not per_token and len(rows):
        return np.repeat(rows[:1], len(places), axis=0)
    values = np.full((len(places), rows.shape[1]), np.nan, np.float32)
    values[paired] = rows[places[paired]]
    return values
