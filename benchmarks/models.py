"""Models of a known shape with random weights, for measuring."""

from __future__ import annotations

import torch

import neuronwidget as nw
from neuronwidget.demos.architectures.code import CodeConfig, CodeModel

VOCABULARY = 50257


def gpt2_small_shape() -> nw.LiveModel:
    """12 layers of width 768 with 3,072 neurons each, vocabulary 50,257, context 1,024."""
    return gpt2_shape(12)


def gpt2_shape(layers: int, device: str = "cpu") -> nw.LiveModel:
    """The same of so many layers."""
    torch.manual_seed(0)
    config = CodeConfig(
        vocab=VOCABULARY,
        context=1024,
        layers=layers,
        width=768,
        heads=12,
        hidden=3072,
        memory=(0,) * layers,
        activation="gelu",
    )
    return nw.attach(CodeModel(config).eval().to(device), inputs=words(1024), name="GPT-2-small shape")


def gpt2_small_transformers() -> nw.LiveModel:
    """The class of the `transformers` library with the same shape."""
    from transformers import GPT2Config, GPT2LMHeadModel

    torch.manual_seed(0)
    module = GPT2LMHeadModel(GPT2Config(use_cache=False)).eval()
    return nw.attach(module, inputs=words(1024), name="transformers GPT-2 small")


def words(context: int) -> nw.TextInputs:
    """Every blank-separated number is a token: `"17 4 9"`."""
    return nw.TextInputs(
        lambda text: [int(word) for word in text.split()],
        lambda ids: " ".join(map(str, ids)),
        context=context,
        sample="1 2 3 4 5",
    )


def token_ids(n: int, seed: int = 0) -> list[int]:
    """Random token numbers."""
    generator = torch.Generator().manual_seed(seed)
    return torch.randint(0, VOCABULARY, (n,), generator=generator).tolist()
