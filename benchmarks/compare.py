"""`nw.compare` beside the passes it needs, AUROC beside scikit-learn's, and memory: `python -m benchmarks.compare`."""

from __future__ import annotations

import resource
import subprocess
import sys
from typing import Any

import numpy as np
from sklearn.metrics import roc_auc_score

import neuronwidget as nw
from benchmarks.timing import HEADER, clock, compare, machine, processor
from neuronwidget.analysis.responses.run import run_over
from neuronwidget.analysis.scores.ranks import auroc
from neuronwidget.corpus.documents import read_documents
from neuronwidget.corpus.kinds.registry import kind_of

DOCUMENTS, LENGTH = 10_000, 128
#: Each of so many pairs is of so many documents: what does not grow with them counts for five times as much there.
ROUNDS, PART = 5, 2_000
#: Documents of a run that is watched for its memory; of each group a thousand are kept.
FEW, MANY, KEPT = 4_000, 40_000, 1_000


class Nothing:
    """A sink that keeps nothing."""

    def add(self, *_: Any) -> None:
        """Take nothing in."""


def texts(count: int, length: int, seed: int) -> Any:
    """Made-up source, one text after the other."""
    words = [
        "def",
        "return",
        "self",
        "value",
        "(",
        ")",
        ":",
        "#",
        "a note",
        "x",
        "=",
        "1",
        "\n    ",
        "import",
        "'text'",
    ]
    source = np.random.default_rng(seed)
    for _ in range(count):
        yield " ".join(words[place] for place in source.integers(0, len(words), length // 3))[:length]


def passes(live: Any, documents: list[str]) -> None:
    """Runs the documents and keeps nothing."""
    cutter = kind_of(live.kind).cutter(live.inputs, None, None)
    with run_over(
        live, read_documents(documents, cutter), cutter, live.sites.defaults, lambda _: Nothing(), None
    ) as run:
        for _ in run:
            pass


def peak(count: int) -> None:
    """Compares so many documents that come one after the other, and prints the largest memory of this process."""
    live = nw.demo("code")
    nw.compare(live, {"one": texts(count // 2, 32, 1), "other": texts(count // 2, 32, 2)}, most=KEPT)
    print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)


def memory(count: int) -> int:
    """The largest memory of a process that compares so many documents, in kB."""
    run = [sys.executable, "-m", "benchmarks.compare", str(count)]
    return int(subprocess.run(run, check=True, capture_output=True, text=True).stdout)


def main() -> None:
    print(machine())
    print(HEADER)
    source = np.random.default_rng(0)
    values, positive = source.normal(size=(600, 2000)).astype(np.float32), source.random(600) < 0.5
    alone = 20 * clock(lambda: [roc_auc_score(positive, unit) for unit in values.T[:100]])
    ratio = compare(lambda: auroc(values, positive), lambda: [roc_auc_score(positive, u) for u in values.T[:100]])
    print(
        f"| AUROC of 600 inputs × 2,000 units: one scikit-learn call a unit / all at once | "
        f"**{20 / ratio.ratio:.0f}** ({20 / ratio.high:.0f}–{20 / ratio.low:.0f}) | ≥ 50 | {1e3 * alone:.0f} "
        f"| {ratio.a_ms:.1f} |"
    )
    live = nw.demo("code")
    documents = list(texts(DOCUMENTS, LENGTH, 0))
    groups = {"one": documents[::2], "other": documents[1::2]}
    part = {name: some[: PART // 2] for name, some in groups.items()}
    some = [document for group in part.values() for document in group]
    units = sum(site.width for site in live.sites.defaults)
    both = compare(lambda: nw.compare(live, part), lambda: passes(live, some), ROUNDS, 1, timer=processor)
    print(both.row(f"compare {PART:,} documents of {LENGTH} characters, {units:,} units / the passes", "≤ 1.15"))
    all_of = [processor(lambda: nw.compare(live, groups)), processor(lambda: passes(live, documents))]
    print(
        f"| compare {DOCUMENTS:,} documents / the passes, one pair | **{all_of[0] / all_of[1]:.2f}** | ≤ 1.15 "
        f"| {1e3 * all_of[0]:.1f} | {1e3 * all_of[1]:.1f} |"
    )
    few, many = memory(FEW), memory(MANY)
    print(
        f"| largest memory: compare {MANY:,} documents, {KEPT:,} of a group kept / {FEW:,} documents | "
        f"**{many / few:.2f}** | ≤ 1.05 | {many >> 10} MB | {few >> 10} MB |"
    )


if __name__ == "__main__":
    peak(int(sys.argv[1])) if len(sys.argv) > 1 else main()
