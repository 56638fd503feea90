"""Atlases that an earlier version finished open as they were: tests/golden/atlases holds some of format 1, of 0.1.0."""

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import neuronwidget as nw
from tests.golden import models

FOLDER = Path(__file__).parents[1] / "golden/atlases"
TEXTS = [("</script>", "aéb\n</script>aab"), ("second", "bba\n\n"), ("third", "éa</script>")]
ROWS = [{"age": 18, "sex": "male"}, {"age": 54, "sex": "female"}, {"age": 90, "sex": "male"}]
KINDS: dict[str, tuple[Callable[[], nw.LiveModel], Callable[[nw.LiveModel], Any]]] = {
    "text": (models.text, lambda _: TEXTS),
    "image": (models.image, lambda live: [(exhibit.pixels, exhibit.label) for exhibit in live.inputs.gallery]),
    "table": (models.table, lambda _: ROWS),
}
EXACT = ["seen", "density", "mean", "std", "min", "max", "active", "nonfinite", "state"]


@pytest.mark.parametrize("kind", KINDS)
def test_it_opens_and_says_what_a_new_one_says(kind: str, tmp_path: Path) -> None:
    make, documents = KINDS[kind]
    live = make()
    earlier = nw.open_atlas(FOLDER / kind)
    earlier.verify()
    new = nw.scan(live, documents(live), out=tmp_path / "new", progress=False)
    for column in EXACT:
        np.testing.assert_array_equal(earlier.units[column], new.units[column], column)
    for site, unit in earlier.units.index:
        top = earlier.exemplars((site, unit), group="top")
        assert set(top["value"]) == set(new.exemplars((site, unit), group="top")["value"])
        assert earlier.histogram((site, unit)).equals(new.histogram((site, unit)))
        assert earlier.similar((site, unit), n=2).equals(new.similar((site, unit), n=2))


@pytest.mark.parametrize("kind", KINDS)
def test_the_same_call_opens_it(kind: str, tmp_path: Path) -> None:
    make, documents = KINDS[kind]
    live, out = make(), Path(shutil.copytree(FOLDER / kind, tmp_path / "earlier"))
    before = {path: path.stat().st_mtime_ns for path in out.rglob("*")}
    nw.scan(live, documents(live), out=out, progress=False)
    assert {path: path.stat().st_mtime_ns for path in out.rglob("*")} == before
