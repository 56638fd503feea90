"""`nw.attach("folder")`: what is loaded, what is refused, and in which words."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import torch

import neuronwidget as nw
from tests.unit.families import FAMILIES, TEXT, tokenizer

pytest.importorskip("transformers")

BY_NAME = {family.name: family for family in FAMILIES}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("saved") / "tiny-gpt2"
    BY_NAME["GPT-2"].make().save_pretrained(path)
    tokenizer("bpe").save_pretrained(path)
    return path


def copied(folder: Path, to: Path, without: str = "", **config: object) -> Path:
    to.mkdir()
    for file in folder.iterdir():
        if not file.match(without or "?"):
            (to / file.name).write_bytes(file.read_bytes())
    if config:
        said = json.loads((to / "config.json").read_text())
        (to / "config.json").write_text(json.dumps({**said, **config}))
    return to


def test_a_folder_is_attached_with_its_tokenizer(folder: Path) -> None:
    made = nw.attach(BY_NAME["GPT-2"].make(), tokenizer("bpe"))
    for path in (folder, str(folder)):
        live = nw.attach(path)
        assert live.name == "tiny-gpt2"
        assert torch.equal(live.record(TEXT)["mlp.1"], made.record(TEXT)["mlp.1"])
        assert not live.module.training


@pytest.mark.parametrize("name", ["BERT", "T5", "Mamba"])
def test_other_architectures_come_back_as_what_they_were(name: str, tmp_path: Path) -> None:
    family = BY_NAME[name]
    family.make().save_pretrained(tmp_path)
    tokenizer(family.tokenizer).save_pretrained(tmp_path)
    live = nw.attach(tmp_path)
    assert type(live.module) is type(family.make())
    assert live.predicts == family.predicts


def test_weights_that_could_run_code_are_refused(folder: Path, tmp_path: Path) -> None:
    pickled = copied(folder, tmp_path / "pickled", without="*.safetensors")
    torch.save(BY_NAME["GPT-2"].make().state_dict(), pickled / "pytorch_model.bin")
    with pytest.raises(nw.AttachError, match="no weights in safetensors"):
        nw.attach(pickled)


def test_code_that_comes_with_a_model_is_not_run(folder: Path, tmp_path: Path) -> None:
    own = copied(folder, tmp_path / "own", model_type="own", auto_map={"AutoConfig": "own.Config"})
    (own / "own.py").write_text("raise SystemExit('this was run')")
    with pytest.raises(nw.AttachError, match="brings its own code"):
        nw.attach(own)
    known = copied(folder, tmp_path / "known", auto_map={"AutoConfig": "own.Config"})
    (known / "own.py").write_text("raise SystemExit('this was run')")
    assert type(nw.attach(known).module).__module__.startswith("transformers.")


def test_what_is_missing_is_said(folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(nw.AttachError, match=r"no config\.json"):
        nw.attach(tmp_path)
    with pytest.raises(nw.AttachError, match="There is no folder"):
        nw.attach(tmp_path / "nowhere")
    with pytest.raises(nw.AttachError, match=r"read text\? Give its tokenizer"):
        nw.attach(copied(folder, tmp_path / "mute", without="token*"))
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", True)
    with pytest.raises(nw.AttachError, match="hub cannot be reached"):
        nw.attach("nobody/nothing")
