"""A scan in a process of its own, for being killed: `python -m tests.hostile.atlas_victim OUT`."""

import sys

import torch
from torch import Tensor, nn

import neuronwidget as nw


class Small(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        torch.manual_seed(7)
        self.embed = nn.Embedding(128, 24)
        self.mix = nn.Linear(24, 48)
        self.act = nn.GELU()
        self.down = nn.Linear(48, 16)
        self.squash = nn.Tanh()

    def forward(self, ids: Tensor) -> Tensor:
        return self.squash(self.down(self.act(self.mix(self.embed(ids).cumsum(1) / 8))))


def live(seed: int = 0) -> nw.LiveModel:
    inputs = nw.TextInputs(lambda text: [ord(c) % 128 for c in text], lambda ids: "".join(map(chr, ids)))
    model = nw.attach(Small(), inputs=inputs)
    if seed:
        with torch.no_grad():
            model.module.get_submodule("mix").weight += seed
    return model


def documents(count: int = 400) -> list[str]:
    g = torch.Generator().manual_seed(0)
    return [
        "".join(
            chr(int(c)) for c in torch.randint(32, 127, (int(torch.randint(1, 200, (), generator=g)),), generator=g)
        )
        for _ in range(count)
    ]


if __name__ == "__main__":
    torch.set_num_threads(1)
    nw.scan(
        live(),
        documents(),
        out=sys.argv[1],
        window=64,
        checkpoint=0.0,
        progress=lambda done: print(done["chunks"], flush=True),
    )
    print("finished", flush=True)
