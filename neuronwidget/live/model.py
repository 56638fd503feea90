"""The live model: a torch module, how to feed it, and where its units are."""

from __future__ import annotations

import copy
import weakref
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor, nn

from neuronwidget.live.capture import capture, describe_output, of_tokens, rows
from neuronwidget.live.devices import home, is_elsewhere
from neuronwidget.live.errors import AttachError as AttachError
from neuronwidget.live.errors import BusyError as BusyError
from neuronwidget.live.errors import ModelGoneError as ModelGoneError
from neuronwidget.live.inputs.text import TextInputs, as_ids
from neuronwidget.live.prediction import Guess, prediction_kind, prediction_token
from neuronwidget.live.recording import Recording
from neuronwidget.live.replica.replica import WHOLE, Replica, replica_of
from neuronwidget.live.reuse import Causal, Reader, Tried, own_cache
from neuronwidget.live.structure.discover_tokens import LONG, SHORT, Structure, discover
from neuronwidget.live.structure.sites import Site, SiteTable

if TYPE_CHECKING:
    import pandas as pd

    from neuronwidget.live.adapters import Adaptation


class LiveModel:
    """A model one can look into while it runs. Made by `neuronwidget.attach` and `neuronwidget.demo`.

    Attributes
    ----------
    sites
        Where units are: `live.sites.table()` lists them, `live.sites["mlp.2"]` takes any name in use.
    lock
        Held during every pass, but for those of a scan; one for each module, however often it is attached. Hold it
        around optimiser steps in another thread, so that weights keep still during a pass. Forward and backward passes
        of the other thread need no lock: passes here run on a replica that shares the parameters and nothing else.

    Examples
    --------
    >>> import neuronwidget as nw
    >>> live = nw.demo("code")                               # doctest: +SKIP
    >>> live.record("x = 1", sites=["mlp.0"])["mlp.0"]       # doctest: +SKIP
    """

    def __init__(
        self,
        module: nn.Module,
        inputs: TextInputs,
        *,
        name: str | None = None,
        keep: bool = True,
        adaptation: Adaptation | None = None,
    ) -> None:
        module = getattr(module, "_orig_mod", module)  # torch.compile's wrapper: the same weights, with hooks that run
        self._module = weakref.ref(module)
        self._kept = module if keep else None
        self.inputs = inputs
        self.name = name or type(module).__name__
        self._replica = replica_of(module)
        self._saes: list[Replica] = []
        self._told: list[weakref.WeakMethod[Callable[[], None]]] = []
        self._finish = None if adaptation is None else adaptation.finish
        self._check_device(module)
        anatomy = self._discover()
        self.sites: SiteTable = anatomy.sites if adaptation is None else adaptation.apply(anatomy.sites)
        #: How deep each place lies: sites are listed in the order in which they are reached.
        self._depths = {(s.module, s.side, s.call): n for n, s in reversed([*enumerate(anatomy.sites)])}
        self._head = anatomy.head
        self._output_axis = anatomy.output_axis
        self.classes = anatomy.classes
        self.context = inputs.context
        #: What the output speaks of: "next" (the token after each), "here" (each token itself), "first" (the first
        #: token of an answer), "whole" (the whole input), "" (it is no opinion).
        self.predicts: str = (
            prediction_kind(anatomy) if adaptation is None or adaptation.predicts is None else adaptation.predicts
        )
        causal = None if adaptation is None else adaptation.causal
        self._causal = Tried((causal or own_cache(module, inputs)) if anatomy.causal else None)
        #: A unit worth looking at first, where somebody knows one.
        self.suggested: str | None = None
        #: Builds the atlas that a bundled model has, or opens it.
        self.own_atlas: Callable[..., Any] | None = None

    # ---- the module ------------------------------------------------------------------------------------

    @property
    def module(self) -> nn.Module:
        """The torch module. Raises `ModelGoneError` when it was attached with `keep=False` and has been freed."""
        module = self._module()
        if module is None:
            raise ModelGoneError("The model is gone: nothing else held it, and it was attached with keep=False.")
        return module

    @property
    def modules(self) -> dict[str, nn.Module]:
        """The parts of the model by path."""
        return dict(self.module.named_modules())

    @property
    def device(self) -> torch.device:
        """Where token numbers must be: with the first parameter."""
        return home(self.module)

    @property
    def predicts_next(self) -> bool:
        """Is its output, at every position, an opinion on the token that follows?"""
        return self.predicts == "next"

    def release(self) -> None:
        """Let go of the module. Widgets that show it say so and keep their last picture."""
        self._kept = None

    @property
    def parts(self) -> dict[str, nn.Module]:
        """The parts of what runs, by path. Use it inside `running`."""
        return self._replica.parts

    @property
    def draws(self) -> bool:
        """Does the model draw random numbers while it is evaluated? Known after a first pass."""
        return self._replica.draws

    @property
    def lock(self) -> Any:
        return self._replica.lock

    @contextmanager
    def running(self, sites: Sequence[Site] = (), *, whole: bool = False) -> Iterator[dict[str, nn.Module]]:
        """For a pass that ends at the deepest of `sites`, or goes through the `whole` model: what runs, by path.

        That is the module's replica, as the module is now. The lock is held inside. Hooks for a pass go on these
        parts; the user's own module is not touched.
        """
        depths = [
            WHOLE if site.steps is not None else self._depths.get((site.module, site.side, site.call), WHOLE)
            for site in sites
        ]
        with self._replica.running(WHOLE if whole else max(depths, default=None)) as parts:
            yield parts

    def signature(self) -> object:
        """Another one as soon as the model changed: recordings of before then no longer count.

        What is noticed, and when, stands in `neuronwidget.live.replica.changes`.
        """
        return (self._replica.signature(), *(sae.signature() for sae in self._saes))

    def changed(self) -> None:
        """Look again: nothing that is kept of inputs or of the model counts any more.

        For changes that cannot be seen from outside, such as `weight.data[0, 0] = 1.0`; they are noticed without it
        only after some time: see `neuronwidget.live.replica.changes`.
        """
        self._replica.changed()
        for sae in self._saes:
            sae.changed()

    def apart(self) -> LiveModel | None:
        """The same for passes in another thread, with a replica and a lock of its own; None where that cannot be.

        It stays as the model is now, but for the parameters, which are shared.
        """
        replica = self._replica.apart()
        if replica is None:
            return None
        other = copy.copy(self)
        other._replica, other._module, other._kept = replica, weakref.ref(replica.whole), replica.whole
        return other

    def add_sae(self, site: str, sae: Any, name: str | None = None) -> Site:
        """Put a sparse autoencoder on a site: its features become the units of a new site, `sae.8`.

        `sae` is anything with `encode`: [positions, width of the site] → [positions, features]. SAELens' objects know
        their hook: `live.add_sae(sae.cfg.metadata.hook_name, sae)`.
        """
        from neuronwidget.live.adapters.sae import features_of

        with self.lock:
            made = features_of(self.sites, self.sites.resolve(site), sae, name)
            self.sites = self.sites.added(made)
            if isinstance(sae, nn.Module):
                self._saes.append(replica_of(sae))
        for reference in self._told:
            if (listener := reference()) is not None:
                listener()
        return made

    def tell_of_sites(self, listener: Callable[[], None]) -> None:
        """Call a method whenever there are more sites to look at, for as long as its object lives."""
        self._told = [reference for reference in self._told if reference() is not None]
        self._told.append(weakref.WeakMethod(listener))

    def call(self, ids: Sequence[int]) -> object:
        """Run the model on token numbers. Call it inside `running`."""
        return self.run(*self.inputs.arguments(as_ids(ids, self.device)))

    def run(self, args: Sequence[Any], kwargs: Mapping[str, Any]) -> object:
        """Run the model on arguments of its own. Call it inside `running`."""
        return self._replica.whole(*args, **kwargs)

    def sample_ids(self, length: int) -> list[int]:
        return self.inputs.sample_ids(length)

    # ---- looking ---------------------------------------------------------------------------------------

    def record(
        self,
        x: str,
        sites: Sequence[str] | None = None,
        *,
        focus: int | None = None,
        overtaken: Callable[[], bool] | None = None,
    ) -> Recording:
        """What chosen sites did on one input.

        Parameters
        ----------
        x
            The text.
        sites
            Names of sites; None for the default ones. The model runs no deeper than the deepest of them.
        focus
            For a text beyond the context: the character that must be inside the window. Default: the last one.

        Returns
        -------
        Recording of float32 tensors [positions, units].
        """
        chosen = self.choose(sites)
        tokens = self.inputs.tokens(x)
        token = len(tokens) - 1 if focus is None else tokens.at(focus) or 0
        start, end = tokens.window(token, self.context)
        values = self.whole_pass(tokens.ids[start:end], chosen, overtaken)
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

    def choose(self, sites: Sequence[str] | None) -> list[Site]:
        """Sites by name, in the order they were asked for; None for the default ones."""
        if isinstance(sites, str):
            sites = [sites]
        return self.sites.defaults if sites is None else list(dict.fromkeys(map(self.sites.resolve, sites)))

    def reader(self) -> Reader:
        """Something that records one input after another and runs only what changed."""
        return Reader(self)

    def predict(self, x: str, k: int = 10) -> pd.DataFrame:
        """The most probable next tokens (or classes), with their probabilities; where the model answers in several
        steps, those of each `step`.

        A model that fills gaps is asked for the first mask in the text, or else for its last token.
        """
        import pandas as pd

        if not self.predicts:
            raise AttachError(f"{self.name} has no head: it gives a stream of numbers and no opinion to show.")
        tokens = self.inputs.tokens(x)
        at = prediction_token(tokens, self.predicts)
        start, end = tokens.window(at, self.context)
        column = "token" if self.inputs.classes is None and self.predicts != "whole" else "class"
        if start == end:
            return pd.DataFrame({column: [], "probability": []})
        with self.running(whole=True):
            logits = self.logits(tokens.ids[start:end], at - start)
        nameless = column == "class" and not self.inputs.classes
        rows = [
            (step, str(i) if nameless else self.inputs.label(i), p)
            for step, guess in enumerate(Guess.of(row, k) for row in logits.reshape(-1, logits.shape[-1]))
            for i, p in zip(guess.ids, guess.probabilities, strict=True)
        ]
        table = pd.DataFrame(rows, columns=["step", column, "probability"])
        return table if logits.ndim > 1 else table.drop(columns="step")

    def logits(self, ids: Sequence[int], at: int = -1) -> Tensor:
        """What the model returns for one token (or the whole input): [vocabulary]. Runs the whole model.

        [steps, vocabulary] where it speaks of the whole input in several steps.
        """
        with self.running(whole=True):
            output = describe_output(self.call(ids))
        if output is None:
            raise AttachError("The model returned no tensor of numbers that could be read as logits.")
        if self._output_axis is not None:
            return output.movedim(self._output_axis, 0)[at].flatten()
        steps = output.reshape(-1, output.shape[-1]) if output.ndim else output.reshape(1, 1)
        return steps if len(steps) > 1 and self.predicts == "whole" else steps[0]

    @property
    def head_site(self) -> Site | None:
        """The stream that goes into the output head: with it, logits for one token cost one row and not a pass."""
        if self._head is None or self.predicts not in ("next", "here"):
            return None
        return next((s for s in self.sites if s.module == self._head and s.side == "in" and not s.call), None)

    def head_logits(self, row: Tensor) -> Tensor:
        """Logits [vocabulary] from one row [width] of `head_site`."""
        assert self._head is not None
        with self.running() as parts:
            head = parts[self._head]
            weight = next(head.parameters())
            made: Tensor = head(row.to(home(head), weight.dtype)[None, None])[0, 0]
            return made if self._finish is None else self._finish(made)

    def atlas(self, **options: Any) -> Any:
        """The atlas of a bundled model: built at first, then kept. `options`: see `neuronwidget.demos.atlases`."""
        if self.own_atlas is None:
            raise AttachError(f'{self.name} has no atlas of its own: nw.scan(live, documents, out="atlas/") makes one.')
        return self.own_atlas(self, **options)

    # ---- attaching -------------------------------------------------------------------------------------

    def _check_device(self, module: nn.Module) -> None:
        if any(parameter.is_meta for parameter in module.parameters()) and not is_elsewhere(module):
            raise AttachError("The model has no weights: it is on the 'meta' device. Load them first.")

    def _discover(self) -> Structure:
        try:
            for length in (SHORT, LONG):
                self.sample_ids(length)
        except Exception as error:
            raise AttachError(
                f"encode raised {type(error).__name__} ({error}) on the sample text {self.inputs.sample[:24]!r}…. "
                "Give a text that it can read: sample=."
            ) from error

        def run(length: int) -> Any:
            return self.call(self.sample_ids(length))

        try:
            with self._replica.running(WHOLE) as parts:
                anatomy = discover(parts, run, self._finish)
        except (AttachError, BusyError):
            raise
        except Exception as error:
            raise AttachError(
                f"The model raised {type(error).__name__} on a sample input ({error}). "
                "If it takes other arguments than token numbers [1, tokens], say how to call it with feed=."
            ) from error
        if not len(anatomy.sites):
            raise AttachError("No part of the model gave a tensor of positions × units.")
        return anatomy

    @property
    def causal(self) -> Causal | None:
        """How to run on from a cache; None where there is none or it gives other numbers. Tried when first asked."""
        return self._causal.on(self)

    def __repr__(self) -> str:
        said = "".join(f"\n{note}" for note in self.sites.notes)
        return f"LiveModel({self.name}, {len(self.sites.defaults)} default sites of {len(self.sites)}){said}"
