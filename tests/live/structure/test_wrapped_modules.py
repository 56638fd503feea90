"""Modules whose weights are made, packed, wrapped, counted or still missing: the same places, and left as they were."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import torch
from torch import Tensor, nn
from torch.nn.utils import parametrizations, spectral_norm, weight_norm

import neuronwidget as nw
from neuronwidget.live.capture import CaptureError

TEXT = "what makes this neuron fire?"
COLUMNS = dict.fromkeys("abcde", (0.0, 1.0))
ROW = {"a": 0.1, "b": 0.9, "c": 0.5, "d": 0.0, "e": 1.0}
Wrap = Callable[[nn.Module], nn.Module]


def text_inputs(**settings: Any) -> nw.TextInputs:
    return nw.TextInputs(lambda text: [ord(c) % 64 for c in text], lambda ids: "".join(map(chr, ids)), **settings)


class LoRA(nn.Module):
    """An adapter beside a layer, laid out as peft does it."""

    def __init__(self, base: nn.Linear) -> None:
        super().__init__()
        self.base_layer, self.in_features, self.out_features = base, base.in_features, base.out_features
        self.lora_dropout = nn.ModuleDict({"default": nn.Identity()})
        self.lora_A = nn.ModuleDict({"default": nn.Linear(base.in_features, 2, bias=False)})
        self.lora_B = nn.ModuleDict({"default": nn.Linear(2, base.out_features, bias=False)})

    @property
    def weight(self) -> Tensor:
        return self.base_layer.weight

    def forward(self, x: Tensor) -> Tensor:
        down = self.lora_A["default"](self.lora_dropout["default"](x))
        return self.base_layer(x) + 2.0 * self.lora_B["default"](down)


def packed(layer: nn.Module) -> nn.Module:
    return torch.ao.quantization.quantize_dynamic(nn.Sequential(layer), {nn.Linear}, torch.qint8)[0]


def observed(layer: nn.Module) -> nn.Module:
    layer.eval().qconfig = torch.ao.quantization.get_default_qconfig("fbgemm")  # type: ignore[assignment, union-attr]
    return torch.ao.quantization.prepare(nn.Sequential(layer))[0]


WRAPS: dict[str, Wrap] = {
    "plain": lambda layer: layer,
    "weight_norm": parametrizations.weight_norm,
    "spectral_norm": parametrizations.spectral_norm,
    "orthogonal": parametrizations.orthogonal,
    "weight_norm, old": weight_norm,
    "spectral_norm, old": spectral_norm,
    "adapter": LoRA,
    "packed": packed,
    "observed": observed,
}
every_wrap = pytest.mark.parametrize("name", WRAPS)


def layers(wrap: Wrap, first: nn.Module, inside: int) -> nn.Sequential:
    torch.manual_seed(0)
    middle = (wrap(nn.Linear(inside, 24)), nn.ReLU(), wrap(nn.Linear(24, 8)), nn.GELU(), nn.Linear(8, 3))
    return nn.Sequential(first, *middle).eval()


@every_wrap
@pytest.mark.parametrize("kind", ["text", "table"])
def test_a_layer_is_one_place_whatever_it_is_made_of(name: str, kind: str) -> None:
    if kind == "text":
        module = layers(WRAPS[name], nn.Embedding(64, 8), 8)
        live, x = nw.attach(module, inputs=text_inputs()), TEXT
        given = torch.tensor([live.inputs.tokens(TEXT).ids])
    else:
        module = layers(WRAPS[name], nn.Identity(), 5)
        live, x = nw.attach(module, inputs=nw.TableInputs(COLUMNS)), ROW
        given = live.inputs.prepare(live.inputs.read(ROW))
    found = [(site.name, site.canonical, site.width) for site in live.sites.defaults]
    assert found == [("dense.0", "2", 24), ("dense.1", "4", 8), ("dense.2", "5", 3)]
    recording = live.record(x)
    with torch.no_grad():
        assert torch.allclose(recording["dense.0"], module[:3](given).flatten(0, -2), atol=1e-6)
        assert torch.allclose(recording["dense.2"], module(given).flatten(0, -2), atol=1e-6)
        said = module(given).flatten(0, -2)[-1].softmax(-1).sort(descending=True).values
    assert live.predict(x)["probability"].tolist() == pytest.approx(said.tolist(), rel=1e-5)
    assert not [site for site in live.sites if "parametrizations" in site.module]


def test_a_wrapper_that_takes_a_part_from_transformers_is_a_plain_module() -> None:
    """As peft's models are: they can be pushed to the hub, and need not hold a model of transformers."""
    hub = pytest.importorskip("transformers.utils.hub")

    class Wrapper(hub.PushToHubMixin, nn.Module):  # type: ignore[misc, name-defined]
        def __init__(self) -> None:
            super().__init__()
            self.inner = layers(WRAPS["adapter"], nn.Embedding(64, 8), 8)

        def forward(self, *args: Any, **kwargs: Any) -> Any:
            return self.inner(*args, **kwargs)

    live = nw.attach(Wrapper(), inputs=text_inputs())
    assert [site.canonical for site in live.sites.defaults] == ["inner.2", "inner.4", "inner.5"]


@pytest.mark.parametrize("name", ["plain", "weight_norm", "adapter"])
def test_a_wrapped_convolution_is_one_place(name: str) -> None:
    class Adapter(nn.Module):
        def __init__(self, base: nn.Conv2d) -> None:
            super().__init__()
            self.base_layer, self.lora_A = base, nn.Conv2d(1, 2, 3)
            self.lora_B = nn.Conv2d(2, 4, 1)

        @property
        def weight(self) -> Tensor:
            return self.base_layer.weight

        def forward(self, x: Tensor) -> Tensor:
            return self.base_layer(x) + self.lora_B(self.lora_A(x))

    wrap = {**WRAPS, "adapter": Adapter}[name]
    torch.manual_seed(0)
    module = nn.Sequential(wrap(nn.Conv2d(1, 4, 3)), nn.ReLU(), nn.Flatten(), nn.Linear(4 * 36, 2)).eval()
    live = nw.attach(module, inputs=nw.ImageInputs(8, channels=1))
    assert [site.canonical for site in live.sites.defaults] == ["1", "3"]
    assert live.record(torch.rand(1, 8, 8))["conv.0"].shape == (36, 4)


def state(module: nn.Module) -> dict[str, Tensor]:
    return {name: value.clone() for name, value in module.state_dict().items() if isinstance(value, Tensor)}


@pytest.mark.parametrize("name", WRAPS)
def test_nothing_is_trained_or_observed_by_looking(name: str) -> None:
    """Vectors of spectral norm, ranges of observers: a module in training is looked at and left as it was."""
    module = layers(WRAPS[name], nn.Embedding(64, 8), 8).train()
    before = state(module)
    live = nw.attach(module, inputs=text_inputs())
    live.record(TEXT)
    live.predict(TEXT)
    after = state(module)
    assert before.keys() == after.keys()
    assert all(torch.equal(before[key], after[key]) for key in before)
    assert module.training


class Counting(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.inner = layers(WRAPS["plain"], nn.Embedding(64, 8), 8)
        self.calls = 0
        self.register_buffer("seen", torch.zeros(()))

    def forward(self, ids: Tensor) -> Tensor:
        self.calls += 1
        self.longest = ids.shape[1]
        self.seen = self.seen + 1
        if self.calls == 1 and ids.shape[1] < 10:  # as BigBird does: another way for good after a short input
            self.inner[2] = nn.Tanh()
        return self.inner(ids)


def test_what_a_pass_changes_about_the_parts_is_put_back() -> None:
    """Counters, attributes, buffers and parts; and what was read before makes no difference to what is read then."""
    module, other = Counting().eval(), Counting().eval()
    relu = module.inner[2]
    live = nw.attach(module, inputs=text_inputs())
    live.record("short")
    recording = live.record(TEXT)
    assert (module.calls, float(module.seen), module.inner[2]) == (0, 0.0, relu)
    assert not hasattr(module, "longest")
    with torch.no_grad():
        expected = other(torch.tensor([live.inputs.tokens(TEXT).ids]))[0]
    assert torch.allclose(recording["dense.2"], expected, atol=1e-6)


def test_a_forward_in_inference_mode() -> None:
    class Inferring(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.inner = layers(WRAPS["plain"], nn.Embedding(64, 8), 8)

        @torch.inference_mode()
        def forward(self, ids: Tensor) -> Tensor:
            return self.inner(ids)

    module = Inferring()
    live = nw.attach(module, inputs=text_inputs())
    with torch.no_grad():
        expected = module.inner[:3](torch.tensor([live.inputs.tokens(TEXT).ids]))[0]
    assert torch.allclose(live.record(TEXT)["dense.0"], expected)
    assert live.reader().read(live.inputs.tokens(TEXT).ids, live.sites.defaults)


def test_what_runs_inside_vmap_is_said_and_what_follows_is_seen() -> None:
    class Mapped(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.embed, self.inner, self.act = nn.Embedding(64, 8), nn.Linear(8, 12), nn.ReLU()
            self.head = nn.Linear(12, 64)

        def forward(self, ids: Tensor) -> Tensor:
            return self.head(self.act(torch.vmap(self.inner)(self.embed(ids))))

    module = Mapped()
    live = nw.attach(module, inputs=text_inputs())
    assert "inner: what runs inside torch.vmap cannot be looked at" in repr(live)
    recording = live.record(TEXT, sites=["act", "head"])
    with torch.no_grad():
        expected = module(torch.tensor([live.inputs.tokens(TEXT).ids]))[0]
    assert torch.allclose(recording["head"], expected, atol=1e-6)


@pytest.mark.parametrize("inputs", [text_inputs(), nw.TableInputs(COLUMNS)], ids=["text", "table"])
def test_a_lazy_module_is_left_lazy_and_asked_for_an_input(inputs: Any) -> None:
    module = nn.Sequential(nn.Identity(), nn.LazyLinear(4))
    with pytest.raises(nw.AttachError, match=r"^1 does not know its size yet: call the model once on an input"):
        nw.attach(module, inputs=inputs)
    assert isinstance(module[1], nn.LazyLinear)
    assert torch.nn.parameter.is_lazy(module[1].weight)


def test_a_part_that_is_replaced_is_followed_or_said() -> None:
    module = layers(WRAPS["plain"], nn.Embedding(64, 8), 8)
    live = nw.attach(module, inputs=text_inputs())
    module[1] = nn.Linear(8, 24)
    with torch.no_grad():
        expected = module[:3](torch.tensor([live.inputs.tokens(TEXT).ids]))[0]
    assert torch.allclose(live.record(TEXT, sites=["dense.0"])["dense.0"], expected), "of one shape: followed"
    module[1], module[3] = nn.Linear(8, 30), nn.Linear(30, 8)
    with pytest.raises(CaptureError, match=r"dense\.0 gave 30 units where it gave 24 before"):
        live.record(TEXT, sites=["dense.0"])
    del module[4:]
    with pytest.raises(CaptureError, match=r"no part '5' any more: it was replaced\. Attach the model again"):
        live.record(TEXT, sites=["dense.2"])
