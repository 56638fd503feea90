"""Models of TransformerLens: places by the names of their hook points, and values as `run_with_cache` has them."""

from __future__ import annotations

import gc
import weakref
from pathlib import Path
from typing import Any

import pytest
import torch

import neuronwidget as nw
from tests.live.adapters.families import FAMILIES, TEXT, VOCABULARY, tokenizer

BY_NAME = {family.name: family for family in FAMILIES}


@pytest.fixture(scope="module")
def saved(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """A tokenizer that was read from a folder: TransformerLens asks for its name."""
    from transformers import AutoTokenizer

    folder: Path = tmp_path_factory.mktemp("tokenizer")
    tokenizer("bpe").save_pretrained(folder)
    return AutoTokenizer.from_pretrained(folder)


def bridge(name: str, made: Any) -> Any:
    from transformer_lens.model_bridge import TransformerBridge

    return TransformerBridge.boot_transformers("tiny/tiny", hf_model=BY_NAME[name].make(), tokenizer=made, device="cpu")


def hooked(gated: bool, made: Any) -> Any:
    from transformer_lens import HookedTransformer, HookedTransformerConfig

    torch.manual_seed(0)
    config = HookedTransformerConfig(
        n_layers=3, d_model=32, n_ctx=96, d_head=8, n_heads=4, d_mlp=72, d_vocab=VOCABULARY, act_fn="gelu",
        gated_mlp=gated, device="cpu",
    )  # fmt: skip
    return HookedTransformer(config, tokenizer=made)


# TransformerLens 4 has bridges only.
KINDS = [
    "bridge of GPT-2",
    "bridge of Llama",
    pytest.param("hooked", marks=pytest.mark.lens),
    pytest.param("hooked, gated", marks=pytest.mark.lens),
]


@pytest.fixture(scope="module", params=KINDS)
def model(request: pytest.FixtureRequest, saved: Any) -> Any:
    kind: str = request.param
    if kind.startswith("bridge"):
        return bridge(kind.removeprefix("bridge of "), saved)
    return hooked("gated" in kind, saved)


def test_values_are_those_of_run_with_cache(model: Any) -> None:
    live = nw.attach(model)
    tokens = model.to_tokens(TEXT)
    with torch.no_grad():
        logits, cache = model.run_with_cache(tokens)
    names = [name for name, value in cache.items() if value.is_floating_point() and value.shape[:2] == tokens.shape]
    assert len(names) > 40
    recording = live.record(TEXT, sites=names)
    for name in names:
        assert torch.equal(recording[name], cache[name][0].flatten(1)), name
    for address, name in (
        ("resid_pre.1", "blocks.1.hook_resid_pre"),
        ("resid_mid.1", "blocks.1.hook_resid_mid"),
        ("resid_post.1", "blocks.1.hook_resid_post"),
        ("attn_out.1", "blocks.1.hook_attn_out"),
        ("mlp_out.1", "blocks.1.hook_mlp_out"),
        ("z.1", "blocks.1.attn.hook_z"),
        ("mlp_act.1", "blocks.1.mlp.hook_post"),
    ):
        assert torch.equal(live.record(TEXT, sites=[address])[address], cache[name][0].flatten(1)), address
    best = logits[0, -1].softmax(-1).topk(3).values
    assert live.predict(TEXT, k=3)["probability"].tolist() == pytest.approx(best.tolist(), rel=1e-4)


def test_the_places_people_look_at_have_short_names(model: Any) -> None:
    live = nw.attach(model)
    assert [site.name for site in live.sites.defaults] == ["mlp.0", "mlp.1", "mlp.2"]
    for kind, hook in (("mlp", "mlp.hook_post"), ("resid", "hook_resid_post"), ("attn", "attn.hook_z")):
        assert live.sites[f"blocks.1.{hook}"] == live.sites[f"{kind}.1"]
        assert live.sites[f"{kind}.1"].layer == 1
    z = model.run_with_cache(model.to_tokens(TEXT))[1]["blocks.2.attn.hook_z"][0]
    assert torch.allclose(live.record(TEXT, sites=["heads.2"])["heads.2"], z.norm(dim=-1), atol=1e-6)
    shown = {name for name in live.sites.table()["name"] if "hook_" in name}
    assert "blocks.0.hook_resid_mid" in shown


def test_text_is_cut_as_the_model_cuts_it(model: Any) -> None:
    live = nw.attach(model)
    tokens = live.inputs.tokens(TEXT)
    assert tokens.ids == model.to_tokens(TEXT)[0].tolist()
    assert tokens.labels == {0: "<|endoftext|>"}
    assert tokens.spans[:2] == [(0, 0), (0, 3)]
    assert live.context <= model.cfg.n_ctx


def test_its_hooks_stay_and_it_is_left_as_it_was(model: Any) -> None:
    calls: list[int] = []
    model.add_perma_hook("blocks.0.hook_resid_pre", lambda value, hook: calls.append(1))
    before = [(len(part._forward_hooks), len(part._forward_pre_hooks), part.training) for part in model.modules()]
    weights = {name: (value.data_ptr(), value._version) for name, value in model.named_parameters()}
    live = nw.attach(model)
    live.record(TEXT)
    live.reader().read([1, 2, 3], live.sites.defaults)
    assert calls
    after = [(len(part._forward_hooks), len(part._forward_pre_hooks), part.training) for part in model.modules()]
    assert after == before
    assert {name: (value.data_ptr(), value._version) for name, value in model.named_parameters()} == weights
    model.reset_hooks(including_permanent=True)


def test_a_model_that_is_let_go_is_freed(saved: Any) -> None:
    model = bridge("GPT-2", saved)
    live = nw.attach(model, keep=False)
    gone = weakref.ref(model)
    del model
    gc.collect()
    assert gone() is None
    with pytest.raises(RuntimeError, match="model is gone"):
        live.record(TEXT)


@pytest.mark.parametrize("hook", ["blocks.1.mlp.hook_post", "blocks.1.hook_resid_post", "blocks.1.attn.hook_z"])
def test_an_edit_is_what_a_hook_of_the_library_returns(model: Any, hook: str) -> None:
    live, tokens = nw.attach(model), model.to_tokens(TEXT)
    with torch.no_grad():
        expected = model.run_with_hooks(tokens, fwd_hooks=[(hook, lambda value, hook: 3 * value)])
    edited = live.edited(nw.Edit(hook, lambda rows: 3 * rows))
    ids = tokens[0].tolist()
    assert torch.allclose(edited.logits(ids), expected[0, -1], rtol=1e-5, atol=1e-6)
    assert not torch.allclose(live.logits(ids), expected[0, -1], rtol=1e-2, atol=1e-3)
