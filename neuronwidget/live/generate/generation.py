"""Generations: what a model continued a text with, and how probable each token was."""

from __future__ import annotations

from dataclasses import dataclass
from html import escape
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pandas as pd

_ENDINGS = {
    "tokens": "as many tokens as were asked for",
    "end": "the model ended the text",
    "stopped": "stopped from outside",
}


@dataclass(frozen=True)
class GeneratedToken:
    """One token that a model added to a text.

    `number` counts from 0; `probability` is the model's own, whatever the temperature, and `rank` its place among all
    tokens there, 1 for the most probable. `ends`: the model says with it that the text is over.
    """

    number: int
    id: int
    text: str
    probability: float
    rank: int
    ends: bool = False


@dataclass(frozen=True, repr=False)
class Generation:
    r"""What a model continued a text with. Made by `live.generate`.

    Attributes
    ----------
    prompt, continuation
        What was given, and what the model added; a mark that only ends the text is in `tokens` and not in here.
    tokens
        What was added, token by token; `table()` has them as rows.
    ended
        Why there is no more: "tokens" (as many as were asked for), "end" (the model ended the text), "stopped".
    edits
        What was changed in the model meanwhile, in words.

    Examples
    --------
    >>> import neuronwidget as nw
    >>> generation = nw.demo("code").generate("import o", tokens=3)
    >>> generation.text, len(generation.table())
    ('import os\ni', 3)
    """

    model: str
    prompt: str
    continuation: str
    tokens: tuple[GeneratedToken, ...]
    ended: str
    seed: int
    temperature: float
    edits: tuple[str, ...] = ()

    @property
    def text(self) -> str:
        """The prompt and what follows it."""
        return self.prompt + self.continuation

    def table(self) -> pd.DataFrame:
        """One row a token: token, id, probability, rank."""
        import pandas as pd

        rows = [(token.text, token.id, token.probability, token.rank) for token in self.tokens]
        return pd.DataFrame(rows, columns=["token", "id", "probability", "rank"])

    def __str__(self) -> str:
        return self.text

    def __repr__(self) -> str:
        return f"{self.text}\n({self._rests_on})"

    def _repr_html_(self) -> str:
        """The continuation is set off from the prompt; each token says its probability when it is pointed at."""
        if "".join(token.text for token in self.tokens if not token.ends) == self.continuation:
            pieces = "".join(
                f'<span title="{token.probability:.3f}">{escape(token.text)}</span>'
                for token in self.tokens
                if not token.ends
            )
        else:  # tokens that hold parts of characters only read together
            pieces = escape(self.continuation)
        return (
            f'<pre style="white-space: pre-wrap">{escape(self.prompt)}<b>{pieces}</b></pre>'
            f"<p><small>{escape(self._rests_on)}</small></p>"
        )

    @property
    def _rests_on(self) -> str:
        how = "the most probable token each time" if self.temperature == 0 else f"temperature {self.temperature:g}"
        parts = [self.model, f"{len(self.tokens)} tokens", how]
        parts += [f"seed {self.seed}"] if self.temperature else []
        parts += [f"with {', '.join(self.edits)}"] if self.edits else []
        return ", ".join([*parts, _ENDINGS[self.ended]])
