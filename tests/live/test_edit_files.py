"""Edits in files do the same where they are read, and nothing in a file is trusted."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import torch

import neuronwidget as nw
from neuronwidget.live.edits.errors import EditError
from tests.live.test_edits import GIVEN, KINDS, TEXT, attached
from tests.live.test_sae import Sae

SITES = {"text": "mlp.1", "image": "conv.0", "table": "dense.0"}


def edits_of(kind: str, live: Any) -> list[Any]:
    site, data = SITES[kind], [GIVEN[kind]]
    width = live.sites[site].width
    return [
        nw.Ablate([f"{site}:1", f"{site}:3"], data=data),
        nw.Ablate(f"{site}:2", "resample", data=data, scope="last"),
        nw.Ablate(f"{site}:4", "zero", scope=[0, -1]),
        nw.Scale(f"{site}:1", -2.5, when=nw.when(f"{site}:3", above=-5)),
        nw.Clamp(f"{site}:0", 0.5, scope=slice(0, 4, 2)),
        nw.Steer(site, torch.linspace(-1, 1, width), 0.7, data=data),
        nw.Steer(site, torch.linspace(-1, 1, width), -0.1, raw=True, scope="prompt"),
        nw.Patch(site, GIVEN[kind], positions=[0]),
        nw.Patch(f"{site}:1", GIVEN[kind]),
    ]


@pytest.mark.parametrize("kind", KINDS)
def test_they_do_the_same_where_they_are_read(kind: str, tmp_path: Path) -> None:
    live = attached(kind)
    edits = edits_of(kind, live)
    names = [site.name for site in live.sites.defaults]
    nw.save_edits(tmp_path / "list.json", edits, live)
    nw.save_edits(tmp_path / "model.json", live.edited(*edits))
    expected = live.edited(*edits).record(GIVEN[kind])
    for name in ("list", "model"):
        read = nw.load_edits(tmp_path / f"{name}.json", attached(kind))
        assert [type(edit) for edit in read] == [type(edit) for edit in edits]
        found = attached(kind).edited(*read).record(GIVEN[kind])
        for site in names:
            assert torch.allclose(found[site], expected[site], rtol=1e-5, atol=1e-6), (name, site)
    plain = json.loads((tmp_path / "list.json").read_text())
    assert plain["edits"][3] == {
        "edit": "Scale", "scope": "all", "unit": [f"{SITES[kind]}:1"], "factor": -2.5,
        "when": {"unit": f"{SITES[kind]}:3", "above": -5},
    }  # fmt: skip
    nw.save_edits(tmp_path / "again.json", live.edited(*nw.load_edits(tmp_path / "list.json", live)))
    assert nw.load_edits(tmp_path / "again.json", live)


def test_edits_saved_for_another_model_are_refused(tmp_path: Path) -> None:
    live, other = attached("table"), attached("table")
    with torch.no_grad():
        other.module[0].weight += 0.1
    nw.save_edits(tmp_path / "edits.json", live.edited(nw.Scale("dense.0:3", 2)))
    with pytest.raises(EditError, match=r"was saved for another model \('Sequential'; .*force=True takes them"):
        nw.load_edits(tmp_path / "edits.json", other)
    assert nw.load_edits(tmp_path / "edits.json", other, force=True) == [nw.Scale("dense.0:3", 2)]
    nw.save_edits(tmp_path / "edits.json", live.edited(nw.Scale("dense.0:7", 2)))
    with pytest.raises(KeyError, match=r"There is no site .dense\.0."):
        nw.load_edits(tmp_path / "edits.json", attached("text"), force=True)


def test_a_function_is_not_saved_and_a_list_needs_its_model(tmp_path: Path) -> None:
    live = attached("table")
    with pytest.raises(EditError, match="functions are not saved"):
        nw.save_edits(tmp_path / "edits.json", [nw.Edit("dense.0", torch.cos)], live)
    with pytest.raises(EditError, match=r"Which model are these edits for\? Write save_edits\(path, edits, live\)"):
        nw.save_edits(tmp_path / "edits.json", [nw.Scale("dense.0:3", 2)])
    assert not list(tmp_path.iterdir())


def damaged(content: dict[str, Any], how: str) -> Any:
    edit = content["edits"][0]
    changes: dict[str, Any] = {
        "a list": lambda: [content],
        "another format": lambda: content | {"format": 99},
        "no edits": lambda: {key: value for key, value in content.items() if key != "edits"},
        "edits are a number": lambda: content | {"edits": 3},
        "an unknown kind": lambda: content | {"edits": [edit | {"edit": "exec"}]},
        "no unit": lambda: content | {"edits": [{**edit, "unit": []}]},
        "a unit of another kind": lambda: content | {"edits": [{**edit, "unit": 5}]},
        "an unknown scope": lambda: content | {"edits": [{**edit, "scope": "everywhere"}]},
        "a slice of five": lambda: content | {"edits": [{**edit, "scope": {"slice": [1, 2, 3, 4, 5]}}]},
        "a condition of nothing": lambda: content | {"edits": [{**edit, "when": {"above": 3}}]},
        "a strength that is no number": lambda: content | {"edits": [{**edit, "to": "zero", "edit": "Scale"}]},
        "another tensor": lambda: content | {"edits": [{**edit, "tensor": "edit.9"}]},
        "another place": lambda: content | {"tensors": {**content["tensors"], "file": "../../etc/passwd"}},
        "another checksum": lambda: content | {"tensors": {**content["tensors"], "sha256": "0"}},
        "no tensors": lambda: content | {"tensors": None},
        "tensors are a text": lambda: content | {"tensors": "edits"},
    }
    return changes[how]()


HOW = [
    "a list", "another format", "no edits", "edits are a number", "an unknown kind", "no unit",
    "a unit of another kind", "an unknown scope", "a slice of five", "a condition of nothing",
    "a strength that is no number", "another tensor", "another place", "another checksum", "no tensors",
    "tensors are a text",
]  # fmt: skip


@pytest.mark.parametrize("how", HOW)
def test_what_is_damaged_is_said(how: str, tmp_path: Path) -> None:
    live = attached("table")
    path = nw.save_edits(tmp_path / "edits.json", [nw.Ablate("dense.0:3", data=[GIVEN["table"]])], live)
    path.write_text(json.dumps(damaged(json.loads(path.read_text()), how)))
    with pytest.raises(EditError, match=r"edits\.json|passwd|says no positions|An edit needs a unit|safetensors"):
        nw.load_edits(path, live)


def test_bytes_that_are_damaged_are_said(tmp_path: Path) -> None:
    live = attached("table")
    path = nw.save_edits(tmp_path / "edits.json", [nw.Ablate("dense.0:3", data=[GIVEN["table"]])], live)
    numbers = tmp_path / "edits.safetensors"
    numbers.write_bytes(numbers.read_bytes()[:-3])
    with pytest.raises(EditError, match=r"is not the file that was saved with edits\.json: copy both together"):
        nw.load_edits(path, live)
    numbers.unlink()
    with pytest.raises(EditError, match=r"There is no file .*edits\.safetensors"):
        nw.load_edits(path, live)
    path.write_bytes(b"\xff{")
    with pytest.raises(EditError, match=r"edits\.json is damaged"):
        nw.load_edits(path, live)
    with pytest.raises(EditError, match="There is no file"):
        nw.load_edits(tmp_path / "none.json", live)


# ---- features and heads ----------------------------------------------------------------------------------------------


def test_features_are_edited_with_the_error_kept() -> None:
    live, sae = attached("text"), Sae(64, 200).eval()
    live.add_sae("mlp.1", sae)
    rows, features = (live.record(TEXT, [name])[name] for name in ("mlp.1", "sae.1"))
    unit = int(features.amax(0).argmax())
    cases: tuple[tuple[Any, Any], ...] = (
        (nw.Scale(f"sae.1:{unit}", 3.0), lambda f: 3 * f),
        (nw.Ablate(f"sae.1:{unit}", "zero"), lambda f: 0 * f),
        (nw.Clamp(f"sae.1:{unit}", 2.0), lambda f: 0 * f + 2),
        (nw.Ablate(f"sae.1:{unit}", data=[TEXT]), lambda f: 0 * f + f.mean()),
    )
    for edit, change in cases:
        found = live.record(TEXT, ["mlp.1"], edits=[edit])["mlp.1"]
        moved = change(features[:, unit]) - features[:, unit]
        with torch.no_grad():
            expected = rows + moved[:, None] * sae.dec.weight[:, unit]
        assert torch.allclose(found, expected, atol=1e-5), edit
        assert not torch.allclose(found, rows, atol=1e-3)
    still = live.record(TEXT, ["mlp.1"], edits=[nw.Scale(f"sae.1:{unit}", 1.0)])["mlp.1"]
    assert torch.equal(still, rows), "what the autoencoder does not explain stays to the last bit"
    last = live.record(TEXT, ["mlp.1"], edits=[nw.Clamp(f"sae.1:{unit}", 5.0, scope="last")])["mlp.1"]
    assert torch.equal(last[:-1], rows[:-1])
    assert not torch.allclose(last[-1], rows[-1])
    steered = live.record(TEXT, ["mlp.1"], edits=[nw.Steer("sae.1", torch.ones(200), 0.1, raw=True)])["mlp.1"]
    with torch.no_grad():
        assert torch.allclose(steered, rows + 0.1 * sae.dec.weight.sum(1), atol=1e-5)


def test_a_condition_on_a_feature() -> None:
    live = attached("text")
    live.add_sae("mlp.1", Sae(64, 200).eval())
    features, rows = (live.record(TEXT, [name])[name] for name in ("sae.1", "attn.2"))
    unit = int((features > 0).float().mean(0).sub(0.5).abs().argmin())
    holds = features[:, unit] > 0
    assert 0 < holds.sum() < len(holds)
    found = live.record(TEXT, ["attn.2"], edits=[nw.Clamp("attn.2:4", 9.0, when=nw.when(f"sae.1:{unit}"))])["attn.2"]
    assert torch.equal(found[:, 4], torch.where(holds, 9.0, rows[:, 4]))


def test_edits_of_heads_act_on_their_slices() -> None:
    live = attached("text")
    rows = live.record(TEXT, ["attn.1"])["attn.1"]
    heads = rows.reshape(len(rows), 2, 16)
    cases: tuple[tuple[Any, Any], ...] = (
        (nw.Ablate("heads.1:1", "zero"), lambda h: 0 * h),
        (nw.Scale("heads.1:1", -2.0), lambda h: -2 * h),
        (nw.Clamp("heads.1:1", 3.0), lambda h: 3 * h / h.norm(dim=1, keepdim=True)),
        (nw.Ablate("heads.1:1", data=[TEXT]), lambda h: h.mean(0).expand_as(h)),
        (nw.Patch("heads.1:1", rows * 2), lambda h: 2 * h),
    )
    for edit, change in cases:
        found = live.record(TEXT, ["attn.1", "heads.1"], edits=[edit])
        expected = torch.stack([heads[:, 0], change(heads[:, 1])], 1)
        assert torch.allclose(found["attn.1"], expected.flatten(1), atol=1e-5), edit
        assert torch.allclose(found["heads.1"], expected.norm(dim=2), atol=1e-5), edit
