"""`neuronwidget doctor` and `neuronwidget demo`, as a shell sees them."""

from __future__ import annotations

import importlib.util
import os
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from neuronwidget import doctor, quickstart
from neuronwidget.cli import main
from neuronwidget.doctor import Check

REPO = Path(__file__).parents[1]


def said(checks: list[Check]) -> tuple[int, str]:
    lines: list[str] = []
    status = doctor.report(iter(checks), lines.append)
    return status, "\n".join(lines)


def test_the_model_and_packages_are_examined_here() -> None:
    checks = [check for name in ("Python", "packages", "a bundled model") for check in doctor.CHECKS[name]()]
    assert [check.name for check in checks if check.state != "ok"] == []
    status, words = said(checks)
    assert status == 0
    assert sys.executable in words
    assert "96 units" in words


def test_what_is_missing_is_told_with_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    real = doctor._version
    monkeypatch.setattr(doctor, "_version", lambda name: None if name in ("ipykernel", "jupyterlab") else real(name))
    (kernel,) = doctor.CHECKS["kernel"]()
    assert (kernel.state, kernel.needed) == ("missing", True)
    assert "pip install ipykernel" in kernel.do
    assert list(doctor.CHECKS["widget round trip"]()) == [], "there is nothing to ask"
    status, words = said([kernel])
    assert status == 1
    assert "→ python -m pip install ipykernel" in words


def test_an_extra_that_is_missing_is_no_failure(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    checks = list(doctor.CHECKS["extras"]())
    assert {check.name for check in checks} == set(doctor.EXTRAS)
    status, words = said(checks)
    assert status == 0
    assert 'pip install "neuronwidget[transformers]"' in words


def test_a_folder_that_is_called_like_a_package_is_none(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Ray leaves /tmp/ray: in /tmp the doctor took that for the package."""
    (tmp_path / "no_such_package").mkdir()
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.setattr(doctor, "EXTRAS", {"ray": ("scans on a cluster", ("no_such_package",))})
    (check,) = doctor.CHECKS["extras"]()
    assert check.state == "missing"


def test_every_extra_that_a_person_may_want_is_examined() -> None:
    text = (REPO / "pyproject.toml").read_text(encoding="utf-8")
    listed = text.split("[project.optional-dependencies]")[1].split("\n[")[0]
    names = {line.split(" = ")[0] for line in listed.splitlines() if " = [" in line}
    assert names - {"dev", "docs"} == set(doctor.EXTRAS)


def test_a_check_that_raises_is_a_check_that_failed(monkeypatch: pytest.MonkeyPatch) -> None:
    def torn() -> Iterator[Check]:
        raise RuntimeError("out of order")
        yield

    monkeypatch.setattr(doctor, "CHECKS", {"this": torn})
    status, words = said(list(doctor.examine()))
    assert status == 1
    assert "out of order" in words


@pytest.mark.kernel
def test_a_kernel_of_this_python_shows_a_widget_and_answers_it() -> None:
    assert "bytes of picture" in doctor.round_trip()


@pytest.mark.kernel
def test_a_kernel_that_ends_at_once_is_told_with_its_last_words(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "ipykernel_launcher.py").write_text("raise SystemExit('no room for a kernel here')")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    with pytest.raises(RuntimeError, match="no room for a kernel here"):
        doctor.round_trip()


@pytest.mark.kernel
def test_the_whole_of_it_from_a_shell(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "neuronwidget", "doctor"], cwd=tmp_path, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stdout
    assert "All that is needed works." in done.stdout
    assert "IPKernelApp" not in done.stderr, "what the kernel mutters is no word of the doctor"


def test_the_demo_opens_the_notebooks_of_a_clone_in_place(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("NEURONWIDGET_NO_BROWSER", "1")
    place = quickstart.notebooks(tmp_path / "copies")
    assert place == REPO / "notebooks"
    assert not (tmp_path / "copies").exists()
    words = quickstart.command(place)
    assert words[:3] == [sys.executable, "-m", "jupyterlab"]
    assert "--no-browser" in words
    assert f"--ServerApp.root_dir={place}" in words
    assert (place / words[-1].rpartition("/")[2]).is_file()


def test_an_installed_package_copies_its_notebooks_and_leaves_those_that_are_there(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(quickstart, "_CLONE", tmp_path / "no-clone")
    monkeypatch.setattr(quickstart, "_INSTALLED", REPO / "notebooks")
    out = tmp_path / "out"
    out.mkdir()
    (out / quickstart.FIRST).write_text("mine")
    assert quickstart.notebooks(out) == out
    assert (out / quickstart.FIRST).read_text() == "mine"
    assert len(list(out.glob("*.ipynb"))) == len(list((REPO / "notebooks").glob("*.ipynb")))


def test_where_there_is_nothing_to_start_it_says_what_to_do(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    assert main(["demo", "--folder", str(tmp_path)]) == 1
    assert "pip install jupyterlab" in capsys.readouterr().err


@pytest.mark.parametrize("way", ["wheel", "editable"])
def test_an_installed_package_finds_the_notebooks(way: str, tmp_path: Path) -> None:
    """A wheel has them inside; an editable install has those of the clone, and no copies that would go stale."""
    build = f"import sys; from hatchling.build import build_{way} as build; print(build(sys.argv[1]))"
    done = subprocess.run(
        [sys.executable, "-c", build, str(tmp_path)], cwd=REPO, capture_output=True, text=True, check=True
    )
    site = tmp_path / "site"
    with zipfile.ZipFile(tmp_path / done.stdout.split()[-1]) as archive:
        archive.extractall(site)
    paths = [path.read_text(encoding="utf-8") for path in site.glob("*.pth")] or [str(site)]
    find = "from pathlib import Path; from neuronwidget import quickstart; print(quickstart.notebooks(Path('copies')))"
    found = subprocess.run(
        [sys.executable, "-c", find],
        cwd=tmp_path,
        env=os.environ | {"PYTHONPATH": os.pathsep.join(paths)},
        capture_output=True,
        text=True,
        check=True,
    )
    place = tmp_path / found.stdout.strip()
    assert place == (REPO / "notebooks" if way == "editable" else tmp_path / "copies")
    assert (place / quickstart.FIRST).read_bytes() == (REPO / "notebooks" / quickstart.FIRST).read_bytes()
    assert len(list(site.rglob("*.ipynb"))) == (0 if way == "editable" else len(list(place.glob("*.ipynb"))))
