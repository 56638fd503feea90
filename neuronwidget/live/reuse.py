"""Prefix reuse: runs a causal model only from the first changed token on.

A `Reader` remembers the last input: its token numbers, the model's own cache of keys and values (or states), and the
rows that were recorded. What lies before the first change is kept, the rest is run and written behind it. It does so
only for models whose cached pass was found to give the numbers of the full pass.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from typing import Any, Protocol

import torch
from torch import Tensor, nn

from neuronwidget.live.capture import CaptureError, capture, rows
from neuronwidget.live.edits.prefix import Prefix, Stale
from neuronwidget.live.inputs.text import TextInputs, as_ids
from neuronwidget.live.replica.trust import HasSignature, Trust
from neuronwidget.live.structure.sites import Site, SiteTable

TOLERANCE = 1e-5
#: Lengths of sliding windows up to which it costs little to try a cache beyond them.
CHEAP = 64
_TRIES = 3


class Cache(Protocol):
    """A model's memory of the tokens before; every layer adds to it as it runs."""

    @property
    def lengths(self) -> Sequence[int]:
        """How many tokens each layer remembers: they differ after a pass that was left early."""
        ...

    def crop(self, length: int, /) -> None:
        """Forget all but the first tokens, in every layer that remembers more."""
        ...


class Causal(Protocol):
    """A way to run a model on from a cache.

    `reach`: texts of more tokens than this are read in full, because beyond it passes are of another kind; None: never.
    `window`: where a sliding window begins to cut, so that a try on fewer tokens says nothing of what lies beyond.
    """

    reach: int | None
    window: int | None

    def new_cache(self, model: Any) -> Cache: ...

    def advance(self, model: Any, ids: Tensor, cache: Cache) -> object:
        """Run a model on token numbers [1, tokens] that follow what the cache remembers."""
        ...


class TokenPasses(HasSignature, Protocol):
    """What is asked of a live model of text here."""

    sites: SiteTable

    @property
    def causal(self) -> Causal | None: ...

    @property
    def device(self) -> torch.device: ...

    def running(self, sites: Sequence[Site] = (), /) -> AbstractContextManager[dict[str, nn.Module]]: ...

    def following(self, prefix: Prefix, /) -> AbstractContextManager[None]: ...

    def call(self, ids: Sequence[int], /) -> object: ...

    def sample_ids(self, length: int, /) -> list[int]: ...

    def whole_pass(
        self, ids: Sequence[int], sites: Sequence[Site], overtaken: Callable[[], bool] | None = None, /
    ) -> dict[Site, Tensor]: ...


class Reader:
    """Records one input after another, keeping what did not change. Not for two threads at once.

    The tensors it returns are views of its own memory: they hold until the next `read`.
    """

    #: Are the tensors that it returns never written to again?
    lasts = False

    def __init__(self, live: TokenPasses) -> None:
        self._live = live
        self._ids: list[int] = []
        self._rows: dict[Site, Tensor] = {}
        self._known: dict[Site, int] = {}
        self._cache: Cache | None = None
        self._prefix = Prefix()
        self._stale = 0  # how often in a row edits changed what lies before
        self._trust = Trust(live)
        #: Tokens taken over from the pass before, in the last `read`.
        self.reused = 0

    def forget(self) -> None:
        """Drop all memory."""
        self._ids, self._rows, self._known, self._cache = [], {}, {}, None
        self._prefix = Prefix()

    def read(
        self, ids: Sequence[int], sites: Sequence[Site], overtaken: Callable[[], bool] | None = None
    ) -> dict[Site, Tensor]:
        """What `sites` did on these tokens: float32 [tokens, units] each."""
        live, ids = self._live, list(ids)
        self.reused = 0
        with live.running(sites) as parts:
            causal = live.causal
            beyond = causal is not None and causal.reach is not None and len(ids) > causal.reach
            if not ids or causal is None or beyond or not all(site.per_token for site in sites):
                return live.whole_pass(ids, sites, overtaken)
            if self._stale >= _TRIES:
                return live.whole_pass(ids, sites, overtaken)
            try:
                return self._read_on(causal, parts, ids, sites, overtaken)
            except Stale:
                self._stale += 1
                self.forget()
                return self._read_on(causal, parts, ids, sites, overtaken)

    def _read_on(
        self,
        causal: Causal,
        parts: Mapping[str, nn.Module],
        ids: list[int],
        sites: Sequence[Site],
        overtaken: Callable[[], bool] | None,
    ) -> dict[Site, Tensor]:
        live = self._live
        if not self._trust.holds():
            self.forget()
        same = next((i for i, (a, b) in enumerate(zip(ids, self._ids, strict=False)) if a != b), None)
        same = min(len(ids), len(self._ids)) if same is None else same
        start = min(same, *(self._known.get(site, 0) for site in sites))
        if start < len(ids):
            cache = self._cache = self._cache or causal.new_cache(parts[""])
            start = min(start, len(ids) - 1, *self._remembered(cache, sites))
            cache.crop(start)
            # Until the pass has ended well, only what lies before the change can be trusted.
            self._ids = ids[:start]
            self._known = {site: min(length, start) for site, length in self._known.items()}
            suffix = as_ids(ids[start:], live.device)
            self._prefix.begin(start)
            with live.following(self._prefix):
                tensors, _ = capture(
                    parts,
                    lambda: causal.advance(parts[""], suffix, cache),
                    sites,
                    overtaken=overtaken,
                    checkpoints=live.sites.defaults,
                )
            for site, tensor in tensors.items():
                self._write(site, start, rows(site, tensor), len(ids))
        else:
            self._known = {site: min(length, same) for site, length in self._known.items()}
        self._ids = ids
        self.reused = start
        self._stale = 0 if start else self._stale
        return {site: self._rows[site][: len(ids)] for site in sites}

    def _remembered(self, cache: Cache, sites: Sequence[Site]) -> list[int]:
        """How far the layers remember that must run for these sites; all of them where that cannot be told."""
        lengths = list(cache.lengths)
        deepest = max((site.layer for site in sites), default=-1)
        return lengths[: deepest + 1] if all(0 <= site.layer < len(lengths) for site in sites) else lengths

    def _write(self, site: Site, start: int, values: Tensor, total: int) -> None:
        if start + len(values) != total:
            raise CaptureError(f"{site.name} gave {len(values)} positions for {total - start} tokens.", [site])
        memory = self._rows.get(site)
        if memory is None or len(memory) < total:
            grown = torch.empty(max(total + 64, 2 * (0 if memory is None else len(memory))), site.width)
            if memory is not None:
                grown[:start] = memory[:start]
            memory = self._rows[site] = grown
        memory[start:total] = values
        self._known[site] = total


class Tried:
    """A way to run on from a cache, tried on the model when it is first asked for; none if it gives other numbers."""

    def __init__(self, causal: Causal | None) -> None:
        self._causal, self._tried = causal, causal is None

    def on(self, live: TokenPasses) -> Causal | None:
        with live.running():
            if self._causal is not None and not self._tried:
                self._tried = True
                self._causal = self._causal if found_good(live, self._causal) else None
            return self._causal


def found_good(live: TokenPasses, causal: Causal) -> bool:
    """Can `causal` be used? Its reach ends where a sliding window begins to cut, unless that could be tried too."""
    if not gives_same_numbers(live, causal):
        return False
    window = causal.window
    if window is not None and (window > CHEAP or not gives_same_numbers(live, causal, window + 6)):
        causal.reach = min(window, causal.reach or window)
    return True


def gives_same_numbers(live: TokenPasses, causal: Causal, tokens: int = 12) -> bool:
    """Does running on from a cache give the numbers of the full pass, at every site? Tried on a short input."""
    ids = live.sample_ids(tokens)
    every = [site for site in live.sites if site.per_token]
    sites = [site for site in every if site.kind != "module"] or every
    try:
        with live.running(sites) as parts:
            model = parts[""]
            full, _ = capture(parts, lambda: live.call(ids), sites)
            cache = causal.new_cache(model)
            capture(parts, lambda: causal.advance(model, as_ids(ids, live.device), cache), sites)
            for start in (tokens // 2 + 1, tokens - 1):
                cache.crop(start)
                suffix = as_ids(ids[start:], live.device)
                part, _ = capture(parts, lambda s=suffix: causal.advance(model, s, cache), sites)  # type: ignore[misc]
                if not all(close(rows(site, full[site])[start:], rows(site, part[site])) for site in sites):
                    return False
    except Exception:
        return False
    return bool(sites)


def close(expected: Tensor, other: Tensor) -> bool:
    """Equal to within `TOLERANCE` of the largest magnitude."""
    if expected.shape != other.shape:
        return False
    scale = expected.abs().max().clamp_min(1e-30)
    return bool(((expected - other).abs().max() / scale) <= TOLERANCE)


def own_cache(module: nn.Module, inputs: TextInputs) -> OwnCache | None:
    """The cached pass that a module brings along, if it does and takes token numbers alone."""
    return OwnCache() if hasattr(module, "new_cache") and inputs.feed is None else None


class OwnCache:
    """The convention of a module with `new_cache()` and `forward(ids, cache=…)`, as the bundled models have it."""

    reach: int | None = None
    window: int | None = None

    def new_cache(self, model: Any) -> Cache:
        cache: Cache = model.new_cache()
        return cache

    def advance(self, model: Any, ids: Tensor, cache: Cache) -> object:
        return model(ids, cache=cache)
