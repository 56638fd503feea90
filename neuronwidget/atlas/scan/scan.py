"""Runs a data set through a live model once and keeps what every unit did."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import torch

from neuronwidget.atlas.count.by_numba.ready import loading
from neuronwidget.atlas.count.summary import KEEPS
from neuronwidget.atlas.files.folder import Folder
from neuronwidget.atlas.files.write import finish
from neuronwidget.atlas.maps import MapShape
from neuronwidget.atlas.scan.checkpoint import ScanState
from neuronwidget.atlas.scan.identity import fingerprint
from neuronwidget.atlas.scan.local import run_locally
from neuronwidget.atlas.scan.observer import Plan, ScanObserver, ScanPaused, Stoppable, interrupts, observer
from neuronwidget.atlas.scan.place import counts_like_a_card, named, place_of
from neuronwidget.atlas.scan.preview import Preview
from neuronwidget.atlas.scan.resumption import chunks_left, is_finished, manifest_of
from neuronwidget.atlas.scan.weights import Weights
from neuronwidget.corpus.contexts import AFTER, BEFORE
from neuronwidget.corpus.documents import Chunk, chunks, read_documents
from neuronwidget.corpus.kinds.registry import kind_of
from neuronwidget.live.structure.sites import Site
from neuronwidget.passes.runner import Runner
from neuronwidget.passes.runners import runner_of
from neuronwidget.passes.threads import Threads

if TYPE_CHECKING:
    from neuronwidget.atlas.atlas import Atlas
    from neuronwidget.live.edits.edit import BaseEdit
    from neuronwidget.live.model import LiveModel


def scan(
    live: LiveModel,
    documents: Any,
    sites: Sequence[str] | None = None,
    *,
    out: str | Path = "atlas/",
    engine: str = "local",
    workers: int | None = None,
    window: int | None = None,
    overlap: int | None = None,
    column: str | None = None,
    ids: Iterable[Any] | None = None,
    labels: Iterable[Any] | None = None,
    keep: str = "all",
    device: str | torch.device | None = None,
    batch_size: int | str = "auto",
    checkpoint: float = 30.0,
    progress: bool | Callable[[dict[str, Any]], object] | ScanObserver = True,
    stop: Callable[[], bool] | None = None,
    edits: Sequence[BaseEdit] = (),
) -> Atlas:
    """What every unit of the chosen sites does over a data set.

    A scan that was stopped, by whatever means, goes on when the same call is made again, and ends with the same atlas
    to the last bit; it warns where the device, torch's version, the threads of a pass or what counts (numba or torch)
    are not those it began with, on which the last bits depend. A folder that holds a scan of other weights, data or
    settings, or of data prepared in another way, is refused, not overwritten; so is one that holds anything else.
    Nothing is written through a link below it, and nothing removed that this scan did not write. Weights that change
    meanwhile end the scan at its next saving; what was saved before stays.

    Parameters
    ----------
    documents
        What the model takes, one after another. Texts: a folder, a DataFrame, one of its columns, a `datasets.Dataset`,
        or anything that can be walked through and holds texts, (id, text) pairs or mappings with "id" and "label".
        Pictures: an array [n, height, width] or [n, height, width, 3], a folder of files (a folder in it is their
        label), or anything that holds pictures, pairs of one with its label, or mappings. Rows: a DataFrame, an array
        [n, columns], or dicts.
    sites
        Names of sites; None for the default ones. The model runs no deeper than the deepest of them.
    out
        The folder of the atlas: one that is empty or not there yet, or a scan's. It may itself be a link to a folder.
    engine, workers
        "local": in this process. "ray": on a Ray cluster (the one this process is connected to, or that RAY_ADDRESS
        names, or else one that is started on this machine), by so many workers, each with its own copy of the model;
        by default as many as find a place. The atlas is the same, to the last bit.
    column
        Where a frame or data set holds the texts ("text") or pictures ("image").
    ids, labels
        Names and labels of the documents, in their order.
    window, overlap
        Longer documents are cut into windows of so many tokens (default: 256, at most the model's context), of which
        the first `overlap` (default: an eighth) repeat the end of the one before and are not counted twice.
    keep
        "all": about 6.5 kB a unit. "top": the 20 strongest exemplars with their places, counts, moments and histogram,
        less than 1 kB a unit; no other exemplars, no values around them, and nothing to tell similar units by.
    device
        Where values are counted. None: where the model is, on the CPU by compiled loops (numba), on a graphics card by
        torch. Another one: they are brought there first: "cpu" for a model that leaves its card no room, "cuda" for one
        on the CPU. Counts and exemplars are the same.
    batch_size
        Windows, pictures or rows that run together. "auto": windows that make so many tokens that no site gives more
        than 4 million numbers at once (1,024 where the widest has 3,072 units), 512 to 4,096 of them (16,384 on a
        graphics card); pictures and rows up to 16 million numbers. Fewer when memory runs out.
    checkpoint
        Seconds between two savings.
    progress
        True: in a notebook a `ScanProgress`, with buttons and exemplars that fill in; in a terminal a bar. A function
        is called after every chunk with documents, tokens and seconds.
    stop
        Asked before every batch; True saves and raises `ScanPaused`.
    edits
        What is on while the model runs, behind those of `live`. The atlas says so, and a scan without them, or with
        others, is not gone on with.

    Examples
    --------
    >>> import neuronwidget as nw, tempfile
    >>> live = nw.demo("cancer")
    >>> atlas = nw.scan(live, live.inputs.rows, ["dense.0"], out=tempfile.mkdtemp() + "/atlas", progress=False)
    >>> len(atlas.units) == live.sites["dense.0"].width
    True
    """
    from neuronwidget.atlas.atlas import open_atlas

    _check_engine(engine, workers)
    if keep not in KEEPS:
        raise ValueError(f"keep= is one of {', '.join(map(repr, KEEPS))}, not {keep!r}.")
    if edits or live.edits:  # also those that are on for this thread alone: others run the model, too
        live = live.edited(*edits)
    # The workers of a cluster find out for themselves whether they can count there.
    place = place_of(named(device), live.device) if engine == "local" else named(device)
    chosen = live.choose(sites)
    kind = kind_of(live.kind)
    cutter = kind.cutter(live.inputs, window, overlap)
    weights = Weights(live, chosen)
    settings = cutter.settings() if keep == "all" else {**cutter.settings(), "keep": keep}
    wanted = fingerprint(live, chosen, settings)

    def left_of(manifest: dict[str, Any]) -> Iterator[Chunk]:
        source = read_documents(documents, cutter, column, ids, labels)
        done, finished = manifest["done"], manifest["finished"]
        return chunks_left(folder, chunks(source, cutter, done), taken=done["documents"], finished=finished)

    def this_scan() -> dict[str, Any]:
        """With the digests of weights only where there is something to compare them with: they take a while."""
        return {**wanted, **weights.described()} if folder.has_manifest() else wanted

    folder = Folder(out)
    folder.refuse_others()
    if is_finished(folder, this_scan()):  # it may be on a disk that cannot be written to: it needs no lock
        left_of(folder.manifest())
        return open_atlas(folder.path)
    with folder.locked():
        manifest = manifest_of(folder, this_scan())
        left = left_of(manifest)
        if manifest["finished"]:
            folder.tidy(manifest["files"])  # it ended while it was tidying up
        else:
            manner = Manner(engine, workers, place, batch_size, checkpoint, _total(documents))
            _go_on(
                live, chosen, left, weights, folder, manifest, manner, lambda: observer(progress, stop, kind.counted)
            )
    return open_atlas(folder.path)


@dataclass(frozen=True)
class Manner:
    """How a scan is done: that makes no difference for what comes out.

    `place`: where values are counted, None for where the model is; `total`: documents, where that is known.
    """

    engine: str
    workers: int | None
    place: torch.device | None
    batch_size: int | str
    checkpoint: float
    total: int | None


def _check_engine(engine: str, workers: int | None) -> None:
    if engine not in ("local", "ray"):
        raise ValueError(f"There is no engine {engine!r}; there are 'local' and 'ray'.")
    if workers is not None and (engine == "local" or workers < 1):
        raise ValueError(f'workers= is how many there are with engine="ray", at least 1; not {workers}.')


def _go_on(
    live: LiveModel,
    sites: list[Site],
    left: Iterator[Chunk],
    weights: Weights,
    folder: Folder,
    manifest: dict[str, Any],
    manner: Manner,
    watched_by: Callable[[], ScanObserver],
) -> None:
    """Scan what is left, and write the finished atlas."""
    threads = Threads(on_device=counts_like_a_card(manner.place, live.device), place=manner.place)
    if threads.compiled and manner.engine == "local":
        loading()  # while the model is tried out
    try:
        tokens = _batch_tokens(manner.batch_size, manifest["settings"].get("window"), manifest)
        runner = runner_of(live, sites, threads, tokens)
        weights.leave_out_own()
        manifest["bounds"] = {site.name: bound for site, bound in runner.bounds.items()}
        runner.looks_back = manifest.setdefault("looks_back", runner.looks_back)
        keep = manifest["settings"].get("keep", "all")

        def unchanged() -> None:
            weights.check()
            manifest.update(weights.described())

        work = ScanState(folder, sites, {site: values_kept(site, keep) for site in sites}, manifest, unchanged)
        try:
            _watched(work, runner, left, manner, watched_by())
            files = _finished(work, threads)
        finally:
            work.close()
        folder.tidy(files)
    finally:
        threads.close()


def _finished(work: ScanState, threads: Threads) -> dict[str, Any]:
    """Write the finished atlas. Where that fails, what came since the last saving is saved."""
    try:
        work.unchanged()
        work.check()
        return finish(work.folder, work.manifest, work.summaries, threads)
    except BaseException:
        work.save()
        raise


def _watched(work: ScanState, runner: Runner, todo: Iterable[Chunk], manner: Manner, watcher: ScanObserver) -> None:
    """All chunks that are left. An interrupt, too, ends it between two of them."""
    error: BaseException | None = None
    with interrupts() as interrupted:
        stoppable = Stoppable(watcher, interrupted)
        try:
            sites = [site.name for site in work.sites]
            watcher.begin(Plan(sites, manner.total, Preview(work, runner.live.sites)))
            if manner.engine == "ray":
                from neuronwidget.atlas.scan.cluster import run_on_cluster

                run_on_cluster(work, runner, todo, manner.checkpoint, stoppable, manner.workers, manner.place)
            else:
                run_locally(work, runner, todo, manner.checkpoint, stoppable)
        except KeyboardInterrupt as interrupt:
            error = interrupt
            if watcher.stops() or (interrupted() and watcher.takes_interrupts):
                documents = work.manifest["done"]["documents"]
                error = ScanPaused(f"Stopped after {documents:,} documents; the same call goes on from there.")
            raise error from None
        except BaseException as other:
            error = other
            raise
        finally:
            watcher.end(error)


def values_kept(site: Site, keep: str = "all") -> int:
    """How many values are kept with an exemplar: the tokens around, a map, or the value alone."""
    if keep == "top":
        return 1
    if site.layout is not None:
        return MapShape.of(site).cells
    return BEFORE + 1 + AFTER if site.per_token else 1


def _batch_tokens(batch_size: int | str, window: int | None, manifest: dict[str, Any]) -> int:
    """Tokens that run together, or inputs where there is no `window`; 0 leaves that to the runner."""
    if batch_size == "auto":
        return int(manifest.get("batch_tokens", 0))
    if not isinstance(batch_size, int) or batch_size < 1:
        raise ValueError(f'batch_size is a number of windows or "auto", not {batch_size!r}.')
    return batch_size * (window or 1)


def _total(documents: Any) -> int | None:
    """How many documents there are, where that can be told without walking through them."""
    if isinstance(documents, (str, Path)):
        return None
    try:
        return len(documents)
    except TypeError:
        return None
