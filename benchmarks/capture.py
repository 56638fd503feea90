"""Recording against the bare forward pass: `python -m benchmarks.capture`."""

from __future__ import annotations

import torch

import neuronwidget as nw
from benchmarks.models import gpt2_small_shape, gpt2_small_transformers, token_ids
from benchmarks.timing import HEADER, compare, machine


def main() -> None:
    print(machine())
    print(HEADER)
    for make in (gpt2_small_transformers, gpt2_small_shape):
        live = make()
        for tokens in (128, 512):
            measure(live, tokens)


def measure(live: nw.LiveModel, tokens: int) -> None:
    ids = token_ids(tokens)
    text = " ".join(map(str, ids))
    batch = torch.tensor([ids])

    def bare() -> object:
        with torch.no_grad():
            return live.module(batch)

    half = f"mlp.{sum(site.kind == 'mlp' for site in live.sites) // 2 - 1}"
    for name, sites, bound in ((f"{half}, half depth", [half], "≤ 0.40"), ("all MLP sites", None, "≤ 0.80")):
        result = compare(lambda sites=sites: live.record(text, sites=sites), bare)
        print(result.row(f"{live.name}, {tokens} tokens: record {name} / bare forward", bound), flush=True)


if __name__ == "__main__":
    main()
