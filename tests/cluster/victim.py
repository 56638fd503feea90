"""A model that says where it runs, and a scan on a cluster that can be killed: `python -m tests.cluster.victim …`."""

import os
import sys
from pathlib import Path

import torch
from torch import Tensor

import neuronwidget as nw
from tests.hostile.atlas_victim import Small, documents

DEADLY = "\t"


class Telling(Small):
    """Leaves a file named by its process; dies, or raises, on a text with a tab in it."""

    def __init__(self, folder: Path, *, dies: bool = False) -> None:
        super().__init__()
        self.folder, self.dies = folder, dies

    def forward(self, ids: Tensor) -> Tensor:
        (self.folder / str(os.getpid())).touch()
        if bool((ids == ord(DEADLY)).any()):
            if self.dies:
                os._exit(1)
            raise RuntimeError("a fault of the model")
        return super().forward(ids)


def telling(folder: Path, **how: bool) -> nw.LiveModel:
    folder.mkdir(exist_ok=True)
    inputs = nw.TextInputs(lambda text: [ord(c) % 128 for c in text], lambda ids: "".join(map(chr, ids)))
    return nw.attach(Telling(folder, **how), inputs=inputs)


def workers(folder: Path) -> set[int]:
    """The processes that ran the model, but for this one."""
    return {int(path.name) for path in folder.iterdir()} - {os.getpid()}


if __name__ == "__main__":
    import ray

    torch.set_num_threads(1)
    ray.init(address=sys.argv[2], log_to_driver=False, logging_level="ERROR")
    nw.scan(
        telling(Path(sys.argv[3])),
        documents(),
        out=sys.argv[1],
        engine="ray",
        workers=2,
        window=64,
        checkpoint=0.0,
        progress=lambda done: print(done["chunks"], flush=True),
    )
    print("finished", flush=True)
