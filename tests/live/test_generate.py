"""Texts are continued as the model itself would: against `generate` of transformers and against hooks set by hand."""

from __future__ import annotations

import copy
from typing import Any

import pytest
import torch
from torch import Tensor, nn

import neuronwidget as nw
from neuronwidget.live.capture import Overtaken
from neuronwidget.live.errors import AttachError
from neuronwidget.live.generate.generate import TokenStream, window_start
from neuronwidget.live.inputs.tensors import InputError
from tests.live.adapters.families import FAMILIES, Family, tokenizer
from tests.live.test_edits import attached, by_hand, double

PROMPT = "The quick brown fox jumps over"
#: Reformer's own `generate` fails on a model as small as this one.
CONTINUING = [family for family in FAMILIES if family.predicts == "next" and family.name != "Reformer"]


def family(name: str) -> Family:
    return next(each for each in FAMILIES if each.name == name)


def theirs(module: Any, ids: list[int], tokens: int) -> list[int]:
    with torch.no_grad():
        whole = module.generate(torch.tensor([ids]), max_new_tokens=tokens, do_sample=False, pad_token_id=0)
    return list(whole[0, len(ids) :].tolist())


@pytest.mark.parametrize("made", CONTINUING, ids=str)
def test_greedy_tokens_are_those_of_transformers(made: Family) -> None:
    module = made.make()
    live: Any = nw.attach(module, tokenizer(made.tokenizer))
    expected = theirs(module, live.inputs.tokens(PROMPT).ids, 24)
    found = live.generate(PROMPT, tokens=24)
    assert [token.id for token in found.tokens] == expected
    assert found.ended == ("end" if len(expected) < 24 else "tokens")


def test_an_end_is_kept_as_a_token_and_not_as_text() -> None:
    made = family("Llama")
    module: Any = made.make()
    tokens = nw.attach(module, tokenizer(made.tokenizer)).generate(PROMPT, tokens=12).tokens
    last = next(token for token in tokens[::-1] if [other.id for other in tokens].index(token.id) == token.number)
    module.generation_config.eos_token_id = [last.id, 398]
    live: Any = nw.attach(module, tokenizer(made.tokenizer))
    found = live.generate(PROMPT, tokens=24)
    assert [token.ends for token in found.tokens] == [False] * last.number + [True]
    assert found.ended == "end"
    assert found.text == PROMPT + found.continuation
    assert found.continuation == live.generate(PROMPT, tokens=max(1, last.number)).continuation or not last.number
    assert [token.id for token in found.tokens] == theirs(module, live.inputs.tokens(PROMPT).ids, 24)
    assert len(found.table()) == len(found.tokens)


@pytest.mark.parametrize("name", ["GPT-2", "Llama", "Gemma 2", "Mamba"])
def test_edited_text_is_that_of_a_module_with_the_same_hook(name: str) -> None:
    made = family(name)
    module = made.make()
    live: Any = nw.attach(module, tokenizer(made.tokenizer))
    site = live.sites.resolve(made.neurons[1] + ".in")
    hooked = copy.deepcopy(module)
    scale = torch.ones(site.width)
    scale[:8] = -20.0
    hooked.get_submodule(made.neurons[1]).register_forward_pre_hook(lambda _, args: (args[0] * scale,))
    ids = live.inputs.tokens(PROMPT).ids
    edit = nw.Edit(site.name, lambda rows: rows * scale)
    found = live.generate(PROMPT, tokens=16, edits=[edit])
    assert [token.id for token in found.tokens] == theirs(hooked, ids, 16)
    assert found.edits == (str(edit),)
    assert [token.id for token in live.generate(PROMPT, tokens=16).tokens] == theirs(module, ids, 16)


SCOPES: list[Any] = ["all", "prompt", "generated", "last", [0, 2], slice(3, 9)]


@pytest.mark.parametrize("scope", SCOPES, ids=str)
@pytest.mark.parametrize("name", ["GPT-2", "Llama", "Mamba"])
def test_edited_text_is_what_the_models_own_generate_says_with_the_edit_on(name: str, scope: Any) -> None:
    """Llama and GPT-2 go on from a cache, in both; here Mamba reads all of the text at each step."""
    made = family(name)
    module: Any = made.make()
    live: Any = nw.attach(module, tokenizer(made.tokenizer))
    site = live.sites.resolve(made.neurons[1] + ".in").name
    direction = torch.linspace(-1, 1, live.sites.resolve(site).width)
    edits = [
        nw.Scale([f"{site}:{unit}" for unit in range(8)], -20.0, scope=scope),
        nw.Steer(site, direction, 5.0, raw=True, scope=scope),
    ]
    ids = live.inputs.tokens(PROMPT).ids
    with live.edit(*edits):
        expected = theirs(module, ids, 16)
        inside = live.generate(PROMPT, tokens=16)
    found = live.generate(PROMPT, tokens=16, edits=edits)
    assert [token.id for token in found.tokens] == expected
    assert inside.tokens == found.tokens
    assert [token.id for token in live.generate(PROMPT, tokens=16).tokens] == theirs(module, ids, 16)


def test_scopes_know_where_the_prompt_ends() -> None:
    """By hand, on all of the text at each step: what is edited are positions of the prompt, or those behind it."""
    live = attached("text")
    prompt = "def f("
    for scope, inside in (
        ("prompt", lambda at: at < 6),
        ("generated", lambda at: at >= 6),
        ("last", lambda at: at >= 5),
    ):

        def by_hand_at(rows: Tensor, inside: Any = inside) -> Tensor:
            chosen = inside(torch.arange(len(rows)))
            rows[chosen] *= -3
            return rows

        units = [f"mlp.1:{unit}" for unit in range(live.sites["mlp.1"].width)]
        found = live.generate(prompt, tokens=20, edits=[nw.Scale(units, -3.0, scope=scope)])
        assert found.tokens == live.generate(prompt, tokens=20, edits=[nw.Edit("mlp.1", by_hand_at)]).tokens


def test_probabilities_are_those_of_the_whole_text_read_at_once() -> None:
    live = attached("text")
    found = live.generate("def f(", tokens=12, seed=3, temperature=1.5)
    for number, token in enumerate(found.tokens):
        before = "def f(" + found.continuation[:number]
        table = live.predict(before, k=200)
        row = table[table["token"] == token.text]
        assert float(row["probability"].iloc[0]) == pytest.approx(token.probability, rel=1e-4)
        assert token.rank == 1 + int((table["probability"] > row["probability"].iloc[0]).sum())
    assert found.table()["token"].tolist() == [token.text for token in found.tokens]


def test_a_bundled_model_and_one_whose_hook_does_the_same_say_the_same() -> None:
    live = attached("text")
    edited = live.edited(nw.Edit("mlp.1", double))
    found = edited.generate("def f(", tokens=20, seed=1, temperature=1.0)
    assert found.tokens == by_hand("text", live).generate("def f(", tokens=20, seed=1, temperature=1.0).tokens
    assert found.tokens == live.generate("def f(", 20, 1, 1.0, edits=[nw.Edit("mlp.1", double)]).tokens
    assert found.tokens != live.generate("def f(", tokens=20, seed=1, temperature=1.0).tokens


def test_a_seed_draws_the_same_and_another_does_not() -> None:
    live = attached("text")
    one, same, other = (live.generate("x = ", tokens=20, seed=seed, temperature=1.0) for seed in (4, 4, 5))
    assert one == same
    assert one.tokens != other.tokens
    before = torch.random.get_rng_state()
    live.generate("x = ", tokens=3, temperature=1.0)
    assert torch.equal(torch.random.get_rng_state(), before)


class Biased(nn.Module):
    """Gives the four letters the same probabilities, whatever it reads."""

    def __init__(self, logits: list[float]) -> None:
        super().__init__()
        self.embed, self.head = nn.Embedding(4, 3), nn.Linear(3, 4)
        nn.init.zeros_(self.head.weight)
        self.head.bias.data = torch.tensor(logits)

    def forward(self, ids: Tensor) -> Tensor:
        hidden: Tensor = self.embed(ids).cumsum(1)
        out: Tensor = self.head(hidden)
        return out


def letters(module: nn.Module, **more: Any) -> Any:
    inputs = nw.TextInputs(
        lambda text: ["abcd".index(c) for c in text], lambda ids: "".join("abcd"[i] for i in ids), sample="abcd", **more
    )
    return nw.attach(module, inputs=inputs, predicts="next")


@pytest.mark.parametrize("temperature", [0.5, 1.0, 2.0])
def test_letters_are_drawn_as_often_as_they_are_probable(temperature: float) -> None:
    logits = [2.0, 1.0, 0.0, -1.0]
    live = letters(Biased(logits))
    drawn = live.generate("a", tokens=1500, seed=0, temperature=temperature).continuation
    expected = (torch.tensor(logits) / temperature).softmax(0)
    for letter, share in zip("abcd", expected.tolist(), strict=True):
        margin = 4 * (share * (1 - share) / len(drawn)) ** 0.5
        assert drawn.count(letter) / len(drawn) == pytest.approx(share, abs=margin)
    assert live.generate("a", tokens=5).continuation == "aaaaa"


def test_a_text_longer_than_the_context_is_read_through_a_window() -> None:
    live = attached("text")
    prompt = "x = 1\n" * 15
    assert len(prompt) > live.context
    found = live.generate(prompt, tokens=40)
    text = prompt
    for token in found.tokens:
        logits = live.logits(live.inputs.tokens(text[window_start(len(text), live.context) :]).ids)
        assert token.id == int(logits.argmax())
        text += token.text
    assert found.text == text


def test_tokens_come_one_by_one_and_it_can_be_stopped() -> None:
    live = attached("text")
    whole = live.generate("x = ", tokens=12)
    seen: list[Any] = []
    stopped = live.generate("x = ", tokens=12, on_token=seen.append, overtaken=lambda: len(seen) >= 5)
    assert stopped.ended == "stopped"
    assert list(stopped.tokens) == seen == list(whole.tokens[:5])
    assert stopped.text == "x = " + whole.continuation[:5]
    asked = [False]
    steps = TokenStream(live, "x = ", 12, overtaken=lambda: asked[0])
    assert [next(steps) for _ in range(3)] == list(whole.tokens[:3])
    asked[0] = True
    with pytest.raises(Overtaken):
        next(steps)
    asked[0] = False
    assert list(steps) == list(whole.tokens[3:]), "what was broken off is done again"
    assert live.generate("x = ", tokens=12) == whole


def test_it_shows_itself_and_what_a_model_says_is_text() -> None:
    live = letters(Biased([0.0, 0.0, 0.0, 1.0]))
    live.name = "<b>"
    found = live.generate("ab", tokens=3)
    assert str(found) == "abddd"
    assert repr(found).startswith("abddd\n(<b>, 3 tokens, the most probable token each time")
    html = found._repr_html_()
    assert "<b>," not in html
    assert html.count("<span") == 3
    assert 'title="0.475"' in html


@pytest.mark.parametrize("name", ["T5", "BERT"])
def test_what_continues_no_text_says_so(name: str) -> None:
    made = family(name)
    live: Any = nw.attach(made.make(), tokenizer(made.tokenizer))
    words = {"T5": "answers a text in a decoder of its own", "BERT": "does not predict the next token"}
    with pytest.raises(AttachError, match=words[name]):
        live.generate(PROMPT)


def test_what_cannot_be_asked_is_refused_in_a_sentence() -> None:
    live = attached("text")
    with pytest.raises(InputError, match="nothing to continue"):
        live.generate("")
    for tokens in (0, -1, True, 1.5):
        with pytest.raises(ValueError, match="tokens= is how many are added"):
            live.generate("a", tokens=tokens)
    for temperature in (-1.0, float("nan"), float("inf"), "warm"):
        with pytest.raises(ValueError, match="temperature= is 0"):
            live.generate("a", temperature=temperature)
    with pytest.raises(AttachError, match="continues no text"):
        nw.demo("digits").generate(0)
    broken = letters(Biased([0.0, 1.0, 2.0, 3.0]))
    broken.module.head.bias.data[1] = torch.nan
    broken.changed()
    with pytest.raises(AttachError, match="holds NaN"):
        broken.generate("ab")
