"""Chooses examples to explain and to test from a pool: half of them fire, and no document is in both."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
from numpy.typing import NDArray

from neuronwidget.analysis.labels.blind.example import Candidate, Example, Examples, Floats
from neuronwidget.analysis.labels.blind.pool import Pool

EXPLAIN, TEST = 40, 50
#: Of each sort so many are needed, of those that fire and of those that do not.
FEWEST = 6
#: What part of those that do not fire is alike, and what part comes near.
HARD = 1 / 3


def choose(pool: Pool, unit: str, explain: int = EXPLAIN, test: int = TEST, seed: int = 0) -> Examples:
    """As many examples as are asked for, or fewer in the same proportion where there are not as many documents.

    One of each document. Of those in which the unit does not fire a third is where the site's other units do what they
    do when it fires, and a third where it comes nearest to firing.

    Raises `ValueError` where there are too few.
    """
    if explain < 2 or test < 2:
        raise ValueError("explain= and test= are at least 2: one example that fires, and one that does not.")
    random = np.random.default_rng([seed, 3])
    firing = _one_a_document(pool.firing(), random)
    silent = _one_a_document(pool.not_firing(), random)
    each = _how_many(unit, pool, firing, silent, (explain + test) // 2)
    read: set[str] = set()
    # Those of documents that have no other use go first.
    strong = _take(sorted(firing.values(), key=lambda one: one.document in silent), each, read)
    used = {one.document for one in strong}
    rest = [one for document, one in silent.items() if document not in used]
    hard = _hard(rest, strong, pool.sign, len(strong), read)
    strong = strong[: sum(map(len, hard.values()))]  # some may read the same, and are left out
    sides: tuple[list[Example], list[Example]] = ([], [])
    for several in ([("fires", strong)], hard.items()):
        dealt = 0
        for why, group in several:
            for number in random.permutation(len(group)):
                # As evenly as whole numbers allow: the share of those dealt so far that goes to the first side.
                to_explain = _to_explain(dealt + 1, explain, test) > _to_explain(dealt, explain, test)
                sides[not to_explain].append(_example(pool, group[number], why))
                dealt += 1
    return Examples(*sides, fires=pool.fires, silent=pool.silent, end=pool.end, searched=pool.searched)


def _to_explain(dealt: int, explain: int, test: int) -> int:
    """Of so many examples that were dealt how many explain."""
    return dealt * explain // (explain + test)


def _how_many(unit: str, pool: Pool, firing: dict[int, Candidate], silent: dict[int, Candidate], wanted: int) -> int:
    """How many are taken of either sort, so that none shares its document with another."""
    both = len(firing.keys() | silent.keys())
    each = min(wanted, len(firing), len(silent), both // 2)
    if each < min(FEWEST, wanted):
        where = f"of {pool.searched:,} documents {unit} fires in {len(firing):,} and is silent in {len(silent):,}"
        raise ValueError(f"There are too few examples: {where}. Give more data, data= or most=.")
    return each


def _one_a_document(candidates: Iterable[Candidate], random: np.random.Generator) -> dict[int, Candidate]:
    """One candidate of each document, drawn at random, in a random order."""
    listed = list(candidates)
    chosen: dict[int, Candidate] = {}
    for number in random.permutation(len(listed)):
        chosen.setdefault(listed[number].document, listed[number])
    return chosen


def _take(candidates: Iterable[Candidate], most: int, read: set[str]) -> list[Candidate]:
    """The first ones, without those that read as another that was taken."""
    taken: list[Candidate] = []
    for one in candidates:
        if len(taken) == most:
            break
        if one.key not in read:
            read.add(one.key)
            taken.append(one)
    return taken


def _hard(
    candidates: Sequence[Candidate], firing: Sequence[Candidate], sign: float, most: int, read: set[str]
) -> dict[str, list[Candidate]]:
    """Of those that do not fire the ones that look alike, the ones that come near, and others."""
    third = int(HARD * most)
    alike = _likeness(candidates, firing)
    similar = _take([candidates[i] for i in np.argsort(-alike, kind="stable")], third, read)
    rest = [one for one in candidates if one.key not in read]
    near = _take(sorted(rest, key=lambda one: -float((sign * one.values).max())), third, read)
    others = _take([one for one in rest if one.key not in read], most - len(similar) - len(near), read)
    return {"similar": similar, "near miss": near, "random": others}


def _likeness(candidates: Sequence[Candidate], firing: Sequence[Candidate]) -> Floats:
    """How alike the rest of the site is to what it is where the unit fires: cosines, around the mean of both [n]."""
    if not candidates or not firing:
        return np.zeros(len(candidates))
    here = np.stack([one.vector for one in candidates]).astype(np.float64)
    there = np.stack([one.vector for one in firing]).astype(np.float64)
    middle = (here.mean(0) + there.mean(0)) / 2
    direction: NDArray[np.float64] = there.mean(0) - middle
    here = here - middle
    norms = np.linalg.norm(here, axis=1) * np.linalg.norm(direction)
    likeness: Floats = here @ direction / np.maximum(norms, 1e-30)
    return likeness


def _example(pool: Pool, one: Candidate, why: str) -> Example:
    place = int((pool.sign * one.values).argmax())
    return Example(
        one.document, one.name, pool.content(one), one.pieces, one.values, place, float(one.values[place]),
        why == "fires", why,
    )  # fmt: skip
