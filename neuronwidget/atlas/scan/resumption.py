"""Finds where a scan goes on: what its folder holds of it already, and which chunks of the documents are left."""

from __future__ import annotations

import itertools
import os
from collections.abc import Iterator
from typing import Any

from neuronwidget.atlas.files.folder import AtlasError, Folder
from neuronwidget.atlas.scan.checkpoint import KEEPING, fresh
from neuronwidget.atlas.scan.identity import refuse_other
from neuronwidget.corpus.documents import Chunk, OtherDocumentsError
from neuronwidget.corpus.sources import DocumentError


def manifest_of(folder: Folder, wanted: dict[str, Any]) -> dict[str, Any]:
    """The manifest to go on from: the folder's own if it is of the same scan, else a fresh one for an empty folder."""
    folder.refuse_others()
    if not folder.has_manifest():
        return fresh(wanted)
    manifest = folder.manifest()
    refuse_other(folder, manifest, wanted)
    if not manifest["finished"] and manifest.get("keeping") != KEEPING:
        raise AtlasError(
            f"{folder.path} holds an unfinished scan of another version of neuronwidget, which cannot go on. "
            "Give another out=, or remove it."
        )
    return manifest


def is_finished(folder: Folder, wanted: dict[str, Any]) -> bool:
    """Does it hold this scan, finished, with nothing left to remove, or where nothing can be removed?"""
    if not folder.has_manifest():
        return False
    manifest = folder.manifest()
    refuse_other(folder, manifest, wanted)
    return manifest["finished"] and (folder.is_tidy(manifest["files"]) or not os.access(folder.path, os.W_OK))


def chunks_left(folder: Folder, todo: Iterator[Chunk], *, taken: int, finished: bool) -> Iterator[Chunk]:
    """The chunks that are left, none where it is finished, once it is known that those before are the same."""
    try:
        first = next(todo, None)
    except OtherDocumentsError as error:
        raise AtlasError(f"{folder.path} holds a scan of other documents: {error} Give another out=.") from error
    if first is None:
        if not taken:
            raise DocumentError(
                "There are no documents to scan: the list is empty, or an iterator that was walked through before."
            )
        return iter(())
    if finished:
        raise AtlasError(f"{folder.path} holds a finished scan of fewer documents. Give another out=.")
    return itertools.chain([first], todo)
