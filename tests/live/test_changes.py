"""Every change of a model is seen by the next look: what is shown then is what a fresh full pass gives."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor, nn

import neuronwidget as nw
from neuronwidget.live.replica.trust import KEYS
from neuronwidget.stream.protocol.asks import Ask
from neuronwidget.widgets.frames.build import FrameBuilder
from tests.asks import ask_image, ask_text
from tests.live.fronts import TakesPictures, TakesTokens

TEXT = "what makes it fire?"
INPUTS = nw.TextInputs(lambda text: [ord(c) % 64 for c in text], lambda ids: "".join(chr(i) for i in ids))


class Settings:
    """A configuration as frameworks have them."""

    def __init__(self) -> None:
        self.scale = 1.0
        self.more = {"bias": [0.0, 0.0]}


class Layer(nn.Module):
    """A dense layer with an adapter that can be switched off, and settings at several depths."""

    def __init__(self, settings: Settings) -> None:
        super().__init__()
        self.dense, self.adapter = nn.Linear(12, 12), nn.Linear(12, 12)
        self.settings = settings
        self.disabled = False
        self.register_buffer("shift", torch.zeros(12))
        self.plain = torch.ones(12)

    def forward(self, x: Tensor) -> Tensor:
        hidden = self.dense(x) * self.settings.scale + self.settings.more["bias"][1] + self.shift
        hidden = hidden * self.plain
        return torch.tanh(hidden if self.disabled else hidden + self.adapter(x))


class Trunk(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        torch.manual_seed(3)
        self.settings = Settings()
        self.layers = nn.ModuleList(Layer(self.settings) for _ in range(2))
        self.head = nn.Linear(12, 4)

    def forward(self, x: Tensor) -> Tensor:
        for layer in self.layers:
            x = layer(x)
        return self.head(x)


class Words(TakesTokens, Trunk):
    """The trunk behind an embedding."""


class Pictures(TakesPictures, Trunk):
    """The trunk behind a convolution."""


SHOWN = np.random.default_rng(0).integers(0, 256, (8, 8, 3)).astype(np.uint8)


def attached(kind: str) -> nw.LiveModel:
    if kind == "text":
        return nw.attach(Words(), inputs=INPUTS)
    return nw.attach(Pictures(), inputs=nw.ImageInputs(8, classes=list("abcd")))


def ask(kind: str) -> Ask:
    if kind == "text":
        return ask_text(TEXT, "layers.1", unit="layers.1:2")
    return ask_image(SHOWN, "layers.1", unit="layers.1:2")


def expected(live: nw.LiveModel) -> Tensor:
    """A full pass of the module itself, by a hook placed by hand."""
    module: Any = live.module
    kept: list[Tensor] = []
    handle = module.layers[1].register_forward_hook(lambda _, __, out: kept.append(out.detach().clone()))
    before = [part.training for part in module.modules()]
    module.eval()
    with torch.no_grad():
        if isinstance(module, Words):
            module(torch.tensor([INPUTS.tokens(TEXT).ids]))
        else:
            module(live.inputs.prepare(SHOWN))
    for part, training in zip(module.modules(), before, strict=True):
        part.training = training
    handle.remove()
    return kept[0].reshape(-1, 12)


class Steering:
    """A hook that is a method; its strength is an attribute."""

    def __init__(self, strength: float) -> None:
        self.strength = strength

    def __call__(self, _: nn.Module, __: Any, output: Tensor) -> Tensor:
        return output + self.strength

    def hook(self, _: nn.Module, __: Any, output: Tensor) -> Tensor:
        return output - self.strength


def times(factor: float, _: nn.Module, __: Any, output: Tensor) -> Tensor:
    return output * factor


STRENGTH = 1.0


def by_a_global(_: nn.Module, __: Any, output: Tensor) -> Tensor:
    return output * STRENGTH


def with_a_closure(module: Any) -> Callable[[], object]:
    strength = 1.0

    def hook(_: nn.Module, __: Any, output: Tensor) -> Tensor:
        return output + strength

    def change() -> None:
        nonlocal strength
        strength = 3.0

    module.layers[0].register_forward_hook(hook)
    return change


def with_a_list_in_a_closure(module: Any) -> Callable[[], object]:
    strength = [1.0]
    module.layers[0].register_forward_hook(lambda _, __, output: output + strength[0])
    return lambda: strength.__setitem__(0, 3.0)


def with_another_part_in_a_closure(module: Any) -> Callable[[], object]:
    """A hook that calls a part of the model itself."""
    strength = [1.0]
    module.layers[0].register_forward_hook(lambda _, __, output: output + strength[0] * module.layers[1].dense(output))
    return lambda: strength.__setitem__(0, 3.0)


def with_a_default(module: Any) -> Callable[[], object]:
    def hook(_: nn.Module, __: Any, output: Tensor, strength: float = 1.0) -> Tensor:
        return output + strength

    module.layers[0].register_forward_hook(hook)
    return lambda: setattr(hook, "__defaults__", (3.0,))


def with_a_global(module: Any) -> Callable[[], object]:
    module.layers[0].register_forward_hook(by_a_global)
    return lambda: globals().__setitem__("STRENGTH", 3.0)


def with_an_object(module: Any) -> Callable[[], object]:
    steering = Steering(1.0)
    module.layers[0].register_forward_hook(steering)
    return lambda: setattr(steering, "strength", 3.0)


def with_a_method(module: Any) -> Callable[[], object]:
    steering = Steering(1.0)
    module.layers[0].register_forward_hook(steering.hook)
    return lambda: setattr(steering, "strength", 3.0)


def with_a_partial(module: Any) -> Callable[[], object]:
    handle = module.layers[0].register_forward_hook(functools.partial(times, 2.0))

    def change() -> None:
        handle.remove()
        module.layers[0].register_forward_hook(functools.partial(times, 3.0))

    return change


def swapped_hooks(module: Any) -> Callable[[], object]:
    handle = module.layers[0].register_forward_hook(lambda _, __, output: output + 1)

    def change() -> None:
        handle.remove()
        module.layers[0].register_forward_hook(lambda _, __, output: output - 1)

    return change


def now(change: Callable[[Any], object]) -> Callable[[Any], Callable[[], object]]:
    """A change that needs no preparation."""
    return lambda module: functools.partial(change, module)


def scaled(module: Any) -> None:
    module.layers[0].dense.weight.data *= 2


def scaled_where_most_is_nought(module: Any) -> Callable[[], object]:
    weight = module.layers[0].dense.weight.data
    weight *= torch.rand(weight.shape, generator=torch.Generator().manual_seed(0)) > 0.97
    return lambda: weight.mul_(-3)


def from_a_vector(module: Any) -> None:
    vector = nn.utils.parameters_to_vector(module.parameters())
    nn.utils.vector_to_parameters(vector * 1.5, module.parameters())


def other_data(module: Any) -> None:
    module.layers[0].dense.weight.data = torch.randn(12, 12, generator=torch.Generator().manual_seed(1))


def by_torch(module: Any) -> None:
    with torch.no_grad():
        module.layers[0].dense.bias += 1


def another_parameter(module: Any) -> None:
    module.layers[0].dense.bias = nn.Parameter(torch.ones(12))


def another_part(module: Any) -> None:
    module.layers[0].dense = nn.Linear(12, 12)


def another_layer(module: Any) -> None:
    module.layers[0] = nn.Sequential(nn.Linear(12, 12), nn.Tanh())


def another_forward(module: Any) -> None:
    forward = module.layers[0].forward
    module.layers[0].forward = lambda x: forward(x) * 2


def a_new_hook(module: Any) -> None:
    module.layers[0].register_forward_pre_hook(lambda _, args: (args[0] * 2,))


def a_hook_gone(module: Any) -> Callable[[], object]:
    return module.layers[0].register_forward_pre_hook(lambda _, args: (args[0] * 2,)).remove


def a_parametrisation(module: Any) -> None:
    nn.utils.parametrizations.spectral_norm(module.layers[0].dense)


WAYS: dict[str, Callable[[Any], Callable[[], object]]] = {
    "whole tensor, not counted": now(scaled),
    "most of it is zero": scaled_where_most_is_nought,
    "vector_to_parameters": now(from_a_vector),
    "param.data = …": now(other_data),
    "in place, counted": now(by_torch),
    "another parameter": now(another_parameter),
    "another part": now(another_part),
    "another layer": now(another_layer),
    "another forward": now(another_forward),
    "parametrisation": now(a_parametrisation),
    "buffer, counted": now(lambda module: module.layers[0].shift.add_(1)),
    "buffer, not counted": now(lambda module: module.layers[0].shift.data.sub_(1)),
    "plain tensor, in place": now(lambda module: module.layers[0].plain.mul_(2)),
    "plain tensor, another": now(lambda module: setattr(module.layers[0], "plain", torch.full((12,), 2.0))),
    "adapter off": now(lambda module: setattr(module.layers[0], "disabled", True)),
    "setting": now(lambda module: setattr(module.settings, "scale", 2.0)),
    "setting, deeper": now(lambda module: module.settings.more["bias"].__setitem__(1, 2.0)),
    "setting in a dict, another list": now(lambda module: module.settings.more.update(bias=[0.0, 2.0])),
    "hook put on": now(a_new_hook),
    "hook taken off": a_hook_gone,
    "hook swapped": swapped_hooks,
    "closure": with_a_closure,
    "list in a closure": with_a_list_in_a_closure,
    "part in a closure": with_another_part_in_a_closure,
    "default": with_a_default,
    "global": with_a_global,
    "object": with_an_object,
    "method of an object": with_a_method,
    "partial": with_a_partial,
}


@pytest.mark.parametrize("kind", ["text", "image"])
@pytest.mark.parametrize("way", WAYS)
def test_what_changed_is_shown_at_once(way: str, kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(globals(), "STRENGTH", 1.0)
    live = attached(kind)
    change = WAYS[way](live.module)
    builder = FrameBuilder(live)
    before = live.signature()
    shown = builder.build(ask(kind)).arrays["trace.unit"]
    torch.testing.assert_close(torch.tensor(shown).flatten(), expected(live)[:, 2])
    assert live.signature() == live.signature(), "nothing changed"
    before = live.signature()
    change()
    fresh = expected(live)[:, 2]
    assert not torch.allclose(torch.tensor(shown).flatten(), fresh), "the change tells"
    assert live.signature() != before
    torch.testing.assert_close(torch.tensor(builder.build(ask(kind)).arrays["trace.unit"]).flatten(), fresh)
    x: Any = TEXT if kind == "text" else SHOWN
    torch.testing.assert_close(live.record(x, sites=["layers.1"])["layers.1"], expected(live))


@pytest.mark.parametrize("kind", ["text", "image"])
@pytest.mark.parametrize("said", [True, False])
def test_single_elements_are_noticed_when_it_is_said_or_after_a_number_of_keys(kind: str, said: bool) -> None:
    live = attached(kind)
    builder = FrameBuilder(live)
    builder.build(ask(kind))
    weight = live.module.layers[0].dense.weight.data  # type: ignore[union-attr, index]
    weight[5, 7] += 3
    if said:
        live.changed()
    fresh = expected(live)[:, 2]
    for _ in range(1 if said else KEYS):
        shown = torch.tensor(builder.build(ask(kind)).arrays["trace.unit"]).flatten()
    torch.testing.assert_close(shown, fresh)


def test_a_model_that_changes_itself_is_no_other_model_for_being_looked_at() -> None:
    class Counting(Words):
        def __init__(self) -> None:
            super().__init__()
            self.calls, self.seen = 0, []
            self.register_buffer("total", torch.zeros(()))

        def forward(self, ids: Tensor) -> Tensor:
            self.calls += 1
            self.total += 1
            self.last = ids
            self.seen.append(len(ids[0]))
            return super().forward(ids) + 0 * self.total

    module = Counting()
    live = nw.attach(module, inputs=INPUTS)
    before = live.signature()
    first, second = live.record(TEXT), live.record(TEXT)
    assert all(torch.equal(first[site], second[site]) for site in first.sites)
    assert live.signature() == before
    assert (module.calls, module.seen, float(module.total)) == (0, [], 0.0)
    assert not hasattr(module, "last")


def test_what_is_of_one_moment_is_looked_at_once() -> None:
    layer = nn.Linear(3, 4)
    live = nw.attach(nn.Sequential(layer, nn.Linear(4, 2)), inputs=nw.TableInputs(dict.fromkeys("abc", (-1, 1))))

    def change() -> None:
        with torch.no_grad():
            layer.weight.mul_(2)

    before = live.signature()
    with live.seen_once():
        change()
        first = live.signature()
        assert first != before, "the first use looks"
        change()
        with live.seen_once():
            assert live.signature() == first, "and further ones do not"
    assert live.signature() != first, "what changed meanwhile is seen by the next look"
    second = live.signature()
    with pytest.raises(KeyError), live.seen_once():
        live.sites.resolve(f"nowhere.{live.signature() is second}")
    change()
    assert live.signature() != second, "also where something was raised"
