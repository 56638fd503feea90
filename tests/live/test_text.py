"""Where each token lies in the text, whatever the tokenizer does to characters."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from neuronwidget.live.inputs.text import TextInputs, Tokens
from neuronwidget.widgets.frames.offsets import Utf16


def utf8(text: str) -> list[int]:
    return list(text.encode("utf-8", "replace"))


BYTES = TextInputs(utf8, lambda ids: bytes(ids).decode("utf-8", "replace"))


@given(st.text(max_size=60))
def test_byte_tokens_cover_the_text_and_share_the_span_of_their_character(text: str) -> None:
    text = text.encode("utf-8", "replace").decode("utf-8").replace("\N{REPLACEMENT CHARACTER}", "?")
    tokens = BYTES.tokens(text)
    expected = [(i, i + 1) for i, c in enumerate(text) for _ in c.encode("utf-8")]
    assert tokens.spans == expected


def test_tokens_of_several_characters() -> None:
    vocabulary = ["hello", " ", "wor", "ld", "🙂!"]
    inputs = TextInputs(lambda text: [0, 1, 2, 3, 4], lambda ids: "".join(vocabulary[i] for i in ids))
    tokens = inputs.tokens("hello world🙂!")
    assert tokens.pieces == vocabulary
    assert tokens.spans == [(0, 5), (5, 6), (6, 9), (9, 11), (11, 13)]


def test_a_tokenizer_that_folds_case_and_one_that_says_its_own_spans() -> None:
    folding = TextInputs(lambda text: [0, 1], lambda ids: "".join(["hello", "world"][i] for i in ids))
    assert folding.tokens("Hello World").spans == [(0, 5), (6, 11)]
    saying = TextInputs(lambda text: ([7, 8], [(0, 0), (0, 2)]), lambda ids: "?", specials={7: "<bos>"})
    tokens = saying.tokens("ab")
    assert tokens.labels == {0: "<bos>"}
    assert tokens.pieces == ["<bos>", "ab"]
    assert tokens.at(0) == 0
    assert tokens.at(2) == 1


def test_an_empty_text_has_no_tokens() -> None:
    assert len(BYTES.tokens("")) == 0
    assert BYTES.tokens("").at(0) is None


@example(65, 17, 17)
@given(st.integers(1, 400), st.integers(0, 399), st.integers(0, 400))
def test_the_window_holds_the_focus_and_is_full(total: int, focus: int, previous: int) -> None:
    context = 64
    focus = min(focus, total - 1)
    tokens = Tokens("x" * total, [0] * total, [(i, i + 1) for i in range(total)])
    start, end = tokens.window(focus, context, previous)
    assert start <= focus < end <= total
    assert end - start <= context
    assert start == 0 or end - start > context - context // 4, "a window past the beginning is nearly full"


def test_the_window_keeps_still_while_one_types_at_the_end() -> None:
    starts, start = [], 0
    for total in range(500, 564):
        tokens = Tokens("x" * total, [0] * total, [(i, i + 1) for i in range(total)])
        start, _ = tokens.window(total - 1, 256, start)
        starts.append(start)
    assert len(set(starts)) <= 2, "64 keys, at most one step of a quarter context"


@given(st.text(max_size=30))
def test_offsets_go_to_the_page_and_back(text: str) -> None:
    offsets = Utf16(text)
    for i in range(len(text) + 1):
        page = len(text[:i].encode("utf-16-le", "surrogatepass")) // 2
        assert offsets.to_page(i) == page
        assert offsets.from_page(page) == i


@pytest.mark.parametrize("offset", [-5, 10**9])
def test_offsets_from_outside_are_clipped(offset: int) -> None:
    assert Utf16("a🙂b").from_page(offset) in (0, 3)
