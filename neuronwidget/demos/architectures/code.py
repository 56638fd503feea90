"""The code model: a small causal transformer over characters, with a memory in its blocks.

A block adds three things to the stream: what its memory holds (recurrent channels, see ``memory``),
what attention fetches, and what the MLP's neurons say. With a cache, which keeps every layer's state
for every position, only the tokens that are new are run.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional

from neuronwidget.demos.architectures.cache import CodeCache, LayerCache, Rows
from neuronwidget.demos.architectures.memory import Memory

VOCABULARY = "\n\t" + "".join(map(chr, range(32, 127)))
OTHER = len(VOCABULARY)
"""The id of every character outside the vocabulary."""
_ACTIVATIONS: dict[str, type[nn.Module]] = {"relu": nn.ReLU, "gelu": nn.GELU}
_EMBEDDING_SCALE = {"embed.weight": 0.1, "place.weight": 0.02}  # the standard deviations they start with
_IDS = {character: number for number, character in enumerate(VOCABULARY)}


def encode(text: str) -> list[int]:
    """One id for each code point of ``text``."""
    return [_IDS.get(character, OTHER) for character in text]


def decode(token: int) -> str:
    """The character of one id; U+FFFD for the id that stands for all others."""
    return VOCABULARY[token] if 0 <= token < OTHER else "\ufffd"


@dataclass(frozen=True)
class CodeConfig:
    """The shape of a model. ``memory[i]`` is the number of memory channels in block ``i``, 0 for none."""

    vocab: int = OTHER + 1
    context: int = 512
    layers: int = 3
    width: int = 192
    heads: int = 3
    hidden: int = 768
    memory: tuple[int, ...] = (96, 96, 96)
    activation: str = "relu"

    def __post_init__(self) -> None:
        if self.width % self.heads:
            raise ValueError(f"width {self.width} does not split into {self.heads} equal heads")
        if len(self.memory) != self.layers:
            raise ValueError(f"memory names {len(self.memory)} blocks, the model has {self.layers}")
        if self.activation not in _ACTIVATIONS:
            raise ValueError(f"activation {self.activation!r} is none of {', '.join(_ACTIVATIONS)}")


class Attention(nn.Module):
    """Causal self-attention."""

    def __init__(self, config: CodeConfig) -> None:
        super().__init__()
        self.heads = config.heads
        self.qkv = nn.Linear(config.width, 3 * config.width)
        self.out = nn.Linear(config.width, config.width)

    def forward(self, x: Tensor, cache: LayerCache | None) -> Tensor:
        batch, tokens, width = x.shape
        q, k, v = self.qkv(x).view(batch, tokens, 3, self.heads, -1).unbind(2)
        if cache is not None:
            k, v = cache.keys.append(k), cache.values.append(v)
        mask = None
        if 1 < tokens < k.shape[1]:
            mask = torch.ones(tokens, k.shape[1], dtype=torch.bool, device=x.device).tril(k.shape[1] - tokens)
        mixed = functional.scaled_dot_product_attention(
            q.transpose(1, 2),
            k.transpose(1, 2),
            v.transpose(1, 2),
            attn_mask=mask,
            is_causal=mask is None and tokens > 1,
        )
        out: Tensor = self.out(mixed.transpose(1, 2).reshape(batch, tokens, width))
        return out


class MLP(nn.Module):
    """``down(act(up(x)))``: the neurons are the input of ``down``."""

    def __init__(self, config: CodeConfig) -> None:
        super().__init__()
        self.up = nn.Linear(config.width, config.hidden)
        self.act = _ACTIVATIONS[config.activation]()
        self.down = nn.Linear(config.hidden, config.width)

    def forward(self, x: Tensor) -> Tensor:
        out: Tensor = self.down(self.act(self.up(x)))
        return out


class Block(nn.Module):
    """Memory (where there is one), attention and MLP, each added to the stream ``[batch, tokens, width]``."""

    def __init__(self, config: CodeConfig, memory: int) -> None:
        super().__init__()
        self.memory = Memory(config.width, memory) if memory else None
        if memory:
            self.norm_memory = nn.LayerNorm(config.width)
            self.recall = nn.Linear(memory, config.width)
        self.norm_attention = nn.LayerNorm(config.width)
        self.attention = Attention(config)
        self.norm_mlp = nn.LayerNorm(config.width)
        self.mlp = MLP(config)

    def forward(self, x: Tensor, cache: LayerCache | None = None) -> Tensor:
        if self.memory is not None:
            rows = cache.states if cache is not None else None
            x = x + self.recall(self.memory(self.norm_memory(x), rows))
        x = x + self.attention(self.norm_attention(x), cache)
        added: Tensor = self.mlp(self.norm_mlp(x))
        return x + added


class CodeModel(nn.Module):
    """``ids [batch, tokens]`` → ``logits [batch, tokens, vocab]`` of each next character."""

    def __init__(self, config: CodeConfig) -> None:
        super().__init__()
        self.config = config
        self.embed = nn.Embedding(config.vocab, config.width)
        self.place = nn.Embedding(config.context, config.width)
        self.blocks = nn.ModuleList(Block(config, memory) for memory in config.memory)
        self.norm = nn.LayerNorm(config.width)
        self.head = nn.Linear(config.width, config.vocab)
        self._initialise()

    def _initialise(self) -> None:
        deep = (2 * self.config.layers) ** -0.5
        for name, parameter in self.named_parameters():
            if parameter.dim() == 2:
                scale = deep if name.endswith(("out.weight", "down.weight", "recall.weight")) else 1.0
                fan = _EMBEDDING_SCALE.get(name) or parameter.shape[1] ** -0.5
                nn.init.normal_(parameter, std=fan * scale)
            elif name.endswith("bias"):
                nn.init.zeros_(parameter)
        for module in self.modules():
            if isinstance(module, Memory):
                module.spread()

    def new_cache(self) -> CodeCache:
        """An empty cache for ``forward``."""
        return CodeCache([LayerCache(states=Rows() if memory else None) for memory in self.config.memory])

    def forward(self, ids: Tensor, cache: CodeCache | None = None) -> Tensor:
        """With a ``cache``, ``ids`` are the tokens behind those its first layer holds, and are added to it.

        A pass with a cache makes no gradients. Deeper layers may hold fewer tokens if the pass is left before
        it reaches them; one that is reached must hold them all.
        """
        if cache is None:
            return self._logits(ids, [None] * self.config.layers, 0)
        with torch.no_grad():
            return self._logits(ids, cache.layers, cache.lengths[0])

    def _logits(self, ids: Tensor, layers: Sequence[LayerCache | None], start: int) -> Tensor:
        end = start + ids.shape[1]
        if end > self.config.context:
            raise ValueError(f"{end} tokens, but the model's context is {self.config.context}: give it a window")
        x = self.embed(ids) + self.place.weight[start:end]
        for block, layer in zip(self.blocks, layers, strict=True):
            if layer is not None:
                layer.begin(start)
            x = block(x, layer)
        logits: Tensor = self.head(self.norm(x))
        return logits
