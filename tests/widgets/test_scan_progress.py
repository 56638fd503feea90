"""What the view of a scan tells from the first moment to the last."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

import neuronwidget as nw
from neuronwidget.demos import atlases
from tests.hostile.test_messages_of_attaching import letters, model, numbers

NUMBERS = {"documents", "tokens", "rate", "seconds", "left", "total"}


def test_numbers_are_numbers_before_the_first_and_all_there_at_the_end(tmp_path: Path) -> None:
    live = nw.attach(model(), inputs=nw.TextInputs(numbers, letters))
    view = nw.ScanProgress(units=["dense.0:1"])
    told: list[tuple[str, dict[str, Any]]] = []
    view.observe(lambda change: told.append((view.phase, dict(change["new"]))), "done")
    assert set(view.done) == NUMBERS
    for name, count in (("a", 700), ("b", 30)):  # the same view for two scans: the second begins from nothing, too
        told.clear()
        nw.scan(live, [f"text {i}" for i in range(count)], out=tmp_path / name, progress=view)
        assert all(set(done) == NUMBERS and done["total"] == count for _, done in told)
        assert told[0][0] == "waiting"
        assert told[0][1]["documents"] == 0
        assert view.phase == "done"
        assert view.done["documents"] == count
    view.close()


def test_building_the_atlas_of_a_bundled_model_says_so_without_alarm(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(atlases, "cache_folder", lambda: tmp_path)
    pytest.importorskip("sklearn")
    nw.demo("cancer").atlas()
    said = capfd.readouterr()
    assert "is built once, and kept in" in said.out
    assert not said.err
