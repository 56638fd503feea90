"""What a scan remembers between two moments at which it may be killed."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import numpy as np
import torch

from neuronwidget.atlas.documents import Chunk
from neuronwidget.atlas.store import AtlasError, Folder, Journal
from neuronwidget.atlas.summary import Summary
from neuronwidget.atlas.ways import Way, note
from neuronwidget.live.sites import Site

JOURNALS = ("pieces", "windows", "documents", "vocabulary", "pictures")
WINDOW_FIELDS = ("offset", "length", "document", "start")


class Progress:
    """A scan's summaries, and the journals of the windows it has seen.

    Journals: `pieces` int32, the tokens of all windows as numbers into `vocabulary` (a JSON string a line); `windows`
    int64 [windows, 4], see `WINDOW_FIELDS`; `documents`, a JSON list [id, label, tokens, text] a line; `pictures`, the
    bytes of small pictures, all of one size.
    """

    def __init__(self, folder: Folder, sites: list[Site], near: Mapping[Site, int], manifest: dict[str, Any]) -> None:
        self.folder, self.sites, self.manifest = folder, sites, manifest
        done = manifest["done"]
        self._words: dict[str, int] = {}
        if done["state"]:
            self.summaries = self._load(done)
            with open(folder.path / "journal/vocabulary", "rb") as file:
                for line in file.read(done["journals"]["vocabulary"]).splitlines():
                    self._words[json.loads(line)] = len(self._words)
        else:
            self.summaries = {site: Summary(site.width, near[site]) for site in sites}
        self._pieces = done["journals"]["pieces"] // 4
        self._journals = {name: Journal(folder.path / "journal" / name, done["journals"][name]) for name in JOURNALS}

    def _load(self, done: dict[str, Any]) -> dict[Site, Summary]:
        from safetensors.torch import load_file

        states: dict[str, dict[str, torch.Tensor]] = {}
        for name, tensor in load_file(self.folder.check(done["state"], done["record"], how="all")).items():
            site, _, field = name.partition("|")
            states.setdefault(site, {})[field] = tensor
        if set(states) != {site.name for site in self.sites}:
            raise AtlasError(f"{self.folder.path} holds other sites than its manifest says.")
        return {site: Summary.from_state(states[site.name]) for site in self.sites}

    def note(self, chunk: Chunk) -> None:
        """Write down the documents and windows of a chunk whose tallies were taken in."""
        words = self._words
        for window in chunk.windows:
            for piece in window.pieces:
                if piece not in words:
                    words[piece] = len(words)
                    self._journals["vocabulary"].append(json.dumps(piece).encode() + b"\n")
            numbers = np.array([words[piece] for piece in window.pieces], dtype="<i4")
            self._journals["pieces"].append(numbers.tobytes())
            row = np.array([self._pieces, len(numbers), window.document, window.start], dtype="<i8")
            self._journals["windows"].append(row.tobytes())
            self._pieces += len(numbers)
        for document in chunk.documents:
            self._journals["documents"].append(json.dumps(document, ensure_ascii=True).encode() + b"\n")
        for picture in chunk.pictures:
            self._journals["pictures"].append(picture)
        done = self.manifest["done"]
        done["chunks"] = chunk.number + 1
        done["documents"] = chunk.first_document + len(chunk.documents)
        done["windows"] = chunk.first_window + len(chunk.windows)
        done["tokens"] += sum(document[2] for document in chunk.documents)
        done["digest"] = chunk.digest.hex()

    def computed(self, way: Way) -> None:
        """Write down how what comes now is computed; warns where the scan began in another way."""
        note(self.manifest.setdefault("computed", []), way, self.folder.path)

    def save(self) -> None:
        """From here on a killed scan goes on after the last chunk that was noted."""
        done = self.manifest["done"]
        name = f"state-{done['chunks']:09d}.safetensors"
        done["journals"] = {name: journal.sync() for name, journal in self._journals.items()}
        state = {
            f"{site.name}|{field}": tensor
            for site, summary in self.summaries.items()
            for field, tensor in summary.state().items()
        }
        done["record"] = self.folder.write_tensors(name, state)
        done["state"] = name
        self.folder.write_manifest(self.manifest)
        self.folder.keep_only([name, *(f"journal/{journal}" for journal in JOURNALS)])

    def flush(self) -> None:
        """Whoever reads the journals now finds in them all that was noted."""
        for journal in self._journals.values():
            journal.flush()

    def close(self) -> None:
        for journal in self._journals.values():
            journal.close()


def fresh(fingerprint: dict[str, Any]) -> dict[str, Any]:
    """The manifest of a scan that has not begun."""
    done: dict[str, Any] = dict.fromkeys(("chunks", "documents", "windows", "tokens"), 0)
    done |= {"digest": "", "state": None, "record": None, "journals": dict.fromkeys(JOURNALS, 0)}
    return {**fingerprint, "finished": False, "done": done}
