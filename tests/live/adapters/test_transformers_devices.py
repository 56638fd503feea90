"""Models whose parts accelerate keeps elsewhere and brings when they run; models without any weights."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch

import neuronwidget as nw
from tests.live.adapters.families import FAMILIES, TEXT, build, tokenizer

pytest.importorskip("transformers")
accelerate = pytest.importorskip("accelerate")

CPU = torch.device("cpu")
PARTS = {
    "model.embed_tokens": "cpu",
    "model.layers.0": "cpu",
    "model.layers.1": "disk",
    "model.layers.2": "cpu",
    "model.norm": "cpu",
    "model.rotary_emb": "cpu",
    "lm_head": "disk",
}
LLAMA = next(family for family in FAMILIES if family.name == "Llama")


def parts_on_disk(model: Any, folder: Path) -> None:
    accelerate.dispatch_model(model, PARTS, main_device="cpu", offload_dir=folder, force_hooks=True)


def all_in_memory(model: Any, folder: Path) -> None:
    accelerate.cpu_offload(model, execution_device=CPU)


def all_on_disk(model: Any, folder: Path) -> None:
    accelerate.disk_offload(model, folder, execution_device=CPU)


@pytest.mark.parametrize("dispatch", [parts_on_disk, all_in_memory, all_on_disk], ids=lambda f: f.__name__)
def test_parts_that_are_elsewhere_read_as_those_that_are_here(
    dispatch: Callable[[Any, Path], None], tmp_path: Path
) -> None:
    here = nw.attach(LLAMA.make(), tokenizer("unigram"))
    model = LLAMA.make()
    dispatch(model, tmp_path)
    before = {name: parameter.device for name, parameter in model.named_parameters()}
    assert torch.device("meta") in before.values()
    live = nw.attach(model, tokenizer("unigram"))
    expected, found = here.record(TEXT), live.record(TEXT)
    assert found.sites == ["mlp.0", "mlp.1", "mlp.2"]
    assert all(torch.equal(found[site], expected[site]) for site in found.sites)
    assert live.predict(TEXT)["probability"].tolist() == pytest.approx(here.predict(TEXT)["probability"].tolist())

    reader, head = live.reader(), live.head_site
    assert head is not None
    reader.read([1, 2, 3, 4], live.sites.defaults)
    edited = reader.read([1, 2, 3, 5], [*live.sites.defaults, head])
    reader.read([1, 2, 3, 6], [*live.sites.defaults, head])
    assert reader.reused == 3, "parts that come and go are no change of weights"
    row = edited[head][2]
    assert torch.allclose(live.head_logits(row), here.head_logits(row))
    assert {name: parameter.device for name, parameter in model.named_parameters()} == before


def test_a_model_without_weights_is_refused() -> None:
    with torch.device("meta"):
        model = build("LlamaForCausalLM", "LlamaConfig", num_hidden_layers=1, hidden_size=32, num_attention_heads=4)()
    with pytest.raises(nw.AttachError, match="'meta' device"):
        nw.attach(model, tokenizer("unigram"))
