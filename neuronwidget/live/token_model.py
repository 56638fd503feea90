"""The live model for texts: it reads token numbers, and may run on from a cache."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import torch
from torch import Tensor, nn

from neuronwidget.live.adapters.adaptation import Adaptation
from neuronwidget.live.capture import capture, of_tokens, rows
from neuronwidget.live.edits.edit import BaseEdit
from neuronwidget.live.edits.prefix import Prefix
from neuronwidget.live.errors import AttachError, BusyError
from neuronwidget.live.generate.generate import OnToken, generate
from neuronwidget.live.generate.generation import Generation
from neuronwidget.live.inputs.tensors import InputError
from neuronwidget.live.inputs.text import TextInputs, as_ids
from neuronwidget.live.model import LiveModel
from neuronwidget.live.prediction import Guess, prediction_kind, prediction_token
from neuronwidget.live.recording import Recording
from neuronwidget.live.replica.devices import home
from neuronwidget.live.replica.replica import WHOLE
from neuronwidget.live.reuse import Causal, Reader, Tried, own_cache
from neuronwidget.live.structure.discover_tokens import LONG, SHORT, discover
from neuronwidget.live.structure.sites import Site, SiteTable
from neuronwidget.live.tensors import describe_output


class TokenModel(LiveModel):
    """A live model whose input is a text. Made by `neuronwidget.attach(module, tokenizer)`.

    Examples
    --------
    >>> module = nn.Sequential(nn.Embedding(128, 16), nn.Linear(16, 32), nn.ReLU())
    >>> inputs = TextInputs(lambda text: [ord(c) % 128 for c in text], lambda ids: "".join(map(chr, ids)))
    >>> TokenModel(module, inputs).record("abc")["dense.0"].shape
    torch.Size([3, 32])
    """

    inputs: TextInputs

    def __init__(
        self, module: nn.Module, inputs: TextInputs, *, adaptation: Adaptation | None = None, **settings: Any
    ) -> None:
        """`settings`: those of `LiveModel`."""
        self._finish = None if adaptation is None else adaptation.finish
        #: Token numbers with which the model ends a text.
        self.ends: frozenset[int] = frozenset() if adaptation is None else adaptation.ends
        super().__init__(module, inputs, adaptation=adaptation, **settings)
        causal = None if adaptation is None else adaptation.causal
        self._cached_pass = Tried((causal or own_cache(module, inputs)) if self._looks_back else None)

    @property
    def tells_each_token(self) -> bool:
        """Has its output a row for each token?"""
        return self._output_axis is not None

    @property
    def looks_back(self) -> bool:
        """Does nothing that follows a token change what the model makes of it?"""
        return self._looks_back

    def call(self, ids: Sequence[int]) -> object:
        """Run the model on token numbers. Call it inside `running`."""
        try:
            return self.run(*self.inputs.arguments(as_ids(ids, self.device)))
        except IndexError as error:
            self._check_numbers(ids, error)
            raise

    def _check_numbers(self, ids: Sequence[int], error: IndexError) -> None:
        """Says so where the model was given token numbers that its embedding has no rows for."""
        rows = next((len(p.weight) for p in self._replica.whole.modules() if isinstance(p, nn.Embedding)), None)
        beyond = [] if rows is None else [number for number in ids if not 0 <= number < rows]
        if beyond:
            raise InputError(
                f"There is a token number {beyond[0]:,}, but the model's embedding has only {rows:,} rows: "
                "encode must give numbers from 0 on that the model knows."
            ) from error

    def sample_ids(self, length: int) -> list[int]:
        """Some token numbers of the wanted length."""
        return self.inputs.sample_ids(length)

    @property
    def causal(self) -> Causal | None:
        """How to run on from a cache; None where there is none or it gives other numbers. Tried when first asked.

        There is none with edits of what is said of the whole input: part of it tells nothing of that.
        """
        return self._cached_pass.on(self.unedited) if all(site.per_token for site in self._edits.sites) else None

    @contextmanager
    def following(self, prefix: Prefix) -> Iterator[None]:
        """For a pass that runs on from a cache: edits see the positions before, too. Call it inside `running`."""
        self._replica.prefix = prefix
        try:
            yield
        finally:
            self._replica.prefix = None

    # ---- looking ---------------------------------------------------------------------------------------

    def _record(self, x: str, sites: list[Site], focus: int | None, overtaken: Callable[[], bool] | None) -> Recording:
        """Of texts, through the window around `focus`."""
        tokens = self.inputs.tokens(x)
        token = len(tokens) - 1 if focus is None else tokens.at(focus) or 0
        start, end = tokens.window(token, self.context)
        values = self.whole_pass(tokens.ids[start:end], sites, overtaken)
        return Recording(self.sites, values, tokens.pieces[start:end], (start, end, len(tokens)))

    def whole_pass(
        self, ids: Sequence[int], sites: Sequence[Site], overtaken: Callable[[], bool] | None = None
    ) -> dict[Site, Tensor]:
        """What `sites` did on these tokens, all of them run: float32 [positions, units] each."""
        if not ids:
            return {site: torch.empty(0 if site.per_token else 1, site.width) for site in sites}
        with self.running(sites) as parts:
            tensors, _ = capture(
                parts,
                lambda: self.call(ids),
                sites,
                overtaken=overtaken,
                checkpoints=self.sites.defaults,
            )
            return {site: of_tokens(site, rows(site, tensor), len(ids)) for site, tensor in tensors.items()}

    def given(self, x: str) -> list[int]:
        """The numbers of the tokens in the window at the end of a text."""
        tokens = self.inputs.tokens(x)
        start, end = tokens.window(len(tokens) - 1, self.context)
        if start == end:
            raise InputError("An empty text has no tokens to run the model on.")
        return tokens.ids[start:end]

    def sample_given(self) -> list[int]:
        return self.sample_ids(12)

    def run_given(self, given: list[int]) -> object:
        return self.call(given)

    def rows_of(self, site: Site, tensor: Tensor, given: list[int]) -> Tensor:
        return of_tokens(site, rows(site, tensor), len(given))

    def said(self, output: object) -> Tensor:
        """Logits [positions, vocabulary]; [steps, vocabulary] where they are of the whole input."""
        logits = describe_output(output)
        if logits is None:
            raise AttachError("The model returned no tensor of numbers that could be read as logits.")
        if self._output_axis is not None:
            return logits.movedim(self._output_axis, 0).flatten(1)
        return logits.reshape(-1, logits.shape[-1]) if logits.ndim else logits.reshape(1, 1)

    def reader(self) -> Reader:
        """Something that records one input after another and runs only what changed."""
        return Reader(self)

    def _predicted(self, x: str, k: int) -> tuple[str, list[list[tuple[str, float]]]]:
        if not self.predicts:
            raise AttachError(f"{self.name} has no head: it gives a stream of numbers and no prediction to show.")
        tokens = self.inputs.tokens(x)
        at = prediction_token(tokens, self.predicts)
        start, end = tokens.window(at, self.context)
        column = "token" if self.inputs.classes is None and self.predicts != "whole" else "class"
        if start == end:
            return column, []
        with self.running(whole=True):
            logits = self.logits(tokens.ids[start:end], at - start)
        nameless = (column == "class" or self.output != "") and not self.inputs.classes
        label = str if nameless else self.inputs.label
        guesses = [Guess.of(row, k) for row in logits.reshape(-1, logits.shape[-1])]
        return column, [[(label(i), p) for i, p in zip(g.ids, g.probabilities, strict=True)] for g in guesses]

    def generate(
        self,
        x: str,
        tokens: int = 40,
        seed: int = 0,
        temperature: float = 0.0,
        *,
        edits: Sequence[BaseEdit] = (),
        on_token: OnToken | None = None,
        overtaken: Callable[[], bool] | None = None,
    ) -> Generation:
        r"""Continue a text, token by token.

        Only the token that is new runs at each step, where the model has a cache. A text that grows beyond the context
        is read through a window that moves along.

        Parameters
        ----------
        tokens
            How many are added, unless the model ends the text before.
        temperature
            0: the most probable token each time. Above 0 tokens are drawn; the same `seed` draws the same.
        edits
            Act in every step, as in `live.edited(*edits)`.
        on_token
            Called with each token when it is there.
        overtaken
            Asked at each site of the model; True ends the text where it is, and `ended` says "stopped".

        Examples
        --------
        >>> import neuronwidget as nw
        >>> nw.demo("code").generate("import o", tokens=3).continuation
        's\ni'
        """
        live = self.edited(*edits) if edits else self
        return generate(live, x, tokens, seed=seed, temperature=temperature, on_token=on_token, overtaken=overtaken)

    def logits(self, ids: Sequence[int], at: int = -1) -> Tensor:
        """What the model returns for one token (or the whole input): [vocabulary]. Runs the whole model.

        [steps, vocabulary] where it speaks of the whole input in several steps.
        """
        with self.running(whole=True):
            rows = self.said(self.call(ids))
        if self._output_axis is None:
            return rows if len(rows) > 1 and self.predicts == "whole" else rows[0]
        if not -len(rows) <= at < len(rows):
            raise InputError(f"The model's output ends after {len(rows)} positions: it says nothing of token {at}.")
        return rows[at]

    def read_logits(
        self, reader: Reader, ids: Sequence[int], at: int = -1, overtaken: Callable[[], bool] | None = None
    ) -> Tensor:
        """Logits, as `logits`; where the head can run alone, no more of the model runs than the reader has to."""
        head = self.head_site
        if head is None:
            return self.logits(ids, at)
        return self.head_logits(reader.read(ids, [head], overtaken)[head][at])

    @property
    def head_site(self) -> Site | None:
        """The stream that goes into the output head: with it, logits for one token cost one row and not a pass."""
        if self._head is None or self.predicts not in ("next", "here") or self._edits_the_head(self._head):
            return None
        return next((s for s in self.sites if s.module == self._head and s.side == "in" and not s.call), None)

    def _edits_the_head(self, head: str) -> bool:
        """Does an edit act in the head or behind it, so that no row of what goes into it tells what comes out?"""
        depth = self._depths.get((head, "in", 0), WHOLE)
        return any(site.module.startswith(head + ".") or self._depth_of(site) > depth for site in self._edits.sites)

    def head_logits(self, rows: Tensor) -> Tensor:
        """Logits [vocabulary] from one row [width] of `head_site`, on which edits have acted; of several, as many."""
        assert self._head is not None
        with self.unedited.running() as parts:
            head = parts[self._head]
            weight = next(head.parameters())
            several = rows.to(home(head), weight.dtype).reshape(1, -1, rows.shape[-1])
            logits: Tensor = head(several)[0].reshape(*rows.shape[:-1], -1)
            return logits if self._finish is None else self._finish(logits)

    # ---- attaching -------------------------------------------------------------------------------------

    def _discover(self) -> SiteTable:
        try:
            for length in (SHORT, LONG):
                self.sample_ids(length)
        except InputError as error:
            raise AttachError(str(error)) from error
        except Exception as error:
            raise AttachError(
                f"encode raised {type(error).__name__} ({error}) on the sample text {self.inputs.sample[:24]!r}…. "
                "Give a text that it can read: sample=."
            ) from error

        def run(length: int) -> Any:
            return self.call(self.sample_ids(length))

        try:
            with self._replica.running(WHOLE) as parts:
                structure = discover(parts, run, self._finish)
        except (AttachError, BusyError):
            raise
        except InputError as error:
            raise AttachError(str(error)) from error
        except Exception as error:
            raise AttachError(
                f"The model raised {type(error).__name__} on a sample input ({error}). "
                "If it takes other arguments than token numbers [1, tokens], say how to call it with feed=."
            ) from error
        if not len(structure.sites):
            raise AttachError("No part of the model gave a tensor of positions × units.")
        self._head, self._output_axis, self._looks_back = structure.head, structure.output_axis, structure.causal
        self.classes, self.predicts = structure.classes, prediction_kind(structure)
        return structure.sites
