"""Whatever happens while edits are on, and however they are nested, everything is as it was afterwards, to the bit.

Drawn: kinds of edits, model, what goes wrong and at which call of which part, how deep contexts lie in each other.
`NEURONWIDGET_SWEEPS` times as many are drawn in a long run (`make planted-long`).
"""

from __future__ import annotations

import contextlib
import random
from collections.abc import Callable, Iterator
from functools import cache
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given, seed, settings
from hypothesis import strategies as st
from torch import Tensor, nn

import neuronwidget as nw
from neuronwidget.live.capture import Overtaken
from tests.live.adapters.families import FAMILIES, TEXT, tokenizer
from tests.live.test_edits import GIVEN, attached
from tests.live.test_sae import Sae
from tests.sweeps import seeds

pytest.importorskip("transformers")

CASES = 50  # of each of four shares, side by side in CI
MODELS = ["text", "image", "table", "GPT-2", "Llama", "Mixtral", "BERT", "T5", "Mamba"]


class Stop(Exception):  # noqa: N818 - nothing is wrong: somebody leaves
    """What a user's own hook may raise to leave a pass early."""


class Model:
    """A live model with what it is run on, and what it does without edits."""

    def __init__(self, name: str) -> None:
        family = next((family for family in FAMILIES if family.name == name), None)
        if family is None:
            self.live, self.x = attached(name), GIVEN[name]
        else:
            self.live, self.x = nw.attach(family.make(), tokenizer(family.tokenizer)), TEXT[:40]
        live: Any = self.live
        module = live.module
        module.train(name in ("Llama", "table"))  # in whatever state it came; these draw nothing in training
        for number, parameter in enumerate(module.parameters()):
            parameter.requires_grad_(number % 3 > 0)
        module.register_forward_hook(lambda *_: None)
        if name in ("text", "image", "table"):
            prepared = live.inputs.tokens(self.x).ids if name == "text" else live.inputs.prepare(self.x)
            args = torch.tensor([prepared]) if name == "text" else prepared
            self.run: Callable[[], Any] = lambda: module(args)
        else:
            ids = torch.tensor([live.inputs.tokens(self.x).ids])
            more = {"decoder_input_ids": torch.zeros(1, 2, dtype=torch.long)} if name == "T5" else {}
            self.run = lambda: module(input_ids=ids, **more)
        self.site = live.sites.defaults[len(live.sites.defaults) // 2].name
        self.heads = [site.name for site in live.sites if site.kind == "heads"][-1:]
        self.features = []
        if name in ("text", "GPT-2", "Llama"):
            self.features = [live.add_sae(self.site, Sae(live.sites[self.site].width, 40).eval()).name]
        self.sites = [*(site.name for site in live.sites.defaults[:2]), self.site]
        self.before = self.state()

    def state(self) -> dict[str, Any]:
        """All that could be another afterwards."""
        live: Any = self.live
        module = live.module
        with frozen_draws():
            torch.manual_seed(0)
            with torch.no_grad():
                output = first(self.run())
        recording = live.record(self.x, self.sites)
        return {
            "values": [(name, value.clone()) for name, value in module.state_dict().items()],
            "places": [value.data_ptr() for value in module.state_dict().values()],
            "gradients": [(p.requires_grad, p.grad is None, p.is_leaf) for p in module.parameters()],
            "flags": [part.training for part in module.modules()],
            "attributes": [sorted(vars(part)) for part in module.modules()],
            "hooks": [
                [(name, list(hooks)) for name, hooks in sorted(vars(part).items()) if name.endswith("_hooks")]
                for part in module.modules()
            ],
            "parts": [id(part) for part in module.modules()],
            "modes": (torch.is_grad_enabled(), torch.is_inference_mode_enabled(), torch.get_default_dtype()),
            "edits": list(live.edits),
            "signature": live.signature(),
            "output": output,
            "recording": [recording[name].clone() for name in self.sites],
        }


def numpy_state() -> bytes:
    state: Any = np.random.get_state(legacy=False)  # noqa: NPY002 - the one that a program shares
    drawn: bytes = state["state"]["key"].tobytes() + bytes(str(state["state"]["pos"]), "ascii")
    return drawn


@contextlib.contextmanager
def frozen_draws() -> Iterator[None]:
    with torch.random.fork_rng(devices=[]):
        yield


def first(output: Any) -> Tensor:
    logits = getattr(output, "logits", output)
    return logits.detach().clone() if isinstance(logits, Tensor) else logits[0].detach().clone()


@cache
def model(name: str) -> Model:
    return Model(name)


def differing(one: dict[str, Any], other: dict[str, Any]) -> list[str]:
    def same(a: Any, b: Any) -> bool:
        if isinstance(a, Tensor):
            return torch.equal(a, b)
        if isinstance(a, (list, tuple)):
            return len(a) == len(b) and all(map(same, a, b))
        return bool(a == b)

    return [name for name in one if not same(one[name], other[name])]


def edit_of(kind: str, at: Model, draw: Any) -> Any:
    live: Any = at.live
    site = live.sites[at.site]
    unit = f"{site.name}:{draw(st.integers(0, site.width - 1))}"
    where: dict[str, Any] = {"scope": draw(st.sampled_from(["all", "last", "prompt", [0, -1], slice(1, None)]))}
    if draw(st.booleans()):
        where["when"] = nw.when(f"{site.name}:{draw(st.integers(0, site.width - 1))}", above=-0.1)
    made: dict[str, Callable[[], Any]] = {
        "mean": lambda: nw.Ablate(unit, data=[at.x], **where),
        "zero": lambda: nw.Ablate(unit, "zero", **where),
        "resample": lambda: nw.Ablate(unit, "resample", data=[at.x], **where),
        "scale": lambda: nw.Scale(unit, 4.0, **where),
        "clamp": lambda: nw.Clamp(unit, 3.0, **where),
        "steer": lambda: nw.Steer(site.name, torch.linspace(-1, 1, site.width), 0.5, data=[at.x], **where),
        "patch": lambda: nw.Patch(site.name, at.x, positions=[0], **where),
        "function": lambda: nw.Edit(site.name, lambda rows: rows + torch.randn_like(rows).mul_(0.5), **where),
        "head": lambda: nw.Scale(f"{at.heads[0]}:0", -1.0) if at.heads else nw.Scale(unit, -1.0),
        "feature": lambda: nw.Clamp(f"{at.features[0]}:1", 2.0) if at.features else nw.Clamp(unit, 2.0),
        "raises": lambda: nw.Edit(site.name, lambda rows: rows[:, 1:], **where),
    }
    return made[kind]()


KINDS = ["mean", "zero", "resample", "scale", "clamp", "steer", "patch", "function", "head", "feature", "raises"]
TROUBLE: dict[str, type[BaseException] | None] = {
    "none": None, "error": ZeroDivisionError, "interrupt": KeyboardInterrupt, "early": Stop, "exit": SystemExit,
}  # fmt: skip


@contextlib.contextmanager
def trouble(module: nn.Module, what: str, part: int, side: bool) -> Iterator[None]:
    """A hook of the user's on some part that raises, in the module and in its replica."""
    error = TROUBLE[what]
    if error is None:
        yield
        return
    parts = list(module.modules())
    at = parts[part % len(parts)]

    def fail(*_: Any) -> None:
        raise error

    handle = at.register_forward_hook(fail) if side else at.register_forward_pre_hook(fail)
    try:
        yield
    finally:
        handle.remove()


def use(at: Model, how: str, patience: int) -> None:
    """One way in which a model is run while edits are on."""
    live: Any = at.live
    if how == "module":
        at.run()
    elif how == "record":
        live.record(at.x, at.sites)
    elif how == "predict":
        live.predict(at.x)
    elif how == "overtaken":
        answers = iter([False] * patience + [True] * 10_000)
        live.record(at.x, at.sites, overtaken=lambda: next(answers))
    elif how == "gradient":
        parameters = [parameter for parameter in live.module.parameters() if parameter.requires_grad]
        torch.autograd.grad(getattr(out := at.run(), "logits", out).sum(), parameters, allow_unused=True)
    else:
        live.edited(nw.Edit(at.site, torch.tanh)).record(at.x, at.sites)


USES = ["module", "record", "predict", "overtaken", "gradient", "edited"]


@pytest.mark.parametrize("share", range(4))
@pytest.mark.parametrize("again", seeds())
def test_everything_is_as_it_was(share: int, again: int) -> None:
    @seed(share + 4 * again)
    @settings(max_examples=CASES, database=None)
    @given(st.data())
    def check(data: Any) -> None:
        draw = data.draw
        at = model(MODELS[draw(st.integers(0, len(MODELS) - 1))])
        live: Any = at.live
        states = torch.get_rng_state(), random.getstate(), numpy_state()
        nested = draw(st.lists(st.lists(st.sampled_from(KINDS), min_size=1, max_size=3), min_size=1, max_size=3))
        what, part = draw(st.sampled_from(sorted(TROUBLE))), draw(st.integers(0, 200))
        how, patience = draw(st.lists(st.sampled_from(USES), min_size=1, max_size=3)), draw(st.integers(0, 6))
        leaves = (ZeroDivisionError, KeyboardInterrupt, Stop, SystemExit, Overtaken, nw.EditError, nw.AttachError)
        contexts = contextlib.ExitStack()
        with contextlib.suppress(*leaves), contexts:
            for kinds in nested:
                contexts.enter_context(live.edit(*[edit_of(kind, at, draw) for kind in kinds]))
            with trouble(live.module, what, part, draw(st.booleans())):
                for each in how:
                    use(at, each, patience)
        assert torch.equal(torch.get_rng_state(), states[0])
        assert random.getstate() == states[1]
        assert numpy_state() == states[2]
        after = at.state()
        found = differing({**at.before, "signature": None}, {**after, "signature": None})
        assert not found, (at.site, nested, what, how, found)

    check()
