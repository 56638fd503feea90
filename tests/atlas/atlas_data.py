"""Made-up activations with everything that is hard about them: ties, equal contexts, long documents, padding, holes."""

from dataclasses import dataclass

import torch
from torch import Tensor

from neuronwidget.atlas.count.summary import Summary
from neuronwidget.corpus.contexts import AFTER, BEFORE, context_hashes
from neuronwidget.corpus.hashes import sample_keys
from neuronwidget.passes.batch import Batch
from neuronwidget.passes.threads import Threads

WIDTH = BEFORE + 1 + AFTER
HELPERS = Threads(1)


@dataclass
class Data:
    """Chunks of batches, and the same as flat lists: per window its document, and values [counted tokens, units]."""

    units: int
    chunks: list[list[tuple[Tensor, Batch]]]
    documents: list[int]
    values: list[Tensor]
    context_hashes: list[Tensor]
    skips: list[int]

    def summary(self, chunks: list[int]) -> Summary:
        """What one worker makes of some chunks, in this order."""
        summary = Summary(self.units, WIDTH)
        for chunk in chunks:
            counted = summary.start(chunk)
            for values, batch in self.chunks[chunk]:
                counted.add(values, batch, HELPERS)
            summary.add(counted)
        return summary


def make(seed: int, chunks: int = 5, units: int = 6, *, holes: bool = False, coarse: bool = True) -> Data:
    g = torch.Generator().manual_seed(seed)

    def pick(low: int, high: int) -> int:
        return int(torch.randint(low, high, (), generator=g))

    data = Data(units, [], [], [], [], [])
    texts = [torch.randint(0, 50, (40,), generator=g) for _ in range(4)]
    document = 0
    for _ in range(chunks):
        batches = []
        for _ in range(pick(1, 4)):
            count, tokens = pick(1, 7), pick(3, 40)
            skip = pick(0, 2) * min(2, tokens - 1)
            lengths = [pick(skip + 1, tokens + 1) for _ in range(count)] if pick(0, 2) else [tokens] * count
            lengths[0] = tokens
            values = torch.randn(count, tokens, units, generator=g) * torch.tensor([1, 10, 0.1, 1, 1, 1.0])[:units]
            values[..., 3].relu_()
            values[..., 4] = (values[..., 4] > 2).float()
            if coarse:
                values = (values * 4).round() / 4
            if holes and pick(0, 2):
                values[pick(0, count), pick(0, tokens), pick(0, units)] = float("nan") if pick(0, 2) else -float("inf")
            ids = torch.stack([texts[pick(0, 4)][:tokens] for _ in range(count)])
            owners = []
            for _ in range(count):
                document += pick(0, 3) > 0
                owners.append(document)
            first = len(data.documents)
            hashes = context_hashes(ids, AFTER)
            drawn = {
                i: int(sample_keys(torch.tensor(d)))
                for i, d in enumerate(owners)
                if d not in data.documents + owners[:i]
            }
            batches.append(
                (
                    values,
                    Batch(
                        torch.arange(first, first + count, dtype=torch.int32),
                        torch.tensor(owners, dtype=torch.int32),
                        lengths,
                        skip,
                        hashes,
                        drawn,
                    ),
                )
            )
            data.documents += owners
            data.values += [values[i, skip:n] for i, n in enumerate(lengths)]
            data.context_hashes += list(hashes)
            data.skips += [skip] * count
        document += 1  # a document never lies in two chunks
        data.chunks.append(batches)
    return data


def largest(data: Data, unit: int, sign: int = 1) -> dict[int, tuple[float, int, int]]:
    """Of each document that is worth showing its largest (or least) value, with window and position."""
    best: dict[int, tuple[float, int, int]] = {}
    for window, (document, values) in enumerate(zip(data.documents, data.values, strict=True)):
        column = torch.nan_to_num(values[:, unit] * sign, float("-inf"), float("-inf"), float("-inf"))
        value = float(column.max())
        if document not in best or value > best[document][0]:
            best[document] = (value, window, int(column.argmax()) + data.skips[window])
    return {
        document: entry
        for document, entry in best.items()
        if (entry[0] > 0 if sign < 0 else entry[0] != 0) and entry[0] > float("-inf")
    }


def strongest(data: Data, unit: int, sign: int = 1) -> list[tuple[float, int, int]]:
    """The 20 strongest by the definition, from all values at once: (value, window, position)."""
    first: dict[int, tuple[float, int, int]] = {}
    for value, window, position in sorted(largest(data, unit, sign).values(), key=lambda entry: (-entry[0], entry[1])):
        first.setdefault(int(data.context_hashes[window][position]), (value, window, position))
    return [(v * sign, w, p) for v, w, p in list(first.values())[:20]]
