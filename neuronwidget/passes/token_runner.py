"""Runs windows of tokens through a live model."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import torch
from torch import Tensor

from neuronwidget.corpus import contexts
from neuronwidget.corpus.documents import Window
from neuronwidget.live.structure.sites import Site
from neuronwidget.live.token_model import TokenModel
from neuronwidget.passes.batch import Batch
from neuronwidget.passes.bounds import find_bounds
from neuronwidget.passes.listen import as_batch, listen
from neuronwidget.passes.runner import TOLERANCE, Runner, sample_keys_of
from neuronwidget.passes.sink import Sink, where
from neuronwidget.passes.threads import Threads

MOST, FEWEST, ELSEWHERE = 4096, 512, 16384
"""Tokens that share a pass, at most and at least; and on a graphics card."""
_NUMBERS = 1 << 22  # larger tensors come fresh from the kernel at every operation, page by page: that takes longer
_SAME = 1e-6


class TokenRunner(Runner):
    """Runs windows of tokens, as many of them in one pass as give the same numbers as one by one.

    Windows of one length may share a pass (`together`); so may windows of different lengths (`padded`), filled up at
    the end, which a model that looks back only does not notice. A model may treat long inputs differently, so padding
    is tried again at the lengths that come up.
    """

    live: TokenModel

    def __init__(self, live: TokenModel, sites: Sequence[Site], threads: Threads, tokens: int = 0) -> None:
        self.live, self.sites, self.threads = live, list(sites), threads
        self.tokens = tokens or _tokens(live, self.sites)
        self.bounds = find_bounds(live, sites, lambda: live.call(live.sample_ids(5)))
        counted = all(site.per_token for site in live.sites if site.steps is not None)  # steps, by the input's length
        shares = counted and all(site.axis in (None, 1) for site in sites)
        fills_up = shares and all(site.per_token for site in sites) and live.edit_set.shares_passes
        self.padded = fills_up and self._same([4, 6])
        self.together = self.padded or (shares and self._same([6, 6]))
        #: Between which lengths padding was found to leave the numbers as they are, and where it was not.
        self._padded_between, self._apart = (4, 6), [(0, 0)]
        self.looks_back = self._looks_back()

    def batches(self, windows: Sequence[Window]) -> Iterator[list[Window]]:
        """Windows that run together: alike in what is skipped, and in length unless they can be padded."""
        order = sorted(windows, key=lambda w: (-len(w.ids), w.skip, w.ordinal))
        batch: list[Window] = []
        for window in order:
            fits = (
                self.together
                and batch
                and window.skip == batch[0].skip
                and (len(batch) + 1) * len(batch[0].ids) <= self.tokens
                and len(window.ids) * 2 >= len(batch[0].ids)
                and self._fills_up(len(batch[0].ids), len(window.ids))
            )
            if batch and not fits:
                yield batch
                batch = []
            batch.append(window)
        if batch:
            yield batch

    def _fills_up(self, longest: int, length: int) -> bool:
        """Can a window be filled up to the longest one? Where that was not tried yet, it is."""
        if length == longest or not self.padded:
            return length == longest
        if any(low < longest and length < high for low, high in self._apart):
            return False
        low, high = self._padded_between
        if low <= length and longest <= high:
            return True
        tried = (max(1, length // 2), longest)  # also for the shorter ones that are to come
        if not self._same([longest, tried[0]]):
            self._apart.append(tried)
            return False
        touching = tried[0] <= high and low <= longest
        self._padded_between = (min(low, tried[0]), max(high, longest)) if touching else tried
        return True

    def _run_together(self, windows: list[Window], sink: Sink, shared: frozenset[int]) -> None:
        lengths = [len(window.ids) for window in windows]
        ids = torch.full((len(windows), max(lengths)), -1, dtype=torch.long)
        hashes = torch.full_like(ids, contexts.NOTHING)
        for row, row_hashes, window in zip(ids, hashes, windows, strict=True):
            row[: len(window.ids)] = torch.tensor(window.ids)
            row_hashes[: len(window.ids)] = torch.tensor(window.hashes)
        batch = Batch(
            torch.tensor([window.ordinal for window in windows], dtype=torch.int32),
            torch.tensor([window.document for window in windows], dtype=torch.int32),
            lengths,
            windows[0].skip,
            contexts.context_hashes(hashes, contexts.tokens_behind(self.looks_back)),
            sample_keys_of(windows),
            shared,
        )
        of_whole = batch.of_whole_inputs(contexts.window_hashes(hashes))

        def take(site: Site, tensor: Tensor) -> None:
            rows = where(sink, as_batch(site, tensor, len(windows), max(lengths)))
            sink.add(site, rows, batch if site.per_token else of_whole, self.threads)

        listen(self.live, torch.where(ids < 0, ids[:, :1], ids).to(self.live.device), self.sites, take)

    def _same(self, lengths: list[int]) -> bool:
        """Do windows of these lengths give the same numbers together as one by one?"""
        sample = self.live.sample_ids(sum(lengths))
        parts = [sample[sum(lengths[:i]) :][:n] for i, n in enumerate(lengths)]
        ids = torch.tensor([part + [part[0]] * (max(lengths) - len(part)) for part in parts])
        try:
            together, alone = self._listen(ids), [self._listen(torch.tensor([part])) for part in parts]
            for site in self.sites:
                for row, part in zip(together[site], alone, strict=True):
                    one = part[site][0]
                    scale = one.abs().max().clamp_min(1e-30)
                    if not bool((row[: len(one)] - one).abs().max() <= TOLERANCE * scale):
                        return False
        except Exception:
            return False
        return True

    def _looks_back(self) -> bool:
        """Are the first tokens' rows the same, whatever follows?"""
        begin, others = self.live.sample_ids(6), self.live.sample_ids(18)
        ends = others[6:12], [next((i for i in others if i != one), one) for one in others[6:12]]
        both = torch.tensor([begin + end for end in ends])
        token_sites = [site for site in self.sites if site.per_token]
        try:
            passes = [self._listen(ids) for ids in ([both] if self.together else both.split(1))]
        except Exception:
            return False
        rows = [torch.cat([of_pass[site] for of_pass in passes]) for site in token_sites]
        return all(
            bool((first[: len(begin)] - second[: len(begin)]).abs().max() <= _SAME * first.abs().max())
            for first, second in rows
        )

    def sample(self) -> dict[Site, Tensor]:
        """What the sites do on a short input: [1, positions, units] each."""
        return self._listen(torch.tensor([self.live.sample_ids(6)]))

    def _listen(self, ids: Tensor) -> dict[Site, Tensor]:
        values: dict[Site, Tensor] = {}

        def take(site: Site, tensor: Tensor) -> None:
            values[site] = as_batch(site, tensor, len(ids), ids.shape[1]).float().cpu().clone()

        listen(self.live, ids.to(self.live.device), self.sites, take)
        return values


def _tokens(live: TokenModel, sites: Sequence[Site]) -> int:
    """How many share a pass: a power of two that follows from the widest site that a pass comes by.

    A pass ends at the last of `sites`: how wide the output is behind it, all words of a language, makes no difference.
    """
    if live.device.type != "cpu":
        return ELSEWHERE
    every = list(live.sites)
    last = max((every.index(site) for site in sites if site in every), default=len(every) - 1)
    widest = max((site.width for site in every[: last + 1]), default=1)
    return max(FEWEST, min(MOST, 1 << (_NUMBERS // widest).bit_length() - 1))
