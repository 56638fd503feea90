"""A scan that is killed at any moment ends, when called again, with the atlas of an undisturbed one, bit for bit."""

import hashlib
import random
import subprocess
import sys
from pathlib import Path

import pytest
import torch

import neuronwidget as nw
from neuronwidget.atlas.files.folder import AtlasError
from neuronwidget.atlas.scan.observer import ScanPaused
from tests.hostile.atlas_victim import documents, live
from tests.sweeps import seeds

ROOT = Path(__file__).parents[2]


def start(out: Path) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "tests.hostile.atlas_victim", str(out)],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def run(out: Path) -> None:
    process = start(out)
    output, errors = process.communicate()
    assert process.returncode == 0, errors
    assert "finished" in output


def digests(out: Path) -> dict[str, str]:
    """Checksums of all files but the manifest, which holds the library versions and these checksums."""
    return {
        path.relative_to(out).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(out.rglob("*"))
        if path.is_file() and path.name not in ("manifest.json", ".lock")
    }


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    out = tmp_path_factory.mktemp("undisturbed") / "atlas"
    run(out)
    return digests(out)


@pytest.mark.parametrize("seed", seeds())
def test_killed_at_random_moments(seed: int, undisturbed: dict[str, str], tmp_path: Path) -> None:
    """SIGKILL somewhere after a random chunk, three times, each time further on."""
    out, chance = tmp_path / "atlas", random.Random(seed)
    for _ in range(3):
        process = start(out)
        assert process.stdout is not None
        lines = chance.randint(1, 3)
        for line in process.stdout:
            lines -= 1
            if lines <= 0 or "finished" in line:
                break
        for _ in range(chance.randint(0, 200_000)):  # anywhere in what follows: no clock is asked
            pass
        process.kill()
        process.communicate()
    run(out)
    assert digests(out) == undisturbed
    nw.open_atlas(out).verify()


@pytest.mark.parametrize("step", range(3, 84, 9))
def test_killed_at_each_kind_of_step(
    step: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, undisturbed_here: dict[str, str]
) -> None:
    """Every rename, sync and removal may be the last thing that happens."""
    import os

    out = tmp_path / "atlas"
    left = [step]

    class Killed(BaseException):
        pass

    def deadly(name: str) -> None:
        original = getattr(os, name)

        def call(*args: object, **kwargs: object) -> object:
            if left[0] < 0:
                raise Killed  # nothing more reaches the disk
            left[0] -= 1
            if left[0] < 0:
                raise Killed
            return original(*args, **kwargs)

        monkeypatch.setattr(os, name, call)

    for name in ("replace", "fsync", "unlink", "rmdir"):
        deadly(name)
    try:
        nw.scan(live(), documents(120), out=out, window=64, checkpoint=0.0, progress=False)
    except Killed:
        pass
    monkeypatch.undo()
    nw.scan(live(), documents(120), out=out, window=64, checkpoint=0.0, progress=False)
    assert digests(out) == undisturbed_here


@pytest.fixture(scope="module")
def undisturbed_here(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    out = tmp_path_factory.mktemp("here") / "atlas"
    nw.scan(live(), documents(120), out=out, window=64, checkpoint=1e9, progress=False)
    return digests(out)


def test_stopping_keeps_what_is_done(tmp_path: Path, undisturbed_here: dict[str, str]) -> None:
    out, seen = tmp_path / "atlas", []
    for stops in (1, 2):
        with pytest.raises(ScanPaused, match="documents"):
            nw.scan(
                live(),
                documents(120),
                out=out,
                window=64,
                progress=seen.append,
                stop=lambda stops=stops: len(seen) >= stops,
            )
        with pytest.raises(AtlasError, match="unfinished"):
            nw.open_atlas(out)
    assert [done["chunks"] for done in seen] == [1, 2]
    nw.scan(live(), documents(120), out=out, window=64, progress=seen.append)
    assert seen[2]["chunks"] == 3
    assert digests(out) == undisturbed_here


def test_an_interrupt_keeps_what_is_done(tmp_path: Path) -> None:
    def interrupt(done: dict[str, int]) -> None:
        if done["chunks"] == 2:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        nw.scan(live(), documents(120), out=tmp_path / "a", window=64, progress=interrupt)
    seen: list[dict[str, int]] = []
    nw.scan(live(), documents(120), out=tmp_path / "a", window=64, progress=seen.append)
    assert seen[0]["chunks"] == 3


def test_a_finished_scan_is_not_made_again(tmp_path: Path) -> None:
    again: list[object] = []
    first = nw.scan(live(), documents(60), out=tmp_path / "a", window=64, progress=False)
    second = nw.scan(live(), documents(60), out=tmp_path / "a", window=64, progress=again.append)
    assert not again
    assert first.units.equals(second.units)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"seed": 1}, "other weights"),
        ({"sites": ["act"]}, "other sites"),
        ({"window": 32}, "other settings"),
        ({"texts": ["x", *documents(60)[1:]]}, "other documents"),
        ({"texts": documents(60)[:30]}, "other documents"),
        ({"texts": documents(61)}, "fewer documents"),
    ],
)
def test_another_scan_is_refused(change: dict[str, object], message: str, tmp_path: Path) -> None:
    nw.scan(live(), documents(60), out=tmp_path / "a", window=64, progress=False)
    before = digests(tmp_path / "a")
    with pytest.raises(AtlasError, match=message):
        nw.scan(
            live(int(change.get("seed", 0))),  # type: ignore[call-overload]
            change.get("texts", documents(60)),
            change.get("sites"),  # type: ignore[arg-type]
            out=tmp_path / "a",
            window=change.get("window", 64),  # type: ignore[arg-type]
            progress=False,
        )
    assert digests(tmp_path / "a") == before


def test_two_scans_into_one_folder(tmp_path: Path) -> None:
    def second(done: dict[str, int]) -> None:
        with pytest.raises(AtlasError, match="Another scan"):
            nw.scan(live(), documents(10), out=tmp_path / "a", progress=False)

    nw.scan(live(), documents(10), out=tmp_path / "a", progress=second)


def test_lack_of_memory_makes_batches_smaller(tmp_path: Path) -> None:
    """A model that cannot take more than three windows at once is scanned three at a time."""
    model = live()
    forward = model.module.forward

    def small(ids: torch.Tensor) -> torch.Tensor:
        if ids.numel() > 3 * 64:
            raise RuntimeError("[enforce fail at alloc_cpu.cpp] DefaultCPUAllocator: can't allocate memory")
        return forward(ids)

    model.module.forward = small  # type: ignore[method-assign]
    a = nw.scan(model, documents(40), out=tmp_path / "a", window=64, progress=False)
    b = nw.scan(live(), documents(40), out=tmp_path / "b", window=64, progress=False)
    assert (a.units["seen"] == b.units["seen"]).all()
    assert abs(a.units["mean"] - b.units["mean"]).max() < 1e-6
    assert a.manifest["batch_tokens"] < b.manifest["batch_tokens"]


def test_other_errors_are_not_taken_for_lack_of_memory(tmp_path: Path) -> None:
    model = live()
    forward = model.module.forward

    def broken(ids: torch.Tensor) -> torch.Tensor:
        if len(ids) > 2:
            raise RuntimeError("a fault of the model")
        return forward(ids)

    model.module.forward = broken  # type: ignore[method-assign]
    with pytest.raises(RuntimeError, match="a fault of the model"):
        nw.scan(model, documents(40), out=tmp_path / "a", window=64, progress=False)
    assert not any(part._forward_hooks or part._forward_pre_hooks for part in model.module.modules())
