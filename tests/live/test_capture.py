"""What a recording says, and that it leaves no trace in the model."""

import threading
from dataclasses import dataclass

import pytest
import torch
from torch import Tensor, nn

import neuronwidget as nw
from neuronwidget.live.capture import CaptureError, capture

INPUTS = nw.TextInputs(lambda text: [ord(c) % 64 for c in text], lambda ids: "".join(chr(i) for i in ids))
TEXT = "what makes this neuron fire?"


class Block(nn.Module):
    """A transformer's MLP block, gated or not, without its attention."""

    def __init__(self, gated: bool = False) -> None:
        super().__init__()
        self.up = nn.Linear(16, 48)
        self.gate = nn.Linear(16, 48) if gated else None
        self.act = nn.GELU()
        self.down = nn.Linear(48, 16)

    def forward(self, x: Tensor) -> Tensor:
        inner = self.act(self.up(x)) if self.gate is None else self.act(self.gate(x)) * self.up(x)
        return x + self.down(inner)


class Stack(nn.Module):
    def __init__(self, blocks: list[nn.Module]) -> None:
        super().__init__()
        self.embed = nn.Embedding(64, 16)
        self.layers = nn.ModuleList(blocks)
        self.drop = nn.Dropout(0.5)
        self.head = nn.Linear(16, 64, bias=False)

    def forward(self, ids: Tensor) -> Tensor:
        x = self.embed(ids)
        for layer in self.layers:
            x = layer(self.drop(x))
        return self.head(x)


def by_hand(module: nn.Module, ids: list[int], path: str) -> Tensor:
    """The input of a submodule, by a hook placed by hand."""
    kept: list[Tensor] = []
    handle = module.get_submodule(path).register_forward_pre_hook(lambda _, args: kept.append(args[0].clone()))
    with torch.no_grad():
        module.eval()(torch.tensor([ids]))
    handle.remove()
    return kept[0][0]


@pytest.mark.parametrize("gated", [False, True])
def test_neurons_are_the_input_of_the_down_projection(gated: bool) -> None:
    live = nw.attach(Stack([Block(gated), Block(gated), Block(gated)]), inputs=INPUTS)
    assert [site.name for site in live.sites.defaults] == ["mlp.0", "mlp.1", "mlp.2"]
    recording = live.record(TEXT)
    for layer in range(3):
        expected = by_hand(live.module, INPUTS.tokens(TEXT).ids, f"layers.{layer}.down")
        assert torch.equal(recording[f"mlp.{layer}"], expected)
        assert recording[f"mlp.{layer}"].dtype == torch.float32
    assert recording.positions == list(TEXT)


def state_of(module: nn.Module) -> tuple[object, ...]:
    return (
        {name: value.clone() for name, value in module.state_dict().items()},
        [part.training for part in module.modules()],
        [(len(part._forward_hooks), len(part._forward_pre_hooks)) for part in module.modules()],
        [p.requires_grad for p in module.parameters()],
        torch.get_rng_state(),
        torch.is_grad_enabled(),
        torch.is_inference_mode_enabled(),
    )


def same(a: tuple[object, ...], b: tuple[object, ...]) -> bool:
    flat_a, flat_b = dict(a[0]), dict(b[0])  # type: ignore[call-overload]
    weights = all(torch.equal(flat_a[name], flat_b[name]) for name in flat_a)
    return weights and a[1:4] == b[1:4] and torch.equal(a[4], b[4]) and a[5:] == b[5:]  # type: ignore[arg-type]


class Norm(nn.Module):
    """Updates running statistics in training mode, as batch normalisation does."""

    def __init__(self) -> None:
        super().__init__()
        self.norm = nn.BatchNorm1d(16)

    def forward(self, x: Tensor) -> Tensor:
        return self.norm(x.transpose(1, 2)).transpose(1, 2)


class Explosive(nn.Module):
    armed = False

    def forward(self, x: Tensor) -> Tensor:
        if self.armed:
            raise RuntimeError("boom")
        return x


def test_a_pass_leaves_no_trace_also_after_an_error() -> None:
    module = Stack([Block(), Norm(), Explosive(), Block()]).train()
    module.layers[0].down.weight.requires_grad_(False)
    module.layers[3].eval()
    calls: list[int] = []
    module.layers[0].register_forward_hook(lambda *_: calls.append(1))
    before = state_of(module)
    live = nw.attach(module, inputs=INPUTS)
    assert same(before, state_of(module))
    first, second = live.record(TEXT), live.record(TEXT)
    assert same(before, state_of(module))
    assert calls, "the owner's hook still runs"
    assert all(torch.equal(first[site], second[site]) for site in first.sites), "dropout is off while looking"
    Explosive.armed = True
    try:
        with pytest.raises(RuntimeError, match="boom"):
            live.record(TEXT, sites=["layers.3"])
    finally:
        Explosive.armed = False
    assert same(before, state_of(module))


def test_hooks_act_only_on_the_thread_that_put_them_on() -> None:
    """Another thread's pass through the same model, in the middle of a recording, is neither seen nor stopped."""
    other: list[Tensor] = []

    class Meanwhile(nn.Module):
        busy = False

        def forward(self, x: Tensor) -> Tensor:
            if not Meanwhile.busy:
                Meanwhile.busy = True
                thread = threading.Thread(target=lambda: other.append(module(torch.tensor([[1, 2]]))))
                thread.start()
                thread.join()
                Meanwhile.busy = False
            return x

    module = Stack([Meanwhile(), Block(), Block()]).eval()
    live = nw.attach(module, inputs=INPUTS)
    other.clear()
    recording = live.record(TEXT, sites=["layers.1"])
    assert recording["layers.1"].shape == (len(TEXT), 16)
    assert other[0].shape == (1, 2, 64), "the other pass ran to its end"


def test_a_later_change_in_place_does_not_reach_the_recording() -> None:
    class InPlace(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.linear = nn.Linear(16, 16)

        def forward(self, x: Tensor) -> Tensor:
            return self.linear(x).relu_().mul_(3)

    live = nw.attach(Stack([Block(), InPlace(), Block()]), inputs=INPUTS)
    values = live.record(TEXT, sites=["layers.1.linear"])["layers.1.linear"]
    assert (values < 0).any(), "what the layer gave, before ReLU and tripling were written over it"


@dataclass
class Out:
    hidden: Tensor
    extra: int


@pytest.mark.parametrize("wrap", [lambda x: (x, None), lambda x: {"hidden": x}, lambda x: Out(x, 3), lambda x: [x]])
def test_outputs_of_any_shape_are_read(wrap: object) -> None:
    class Wrapped(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.inner = Block()

        def forward(self, x: Tensor) -> object:
            return wrap(self.inner(x))  # type: ignore[operator]

    class Model(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.embed = nn.Embedding(64, 16)
            self.wrapped = Wrapped()

        def forward(self, ids: Tensor) -> object:
            return self.wrapped(self.embed(ids))

    live = nw.attach(Model(), inputs=INPUTS)
    recording = live.record(TEXT, sites=["wrapped", "wrapped.inner"])
    assert torch.equal(recording["wrapped"], recording["wrapped.inner"])


@pytest.mark.parametrize("dtype", [torch.bfloat16, torch.float16, torch.float64])
def test_other_number_types_are_recorded_as_float32_and_stay_as_they_are(dtype: torch.dtype) -> None:
    module = Stack([Block(), Block()]).to(dtype)
    live = nw.attach(module, inputs=INPUTS)
    values = live.record(TEXT)["mlp.1"]
    assert values.dtype == torch.float32
    assert all(p.dtype == dtype for p in module.parameters())
    expected = by_hand(module, INPUTS.tokens(TEXT).ids, "layers.1.down").float()
    assert torch.equal(values, expected)
    assert live.predict(TEXT, k=2)["probability"].between(0, 1).all()


def test_a_module_that_is_called_twice_is_two_sites() -> None:
    shared = Block()

    class Twice(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.embed, self.shared = nn.Embedding(64, 16), shared

        def forward(self, ids: Tensor) -> Tensor:
            return self.shared(self.shared(self.embed(ids)))

    live = nw.attach(Twice(), inputs=INPUTS)
    recording = live.record(TEXT, sites=["shared", "shared#2"])
    again = shared(recording["shared"][None])[0]
    assert torch.allclose(recording["shared#2"], again, atol=1e-6)
    first_only = live.record(TEXT, sites=["shared"])
    assert torch.equal(first_only["shared"], recording["shared"])


@pytest.mark.parametrize("how", ["wrapper", "in place", "a part"])
def test_compiled_models_are_read_as_they_run_uncompiled(how: str) -> None:
    module = Stack([Block(), Block()]).eval()
    expected = by_hand(module, INPUTS.tokens(TEXT).ids, "layers.1.down")
    compiled: nn.Module = module
    if how == "wrapper":
        compiled = torch.compile(module, backend="eager")  # type: ignore[assignment]
    elif how == "in place":
        module.compile(backend="eager")
    else:
        module.layers[1].compile(backend="eager")
    live = nw.attach(compiled, inputs=INPUTS)
    assert torch.allclose(live.record(TEXT)["mlp.1"], expected, atol=1e-6)


def test_nan_is_recorded_and_not_hidden() -> None:
    module = Stack([Block(), Block()])
    with torch.no_grad():
        module.layers[0].up.bias[3] = float("nan")
    values = nw.attach(module, inputs=INPUTS).record(TEXT)["mlp.0"]
    assert values[:, 3].isnan().all()
    assert not values[:, 4].isnan().any()


def test_a_site_that_is_not_reached_is_named() -> None:
    class Lazy(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.body = Stack([Block(), Block()])

        def forward(self, ids: Tensor) -> Tensor:
            return self.body.head(self.body.embed(ids)) if ids.shape[1] > 10 else self.body(ids)

    live = nw.attach(Lazy(), inputs=INPUTS)
    with pytest.raises(CaptureError, match=r"did not reach mlp\.0, mlp\.1"):
        live.record(TEXT)


def test_the_return_value_is_given_when_the_model_ran_to_its_end() -> None:
    live = nw.attach(Stack([Block(), Block()]), inputs=INPUTS)
    _, output = capture(live.parts, lambda: live.call([1, 2]), live.sites.defaults, stop=False)
    assert output.shape == (1, 2, 64)  # type: ignore[attr-defined]


def test_a_model_without_weights_is_refused_with_a_sentence() -> None:
    with torch.device("meta"):
        module = Stack([Block()])
    with pytest.raises(nw.AttachError, match="'meta' device"):
        nw.attach(module, inputs=INPUTS)


def test_a_model_that_raises_on_the_sample_says_how_to_feed_it() -> None:
    class Picky(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.inner = Stack([Block(), Block()])

        def forward(self, *, input_ids: Tensor, flavour: str) -> Tensor:
            return self.inner(input_ids)

    with pytest.raises(nw.AttachError, match="feed="):
        nw.attach(Picky(), inputs=INPUTS)
    fed = nw.TextInputs(INPUTS.encode, INPUTS.decode, feed=lambda ids: {"input_ids": ids, "flavour": "plum"})
    assert nw.attach(Picky(), inputs=fed).record(TEXT)["mlp.0"].shape == (len(TEXT), 48)


def test_without_inputs_the_message_says_what_is_missing() -> None:
    with pytest.raises(nw.AttachError, match=r"inputs=nw\.TextInputs"):
        nw.attach(Stack([Block()]))


def test_other_layouts_of_the_tensor_are_understood() -> None:
    class TimeFirst(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.embed, self.rnn, self.head = nn.Embedding(64, 8), nn.LSTM(8, 12), nn.Linear(12, 64)

        def forward(self, ids: Tensor) -> Tensor:
            hidden, _ = self.rnn(self.embed(ids).transpose(0, 1))
            return self.head(hidden).transpose(0, 1)

    live = nw.attach(TimeFirst(), inputs=INPUTS)
    assert live.record(TEXT)["rnn.0"].shape == (len(TEXT), 12)

    class Pooled(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.embed, self.dense, self.act = nn.Embedding(64, 8), nn.Linear(8, 5), nn.ReLU()

        def forward(self, ids: Tensor) -> Tensor:
            return self.act(self.dense(self.embed(ids).mean(1)))

    live = nw.attach(Pooled(), inputs=INPUTS)
    assert live.record(TEXT)["dense.0"].shape == (1, 5)
    assert live.predict(TEXT, k=5).columns.tolist() == ["class", "probability"]


def test_a_table_of_sites_in_a_notebook_shows_the_default_ones_first() -> None:
    class Block(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.up, self.act, self.down = nn.Linear(8, 16), nn.ReLU(), nn.Linear(16, 8)

        def forward(self, x: Tensor) -> Tensor:
            return x + self.down(self.act(self.up(x)))

    module = nn.Sequential(nn.Embedding(128, 8), *(Block() for _ in range(30)), nn.Linear(8, 128))
    live = nw.attach(module, inputs=nw.TextInputs(lambda t: [*map(ord, t)], lambda ids: "".join(map(chr, ids))))
    html = live.sites._repr_html_()
    assert len(live.sites.defaults) >= 30
    assert all(f"<td>{site.name}</td>" in html for site in live.sites.defaults)
    assert f"and {len(live.sites) - len(live.sites.defaults)} more in <code>.table()</code>" in html
