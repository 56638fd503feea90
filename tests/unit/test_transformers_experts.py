"""Mixtures of experts: routers, and neurons of experts that share their tensors."""

from __future__ import annotations

from typing import Any

import pytest
import torch
from torch import nn

import neuronwidget as nw
from tests.unit.families import DECODER, TEXT, build, tokenizer

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
