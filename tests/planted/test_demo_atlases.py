"""Atlases of the bundled models: what their cards say of units shows in the exemplars."""

import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import neuronwidget as nw
from neuronwidget.analysis.predicates.python_source import truth
from neuronwidget.demos import atlases, corpus
from neuronwidget.demos.architectures.digits import MARK, MARKED
from neuronwidget.live.errors import AttachError

SIZE = 60_000


@pytest.fixture(scope="module", autouse=True)
def cache(tmp_path_factory: pytest.TempPathFactory) -> Any:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_CACHE_HOME", str(tmp_path_factory.mktemp("cache")))
        yield


def never(_: dict[str, Any]) -> None:
    raise AssertionError("it is built already")


@pytest.fixture(scope="module")
def code(cache: Any) -> nw.Atlas:
    """Interrupted after its first chunk, and asked for again."""

    first: list[int] = []

    def interrupt(done: dict[str, Any]) -> None:
        first.append(done["tokens"])
        raise KeyboardInterrupt

    live = nw.demo("code")
    with pytest.raises(KeyboardInterrupt):
        live.atlas(size=SIZE, progress=interrupt)
    calls: list[int] = []
    atlas = live.atlas(size=SIZE, progress=lambda done: calls.append(done["tokens"]))
    assert calls[0] > first[0] > 0, "the first chunk was not done again"
    return atlas


def test_the_detectors_of_comments_and_strings_show_such(code: nw.Atlas) -> None:
    for detector in nw.demo_card("code")["detectors"]:
        if detector["property"] not in ("comment", "string", "keyword"):
            continue
        group = "top" if detector["sign"] > 0 else "bottom"
        shown = code.exemplars(f"{detector['site']}:{detector['unit']}", group=group)
        right = [
            bool(truth(code.document(row["document"])["text"])[detector["property"]][row["position"]])
            for _, row in shown.iterrows()
        ]
        assert all(right[:5]), detector
        assert np.mean(right) >= 0.9, detector


def test_the_comment_unit_is_among_the_first_that_a_search_for_comments_finds(code: nw.Atlas) -> None:
    assert ("state.1", 92) in nw.find_units(code, text=r"^\s*#").index[:3]


def test_the_code_models_atlas_is_kept(code: nw.Atlas, tmp_path: Path) -> None:
    again = nw.demo("code").atlas(size=SIZE, progress=never)
    assert again.folder.path == code.folder.path
    assert again.folder.path.is_relative_to(atlases.cache_folder())
    assert SIZE <= code.tokens < SIZE + 2000
    with pytest.raises(AssertionError, match="built already"):
        nw.demo("code", trained=False).atlas(size=5000, progress=never)  # other weights: another atlas


def test_one_that_other_code_built_is_not_taken_for_this_codes(code: nw.Atlas, tmp_path: Path) -> None:
    package = Path(nw.__file__).parent
    assert code.folder.path.name.endswith(atlases.made_by(package))
    copied = Path(shutil.copytree(package, tmp_path / "copy", ignore=shutil.ignore_patterns("models", "static")))
    assert atlases.made_by(copied) == atlases.made_by(package)
    with (copied / "widgets" / "explorer.py").open("a") as file:
        file.write("# how it looks\n")
    assert atlases.made_by(copied) == atlases.made_by(package)
    for name in ("atlas/exemplars/copies.py", "passes/runner.py"):
        before, decides = atlases.made_by(copied), copied / name
        decides.write_text(decides.read_text(encoding="utf-8") + "# what is counted\n", encoding="utf-8")
        assert atlases.made_by(copied) != before


def test_views_of_a_bundled_models_atlas_know_its_names_without_the_model(code: nw.Atlas) -> None:
    grid = nw.ExemplarGrid(code, unit="state.1:92")
    assert grid.labels["state.1:92"] == "inside a comment"
    grid.labels = {"state.1:92": "remarks"}
    assert nw.UnitFinder(code).labels == {"state.1:92": "remarks"}
    assert nw.demo("code").labels["state.1:92"] == "inside a comment"


def test_a_damaged_one_is_not_believed() -> None:
    live = nw.demo("cancer")
    path = live.atlas(progress=False).folder.path
    (path / "documents.parquet").write_bytes(b"short")
    with pytest.raises(RuntimeError, match=r"live\.atlas\(rebuild=True\)"):
        live.atlas(progress=False)
    live.atlas(progress=False, rebuild=True).verify()


def test_parts_of_the_library_begin_with_statements(tmp_path: Path) -> None:
    body = "\n".join(f"    x{i} = '''{i}'''  # {i}" for i in range(200))
    text = f'"""About."""\n\nimport os\n\n\n# before\ndef f():\n{body}\n\n\ndef g():\n{body}\n'
    (tmp_path / "a.py").write_text(text)
    (tmp_path / "broken.py").write_text("def (" * 400)
    data = atlases.source(10_000, tmp_path)
    assert data.ids == ["a.py:1", "a.py:208"]
    first, second = data.documents
    assert text.startswith(first)
    assert second.startswith("def g():\n")
    assert first.endswith("\n")
    assert len(second) <= 2000
    assert second in text


def test_all_parts_of_this_library_are_in_it() -> None:
    modules = {module.path: module.text for module in corpus.modules()}
    data = atlases.source(50_000)
    for name, text in zip(data.ids or [], data.documents, strict=True):
        assert text in modules[name.rpartition(":")[0]]


@pytest.mark.parametrize("name", ["digits", "digits-shortcut"])
def test_digits(name: str) -> None:
    pytest.importorskip("sklearn")
    live = nw.demo(name)
    atlas = live.atlas(progress=False)
    assert (len(atlas.documents(range(1797))), atlas.input) == (1797, "image")
    row = atlas.exemplars("conv.1:0", group="top").iloc[0]
    found = live.record(row["image"], sites=["conv.1"])["conv.1"][:, 0].reshape(16, 16)
    assert float(found[row["y"], row["x"]]) == pytest.approx(row["value"], rel=1e-5)
    assert live.atlas(progress=never).folder.path == atlas.folder.path


def test_the_units_that_carry_the_shortcut_fire_at_the_mark() -> None:
    pytest.importorskip("sklearn")
    atlas = nw.demo("digits-shortcut").atlas(progress=False)
    side = len(MARK)
    carriers = [unit for unit in nw.demo_card("digits-shortcut")["carriers"] if unit.startswith("conv.")]
    assert carriers
    for unit in carriers:
        shown = atlas.exemplars(unit, group="top")
        assert shown["id"].str.endswith("with the mark").mean() >= 0.9, unit
        assert shown["label"].astype(int).isin(MARKED).mean() >= 0.9, unit
        rows, columns = atlas.map_of(unit.split(":")[0]).grid
        reach = (side + 1) * rows // 16 + 1
        corner = [
            min(y, rows - 1 - y) <= reach and min(x, columns - 1 - x) <= reach for y, x in shown[["y", "x"]].values
        ]
        assert np.mean(corner) >= 0.9, unit


def test_cancer() -> None:
    pytest.importorskip("sklearn")
    live = nw.demo("cancer")
    atlas = live.atlas(progress=False)
    assert repr(atlas).endswith("over 569 rows)")
    head = live.sites.defaults[-1].name
    malignant = live.class_names.index("malignant")
    top = atlas.exemplars((head, malignant), group="top")
    assert (top["label"] == "malignant").all()
    assert live.predict(top["row"].iloc[0], k=1)["class"].tolist() == ["malignant"]


def test_only_bundled_models_have_one() -> None:
    live = nw.attach(nw.demo("cancer").module, inputs=nw.TableInputs({str(i): (0, 1) for i in range(30)}))
    with pytest.raises(AttachError, match=r"nw\.scan"):
        live.atlas()
