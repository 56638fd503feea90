"""Looking at a model that another thread trains changes nothing there, and what is recorded is right."""

from __future__ import annotations

import gc
import random
import threading
import weakref
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor, nn

import neuronwidget as nw
from neuronwidget.live.errors import ModelGoneError
from neuronwidget.live.replica.shared_copy import Copy
from tests.live.fronts import TakesPictures, TakesTokens

TEXT = "what makes it fire?"
INPUTS = nw.TextInputs(lambda text: [ord(c) % 64 for c in text], lambda ids: "".join(chr(i) for i in ids))
IMAGES = nw.ImageInputs(8, classes=list("abcd"))
SHOWN = np.random.default_rng(0).integers(0, 256, (8, 8, 3)).astype(np.uint8)


class Trunk(nn.Module):
    """Dropout and batch normalisation between dense layers."""

    def __init__(self) -> None:
        super().__init__()
        torch.manual_seed(3)
        self.up, self.norm, self.drop = nn.Linear(12, 24), nn.BatchNorm1d(24), nn.Dropout(0.5)
        self.down, self.head = nn.utils.spectral_norm(nn.Linear(24, 12)), nn.Linear(12, 4)
        self.modes: set[tuple[bool, bool]] = set()

    def forward(self, x: Tensor) -> Tensor:
        self.modes.add((self.training, self.drop.training))
        hidden = self.drop(torch.relu(self.norm(self.up(x).flatten(0, -2)).view(*x.shape[:-1], 24)))
        return self.head(self.down(hidden))


class Words(TakesTokens, Trunk):
    """The trunk behind an embedding."""


class Pictures(TakesPictures, Trunk):
    """The trunk behind a convolution."""


def attached(kind: str) -> tuple[nw.LiveModel, Any, Callable[[], Tensor]]:
    """A live model, what to look at, and what makes a batch for training."""
    if kind == "text":
        return nw.attach(Words(), inputs=INPUTS), TEXT, lambda: torch.randint(0, 64, (4, 6))
    return nw.attach(Pictures(), inputs=IMAGES), SHOWN, lambda: torch.rand(4, 3, 8, 8)


def trained(kind: str, looks: bool) -> tuple[dict[str, Tensor], Tensor, set[tuple[bool, bool]], int]:
    """Weights and buffers, the next random numbers, the modes of all passes; how often it was looked at meanwhile."""
    live, x, batch = attached(kind)
    module: Any = live.module.train()
    optimiser = torch.optim.SGD(module.parameters(), lr=0.05, momentum=0.9)
    looked, over, errors = threading.Event(), threading.Event(), []
    count = 0

    def look() -> None:
        nonlocal count
        try:
            while not over.is_set():
                live.record(x)
                live.predict(x)
                count += 1
                looked.set()
        except BaseException as error:
            errors.append(error)
            looked.set()

    watcher = threading.Thread(target=look)
    torch.manual_seed(11)
    if looks:
        watcher.start()
        looked.wait()
    for _ in range(60):
        loss = module(batch()).square().mean() + torch.rand(()) * module.head.bias.sum()
        loss.backward()
        with live.lock:
            optimiser.step()
            optimiser.zero_grad()
        if looks:  # a look falls into every step, wherever it begins
            looked.clear()
            looked.wait(1)
    over.set()
    if looks:
        watcher.join()
    assert not errors, errors
    state = {name: tensor.clone() for name, tensor in module.state_dict().items()}
    return state, torch.rand(8), module.modes, count


@pytest.mark.parametrize("kind", ["text", "image"])
def test_training_goes_on_as_if_nobody_looked(kind: str) -> None:
    alone, numbers, _, _ = trained(kind, False)
    watched, same_numbers, modes, count = trained(kind, True)
    assert count >= 60
    assert alone.keys() == watched.keys()
    assert all(torch.equal(alone[name], watched[name]) for name in alone), "to the bit"
    assert torch.equal(numbers, same_numbers)
    assert modes == {(True, True)}, "no pass of the other thread was in evaluation mode"


def hooks_of(module: nn.Module) -> list[list[int]]:
    return [[*part._forward_hooks, *part._forward_pre_hooks] for part in module.modules()]


@pytest.mark.parametrize("kind", ["text", "image"])
def test_attach_and_record_write_nothing(kind: str) -> None:
    live, x, batch = attached(kind)
    module = live.module.train()
    module(batch())
    before = {name: tensor.clone() for name, tensor in module.state_dict().items()}
    random_state, hooks = torch.get_rng_state(), hooks_of(module)
    again = nw.attach(module, inputs=live.inputs)
    for one in (live, again):
        one.record(x)
        one.predict(x)
    assert all(torch.equal(before[name], tensor) for name, tensor in module.state_dict().items())
    assert torch.equal(random_state, torch.get_rng_state())
    assert all(part.training for part in module.modules())
    assert hooks_of(module) == hooks


def test_observers_are_as_they_were() -> None:
    module: Any = nn.Sequential(nn.Embedding(64, 8), nn.Linear(8, 8), nn.ReLU(), nn.Linear(8, 64)).eval()
    observer = torch.ao.quantization.MinMaxObserver()
    module[1].add_module("observer", observer)
    module[1].register_forward_hook(lambda part, _, output: part.observer(output))
    live = nw.attach(module, inputs=INPUTS)
    live.record(TEXT)
    assert observer.min_val == torch.inf
    assert observer.max_val == -torch.inf


def test_parameters_are_shared_and_nothing_else() -> None:
    module = Words()
    copy = Copy(module).parts[""]
    for ours, theirs in zip(copy.parameters(), module.parameters(), strict=True):
        assert ours is theirs
        assert ours.data_ptr() == theirs.data_ptr()
    assert all(a.data_ptr() != b.data_ptr() for a, b in zip(copy.buffers(), module.buffers(), strict=True) if a.numel())
    assert not {id(part) for part in copy.modules()} & {id(part) for part in module.modules()}


# ---- one module, two live models -------------------------------------------------------------------------------------


def test_one_module_has_one_lock() -> None:
    module = Words()
    one, two = (nw.attach(module, inputs=INPUTS) for _ in range(2))
    compiled: Any = torch.compile(module, backend="eager")
    assert one.lock is two.lock is nw.attach(compiled, inputs=INPUTS).lock
    lock = one.lock
    del one, two
    assert nw.attach(module, inputs=INPUTS).lock is lock, "as long as the module lives"
    assert nw.attach(Words(), inputs=INPUTS).lock is not lock


class Keeping(nn.Module):
    """Keeps what it reads in an attribute, and goes on from there."""

    def __init__(self) -> None:
        super().__init__()
        self.embed, self.up, self.head = nn.Embedding(64, 12), nn.Linear(12, 24), nn.Linear(24, 64)

    def forward(self, ids: Tensor) -> Tensor:
        self.kept = self.embed(ids).cumsum(1)
        return self.head(torch.relu(self.up(self.kept)))


def test_two_threads_with_an_attachment_each_record_what_is_right() -> None:
    torch.manual_seed(0)
    module = Keeping().eval()
    lives = [nw.attach(module, inputs=INPUTS) for _ in range(2)]
    texts = ["abcde", "what makes it fire, and what does not?"]
    expected = [lives[0].record(text)["dense.0"].clone() for text in texts]
    wrong: list[str] = []
    start = threading.Barrier(2)

    def record(live: nw.LiveModel, text: str, right: Tensor) -> None:
        start.wait()
        wrong.extend(text for _ in range(100) if not torch.equal(live.record(text)["dense.0"], right))

    threads = [threading.Thread(target=record, args=each) for each in zip(lives, texts, expected, strict=True)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []


# ---- random numbers --------------------------------------------------------------------------------------------------


class Drawing(nn.Module):
    """Draws while it is evaluated."""

    def __init__(self, draw: Callable[[Tensor], Tensor]) -> None:
        super().__init__()
        self.embed, self.up, self.head = nn.Embedding(64, 12), nn.Linear(12, 24), nn.Linear(24, 64)
        self.draw = draw

    def forward(self, ids: Tensor) -> Tensor:
        hidden = torch.relu(self.up(self.embed(ids)))
        return self.head(hidden + self.draw(hidden))


DRAWS: dict[str, Callable[[Tensor], Tensor]] = {
    "rand_like": torch.rand_like,
    "randn": lambda x: torch.randn(x.shape),
    "dropout": lambda x: nn.functional.dropout(x, 0.5),
    "normal_": lambda x: torch.empty_like(x).normal_(),
    "bernoulli": lambda x: torch.bernoulli(torch.full_like(x, 0.5)),
    "randperm": lambda x: torch.randperm(x.shape[-1]).float(),
}


@pytest.mark.parametrize("draw", DRAWS.values(), ids=DRAWS)
def test_a_model_that_draws_leaves_the_numbers_of_others(draw: Callable[[Tensor], Tensor]) -> None:
    torch.manual_seed(5)
    before = torch.get_rng_state()
    module = Drawing(draw).eval()
    before = torch.get_rng_state()
    live = nw.attach(module, inputs=INPUTS)
    first, second = live.record(TEXT, sites=["head.in"]), live.record(TEXT, sites=["head.in"])
    live.predict(TEXT)
    assert torch.equal(before, torch.get_rng_state())
    assert torch.equal(first["head.in"], second["head.in"])
    assert live.draws


def test_a_model_that_begins_to_draw_is_noticed_before_it_does() -> None:
    module: Any = Drawing(torch.zeros_like).eval()
    live = nw.attach(module, inputs=INPUTS)
    live.record(TEXT)
    assert not live.draws
    module.head.register_forward_pre_hook(lambda _, args: (args[0] + torch.rand_like(args[0]),))
    before = torch.get_rng_state()
    live.record(TEXT, sites=["dense.0"])
    live.predict(TEXT)
    assert torch.equal(before, torch.get_rng_state())


@pytest.mark.parametrize("draw", [lambda x: x * random.random(), lambda x: x * float(np.random.rand())])  # noqa: NPY002
def test_a_model_that_draws_from_what_all_share_is_refused(draw: Callable[[Tensor], Tensor]) -> None:
    with pytest.raises(nw.AttachError, match="global generator"):
        nw.attach(Drawing(draw), inputs=INPUTS)


# ---- models without a copy -------------------------------------------------------------------------------------------


class Uncopied(Keeping):
    """Holds what cannot be copied, and counts its passes."""

    def __init__(self) -> None:
        super().__init__()
        self.source = (i for i in range(3))
        self.drop = nn.Dropout(0.5)
        self.inside, self.go_on = [threading.Event()], [threading.Event()]
        self.register_buffer("passes", torch.zeros(()))

    def forward(self, ids: Tensor) -> Tensor:
        self.passes += 1
        if len(ids) > 1:
            self.inside[0].set()
            self.go_on[0].wait()
        return super().forward(self.drop(ids.float()).long())


def test_a_module_without_a_copy_is_run_alone_and_is_as_it_was() -> None:
    module = Uncopied().train()
    live = nw.attach(module, inputs=INPUTS)
    first, second = live.record(TEXT), live.record(TEXT)
    assert all(torch.equal(first[site], second[site]) for site in first.sites)
    assert all(part.training for part in module.modules())
    assert float(module.passes) == 0
    assert not hasattr(module, "kept")
    assert not any(part._forward_hooks or part._forward_pre_hooks for part in module.modules())


def test_a_module_without_a_copy_is_edited_alone_and_is_as_it_was() -> None:
    module = Uncopied().train()
    live = nw.attach(module, inputs=INPUTS)
    plain, site = live.record(TEXT), live.sites.defaults[0].name
    edited = live.edited(nw.Edit(site, lambda rows: rows + 1)).record(TEXT)
    assert torch.equal(edited[site], plain[site] + 1)
    assert not any(part._forward_hooks or part._forward_pre_hooks for part in module.modules())
    assert torch.equal(live.record(TEXT)[site], plain[site])


def test_a_module_without_a_copy_is_not_touched_while_another_thread_is_inside(monkeypatch: Any) -> None:
    monkeypatch.setattr("neuronwidget.live.replica.exclusive.SECONDS", 0.0)
    module = Uncopied().train()
    live = nw.attach(module, inputs=INPUTS)
    other = threading.Thread(target=module, args=(torch.ones(2, 3, dtype=torch.long),))
    other.start()
    module.inside[0].wait()
    try:
        with pytest.raises(RuntimeError, match="Another thread is running the model"):
            live.record(TEXT)
        assert all(part.training for part in module.modules())
    finally:
        module.go_on[0].set()
        other.join()
    assert live.record(TEXT).sites


# ---- memory ----------------------------------------------------------------------------------------------------------


def lead_back(module: Any) -> None:
    forward = module.head.forward
    module.head.forward = lambda x: forward(x) + module.up.bias.sum()
    module.up.register_forward_hook(lambda _, __, output: output + module.head.bias.sum())


@pytest.mark.parametrize("hooked", [False, True])
def test_a_model_that_is_held_weakly_goes_with_its_replica(hooked: bool) -> None:
    module: Any = Words().eval()
    if hooked:  # by a hook and a forward that lead to the whole model
        lead_back(module)
    live = nw.attach(module, inputs=INPUTS, keep=False)
    live.record(TEXT)
    live.reader().read([1, 2, 3], live.sites.defaults)
    with live.running() as parts:
        replica = weakref.ref(parts[""])
    del parts
    gone, weight = weakref.ref(module), weakref.ref(module.up.weight)
    del module
    gc.collect()  # frees the model, which lets go of the replica
    gc.collect()
    assert gone() is None
    assert replica() is None
    assert weight() is None
    with pytest.raises(ModelGoneError):
        live.record(TEXT)


class Seeding(nn.Module):
    """Sets the seed of what it draws at every pass."""

    def __init__(self) -> None:
        super().__init__()
        self.table, self.mix = nn.Embedding(64, 8), nn.Linear(8, 8)

    def forward(self, ids: Tensor) -> Tensor:
        torch.manual_seed(7)
        return self.mix(self.table(ids) + torch.randn(8))


def test_a_model_that_sets_the_seed_itself_draws_what_it_would_and_leaves_the_global_generator() -> None:
    module = Seeding().eval()
    live = nw.attach(module, inputs=INPUTS)
    seeds = torch.manual_seed
    torch.manual_seed(3)
    before = torch.get_rng_state()
    recorded = live.record(TEXT, sites=["dense.0"])["dense.0"]
    assert torch.equal(torch.get_rng_state(), before)
    assert torch.manual_seed is seeds
    expected = module(torch.tensor([live.inputs.tokens(TEXT).ids]))[0].detach()
    torch.testing.assert_close(recorded, expected)
