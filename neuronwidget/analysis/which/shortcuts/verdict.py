"""The verdict on shortcuts, in words."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Protocol

_NAMED = 4


class Judged(Protocol):
    """What a verdict rests on: fields of `Shortcuts`."""

    @property
    def sites(self) -> tuple[str, ...]: ...
    @property
    def units(self) -> Any: ...
    @property
    def properties(self) -> Any: ...
    @property
    def sets(self) -> Any: ...
    @property
    def accuracy(self) -> float: ...
    @property
    def without(self) -> float: ...
    @property
    def searched(self) -> int: ...
    @property
    def notes(self) -> tuple[str, ...]: ...


def verdict_of(judged: Judged) -> str:
    """Which units are shortcuts and what says so; or none, and what the data themselves say."""
    rows = judged.units.to_dict("records")
    proved = [row for row in rows if row["state"] == "shortcut"]
    where = judged.sites[0] if len(judged.sites) == 1 else f"{len(judged.sites)} sites"
    searched = f"{judged.searched:,} units of {where} searched"
    if proved:
        return " ".join((*_proved(proved, judged), f"{searched[0].upper()}{searched[1:]}."))
    jointly = judged.sets[judged.sets["state"] == "shortcut"].to_dict("records")
    if jointly:
        return " ".join((*_together(jointly[0]), f"{searched[0].upper()}{searched[1:]}."))
    sentences = [f"No shortcut among {searched.removesuffix(' searched')}: {_why_none(rows, judged.notes)}"]
    suspected = [row for row in rows if row["state"] == "suspected"]
    telling = judged.properties[judged.properties["telling"]]
    if suspected:
        first = suspected[0]
        sentences.append(
            f"But {_names(suspected)} go{'es' * (len(suspected) == 1)} with {first['goes_with']}, which tells labels "
            "by itself, and too few inputs go against that to try: give some that do."
        )
    if len(telling):
        one = telling.iloc[0]
        sentences.append(f"In the data themselves {one['property']} tells {one['tells']} (AUROC {one['auroc']:.2f}).")
    return " ".join(sentences)


def _proved(rows: Sequence[dict[str, Any]], judged: Judged) -> list[str]:
    first, s = rows[0], "" if len(rows) == 1 else "s"
    sentences = [
        f"{_names(rows)} {'is a shortcut' if not s else 'are shortcuts'}: held at its mean, {first['site']}:"
        f"{first['unit']} makes {_share(first['gain'])} more answers right ({_share(first['low'])} to "
        f"{_share(first['high'])}) on inputs that took no part in finding it; the best random unit makes "
        f"{_signed(first['random'])}."
    ]
    sentences += _tried_on(first)
    if first["goes_with"]:
        sentences.append(f"It goes with {first['goes_with']} (r = {first['r']:.2f}).")
    if len(rows) > 1 and not first["tried_on"]:
        sentences.append(
            f"With all of them held {_share(judged.without)} are right instead of {_share(judged.accuracy)}."
        )
    return sentences


def _together(row: dict[str, Any]) -> list[str]:
    """Of units that are a shortcut together."""
    names = str(row["units"]).split(" + ")
    sentences = [
        f"{_listed(names)} are a shortcut together, and none is one alone: held at their means, they make "
        f"{_share(row['gain'])} more answers right ({_share(row['low'])} to {_share(row['high'])}) on inputs that took "
        f"no part in finding them; the best random set of {row['count']} makes {_signed(row['random'])}."
    ]
    sentences += _tried_on(row)
    return sentences + ([f"They go with {row['goes_with']}."] if row["goes_with"] else [])


def _tried_on(row: dict[str, Any]) -> list[str]:
    return [f"(Tried on {row['tried_on']}.)"] if row["tried_on"] else []


def _why_none(rows: Sequence[dict[str, Any]], notes: Sequence[str]) -> str:
    tried = [row for row in rows if row["state"] == "no"]
    few = next((note for note in notes if "too few of any label" in note), None)
    if few is not None:
        return f"{few[0].lower()}{few[1:]}"
    if not tried:
        return "none could be tried."
    best = tried[0]
    return (
        f"held at its mean, the best of them ({best['site']}:{best['unit']}) makes {_signed(best['gain'])} answers "
        f"right ({_signed(best['low'])} to {_signed(best['high'])}), and a random unit up to {_signed(best['random'])}."
    )


def _names(rows: Sequence[dict[str, Any]]) -> str:
    return _listed([f"{row['site']}:{row['unit']}" for row in rows])


def _listed(names: Sequence[str]) -> str:
    """Some names, in words.

    >>> _listed(["a", "b"]), _listed(list("abcdefg"))
    ('a and b', 'a, b, c, d and 3 more')
    """
    if len(names) > _NAMED:
        return f"{', '.join(names[:_NAMED])} and {len(names) - _NAMED} more"
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"


def _share(value: float) -> str:
    """A share in words.

    >>> _share(0.324)
    '32.4 %'
    """
    return f"{100 * value:.1f} %"


def _signed(value: float) -> str:
    return f"{100 * value:+.1f} %".replace("-", "−")
