"""More families: that neurons are found where hand-placed hooks find them, however the blocks are built."""

from __future__ import annotations

from typing import Any, NamedTuple

import pytest
import torch
from torch import Tensor

import neuronwidget as nw
from tests.live.adapters.families import DECODER, PLAIN, TEXT, VOCABULARY, build, tokenizer

pytest.importorskip("transformers")

SMALL = {"vocab_size": VOCABULARY}
GPT = {**SMALL, "n_embd": 32, "n_layer": 2, "n_head": 4, "n_positions": 128}
TWO = {**PLAIN, "num_hidden_layers": 2}


class Case(NamedTuple):
    """A class, its configuration, where the neurons of layer N go in, which other short names there are."""

    stem: str
    head: str
    settings: dict[str, Any]
    neurons: str
    kinds: str = "attn heads mlp resid"


CASES = [
    Case("OPT", "ForCausalLM", {**TWO, "ffn_dim": 72, "word_embed_proj_dim": 32}, "model.decoder.layers.N.fc2"),
    Case(
        "Bloom", "ForCausalLM", {**SMALL, "hidden_size": 32, "n_layer": 2, "n_head": 4},
        "transformer.h.N.mlp.dense_4h_to_h",
    ),
    Case("GPTJ", "ForCausalLM", {**GPT, "rotary_dim": 4}, "transformer.h.N.mlp.fc_out"),
    Case(
        "GPTNeo", "ForCausalLM",
        {**SMALL, "hidden_size": 32, "num_layers": 2, "num_heads": 4, "window_size": 8, "max_position_embeddings": 128,
         "attention_types": [[["global", "local"], 1]]},
        "transformer.h.N.mlp.c_proj",
    ),
    Case("Cohere2", "ForCausalLM", {**DECODER, "num_hidden_layers": 2}, "model.layers.N.mlp.down_proj"),
    Case(
        "DistilBert", "ForMaskedLM", {**SMALL, "dim": 32, "hidden_dim": 72, "n_layers": 2, "n_heads": 4},
        "distilbert.transformer.layer.N.ffn.lin2",
    ),
    Case("DebertaV2", "ForMaskedLM", TWO, "deberta.encoder.layer.N.output.dense"),
    Case(
        "Mamba2", "ForCausalLM",
        {**SMALL, "hidden_size": 32, "num_hidden_layers": 2, "state_size": 4, "num_heads": 8, "head_dim": 8,
         "n_groups": 1, "chunk_size": 8},
        "backbone.layers.N.mixer.out_proj", "mixer resid",
    ),
    Case("XLNet", "LMHeadModel", {**SMALL, "d_model": 32, "n_layer": 2, "n_head": 4, "d_inner": 72},
         "transformer.layer.N.ff.layer_2", "mlp resid"),
    Case("Rwkv", "ForCausalLM", {**SMALL, "hidden_size": 32, "num_hidden_layers": 2, "attention_hidden_size": 32},
         "rwkv.blocks.N.feed_forward.value", "mlp resid"),
]  # fmt: skip


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.stem)
def test_neurons_are_found(case: Case) -> None:
    model = build(case.stem + case.head, f"{case.stem}Config", **case.settings)()
    live = nw.attach(model, tokenizer("bpe"))
    assert " ".join(sorted({s.kind for s in live.sites if s.kind != "module"})) == case.kinds
    assert not [note for note in live.sites.notes if "experts" in note]
    kept: dict[str, Tensor] = {}
    paths = [case.neurons.replace("N", str(layer)) for layer in range(2)]
    for path in paths:
        part = model.get_submodule(path)
        part.register_forward_pre_hook(lambda _, args, path=path: kept.update({path: args[0].detach().clone()}))
    recording = live.record(TEXT)
    model(input_ids=torch.tensor([live.inputs.tokens(TEXT).ids]))
    kind = "mixer" if "mixer" in case.kinds else "mlp"
    for layer, path in enumerate(paths):
        expected = kept[path].flatten(0, -2)
        assert torch.allclose(recording[f"{kind}.{layer}"], expected, rtol=0, atol=1e-6), path


def test_a_layer_that_is_used_several_times_is_several_places() -> None:
    model = build("AlbertForMaskedLM", "AlbertConfig", **{**PLAIN, "embedding_size": 16})()
    live = nw.attach(model, tokenizer("wordpiece"))
    names = [site.name for site in live.sites if site.kind in ("mlp", "heads")]
    assert names == ["heads.0", "mlp.0", "heads.0#2", "mlp.0#2", "heads.0#3", "mlp.0#3"]
    recording = live.record(TEXT, sites=names)
    assert not torch.allclose(recording["mlp.0"], recording["mlp.0#3"])
    assert recording["heads.0#2"].shape[1] == 4


def test_state_space_layers_beside_attention_layers() -> None:
    settings = {
        **DECODER, "num_hidden_layers": 4, "attn_layer_period": 2, "attn_layer_offset": 1, "expert_layer_period": 2,
        "expert_layer_offset": 1, "num_experts": 2, "num_experts_per_tok": 1, "mamba_d_state": 4,
        "use_mamba_kernels": False,
    }  # fmt: skip
    live = nw.attach(build("JambaForCausalLM", "JambaConfig", **settings)(), tokenizer("bpe"))
    named = [site.name for site in live.sites if site.kind in ("mixer", "heads", "mlp", "experts")]
    assert named == [
        "mixer.0", "mlp.0", "heads.1", "experts.1", "mixer.2", "mlp.2", "heads.3", "experts.3",
    ]  # fmt: skip
    assert live.sites["mixer.2"].module == "model.layers.2.mamba.out_proj"
    assert live.causal is None, "a state cannot be cut back"
