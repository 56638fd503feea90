"""Runs windows through a live model and hands what the sites do to tallies, site by site, while the model runs."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import Any

import torch
from torch import Tensor, nn

from neuronwidget.atlas.count.chunk import ChunkSummary
from neuronwidget.corpus import readings
from neuronwidget.corpus.documents import Chunk, Window
from neuronwidget.live.capture import CaptureError, Reached, Watch
from neuronwidget.live.hooks import Hooks
from neuronwidget.live.model import LiveModel
from neuronwidget.live.structure.sites import Site
from neuronwidget.live.tensors import copied, first_tensor, same_bits, strongest_step
from neuronwidget.passes.batch import Batch
from neuronwidget.passes.threads import Threads

TOLERANCE = 1e-4
SAME = 1e-6


def listen(live: LiveModel, ids: Tensor, sites: Sequence[Site], take: Callable[[Site, Tensor], None]) -> None:
    """One pass over token numbers [windows, tokens], no deeper than the deepest of `sites`."""

    def run() -> None:
        args, kwargs = live.inputs.arguments(ids)
        live.run(args, kwargs)

    listen_to(live, run, sites, take)


def listen_to(
    live: LiveModel, run: Callable[[], object], sites: Sequence[Site], take: Callable[[Site, Tensor], None]
) -> None:
    """One pass, made by `run`, no deeper than the deepest of `sites`. `take` gets each tensor when it is seen."""
    with live.running(sites) as parts:
        watch = Watch(parts, sites, take=take)
        try:
            run()
            watch.finish()
        except Reached:
            pass
        finally:
            watch.remove()
    watch.check()


def as_batch(site: Site, tensor: Tensor, windows: int, tokens: int) -> Tensor:
    """A site's tensor as [windows, tokens, units]; one row a window where the site speaks of the whole input."""
    if site.axis is None:
        if site.steps is not None:  # of an input's steps the strongest
            tensor = strongest_step(tensor.movedim(site.steps, 0))
        rows = tensor.reshape(windows, 1, -1)
    elif windows == 1:
        rows = (
            tensor.movedim(site.axis, 0).flatten(1)[None] if site.read is None else tensor.movedim(site.axis, 0)[None]
        )
    else:
        rows = tensor.flatten(2) if site.read is None else tensor
    if site.read is not None:
        rows = site.read(rows.flatten(0, 1)).view(windows, rows.shape[1], -1)
    if rows.shape[2] != site.width:
        raise CaptureError(f"{site.name} gave {rows.shape[2]} units where it gave {site.width} before.")
    if site.per_token and rows.shape[1] < tokens:
        raise CaptureError(f"{site.name} gave {rows.shape[1]} positions for {tokens} tokens.")
    return rows[:, :tokens] if site.per_token else rows


class Runner:
    """How windows of this model can share a pass.

    `together`: several windows of one length at once; `padded`: also of different lengths, filled up at the end, which
    a model that looks back only does not notice. Both are tried out on short inputs and only used if they give the
    same numbers. A model may treat long inputs differently, so padding is tried again at the lengths that come up.
    `looks_back`: nothing that follows a token changes what the sites say of it; that is tried out, too.
    """

    live: Any

    def __init__(self, live: Any, sites: Sequence[Site], threads: Threads, tokens: int = 4096) -> None:
        self.live, self.sites, self.threads = live, list(sites), threads
        self.tokens = tokens
        self.bounds = find_bounds(live, sites, lambda: live.call(live.sample_ids(5)))
        counted = all(site.per_token for site in live.sites if site.steps is not None)  # steps, by the input's length
        self.together = counted and all(site.axis in (None, 1) for site in sites) and self._same([6, 6])
        self.padded = self.together and all(site.per_token for site in sites) and self._same([4, 6])
        #: Between which lengths padding was found to leave the numbers as they are, and where it was not.
        self._padded_between, self._apart = (4, 6), [(0, 0)]
        self.looks_back = self._looks_back()

    def tallies(
        self, chunk: Chunk, start: Callable[[Site], ChunkSummary], stop: Callable[[], bool] | None = None
    ) -> dict[Site, ChunkSummary]:
        """Add up a chunk. On lack of memory it starts anew with half as many tokens at once."""
        windows_of = Counter(window.document for window in chunk.windows)
        shared = frozenset(document for document, n in windows_of.items() if n > 1)
        while True:
            found = {site: start(site) for site in self.sites}
            try:
                for windows in self.batches(chunk.windows):
                    if stop is not None and stop():
                        raise KeyboardInterrupt
                    self._run(windows, found, shared)
                return found
            except (RuntimeError, MemoryError) as error:
                smallest = max((max(1, len(window.ids)) for window in chunk.windows), default=1)
                if not out_of_memory(error) or self.tokens <= smallest:
                    raise
            self.tokens = max(smallest, self.tokens // 2)
            if torch.cuda.is_available():
                torch.cuda.empty_cache()

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

    def _run(self, windows: list[Window], tallies: dict[Site, ChunkSummary], shared: frozenset[int]) -> None:
        lengths = [len(window.ids) for window in windows]
        ids = torch.full((len(windows), max(lengths)), -1, dtype=torch.long)
        marks = torch.full_like(ids, readings.NOTHING)
        for row, read, window in zip(ids, marks, windows, strict=True):
            row[: len(window.ids)] = torch.tensor(window.ids)
            read[: len(window.ids)] = torch.tensor(window.marks)
        batch = Batch(
            torch.tensor([window.ordinal for window in windows], dtype=torch.int32),
            torch.tensor([window.document for window in windows], dtype=torch.int32),
            lengths,
            windows[0].skip,
            readings.around(marks, readings.behind(self.looks_back)),
            {i: window.lot for i, window in enumerate(windows) if window.lot is not None},
            shared,
        )
        of_whole = batch.of_whole_inputs(readings.whole(marks))

        def take(site: Site, tensor: Tensor) -> None:
            rows = as_batch(site, tensor, len(windows), max(lengths)).to("cpu")
            tallies[site].add(rows, batch if site.per_token else of_whole, self.threads, self.bounds.get(site))

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
        try:
            first, second = (self._listen(torch.tensor([begin + end])) for end in ends)
        except Exception:
            return False
        token_sites = [site for site in self.sites if site.per_token]
        return all(
            bool((first[site] - second[site])[:, : len(begin)].abs().max() <= SAME * first[site].abs().max())
            for site in token_sites
        )

    def sample(self) -> dict[Site, Tensor]:
        """What the sites do on a short input: [1, positions, units] each."""
        return self._listen(torch.tensor([self.live.sample_ids(6)]))

    def _listen(self, ids: Tensor) -> dict[Site, Tensor]:
        found: dict[Site, Tensor] = {}

        def take(site: Site, tensor: Tensor) -> None:
            found[site] = as_batch(site, tensor, len(ids), ids.shape[1]).float().cpu().clone()

        listen(self.live, ids.to(self.live.device), self.sites, take)
        return found


def out_of_memory(error: BaseException) -> bool:
    """Is this what torch (or Python) raises for want of memory?"""
    return isinstance(error, (MemoryError, torch.cuda.OutOfMemoryError)) or "can't allocate memory" in str(error)


def find_bounds(live: LiveModel, sites: Sequence[Site], run: Callable[[], object]) -> dict[Site, str]:
    """Sites whose values come straight from a tanh or sigmoid, or are the state of a recurrent layer. `run`: a pass."""
    squashed: list[tuple[Tensor, Tensor, str]] = []  # what came out, the same as it was then, and its bounds
    bounds: dict[Site, str] = {}

    def note(bound: str, output: object) -> None:
        tensor = first_tensor(output)
        if tensor is not None:
            squashed.append((tensor.detach(), copied(tensor), bound))

    def take(site: Site, tensor: Tensor) -> None:
        for output, then, bound in squashed:
            same = output.data_ptr() == tensor.data_ptr() and output.numel() == tensor.numel()
            if same and same_bits(output, then):
                bounds[site] = bound

    with live.running() as parts, Hooks() as hooks:
        for module in parts.values():
            bound = _bound_of(module)
            if bound is not None:  # before hooks of the model's owner, which may return something else
                hooks.observe(module, "out", partial(note, bound), first=True)
        listen_to(live, run, sites, take)
    return bounds


def _bound_of(module: nn.Module) -> str | None:
    """Between what the values lie that a module gives: those of a tanh or a sigmoid; None where it is not known."""
    if isinstance(module, nn.RNNBase):
        return "tanh" if module.mode != "RNN_RELU" and not module.proj_size else None
    if type(module) in (nn.Tanh, nn.Softsign) or getattr(module, "carries_state", False) is True:
        return "tanh"
    if type(module) is nn.Hardtanh:
        return "tanh" if (module.min_val, module.max_val) == (-1, 1) else None
    return "sigmoid" if type(module) in (nn.Sigmoid, nn.Hardsigmoid) else None
