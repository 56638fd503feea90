"""A text of medicine: what was planted is named for its unit, and the letterhead is a shortcut and nothing else is.

Seeds here begin at 40: what is fixed in the code was chosen on those below.
"""

from __future__ import annotations

import numpy as np
import pytest

import neuronwidget as nw
from tests.planted.clinical_notes import CRACKLES, INFILTRATE, LETTERHEAD, NEGATED, classifier, notes
from tests.sweeps import seeds

pytestmark = pytest.mark.usefixtures("one_thread")
FIRST = 40
PLANTED = {
    INFILTRATE: r"(?<!no )infiltrate",
    CRACKLES: r"(?<!no )crackles",
    LETTERHEAD: r"mary",
    NEGATED: r"no (?P<mark>infiltrate|crackles)",
}


@pytest.mark.parametrize("unit", PLANTED)
def test_a_planted_concept_is_named_for_its_unit(unit: int) -> None:
    live, (texts, _) = classifier(FIRST), notes(120, 1000, 0.5, 0.5)
    concept = nw.predicate_of(PLANTED[unit], "the concept")
    found = nw.compare(live, concept, ["dense.0"], data=texts, nulls=0)
    best = found.found.iloc[0]
    assert (best["unit"], best["auroc"]) == (unit, pytest.approx(1.0))


def test_the_letterhead_is_a_shortcut_and_nothing_else_is() -> None:
    right = []
    for seed in seeds(1):
        live = classifier(FIRST + seed)
        texts, labels = notes(320, 2000 + FIRST + seed, 0.5, 0.5)
        found = nw.shortcuts(live, texts, labels, sites=["dense.0"], most_tried=2, seed=seed, randoms=19)
        assert {unit.index for unit in found.found} <= {LETTERHEAD}
        assert found.suspected == []
        row = found.table().iloc[0]
        right.append(row["state"] == "shortcut" and found.without > found.accuracy + 0.05)
        assert row["goes_with"] in {f"the word {word!r}" for word in ("mary", "hospital", "city", "clinic")}
        assert found.look("dense.0:2").where[0][0] == "mary"
    assert np.mean(right) >= 0.9


def test_where_the_letterhead_always_goes_with_the_diagnosis_the_data_say_so() -> None:
    live, (texts, labels) = classifier(FIRST), notes(120, 3000, 1.0, 0.0)
    found = nw.shortcuts(live, texts, labels, sites=["dense.0"], most_tried=1)
    told = found.properties.set_index("property")
    assert bool(told.loc["the word 'mary'", "telling"])
    assert found.found == []
    assert f"dense.0:{LETTERHEAD}" in map(str, found.suspected)
