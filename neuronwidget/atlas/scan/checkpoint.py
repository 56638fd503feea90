"""State of a scan, and its copy on the disk from which a killed scan goes on."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import torch

from neuronwidget.atlas.count.summary import KEEPS, Summary
from neuronwidget.atlas.files.folder import AtlasError, Folder
from neuronwidget.atlas.files.journal import Journal, empty
from neuronwidget.atlas.files.manifest import JOURNALS
from neuronwidget.atlas.files.untrusted import understood
from neuronwidget.corpus.documents import Chunk
from neuronwidget.live.inputs.text import without_surrogates
from neuronwidget.live.structure.sites import Site
from neuronwidget.passes.environment import Environment, note

KEEPING = 3
"""How exemplars are kept while a scan runs: one that was begun with another neuronwidget cannot go on."""


class ScanState:
    """A scan's summaries, and the journals of the windows it has seen.

    Journals: `pieces` int32, the tokens of all windows as numbers into `vocabulary` (a JSON string a line); `windows`
    int64 [windows, 5], see `texts.WINDOW_FIELDS`; `documents`, a JSON list [id, label, tokens, text] a line;
    `pictures`, the bytes of small pictures, all of one size. Lone surrogates, which no file of text holds, are written
    as U+FFFD.

    Attributes
    ----------
    unchanged
        Asked before each saving: raises where what was computed since the last one is not to be believed.
    """

    def __init__(
        self,
        folder: Folder,
        sites: list[Site],
        widths: Mapping[Site, int],
        manifest: dict[str, Any],
        unchanged: Callable[[], None],
    ) -> None:
        self.folder, self.sites, self.manifest, self.unchanged = folder, sites, manifest, unchanged
        done = manifest["done"]
        journals = done["journals"]
        if any(isinstance(size, int) for size in journals.values()):
            raise AtlasError(
                f"{folder.path} holds an unfinished scan of an earlier neuronwidget, which kept no checksums. "
                "Finish it with that one, or give another out=."
            )
        # What was left of files that were being written goes first: a state can be as large as all the rest.
        folder.keep_only([*filter(None, [done["state"]]), *(f"journal/{name}" for name in JOURNALS)])
        self._journals = {name: Journal(folder.place(f"journal/{name}"), journals[name]) for name in JOURNALS}
        self._words: dict[str, int] = {}
        if done["state"]:
            self.summaries = self._load(done, widths)
            self._words = _numbered(folder.path / "journal/vocabulary")
        else:
            groups = KEEPS[manifest["settings"].get("keep", "all")]
            self.summaries = {site: Summary(site.width, widths[site], groups) for site in sites}
        self._word_count = len(self._words)
        self._pieces = journals["pieces"]["size"] // 4

    def _load(self, done: dict[str, Any], widths: Mapping[Site, int]) -> dict[Site, Summary]:
        from safetensors.torch import load_file

        path = self.folder.check(done["state"], done["record"], how="all")
        states: dict[int, dict[str, torch.Tensor]] = {}
        with understood(path):
            for name, tensor in load_file(path).items():
                number, _, field = name.partition("|")
                states.setdefault(int(number), {})[field] = tensor
            summaries = {site: Summary.from_state(states.pop(number)) for number, site in enumerate(self.sites)}
            if states or any(s.units != site.width or s.width != widths[site] for site, s in summaries.items()):
                raise AtlasError(f"{path} holds other sites than the manifest says.")
        return summaries

    def note(self, chunk: Chunk) -> None:
        """Write down the documents and windows of a chunk that was taken in."""
        new: list[bytes] = []
        for window in chunk.windows:
            indices = list(map(self._words.get, window.pieces))
            if None in indices:
                indices = [self._number(piece, new) for piece in window.pieces]
            numbers = np.array(indices, dtype="<i4")
            self._journals["pieces"].append(numbers.tobytes())
            content = window.hashes[0] if window.prepared is not None else 0  # of a text the pieces say what is read
            row = np.array([self._pieces, len(numbers), window.document, window.start, content], dtype="<i8")
            self._journals["windows"].append(row.tobytes())
            self._pieces += len(numbers)
        self._journals["vocabulary"].append(b"".join(new))
        for id_, label, tokens, text in chunk.documents:
            line = [without_surrogates(id_), label and without_surrogates(label), tokens, without_surrogates(text)]
            self._journals["documents"].append(json.dumps(line).encode() + b"\n")
        for picture in chunk.pictures:
            self._journals["pictures"].append(picture)
        done = self.manifest["done"]
        done["chunks"] = chunk.number + 1
        done["documents"] = chunk.first_document + len(chunk.documents)
        done["windows"] = chunk.first_window + len(chunk.windows)
        done["tokens"] += sum(document[2] for document in chunk.documents)
        done["digest"] = chunk.digest.hex()

    def _number(self, piece: str, new: list[bytes]) -> int:
        """The number of a token's text in the vocabulary; lines for those that are `new` in it."""
        number = self._words.get(piece)
        if number is None:
            text = without_surrogates(piece)
            number = self._words.get(text)
            if number is None:
                number = self._words[text] = self._word_count
                self._word_count += 1
                new.append(json.dumps(text).encode() + b"\n")
            self._words[piece] = number
        return number

    def computed(self, environment: Environment) -> None:
        """Write down how what comes now is computed; warns where the scan began in another environment."""
        note(self.manifest.setdefault("computed", []), environment, self.folder.path)

    def save(self) -> None:
        """From here on a killed scan goes on after the last chunk that was noted."""
        self.unchanged()
        done = self.manifest["done"]
        name = f"state-{done['chunks']:09d}.safetensors"
        done["journals"] = {name: journal.sync() for name, journal in self._journals.items()}
        state = {
            f"{number}|{field}": tensor
            for number, site in enumerate(self.sites)
            for field, tensor in self.summaries[site].state().items()
        }
        done["record"] = self.folder.write_tensors(name, state)
        done["state"] = name
        self.folder.write_manifest(self.manifest)
        self.folder.keep_only([name, *(f"journal/{journal}" for journal in JOURNALS)])

    def check(self) -> None:
        """Raises `AtlasError` where a journal does not hold what was written to it."""
        for journal in self._journals.values():
            journal.check()

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
    done |= {"digest": "", "state": None, "record": None, "journals": {name: empty() for name in JOURNALS}}
    return {**fingerprint, "finished": False, "keeping": KEEPING, "done": done}


def _numbered(path: Path) -> dict[str, int]:
    """The lines of the vocabulary with their numbers."""
    with open(path, "rb") as lines, understood(path):
        return {json.loads(line): number for number, line in enumerate(lines)}
