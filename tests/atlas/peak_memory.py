"""The most memory that a scan takes above its model, in bytes a unit: `python -m tests.atlas.peak_memory THREADS`."""

import sys
import tempfile
from pathlib import Path

import torch
from torch import Tensor, nn

import neuronwidget as nw

UNITS, TOKENS, DOCUMENTS = 16_384, 16, 400


class Wide(nn.Module):
    """Every token has values of its own, every document others."""

    def __init__(self, units: int) -> None:
        super().__init__()
        torch.manual_seed(0)
        self.embed = nn.Embedding(500, units)
        self.act = nn.GELU()

    def forward(self, ids: Tensor) -> Tensor:
        values: Tensor = self.act(self.embed(ids))
        return values


def scan(units: int, documents: int, out: Path) -> None:
    inputs = nw.TextInputs(lambda text: [ord(c) - 200 for c in text], lambda ids: "".join(chr(i + 200) for i in ids))
    inputs.sample = "".join(chr(200 + i) for i in range(40))
    live = nw.attach(Wide(units), inputs=inputs)
    g = torch.Generator().manual_seed(0)
    ids = torch.randint(0, 500, (documents, TOKENS), generator=g).tolist()
    texts = ["".join(chr(200 + i) for i in row) for row in ids]
    nw.scan(live, texts, ["act"], out=out, window=TOKENS, batch_size=8, checkpoint=1e9, progress=False)


def memory(what: str) -> int:
    """A line of what the kernel knows of this process, in bytes."""
    return 1024 * int(Path("/proc/self/status").read_text(encoding="ascii").partition(f"{what}:")[2].split()[0])


if __name__ == "__main__":
    torch.set_num_threads(int(sys.argv[1]))
    with tempfile.TemporaryDirectory() as folder:
        scan(16, 20, Path(folder) / "first")  # what is loaded and compiled for any scan
        Path("/proc/self/clear_refs").write_text("5", encoding="ascii")  # forget the most so far
        before = memory("VmRSS")
        scan(UNITS, DOCUMENTS, Path(folder) / "second")
    passes = int(sys.argv[1]) * 4 * (8 * TOKENS * UNITS * 4)
    weights = 500 * UNITS * 4
    print((memory("VmHWM") - before - passes - weights) / UNITS)
