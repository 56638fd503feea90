"""Continuations: what a model makes of a text with edits and without, side by side."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from neuronwidget.analysis.result import Provenance, Result
from neuronwidget.analysis.steps import IsOvertaken
from neuronwidget.analysis.theme import altair, themed
from neuronwidget.live.capture import Overtaken
from neuronwidget.live.generate.generate import TokenStream, as_generation
from neuronwidget.live.generate.generation import GeneratedToken, Generation

if TYPE_CHECKING:
    import pandas as pd

    from neuronwidget.live.edits.edit import BaseEdit

#: The token of the model without the edits, and that of the one with them.
Pair = tuple[GeneratedToken, GeneratedToken]
OnPair = Callable[[GeneratedToken, GeneratedToken], object]


@dataclass(frozen=True, eq=False, repr=False)
class Continuations(Result):
    """A text continued with edits and without, token by token, seeded alike. Made by `continuations`.

    `plain` and `edited` have as many tokens: the one that ends its text first goes on until the other has ended, too.
    """

    plain: Generation
    edited: Generation
    provenance: Provenance

    parts = (Generation, GeneratedToken)

    @property
    def differ(self) -> list[int]:
        """The numbers of the tokens that are not the same."""
        pairs = zip(self.plain.tokens, self.edited.tokens, strict=True)
        return [number for number, (one, other) in enumerate(pairs) if one.id != other.id]

    @property
    def verdict(self) -> str:
        """Where the two part, and how many tokens differ."""
        pairs = list(zip(self.plain.tokens, self.edited.tokens, strict=True))
        return parting(pairs, self.edited.edits)

    def table(self) -> pd.DataFrame:
        """One row a token: what stands there without and with the edits, and how probable each was to its model."""
        import pandas as pd

        pairs = zip(self.plain.tokens, self.edited.tokens, strict=True)
        rows = [(a.text, a.probability, b.text, b.probability, a.id != b.id) for a, b in pairs]
        return pd.DataFrame(rows, columns=["plain", "p_plain", "edited", "p_edited", "differs"])

    def chart(self) -> Any:
        """How probable each token was, without and with the edits."""
        import pandas as pd

        alt = altair()
        both = {"plain": self.plain, "edited": self.edited}
        rows = [
            (number + 1, name, token.text, token.probability)
            for name, generation in both.items()
            for number, token in enumerate(generation.tokens)
        ]
        points = pd.DataFrame(rows, columns=["token", "model", "text", "probability"])
        chart = (
            alt.Chart(points, title=alt.Title("Probability of each token", subtitle=self.verdict))
            .mark_line(point=True)
            .encode(
                x=alt.X("token:Q", axis=alt.Axis(tickMinStep=1)),
                y=alt.Y("probability:Q", scale=alt.Scale(domain=[0, 1])),
                color=alt.Color("model:N", title=None, scale=alt.Scale(range=["#888888", "#d55e00"]), sort=list(both)),
                tooltip=["model:N", "text:N", alt.Tooltip("probability:Q", format=".3f")],
            )
        )
        return themed(chart)

    def _repr_html_(self) -> str:
        texts = f"<p>Without:</p>{self.plain._repr_html_()}<p>With the edits:</p>{self.edited._repr_html_()}"
        return texts + super()._repr_html_()


def parting(pairs: Sequence[Pair], edits: Sequence[str]) -> str:
    """Where a text continued with edits and without parts, and how many tokens differ, in a sentence."""
    differ = [pair for pair in pairs if pair[0].id != pair[1].id]
    words = ", ".join(edits) or "no edit"
    if not differ:
        return f"With {words} the model says the same {len(pairs)} tokens."
    one, other = differ[0]
    return (
        f"With {words} {len(differ)} of {len(pairs)} tokens are others, from token {one.number + 1} on: {other.text!r} "
        f"({other.probability:.2f}) in the place of {one.text!r} ({one.probability:.2f})."
    )


class SideBySide(Iterator[Pair]):
    """A text continued with edits and without, a token of each at a time, seeded alike.

    A step that raises `Overtaken` was broken off: the next one goes on from there. What was made so far is a result at
    any time.
    """

    def __init__(
        self,
        models: tuple[Any, Any],
        x: str,
        *,
        tokens: int,
        seed: int,
        temperature: float,
        overtaken: IsOvertaken | None,
    ) -> None:
        """`models`: without the edits, and with them."""
        self._x, self._tokens, self._seed, self._temperature = x, tokens, seed, float(temperature)
        self._models = models
        self._streams = [
            TokenStream(each, x, tokens, seed=seed, temperature=temperature, overtaken=overtaken)
            for each in self._models
        ]
        self._step: list[GeneratedToken] = []
        self._over = [False, False]
        #: What was made so far.
        self.made: list[Pair] = []

    def __next__(self) -> Pair:
        if all(self._over):
            raise StopIteration
        while len(self._step) < len(self._streams):
            self._step.append(next(self._streams[len(self._step)]))
        plain, edited = self._step
        self._step = []
        self._over = [self._over[0] or plain.ends, self._over[1] or edited.ends]
        self.made.append((plain, edited))
        return plain, edited

    @property
    def verdict(self) -> str:
        """Where the two part in what was made so far."""
        return parting(self.made, list(map(str, self._models[1].edits)))

    def result(self, ended: str = "tokens") -> Continuations:
        """What was made so far; `ended`: why there is no more, where neither model ended its text."""
        ended = "end" if all(self._over) else ended
        seed, temperature = self._seed, self._temperature
        plain, edited = (
            as_generation(each, self._x, [pair[side] for pair in self.made], ended, seed, temperature)
            for side, each in enumerate(self._models)
        )
        settings = {"tokens": self._tokens, "temperature": temperature}
        return Continuations(plain, edited, Provenance.of_live(self._models[1], data=None, seed=seed, **settings))


def continuations(
    live: Any,
    x: str,
    edits: Sequence[BaseEdit],
    *,
    tokens: int = 40,
    seed: int = 0,
    temperature: float = 0.0,
    on_tokens: OnPair | None = None,
    overtaken: IsOvertaken | None = None,
) -> Continuations:
    """Continue a text with edits and without, side by side, at equal length.

    Both draw alike: at each step the same random numbers meet what each of them expects, so that what differs comes
    from the edits. Edits that are on in `live` already act in both.

    Parameters
    ----------
    on_tokens
        Called after each step with the token of the plain model and that of the edited one.
    overtaken
        Asked at each site of the model; True ends both where they are.

    Examples
    --------
    >>> import neuronwidget as nw, torch
    >>> live = nw.demo("code")
    >>> both = nw.continuations(live, "import o", [nw.Edit("mlp.1", torch.zeros_like)], tokens=5)
    >>> len(both.plain.tokens) == len(both.edited.tokens) == 5
    True
    """
    models = live, live.edited(*edits)
    both = SideBySide(models, x, tokens=tokens, seed=seed, temperature=temperature, overtaken=overtaken)
    try:
        for pair in both:
            if on_tokens is not None:
                on_tokens(*pair)
    except Overtaken:
        return both.result("stopped")
    return both.result()
