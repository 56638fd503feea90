"""Atlases in the formats of other tools, and back."""

import gzip
import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import torch

import neuronwidget as nw
from neuronwidget.atlas.files.folder import AtlasError
from tests.export.interchange_schemas import DASHBOARD, ID, LISTS, ROWS
from tests.hostile.atlas_victim import documents, live
from tests.live.adapters.families import FAMILIES, tokenizer
from tests.live.test_sae import Sae
from tests.postgres.database import ABOUT, LINES

FORMATS = ("neuronpedia", "saedashboard")
SITES = ["act", "squash"]


@pytest.fixture(scope="module")
def atlas(tmp_path_factory: pytest.TempPathFactory) -> nw.Atlas:
    out = tmp_path_factory.mktemp("atlas") / "made"
    names = [f"text {i}" for i in range(120)]
    return nw.scan(live(), documents(120), SITES, out=out, window=64, ids=names, progress=False)


@pytest.fixture(scope="module", params=FORMATS)
def imported(request: pytest.FixtureRequest, atlas: nw.Atlas, tmp_path_factory: pytest.TempPathFactory) -> Any:
    out = atlas.export(tmp_path_factory.mktemp("out") / request.param, format=request.param, dataset="letters")
    return nw.import_atlas(out)


@pytest.fixture(scope="module")
def code(tmp_path_factory: pytest.TempPathFactory) -> tuple[nw.LiveModel, nw.Atlas]:
    model, texts = nw.demo("code"), ["import os\n" * 30, "x = '\\0'"]
    out = tmp_path_factory.mktemp("code") / "made"
    return model, nw.scan(model, texts, ["mlp.0", "state.1"], out=out, progress=False)


@pytest.fixture(scope="module")
def code_files(code: tuple[nw.LiveModel, nw.Atlas], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """All of it for Neuronpedia, with the weights."""
    with pytest.warns(UserWarning, match=r"Weights of state\.1 are left out: The units of state\.1 do not go"):
        return code[1].export(tmp_path_factory.mktemp("files") / "out", live=code[0])


def test_units_come_back(atlas: nw.Atlas, imported: nw.ImportedAtlas) -> None:
    assert len(imported) == len(atlas) == 64
    assert imported.model == "Small"
    for ours, theirs in zip(atlas.sites, imported.sites, strict=True):
        units, site = atlas.units.loc[ours.name], theirs.name
        assert site == ours.name, "the name it has here, in both formats"
        assert imported.units.loc[site]["density"].tolist() == units["density"].tolist()
        if imported.format == "neuronpedia":
            assert imported.units.loc[site]["max"].tolist() == units["max"].tolist()
            assert imported.units.loc[site]["hook"].eq(ours.canonical).all()
        else:
            assert imported.units.loc[site]["documents"].eq(120).all()


def test_exemplars_come_back(atlas: nw.Atlas, imported: nw.ImportedAtlas) -> None:
    for number in (0, 17, 47):
        for group in ("top", "intervals"):
            ours = atlas.exemplars((atlas.sites[0].name, number), group)
            theirs = imported.exemplars((imported.sites[0].name, number), group)
            if group == "top":
                assert theirs["rank"].tolist() == ours["rank"].tolist()
            else:  # at an edge one may change sides: the edges of the files are those of the histogram
                assert theirs["value"].between(theirs["low"], theirs["high"], inclusive="left").all()
                ours, theirs = (table.sort_values(["value", "text"]) for table in (ours, theirs))
            assert theirs["value"].tolist() == ours["value"].tolist()
            for column in ("pieces", "values"):
                pairs = zip(ours[column], theirs[column], strict=True)
                assert all(np.array_equal(a, b) for a, b in pairs)
            assert theirs["peak"].tolist() == ours["peak"].tolist()
            if imported.format == "neuronpedia":
                assert theirs["id"].tolist() == ours["id"].tolist()
    assert len(imported.exemplars((imported.sites[0].name, 0), n=3)) == 6


def test_histograms_come_back(atlas: nw.Atlas, imported: nw.ImportedAtlas) -> None:
    for ours, theirs in zip(atlas.sites, imported.sites, strict=True):
        a, b = atlas.histogram((ours.name, 3)), imported.histogram((theirs.name, 3))
        assert a["count"].tolist() == b["count"].tolist()  # both sites have values below zero: all are counted
        assert b["low"].to_numpy() == pytest.approx(a["low"].to_numpy(), abs=1e-9)


def test_zeros_of_units_that_are_never_negative_stay_out(code: tuple[nw.LiveModel, nw.Atlas], code_files: Path) -> None:
    """The formats' histogram is one of values that are not zero."""
    imported = nw.import_atlas(code_files)
    for number in range(40):
        unit = code[1].unit(("mlp.0", number))
        assert imported.histogram(("0-mlp", number))["count"].sum() == round(unit["density"] * unit["seen"])


def test_a_share_of_values_is_counted_as_the_formats_count_it(tmp_path: Path) -> None:
    """`frac_nonzero` is what lies above zero, `bin_contains` what lies in the interval: both to the last value."""
    model, texts = live(), [text[:60] for text in documents(80)]
    atlas = nw.scan(model, texts, ["act", "mix"], out=tmp_path / "made", window=64, progress=False)
    everything = [model.record(text, sites=["act", "mix"]) for text in texts]
    exported = atlas.export(tmp_path / "out", "saedashboard")
    for name in ("act", "mix"):
        site = atlas.sites[name].name
        values = np.concatenate([recording[site].numpy() for recording in everything])
        features = json.loads((exported / site / "batch-0.json").read_text())["features"]
        assert {len({a["bin_min"] for a in f["activations"]}) for f in features} <= {4, 5, 6}
        for number, feature in enumerate(features):
            unit = values[:, number]
            assert feature["frac_nonzero"] == (unit > 0).mean()
            for window in feature["activations"]:
                if window["bin_contains"] == -1:
                    assert window["bin_max"] == max(
                        a["values"][a["qualifying_token_index"]] for a in feature["activations"]
                    )
                else:
                    inside = (unit >= window["bin_min"]) & (unit < window["bin_max"])
                    assert window["bin_contains"] == pytest.approx(inside.mean(), rel=1e-12)


def rows_of(folder: Path, name: str) -> list[dict[str, Any]]:
    """All lines of a Neuronpedia export, by the name of the file or folder that they are in."""
    if name in ABOUT:
        return [json.loads(p.read_text(encoding="utf-8")) for p in sorted(folder.rglob(f"{name}.jsonl"))]
    files = sorted(folder.rglob(f"{name}/batch-*.jsonl.gz"))
    return [json.loads(line) for file in files for line in gzip.decompress(file.read_bytes()).splitlines()]


def check(content: Any, schema: dict[str, Any]) -> None:
    import jsonschema

    jsonschema.Draft202012Validator(schema).validate(content)


@pytest.mark.parametrize("weights", [False, True])
def test_files_are_what_their_readers_ask_for(
    weights: bool, code: tuple[nw.LiveModel, nw.Atlas], code_files: Path, tmp_path: Path
) -> None:
    """Every field that is required, in every line, and no line with other fields than the first."""
    folder = code_files if weights else code[1].export(tmp_path / "a", sites=["state.1"])
    for name in (*ABOUT, *LINES):
        rows = rows_of(folder, name)
        assert {tuple(row) for row in rows} == {tuple(rows[0])}
        for row in rows[::10] if name in LINES else rows:
            check(row, ROWS[name])
    ids = [row["id"] for row in rows_of(folder, "activations")]
    assert len(set(ids)) == len(ids) > 0
    for source in rows_of(folder, "source"):
        assert (folder / "v1" / source["modelId"] / source["id"] / "features").is_dir()
        assert source["id"].partition("-")[2] == source["setName"]
    (about,) = {json.dumps(row) for row in rows_of(folder, "model")}
    assert (json.loads(about)["layers"], json.loads(about)["neuronsPerLayer"]) == ((3, 768) if weights else (2, 768))


def test_labels_are_explanations_with_how_well_they_were_tested(
    code: tuple[nw.LiveModel, nw.Atlas], code_files: Path, tmp_path: Path
) -> None:
    live, atlas = code
    rows = {row["index"]: row for row in rows_of(code_files, "explanations") if row["layer"] == "1-state"}
    assert rows.keys() == {str(nw.Unit.parse(name).index) for name in live.labels if str(name).startswith("state.1:")}
    assert rows["92"]["description"] == "inside a comment"
    assert rows["92"]["notes"].startswith("held up: AUROC .99")
    required = json.loads((Path(__file__).parents[1] / "postgres/columns.json").read_text())["Explanation"]["columns"]
    for row in rows.values():
        assert {name for name, column in required.items() if column["required"]} <= row.keys() <= required.keys()
    without = atlas.export(tmp_path / "a", sites=["state.1"])
    assert rows_of(without, "explanations") == []


def test_dashboards_are_what_their_readers_ask_for(code: tuple[nw.LiveModel, nw.Atlas], tmp_path: Path) -> None:
    (file,) = code[1].export(tmp_path / "a", "saedashboard", sites=["state.1"]).rglob("*.json")
    check(json.loads(file.read_text(encoding="utf-8")), DASHBOARD)


def test_names_are_ids_and_folders_of_one_thing_only(tmp_path: Path) -> None:
    model = live()
    model.name = "org/Some model.v2 ü"
    for other in (model.sites["act"].name, model.sites["squash"].name):
        model.add_sae(other, Sae(model.sites[other].width, 8), name="two.words" if other.endswith("0") else "two words")
    sites = ["two.words", "two words"]
    atlas = nw.scan(model, documents(5), sites, out=tmp_path / "made", window=64, progress=False)
    folder = atlas.export(tmp_path / "bulk", creator=("Ada Lovelace", "clx123"))
    for row in rows_of(folder, "source"):
        check(row["id"], ID)
        check(row["modelId"], ID)
    assert len({row["id"].lower() for row in rows_of(folder, "source")}) == 2
    assert {row["displayName"] for row in rows_of(folder, "model")} == {"org/Some model.v2 ü"}
    assert {row["owner"] for row in rows_of(folder, "model")} == {"Ada Lovelace"}
    for name in (*ABOUT, *LINES):
        assert {row["creatorId"] for row in rows_of(folder, name)} == {"clx123"}
    for row in rows_of(folder, "release"):
        assert row["creatorName"] == "Ada Lovelace"
    assert len(list(atlas.export(tmp_path / "dashboards", "saedashboard").rglob("batch-0.json"))) == 2


def test_an_export_is_always_the_same(atlas: nw.Atlas, tmp_path: Path) -> None:
    """Imported twice, a window is there once: ids come from what it is of, not from a clock."""
    one, other = (atlas.export(tmp_path / name, sites=["squash"]) for name in ("one", "other"))
    files = sorted(p.relative_to(one) for p in one.rglob("*") if p.is_file())
    assert len(files) == 6
    assert all((one / file).read_bytes() == (other / file).read_bytes() for file in files)


class Holes(torch.nn.Module):
    """Speaks of each letter: NaN for the first, nothing for the second, its number for the third."""

    def __init__(self) -> None:
        super().__init__()
        self.embed = torch.nn.Embedding(128, 4)
        self.same = torch.nn.Identity()

    def forward(self, ids: torch.Tensor) -> torch.Tensor:
        code = ids[..., None].float()
        return self.same(torch.cat([torch.where(code == 97, torch.nan, code), 0 * code, code, -code], -1))


def test_what_was_never_seen_or_is_not_finite_leaves_fields_empty(tmp_path: Path) -> None:
    inputs = nw.TextInputs(lambda text: [ord(c) % 128 for c in text], lambda ids: "".join(map(chr, ids)))
    model = nw.attach(Holes(), inputs=inputs)
    atlas = nw.scan(model, ["abcab" * 4, "bcdbc", "aaa"], ["same"], out=tmp_path / "a", progress=False)
    folder = atlas.export(tmp_path / "b")
    broken, silent, number, _ = rows_of(folder, "features")
    assert silent["freq_hist_data_bar_heights"] == silent["freq_hist_data_bar_values"] == []
    assert silent["frac_nonzero"] == 0
    assert number["frac_nonzero"] == 1
    assert broken["frac_nonzero"] == 1, "of the values that are numbers"
    for name in ("features", "activations"):
        for row in rows_of(folder, name):
            check(row, ROWS[name])
    only = nw.scan(nw.attach(Silent(), inputs=inputs), ["abc"], ["same"], out=tmp_path / "c", progress=False)
    assert not list(only.export(tmp_path / "d").rglob("activations/*")), "a file without lines has no columns"


class Silent(Holes):
    def forward(self, ids: torch.Tensor) -> torch.Tensor:
        return self.same(0.0 * self.embed(ids))


def test_letters_that_json_or_postgres_stumbles_over(tmp_path: Path) -> None:
    r"""The import makes a space of every \u0000 in a line: a token's own backslash and letters stay what they are."""
    words = ["a", r"\u0000", r"\\u0000", "\0", "\\", "\\\0", '"\n', "☃", r"\\\u0000\u0000"]
    inputs = nw.TextInputs(
        lambda text: [words.index(word) for word in text.split("|")],
        lambda ids: "".join(words[i] for i in ids),
        sample="|".join(words * 9),
    )
    atlas = nw.scan(nw.attach(Holes(), inputs=inputs), ["|".join(words)], ["same"], out=tmp_path / "a", progress=False)
    (file,) = atlas.export(tmp_path / "b").rglob("activations/batch-0.jsonl.gz")
    lines = gzip.decompress(file.read_bytes()).decode()
    tokens = {token for row in map(json.loads, lines.replace(r"\u0000", " ").splitlines()) for token in row["tokens"]}
    assert tokens == {word.replace("\0", " ") for word in words}


# ---- with the live model ---------------------------------------------------------------------------------------------


def test_with_the_model_the_weights_are_told(code: tuple[nw.LiveModel, nw.Atlas], code_files: Path) -> None:
    model, atlas = code
    features = {(row["layer"], row["index"]): row for row in rows_of(code_files, "features")}
    down = model.module.get_submodule("blocks.0.mlp.down").weight.detach()
    for index in (0, 100, 767):
        row = features["0-mlp", str(index)]
        card = nw.unit_card(model, atlas, ("mlp.0", index))
        for kind, table in (("pos", card.outputs.promoted), ("neg", card.outputs.suppressed)):
            assert row[f"{kind}_str"] == table["output"].tolist()
            assert row[f"{kind}_values"] == pytest.approx(table["effect"].tolist(), rel=1e-4)
        assert row["vector"] == pytest.approx(down[:, index].tolist(), abs=1e-6)
        assert row["hasVector"] is True
        assert row["hookName"] == "blocks.0.hook_mlp_out"
        assert row["vectorDefaultSteerStrength"] == row["maxActApprox"]
        heights, middles = row["logits_hist_data_bar_heights"], row["logits_hist_data_bar_values"]
        assert (len(heights), sum(heights)) == (50, model.logits(model.inputs.tokens("x").ids).shape[-1])
        half = (middles[1] - middles[0]) / 2
        assert middles[-1] + half == pytest.approx(row["pos_values"][0], rel=1e-3)
    silent = features["1-state", "0"]
    assert silent["hasVector"] is False
    assert silent["vectorDefaultSteerStrength"] is None
    assert silent["hookName"] == "blocks.1.memory"
    assert all(silent[name] == [] for name in LISTS if not name.startswith("freq"))


def test_features_of_an_autoencoder_have_their_decoder(tmp_path: Path) -> None:
    """What a feature of the heads' outputs writes, and how it is spread over the heads."""
    pytest.importorskip("transformers")
    family = next(family for family in FAMILIES if family.name == "GPT-2")
    sae = Sae(32, 40).eval()
    model = nw.attach(family.make(), tokenizer("bpe"), saes={"attn.1": sae})
    atlas = nw.scan(model, ["the quick brown fox " * 5], ["sae.1"], out=tmp_path / "a", progress=False)
    rows = rows_of(atlas.export(tmp_path / "b", live=model), "features")
    heads = model.sites["heads.1"].width
    projection = model.module.get_submodule("transformer.h.1.attn.c_proj").weight.detach()
    for number, row in enumerate(rows):
        decoder = sae.dec.weight.detach()[:, number]
        norms = decoder.reshape(heads, -1).norm(dim=1)
        assert row["decoder_weights_dist"] == pytest.approx((norms / norms.sum()).tolist(), rel=1e-4)
        assert row["vector"] == pytest.approx((decoder @ projection).tolist(), abs=1e-5)
        assert row["hookName"] == "blocks.1.hook_attn_out"
    with torch.no_grad():
        sae.dec.weight += 1
    with pytest.raises(AtlasError, match=r"autoencoder of sae\.1 has other weights"):
        atlas.export(tmp_path / "c", live=model)


def test_another_model_is_refused(atlas: nw.Atlas, tmp_path: Path) -> None:
    with pytest.raises(AtlasError, match="other weights than the one that was scanned"):
        atlas.export(tmp_path / "a", live=live(seed=1))
    assert not (tmp_path / "a").exists()


# ---- reading ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("index", [-1, None, 7])
def test_where_the_token_that_qualified_was_cut_off_the_largest_value_is_meant(
    index: int | None, tmp_path: Path
) -> None:
    """In files of SAEDashboard the index is −1 then. The column `value` is there whatever the file holds."""
    window = {"tokens": ["a", "b", "c"], "values": [0.5, 2.5, 0.0], "bin_min": -1, "bin_max": 2.5, "bin_contains": -1}
    nothing = {**window, "tokens": [], "values": []}
    features = [
        {"feature_index": 0, "activations": [{**window, "qualifying_token_index": index}]},
        {"feature_index": 1, "activations": [{**nothing, "qualifying_token_index": index}]},
    ]
    (tmp_path / "batch-0.json").write_text(json.dumps({"sae_set": "res", "layer": 3, "features": features}))
    imported = nw.import_atlas(tmp_path)
    shown = imported.exemplars("3-res:0")
    assert (shown["value"].tolist(), shown["peak"].tolist()) == ([2.5], [1])
    assert imported.exemplars("3-res:1")["value"].isna().all()


def test_files_of_the_other_tools(tmp_path: Path) -> None:
    """With fields that an atlas does not have, and without some that it has."""
    activation = {"tokens": ["a", "b"], "values": [0.0, 2.5], "bin_min": -1, "bin_max": 2.5, "bin_contains": -1}
    low = {**activation, "bin_min": 0.5, "bin_max": 1.0, "bin_contains": 0.2, "qualifying_token_index": 1}
    feature = {"feature_index": 7, "frac_nonzero": 0.25, "pos_str": ["x"], "activations": [low, activation]}
    content = {"model_id": "gpt2", "layer": 3, "sae_set": "res-jb", "sae_id_suffix": None, "features": [feature]}
    (tmp_path / "batch-0.json").write_text(json.dumps(content))
    for path in (tmp_path, tmp_path / "batch-0.json"):
        imported = nw.import_atlas(path)
        assert (imported.model, [site.name for site in imported.sites], len(imported)) == ("gpt2", ["3-res-jb"], 1)
        shown = imported.exemplars("3-res-jb:7")
        assert shown["group"].tolist() == ["top", "intervals"]
        assert shown["value"].tolist() == [2.5, 2.5]
        assert shown["text"].tolist() == ["ab", "ab"]
        assert imported.feature("3-res-jb:7")["pos_str"] == ["x"]
        assert imported.histogram("3-res-jb:7").empty
    bulk = tmp_path / "v1/gpt2/3-res-jb"
    for name in ("features", "activations", "explanations"):
        (bulk / name).mkdir(parents=True)
    place = {"modelId": "gpt2", "layer": "3-res-jb", "index": "7"}
    lines = {
        "features": {**place, "frac_nonzero": 0.5},
        "activations": {**place, "tokens": ["a"], "values": [1.0], "binMin": -1, "binContains": -1},
        "explanations": {**place, "description": "the letter a"},
    }
    for name, line in lines.items():
        with gzip.open(bulk / name / "batch-0.jsonl.gz", "wt") as file:
            file.write(json.dumps(line) + "\n")
    imported = nw.import_atlas(tmp_path / "v1")
    assert imported.units.loc[("3-res-jb", 7), "description"] == "the letter a"
    assert imported.exemplars("3-res-jb:7")["value"].tolist() == [1.0]


def test_refusals(atlas: nw.Atlas, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="There is no format 'html'; there are neuronpedia, saedashboard"):
        atlas.export(tmp_path / "a", format="html")
    (tmp_path / "full").mkdir()
    (tmp_path / "full/note.txt").write_text("mine")
    with pytest.raises(FileExistsError, match="Give a new folder"):
        atlas.export(tmp_path / "full")
    with pytest.raises(AtlasError, match="holds neither"):
        nw.import_atlas(tmp_path / "full")
    (tmp_path / "batch-0.json").write_text("{")
    with pytest.raises(AtlasError, match="damaged"):
        nw.import_atlas(tmp_path / "batch-0.json")
    with pytest.raises(AtlasError, match="no file or folder"):
        nw.import_atlas(tmp_path / "none")
    with pytest.raises(KeyError, match="There is no unit 'act:999'"):
        nw.import_atlas(atlas.export(tmp_path / "b", sites=["act"])).exemplars("act:999")
    rows = nw.attach(nw.demo("cancer").module, inputs=nw.demo("cancer").inputs)
    table = pd.DataFrame([rows.inputs.start()])
    with pytest.raises(AtlasError, match="made for texts"):
        nw.scan(rows, table, out=tmp_path / "rows", progress=False).export(tmp_path / "c")
