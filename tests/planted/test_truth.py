"""The truth about characters, against texts that were labelled by hand."""

from __future__ import annotations

import ast
import textwrap
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from neuronwidget.analysis.predicates.python_source import PROPERTIES, truth


def marks(text: str, name: str) -> str:
    """One digit for each character, a dot for 0."""
    return "".join("." if not value else str(int(value)) for value in truth(text)[name])


# Each text, and under it a 1 below each character after which a string is open.
STRINGS = """
x = "ab" # c
....111.....

f('', "it's")
..1...11111..

x = rb"\\"" + y
......111.....

'''a "b" 'c' '''; d
1111111111111......

f'{a["b"]}c' + d
.1111111111.....

x = f'{f"{1}"}' ; y
.....111111111.....
"""
STRING_PAIRS = [tuple(pair.split("\n")) for pair in STRINGS.strip().split("\n\n")]


@pytest.mark.parametrize(("text", "expected"), STRING_PAIRS, ids=range(len(STRING_PAIRS)))
def test_strings(text: str, expected: str) -> None:
    assert marks(text, "string") == expected


def test_a_string_over_two_lines() -> None:
    assert marks('"""two\nlines""" + z', "string") == "111" + "111" + "1" + "11111" + "..." + "...."


def test_quotes_in_a_comment_open_nothing() -> None:
    assert set(marks("# no 'string' here", "string")) == {"."}


def test_comments() -> None:
    text = 'x = "#" # is\n# a\ny'
    assert marks(text, "comment") == "........1111.111.."


def test_keywords() -> None:
    assert marks("if iffy: return 'for' # in", "keyword") == "11.......111111" + "." * 11


def test_columns_start_again_behind_each_newline() -> None:
    assert truth("ab\n\tc\n\nd")["column"].tolist() == [0, 1, 2, 0, 1, 2, 0, 0]


def test_indentation_counts_open_blocks_and_changes_at_the_first_token() -> None:
    text = "if a:\n  if b:\n    c\n\n  # note\nd\n"
    assert marks(text, "indentation") == "........" + "111111" + "1111" + "22" + "2" + "222222222" + ".."


def test_a_line_inside_brackets_opens_no_block() -> None:
    assert set(marks("f(\n    a,\n        b)\n", "indentation")) == {"."}


def test_brackets_count_from_themselves_on_and_not_in_strings() -> None:
    assert marks("f([{1}], '(') # (", "bracket") == ".12332111111....."


@pytest.mark.parametrize(
    ("text", "name", "expected"),
    [
        ("a = 'open", "string", "....11111"),
        ("a = 'open\nb", "string", "....11111.."),
        ('a = """open\nb', "string", "....111111111"),
        ("f(a, [1", "bracket", ".111122"),
        ("if a:\n  b = (", "indentation", "........11111"),
    ],
)
def test_source_that_breaks_off_is_labelled_to_its_end(text: str, name: str, expected: str) -> None:
    assert marks(text, name) == expected


@given(st.text(st.sampled_from("ab(['\"#\n\t\\ \0:{}é🙂"), max_size=60))
def test_any_text_has_a_truth_for_each_character(text: str) -> None:
    known = truth(text)
    for name in PROPERTIES:
        assert known[name].shape == (len(text),)
        assert (known[name] >= 0).all()


def test_an_unknown_property_is_answered_with_those_there_are() -> None:
    with pytest.raises(KeyError, match="no property 'colour'; there are string, comment"):
        truth("a")["colour"]


def test_strings_agree_with_the_parser() -> None:
    """On a real module without comments: string constants are inside, names are outside."""
    tree = ast.parse(ast.unparse(ast.parse(Path(textwrap.__file__).read_text(encoding="utf-8"))))
    text = ast.unparse(tree)
    inside = truth(text)["string"]
    starts = np.cumsum([0, *(len(line) + 1 for line in text.split("\n"))])
    strings = names = 0
    for node in ast.walk(ast.parse(text)):
        assert not isinstance(node, ast.JoinedStr), "choose a module without f-strings: their insides have no place"
        if isinstance(node, ast.Name):
            names += 1
            assert not inside[starts[node.lineno - 1] + node.col_offset]
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            strings += 1
            begin = starts[node.lineno - 1] + node.col_offset
            end = starts[(node.end_lineno or 0) - 1] + (node.end_col_offset or 0)
            assert inside[begin : end - 3].all()
            assert not inside[end - 1]
    assert strings > 20
    assert names > 100
