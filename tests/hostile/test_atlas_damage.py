"""Whatever is in a folder or a file from elsewhere: it opens right, or an `AtlasError` says what is wrong."""

import copy
import gzip
import json
import os
import random
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

import neuronwidget as nw
from neuronwidget.atlas.files.folder import AtlasError, Folder, _checksum
from tests.hostile.atlas_victim import documents, live
from tests.hostile.test_atlas_kill import ROOT, digests
from tests.hostile.test_atlas_ownership import begin, scan
from tests.sweeps import seeds

STRANGE: list[Any] = [
    None, True, -1, 0, 1.5, 10**9, 10**30, float("nan"), float("inf"), "", "x", "\ud800", "../../etc/passwd",
    "x" * 20_000, [], {}, [[]], {"x": 1}, [None] * 3, {"size": "1"}, "sites/000.safetensors", [{}],
]  # fmt: skip


def is_sentence(error: Exception) -> None:
    text = str(error)
    assert text.endswith(".")
    assert "\n" not in text
    assert len(text) < 600


def read_all(atlas: nw.Atlas) -> list[Any]:
    """Everything that an atlas can be asked, as plain values."""
    found: list[Any] = [repr(atlas), len(atlas), atlas.units.astype(str).to_dict()]
    for site in atlas.sites:
        for unit in (0, site.width - 1):
            found.append(atlas.exemplars((site.name, unit)).astype(str).to_dict())
            found.append(atlas.histogram((site.name, unit)).to_dict())
            found.append(atlas.unit((site.name, unit)).astype(str).to_dict())
    found.append(atlas.similar((atlas.sites[0].name, 0)).astype(str).to_dict())
    last = atlas.manifest["done"]["documents"] - 1
    found.append(atlas.documents([0, last]).astype(str).to_dict())
    return found


def places(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Where in a nest of lists and mappings something stands."""
    yield path
    children = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, child in children:
        yield from places(child, (*path, key))


def altered(manifest: dict[str, Any], chance: random.Random) -> dict[str, Any]:
    """One to three things replaced, removed, doubled or added."""
    found = copy.deepcopy(manifest)
    for _ in range(chance.randint(1, 3)):
        path = chance.choice([path for path in places(found) if path])
        parent: Any = found
        for key in path[:-1]:
            parent = parent[key]
        what = chance.randrange(4)
        if what == 0:
            del parent[path[-1]]
        elif what == 1 and isinstance(parent, list):
            parent.append(copy.deepcopy(parent[path[-1]]))
        elif what == 1:
            parent[str(chance.choice(["x", "../x", "state"]))] = parent[path[-1]]
        else:
            parent[path[-1]] = copy.deepcopy(chance.choice(STRANGE))
    return found


def put_manifest(folder: Path, manifest: dict[str, Any]) -> None:
    """With the checksum that belongs to it: whoever means harm can reckon it out, too."""
    manifest.pop("checksum", None)
    text = json.dumps({**manifest, "checksum": _checksum(manifest)})
    (folder / "manifest.json").write_text(text)


def damaged(content: bytes, chance: random.Random) -> bytes:
    """Cut off, with some bits turned, with a block of zeros or noise, or with something behind it."""
    found = bytearray(content)
    place, what = chance.randrange(max(1, len(found))), chance.randrange(5)
    if what == 0:
        return bytes(found[:place])
    if what == 1:
        for _ in range(chance.choice([1, 1, 8, 64])):
            found[chance.randrange(len(found))] ^= 1 << chance.randrange(8)
    elif what == 2:
        found[place : place + 64] = bytes(len(found[place : place + 64]))
    elif what == 3:
        found[place : place + 64] = chance.randbytes(len(found[place : place + 64]))
    else:
        found += chance.randbytes(100)
    return bytes(found)


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("finished") / "a"
    scan(out)
    return out


@pytest.fixture(scope="module")
def unfinished(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("unfinished") / "a"
    begin(out)
    return out


@pytest.fixture
def folder(finished: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(finished, tmp_path / "copy"))


# ---- manifests -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("seed", seeds())
def test_strange_manifests_of_finished_atlases(seed: int, folder: Path) -> None:
    manifest = json.loads((folder / "manifest.json").read_text())
    chance = random.Random(seed)
    for _ in range(60):
        put_manifest(folder, altered(manifest, chance))
        try:
            read_all(nw.open_atlas(folder))
        except AtlasError as error:
            is_sentence(error)


@pytest.mark.parametrize("seed", seeds())
def test_strange_manifests_of_unfinished_scans(seed: int, unfinished: Path, finished: Path, tmp_path: Path) -> None:
    manifest = json.loads((unfinished / "manifest.json").read_text())
    chance = random.Random(seed)
    for number in range(12):
        folder = Path(shutil.copytree(unfinished, tmp_path / str(number)))
        put_manifest(folder, altered(manifest, chance))
        try:
            scan(folder)
        except AtlasError as error:
            is_sentence(error)


@pytest.mark.parametrize("value", [10**9, 10**30, -1, 0, "7", 1e9, None, True])
def test_widths_beyond_reason(value: Any, folder: Path) -> None:
    manifest = json.loads((folder / "manifest.json").read_text())
    manifest["sites"][0]["width"] = value
    put_manifest(folder, manifest)
    with pytest.raises(AtlasError, match="not what a scan writes: sites is"):
        nw.open_atlas(folder)


def test_a_width_that_its_files_do_not_have(folder: Path) -> None:
    manifest = json.loads((folder / "manifest.json").read_text())
    manifest["sites"][0]["width"] += 1
    put_manifest(folder, manifest)
    with pytest.raises(AtlasError, match="is not of a site of"):
        _ = nw.open_atlas(folder).units
    manifest["sites"][0]["width"] = 50_000_000
    put_manifest(folder, manifest)
    with pytest.raises(AtlasError, match="files are not those of its sites"):
        nw.open_atlas(folder)


@pytest.mark.parametrize(
    "text",
    ["", "[", "null", "[]", "7", '"x"', "{}", "[" * 100_000, '{"a":' * 50_000, "9" * 10_000, '{"checksum": {}}', "\0"],
)
def test_manifests_that_are_none(text: str, folder: Path) -> None:
    (folder / "manifest.json").write_text(text)
    for use in (nw.open_atlas, lambda out: scan(out, 5)):
        with pytest.raises(AtlasError) as caught:
            use(folder)
        is_sentence(caught.value)


# ---- what is no file -------------------------------------------------------------------------------------------------

NO_FILES: dict[str, Callable[[Path], object]] = {
    "a device": lambda path: path.symlink_to("/dev/zero"),
    "a pipe": os.mkfifo,
    "a folder": Path.mkdir,
    "missing": lambda path: path.symlink_to("nowhere"),
    "opened": lambda path: path.symlink_to(path),
}


@pytest.mark.skipif(os.name == "nt", reason="links, devices and pipes of Unix")
@pytest.mark.parametrize("what", NO_FILES)
@pytest.mark.parametrize("name", ["manifest.json", "documents.parquet", "sites/000.safetensors"])
def test_what_is_no_file_is_not_read(what: str, name: str, folder: Path) -> None:
    (folder / name).unlink()
    NO_FILES[what](folder / name)
    with pytest.raises(AtlasError, match=re.escape(what)):
        nw.open_atlas(folder)


@pytest.mark.skipif(os.name == "nt", reason="links, devices and pipes of Unix")
@pytest.mark.parametrize("what", NO_FILES)
@pytest.mark.parametrize("name", ["batch-0.json", "v1/m/2-mlp/features/batch-0.jsonl"])
def test_what_is_no_file_is_not_imported(what: str, name: str, tmp_path: Path) -> None:
    (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
    NO_FILES[what](tmp_path / name)
    with pytest.raises(AtlasError, match=re.escape(what)):
        nw.import_atlas(tmp_path)


def test_files_may_be_links_to_files(folder: Path, finished: Path) -> None:
    """As in the caches of hubs."""
    for path in [path for path in folder.rglob("*") if path.is_file()]:
        path.unlink()
        path.symlink_to(finished / path.relative_to(folder))
    assert read_all(nw.open_atlas(folder)) == read_all(nw.open_atlas(finished))


# ---- files of an atlas -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("seed", seeds())
def test_damaged_files_of_finished_atlases(seed: int, finished: Path, folder: Path) -> None:
    right, chance = read_all(nw.open_atlas(finished)), random.Random(seed)
    names = sorted(json.loads((finished / "manifest.json").read_text())["files"])
    for _ in range(40):
        name = chance.choice(names)
        (folder / name).write_bytes(damaged((finished / name).read_bytes(), chance))
        try:
            found = read_all(nw.open_atlas(folder))
        except AtlasError as error:
            is_sentence(error)
        else:
            assert found == right, "all pages have checksums"
        if (folder / name).read_bytes() != (finished / name).read_bytes():
            with pytest.raises(AtlasError):
                nw.open_atlas(folder).verify()
        shutil.copy(finished / name, folder / name)


@pytest.mark.parametrize("seed", seeds())
def test_damage_that_the_checksums_know_of(seed: int, finished: Path, folder: Path) -> None:
    """The same with checksums that fit: what reads the files is on its own."""
    manifest, chance = json.loads((finished / "manifest.json").read_text()), random.Random(seed)
    for _ in range(40):
        name = chance.choice(sorted(manifest["files"]))
        (folder / name).write_bytes(damaged((finished / name).read_bytes(), chance))
        record = Folder(folder).record(name)
        put_manifest(folder, {**manifest, "files": {**manifest["files"], name: record}})
        try:
            read_all(nw.open_atlas(folder))
        except AtlasError as error:
            is_sentence(error)
        shutil.copy(finished / name, folder / name)


@pytest.mark.parametrize("seed", seeds())
def test_damaged_files_of_unfinished_scans(seed: int, unfinished: Path, finished: Path, tmp_path: Path) -> None:
    """No scan goes on over changed bytes, in a journal, a state or anything else."""
    chance = random.Random(seed)
    names = sorted(path.relative_to(unfinished).as_posix() for path in unfinished.rglob("*") if path.is_file())
    names = [name for name in names if name not in (".lock", "journal/pictures")]
    for number in range(8):
        folder, name = Path(shutil.copytree(unfinished, tmp_path / str(number))), chance.choice(names)
        (folder / name).write_bytes(damaged((unfinished / name).read_bytes(), chance))
        try:
            scan(folder)
        except AtlasError as error:
            is_sentence(error)
        else:
            assert digests(folder) == digests(finished), name


@pytest.mark.parametrize("journal", ["pieces", "windows", "documents", "vocabulary"])
def test_a_journal_that_changes_while_the_scan_runs(journal: str, tmp_path: Path) -> None:
    def change(done: dict[str, Any]) -> None:
        path = tmp_path / "a/journal" / journal
        if done["chunks"] == 2:
            content = bytearray(path.read_bytes())
            content[len(content) // 2] ^= 1
            with open(path, "r+b") as file:
                file.write(content)

    with pytest.raises(AtlasError, match=f"{journal} was changed after it was written"):
        scan(tmp_path / "a", 120, checkpoint=0.0, progress=change)


@pytest.mark.skipif(not hasattr(os, "setuid"), reason="modes are those of Unix")
def test_a_finished_atlas_on_a_disk_that_cannot_be_written_to(finished: Path) -> None:
    """The same call opens it. As root, whom modes do not stop, the process becomes somebody else first."""
    above = Path(tempfile.mkdtemp())  # pytest's own folders are for their owner alone
    above.chmod(0o755)
    folder = Path(shutil.copytree(finished, above / "a"))
    for path in (folder, *folder.rglob("*")):
        path.chmod(0o555 if path.is_dir() else 0o444)
    before = {path: path.stat().st_mtime_ns for path in (folder, *folder.rglob("*"))}
    code = (
        "import os, sys; from pathlib import Path\n"
        "import neuronwidget as nw\n"
        "from tests.hostile.test_atlas_ownership import scan\n"
        "from tests.hostile.test_atlas_damage import read_all\n"
        "out = Path(sys.argv[1])\n"
        "right = read_all(scan(out))  # what is to be imported may be root's alone\n"
        "if os.getuid() == 0: os.setgroups([]); os.setgid(65534); os.setuid(65534)\n"
        "try: (out / 'x').touch()\n"
        "except OSError: pass\n"
        "else: sys.exit('it can be written to')\n"
        "scan(out).verify(); assert read_all(scan(out)) == read_all(nw.open_atlas(out)) == right\n"
    )
    done = subprocess.run([sys.executable, "-c", code, str(folder)], cwd=ROOT, capture_output=True, text=True)
    after = {path: path.stat().st_mtime_ns for path in (folder, *folder.rglob("*"))}
    for path in (folder, *folder.rglob("*")):
        path.chmod(0o755)
    shutil.rmtree(above)
    assert done.returncode == 0, done.stderr
    assert after == before


@pytest.mark.skipif(not hasattr(os, "setuid"), reason="modes are those of Unix")
@pytest.mark.parametrize("mode", [0o000, 0o444])
def test_a_folder_that_may_not_be_looked_into(mode: int, finished: Path) -> None:
    above = Path(tempfile.mkdtemp())
    folder = Path(shutil.copytree(finished, above / "hidden/a"))
    code = (
        "import os, sys; from pathlib import Path\n"
        "import neuronwidget as nw\n"
        "from tests.hostile.test_atlas_ownership import AtlasError, scan\n"
        "out = Path(sys.argv[1]); scan(out); nw.open_atlas(out)\n"
        "os.chmod(out.parents[1], 0o755); os.chmod(out.parent, int(sys.argv[2]))\n"
        "if os.getuid() == 0: os.setgroups([]); os.setgid(65534); os.setuid(65534)\n"
        "for use in (scan, nw.open_atlas, nw.import_atlas):\n"
        "    try: use(out)\n"
        "    except AtlasError as error: print(error)\n"
    )
    arguments = [sys.executable, "-c", code, str(folder), str(mode)]
    done = subprocess.run(arguments, cwd=ROOT, capture_output=True, text=True)
    folder.parent.chmod(0o755)
    shutil.rmtree(above)
    assert len(done.stdout.splitlines()) == 3, done.stderr


# ---- weights ---------------------------------------------------------------------------------------------------------


def times_two(model: nw.LiveModel) -> None:
    model.module.get_parameter("mix.weight").data.mul_(2)


def one_bit(model: nw.LiveModel) -> None:
    model.module.get_parameter("embed.weight").data[3, 5] += 1e-6


def turned(model: nw.LiveModel) -> None:
    weight = model.module.get_parameter("down.weight")
    weight.data.copy_(weight.data.flip(0).clone())


def another(model: nw.LiveModel) -> None:
    model.module.get_submodule("mix").weight = model.module.get_submodule("mix").weight * 1.5  # type: ignore[operator]


@pytest.mark.parametrize("change", [times_two, one_bit, turned])
@pytest.mark.parametrize("checkpoint", [0.0, 1e9])
def test_weights_that_change_meanwhile_are_noticed(
    change: Callable[[nw.LiveModel], None], checkpoint: float, tmp_path: Path
) -> None:
    """Nothing wrong is finished, and nothing wrong is saved: with the old weights it ends as if nothing had been."""
    model, out = live(), tmp_path / "a"

    def meddle(done: dict[str, Any]) -> None:
        if done["chunks"] == 2:
            change(model)

    with pytest.raises(AtlasError, match=r"weights of Small changed while it was scanned \("):
        nw.scan(model, documents(120), out=out, window=64, checkpoint=checkpoint, progress=meddle)
    with pytest.raises(AtlasError, match=r"no atlas|unfinished"):
        nw.open_atlas(out)
    scan(out, 120)
    scan(tmp_path / "whole", 120)
    assert digests(out) == digests(tmp_path / "whole")


def test_what_a_model_counts_in_itself_is_no_change(tmp_path: Path) -> None:
    model = live()
    model.module.register_buffer("calls", __import__("torch").zeros(1))
    forward = model.module.forward

    def counting(ids: Any) -> Any:
        model.module.calls += 1
        return forward(ids)

    model.module.forward = counting  # type: ignore[method-assign]
    nw.scan(model, documents(70), out=tmp_path / "a", window=64, progress=False).verify()


# ---- files of other tools --------------------------------------------------------------------------------------------


def ask_all(path: Path) -> None:
    atlas = nw.import_atlas(path)
    _ = repr(atlas), atlas.units, atlas.sites
    for unit in list(atlas._features)[:3]:
        atlas.exemplars(unit), atlas.histogram(unit), atlas.feature(unit)


def altered_text(text: str, chance: random.Random) -> str:
    """Lines of JSON of which one is strange."""
    lines = text.splitlines()
    number = chance.randrange(len(lines))
    lines[number] = json.dumps(altered(json.loads(lines[number]), chance))
    return "\n".join(lines)


@pytest.mark.parametrize("format_", ["neuronpedia", "saedashboard"])
@pytest.mark.parametrize("seed", seeds())
def test_damaged_files_of_other_tools(format_: str, seed: int, finished: Path, tmp_path: Path) -> None:
    out = nw.open_atlas(finished).export(tmp_path / "out", format=format_)
    files = sorted(path for path in out.rglob("batch-*") if path.is_file())
    chance = random.Random(seed)
    for _ in range(80):
        path = chance.choice(files)
        content = path.read_bytes()
        if chance.random() < 0.5:
            path.write_bytes(damaged(content, chance))
        elif path.suffix == ".gz":
            path.write_bytes(gzip.compress(altered_text(gzip.decompress(content).decode(), chance).encode(), 1))
        else:
            path.write_text(altered_text(content.decode(), chance))
        try:
            ask_all(out)
        except AtlasError as error:
            is_sentence(error)
        path.write_bytes(content)


def bomb(path: Path, line: bytes, times: int) -> None:
    path.parent.mkdir(parents=True)
    with gzip.open(path, "wb", compresslevel=9) as file:
        for _ in range(times):
            file.write(line)


@pytest.mark.parametrize(
    "line",
    [b" " * (1 << 20), b'{"layer": "0", "index": "0", "x": "%s"}\n' % (b"x" * 30_000) * 30, b"\n" * (1 << 20)],
    ids=["one line", "many lines", "empty lines"],
)
def test_a_bomb_does_not_fill_memory(line: bytes, tmp_path: Path) -> None:
    """A gigabyte in a megabyte, in a process that may not have so much."""
    path = tmp_path / "v1/m/0-mlp/features/batch-0.jsonl.gz"
    bomb(path, line, 1024)
    assert path.stat().st_size < 4 << 20
    code = (
        "import sys, resource, neuronwidget as nw\n"
        "import neuronwidget.export.imported, pandas\n"
        "from neuronwidget.atlas.files.folder import AtlasError\n"
        "def used(): return int(next(l for l in open('/proc/self/status') if l.startswith('VmHWM')).split()[1])\n"
        "before = used()\n"
        "try: nw.import_atlas(sys.argv[1])\n"
        "except AtlasError as error: print(error)\n"
        "print(used() - before)\n"
    )
    done = subprocess.run([sys.executable, "-c", code, str(tmp_path)], cwd=ROOT, capture_output=True, text=True)
    said, grown = done.stdout.strip().splitlines()
    assert "MB; that much is not read" in said or "no file of units is so dense" in said
    assert int(grown) < 400_000, "kB"
