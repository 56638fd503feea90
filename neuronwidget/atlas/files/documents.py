"""Writes the documents of a finished atlas as Parquet, in small row groups: number, name, label, tokens and text."""

from __future__ import annotations

import json
from collections.abc import Sequence
from itertools import islice
from pathlib import Path
from typing import IO, Any

import numpy as np

TOGETHER = 64
"""Documents in a row group: whoever asks for one reads as many."""
MOST = (1 << 31) - 1  # bytes in one array of texts


def write(journal: Path, file: IO[bytes]) -> None:
    """`journal`: a line of JSON a document, name, label or null, number of tokens, text."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    names, types = ("document", "id", "label", "tokens", "text"), ("int64", "string", "string", "int64", "string")
    schema = pa.schema([(name, getattr(pa, kind)()) for name, kind in zip(names, types, strict=True)])
    with (
        pq.ParquetWriter(file, schema, compression="zstd", write_page_checksum=True) as writer,
        open(journal, "rb") as lines,
    ):
        numbered = ((number, *json.loads(line)) for number, line in enumerate(lines))
        while some := list(islice(numbered, TOGETHER)):
            number, id_, label, tokens, text = zip(*some, strict=True)
            columns = [_numbers(number), _texts(id_), _texts(label), _numbers(tokens), _texts(text)]
            writer.write_table(pa.table(columns, schema=schema))


# `pa.array` would look whether it is given something of pandas, and load pandas for it: half a second.


def _numbers(numbers: Sequence[int]) -> Any:
    import pyarrow as pa

    return pa.Array.from_buffers(pa.int64(), len(numbers), [None, pa.py_buffer(np.array(numbers, "<i8"))])


def _texts(texts: Sequence[str | None]) -> Any:
    import pyarrow as pa

    content = [b"" if text is None else text.encode() for text in texts]
    ends = np.cumsum([0, *map(len, content)])
    if ends[-1] > MOST:
        return pa.array(texts, pa.string())
    there = np.packbits([text is not None for text in texts], bitorder="little")
    buffers = (pa.py_buffer(part) for part in (ends.astype("<i4"), b"".join(content), there))
    return pa.StringArray.from_buffers(len(texts), *buffers)
