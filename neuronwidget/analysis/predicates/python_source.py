"""Properties of each character of a Python source, by the standard ``tokenize``.

Every property but one is the tokenizer's state *after reading* that character, so that a causal
model can know it: a string is open from its opening quote up to the character before its closing
quotes, and a bracket counts from itself on. The one is ``keyword``, which is sure only at its end.
"""

from __future__ import annotations

import io
import keyword
import re
import tokenize
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from neuronwidget.analysis.predicates.predicate import Example, Flags, Predicate, PredicateError

#: Properties that a character has or has not, and those that it has so much of.
BINARY = ("string", "comment", "keyword")
NUMERIC = ("column", "indentation", "bracket")
PROPERTIES = BINARY + NUMERIC

_OPENING = re.compile(r"""[A-Za-z]*('''|\"\"\"|'|")""")
# Python 3.12 cuts f-strings (3.14 t-strings) into pieces; to a reader they are one string.
_PIECES_START = {getattr(tokenize, name, -1) for name in ("FSTRING_START", "TSTRING_START")} - {-1}
_PIECES_END = {getattr(tokenize, name, -1) for name in ("FSTRING_END", "TSTRING_END")} - {-1}


@dataclass(frozen=True)
class Truth:
    """One value for each character of a text, all of shape ``[characters]``."""

    string: NDArray[np.bool_]
    """A string literal is open."""
    comment: NDArray[np.bool_]
    """Between a comment's ``#`` and the end of its line."""
    keyword: NDArray[np.bool_]
    """Part of one of Python's reserved words."""
    column: NDArray[np.int32]
    """Characters before this one in its line."""
    indentation: NDArray[np.int32]
    """Open indented blocks (``INDENT`` less ``DEDENT``); blank space before a line's first token counts
    to the block above."""
    bracket: NDArray[np.int32]
    """Open ``(``, ``[`` and ``{`` outside strings."""

    def __getitem__(self, name: str) -> NDArray[np.bool_] | NDArray[np.int32]:
        """The property called ``name``, one of ``PROPERTIES``."""
        if name not in PROPERTIES:
            raise KeyError(f"no property {name!r}; there are {', '.join(PROPERTIES)}")
        values: NDArray[np.bool_] | NDArray[np.int32] = getattr(self, name)
        return values


def truth(text: str) -> Truth:
    """Label each character of ``text``.

    Source that breaks off (a string or a bracket still open, as while someone types) is labelled to its
    end; what follows an error that ends the tokenizer keeps the last known depths.
    """
    size = len(text)
    string, comment, reserved = np.zeros(size, bool), np.zeros(size, bool), np.zeros(size, bool)
    blocks, brackets = np.zeros(size + 1, np.int32), np.zeros(size + 1, np.int32)  # changes, summed below
    starts = _line_starts(text)
    pieces: list[int] = []  # where the f-strings that are open began
    for kind, lexeme, begin, end in _tokens(text, starts):
        if kind in _PIECES_START:
            pieces.append(begin)
        elif kind in _PIECES_END and pieces:
            opened = pieces.pop()
            if not pieces:
                _open_string(string, text, opened, end)
        elif pieces:
            continue
        elif kind == tokenize.STRING:
            _open_string(string, text, begin, end)
        elif kind == tokenize.COMMENT:
            comment[begin:end] = True
        elif kind == tokenize.NAME:
            reserved[begin:end] = keyword.iskeyword(lexeme)
        elif kind == tokenize.INDENT:
            blocks[end] += 1
        elif kind == tokenize.DEDENT:
            blocks[begin] -= 1
        elif kind == tokenize.OP and lexeme in ("(", "[", "{"):
            brackets[begin] += 1
        elif kind == tokenize.OP and lexeme in (")", "]", "}"):
            brackets[begin] -= 1
    if pieces:  # an f-string still open where the text ends
        string[pieces[0] :] = True
    return Truth(
        string=string,
        comment=comment,
        keyword=reserved,
        column=_columns(size, starts),
        indentation=np.maximum(np.cumsum(blocks[:size]), 0).astype(np.int32),
        bracket=np.maximum(np.cumsum(brackets[:size]), 0).astype(np.int32),
    )


def _line_starts(text: str) -> list[int]:
    return [0, *(match.end() for match in re.finditer("\n", text))]


def _columns(size: int, starts: list[int]) -> NDArray[np.int32]:
    line = np.zeros(size, np.int64)
    for start in starts[1:]:
        if start < size:
            line[start] = start
    return (np.arange(size) - np.maximum.accumulate(line)).astype(np.int32) if size else line.astype(np.int32)


def _open_string(string: NDArray[np.bool_], text: str, begin: int, end: int) -> None:
    """Mark the literal at ``text[begin:end]``: its prefix and its closing quotes are outside."""
    opening = _OPENING.match(text, begin, end)
    if opening is None:
        return
    quotes = opening.group(1)
    closed = end - opening.end() >= len(quotes) and text.endswith(quotes, opening.end(), end)
    string[opening.start(1) : end - len(quotes) if closed else end] = True


def _tokens(text: str, starts: list[int]) -> Iterator[tuple[int, str, int, int]]:
    """Yield ``(kind, lexeme, begin, end)`` as offsets into ``text``, also for source that breaks off."""

    def offset(place: tuple[int, int]) -> int:
        row, column = place
        return min(starts[row - 1] + column, len(text)) if row <= len(starts) else len(text)

    done = 0
    try:
        # newline="\n": only \n ends a line, for Python and for the offsets here
        for token in tokenize.generate_tokens(io.StringIO(text, newline="\n").readline):
            begin, end = offset(token.start), offset(token.end)
            if begin < done or (begin >= len(text) and token.type in (tokenize.DEDENT, tokenize.ENDMARKER)):
                continue  # inside a string that was never closed, or behind the text
            if token.type == tokenize.ERRORTOKEN and token.string in ("'", '"'):  # before Python 3.12
                yield tokenize.STRING, *_unclosed(text, begin)
                done = _unclosed(text, begin)[2]
                continue
            done = end
            yield token.type, token.string, begin, end
    except (tokenize.TokenError, SyntaxError):
        # The text ends inside a string or a bracket, or is no Python. Only an open string matters here: it begins
        # where the tokens end.
        rest = _OPENING.search(text, done)
        if rest is not None and not text[done : rest.start()].strip():
            yield tokenize.STRING, *_unclosed(text, rest.start())


def _unclosed(text: str, begin: int) -> tuple[str, int, int]:
    """``(lexeme, begin, end)`` of a string that is opened at ``begin`` and never closed."""
    opening = _OPENING.match(text, begin)
    ends = text.find("\n", begin) if opening is not None and len(opening.group(1)) == 1 else -1
    end = len(text) if ends < 0 else ends
    return text[begin:end], begin, end


class PythonPredicate(Predicate):
    """Characters of a Python source of which a property is true, by `tokenize`. Made by `python_tokens`."""

    def __init__(self, kind: str, least: int | None, name: str | None) -> None:
        if kind not in PROPERTIES:
            raise PredicateError(f"There is no {kind!r} in Python source; there are {', '.join(PROPERTIES)}.")
        self.kind, self.least = kind, 1 if least is None else least
        self.name = name or (kind if kind in BINARY else f"{kind} of {self.least} or more")

    def found(self, example: Example) -> Flags:
        if not isinstance(example.content, str):
            raise PredicateError(f"{self.name} is a property of Python source, and this input is no text.")
        values = truth(example.content)[self.kind]
        marked: Flags = values >= self.least
        return marked


def python_tokens(kind: str, *, least: int | None = None, name: str | None = None) -> PythonPredicate:
    """A property of the characters of Python source, as a concept.

    Parameters
    ----------
    kind
        "string", "comment", "keyword": the character is inside one, as far as has been read. "column", "indentation",
        "bracket": characters before it in its line, indented blocks that are open, brackets that are open.
    least
        Of the last three: how many; one by default.

    Examples
    --------
    >>> comment = python_tokens("comment")
    >>> comment.found(Example("x = 1  # one")).nonzero()[0].tolist()
    [7, 8, 9, 10, 11]
    """
    return PythonPredicate(kind, least, name)
