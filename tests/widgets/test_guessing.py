"""What the page is told a model says: of the next token, of the token itself, of an answer or of the whole text."""

from __future__ import annotations

from typing import Any

import pytest
import torch
from torch import nn

import neuronwidget as nw
from neuronwidget.widgets.base.catalog import catalog
from neuronwidget.widgets.frames.build import FrameBuilder
from tests.asks import ask_text
from tests.live.adapters.families import PLAIN, TEXT, VOCABULARY, build, tokenizer

pytest.importorskip("transformers")
NAMES = {0: "calm", 1: "cross", 2: "glad"}


def paint(live: nw.LiveModel, text: str = TEXT, **changes: Any) -> tuple[dict[str, Any], dict[str, Any]]:
    ask = ask_text(text, live.sites.defaults[0].name, guesses={"most": 5}, **changes)
    frame = FrameBuilder(live).build(ask)
    return {**frame.head, "guesses": None, **frame.parts}, frame.arrays


def bert(architecture: str, **settings: Any) -> nn.Module:
    return build(architecture, "BertConfig", **{**PLAIN, **settings})()


def test_a_model_that_fills_gaps_is_asked_of_the_token_itself() -> None:
    live = nw.attach(bert("BertForMaskedLM"), tokenizer("wordpiece"))
    ids = live.inputs.tokens(TEXT).ids
    with torch.no_grad():
        every = live.module(input_ids=torch.tensor([ids])).logits[0].softmax(-1)
    for token in (1, 7, len(ids) - 1):
        said = paint(live, token=token)[0]["guesses"]
        best = every[token].topk(5)
        assert said["about"] == "here"
        assert [guess["p"] for guess in said["list"]] == pytest.approx(best.values.tolist(), rel=1e-4)
        assert [guess["text"] for guess in said["list"]] == [live.inputs.label(i) for i in best.indices.tolist()]
        assert said["actual"]["p"] == pytest.approx(float(every[token, ids[token]]), rel=1e-4)
        assert said["actual"]["text"] == live.inputs.tokens(TEXT).piece(token)


@pytest.mark.parametrize(
    ("architecture", "about"), [("BertForSequenceClassification", "whole"), ("BertForTokenClassification", "here")]
)
def test_classes_have_their_names(architecture: str, about: str) -> None:
    live = nw.attach(bert(architecture, id2label=NAMES, num_labels=3), tokenizer("wordpiece"))
    said = paint(live)[0]["guesses"]
    expected = live.predict(TEXT)
    assert (said["about"], said["classes"], said["actual"]) == (about, True, None)
    last = paint(live, token=len(live.inputs.tokens(TEXT)) - 1)[0]["guesses"]
    assert [guess["text"] for guess in last["list"]] == expected["class"].tolist()
    assert [guess["p"] for guess in last["list"]] == pytest.approx(expected["probability"].tolist(), rel=1e-4)


def test_an_encoder_with_a_decoder_says_how_its_answer_begins() -> None:
    shape = {"d_model": 32, "d_kv": 8, "d_ff": 72, "num_layers": 2, "num_heads": 4, "decoder_start_token_id": 0}
    live = nw.attach(
        build("T5ForConditionalGeneration", "T5Config", vocab_size=VOCABULARY, **shape)(), tokenizer("unigram")
    )
    said = paint(live, token=2)[0]["guesses"]
    expected = live.predict(TEXT, k=5)
    assert (said["about"], said["actual"]) == ("first", None)
    assert [guess["text"] for guess in said["list"]] == expected["token"].tolist()
    assert [guess["p"] for guess in said["list"]] == pytest.approx(expected["probability"].tolist(), rel=1e-4)


def test_a_body_without_a_head_has_no_opinion() -> None:
    live = nw.attach(bert("BertModel"), tokenizer("wordpiece"))
    assert catalog(live)["guesses"] is False
    assert paint(live)[0]["guesses"] is None


def test_numbers_of_tokens_and_what_a_window_leaves_out() -> None:
    live = nw.attach(bert("BertForMaskedLM", max_position_embeddings=16), tokenizer("wordpiece"))
    tokens = live.inputs.tokens(TEXT)
    header, arrays = paint(live, focus=30)
    start, count = header["input"]["window"]["first"], len(arrays["input.spans"])
    assert count == 16 < len(tokens)
    assert arrays["input.ids"].tolist() == tokens.ids[start : start + count]
    ends = [tokens.piece(0)] * (start > 0) + [tokens.piece(len(tokens) - 1)] * (start + count < len(tokens))
    assert ends
    assert header["input"]["window"]["without"] == ends
    assert paint(live, "The fox")[0]["input"]["window"]["without"] == []
