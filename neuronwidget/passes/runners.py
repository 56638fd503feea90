"""Chooses the runner for a live model."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from neuronwidget.corpus.kinds.registry import kind_of
from neuronwidget.live.structure.sites import Site
from neuronwidget.passes.runner import Runner
from neuronwidget.passes.tensor_runner import TensorRunner
from neuronwidget.passes.threads import Threads
from neuronwidget.passes.token_runner import TokenRunner


def runner_of(live: Any, sites: Sequence[Site], threads: Threads, tokens: int = 0) -> Runner:
    """What runs windows of this model; `tokens` share a pass, or as many inputs that run whole; 0: it knows."""
    runner: type[Runner] = TensorRunner if kind_of(live.kind).whole else TokenRunner
    return runner(live, sites, threads, tokens)
