"""Writes atlases in the formats of other tools: files as SAEDashboard writes them, and as Neuronpedia takes in bulk.

`imported` reads both formats.
"""

from __future__ import annotations

import os
import secrets
import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from neuronwidget.atlas.files.folder import AtlasError
from neuronwidget.export import neuronpedia, saedashboard
from neuronwidget.live.adapters.sae import Features
from neuronwidget.live.replica.fingerprint import weights_digest
from neuronwidget.live.structure.sites import Site

if TYPE_CHECKING:
    from neuronwidget.atlas.atlas import Atlas
    from neuronwidget.live.model import LiveModel

Target = str | os.PathLike[str]
Maker = str | tuple[str, str]
"""Who is named as the maker: a name, or a name and the id of an account."""
FORMATS = ("neuronpedia", "saedashboard")


def export(
    atlas: Atlas,
    out: Target,
    format: str = "neuronpedia",  # noqa: A002 - the word people know
    *,
    sites: Sequence[str] | None = None,
    dataset: str | None = None,
    live: LiveModel | None = None,
    creator: Maker | None = None,
) -> Path:
    """Write an atlas of texts for another tool.

    Parameters
    ----------
    out
        A folder that does not exist yet, or is empty. It appears when everything is written. Lone surrogates, which no
        file of text holds, are written as U+FFFD.
    format
        "neuronpedia": v1/MODEL/SOURCE/ with features, activations and what they belong to, as JSON lines; a site is a
        source. "saedashboard": SITE/batch-N.json.
    sites
        Those to write; all that have a value for each token by default.
    dataset
        What the data are called, where the format has a place for that.
    live
        The model that was scanned. With it the weights are told too: the outputs that a unit raises and lowers by its
        direct path, the histogram of what becomes of all outputs, and the direction that the unit writes.
    creator
        Who is named in Neuronpedia's files: a name, or a name and the id of an account there. Without an id it is the
        account that Neuronpedia itself makes for this.

    What units are called, by the labels of the live model or else of the atlas, becomes an explanation in Neuronpedia's
    files, with how well it was tested in its notes. Of the exemplars, "top" and "intervals" are written: the formats
    have no words for the others.
    """
    if format not in FORMATS:
        raise ValueError(f"There is no format {format!r}; there are {', '.join(FORMATS)}.")
    if atlas.kind.whole:
        raise AtlasError("Both formats are made for texts: an atlas of pictures or rows cannot be written in them.")
    if "values" in atlas.lacks:
        raise AtlasError(f"Both formats hold the values around a peak. {atlas.lacks['values']}")
    chosen = _chosen(atlas, sites)
    if live is not None:
        _refuse_other(atlas, chosen, live)
    target = Path(os.path.realpath(out))  # a link may stand for the folder
    if target.exists() and (not target.is_dir() or any(target.iterdir())):
        raise FileExistsError(f"{target} exists already. Give a new folder.")
    temporary = _new_folder(target)
    try:
        if format == "neuronpedia":
            maker = neuronpedia.Creator.of(creator)
            neuronpedia.write(atlas, chosen, temporary, dataset=dataset, live=live, creator=maker)
        else:
            saedashboard.write(atlas, chosen, temporary, dataset=dataset, live=live)
        if target.exists():
            target.rmdir()
        temporary.replace(target)
    finally:
        shutil.rmtree(temporary, ignore_errors=True)
    return Path(out)


def _new_folder(beside: Path) -> Path:
    """A new empty folder, under a name that nothing has."""
    beside.parent.mkdir(parents=True, exist_ok=True)
    while True:
        folder = beside.with_name(f".{beside.name}.{secrets.token_hex(4)}.tmp")
        try:
            folder.mkdir()
        except FileExistsError:
            continue
        return folder


def _chosen(atlas: Atlas, sites: Sequence[str] | None) -> list[Site]:
    if sites is None:
        chosen = [site for site in atlas.sites if site.per_token]
    else:
        chosen = [atlas.sites.resolve(name) for name in sites]
    whole = [site.name for site in chosen if not site.per_token]
    if whole or not chosen:
        named = ", ".join(whole) or "Each site"
        raise AtlasError(f"{named} has one value for a whole text; both formats hold one for each token.")
    return chosen


def _refuse_other(atlas: Atlas, sites: Sequence[Site], live: LiveModel) -> None:
    """Raises `AtlasError` where the live model is not the one whose units the atlas describes."""
    if weights_digest(live.module) != atlas.manifest["weights"]:
        raise AtlasError("The live model has other weights than the one that was scanned.")
    for site in sites:
        try:
            same = live.sites.resolve(site.name).width == site.width
        except KeyError as error:
            raise AtlasError(f"The live model has no {site.name}: {error.args[0]}") from error
        if not same:
            raise AtlasError(f"{site.name} of the live model has another number of units than the atlas.")
        read, digest = live.sites.resolve(site.name).read, atlas.manifest["saes"].get(site.name)
        if digest and isinstance(read, Features) and weights_digest(read.sae) != digest:
            raise AtlasError(f"The autoencoder of {site.name} has other weights than the one that was scanned.")
