"""`nw.attach("folder")`: what is loaded, what is refused, and in which words."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import torch

import neuronwidget as nw
from tests.live.adapters.families import FAMILIES, TEXT, tokenizer

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


class Boom:
    """Its pickle would write a file."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self) -> tuple[Any, ...]:
        return Path.touch, (self.path,)


@pytest.fixture
def sharded(folder: Path, tmp_path: Path) -> Path:
    """A model in several files, and an index that names them."""
    copied(folder, tmp_path / "sharded", without="model.safetensors")
    BY_NAME["GPT-2"].make().save_pretrained(tmp_path / "sharded", max_shard_size="40KB")
    assert (tmp_path / "sharded" / "model.safetensors.index.json").is_file()
    return tmp_path / "sharded"


def indexed(folder: Path, **shards: Any) -> None:
    """Have the index name another file for its first tensor."""
    index = folder / "model.safetensors.index.json"
    said = json.loads(index.read_text())
    said["weight_map"][next(iter(said["weight_map"]))] = shards["first"]
    index.write_text(json.dumps(said))


def test_a_model_in_several_files_is_attached(sharded: Path) -> None:
    assert torch.equal(
        nw.attach(sharded).record(TEXT)["mlp.1"],
        nw.attach(BY_NAME["GPT-2"].make(), tokenizer("bpe")).record(TEXT)["mlp.1"],
    )


@pytest.mark.parametrize(
    ("shard", "says"),
    [
        ("pytorch_model.bin", "not in safetensors"),
        ("model.safetensors.bin", "not in safetensors"),
        ("model.SAFETENSORS", "not in safetensors"),
        ("../outside.safetensors", "outside of the model's folder"),
        ("inner/../../outside.safetensors", "outside of the model's folder"),
        ("/etc/outside.safetensors", "outside of the model's folder"),
        ("C:\\outside.safetensors", "outside of the model's folder"),
        ("..\\outside.safetensors", "outside of the model's folder"),
        ("", "not in safetensors"),
        (7, "not in safetensors"),
        (None, "not in safetensors"),
        (["model.safetensors"], "not in safetensors"),
    ],
)
def test_an_index_names_safetensors_beside_it_and_nothing_else(sharded: Path, shard: Any, says: str) -> None:
    torch.save({"a": Boom(sharded / "was run")}, sharded / "pytorch_model.bin")
    indexed(sharded, first=shard)
    with pytest.raises(nw.AttachError, match=says):
        nw.attach(sharded)
    assert not (sharded / "was run").exists()


@pytest.mark.parametrize(
    "index", ["", "[]", "{}", '{"weight_map": {}}', '{"weight_map": [1]}', '{"weight_map": {"a": ' + "[" * 5000, "\xff"]
)
def test_an_index_that_is_none_is_refused_in_a_sentence(sharded: Path, index: str) -> None:
    (sharded / "model.safetensors.index.json").write_bytes(index.encode("latin-1"))
    with pytest.raises(nw.AttachError, match=r"^(?!.*Traceback).+\.$"):
        nw.attach(sharded)


@pytest.mark.parametrize(
    "config",
    [
        {"architectures": "GPT2LMHeadModel"}, {"architectures": 7}, {"architectures": [7]}, {"architectures": [None]},
        {"architectures": ["pipeline"]}, {"architectures": ["AutoTokenizer"]}, {"architectures": ["GPT2Config"]},
        {"architectures": ["__name__"]}, {"architectures": {"a": 1}}, {"architectures": [["GPT2LMHeadModel"]]},
        {"model_type": 7}, {"model_type": None}, {"model_type": ["gpt2"]}, {"model_type": "nothing"},
        {"vocab_size": "many"}, {"n_embd": -1}, {"n_head": 0}, {"n_layer": 1e300}, {"n_embd": None},
        {"transformers_weights": "pytorch_model.bin"}, {"transformers_weights": "adapter_model.bin"},
        {"transformers_weights": "../x.safetensors"}, {"transformers_weights": 7},
        {"attn_implementation": "somebody/kernel"}, {"_attn_implementation": {"": "somebody/kernel@main"}},
        {"text_config": {"attn_implementation": "somebody/kernel"}},
    ],
    ids=str,
)  # fmt: skip
def test_a_strange_configuration_is_refused_in_a_sentence(folder: Path, tmp_path: Path, config: dict[str, Any]) -> None:
    strange = copied(folder, tmp_path / "strange", **config)
    torch.save({"a": Boom(strange / "was run")}, strange / "pytorch_model.bin")
    with pytest.raises(nw.AttachError) as refusal:
        nw.attach(strange)
    assert len(str(refusal.value)) < 600
    assert not (strange / "was run").exists()


def test_a_folder_with_an_adapter_says_what_to_do(folder: Path, tmp_path: Path) -> None:
    adapted = copied(folder, tmp_path / "adapted")
    (adapted / "adapter_config.json").write_text('{"base_model_name_or_path": "somebody/else"}')
    with pytest.raises(nw.AttachError, match="with peft"):
        nw.attach(adapted)


def test_a_model_of_the_hub_is_checked_as_a_folder_is(sharded: Path, tmp_path: Path) -> None:
    cache, commit = tmp_path / "cache", "0" * 40
    model = cache / "hub" / "models--some--body"
    (model / "refs").mkdir(parents=True)
    (model / "refs" / "main").write_text(commit)
    shutil.copytree(sharded, model / "snapshots" / commit)
    # One process, since importing transformers takes seconds: it attaches once for each line that it is sent.
    program = (
        "import sys, neuronwidget as nw\n"
        "for _ in sys.stdin:\n"
        "    try: print(nw.attach('some/body').name, flush=True)\n"
        "    except nw.AttachError as error: print('refused:', error, flush=True)"
    )
    environ = {**os.environ, "HF_HOME": str(cache), "HF_HUB_OFFLINE": "1"}
    process = subprocess.Popen(
        [sys.executable, "-c", program], env=environ, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert process.stdin is not None
    assert process.stdout is not None
    for first, says in (
        (None, "body"),
        ("pytorch_model.bin", "refused: model.safetensors.index.json of some/body names 'pytorch_model.bin'"),
    ):
        if first is not None:
            indexed(model / "snapshots" / commit, first=first)
        process.stdin.write("\n")
        process.stdin.flush()
        assert process.stdout.readline().startswith(says)
    process.communicate()
    assert process.returncode == 0
