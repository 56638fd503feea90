"""A scan on a cluster ends with the atlas of a scan in one process, bit for bit, whatever happens on the way."""

import os
import signal
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

import neuronwidget as nw
from neuronwidget.atlas.files.folder import AtlasError
from neuronwidget.atlas.scan.observer import ScanPaused
from neuronwidget.passes.environment import ScanWarning
from tests.cluster.conftest import STORE
from tests.cluster.victim import DEADLY, telling, workers
from tests.hostile.atlas_victim import documents
from tests.hostile.test_atlas_kill import ROOT, digests

pytestmark = [pytest.mark.cluster, pytest.mark.filterwarnings("error::neuronwidget.passes.environment.ScanWarning")]


def scan(out: Path, texts: list[str] | None = None, **settings: Any) -> nw.Atlas:
    """On a cluster two workers, where nothing else is said: starting one takes longer than a scan."""
    live = settings.pop("live", None) or telling(out.parent / "pids")
    settings = {"engine": "ray", "window": 64, "progress": False, "checkpoint": 0.0, "workers": 2, **settings}
    if settings["engine"] == "local":
        del settings["workers"]
    return nw.scan(live, texts or documents(), out=out, **settings)


@pytest.mark.parametrize("count", [1, 2, 3])
def test_any_number_of_workers_gives_the_same(
    count: int, cluster: Any, undisturbed: dict[str, str], tmp_path: Path
) -> None:
    atlas = scan(tmp_path / "atlas", workers=count)
    assert digests(tmp_path / "atlas") == undisturbed
    atlas.verify()
    assert len(workers(tmp_path / "pids")) == count


def test_more_workers_than_cores(cluster: Any, undisturbed: dict[str, str], tmp_path: Path) -> None:
    scan(tmp_path / "atlas", workers=4, checkpoint=1e9)
    assert digests(tmp_path / "atlas") == undisturbed


def test_a_worker_that_is_killed_changes_nothing(cluster: Any, undisturbed: dict[str, str], tmp_path: Path) -> None:
    killed: list[int] = []

    def kill(done: dict[str, Any]) -> None:
        if done["chunks"] in (3, 8) and len(killed) < 2:
            victim = sorted(workers(tmp_path / "pids") - set(killed))[0]
            os.kill(victim, signal.SIGKILL)
            killed.append(victim)

    scan(tmp_path / "atlas", workers=2, progress=kill)
    assert len(killed) == 2
    assert len(workers(tmp_path / "pids")) == 4, "each that died had somebody take its place"
    assert digests(tmp_path / "atlas") == undisturbed


def test_a_machine_that_goes_away_changes_nothing(cluster: Any, undisturbed: dict[str, str], tmp_path: Path) -> None:
    extra = [cluster.add_node(num_cpus=1, object_store_memory=STORE)]

    def unplug(done: dict[str, Any]) -> None:
        if done["chunks"] == 4 and extra:
            cluster.remove_node(extra.pop(), allow_graceful=False)

    scan(tmp_path / "atlas", workers=4, progress=unplug)
    assert not extra
    assert digests(tmp_path / "atlas") == undisturbed


@pytest.mark.parametrize("engine", ["ray", "local"])
def test_killed_itself_it_goes_on_with_either_engine(
    engine: str, cluster: Any, undisturbed: dict[str, str], tmp_path: Path
) -> None:
    """The process that called `scan` is killed; what it had saved is not done again."""
    out, pids = tmp_path / "atlas", tmp_path / "pids"
    command = [sys.executable, "-m", "tests.cluster.victim", str(out), cluster.address, str(pids)]
    process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    assert process.stdout is not None
    for line in process.stdout:
        if line.strip() == "9":
            break
    process.kill()
    process.communicate()
    assert process.returncode == -signal.SIGKILL
    seen: list[dict[str, Any]] = []
    scan(out, engine=engine, progress=seen.append)
    assert seen[0]["chunks"] > 1
    assert digests(out) == undisturbed


def test_workers_say_how_they_compute(cluster: Any, tmp_path: Path) -> None:
    """A model that cannot be copied has the threads of the caller; a scan that began with other ones says so."""

    def live() -> nw.LiveModel:
        made = telling(tmp_path / "pids")
        made.module.lock = threading.RLock()  # what cannot be copied
        return made

    seen: list[int] = []
    with pytest.raises(ScanPaused):
        scan(
            tmp_path / "a",
            live=live(),
            engine="local",
            progress=lambda done: seen.append(done["chunks"]),
            stop=lambda: bool(seen),
        )
    torch.set_num_threads(2)
    try:
        with pytest.warns(ScanWarning, match=r"1 thread.*\) and goes on with .*2 threads.*\)"):
            atlas = scan(tmp_path / "a", live=live(), workers=1)
    finally:
        torch.set_num_threads(1)
    assert [way["threads"] for way in atlas.manifest["computed"]] == [1, 2]


def test_cores_of_this_machine_leave_every_bit(cluster: Any, undisturbed: dict[str, str], tmp_path: Path) -> None:
    """However many threads torch has where a scan is called: a pass has one, here and in a worker."""
    torch.set_num_threads(2)
    try:
        scan(tmp_path / "a", workers=2)
        scan(tmp_path / "b", engine="local")
    finally:
        torch.set_num_threads(1)
    assert digests(tmp_path / "a") == digests(tmp_path / "b") == undisturbed


def test_stopping_keeps_what_is_done(cluster: Any, undisturbed: dict[str, str], tmp_path: Path) -> None:
    """And what one engine began, the other goes on with."""
    out, seen = tmp_path / "atlas", []
    for engine, stops in (("ray", 3), ("local", 9), ("ray", 11)):
        with pytest.raises(ScanPaused, match="documents"):
            scan(
                out,
                engine=engine,
                workers=1,
                progress=lambda done: seen.append(done["chunks"]),
                stop=lambda stops=stops: bool(seen) and seen[-1] >= stops,
                checkpoint=1e9,
            )
    scan(out, workers=1, progress=lambda done: seen.append(done["chunks"]))
    assert seen == list(range(1, len(seen) + 1)), "nothing is done twice"
    assert digests(out) == undisturbed


def test_an_interrupt_keeps_what_is_done(cluster: Any, undisturbed: dict[str, str], tmp_path: Path) -> None:
    out, seen = tmp_path / "atlas", []

    def interrupt(done: dict[str, Any]) -> None:
        seen.append(done["chunks"])
        if seen == [1, 2, 3]:
            os.kill(os.getpid(), signal.SIGINT)

    with pytest.raises(KeyboardInterrupt):
        scan(out, workers=2, progress=interrupt, checkpoint=1e9)
    first = len(seen)
    scan(out, workers=None, progress=interrupt)  # as many as find a place
    assert seen[first] == first + 1
    assert digests(out) == undisturbed


def test_a_fault_of_the_model_is_told_as_it_is(cluster: Any, tmp_path: Path) -> None:
    with pytest.raises(RuntimeError, match=r"^a fault of the model$"):
        scan(tmp_path / "atlas", [*documents(100), DEADLY], workers=1)


def test_documents_that_kill_every_worker_end_the_scan(cluster: Any, tmp_path: Path) -> None:
    live = telling(tmp_path / "pids", dies=True)
    with pytest.raises(AtlasError, match="3 workers died at the same documents"):
        scan(tmp_path / "atlas", [*documents(100), DEADLY], live=live, workers=2)


def test_documents_that_cannot_be_read_keep_what_came_before(cluster: Any, tmp_path: Path) -> None:
    def broken() -> Any:
        yield from documents(100)
        raise OSError("the disk is gone")

    with pytest.raises(OSError, match="the disk is gone"):
        scan(tmp_path / "atlas", broken(), workers=1)  # type: ignore[arg-type]
    seen: list[dict[str, Any]] = []
    scan(tmp_path / "atlas", documents(100), workers=1, progress=seen.append)
    scan(tmp_path / "local", documents(100), engine="local")
    assert seen[0]["chunks"] > 1
    assert digests(tmp_path / "atlas") == digests(tmp_path / "local")


def test_models_of_pictures_and_their_features_travel_too(cluster: Any, tmp_path: Path) -> None:
    pictures = np.random.default_rng(0).integers(0, 256, (300, 8, 8), dtype=np.uint8)
    code = [
        text.decode("latin-1") for text in map(bytes, np.random.default_rng(0).integers(32, 127, (70, 30), np.uint8))
    ]
    for name, data in (("digits", pictures), ("code-sae", code)):
        for engine in ("ray", "local"):
            sites = ["sae.1"] if name == "code-sae" else None
            workers = 1 if engine == "ray" else None
            out = tmp_path / name / engine
            nw.scan(nw.demo(name), data, sites, out=out, engine=engine, workers=workers, progress=False)
        assert digests(tmp_path / name / "ray") == digests(tmp_path / name / "local")
