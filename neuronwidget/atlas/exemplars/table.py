"""Table of exemplars as a reader is given them: with names of documents, and the tokens or the map around each."""

from __future__ import annotations

from typing import Any

import numpy as np

from neuronwidget.atlas.count.float16 import wide
from neuronwidget.atlas.exemplars.choose import GROUPS, ExemplarRows
from neuronwidget.atlas.exemplars.texts import Longs, Texts
from neuronwidget.atlas.files.untrusted import AtlasError
from neuronwidget.atlas.maps import MapShape
from neuronwidget.corpus.contexts import AFTER, BEFORE


def exemplar_table(rows: ExemplarRows, texts: Texts, shape: MapShape | None = None, copies: Longs | None = None) -> Any:
    """Exemplars as an arrow table, with names of documents and the tokens around each, or its map of this shape.

    `copies` is 0 where it is not known yet. Where nothing was kept around a peak, its own value stands alone. Raises
    `AtlasError` where an exemplar lies beyond its window, or its map has another shape.
    """
    import pyarrow as pa

    offset, length, document, start = texts.windows_of(rows.ordinal.numpy().astype(np.int64)).T
    position = rows.position.numpy().astype(np.int64)
    _check(position, length, shape, rows.around.shape[1])
    around = position[:, None] + np.arange(-BEFORE, AFTER + 1)
    inside = (around >= 0) & (around < length[:, None])
    edges = np.concatenate([[0], inside.sum(1).cumsum()]).astype(np.int32)
    pieces = pa.ListArray.from_arrays(edges, texts.words_of((offset[:, None] + around)[inside]))
    ids, labels = texts.names_of(document)
    peak = np.minimum(position, BEFORE)
    kept = rows.around.shape[1]
    if shape is not None:
        peak = shape.cells_of(position)
    if shape is not None and kept:
        maps = wide(rows.around, rows.power).numpy()
        if shape.whole:  # the peak itself is exact, what lies around it was float16
            maps[np.flatnonzero(peak >= 0), peak[peak >= 0]] = rows.value.numpy()[peak >= 0]
        values = pa.ListArray.from_arrays(np.arange(len(maps) + 1, dtype=np.int32) * shape.cells, maps.ravel())
    elif kept == inside.shape[1]:
        unit_values = wide(rows.around, rows.power)
        unit_values[:, BEFORE] = rows.value  # the peak itself is exact, what stands around it was float16
        values = pa.ListArray.from_arrays(edges, unit_values.numpy()[inside])
    else:  # a site that speaks of the whole input has one value
        values = pa.ListArray.from_arrays(np.arange(len(inside) + 1, dtype=np.int32), rows.value.numpy())
    group = pa.DictionaryArray.from_arrays(pa.array(rows.group.numpy().astype(np.int8)), pa.array(GROUPS))
    return pa.table(
        {
            "unit": pa.array(rows.unit.numpy().astype(np.int32)),
            "group": group.dictionary_decode(),
            "stratum": pa.array(rows.stratum.numpy().astype(np.int8)),
            "rank": pa.array(rows.rank.numpy().astype(np.int8)),
            "value": pa.array(rows.value.numpy()),
            "copies": pa.array(np.zeros(len(position), np.int32) if copies is None else copies.astype(np.int32)),
            "document": pa.array(document),
            "id": ids,
            "label": labels,
            "position": pa.array(start + position),
            "peak": pa.array(peak.astype(np.int16)),
            "pieces": pieces,
            "values": values,
        }
    )


def _check(position: Longs, length: Longs, shape: MapShape | None, kept: int) -> None:
    ends = length if shape is None else np.full_like(length, shape.lead + shape.grid[0] * shape.grid[1])
    beyond = np.flatnonzero((position < 0) | (position >= np.maximum(ends, 1)))
    if len(beyond):
        place, end = int(position[beyond[0]]), int(ends[beyond[0]])
        raise AtlasError(f"The atlas is damaged: an exemplar lies at place {place:,} of a window of {end:,}.")
    if shape is not None and kept not in (0, shape.cells):
        raise AtlasError(f"The atlas is damaged: its maps have {kept:,} places where {shape.cells:,} are expected.")
