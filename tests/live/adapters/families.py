"""Small models of the families people use: real `transformers` classes, random weights, tokenizers trained here."""

from __future__ import annotations

import functools
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import torch
from torch import Tensor, nn

TEXT = (
    "The quick brown fox jumps over the lazy dog. def f(x): return x\n"
    "Größe, naïve café, 1234 tokens; «quotes» and 🦊 emoji. What makes this neuron fire?\n"
)
VOCABULARY = 400


@dataclass(frozen=True)
class Family:
    """One architecture: how to make a tiny model, and where its parts are, said by hand.

    `neurons`, `stream` and `heads` are the paths of the MLP's down-projections, the blocks, and the attentions' output
    projections: what the tests place hooks on. `reuse`: can a pass go on from a cache, and up to which `reach`? `rows`
    makes [positions, units] of what a hook sees; `says` is what the live model says of parts that it cannot show;
    `shortest` is how many tokens the model itself needs.
    """

    name: str
    make: Callable[[], nn.Module]
    neurons: list[str]
    stream: list[str]
    heads: list[str]
    tokenizer: str = "bpe"
    reuse: bool = True
    predicts: str = "next"
    prefixes: tuple[str, ...] = ("",)
    kinds: dict[str, str] = field(default_factory=dict)
    reach: int | None = None
    rows: Callable[[Tensor], Tensor] = lambda seen: seen.flatten(0, -2)
    says: str = ""
    shortest: int = 1

    def __str__(self) -> str:
        return self.name


def build(architecture: str, config: str, **settings: Any) -> Callable[[], nn.Module]:
    """A model of a `transformers` class with random weights, the same each time."""

    def make() -> nn.Module:
        import transformers

        torch.manual_seed(0)
        made = getattr(transformers, architecture)(getattr(transformers, config)(**settings))
        return made.eval()  # type: ignore[no-any-return]

    return make


def paths(pattern: str, layers: int = 3) -> list[str]:
    return [pattern.format(i) for i in range(layers)]


DECODER = {
    "vocab_size": VOCABULARY,
    "hidden_size": 32,
    "intermediate_size": 72,
    "num_hidden_layers": 3,
    "num_attention_heads": 4,
    "num_key_value_heads": 2,
    "max_position_embeddings": 128,
    "bos_token_id": 0,
    "eos_token_id": 0,
    "pad_token_id": 0,
}
WIDE_HEADS = {**DECODER, "head_dim": 24}
PLAIN = {key: value for key, value in DECODER.items() if key != "num_key_value_heads"}
DOWN = paths("model.layers.{}.mlp.down_proj")
LAYERS = paths("model.layers.{}")
ATTENTION = paths("model.layers.{}.self_attn.o_proj")


def encoder(name: str, stem: str, at: str, settings: dict[str, Any], **more: Any) -> Family:
    """An encoder that fills gaps, in the layout of BERT."""
    return Family(
        name,
        build(f"{stem}ForMaskedLM", f"{stem}Config", **{**PLAIN, **settings}),
        paths(at + ".encoder.layer.{}.output.dense"),
        paths(at + ".encoder.layer.{}"),
        paths(at + ".encoder.layer.{}.attention.output.dense"),
        reuse=False,
        predicts="here",
        **more,
    )


def decoder(name: str, stem: str, reuse: bool = True, **settings: Any) -> Family:
    """A decoder in the layout of Llama."""
    config = settings.pop("config", f"{stem}Config")
    make = build(f"{stem}ForCausalLM", config, **{**DECODER, **settings})
    return Family(name, make, DOWN, LAYERS, ATTENTION, "unigram", reuse)


FAMILIES = [
    Family(
        "GPT-2",
        build(
            "GPT2LMHeadModel",
            "GPT2Config",
            vocab_size=VOCABULARY,
            n_embd=32,
            n_layer=3,
            n_head=4,
            n_positions=128,
            bos_token_id=0,
            eos_token_id=0,
        ),
        paths("transformer.h.{}.mlp.c_proj"),
        paths("transformer.h.{}"),
        paths("transformer.h.{}.attn.c_proj"),
    ),
    Family(
        "GPT-NeoX (Pythia)",
        build("GPTNeoXForCausalLM", "GPTNeoXConfig", **PLAIN),
        paths("gpt_neox.layers.{}.mlp.dense_4h_to_h"),
        paths("gpt_neox.layers.{}"),
        paths("gpt_neox.layers.{}.attention.dense"),
    ),
    decoder("Llama", "Llama"),
    decoder("Qwen2", "Qwen2"),
    decoder("Qwen3", "Qwen3", head_dim=24),
    decoder("Gemma 2", "Gemma2", head_dim=24, sliding_window=8),
    decoder(
        "Gemma 3",
        "Gemma3",
        config="Gemma3TextConfig",
        head_dim=24,
        sliding_window=8,
        layer_types=["sliding_attention", "full_attention", "sliding_attention"],
    ),
    decoder("Mistral", "Mistral", sliding_window=8),
    decoder("Phi-3", "Phi3", original_max_position_embeddings=128),
    Family(
        "Phi",
        build("PhiForCausalLM", "PhiConfig", **PLAIN),
        paths("model.layers.{}.mlp.fc2"),
        LAYERS,
        paths("model.layers.{}.self_attn.dense"),
    ),
    Family(
        "Mixtral",
        build("MixtralForCausalLM", "MixtralConfig", **DECODER, num_local_experts=4, num_experts_per_tok=2),
        [],
        LAYERS,
        ATTENTION,
        "unigram",
    ),
    Family(
        "BERT",
        build("BertForMaskedLM", "BertConfig", **PLAIN),
        paths("bert.encoder.layer.{}.output.dense"),
        paths("bert.encoder.layer.{}"),
        paths("bert.encoder.layer.{}.attention.output.dense"),
        "wordpiece",
        reuse=False,
        predicts="here",
    ),
    Family(
        "ModernBERT",
        build("ModernBertForMaskedLM", "ModernBertConfig", **PLAIN, local_attention=8, global_attn_every_n_layers=2),
        paths("model.layers.{}.mlp.Wo"),
        LAYERS,
        paths("model.layers.{}.attn.Wo"),
        reuse=False,
        predicts="here",
    ),
    Family(
        "T5",
        build(
            "T5ForConditionalGeneration",
            "T5Config",
            vocab_size=VOCABULARY,
            d_model=32,
            d_kv=8,
            d_ff=72,
            num_layers=2,
            num_heads=4,
            decoder_start_token_id=0,
            pad_token_id=0,
            eos_token_id=1,
        ),
        [
            *paths("encoder.block.{}.layer.1.DenseReluDense.wo", 2),
            *paths("decoder.block.{}.layer.2.DenseReluDense.wo", 2),
        ],
        [*paths("encoder.block.{}", 2), *paths("decoder.block.{}", 2)],
        [*paths("encoder.block.{}.layer.0.SelfAttention.o", 2), *paths("decoder.block.{}.layer.0.SelfAttention.o", 2)],
        "unigram",
        reuse=False,
        predicts="first",
        prefixes=("encoder.", "decoder."),
    ),
    Family(
        "Mamba",
        build(
            "MambaForCausalLM", "MambaConfig", vocab_size=VOCABULARY, hidden_size=32, num_hidden_layers=3, state_size=4
        ),
        paths("backbone.layers.{}.mixer.out_proj"),
        paths("backbone.layers.{}"),
        [],
        reuse=False,
    ),
    encoder(
        "Longformer",
        "Longformer",
        "longformer",
        {"attention_window": 8, "max_position_embeddings": 130, "pad_token_id": 1},
    ),
    Family(
        "LED",
        build(
            "LEDForConditionalGeneration",
            "LEDConfig",
            vocab_size=VOCABULARY,
            d_model=32,
            encoder_layers=2,
            decoder_layers=2,
            encoder_attention_heads=4,
            decoder_attention_heads=4,
            encoder_ffn_dim=72,
            decoder_ffn_dim=72,
            max_encoder_position_embeddings=256,
            max_decoder_position_embeddings=128,
            attention_window=8,
            decoder_start_token_id=0,
        ),
        [*paths("led.encoder.layers.{}.fc2", 2), *paths("led.decoder.layers.{}.fc2", 2)],
        [*paths("led.encoder.layers.{}", 2), *paths("led.decoder.layers.{}", 2)],
        [
            *paths("led.encoder.layers.{}.self_attn.output", 2),
            *paths("led.decoder.layers.{}.self_attn.out_proj", 2),
        ],
        reuse=False,
        predicts="first",
        prefixes=("encoder.", "decoder."),
    ),
    encoder("BigBird", "BigBird", "bert", {"block_size": 4, "num_random_blocks": 1}),
    encoder(
        "MobileBERT",
        "MobileBert",
        "mobilebert",
        {"embedding_size": 16, "intra_bottleneck_size": 24, "true_hidden_size": 24, "num_feedforward_networks": 3},
    ),
    Family(
        "SqueezeBERT",
        build(
            "SqueezeBertForMaskedLM",
            "SqueezeBertConfig",
            **PLAIN,
            embedding_size=32,
            q_groups=2,
            k_groups=2,
            v_groups=2,
            post_attention_groups=1,
            intermediate_groups=2,
            output_groups=2,
        ),
        paths("transformer.encoder.layers.{}.output.conv1d"),
        paths("transformer.encoder.layers.{}.output"),
        paths("transformer.encoder.layers.{}.post_attention.conv1d"),
        "wordpiece",
        reuse=False,
        predicts="here",
        rows=lambda seen: seen[0].T,  # the stream has channels first
    ),
    encoder("I-BERT", "IBert", "ibert", {"pad_token_id": 1}),
    Family(
        "Gemma 3n",
        build(
            "Gemma3nForCausalLM",
            "Gemma3nTextConfig",
            **DECODER,
            head_dim=8,
            vocab_size_per_layer_input=VOCABULARY,
            hidden_size_per_layer_input=8,
            laurel_rank=4,
            num_kv_shared_layers=0,
            altup_num_inputs=2,
            sliding_window=8,
            activation_sparsity_pattern=[0.0, 0.0, 0.0],
        ),
        DOWN,
        LAYERS,
        ATTENTION,
        rows=lambda seen: seen.movedim(-2, 0).flatten(1),  # the stream is several side by side
    ),
    Family(
        "Phi-3, long RoPE",
        build(
            "Phi3ForCausalLM",
            "Phi3Config",
            **DECODER,
            original_max_position_embeddings=16,
            rope_scaling={"type": "longrope", "short_factor": [1.0] * 4, "long_factor": [4.0] * 4},
        ),
        DOWN,
        LAYERS,
        ATTENTION,
        reach=16,
    ),
    Family(
        "Reformer",
        build(
            "ReformerModelWithLMHead",
            "ReformerConfig",
            vocab_size=VOCABULARY,
            hidden_size=32,
            attention_head_size=8,
            num_attention_heads=4,
            feed_forward_size=72,
            attn_layers=["local", "lsh", "local"],
            local_attn_chunk_length=4,
            lsh_attn_chunk_length=4,
            axial_pos_shape=[16, 16],
            axial_pos_embds_dim=[16, 16],
            is_decoder=True,
            num_buckets=4,
            hash_seed=1,
            max_position_embeddings=256,
        ),
        paths("reformer.encoder.layers.{}.feed_forward.output.dense"),
        paths("reformer.encoder.layers.{}"),
        paths("reformer.encoder.layers.{}.attention.output.dense"),
        reuse=False,
    ),
    Family(
        "Funnel",
        build(
            "FunnelForMaskedLM",
            "FunnelConfig",
            vocab_size=VOCABULARY,
            block_sizes=[2, 2],
            num_decoder_layers=1,
            d_model=32,
            n_head=4,
            d_head=8,
            d_inner=72,
            max_position_embeddings=128,
        ),
        paths("funnel.encoder.blocks.0.{}.ffn.linear_2", 2),
        paths("funnel.encoder.blocks.0.{}", 2),
        [],
        "wordpiece",
        reuse=False,
        predicts="here",
        says="positions of their own",
        shortest=8,
    ),
    Family(
        "CANINE",
        build(
            "CanineModel",
            "CanineConfig",
            hidden_size=32,
            num_hidden_layers=3,
            num_attention_heads=4,
            intermediate_size=72,
            max_position_embeddings=512,
            num_hash_buckets=512,
            num_hash_functions=4,
            local_transformer_stride=16,
        ),
        ["initial_char_encoder.layer.0.output.dense"],
        ["initial_char_encoder.layer.0"],
        [],
        reuse=False,
        predicts="",
        says="positions of their own",
        shortest=8,
    ),
]


@functools.cache
def tokenizer(kind: str) -> Any:
    """A fast tokenizer trained on `TEXT`: byte-level BPE, WordPiece or Unigram, with the special tokens of its kind."""
    from tokenizers import Tokenizer, decoders, models, normalizers, pre_tokenizers, processors, trainers
    from transformers import PreTrainedTokenizerFast

    if kind == "bpe":
        made = Tokenizer(models.BPE())
        made.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
        made.decoder = decoders.ByteLevel()
        made.post_processor = processors.ByteLevel(trim_offsets=False)
        alphabet = pre_tokenizers.ByteLevel.alphabet()
        trainer = trainers.BpeTrainer(
            vocab_size=VOCABULARY, special_tokens=["<|endoftext|>"], initial_alphabet=alphabet, show_progress=False
        )
        named = {"bos_token": "<|endoftext|>", "eos_token": "<|endoftext|>"}
    elif kind == "wordpiece":
        made = Tokenizer(models.WordPiece(unk_token="[UNK]"))
        made.normalizer = normalizers.BertNormalizer(lowercase=True)
        made.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
        made.decoder = decoders.WordPiece()
        trainer = trainers.WordPieceTrainer(
            vocab_size=VOCABULARY, special_tokens=["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"], show_progress=False
        )
        named = {"unk_token": "[UNK]", "cls_token": "[CLS]", "sep_token": "[SEP]", "mask_token": "[MASK]"}
    else:
        made = Tokenizer(models.Unigram())
        made.pre_tokenizer = pre_tokenizers.Metaspace()
        made.decoder = decoders.Metaspace()
        trainer = trainers.UnigramTrainer(
            vocab_size=VOCABULARY, special_tokens=["<unk>", "<s>", "</s>"], unk_token="<unk>", show_progress=False
        )
        named = {"unk_token": "<unk>", "bos_token": "<s>", "eos_token": "</s>"}
    made.train_from_iterator([TEXT] * 4, trainer)
    if kind == "wordpiece":
        made.post_processor = processors.TemplateProcessing(
            single="[CLS] $A [SEP]", special_tokens=[(t, made.token_to_id(t)) for t in ("[CLS]", "[SEP]")]
        )
    if kind == "unigram":
        made.post_processor = processors.TemplateProcessing(
            single="<s> $A", special_tokens=[("<s>", made.token_to_id("<s>"))]
        )
    return PreTrainedTokenizerFast(tokenizer_object=made, **named)
