"""Train the code model again: ``python -m training.train code``.

Everything is drawn from the seed and the number of the step, so a run that was killed and
started again ends with the same bits as one that was left alone (same machine, same threads).
"""

from __future__ import annotations

import argparse
import ctypes
import json
import sys
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

import torch
from safetensors import safe_open
from torch import Tensor, nn
from torch.nn import functional

from neuronwidget.demos import MODELS, NAMES, corpus, weights
from neuronwidget.demos.architectures.code import CodeConfig, CodeModel, encode
from neuronwidget.demos.architectures.memory import Memory
from training.muon import Muon

_HALVES = 2
BITS = 1.4426950408889634  # one nat


@dataclass(frozen=True)
class Recipe:
    """How the code model is trained; with the seed and the corpus it fixes every bit of the weights."""

    steps: int = 3_000
    batch: int = 16
    window: int = 512
    anywhere: int = 1_400  # so many steps read windows that begin anywhere, all others begin with a line
    rate: float = 2e-3  # AdamW's, for embeddings, biases and the head
    turn: float = 0.02  # Muon's, for the matrices of the blocks
    warmup: int = 100
    fall: float = 0.4  # the last share of the steps, in which the rates go down to nothing
    memory_penalty: float = 0.02
    neuron_penalty: float = 0.02
    seed: int = 0

    def pace(self, step: int) -> float:
        """The share of the full rate: up, held, then linearly down."""
        return min(1.0, (step + 1) / self.warmup, (self.steps - step) / max(self.steps * self.fall, 1.0))


class Run:
    """A training run: the model, its optimisers, and how far it has come."""

    def __init__(self, config: CodeConfig, recipe: Recipe) -> None:
        self.model = weights.untrained(config, recipe.seed)
        self.step, self.seconds, self.loss = 0, 0.0, 0.0  # loss: a running mean, in nats
        named = dict(self.model.named_parameters())
        turned = {name: _parts(name) for name, value in named.items() if name.startswith("blocks") and value.dim() == 2}
        self.muon = Muon((named[name], parts) for name, parts in turned.items())
        self.others = {name: value for name, value in named.items() if name not in turned}
        self.adam = torch.optim.AdamW(self.others.values(), lr=recipe.rate, betas=(0.9, 0.98), weight_decay=0.05)

    def save(self, path: Path) -> None:
        """Write weights and the optimisers' state to one safetensors file, whole or not at all."""
        tensors = {f"model.{name}": value for name, value in self.model.state_dict().items()}
        tensors |= {f"moment.{index}": moment for index, moment in enumerate(self.muon.moments)}
        for name, parameter in self.others.items():
            tensors |= {f"{key}.{name}": self.adam.state[parameter][key] for key in ("exp_avg", "exp_avg_sq")}
        numbers = {"step": self.step, "seconds": self.seconds, "loss": self.loss}
        weights.replace_file(path, tensors, {"run": json.dumps(numbers)})

    def load(self, path: Path) -> None:
        """Take up the run that was written to ``path``."""
        with safe_open(path, "pt") as file:
            numbers = json.loads(file.metadata()["run"])
            self.model.load_state_dict({name: file.get_tensor(f"model.{name}") for name in self.model.state_dict()})
            self.muon.moments = [file.get_tensor(f"moment.{index}") for index in range(len(self.muon.moments))]
            for name, parameter in self.others.items():
                self.adam.state[parameter] = {
                    "step": torch.tensor(float(numbers["step"])),
                    **{key: file.get_tensor(f"{key}.{name}") for key in ("exp_avg", "exp_avg_sq")},
                }
        self.step, self.seconds, self.loss = numbers["step"], numbers["seconds"], numbers["loss"]

    def update(self, recipe: Recipe) -> None:
        """Apply the gradients that are there."""
        nn.utils.clip_grad_norm_(self.model.parameters(), 1.0)
        pace = recipe.pace(self.step)
        for group in self.adam.param_groups:
            group["lr"] = recipe.rate * pace
        self.adam.step()
        self.muon.step(recipe.turn * pace)
        self.model.zero_grad(set_to_none=True)
        self.step += 1


def _parts(name: str) -> int:
    """How many matrices are stacked in the weight called ``name``."""
    return {"qkv": 3, "inputs": 2}.get(name.split(".")[-2], 1)


def training_text() -> Tensor:
    """Every training module, one behind the other, as ids ``[characters]`` (uint8)."""
    training, _ = corpus.split(corpus.modules())
    return torch.tensor(encode("\n".join(module.text for module in training)), dtype=torch.uint8)


def line_starts(text: Tensor, window: int) -> Tensor:
    """Where lines begin that have a whole window behind them, ``[lines]``."""
    starts = torch.cat([torch.zeros(1, dtype=torch.long), torch.nonzero(text == encode("\n")[0]).flatten() + 1])
    return starts[starts < len(text) - window]


def windows(text: Tensor, starts: Tensor, recipe: Recipe, step: int) -> Tensor:
    """The windows of one step, ``[batch, window + 1]``: they depend on the seed and the step alone.

    First they begin anywhere, later where lines begin, as the texts do that people type: the model learns that
    it starts in column 0.
    """
    source = torch.Generator().manual_seed(recipe.seed * 1_000_003 + step)
    if step < recipe.anywhere:
        chosen = torch.randint(0, len(text) - recipe.window, (recipe.batch,), generator=source)
    else:
        chosen = starts[torch.randint(0, len(starts), (recipe.batch,), generator=source)]
    return text[chosen[:, None] + torch.arange(recipe.window + 1)].long()


def train(run: Run, recipe: Recipe, text: Tensor) -> Iterator[int]:
    """Step until ``recipe.steps``; yields the number of steps done after each.

    A batch is halved between two Python threads with one torch thread each: on a busy machine they wait
    for each other once a step, not once an operation. The halves' gradients are added in a fixed order.
    """
    parameters = list(run.model.parameters())
    starts = line_starts(text, recipe.window)
    with ThreadPoolExecutor(_HALVES) as pool, _activity(run.model, recipe) as activity:
        while run.step < recipe.steps:
            began = time.perf_counter()
            halves = windows(text, starts, recipe, run.step).chunk(_HALVES)
            done = list(pool.map(lambda ids: _gradients(run.model, activity, ids), halves))
            for index, parameter in enumerate(parameters):
                parameter.grad = torch.stack([grads[index] for _, grads in done]).mean(0)
            run.update(recipe)
            loss = sum(loss for loss, _ in done) / len(done)
            run.loss = loss if run.step == 1 else 0.99 * run.loss + 0.01 * loss
            run.seconds += time.perf_counter() - began
            yield run.step


def _gradients(model: CodeModel, activity: dict[int, list[Tensor]], ids: Tensor) -> tuple[float, tuple[Tensor, ...]]:
    """The loss of predicting each next character of ``ids [batch, window + 1]``, and the gradients with penalties."""
    penalties = activity.setdefault(threading.get_ident(), [])
    penalties.clear()
    # bfloat16 products are several times faster on processors that have them; weights stay float32
    with torch.autocast("cpu", torch.bfloat16):
        logits = model(ids[:, :-1])
    loss = functional.cross_entropy(logits.float().flatten(0, 1), ids[:, 1:].flatten())
    total = torch.stack([loss, *penalties]).sum()
    return loss.item(), torch.autograd.grad(total, list(model.parameters()))


@contextmanager
def _activity(model: CodeModel, recipe: Recipe) -> Iterator[dict[int, list[Tensor]]]:
    """Collect the penalties on activity (mean absolute value a site) of the passes inside, by thread."""
    by_thread: dict[int, list[Tensor]] = {}

    def collect(weight: float, out: Tensor) -> None:
        by_thread.setdefault(threading.get_ident(), []).append(weight * out.float().abs().mean())

    hooks = []
    for module in model.modules():
        weight = {Memory: recipe.memory_penalty, nn.ReLU: recipe.neuron_penalty}.get(type(module), 0.0)
        if weight:
            hooks.append(module.register_forward_hook(lambda _m, _i, out, weight=weight: collect(weight, out)))
    try:
        yield by_thread
    finally:
        for hook in hooks:
            hook.remove()


def fit(run: Run, recipe: Recipe, text: Tensor, checkpoint: Path, every: int) -> None:
    """Train to the end, saying how far it is and writing a checkpoint ``every`` so many steps and at the end."""
    for step in train(run, recipe, text):
        last = step == recipe.steps
        if step % 50 == 0 or last:
            pace = run.seconds / step
            print(
                f"step {step}/{recipe.steps}  {run.loss * BITS:.3f} bits/character  "
                f"{recipe.batch * recipe.window / pace:,.0f} characters/s  "
                f"{(recipe.steps - step) * pace / 60:.0f} min left",
                flush=True,
            )
        if step % every == 0 or last:
            run.save(checkpoint)


def keep_big_blocks() -> None:
    """Let the allocator keep large blocks instead of returning them: three times faster steps with glibc."""
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None) if sys.platform == "linux" else None
    if mallopt is not None:
        mallopt(-3, 1 << 30)  # M_MMAP_THRESHOLD
        mallopt(-1, (1 << 31) - 1)  # M_TRIM_THRESHOLD


def main(arguments: list[str] | None = None) -> None:
    """The command line; see ``--help``."""
    options = _parser().parse_args(arguments)
    keep_big_blocks()
    torch.set_num_threads(1)  # the two halves of a batch are the threads
    recipe = Recipe(**{name: getattr(options, name) for name in Recipe.__dataclass_fields__})
    config = CodeConfig()
    text = training_text()
    run = Run(config, recipe)
    if options.checkpoint.exists():
        run.load(options.checkpoint)
    size = sum(parameter.numel() for parameter in run.model.parameters())
    print(f"{size:,} parameters, {len(text):,} characters; from step {run.step} to {recipe.steps}", flush=True)
    fit(run, recipe, text, options.checkpoint, options.every)
    about = {"recipe": asdict(recipe), "steps": run.step, "minutes": round(run.seconds / 60, 1)}
    weights.write(run.model, options.out, about)
    print(f"wrote {options.out}; now: python -m training.evaluate code --model {options.out}")


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m training.train",
        description="Train a bundled demo model again, on the CPU, from this Python's standard library.",
        epilog="A run that is killed goes on from its last checkpoint when the same command is given again, and ends "
        "with the same weights. --steps may be changed between the two as long as the rate has not begun to fall "
        "(the last --fall share of the steps).",
    )
    others = f"the settings below are those of code; `{parser.prog} digits --help` tells those of digits, and so on"
    parser.add_argument("name", choices=NAMES, help=f"which model; {others}")
    parser.add_argument("--out", type=Path, default=MODELS / "code.safetensors", help="the model file (%(default)s)")
    parser.add_argument("--checkpoint", type=Path, default=Path("code-training.safetensors"), help="(%(default)s)")
    parser.add_argument("--every", type=int, default=250, help="steps between checkpoints (%(default)s)")
    for name, about in Recipe.__dataclass_fields__.items():
        flag = "--" + name.replace("_", "-")
        parser.add_argument(flag, dest=name, type=type(about.default), default=about.default, help="(%(default)s)")
    return parser
