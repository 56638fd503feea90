"""Train the sparse autoencoder of the code model again: ``python -m training.train code-sae``.

It reads the training modules only, drawn from the seed: the same machine gives the same bits.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

import torch
from torch import Tensor
from torch.nn import functional

from neuronwidget.demos import MODELS, sae, weights
from neuronwidget.demos.architectures.code import CodeModel
from neuronwidget.demos.sae import SaeConfig, SparseAutoencoder
from training.evaluate import sites

_POOL = 16  # batches whose positions are shuffled together: neighbours in a text are much alike


@dataclass(frozen=True)
class Recipe:
    """How the autoencoder is trained; with the seed, the model and the corpus it fixes every bit."""

    steps: int = 320
    batch: int = 1024
    """Positions a step."""
    rate: float = 3e-3
    fall: float = 0.5
    """The last share of the steps, in which the rate goes down to nothing."""
    revive: float = 0.5
    """The first share of the steps, in which features that were never active get new directions."""
    seed: int = 0


def neurons(model: CodeModel, site: str, ids: Tensor) -> Tensor:
    """What the units of ``site`` do, [positions, units], for ``ids [windows, tokens]``."""
    rows: list[Tensor] = []
    handle = sites(model)[site].register_forward_hook(lambda _m, _i, out: rows.append(out.float().flatten(0, 1)))
    try:
        # bfloat16 products are several times faster on processors that have them
        with torch.no_grad(), torch.autocast("cpu", torch.bfloat16):
            for batch in ids.split(8):
                model(batch)
    finally:
        handle.remove()
    return torch.cat(rows)


def batches(model: CodeModel, config: SaeConfig, recipe: Recipe, text: Tensor, starts: Tensor) -> Iterator[Tensor]:
    """Endless batches of positions [batch, width], shuffled within a pool of windows that begin where lines begin."""
    window = model.config.context
    source = torch.Generator().manual_seed(recipe.seed)
    while True:
        chosen = starts[torch.randint(0, len(starts), (-(-_POOL * recipe.batch // window),), generator=source)]
        rows = neurons(model, config.site, text[chosen[:, None] + torch.arange(window)].long())
        order = torch.randperm(len(rows), generator=source)[: _POOL * recipe.batch]
        yield from rows[order].split(recipe.batch)


def train(model: CodeModel, config: SaeConfig, recipe: Recipe, text: Tensor, starts: Tensor) -> SparseAutoencoder:
    """A trained autoencoder for ``text`` (ids, [characters]), of which windows begin at ``starts``."""
    encoder = sae.untrained(config, recipe.seed)
    source = torch.Generator().manual_seed(recipe.seed + 1)
    adam = torch.optim.Adam([encoder.directions, encoder.gain, encoder.bias], lr=recipe.rate, betas=(0.9, 0.98))
    fired = torch.zeros(config.features, dtype=torch.bool)
    every = max(recipe.steps // 12, 1)
    average, began = 0.0, time.perf_counter()
    for step, rows in enumerate(batches(model, config, recipe, text, starts)):
        if step == recipe.steps:
            break
        if step == 0:
            encoder.centre.copy_(rows.mean(0))
            encoder.scale.copy_((rows - encoder.centre).square().mean().sqrt())
        for group in adam.param_groups:
            group["lr"] = recipe.rate * min(1.0, (recipe.steps - step) / max(recipe.steps * recipe.fall, 1.0))
        with torch.autocast("cpu", torch.bfloat16):
            features = encoder.encode(rows)
            left = rows - encoder.decode(features).float()
        loss = left.square().sum() / (rows - encoder.centre).square().sum()
        adam.zero_grad(set_to_none=True)
        loss.backward()
        adam.step()
        fired |= (features > 0).any(0)
        with torch.no_grad():
            encoder.directions.copy_(functional.normalize(encoder.directions, dim=1))
            if (step + 1) % every == 0:
                dead = torch.nonzero(~fired)[:, 0]
                if step < recipe.steps * recipe.revive:
                    _revive(encoder, adam, dead, left, source)
                fired.zero_()
        average = loss.item() if step == 0 else 0.95 * average + 0.05 * loss.item()
        if (step + 1) % every == 0:
            pace = (time.perf_counter() - began) / (step + 1)
            print(
                f"step {step + 1}/{recipe.steps}  {1 - average:.3f} of the variance explained  "
                f"{len(dead)} idle features  {(recipe.steps - step - 1) * pace / 60:.1f} min left",
                flush=True,
            )
    return encoder.eval()


def _revive(
    encoder: SparseAutoencoder, adam: torch.optim.Adam, dead: Tensor, left: Tensor, source: torch.Generator
) -> None:
    """Point idle features to what the others leave over, ``left [positions, width]``, the larger the likelier."""
    if not len(dead):
        return
    chosen = torch.multinomial(left.square().sum(1), len(dead), replacement=True, generator=source)
    encoder.directions[dead] = functional.normalize(left[chosen], dim=1)
    encoder.gain[dead] = encoder.gain.mean()
    encoder.bias[dead] = 0.0
    for parameter in (encoder.directions, encoder.gain, encoder.bias):
        for moment in ("exp_avg", "exp_avg_sq"):
            adam.state[parameter][moment][dead] = 0.0


def main(arguments: list[str] | None = None) -> None:
    """The command line; see ``--help``."""
    from training import sae_card
    from training.train_code import keep_big_blocks, line_starts, training_text

    parser = argparse.ArgumentParser(
        prog="python -m training.train",
        description="Train the sparse autoencoder of the code model again, on the CPU, and write its card beside it.",
    )
    parser.add_argument("name", choices=[sae.NAME], help="which model")
    parser.add_argument("--out", type=Path, default=MODELS / f"{sae.NAME}.safetensors", help="(%(default)s)")
    parser.add_argument("--model", type=Path, default=MODELS / "code.safetensors", help="the model (%(default)s)")
    parser.add_argument("--windows", type=int, default=300, help="for choosing, and for judging (%(default)s)")
    parser.add_argument("--card-only", action="store_true", help="measure the file that is there")
    for name, value in asdict(Recipe()).items():
        parser.add_argument(f"--{name}", type=type(value), default=value, help="(%(default)s)")
    options = parser.parse_args(arguments)
    keep_big_blocks()
    torch.set_num_threads(1)  # sums in one order; and on a busy machine threads mostly wait for each other
    model = weights.read(options.model)
    if not options.card_only:
        recipe = Recipe(**{name: getattr(options, name) for name in Recipe.__dataclass_fields__})
        text = training_text()
        began = time.perf_counter()
        encoder = train(model, SaeConfig(), recipe, text, line_starts(text, model.config.context))
        minutes = round((time.perf_counter() - began) / 60, 1)
        about = {"recipe": asdict(recipe), "minutes": minutes, "torch": torch.__version__}
        sae.write(encoder, options.out, about)
    card = sae_card.measure(options.out, options.model, options.windows)
    sae_card.write(card, options.out)
    print(options.out.with_suffix(".md").read_text(encoding="utf-8"))


if __name__ == "__main__":
    main()
