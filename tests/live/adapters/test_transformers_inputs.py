"""What a tokenizer says of a text; models without a head, with classes, with masks, with windows."""

from __future__ import annotations

import gc
import itertools
import weakref
from typing import Any

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import nn

import neuronwidget as nw
from neuronwidget.live.adapters.tokens import inputs_from, tidy
from neuronwidget.live.adapters.transformers import context
from tests.live.adapters.families import DECODER, FAMILIES, PLAIN, TEXT, VOCABULARY, build, tokenizer

transformers = pytest.importorskip("transformers")

KINDS = ["bpe", "wordpiece", "unigram"]
BY_NAME = {family.name: family for family in FAMILIES}


@pytest.mark.parametrize("kind", KINDS)
@given(st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=40))
def test_every_token_lies_in_the_text_and_none_before_the_last(kind: str, text: str) -> None:
    tokens = inputs_from(tokenizer(kind)).tokens(text)
    assert len(tokens.ids) == len(tokens.spans)
    places = [0, *(place for span in dict.fromkeys(tokens.spans) for place in span)]
    assert places == sorted(places), "spans are the same or follow each other"
    assert places[-1] <= len(text)


@given(st.lists(st.tuples(st.integers(0, 30), st.integers(0, 3)), max_size=12))
def test_spans_are_put_in_order_whatever_they_were(raw: list[tuple[int, int]]) -> None:
    spans = tidy([(start, start + length) for start, length in sorted(raw)])
    assert len(spans) == len(raw)
    assert all(a == b or a[1] <= b[0] for a, b in itertools.pairwise(spans))


def test_parts_of_a_character_share_its_span() -> None:
    text = "a 🦊🦉"
    tokens = inputs_from(tokenizer("bpe")).tokens(text)
    owl = [i for i, span in enumerate(tokens.spans) if span == (3, 4)]
    assert len(owl) > 1, "a character that was not in the training text is several tokens"
    assert {tokens.piece(i) for i in owl} == {"🦉"}


def test_marks_are_shown_as_the_tokenizer_writes_them() -> None:
    tokens = inputs_from(tokenizer("wordpiece")).tokens("The fox")
    assert tokens.labels == {0: "[CLS]", len(tokens) - 1: "[SEP]"}
    assert tokens.spans[0] == (0, 0)
    assert tokens.spans[-1] == (7, 7)
    assert tokens.at(7) == len(tokens) - 2, "a cursor at the end speaks of the last word and not of the mark"
    written = inputs_from(tokenizer("bpe")).tokens("fox<|endoftext|>fox")
    assert written.labels == {written.ids.index(0): "<|endoftext|>"}
    assert written.at(16) == written.ids.index(0), "a mark that a person wrote is text"


def test_a_word_begins_with_its_blank_in_predictions() -> None:
    inputs = inputs_from(tokenizer("unigram"))
    number = tokenizer("unigram").convert_tokens_to_ids("▁f")
    assert inputs.label(number) == " f"


def test_a_tokenizer_of_the_tokenizers_library_and_one_that_only_encodes_and_decodes() -> None:
    raw = tokenizer("bpe").backend_tokenizer
    assert inputs_from(raw).tokens(TEXT) == inputs_from(tokenizer("bpe")).tokens(TEXT)

    class Bytes:
        def encode(self, text: str) -> list[int]:
            return list(text.encode())

        def decode(self, ids: list[int]) -> str:
            return bytes(ids).decode("utf-8", "replace")

    assert inputs_from(Bytes()).tokens("é!").spans == [(0, 1), (0, 1), (1, 2)]
    live = nw.attach(nn.Sequential(nn.Embedding(256, 8), nn.Linear(8, 4)), Bytes())
    assert live.record("é!")["dense.0"].shape == (3, 4)


class Slow(transformers.PreTrainedTokenizer):  # type: ignore[misc, name-defined]
    """One token a letter, in Python, without spans."""

    @property
    def vocab_size(self) -> int:
        return 128

    def get_vocab(self) -> dict[str, int]:
        return {chr(i): i for i in range(128)}

    def _tokenize(self, text: str, **kwargs: Any) -> list[str]:
        return list(text)

    def _convert_token_to_id(self, token: str) -> int:
        return ord(token) % 128

    def _convert_id_to_token(self, index: int) -> str:
        return chr(index)

    def convert_tokens_to_string(self, tokens: list[str]) -> str:
        return "".join(tokens)


def test_a_tokenizer_without_spans_is_followed_along_the_text() -> None:
    assert inputs_from(Slow()).tokens("a fox").spans == [(i, i + 1) for i in range(5)]


def test_a_chat_is_text_that_can_be_edited() -> None:
    made = tokenizer("unigram")
    template = "{{ bos_token }}{% for m in messages %}[{{ m.role }}] {{ m.content }}{{ eos_token }}{% endfor %}"
    talking = transformers.PreTrainedTokenizerFast(
        tokenizer_object=made.backend_tokenizer, bos_token="<s>", eos_token="</s>", chat_template=template
    )
    live = nw.attach(BY_NAME["Llama"].make(), talking)
    text = live.inputs.chat("What fires?")
    assert text == "<s>[user] What fires?</s>"
    ids = live.inputs.tokens(text).ids
    assert ids == talking.apply_chat_template([{"role": "user", "content": "What fires?"}])["input_ids"]
    assert live.inputs.tokens(text).spans[0] == (0, 3), "the mark that stands there is not put in a second time"
    with pytest.raises(ValueError, match="no chat template"):
        inputs_from(tokenizer("bpe")).chat("hello")


# ---- what the model takes --------------------------------------------------------------------------------------------


def test_the_context_is_what_the_model_takes_and_a_picture_can_show() -> None:
    assert context(BY_NAME["GPT-2"].make()) == 128
    long = build("LlamaForCausalLM", "LlamaConfig", **{**DECODER, "max_position_embeddings": 100_000})()
    assert context(long) == 1024
    roberta = build(
        "RobertaForMaskedLM", "RobertaConfig", **{**PLAIN, "max_position_embeddings": 66, "pad_token_id": 1}
    )
    model = roberta()
    assert context(model) == 64, "positions are counted from behind the padding's number"
    live = nw.attach(model, tokenizer("wordpiece"))
    recording = live.record("The quick brown fox. " * 30)
    assert 48 < recording["mlp.0"].shape[0] <= 64
    assert recording.window[2] > 100, "a longer text is seen through a window"


def test_a_long_text_is_seen_through_a_window() -> None:
    live = nw.attach(BY_NAME["GPT-2"].make(), tokenizer("bpe"))
    text = TEXT * 5
    start, end, total = live.record(text).window
    assert (end - start <= 128, end, total) == (True, total, len(live.inputs.tokens(text)))
    assert live.predict(text)["probability"].notna().all()
    assert live.record(text, focus=0).window[0] == 0


def test_a_tokenizer_of_another_model_is_refused() -> None:
    small = build("LlamaForCausalLM", "LlamaConfig", **{**DECODER, "vocab_size": 50})()
    with pytest.raises(nw.AttachError, match=r"token numbers up to 3\d\d, but the model's embedding has only 50 rows"):
        nw.attach(small, tokenizer("bpe"))
    with pytest.raises(nw.AttachError, match=r"LlamaForCausalLM read text\? Give its tokenizer"):
        nw.attach(small)


def test_a_model_of_pictures_is_told_from_one_of_text() -> None:
    model = build(
        "ViTForImageClassification", "ViTConfig", hidden_size=16, num_hidden_layers=1, num_attention_heads=2
    )()
    with pytest.raises(nw.AttachError, match=r"ViTForImageClassification reads pictures: .*ImageInputs"):
        nw.attach(model, tokenizer("bpe"))


@pytest.mark.parametrize("name", ["Llama", "Mixtral", "BERT"])
def test_a_model_that_is_let_go_is_freed(name: str) -> None:
    model = BY_NAME[name].make()
    live = nw.attach(model, tokenizer("wordpiece"), keep=False)
    reader = live.reader()
    reader.read([1, 2], live.sites.defaults)
    gone = weakref.ref(model)
    del model
    gc.collect()
    assert gone() is None
    with pytest.raises(RuntimeError, match="model is gone"):
        live.record("fox")


@pytest.mark.parametrize(
    ("stem", "settings"),
    [("Gemma2", {"head_dim": 24}), ("Cohere", {"logit_scale": 0.25}), ("Granite", {"logits_scaling": 8.0})],
)
def test_what_is_done_to_logits_after_the_head_is_done_here_too(stem: str, settings: dict[str, Any]) -> None:
    live = nw.attach(build(f"{stem}ForCausalLM", f"{stem}Config", **DECODER, **settings)(), tokenizer("unigram"))
    head = live.head_site
    assert head is not None, "predictions cost one row"
    ids = live.inputs.tokens("The quick fox").ids
    row = live.reader().read(ids, [head])[head][-1]
    with torch.no_grad():
        own = live.module(torch.tensor([ids])).logits[0, -1]
    assert torch.allclose(live.head_logits(row), own, rtol=1e-5, atol=1e-7)


def test_a_number_without_a_token_is_shown_as_a_number() -> None:
    assert inputs_from(tokenizer("bpe")).label(399) == "⟨399⟩"


def test_a_much_smaller_tokenizer_is_remarked_on() -> None:
    live = nw.attach(build("LlamaForCausalLM", "LlamaConfig", **{**DECODER, "vocab_size": 5000})(), tokenizer("bpe"))
    assert "knows 361 tokens and the model 5,000" in " ".join(live.sites.notes)
    assert "knows 361 tokens" in repr(live)


def test_inputs_of_ones_own_go_with_any_model() -> None:
    encode, decode = (lambda text: [int(word) for word in text.split()]), (lambda ids: " ".join(map(str, ids)))
    with pytest.raises(nw.AttachError, match="a text that it can read: sample="):
        nw.attach(BY_NAME["Llama"].make(), inputs=nw.TextInputs(encode, decode))
    inputs = nw.TextInputs(encode, decode, sample="1 2 3")
    live = nw.attach(BY_NAME["Llama"].make(), inputs=inputs)
    assert live.causal is not None
    assert inputs.feed is None, "what a person gave is not changed"
    fed = nw.TextInputs(encode, decode, sample="1 2 3", feed=lambda ids: {"input_ids": ids})
    assert nw.attach(BY_NAME["Llama"].make(), inputs=fed).record("1 2 3")["mlp.0"].shape == (3, 72)


# ---- what the model says ---------------------------------------------------------------------------------------------


def test_a_body_without_a_head_has_no_opinion() -> None:
    live = nw.attach(build("BertModel", "BertConfig", **PLAIN)(), tokenizer("wordpiece"))
    assert live.predicts == ""
    assert [site.name for site in live.sites.defaults] == ["mlp.0", "mlp.1", "mlp.2"]
    with pytest.raises(nw.AttachError, match="BertModel has no head"):
        live.predict("fox")


def test_classes_have_their_names() -> None:
    names = {0: "calm", 1: "cross", 2: "glad"}
    model = build("BertForSequenceClassification", "BertConfig", **PLAIN, id2label=names)()
    live = nw.attach(model, tokenizer("wordpiece"))
    table = live.predict("The quick fox")
    with torch.no_grad():
        own = model(**tokenizer("wordpiece")("The quick fox", return_tensors="pt")).logits[0].softmax(-1)
    assert dict(zip(table["class"], table["probability"], strict=True)) == pytest.approx(
        {names[i]: float(p) for i, p in enumerate(own)}, rel=1e-5
    )
    tagger = nw.attach(
        build("BertForTokenClassification", "BertConfig", **PLAIN, id2label=names)(), tokenizer("wordpiece")
    )
    assert tagger.predicts == "here"
    assert set(tagger.predict("fox")["class"]) == set(names.values())


def test_a_gap_is_what_a_masked_model_is_asked_for() -> None:
    model, made = BY_NAME["BERT"].make(), tokenizer("wordpiece")
    live = nw.attach(model, made)
    text = "The [MASK] jumps"
    ids = made(text)["input_ids"]
    with torch.no_grad():
        own = model(torch.tensor([ids])).logits[0, ids.index(made.mask_token_id)].softmax(-1).topk(3)
    table = live.predict(text, k=3)
    assert table["probability"].tolist() == pytest.approx(own.values.tolist(), rel=1e-4)
    assert table["token"].tolist() == [live.inputs.label(i) for i in own.indices.tolist()]


def test_sliding_windows_that_are_too_long_to_try_limit_what_is_reused() -> None:
    make = build("MistralForCausalLM", "MistralConfig", **{**DECODER, "sliding_window": 80})
    live = nw.attach(make(), tokenizer("unigram"))
    assert live.causal is not None
    assert live.causal.reach == 80
    ids = [3 + i % 50 for i in range(100)]
    reader, sites = live.reader(), live.sites.defaults
    for length, reused in ((78, 0), (80, 78), (90, 0), (91, 0), (79, 79)):
        found = reader.read(ids[:length], sites)
        assert reader.reused == reused
        for site, expected in live.reader().read(ids[:length], sites).items():
            assert torch.allclose(found[site], expected, atol=1e-6)


def test_positions_that_are_scaled_by_length_limit_it_too() -> None:
    rope = {"rope_type": "dynamic", "factor": 4.0, "rope_theta": 10000.0}
    make = build(
        "LlamaForCausalLM", "LlamaConfig", **{**DECODER, "max_position_embeddings": 32, "rope_parameters": rope}
    )
    live = nw.attach(make(), tokenizer("unigram"))
    ids = [3 + i % 50 for i in range(60)]
    reader, sites = live.reader(), live.sites.defaults
    for length in (20, 30, 40, 41, 60, 25):
        found = reader.read(ids[:length], sites)
        for site, expected in nw.attach(make(), tokenizer("unigram")).reader().read(ids[:length], sites).items():
            assert torch.allclose(found[site], expected, atol=1e-5), (length, site)


def test_vocabulary_fits_the_models_here() -> None:
    assert all(len(tokenizer(kind)) <= VOCABULARY for kind in KINDS)
