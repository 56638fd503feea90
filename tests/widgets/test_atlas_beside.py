"""An Explorer gets its atlas later: set in Python, or built from the page, with progress and a way to stop."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import Any

import pytest

import neuronwidget as nw
from neuronwidget.stream.protocol.shared import VERSION
from tests.golden import models
from tests.golden.make import Page


@pytest.fixture
def cache(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    return tmp_path


def scanned(live: nw.LiveModel, folder: Path, documents: list[str]) -> nw.Atlas:
    return nw.scan(live, documents, out=folder, progress=False)


def build(explorer: nw.Explorer, *, stop: bool = False) -> None:
    message = {"v": VERSION, "kind": "atlas", "seq": 7, "want": "build", "stop": stop}
    explorer._receive(None, message, [])


def documents(explorer: nw.Explorer) -> int:
    """Of the atlas, as the page knows it."""
    return int(explorer.atlas_info["documents"])


class Phases:
    """What the page is told of a build; `wait` returns when a phase has come."""

    def __init__(self, explorer: nw.Explorer) -> None:
        self.offers: list[dict[str, Any]] = []
        self._news = threading.Condition()
        explorer.observe(self._take, "atlas_offer")

    def _take(self, change: Any) -> None:
        with self._news:
            self.offers.append(change["new"])
            self._news.notify_all()

    def wait(self, phase: str) -> dict[str, Any]:
        with self._news:
            self._news.wait_for(lambda: any(offer["phase"] == phase for offer in self.offers))
            return next(offer for offer in self.offers if offer["phase"] == phase)


def test_an_atlas_that_is_set_answers_the_page(tmp_path: Path) -> None:
    live = models.text()
    explorer = nw.explore(live, models.TEXT)
    page = Page(explorer)
    assert not explorer.atlas_info
    with pytest.raises(RuntimeError, match="has no atlas"):
        _ = explorer.atlas
    answer, _ = page.say("atlas", seq=1, want="card", unit="dense.0:1")
    assert answer["error"] == "This view has no atlas."

    explorer.atlas = scanned(live, tmp_path / "small", ["aéb", "bba"])
    assert documents(explorer) == 2
    answer, _ = page.say("atlas", seq=2, want="card", unit="dense.0:1")
    assert (answer["unit"], answer["seen"]) == ("dense.0:1", 6)

    explorer.atlas = scanned(live, tmp_path / "larger", ["aéb", "bba", "ab"])
    assert documents(explorer) == 3
    answer, _ = page.say("atlas", seq=3, want="card", unit="dense.0:1")
    assert answer["seen"] == 8
    explorer.close()


def test_what_is_no_atlas_is_refused_and_the_old_one_stays(tmp_path: Path) -> None:
    live = models.text()
    atlas = scanned(live, tmp_path / "atlas", ["aéb"])
    explorer = nw.explore(live, models.TEXT, atlas=atlas)
    with pytest.raises(TypeError, match="str is not an atlas"):
        explorer.atlas = str(tmp_path)  # type: ignore[assignment]
    assert explorer.atlas is atlas
    explorer.close()


def test_the_button_builds_the_atlas_of_a_bundled_model(cache: Path) -> None:
    explorer = nw.explore(nw.demo("cancer"))
    assert explorer.atlas_offer == {
        "takes": "a few seconds", "phase": "offered", "share": None, "left": None, "words": "",
    }  # fmt: skip
    phases = Phases(explorer)
    build(explorer)
    assert phases.wait("building")["share"] is None
    phases.wait("offered")
    shares = [offer["share"] for offer in phases.offers if offer["share"] is not None]
    assert shares == sorted(shares)
    assert documents(explorer) == 569
    assert explorer.atlas.folder.path.is_relative_to(cache)
    explorer.close()


def test_a_build_is_stopped_and_goes_on(cache: Path) -> None:
    explorer = nw.explore(nw.demo("digits"))
    phases = Phases(explorer)
    build(explorer)
    phases.wait("building")
    build(explorer, stop=True)
    assert "goes on from there" in phases.wait("stopped")["words"]
    assert not explorer.atlas_info
    build(explorer)
    phases.wait("offered")
    assert documents(explorer) == 1797
    explorer.close()


def test_models_of_ones_own_offer_no_button() -> None:
    explorer = nw.explore(models.text(), models.TEXT)
    assert explorer.atlas_offer["takes"] == ""
    build(explorer)
    assert explorer.atlas_offer["phase"] == "offered"
    explorer.close()


def test_a_build_that_fails_says_why(cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (cache / "neuronwidget").write_text("no folder")
    explorer = nw.explore(nw.demo("cancer"))
    phases = Phases(explorer)
    build(explorer)
    assert "neuronwidget" in phases.wait("failed")["words"]
    explorer.close()


def test_a_view_without_a_unit_begins_where_its_atlas_can_answer(tmp_path: Path) -> None:
    live = models.text()
    atlas = nw.scan(live, ["aéb"], ["dense.1"], out=tmp_path / "atlas", progress=False)
    explorer = nw.explore(live, models.TEXT, atlas=atlas)
    assert explorer.unit is not None
    assert explorer.unit.site == "dense.1"
    explorer.close()
