"""Responses of several groups as one, with the group of each input as its label."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np

from neuronwidget.analysis.responses.kept import KeptInputs
from neuronwidget.analysis.responses.responses import Responses
from neuronwidget.analysis.responses.store import RowsBuilder


def joined(groups: Mapping[str, Responses]) -> Responses:
    """One after the other; inputs are numbered through."""
    parts = list(groups.values())
    first = parts[0]
    for name, part in groups.items():
        if (part.how, set(part.sites)) != (first.how, set(first.sites)):
            raise ValueError(f"The responses of {name!r} are of other sites or by another how=: collect all alike.")
        if (part.provenance.weights, part.provenance.edits) != (first.provenance.weights, first.provenance.edits):
            raise ValueError(f"The responses of {name!r} are of another model, or of one with other edits.")
    ends = np.cumsum([0, *(len(part) for part in parts)])
    values = {}
    for site in first.values:
        built = RowsBuilder()
        for part in parts:
            for _, rows in part.values[site].blocks():
                built.add(rows)
        values[site] = built.rows(first.values[site].shape[1])
    return replace(
        first,
        values=values,
        documents=np.arange(ends[-1]),
        names=[name for part in parts for name in part.names],
        labels=[name for name, part in groups.items() for _ in range(len(part))],
        predictions=None,
        inputs=_kept(parts),
        lengths={
            site: float(np.average([part.lengths[site] for part in parts], weights=[max(1, len(p)) for p in parts]))
            for site in first.lengths
            if all(site in part.lengths for part in parts)
        },
        read=sum(part.read for part in parts),
        provenance=replace(
            first.provenance,
            data={
                "documents": int(ends[-1]),
                "digest": "".join(str(part.provenance.data.get("digest", "")) for part in parts),
            },
        ),
        source=None,
        original=lambda number: _input(parts, ends.tolist(), number),
    )


def _input(parts: list[Responses], ends: list[int], number: int) -> object:
    place = next(place for place in range(len(parts)) if number < ends[place + 1])
    return parts[place].input(int(parts[place].documents[number - ends[place]]))


def _kept(parts: list[Responses]) -> KeptInputs:
    """What can be shown of all of them, under their new numbers."""
    import pandas as pd

    frames, pictures, start = [], [], 0
    for part in parts:
        frames.append(part.inputs.documents(part.documents.tolist()).assign(document=range(start, start + len(part))))
        if part.inputs.pictures is not None and len(part.inputs.pictures) == len(part.inputs.entries):
            pictures.append(part.inputs.images(part.documents.tolist()))
        start += len(part)
    together = np.concatenate(pictures) if len(pictures) == len(parts) else None
    return KeptInputs(parts[0].inputs.kind, pd.concat(frames, ignore_index=True), together)
