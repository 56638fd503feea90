"""Patterns of 10,000 inputs × 512 units beside plain HDBSCAN, and placing an input: `python -m benchmarks.patterns`."""

from __future__ import annotations

import numpy as np
import torch
from sklearn.cluster import HDBSCAN

import neuronwidget as nw
from benchmarks.timing import HEADER, Ratio, clock, compare, machine
from neuronwidget.analysis.patterns.density.cluster import Settings
from neuronwidget.analysis.patterns.space import Extent, fit_space
from tests.planted.digit_nets import planted_clusters

INPUTS, UNITS = 10_000, 512
SITE = "dense.0"
TEXT = "def area(r):\n    # the area of a circle\n    return 3.14 * r ** 2\n" * 3


def rows() -> np.ndarray:
    """Forty clusters of unequal size, a fifth of the inputs in none."""
    return planted_clusters(0, clusters=40, width=UNITS, count=INPUTS)[0]


class Passes(torch.nn.Module):
    """Its one layer gives what it is given."""

    def __init__(self) -> None:
        super().__init__()
        self.flat, self.layer = torch.nn.Flatten(), torch.nn.Linear(UNITS, UNITS, bias=False)
        torch.nn.init.eye_(self.layer.weight)

    def forward(self, pixels: torch.Tensor) -> torch.Tensor:
        passed: torch.Tensor = self.layer(self.flat(pixels))
        return passed


def once(seconds: float, reference: float) -> Ratio:
    """A ratio that was taken once: both take minutes."""
    return Ratio(seconds / reference, seconds / reference, seconds / reference, 1e3 * seconds, 1e3 * reference)


def main() -> None:
    print(machine())
    values = rows()
    live = nw.attach(Passes().eval(), inputs=nw.ImageInputs((16, UNITS // 16), channels=1))
    pictures = list(torch.from_numpy(values).reshape(INPUTS, 1, 16, UNITS // 16))
    responses = nw.collect(live, pictures, [SITE], predictions=False)

    def clustered() -> object:
        extent = Extent.of(responses, SITE)
        space = fit_space(responses.values[SITE][:], extent, extent.scale("mean", "unit", UNITS), 0)
        return Settings().clusters(space.points(responses.values[SITE][:]))

    done = [0]

    def step(steps: int, total: int) -> None:
        done[0] += 1

    plain = clock(lambda: HDBSCAN(min_cluster_size=5, min_samples=6, copy=True).fit(values))
    alone = clock(clustered)
    whole = clock(lambda: nw.patterns(live, responses, SITE, progress=step))
    print(HEADER)
    size = f"{INPUTS:,} inputs × {UNITS} units"
    print(once(alone, plain).row(f"{size}: clustering / plain HDBSCAN", "≤ 0.2"))
    print(once(whole, plain).row(f"{size}: the whole call, {done[0]} steps / plain HDBSCAN", "≤ 3"))

    code = nw.demo("code")
    texts = [TEXT[start : start + 64] for start in range(0, len(TEXT) - 64, 2)]
    sites = [site.name for site in code.sites.defaults]
    patterns = nw.patterns(code, texts, "mlp.2", bootstraps=2, nulls=0)

    def placed() -> object:
        return patterns.placer.place(code.record(TEXT, sites)["mlp.2"])

    ratio = compare(placed, lambda: code.record(TEXT, sites), rounds=60, warmup=5)
    print(ratio.row(f"a text of {len(TEXT)} tokens recorded and placed / recorded", "≤ 1.1"))


if __name__ == "__main__":
    main()
