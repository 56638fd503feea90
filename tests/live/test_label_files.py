"""Labels: a mapping, a file that several notebooks write to at once, and whose they are."""

from __future__ import annotations

import json
import multiprocessing
import os
import sys
from pathlib import Path
from typing import Any

import pytest
import torch
from traitlets import TraitError

import neuronwidget as nw
from tests.golden.models import text


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "labels.json"


def test_a_mapping_of_units_in_any_spelling(path: Path) -> None:
    for labels in (nw.Labels(), nw.Labels(path, author="ada")):
        labels["mlp.2:417"] = " opens\n a string "
        labels[nw.Unit("mlp.10", 3)] = "digits"
        labels["mlp.2", 5] = "b"
        assert list(labels.items()) == [("mlp.2:5", "b"), ("mlp.2:417", "opens a string"), ("mlp.10:3", "digits")]
        assert labels == {"mlp.2:417": "opens a string", "mlp.2:5": "b", "mlp.10:3": "digits"}
        assert ("mlp.2", 417) in labels
        assert "mlp.2:1" not in labels
        del labels["mlp.2", 5]
        labels["mlp.10:3"] = ""
        assert list(labels) == ["mlp.2:417"]
        table = labels.table()
        assert table.loc[0, ["unit", "label", "tested"]].tolist() == ["mlp.2:417", "opens a string", "untested"]
        assert "opens a string (untested)" in repr(labels)
        assert "opens a string" in labels._repr_html_()
    for wrong, error in (("mlp.2:1", KeyError), ("mlp", ValueError)):
        with pytest.raises(error):
            del labels[wrong]
    with pytest.raises(TypeError, match="are words, not int"):
        labels["mlp.2:1"] = 5  # type: ignore[assignment]


def test_a_file_that_differs_only_where_a_label_does(path: Path) -> None:
    labels = nw.Labels(path, author="ada")
    for number in (10, 9, 2):
        labels["mlp.0", number] = f"“é” {number}"
    before = path.read_text(encoding="utf-8").splitlines()
    assert [line for line in before if "mlp.0" in line] == [f'  "mlp.0:{n}": {{' for n in (2, 9, 10)]
    labels["mlp.0:9"] = "other"
    after = path.read_text(encoding="utf-8").splitlines()
    assert len(before) == len(after)
    assert {line.split(":")[0].strip() for line, other in zip(before, after, strict=True) if line != other} <= {
        '"label"',
        '"date"',
    }
    stored = json.loads(path.read_text(encoding="utf-8"))["labels"]["mlp.0:9"]
    assert (stored["label"], stored["author"]) == ("other", "ada")
    assert stored["date"].endswith("Z")
    assert nw.Labels(path) == labels


def test_two_notebooks_see_and_keep_what_the_other_wrote(path: Path) -> None:
    one, other = nw.Labels(path, author="a"), nw.Labels(path, author="b")
    one["mlp.0:1"], other["mlp.0:2"] = "x", "y"
    one["mlp.0:3"] = "z"
    assert one == other == {"mlp.0:1": "x", "mlp.0:2": "y", "mlp.0:3": "z"}
    other["mlp.0:1"] = "newer"
    assert (one["mlp.0:1"], one.label("mlp.0:1").author) == ("newer", "b")
    del other["mlp.0:3"]
    one["mlp.0:4"] = "w"
    assert "mlp.0:3" not in other


def write_many(path: str, process: int, gate: Any) -> None:
    labels = nw.Labels(path, author=str(process))
    gate.wait()
    for number in range(12):
        labels[f"mlp.{process}", number] = f"{process}-{number}"
        labels.add_test(f"mlp.{process}:0", {"kind": f"test {number}", "outcome": "failed"})


@pytest.mark.skipif(sys.platform == "win32", reason="processes are forked")
def test_eight_processes_that_write_at_once_lose_nothing(path: Path) -> None:
    fork = multiprocessing.get_context("fork")
    gate = fork.Barrier(8)
    processes = [fork.Process(target=write_many, args=(str(path), number, gate)) for number in range(8)]
    for process in processes:
        process.start()
    for process in processes:
        process.join()
    assert [process.exitcode for process in processes] == [0] * 8
    assert dict(nw.Labels(path)) == {f"mlp.{p}:{n}": f"{p}-{n}" for p in range(8) for n in range(12)}
    assert all(len(nw.Labels(path).label(f"mlp.{p}:0").tests) == 12 for p in range(8))
    assert {file.name for file in path.parent.iterdir()} == {"labels.json", ".labels.json.lock"}


def test_labels_in_memory_know_their_model_too() -> None:
    live, other = text(), text()
    with torch.no_grad():
        next(other.module.parameters()).add_(1)
    labels = nw.Labels(for_model=live)
    labels["dense.1:2"] = "likes a"
    with pytest.raises(nw.LabelsError, match="These labels are labels of another model"):
        other.labels = labels
    shown = nw.Labels()
    shown["dense.1:2"] = "likes a"
    live.labels = shown
    with pytest.raises(nw.LabelsError, match="These labels are labels of another model"):
        other.labels = shown
    assert len(other.labels) == 0


def test_labels_of_another_model_are_refused_and_can_be_taken_over(path: Path) -> None:
    live, other = text(), text()
    labels = nw.Labels(path)
    labels["dense.1:2"] = "likes a"
    assert (labels.model, labels.weights) == ("", None)
    live.labels = labels
    assert labels.model == live.name
    labels.add_test("dense.1:2", {"kind": "predicate", "outcome": "held up", "verdict": "It holds."})
    assert labels.label("dense.1:2").mark(labels.weights) == "held up"
    other.labels = nw.Labels(path)  # the same weights
    with torch.no_grad():
        next(other.module.parameters()).add_(1)
    for take in (
        lambda: setattr(other, "labels", nw.Labels(path)),
        lambda: nw.explore(other, "a", labels=path),
        lambda: nw.Labels(path, for_model=other),
    ):
        with pytest.raises((nw.LabelsError, TraitError), match=r"labels of another model .* labels.adopt\(live\)"):
            take()
    labels.adopt(other)
    other.labels = nw.Labels(path)
    assert other.labels.table()[["label", "tested"]].to_numpy().tolist() == [["likes a", "untested"]]
    assert len(other.labels.label("dense.1:2").tests) == 1
    with pytest.raises(nw.LabelsError):
        live.labels = nw.Labels(path)


def test_tests_count_for_the_words_that_were_tested() -> None:
    labels = nw.Labels()
    labels["mlp.0:1"] = "a"
    labels.add_test("mlp.0:1", {"kind": "predicate", "outcome": "held up", "verdict": "AP .9."})
    assert labels.evidence() == {"mlp.0:1": ["a", "held up", "AP .9."]}
    labels["mlp.0:1"] = "b"
    assert labels.evidence() == {}
    assert labels.label("mlp.0:1").mark() == "untested"
    labels["mlp.0:1"] = "a"
    labels.add_test("mlp.0:1", {"kind": "blind", "outcome": "failed", "verdict": "No better than guessing."})
    assert labels.evidence()["mlp.0:1"] == ["a", "failed", "AP .9.; No better than guessing."]
    labels.add_test("mlp.0:1", {"kind": "blind", "outcome": "held up", "verdict": "13 of 13."})
    assert labels.label("mlp.0:1").mark() == "held up"
    for wrong in ({}, {"kind": "x", "y": [1]}, {"kind": "x", **{str(n): n for n in range(60)}}):
        with pytest.raises(nw.LabelsError):
            labels.add_test("mlp.0:1", wrong)


def test_names_that_come_along_show_through_and_are_not_written(path: Path) -> None:
    live = text()
    live.labels["dense.1:0"], live.labels["dense.1:2"] = "bundled", "too"
    live.labels = labels = nw.Labels(path)
    assert not path.exists() or "bundled" not in path.read_text()
    labels["dense.1:2"] = "mine"
    assert dict(live.labels) == {"dense.1:0": "bundled", "dense.1:2": "mine"}
    del live.labels["dense.1:0"]
    assert dict(live.labels) == {"dense.1:2": "mine"}
    assert nw.Labels(path) == {"dense.1:2": "mine"}
    del labels["dense.1:2"]
    assert len(live.labels) == 0


HEAD = {"format": "neuronwidget labels", "version": 1, "model": "m", "weights": None}


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"not json", "no JSON"),
        (b"\xff\xfe", "no JSON"),
        (b"[" * 100_000, "no JSON"),
        (b"[]", "no file of labels"),
        (b"\x80\x04\x95", "no JSON"),
        ({"format": "other"}, "no file of labels"),
        ({**HEAD, "version": 2}, "update neuronwidget"),
        ({**HEAD, "labels": []}, "an object of labels"),
        ({**HEAD, "model": 3, "labels": {}}, "an object of labels"),
        ({**HEAD, "labels": {"x": {"label": "a"}}}, "is no unit"),
        ({**HEAD, "labels": {"a\nb:1": {"label": "a"}}}, "is no unit"),
        ({**HEAD, "labels": {"x" * 300 + ":1": {"label": "a"}}}, "is no unit"),
        ({**HEAD, "labels": {"a:1": "words"}}, "no words"),
        ({**HEAD, "labels": {"a:1": {"label": 3}}}, "no words"),
        ({**HEAD, "labels": {"a:1": {"label": "w", "tests": {}}}}, "is no list"),
        ({**HEAD, "labels": {"a:1": {"label": "w", "tests": [3]}}}, "says its kind"),
        ({**HEAD, "labels": {"a:1": {"label": "w", "tests": [{"kind": "x", "y": {}}]}}}, "numbers and words"),
    ],
)
def test_a_file_that_holds_something_else_gets_a_sentence(path: Path, content: Any, says: str) -> None:
    path.write_bytes(content if isinstance(content, bytes) else json.dumps(content).encode())
    with pytest.raises(nw.LabelsError, match=says):
        nw.Labels(path)


def test_long_and_odd_words_are_cut_and_kept_on_a_line(path: Path) -> None:
    words = "</script>\ud800 \x00\u2028" + "a" * 9999
    path.write_text(json.dumps({**HEAD, "labels": {"a:1": {"label": words, "author": words}}}))
    labels = nw.Labels(path)
    assert len(labels["a:1"]) == 200
    assert labels["a:1"].startswith("</script>\ufffd a")
    assert "<script>" not in labels._repr_html_()


def test_paths_that_lead_nowhere_or_to_something_else(tmp_path: Path) -> None:
    with pytest.raises(nw.LabelsError, match="There is no folder"):
        nw.Labels(tmp_path / "no" / "labels.json")
    with pytest.raises(nw.LabelsError, match="is no file"):
        nw.Labels(tmp_path)
    labels = nw.Labels(tmp_path / "labels.json")
    (tmp_path / ".labels.json.lock").mkdir()
    with pytest.raises(nw.LabelsError, match="Nothing can be written"):
        labels["a:1"] = "x"
    assert len(labels) == 0
    os.rmdir(tmp_path / ".labels.json.lock")
    kept = tmp_path / "kept.json"
    (tmp_path / "labels.json").symlink_to(kept)
    labels["a:1"] = "x"
    assert (tmp_path / "labels.json").is_symlink()
    assert nw.Labels(kept) == {"a:1": "x"}
