"""A folder that is not as a scan left it is refused, with a sentence that says what is wrong."""

import json
import pickle
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

import neuronwidget as nw
from neuronwidget.atlas.files.folder import AtlasError
from neuronwidget.corpus.documents import DocumentError
from tests.hostile.atlas_victim import documents, live


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("atlas") / "a"
    nw.scan(live(), documents(70), out=out, window=64, progress=False)
    return out


@pytest.fixture
def folder(finished: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(finished, tmp_path / "copy"))


def cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-100])


def flip(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)


def edit_manifest(path: Path) -> None:
    path.write_text(path.read_text().replace('"tokens": ', '"tokens": 1'))


def newer(path: Path) -> None:
    from neuronwidget.atlas.files.folder import _checksum

    manifest = json.loads(path.read_text())
    del manifest["checksum"]
    manifest["format"] = 99
    path.write_text(json.dumps({**manifest, "checksum": _checksum(manifest)}))


@pytest.mark.parametrize(
    ("name", "harm", "message"),
    [
        ("manifest.json", Path.unlink, r"no manifest\.json"),
        ("manifest.json", cut, "damaged"),
        ("manifest.json", lambda path: path.write_text("[]"), "damaged"),
        ("manifest.json", edit_manifest, "changed after it was written"),
        ("manifest.json", newer, "has format 99.* update neuronwidget"),
        ("sites/000.safetensors", cut, "000.safetensors has .* cut off or was changed"),
        ("documents.parquet", Path.unlink, "documents.parquet is missing"),
        ("exemplars/001-00000.safetensors", cut, "001-00000.safetensors has .* cut off or was changed"),
    ],
)
def test_refused_when_opened(name: str, harm: Callable[[Path], object], message: str, folder: Path) -> None:
    harm(folder / name)
    with pytest.raises(AtlasError, match=message):
        nw.open_atlas(folder)


@pytest.mark.parametrize("name", ["sites/000.safetensors", "documents.parquet", "exemplars/001-00000.safetensors"])
def test_a_changed_byte_is_found_by_verify(name: str, folder: Path) -> None:
    nw.open_atlas(folder).verify()
    flip(folder / name)
    atlas = nw.open_atlas(folder)
    with pytest.raises(AtlasError, match="changed after it was written"):
        atlas.verify()


def test_zeros_where_the_table_was_are_found_when_it_is_read(folder: Path) -> None:
    path = folder / "exemplars/000-00000.safetensors"
    path.write_bytes(b"\0" * path.stat().st_size)
    with pytest.raises(AtlasError, match="changed after it was written"):
        nw.open_atlas(folder).exemplars((nw.open_atlas(folder).sites[0].name, 0))


def test_no_folder_and_no_atlas(tmp_path: Path) -> None:
    with pytest.raises(AtlasError, match="no folder"):
        nw.open_atlas(tmp_path / "nothing")
    with pytest.raises(AtlasError, match="no atlas"):
        nw.open_atlas(tmp_path)


def test_a_folder_with_other_files_is_not_written_to(tmp_path: Path) -> None:
    (tmp_path / "thesis.tex").write_text("precious")
    with pytest.raises(AtlasError, match=r"other files \(thesis\.tex\)"):
        nw.scan(live(), documents(5), out=tmp_path, progress=False)
    assert [path.name for path in tmp_path.iterdir() if path.name != ".lock"] == ["thesis.tex"]


def test_damaged_state_of_an_unfinished_scan(tmp_path: Path) -> None:
    def stop(done: dict[str, int]) -> None:
        raise KeyboardInterrupt

    out = tmp_path / "a"
    for name in ("state-*", "journal/pieces"):
        with pytest.raises(KeyboardInterrupt):
            nw.scan(live(), documents(70), out=out, window=64, progress=stop)
        cut(next(out.glob(name)))
        with pytest.raises(AtlasError, match="cut off or was changed"):
            nw.scan(live(), documents(70), out=out, window=64, progress=False)
        shutil.rmtree(out)


def test_nothing_is_unpickled(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*args: object, **kwargs: object) -> object:
        raise AssertionError("pickle was used")

    monkeypatch.setattr(pickle, "load", refuse)
    monkeypatch.setattr(pickle, "loads", refuse)
    atlas = nw.open_atlas(folder)
    assert len(atlas.units) == 64
    unit = (atlas.sites[0].name, 3)
    assert len(atlas.exemplars(unit))
    assert len(atlas.histogram(unit))
    assert len(atlas.similar(unit))
    assert atlas.document(3)["text"] == documents(4)[3]
    source = Path(nw.__file__).parent / "atlas"
    assert not [path.name for path in source.glob("*.py") if "import pickle" in path.read_text(encoding="utf-8")]


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ("not a folder", "is not a folder"),
        ([1, 2], "Document 0 is int"),
        ([{"body": "x"}], "no text under 'text'"),
        (7, "int is not that"),
    ],
)
def test_what_is_not_documents(given: object, message: str, tmp_path: Path) -> None:
    with pytest.raises(DocumentError, match=message):
        nw.scan(live(), given, out=tmp_path / "a", progress=False)


def test_labels_that_do_not_fit(tmp_path: Path) -> None:
    with pytest.raises(DocumentError, match="not as many"):
        nw.scan(live(), ["a", "b"], labels=["x"], out=tmp_path / "a", progress=False)


def test_no_documents_at_all_are_refused(tmp_path: Path) -> None:
    for nothing in ([], iter(())):
        with pytest.raises(ValueError, match="There are no documents to scan"):
            nw.scan(live(), nothing, out=tmp_path / "a", progress=False)
    assert len(nw.scan(live(), ["a text"], out=tmp_path / "a", progress=False).units), "the folder is free"


def test_documents_that_say_nothing(tmp_path: Path) -> None:
    atlas = nw.scan(live(), ["", ""], out=tmp_path / "a", progress=False)
    assert set(atlas.units["state"]) == {"not seen"}
    assert atlas.exemplars((atlas.sites[0].name, 0)).empty
    assert atlas.histogram((atlas.sites[0].name, 0)).empty


def test_names_that_are_wrong(finished: Path) -> None:
    atlas = nw.open_atlas(finished)
    with pytest.raises(KeyError, match="Near it"):
        atlas.exemplars("mlp.77:0")
    with pytest.raises(IndexError, match="units 0 to"):
        atlas.exemplars((atlas.sites[0].name, 4800))
    with pytest.raises(ValueError, match="top, bottom, intervals, quantiles"):
        atlas.exemplars((atlas.sites[0].name, 0), group="best")
    with pytest.raises(IndexError, match="documents 0 to 69"):
        atlas.document(70)
