"""A scan and an export write, replace and remove nothing but their own files, and nothing through a link."""

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import neuronwidget as nw
from neuronwidget.atlas.files.folder import AtlasError
from tests.hostile.atlas_victim import documents, live
from tests.hostile.test_atlas_kill import ROOT, digests

NAMES = [
    "journal/2024-05-01.md",
    "journal/pieces",
    "state-of-play.txt",
    "state-000000001.safetensors",
    "sites/plan.dwg",
    "exemplars/000-00000.parquet",
    "exemplars/000-00000.safetensors",
    "texts.safetensors",
    "documents.parquet.bak",
    "documents.parquet",
    "pictures.zip",
    "notes.tmp",
    ".documents.parquet.tmp",
    ".manifest.json.tmp",
    ".git/config",
    ".written",
]


def scan(out: Path, count: int = 70, **settings: Any) -> nw.Atlas:
    return nw.scan(live(), documents(count), out=out, window=64, **{"progress": False, **settings})


def begin(out: Path, chunks: int = 1) -> None:
    """A scan that is stopped after so many chunks."""

    def stop(done: dict[str, Any]) -> None:
        if done["chunks"] == chunks:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        scan(out, checkpoint=0.0, progress=stop)


def contents(folder: Path) -> dict[str, str]:
    """Every entry below a folder: what is in a file, where a link leads to."""
    return {
        path.relative_to(folder).as_posix(): os.readlink(path)
        if path.is_symlink()
        else "a folder"
        if path.is_dir()
        else path.read_bytes().hex()
        for path in sorted(folder.rglob("*"))
    }


def put(path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("precious")


@pytest.mark.parametrize("name", NAMES)
def test_a_folder_that_holds_anything_else_is_refused_and_left_as_it_was(name: str, tmp_path: Path) -> None:
    put(tmp_path / "out" / name)
    before = contents(tmp_path)
    with pytest.raises(AtlasError, match=r"Give another out="):
        scan(tmp_path / "out", 5)
    assert contents(tmp_path) == before


@pytest.mark.parametrize("inside", [False, True])
def test_links_in_a_folder_that_is_not_ours_are_not_followed(inside: bool, tmp_path: Path) -> None:
    put(tmp_path / "elsewhere/pieces")
    out = tmp_path / "out"
    out.mkdir()
    if inside:
        (out / "journal").mkdir()
        (out / "journal/pieces").symlink_to(tmp_path / "elsewhere/pieces")
    else:
        (out / "journal").symlink_to(tmp_path / "elsewhere")
    before = contents(tmp_path)
    with pytest.raises(AtlasError, match=r"other files \(journal\)"):
        scan(out, 5)
    assert contents(tmp_path) == before


def test_the_lock_is_no_way_to_another_file(tmp_path: Path) -> None:
    put(tmp_path / "thesis.tex")
    (tmp_path / "out").mkdir()
    (tmp_path / "out/.lock").symlink_to(tmp_path / "thesis.tex")
    with pytest.raises(AtlasError, match=r"Nothing can be written to"):
        scan(tmp_path / "out", 5)
    assert (tmp_path / "thesis.tex").read_text() == "precious"


@pytest.mark.parametrize("name", NAMES[:-1])
def test_what_somebody_puts_beside_an_unfinished_scan_stays(name: str, tmp_path: Path) -> None:
    """Either the scan goes on beside it, or it says which file is in its way."""
    out = tmp_path / "out"
    begin(out)
    if os.path.lexists(out / name):
        return  # that one is the scan's
    put(out / name)
    try:
        scan(out).verify()
    except AtlasError as error:
        assert name.split("/")[0] in str(error)  # noqa: PT017 - both ends are right
    assert (out / name).read_text() == "precious"


@pytest.mark.parametrize("name", ["notes.md", "journal/2024-05-01.md", "sites/mine.safetensors", "state-of-play.txt"])
def test_what_somebody_puts_beside_a_finished_atlas_stays(name: str, tmp_path: Path) -> None:
    out = tmp_path / "out"
    scan(out)
    put(out / name)
    before = contents(out)
    scan(out).verify()
    assert contents(out) == before


def to_link(path: Path, elsewhere: Path) -> None:
    """The same file or folder in another place, with a link where it was."""
    shutil.move(path, elsewhere)
    path.symlink_to(elsewhere)


@pytest.mark.parametrize(
    "name",
    ["journal", "journal/pieces", "journal/vocabulary", "manifest.json", "sites", "documents.parquet", ".written"],
)
def test_nothing_is_written_through_a_link(name: str, tmp_path: Path) -> None:
    """A link anywhere below the folder, to a file or to a folder: what it leads to stays as it is."""
    out, elsewhere = tmp_path / "out", tmp_path / "elsewhere"
    begin(out)
    if os.path.lexists(out / name):
        to_link(out / name, elsewhere)
    else:
        elsewhere.mkdir()
        put(elsewhere / "000.safetensors")
        (out / name).symlink_to(elsewhere)
    before = contents(elsewhere) if elsewhere.is_dir() else {"": elsewhere.read_bytes().hex()}
    with pytest.raises(AtlasError, match=r"is a link|was not written by this scan"):
        scan(out)
    assert (contents(elsewhere) if elsewhere.is_dir() else {"": elsewhere.read_bytes().hex()}) == before


def test_a_second_name_of_a_journal_is_not_written_to(tmp_path: Path) -> None:
    begin(tmp_path / "out")
    os.link(tmp_path / "out/journal/pieces", tmp_path / "backup")
    before = (tmp_path / "backup").read_bytes()
    with pytest.raises(AtlasError, match="hard link"):
        scan(tmp_path / "out")
    assert (tmp_path / "backup").read_bytes() == before


def test_the_folder_itself_may_be_a_link(tmp_path: Path) -> None:
    (tmp_path / "disk").mkdir()
    (tmp_path / "out").symlink_to(tmp_path / "disk")
    scan(tmp_path / "out").verify()
    assert (tmp_path / "out").is_symlink()
    assert (tmp_path / "disk/manifest.json").is_file()


@pytest.mark.parametrize("list_", ["+../thesis.tex\n", "+/etc/hostname\n", "+thesis.tex\n", "+journal/../thesis.tex\n"])
def test_a_list_that_names_what_no_scan_writes_is_not_believed(list_: str, tmp_path: Path) -> None:
    out = tmp_path / "out"
    begin(out)
    put(tmp_path / "thesis.tex")
    put(out / "thesis.tex")
    with open(out / ".written", "a") as file:
        file.write(list_)
    scan(out).verify()
    assert (tmp_path / "thesis.tex").read_text() == (out / "thesis.tex").read_text() == "precious"


@pytest.mark.parametrize("harm", [lambda text: text[:-5], lambda text: text[:20], lambda text: text + "+jour"])
def test_a_list_that_was_cut_off_costs_nothing(harm: Callable[[str], str], tmp_path: Path) -> None:
    """It is of a scan that was killed while it wrote the list; the folder has what is on no list, so it is refused."""
    scan(tmp_path / "whole")
    out = tmp_path / "out"
    begin(out)
    text = (out / ".written").read_text()
    (out / ".written").write_text(harm(text))
    before = contents(out)
    try:
        scan(out)
    except AtlasError as error:
        assert "was not written by this scan" in str(error)  # noqa: PT017 - both ends are right
        assert {k: v for k, v in contents(out).items() if k != ".written"} == {
            k: v for k, v in before.items() if k != ".written"
        }
    else:
        assert digests(out) == digests(tmp_path / "whole")


def test_a_copy_without_hidden_files_goes_on(tmp_path: Path) -> None:
    scan(tmp_path / "whole")
    begin(tmp_path / "out")
    shutil.copytree(tmp_path / "out", tmp_path / "copy", ignore=shutil.ignore_patterns(".*"))
    scan(tmp_path / "copy")
    assert digests(tmp_path / "copy") == digests(tmp_path / "whole")


def test_a_kill_leaves_nothing_behind_that_stays(tmp_path: Path) -> None:
    """Whatever a process that was killed had begun to write is gone when the scan has gone on."""
    out = tmp_path / "out"
    code = (
        "import os, sys\n"
        "import neuronwidget.atlas.files.folder as folder\n"
        "from tests.hostile.test_atlas_ownership import scan\n"
        "write = folder.write_safetensors\n"
        "def cut(file, found):\n"
        "    write(file, found); file.flush()\n"
        "    if list(__import__('pathlib').Path(sys.argv[1]).glob('state-*')): os.kill(os.getpid(), 9)\n"
        "folder.write_safetensors = cut\n"
        "scan(__import__('pathlib').Path(sys.argv[1]), checkpoint=0.0)\n"
    )
    subprocess.run([sys.executable, "-c", code, str(out)], cwd=ROOT, check=False, capture_output=True)
    assert list(out.glob(".*.tmp")), "the test was too late"
    scan(out)
    scan(tmp_path / "whole")
    assert contents(out).keys() == contents(tmp_path / "whole").keys()


# ---- other writers ---------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def atlas(tmp_path_factory: pytest.TempPathFactory) -> nw.Atlas:
    return scan(tmp_path_factory.mktemp("atlas") / "a")


@pytest.mark.parametrize("format_", ["neuronpedia", "saedashboard"])
def test_an_export_leaves_its_neighbours(format_: str, atlas: nw.Atlas, tmp_path: Path) -> None:
    for name in (".out.tmp", ".out.tmp.bak", "out.tmp"):
        put(tmp_path / name / "thesis.tex")
    before = contents(tmp_path)
    atlas.export(tmp_path / "out", format=format_)
    assert {k: v for k, v in contents(tmp_path).items() if not k.startswith("out/") and k != "out"} == before


def test_an_export_that_fails_leaves_nothing(atlas: nw.Atlas, tmp_path: Path) -> None:
    put(tmp_path / ".out.tmp/thesis.tex")
    before = contents(tmp_path)
    with pytest.raises(ValueError, match="JSON"):
        atlas.export(tmp_path / "out", dataset=float("nan"))  # type: ignore[arg-type]
    assert contents(tmp_path) == before


def test_an_export_into_a_link(atlas: nw.Atlas, tmp_path: Path) -> None:
    """A link may stand for the folder, which is empty; it stays a link."""
    (tmp_path / "disk").mkdir()
    (tmp_path / "out").symlink_to(tmp_path / "disk")
    nw.import_atlas(atlas.export(tmp_path / "out"))
    assert (tmp_path / "out").is_symlink()
    put(tmp_path / "full/thesis.tex")
    (tmp_path / "other").symlink_to(tmp_path / "full")
    with pytest.raises(FileExistsError, match="Give a new folder"):
        atlas.export(tmp_path / "other")


def test_a_rebuilt_demo_atlas_keeps_what_is_not_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("sklearn")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    demo = nw.demo("cancer")
    path = demo.atlas(progress=False).folder.path
    (path / "manifest.json").write_text("{")  # a damaged one is built anew all the same
    demo.atlas(progress=False, rebuild=True).verify()
    put(path / "thesis.tex")
    with pytest.raises(AtlasError, match=r"other files \(thesis\.tex\)"):
        demo.atlas(progress=False, rebuild=True)
    assert (path / "thesis.tex").read_text() == "precious"


@pytest.mark.skipif(not hasattr(os, "umask"), reason="modes are those of Unix")
@pytest.mark.parametrize("mask", [0o022, 0o027, 0o077, 0o002])
def test_files_have_the_mode_that_the_umask_gives(mask: int, tmp_path: Path) -> None:
    before = os.umask(mask)
    try:
        begin(tmp_path / "a")
        unfinished = [path for path in (tmp_path / "a").rglob("*") if path.is_file()]
        modes = {path.stat().st_mode & 0o777 for path in unfinished}
        scan(tmp_path / "a").export(tmp_path / "b")
        modes |= {path.stat().st_mode & 0o777 for path in tmp_path.rglob("*") if path.is_file()}
        folders = {path.stat().st_mode & 0o777 for path in tmp_path.rglob("*") if path.is_dir()}
    finally:
        os.umask(before)
    assert modes == {0o666 & ~mask}
    assert folders == {0o777 & ~mask}
