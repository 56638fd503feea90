"""Runs a data set through a live model once and keeps what every unit did."""

from __future__ import annotations

import platform
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from neuronwidget.atlas.crew import Crew
from neuronwidget.atlas.documents import Chunk, OtherDocumentsError, chunks, read
from neuronwidget.atlas.finish import finish
from neuronwidget.atlas.passes import Runner
from neuronwidget.atlas.progress import Progress, fresh, weights_digest
from neuronwidget.atlas.store import FORMAT, AtlasError, Folder
from neuronwidget.atlas.tally import AFTER, BEFORE
from neuronwidget.live.inputs.text import TextInputs
from neuronwidget.live.sites import Site

if TYPE_CHECKING:
    from neuronwidget.atlas.atlas import Atlas
    from neuronwidget.live.model import LiveModel

WINDOW, AUTO_TOKENS = 256, 4096
SITE_FIELDS = ("name", "canonical", "kind", "width", "layer", "per_token")


class ScanPaused(RuntimeError):  # noqa: N818 - nothing went wrong
    """The scan was asked to stop. The same call goes on where it stopped."""


def scan(
    live: LiveModel,
    documents: Any,
    sites: Sequence[str] | None = None,
    *,
    out: str | Path = "atlas/",
    engine: str = "local",
    window: int | None = None,
    overlap: int | None = None,
    column: str = "text",
    ids: Iterable[Any] | None = None,
    labels: Iterable[Any] | None = None,
    batch_size: int | str = "auto",
    checkpoint: float = 30.0,
    progress: bool | Callable[[dict[str, Any]], object] = True,
    stop: Callable[[], bool] | None = None,
) -> Atlas:
    """What every unit of the chosen sites does over a data set.

    A scan that was stopped, by whatever means, goes on when the same call is made again, and ends with the same atlas
    to the last bit. A folder that holds a scan of other weights, data or settings is refused, not overwritten.

    Parameters
    ----------
    documents
        A folder of texts, a DataFrame or column, or anything that can be walked through: texts, (id, text) pairs, or
        mappings with `column`, "id", "label".
    sites
        Names of sites; None for the default ones. The model runs no deeper than the deepest of them.
    out
        The folder of the atlas.
    window, overlap
        Longer documents are cut into windows of so many tokens (default: 256, at most the model's context), of which
        the first `overlap` (default: an eighth) repeat the end of the one before and are not counted twice.
    batch_size
        Windows that run together. "auto": as many as make 4,096 tokens, and fewer when memory runs out.
    checkpoint
        Seconds between two savings.
    progress
        True: a bar, if tqdm is installed. A function is called after every chunk with documents, tokens and seconds.
    stop
        Asked before every batch; True saves and raises `ScanPaused`.
    """
    from neuronwidget.atlas.atlas import open_atlas

    if engine != "local":
        raise ValueError(f"There is no engine {engine!r}; there is 'local'.")
    if not isinstance(live.inputs, TextInputs):
        raise AtlasError(f"Only models of text can be scanned so far; {live.name} takes {type(live.inputs).__name__}.")
    chosen = live.choose(sites)
    length = min(window or WINDOW, live.context)
    overlap = length // 8 if overlap is None else overlap
    if not 0 <= overlap < length:
        raise ValueError(f"An overlap of {overlap} does not fit into windows of {length} tokens.")
    folder = Folder(out)
    with folder.locked():
        manifest = _begin(folder, _fingerprint(live, chosen, length, overlap))
        stream = read(documents, column=column, ids=ids, labels=labels)
        todo = chunks(stream, live.inputs, length, overlap, done=manifest["done"])
        try:
            first = next(todo, None)
        except OtherDocumentsError as error:
            raise AtlasError(f"{folder.path} holds a scan of other documents: {error} Give another out=.") from error
        if manifest["finished"]:
            if first is not None:
                raise AtlasError(f"{folder.path} holds a finished scan of fewer documents. Give another out=.")
            folder.keep_only(manifest["files"])  # it may have ended while it was tidying up
            return open_atlas(folder.path)
        crew = Crew()
        try:
            runner = Runner(live, chosen, crew, _batch_tokens(batch_size, length, manifest))
            manifest["bounds"] = {site.name: bound for site, bound in runner.bounds.items()}
            work = Progress(folder, chosen, {s: BEFORE + 1 + AFTER if s.per_token else 1 for s in chosen}, manifest)
            try:
                _work(work, runner, [] if first is None else _chain(first, todo), checkpoint, _reporter(progress), stop)
                finish(folder, work)
            finally:
                work.close()
        finally:
            crew.close()
    return open_atlas(folder.path)


def _work(
    work: Progress,
    runner: Runner,
    todo: Iterable[Chunk],
    checkpoint: float,
    report: Callable[[dict[str, Any]], object],
    stop: Callable[[], bool] | None,
) -> None:
    """All chunks that are left. Whatever ends it, the chunks that were taken in whole are saved."""
    whole, saved = True, time.monotonic()
    began, tokens_before = saved, work.manifest["done"]["tokens"]
    try:
        for chunk in todo:
            tallies = runner.tallies(chunk, lambda site: work.summaries[site].tally(chunk.number), stop)  # noqa: B023
            whole = False
            runner.crew.map(lambda site: work.summaries[site].add(tallies[site]), runner.sites)  # noqa: B023
            work.note(chunk)
            whole = True
            work.manifest["batch_tokens"] = runner.tokens
            done, now = work.manifest["done"], time.monotonic()
            report({**done, "seconds": now - began, "rate": (done["tokens"] - tokens_before) / max(1e-9, now - began)})
            if now - saved > checkpoint:
                work.save()
                saved = time.monotonic()
    except BaseException as error:
        if whole:
            work.save()
        if isinstance(error, KeyboardInterrupt) and stop is not None and stop():
            documents = work.manifest["done"]["documents"]
            raise ScanPaused(f"Stopped after {documents:,} documents; the same call goes on from there.") from None
        raise
    work.save()


def _begin(folder: Folder, fingerprint: dict[str, Any]) -> dict[str, Any]:
    """The manifest to go on from: the folder's own if it is of the same scan, else a fresh one for an empty folder."""
    if not folder.has_manifest():
        strangers = [
            path.name for path in folder.path.iterdir() if not path.name.startswith((".", "journal", "state-"))
        ]
        if strangers:
            raise AtlasError(
                f"{folder.path} holds other files ({', '.join(sorted(strangers)[:3])}). Give another out=."
            )
        return fresh(fingerprint)
    manifest = folder.manifest()
    for key, what in (("weights", "other weights"), ("sites", "other sites"), ("settings", "other settings")):
        if manifest[key] != fingerprint[key]:
            details = f" ({manifest[key]} there, {fingerprint[key]} now)" if key == "settings" else ""
            raise AtlasError(f"{folder.path} holds a scan with {what}{details}. Give another out=, or remove it.")
    return manifest


def _fingerprint(live: LiveModel, sites: Sequence[Site], window: int, overlap: int) -> dict[str, Any]:
    import safetensors
    import torch

    from neuronwidget import __version__

    return {
        "format": FORMAT,
        "model": live.name,
        "weights": weights_digest(live.module),
        "sites": [{key: getattr(site, key) for key in SITE_FIELDS} for site in sites],
        "settings": {"window": window, "overlap": overlap, "before": BEFORE, "after": AFTER},
        "versions": {
            "neuronwidget": __version__,
            "torch": str(torch.__version__),
            "safetensors": safetensors.__version__,
            "python": platform.python_version(),
        },
    }  # fmt: skip


def _batch_tokens(batch_size: int | str, window: int, manifest: dict[str, Any]) -> int:
    if batch_size == "auto":
        return int(manifest.get("batch_tokens", max(AUTO_TOKENS, window)))
    if not isinstance(batch_size, int) or batch_size < 1:
        raise ValueError(f'batch_size is a number of windows or "auto", not {batch_size!r}.')
    return batch_size * window


def _chain(first: Chunk, rest: Iterator[Chunk]) -> Iterator[Chunk]:
    yield first
    yield from rest


def _reporter(progress: bool | Callable[[dict[str, Any]], object]) -> Callable[[dict[str, Any]], object]:
    if callable(progress):
        return progress
    if progress and (sys.stderr.isatty() or "ipykernel" in sys.modules):
        try:
            from tqdm.auto import tqdm
        except ImportError:
            return lambda _: None
        bar = tqdm(unit=" tokens", unit_scale=True)

        def show(done: dict[str, Any]) -> None:
            bar.update(done["tokens"] - bar.n)
            bar.set_postfix(documents=done["documents"])

        return show
    return lambda _: None
