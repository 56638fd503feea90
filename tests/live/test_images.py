"""Models of pictures: sites, recordings and receptive fields against hooks and reckoning by hand."""

from __future__ import annotations

import copy
import functools
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor, nn
from torch.nn import functional as F

import neuronwidget as nw
from neuronwidget.live.inputs.image import ImageInputs
from neuronwidget.live.inputs.tensors import InputError
from neuronwidget.live.structure.layout import Layout

NOISE = np.random.default_rng(1)


class Small(nn.Module):
    """Convolutions with a normalisation and an in-place nonlinearity, then with a function; two dense layers."""

    def __init__(self) -> None:
        super().__init__()
        self.first, self.norm = nn.Conv2d(3, 6, 3, padding=1), nn.BatchNorm2d(6)
        self.relu = nn.ReLU(inplace=True)
        self.second = nn.Conv2d(6, 8, 3, stride=2)
        self.drop = nn.Dropout(0.5)
        self.dense, self.out = nn.Linear(8, 10), nn.Linear(10, 4)

    def forward(self, pixels: Tensor) -> Tensor:
        hidden = self.relu(self.norm(self.first(pixels)))
        hidden = self.drop(F.relu(self.second(hidden)))
        return self.out(F.relu(self.dense(hidden.mean((2, 3)))))


class Flat(nn.Sequential):
    def __init__(self) -> None:
        super().__init__(nn.Flatten(), nn.Linear(3 * 8 * 12, 16), nn.GELU(), nn.Linear(16, 4))


class UNet(nn.Module):
    """Down, up, and across: its output is a picture."""

    def __init__(self) -> None:
        super().__init__()
        self.down = nn.Sequential(nn.Conv2d(3, 5, 3, padding=1), nn.ReLU())
        self.pool = nn.MaxPool2d(2)
        self.deep = nn.Sequential(nn.Conv2d(5, 7, 3, padding=1), nn.ReLU())
        self.up = nn.ConvTranspose2d(7, 5, 2, stride=2)
        self.end = nn.Conv2d(10, 1, 1)

    def forward(self, pixels: Tensor) -> Tensor:
        across = self.down(pixels)
        return self.end(torch.cat([across, self.up(self.deep(self.pool(across)))], 1))


def tiny(architecture: str, config: str, **settings: Any) -> Callable[[], nn.Module]:
    def make() -> nn.Module:
        import transformers

        return getattr(transformers, architecture)(getattr(transformers, config)(**settings))  # type: ignore[no-any-return]

    return make


SIZES = {"hidden_size": 32, "num_hidden_layers": 2, "num_attention_heads": 4, "intermediate_size": 48}
# Model; size of its picture; for each short name the module it should be, on which side, and its grid.
FAMILIES: dict[str, tuple[Callable[[], nn.Module], tuple[int, int], dict[str, tuple[str, str, Any]]]] = {
    "CNN": (
        Small,
        (9, 13),
        {
            "conv.0": ("relu", "out", (9, 13)),
            "conv.1": ("drop", "in", (4, 6)),
            "dense.0": ("out", "in", None),
            "dense.1": ("out", "out", None),
        },
    ),
    "MLP": (Flat, (8, 12), {"dense.0": ("2", "out", None), "dense.1": ("3", "out", None)}),
    "U-Net": (
        UNet,
        (8, 12),
        {"conv.0": ("down.1", "out", (8, 12)), "conv.1": ("deep.1", "out", (4, 6)), "conv.2": ("up", "out", (8, 12))},
    ),
    "ViT": (
        tiny("ViTForImageClassification", "ViTConfig", **SIZES, image_size=16, patch_size=4, num_labels=5),
        (16, 16),
        {
            "conv.0": ("vit.embeddings.patch_embeddings.projection", "out", (4, 4)),
            "mlp.1": ("*.layers.1.*.fc2|vit.encoder.layer.1.output.dense", "in", (4, 4)),
            "dense.0": ("classifier", "out", None),
        },
    ),
    "ConvNeXt": (
        tiny(
            "ConvNextForImageClassification", "ConvNextConfig",
            hidden_sizes=[8, 16], depths=[2, 2], num_stages=2, patch_size=2, image_size=32, num_labels=5,
        ),
        (32, 32),
        {
            "mlp.0": ("convnext.encoder.stages.0.layers.0.pwconv2", "in", (16, 16)),
            "mlp.3": ("convnext.encoder.stages.1.layers.1.pwconv2", "in", (8, 8)),
        },
    ),
    "ResNet": (
        tiny(
            "ResNetForImageClassification", "ResNetConfig",
            embedding_size=8, hidden_sizes=[8, 16], depths=[2, 2], layer_type="basic", num_labels=5,
        ),
        (32, 32),
        {
            "conv.0": ("resnet.embedder.embedder.activation", "out", (16, 16)),
            "conv.1": ("resnet.encoder.stages.0.layers.0.layer.0.activation", "out", (8, 8)),
            "dense.0": ("classifier.1", "out", None),
        },
    ),
    "CLIP vision": (
        tiny("CLIPVisionModel", "CLIPVisionConfig", **SIZES, image_size=16, patch_size=4),
        (16, 16),
        {"mlp.0": ("*layers.0.mlp.fc2", "in", (4, 4)), "mlp.1": ("*layers.1.mlp.fc2", "in", (4, 4))},
    ),
}  # fmt: skip


@functools.cache
def live_of(family: str) -> nw.LiveModel:
    make, size, _ = FAMILIES[family]
    torch.manual_seed(0)
    return nw.attach(make(), inputs=ImageInputs(size, channels=3))


def picture(family: str) -> np.ndarray[Any, Any]:
    return NOISE.integers(0, 256, (*FAMILIES[family][1], 3)).astype(np.uint8)


def module_like(live: nw.LiveModel, patterns: str) -> str:
    from fnmatch import fnmatch

    found = [
        path for path, _ in live.module.named_modules() for pattern in patterns.split("|") if fnmatch(path, pattern)
    ]
    assert len(found) == 1, found
    return found[0]


def hooked(live: nw.LiveModel, path: str, side: str, tensor: Tensor) -> Tensor:
    """What goes into or comes out of a module, by a hook placed by hand."""
    kept = []
    module = live.module.get_submodule(path)
    if side == "in":
        handle = module.register_forward_pre_hook(lambda _, args: kept.append(args[0].clone()))
    else:
        handle = module.register_forward_hook(lambda _m, _a, out: kept.append(out.clone()))
    training = live.module.training
    with torch.no_grad():
        live.module.eval()(tensor)
    live.module.train(training)
    handle.remove()
    return kept[0]


@pytest.mark.parametrize("family", FAMILIES)
def test_sites_are_those_of_hooks_placed_by_hand(family: str) -> None:
    live, shown = live_of(family), picture(family)
    for name, (patterns, side, grid) in FAMILIES[family][2].items():
        site = live.sites[name]
        path = module_like(live, patterns)
        assert (site.module, site.side, site.grid) == (path, side, grid)
        recording = live.record(shown, sites=[name])
        tensor = torch.from_numpy(shown).permute(2, 0, 1)[None].float() / 255
        expected = hooked(live, path, side, tensor)[0]
        if name.startswith("conv"):
            expected = expected.flatten(1).T
        expected = expected.reshape(-1, site.width)
        assert recording[name].shape == expected.shape
        torch.testing.assert_close(recording[name], expected, rtol=1e-6, atol=1e-6)
        assert len(recording.positions_of(name)) == len(expected)


def test_every_listed_site_is_recorded_with_its_width_and_the_module_stays_as_it_was() -> None:
    for family in FAMILIES:
        live = live_of(family)
        live.module.train()
        before = copy.deepcopy(live.module.state_dict())
        state = torch.random.get_rng_state()
        recording = live.record(picture(family), sites=[site.name for site in live.sites])
        for site in live.sites:
            assert recording[site.name].shape == (len(recording.positions_of(site.name)), site.width), site
        assert live.module.training
        assert all(torch.equal(value, before[name]) for name, value in live.module.state_dict().items())
        assert torch.equal(state, torch.random.get_rng_state())
        assert not any(m._forward_hooks or m._forward_pre_hooks for m in live.module.modules())


def test_class_tokens_stand_before_the_grid() -> None:
    live = live_of("ViT")
    recording = live.record(picture("ViT"))
    assert recording["mlp.0"].shape == (17, 48)
    assert recording.grid("mlp.0") == (4, 4)
    assert recording.positions_of("mlp.0")[:3] == ["lead 0", (0, 0), (0, 1)]
    frame = recording.table("mlp.0", units=[3])
    assert frame.columns.tolist() == ["position", "y", "x", "mlp.0:3"]
    assert frame["x"].isna().tolist() == [True] + [False] * 16


def test_predictions_are_the_models_own() -> None:
    live, shown = live_of("CNN"), picture("CNN")
    with torch.no_grad():
        tensor = torch.from_numpy(shown).permute(2, 0, 1)[None].float() / 255
        expected = copy.deepcopy(live.module).eval()(tensor)[0].softmax(0)
    found = live.predict(shown, k=4).set_index("class")["probability"]
    assert [found[str(i)] for i in range(4)] == pytest.approx(expected.tolist(), abs=1e-6)
    with pytest.raises(nw.AttachError, match="does not tell classes apart"):
        live_of("U-Net").predict(picture("U-Net"))


@pytest.mark.parametrize("end", [nn.Softmax(1), nn.Sigmoid(), nn.Identity()])
def test_probabilities_are_not_made_twice(end: nn.Module) -> None:
    torch.manual_seed(0)
    outputs = 1 if isinstance(end, nn.Sigmoid) else 3
    module = nn.Sequential(nn.Flatten(), nn.Linear(48, outputs), end)
    live = nw.attach(module, inputs=ImageInputs(4, classes=["no", "yes"] if outputs == 1 else list("abc")))
    shown = NOISE.integers(0, 256, (4, 4, 3)).astype(np.uint8)
    with torch.no_grad():
        out = module(torch.from_numpy(shown).permute(2, 0, 1)[None].float() / 255)[0]
    expected = {"Softmax": out, "Sigmoid": torch.cat([1 - out, out]), "Identity": out.softmax(0)}[type(end).__name__]
    found = live.predict(shown).set_index("class")["probability"]
    assert [found[name] for name in live.inputs.classes] == pytest.approx(expected.tolist(), abs=1e-6)


# ---- receptive fields ------------------------------------------------------------------------------------------------


@settings(max_examples=12)
@given(st.integers(1, 4), st.integers(1, 3), st.integers(0, 2), st.integers(1, 2), st.integers(1, 3))
def test_receptive_fields_are_what_arithmetic_says(
    kernel: int, stride: int, padding: int, dilation: int, pool: int
) -> None:
    reach = dilation * (kernel - 1) + 1
    layers = [nn.Conv2d(1, 3, kernel, stride, min(padding, reach - 1), dilation), nn.ReLU(), nn.MaxPool2d(pool)]
    module = nn.Sequential(*layers, nn.Conv2d(3, 2, 1), nn.ReLU())
    height, width = 15, 13
    live = nw.attach(module, inputs=ImageInputs((height, width), channels=1))
    live.field_seconds = float("inf")
    site = live.sites["conv.1"]
    rows, columns = site.grid
    for y, x in ((0, 0), (rows // 2, columns // 3), (rows - 1, columns - 1)):
        box = []
        for at, length in ((x, width), (y, height)):
            first = at * pool * stride - min(padding, reach - 1)
            last = (at * pool + pool - 1) * stride - min(padding, reach - 1) + reach - 1
            taken = [
                p
                for offset in range(pool)
                for tap in range(kernel)
                if 0 <= (p := (at * pool + offset) * stride - min(padding, reach - 1) + tap * dilation) < length
            ]
            assert not taken or (first <= min(taken) and max(taken) <= last)
            box.append((min(taken), max(taken) + 1) if taken else None)
        found = live.field(site, y * columns + x)
        expected = None if None in box else (box[0][0], box[1][0], box[0][1], box[1][1])
        assert found == expected


def test_attention_sees_the_whole_picture_and_marks_leave_no_trace() -> None:
    live = live_of("ViT")
    live.field_seconds = float("inf")
    flags = (torch.backends.mkldnn.enabled, torch.backends.cudnn.enabled)
    assert live.field(live.sites["mlp.1"], 5) == (0, 0, 16, 16)
    assert live.field(live.sites["conv.0"], 5) == (4, 4, 8, 8)
    assert (torch.backends.mkldnn.enabled, torch.backends.cudnn.enabled) == flags
    large = nw.attach(nn.Sequential(nn.Conv2d(3, 2, 3, padding=1)), inputs=ImageInputs((128, 64)))
    large.field_seconds = float("inf")
    left, top, right, bottom = large.field(large.sites["conv.0"], 64 * 64 + 32)
    assert left <= 31 < 34 <= right, "a picture that is marked in bands has boxes that hold the true ones"
    assert top <= 63 < 66 <= bottom
    assert right - left <= 8
    assert bottom - top <= 16


def test_a_model_too_slow_to_be_marked_has_no_fields_and_is_not_asked_again() -> None:
    live = nw.attach(Small(), inputs=ImageInputs((9, 13)))
    live.field_seconds = 0.0
    assert live.field(live.sites["conv.0"], 3) is None
    live.field_seconds = float("inf")
    assert live.field(live.sites["conv.0"], 3) is None
    assert live.field(live.sites["conv.1"], 3) is not None


def test_a_model_that_swallows_nan_has_no_fields() -> None:
    class Deaf(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.conv = nn.Conv2d(3, 2, 1)

        def forward(self, x: Tensor) -> Tensor:
            return self.conv(x.nan_to_num())

    live = nw.attach(Deaf(), inputs=ImageInputs(8))
    assert live.field(live.sites["conv.0"], 3) is None


# ---- what a person hands over ----------------------------------------------------------------------------------------


def test_pictures_of_any_kind_become_the_same_bytes() -> None:
    inputs = ImageInputs((6, 4), gallery={"one": NOISE.integers(0, 256, (6, 4, 3)).astype(np.uint8)})
    shown = inputs.gallery[0].pixels
    for same in (
        0,
        shown.astype(np.int64),
        shown / 255,
        torch.from_numpy(shown),
        torch.from_numpy(shown).permute(2, 0, 1).float() / 255,
        np.dstack([shown, np.full((6, 4), 255, np.uint8)]),
    ):
        np.testing.assert_array_equal(inputs.read(same), shown)
    grey = shown[:, :, 0]
    np.testing.assert_array_equal(inputs.read(grey), np.dstack([grey] * 3))
    clear = np.dstack([shown, np.zeros((6, 4), np.uint8)])
    assert (inputs.read(clear) == 255).all(), "what is transparent is seen on white"


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        (np.zeros((3, 6, 4), np.uint8), "moveaxis"),
        (np.zeros((1, 6, 4, 3), np.uint8), "Give one picture at a time"),
        (np.zeros((6, 4, 7), np.uint8), r"\[6, 4, 7\]"),
        (np.full((6, 4, 3), 3.5), "from 3.5 to 3.5"),
        (np.full((6, 4, 3), 300), "300"),
        (np.full((6, 4, 3), np.nan), "NaN"),
        (np.zeros((6, 4, 3), "U1"), "<U1"),
        (np.zeros((0, 4, 3), np.uint8), "empty"),
        (5, "gallery"),
        ("no such file.png", "pip install pillow|cannot be opened"),
        (torch.zeros(3, 5, 4), r"\[3, 6, 4\] \(channels, height, width\); this one has \[3, 5, 4\]"),
        (torch.zeros(6, 4, 3), "permute"),
        (torch.zeros(2, 3, 6, 4), "One picture at a time"),
    ],
)
def test_what_is_no_picture_is_refused_with_a_way_out(wrong: Any, says: str) -> None:
    with pytest.raises(InputError, match=says):
        ImageInputs((6, 4)).prepare(wrong)


def test_wrong_settings_are_refused_when_they_are_made() -> None:
    with pytest.raises(InputError, match="4 channels"):
        ImageInputs(8, channels=4)
    with pytest.raises(InputError, match="size is"):
        ImageInputs((0, 8))
    with pytest.raises(nw.AttachError, match=r"sample input .* given a tensor \[1, 1, 9, 13\]"):
        nw.attach(Small(), inputs=ImageInputs((9, 13), channels=1))
    with pytest.raises(nw.AttachError, match="names 2 classes, but the model's output has 4"):
        nw.attach(Small(), inputs=ImageInputs((9, 13), classes=["a", "b"]))
    with pytest.raises(InputError, match="channels come first"):
        nw.attach(Small(), inputs=ImageInputs((9, 13), preprocess=lambda pixels: pixels / 255))
    with pytest.raises(InputError, match="with size"):
        nw.attach(Small(), inputs=ImageInputs((9, 13), preprocess=lambda pixels: torch.zeros(3, 20, 20)))


@given(st.integers(1, 6), st.integers(1, 5), st.integers(1, 5))
def test_an_enlarged_picture_is_seen_as_the_small_one(factor: int, height: int, width: int) -> None:
    inputs = ImageInputs((height, width))
    small = NOISE.integers(0, 256, (height, width, 3)).astype(np.uint8)
    large = small.repeat(factor, 0).repeat(factor, 1)
    prepared = inputs.prepare(large)
    torch.testing.assert_close(prepared, inputs.prepare(small), rtol=0, atol=1e-6)
    np.testing.assert_array_equal(inputs.seen(prepared), small)


def test_a_preprocess_of_ones_own_is_used_and_what_it_gives_is_shown() -> None:
    def negative(pixels: np.ndarray[Any, Any]) -> Tensor:
        return (0.5 - torch.from_numpy(pixels).permute(2, 0, 1).float() / 255) * 4

    inputs = ImageInputs((5, 5), preprocess=negative)
    shown = np.zeros((5, 5, 3), np.uint8)
    shown[2, 2], shown[0, 0] = 255, 128
    assert inputs.prepare(shown).shape == (1, 3, 5, 5)
    seen = inputs.seen(inputs.prepare(shown))
    assert (seen[2, 2] == 0).all()
    assert (seen[4, 4] == 255).all()
    assert (abs(seen[0, 0].astype(int) - 127) <= 1).all()


class Halves:
    """A processor as those of `transformers`: half the size, centred, channels first."""

    model_input_names = ("pixel_values",)

    def __call__(self, images: np.ndarray[Any, Any], return_tensors: str) -> dict[str, Tensor]:
        tensor = torch.from_numpy(images).permute(2, 0, 1)[None].float() / 127.5 - 1
        return {"pixel_values": F.interpolate(tensor, (12, 12), mode="area")}


def test_a_processor_is_enough() -> None:
    import transformers

    torch.manual_seed(0)
    config = transformers.ViTConfig(**SIZES, image_size=12, patch_size=4, id2label={0: "ant", 1: "bee", 2: "cat"})
    model, processor = transformers.ViTForImageClassification(config).eval(), Halves()
    live = nw.attach(model, processor)
    assert live.inputs.size == (12, 12)
    assert live.inputs.classes == ["ant", "bee", "cat"]
    shown = NOISE.integers(0, 256, (24, 24, 3)).astype(np.uint8)
    with torch.no_grad():
        expected = model(**processor(shown, "pt")).logits.softmax(1)[0]
    found = live.predict(shown).set_index("class")["probability"]
    assert [found[name] for name in live.inputs.classes] == pytest.approx(expected.tolist(), abs=1e-6)
    assert live.inputs.seen(live.inputs.prepare(shown)).shape == (12, 12, 3)


def test_keyword_arguments_come_from_a_preprocess_that_returns_a_dict() -> None:
    class Keyed(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.conv = nn.Conv2d(3, 4, 3)

        def forward(self, *, pixel_values: Tensor, gain: Tensor) -> Tensor:
            return self.conv(pixel_values) * gain[:, None, None, None]

    def both(pixels: np.ndarray[Any, Any]) -> dict[str, Tensor]:
        return {"gain": torch.ones(1), "pixel_values": torch.from_numpy(pixels).permute(2, 0, 1)[None].float()}

    live = nw.attach(Keyed(), inputs=ImageInputs(8, preprocess=both))
    live.field_seconds = float("inf")
    assert live.record(np.ones((8, 8), np.uint8))["conv.0"].shape == (36, 4)
    assert live.field(live.sites["conv.0"], 0) == (0, 0, 3, 3)


class Tutorial(nn.Module):
    """As in many a tutorial: whatever has no weights is a function."""

    def __init__(self, function: Callable[[Tensor], Tensor]) -> None:
        super().__init__()
        self.function = function
        self.first, self.norm = nn.Conv2d(1, 6, 3), nn.BatchNorm2d(6)
        self.second = nn.Conv2d(6, 8, 3)
        self.dense, self.out = nn.Linear(8 * 3 * 3, 12), nn.Linear(12, 4)

    def forward(self, x: Tensor) -> Tensor:
        x = F.max_pool2d(self.function(self.norm(self.first(x))), 2)
        x = torch.flatten(F.avg_pool2d(self.function(self.second(x)), 2, stride=2), 1)
        return F.log_softmax(self.out(self.function(self.dense(x))), 1)


@pytest.mark.parametrize("function", [F.relu, F.gelu, F.silu, torch.tanh, torch.relu_, F.elu])
def test_a_nonlinearity_that_is_a_function_is_seen_through_what_follows(function: Callable[[Tensor], Tensor]) -> None:
    torch.manual_seed(0)
    module = Tutorial(function).eval()
    live = nw.attach(module, inputs=ImageInputs(18, channels=1))
    assert [site.name for site in live.sites.defaults] == ["conv.0", "conv.1", "dense.0", "dense.1"]
    shown = NOISE.integers(0, 256, (18, 18)).astype(np.uint8)
    recording = live.record(shown, sites=["conv.0", "conv.1", "dense.0", "second"])
    with torch.no_grad():
        first = module.norm(module.first(torch.from_numpy(shown)[None, None].float() / 255))
        applied = function(first.clone())
        second = module.second(F.max_pool2d(applied, 2))
        torch.testing.assert_close(recording["conv.0"], applied[0].flatten(1).T)
        torch.testing.assert_close(recording["second"], second[0].flatten(1).T, msg="a module's name is its own output")
        applied = function(second.clone())
        torch.testing.assert_close(recording["conv.1"], applied[0].flatten(1).T)
        dense = function(module.dense(F.avg_pool2d(applied, 2).flatten(1)))
        torch.testing.assert_close(recording["dense.0"], dense)


def test_a_function_that_is_none_of_the_usual_ones_leaves_the_layers_own_output() -> None:
    class Odd(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.conv, self.out = nn.Conv2d(3, 4, 3), nn.Linear(4 * 36, 2)

        def forward(self, x: Tensor) -> Tensor:
            return self.out(torch.sin(self.conv(x) * 3).flatten(1))

    live = nw.attach(Odd(), inputs=ImageInputs(8))
    shown = NOISE.integers(0, 256, (8, 8, 3)).astype(np.uint8)
    recording = live.record(shown, sites=["conv.0", "conv"])
    torch.testing.assert_close(recording["conv.0"], recording["conv"])


def test_one_input_at_a_time_is_enough() -> None:
    class Single(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.conv = nn.Conv2d(3, 4, 3)

        def forward(self, x: Tensor) -> Tensor:
            assert len(x) == 1
            return self.conv(x)

    live = nw.attach(Single(), inputs=ImageInputs(8))
    assert live.record(np.ones((8, 8), np.uint8))["conv.0"].shape == (36, 4)
    assert "one input at a time" in live.sites.notes[0]


@given(st.permutations([0, 1, 2, 3]), st.integers(1, 3))
def test_a_layout_takes_positions_in_order_whatever_the_dimensions_are(order: list[int], inputs: int) -> None:
    tensor = torch.arange(inputs * 2 * 3 * 4).reshape(inputs, 2, 3, 4)  # inputs, y, x, units
    turned = tensor.permute(*order)
    layout = Layout(order.index(0), (order.index(1), order.index(2)), 6, (2, 3))
    assert torch.equal(layout.rows(turned, inputs), tensor.reshape(inputs, 6, 4))
