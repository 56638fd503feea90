"""Mixtures of experts: routers, and neurons of experts that share their tensors."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import torch
from torch import nn

import neuronwidget as nw
from tests.live.adapters.families import DECODER, TEXT, VOCABULARY, build, tokenizer

pytest.importorskip("transformers")

MANY = {"num_experts": 4, "num_experts_per_tok": 2}
LATENT = {
    "num_key_value_heads": 4, "q_lora_rank": 16, "kv_lora_rank": 16, "qk_rope_head_dim": 8, "qk_nope_head_dim": 8,
    "v_head_dim": 8,
}  # fmt: skip
MODELS: dict[str, dict[str, Any]] = {
    "Mixtral": {"num_local_experts": 4, "num_experts_per_tok": 2},
    "Qwen2Moe": {**MANY, "moe_intermediate_size": 20, "shared_expert_intermediate_size": 40},
    "Qwen3Moe": {**MANY, "moe_intermediate_size": 20, "head_dim": 24},
    "Olmoe": MANY,
    "GptOss": {"num_local_experts": 4, "num_experts_per_tok": 2, "head_dim": 8, "sliding_window": 8},
    "DeepseekV3": {
        **LATENT, "n_routed_experts": 4, "num_experts_per_tok": 2, "n_group": 1, "topk_group": 1,
        "moe_intermediate_size": 20, "first_k_dense_replace": 1,
    },
}  # fmt: skip


@pytest.fixture(scope="module", params=MODELS)
def live(request: pytest.FixtureRequest) -> nw.LiveModel:
    settings = {**DECODER, **MODELS[request.param]}
    make = build(f"{request.param}ForCausalLM", f"{request.param}Config", **settings)
    return nw.attach(make(), tokenizer("unigram"))


def sites_of(live: nw.LiveModel, kind: str) -> list[nw.Site]:
    return [site for site in live.sites if site.kind == kind]


def given(live: nw.LiveModel, part: nn.Module) -> tuple[list[Any], torch.Tensor]:
    """What the module of the experts is given and gives on `TEXT`, by a hook placed by hand."""
    kept: list[Any] = []
    handle = part.register_forward_hook(
        lambda _, args, kwargs, out: kept.append(([*args, *kwargs.values()], out.clone())), with_kwargs=True
    )
    with torch.no_grad():
        live.module(input_ids=torch.tensor([live.inputs.tokens(TEXT).ids]))
    handle.remove()
    return kept[0]  # type: ignore[no-any-return]


def test_neurons_of_experts_add_up_to_what_the_experts_give(live: nw.LiveModel) -> None:
    experts = sites_of(live, "experts")
    assert experts, live.sites.notes
    for site in experts:
        part = live.module.get_submodule(site.module)
        (stream, index, weights), expected = given(live, part)
        neurons = live.record(TEXT, sites=[site.name])[site.name].reshape(len(stream), 4, -1)
        sent = torch.zeros(len(stream), 4).scatter_(1, index, weights.float())
        assert torch.equal(neurons.abs().sum(2) > 0, sent > 0), "zeros for the experts that a token is not sent to"
        down = part.down_proj if part.is_transposed else part.down_proj.transpose(1, 2)
        out = torch.einsum("tei,eio->teo", neurons, down)
        if part.has_bias:
            out = out + part.down_proj_bias
        found = (out * sent[..., None]).sum(1)
        assert torch.allclose(found, expected, atol=1e-6)


def test_atlases_of_experts_say_what_recordings_say(live: nw.LiveModel, tmp_path: Path) -> None:
    names = [site.name for site in live.sites if site.kind in ("experts", "router")]
    texts = [TEXT[start : start + 40] for start in range(0, 90, 9)]
    atlas = nw.scan(live, texts, names, out=tmp_path / "atlas", progress=False)
    recordings = [live.record(text, sites=names) for text in texts]
    for name in names:
        truth = torch.cat([recording[name] for recording in recordings]).double()
        found = atlas.units.loc[name]
        for column, expected in (("min", truth.amin(0)), ("max", truth.amax(0)), ("mean", truth.mean(0))):
            assert found[column].to_numpy() == pytest.approx(expected.numpy(), rel=1e-4, abs=1e-6), (name, column)


SWITCH = {
    "vocab_size": VOCABULARY, "d_model": 32, "d_kv": 8, "d_ff": 40, "num_heads": 4, "num_experts": 4,
    "num_layers": 4, "num_decoder_layers": 2, "num_sparse_encoder_layers": 2, "num_sparse_decoder_layers": 1,
    "decoder_start_token_id": 0, "pad_token_id": 0, "eos_token_id": 1,
}  # fmt: skip


def test_experts_that_are_modules(tmp_path: Path) -> None:
    """Switch Transformers: no expert's inside is a site, all of them together are."""
    model = build("SwitchTransformersForConditionalGeneration", "SwitchTransformersConfig", **SWITCH)()
    live = nw.attach(model, tokenizer("unigram"))
    *experts, last = sites_of(live, "experts")
    assert [site.name for site in experts] == ["encoder.experts.1", "encoder.experts.3"], live.sites.notes
    assert last.name == "decoder.experts.1", "there is one token only, and who is reached may depend on the text"
    assert not [site for site in live.sites if ".experts.expert_" in site.module]
    texts = [TEXT, TEXT[::-1], "What makes this neuron fire?", "fox", TEXT[40:]]
    atlas = nw.scan(live, texts, [site.name for site in experts], out=tmp_path / "atlas", progress=False)
    for site in experts:
        part, found = model.get_submodule(site.module), []
        for text in texts:
            live.record(text)  # no default site depends on who of the experts is reached
            kept: list[Any] = []
            handle = part.register_forward_hook(lambda _, args, out, kept=kept: kept.append((args, out.clone())))
            with torch.no_grad():
                start = torch.zeros(1, 1, dtype=torch.long)
                model(input_ids=torch.tensor([live.inputs.tokens(text).ids]), decoder_input_ids=start)
                handle.remove()
                (stream, sent, weights), expected = kept[0]
                neurons = live.record(text, sites=[site.name])[site.name].reshape(len(stream), 4, -1)
                out = torch.stack([part[f"expert_{i}"].wo(neurons[:, i]) for i in range(4)], 1)
            assert torch.equal(neurons.abs().sum(2) > 0, sent[:, 0] > 0)
            assert torch.allclose((out * sent[:, 0, :, None]).sum(1) * weights, expected, atol=1e-5)
            found.append(neurons.flatten(1))
        largest = torch.cat(found).amax(0).numpy()
        # One that is all but zero is rounded as what it is the sum of, and passes of other sizes round otherwise.
        close = pytest.approx(largest, rel=1e-4, abs=1e-6 * float(largest.max()))
        assert atlas.units.loc[site.name]["max"].to_numpy() == close


def test_gated_neurons_are_what_the_formula_says() -> None:
    model = build("MixtralForCausalLM", "MixtralConfig", **{**DECODER, **MODELS["Mixtral"]})()
    live = nw.attach(model, tokenizer("unigram"))
    part = model.model.layers[1].mlp.experts
    (stream, index, _), _ = given(live, part)
    neurons = live.record(TEXT, sites=["experts.1"])["experts.1"].reshape(len(stream), 4, 72)
    for token in (0, 5, len(stream) - 1):
        for expert in index[token].tolist():
            gate, up = (part.gate_up_proj[expert] @ stream[token]).chunk(2)
            assert torch.allclose(neurons[token, expert], nn.functional.silu(gate) * up, atol=1e-6)


def test_routers_and_reuse(live: nw.LiveModel) -> None:
    routers = sites_of(live, "router")
    assert all(site.width == 4 for site in routers)
    assert len(routers) == len(sites_of(live, "experts"))
    site, ids = sites_of(live, "experts")[-1], live.inputs.tokens(TEXT).ids
    reader = live.reader()
    reader.read(ids, [site])
    edited = [*ids[:-2], 7, 8]
    found = reader.read(edited, [site])[site].clone()
    assert reader.reused == len(ids) - 2
    assert torch.allclose(found, live.reader().read(edited, [site])[site], atol=1e-6)


def test_experts_that_compute_something_else_are_not_offered(monkeypatch: pytest.MonkeyPatch) -> None:
    from transformers.models.mixtral import modeling_mixtral

    own = modeling_mixtral.MixtralExperts.forward
    monkeypatch.setattr(modeling_mixtral.MixtralExperts, "forward", lambda self, *args: 2 * own(self, *args))
    model = build("MixtralForCausalLM", "MixtralConfig", **{**DECODER, **MODELS["Mixtral"]})()
    live = nw.attach(model, tokenizer("unigram"))
    assert not sites_of(live, "experts")
    assert "no place where neurons could be seen" in repr(live)
