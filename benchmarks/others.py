"""What recording all MLP neurons costs in other ways, against the bare forward pass: `python -m benchmarks.others`.

A GPT-2 small of transformers with random weights, 128 tokens. TransformerLens 4 has the bridge; the `HookedTransformer`
of the one before is measured with `python tools/beside.py lens; PYTHONPATH=.cache/lens python -m benchmarks.others`.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator
from importlib.metadata import version
from typing import Any

import torch
from torch import Tensor

import neuronwidget as nw
from benchmarks.models import VOCABULARY, gpt2_small_transformers, token_ids
from benchmarks.timing import HEADER, compare, machine

TOKENS = 128


def main() -> None:
    print(machine())
    print(HEADER)
    live = gpt2_small_transformers()
    ids = token_ids(TOKENS)
    batch = torch.tensor([ids])

    def bare() -> object:
        with torch.no_grad():
            return live.module(batch)

    with tempfile.TemporaryDirectory() as folder:
        for name, record in ways(live, ids, batch, folder):
            print(compare(record, bare).row(f"{name}, all MLP sites / bare forward", ""), flush=True)


def ways(live: nw.LiveModel, ids: list[int], batch: Tensor, folder: str) -> Iterator[tuple[str, Callable[[], object]]]:
    yield "neuronwidget", lambda: live.record(" ".join(map(str, ids)))
    yield "forward hooks, put on for the run", lambda: hooks(live.module, batch)
    lens = f"TransformerLens {version('transformer-lens')}"
    bridge = bridged(live.module, folder)
    yield f"{lens}, TransformerBridge", lambda: cached(bridge, batch)
    try:
        converted = hooked()
    except ImportError:
        return
    yield f"{lens}, HookedTransformer", lambda: cached(converted, batch)


def hooks(module: Any, batch: Tensor) -> list[Tensor]:
    """What goes into each down-projection, with hooks that are gone afterwards."""
    inputs: list[Tensor] = []
    handles = [
        block.mlp.c_proj.register_forward_pre_hook(lambda part, args: inputs.append(args[0].clone()))
        for block in module.transformer.h
    ]
    with torch.no_grad():
        module(batch)
    for handle in handles:
        handle.remove()
    return inputs


def cached(model: Any, batch: Tensor) -> object:
    with torch.no_grad():
        return model.run_with_cache(batch, names_filter=lambda name: name.endswith("mlp.hook_post"))


def bridged(module: Any, folder: str) -> Any:
    """A bridge wants a tokenizer, and that in a folder; it is not used here."""
    from transformer_lens.model_bridge import TransformerBridge
    from transformers import AutoTokenizer

    from tests.live.adapters.families import tokenizer

    tokenizer("bpe").save_pretrained(folder)
    converted = AutoTokenizer.from_pretrained(folder)
    return TransformerBridge.boot_transformers("gpt2", hf_model=module, tokenizer=converted, device="cpu")


def hooked() -> Any:
    from transformer_lens import HookedTransformer, HookedTransformerConfig

    config = HookedTransformerConfig(
        n_layers=12, d_model=768, n_ctx=1024, d_head=64, n_heads=12, d_mlp=3072, d_vocab=VOCABULARY, act_fn="gelu_new",
        device="cpu",
    )  # fmt: skip
    return HookedTransformer(config).eval()


if __name__ == "__main__":
    main()
