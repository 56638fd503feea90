"""The code model: its cache, its memory's gradient, its vocabulary, its file."""

from __future__ import annotations

import subprocess
import sys

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import Tensor

from neuronwidget.demos.architectures import code
from neuronwidget.demos.architectures.code import CodeConfig, CodeModel
from neuronwidget.demos.architectures.memory import Memory, run_memory
from neuronwidget.demos.demo import load

TINY = CodeConfig(vocab=11, context=48, layers=3, width=16, heads=2, hidden=24, memory=(8, 0, 8))


@pytest.fixture(scope="module")
def tiny() -> CodeModel:
    torch.manual_seed(3)
    return CodeModel(TINY).eval()


@pytest.fixture(scope="module")
def ids() -> Tensor:
    return torch.randint(0, TINY.vocab, (2, TINY.context), generator=torch.Generator().manual_seed(4))


def close(a: Tensor, b: Tensor) -> bool:
    return bool((a - b).abs().max() <= 1e-5 * b.abs().max())


@pytest.mark.parametrize("cuts", [(1,), (47,), (20, 21), (5, 6, 7, 40), (16, 32)])
def test_passes_over_pieces_equal_one_full_pass(tiny: CodeModel, ids: Tensor, cuts: tuple[int, ...]) -> None:
    cache = tiny.new_cache()
    with torch.inference_mode():
        full = tiny(ids)
        pieces = [tiny(piece, cache) for piece in ids.tensor_split(cuts, dim=1)]
    assert close(torch.cat(pieces, 1), full)
    assert cache.length == ids.shape[1]
    assert cache.lengths == [ids.shape[1]] * TINY.layers


def test_a_cropped_cache_goes_on_with_another_text(tiny: CodeModel, ids: Tensor) -> None:
    other = ids.clone()
    other[:, 30:] = (other[:, 30:] + 1) % TINY.vocab
    cache = tiny.new_cache()
    with torch.inference_mode():
        tiny(ids, cache)
        cache.crop(30)
        assert cache.lengths == [30] * TINY.layers
        assert close(tiny(other[:, 30:], cache), tiny(other)[:, 30:])


def test_a_pass_that_is_broken_off_leaves_a_cache_that_can_be_used(tiny: CodeModel, ids: Tensor) -> None:
    cache = tiny.new_cache()

    def stop(*_: object) -> None:
        raise InterruptedError

    with torch.inference_mode():
        tiny(ids[:, :10], cache)
        handle = tiny.blocks[1].mlp.act.register_forward_hook(stop)
        with pytest.raises(InterruptedError):
            tiny(ids[:, 10:30], cache)
        handle.remove()
        assert cache.lengths == [30, 30, 10]
        assert cache.length == 10
        with pytest.raises(ValueError, match="a layer holds 10 of the 30 tokens before"):
            tiny(ids[:, 30:], cache)
        cache.crop(cache.length)
        assert close(tiny(ids[:, 10:], cache), tiny(ids)[:, 10:])


def test_later_tokens_change_nothing_before_them(tiny: CodeModel, ids: Tensor) -> None:
    other = ids.clone()
    other[:, 25:] = 0
    with torch.inference_mode():
        assert close(tiny(other)[:, :25], tiny(ids)[:, :25])


def test_passes_with_gradients_and_without_give_the_same_numbers(tiny: CodeModel, ids: Tensor) -> None:
    with torch.inference_mode():
        bare = tiny(ids)
    assert close(tiny(ids).detach(), bare)
    cache = tiny.new_cache()
    assert not tiny(ids, cache).requires_grad


def test_the_recurrence_has_the_gradient_of_what_it_computes() -> None:
    draw = torch.Generator().manual_seed(5)

    def some(*shape: int) -> Tensor:
        return torch.randn(shape, generator=draw, dtype=torch.float64).requires_grad_()

    inputs = some(6, 2, 3), some(6, 2, 3), some(3), some(3), some(2, 3)

    def plainly(gate: Tensor, candidate: Tensor, to_gate: Tensor, to_candidate: Tensor, h: Tensor) -> Tensor:
        states = []
        for g, c in zip(gate, candidate, strict=True):
            h = h + torch.sigmoid(g + to_gate * h) * (torch.tanh(c + to_candidate * h) - h)
            states.append(h)
        return torch.stack(states)

    from neuronwidget.demos.architectures.memory import _Recurrence

    weights = some(6, 2, 3).detach()
    expected = torch.autograd.grad((plainly(*inputs) * weights).sum(), inputs)
    found = torch.autograd.grad((_Recurrence.apply(*inputs) * weights).sum(), inputs)
    for one, other in zip(found, expected, strict=True):
        torch.testing.assert_close(one, other)
    torch.testing.assert_close(run_memory(*(each.detach() for each in inputs))[0], plainly(*inputs).detach())


def test_a_memory_leaves_what_its_own_parts_gave_alone() -> None:
    memory = Memory(4, 3)
    seen: list[tuple[Tensor, Tensor]] = []
    memory.inputs.register_forward_hook(lambda _m, _i, out: seen.append((out, out.clone())))
    with torch.inference_mode():
        memory(torch.randn(1, 9, 4))
    assert torch.equal(*seen[0])


def test_neurons_are_the_input_of_down_and_channels_the_output_of_memory(tiny: CodeModel, ids: Tensor) -> None:
    shapes: dict[str, tuple[int, ...]] = {}
    handles = [
        tiny.blocks[2].mlp.down.register_forward_pre_hook(lambda _m, i: shapes.update(neurons=tuple(i[0].shape))),
        tiny.blocks[2].memory.register_forward_hook(lambda _m, _i, out: shapes.update(memory=tuple(out.shape))),
        tiny.head.register_forward_hook(lambda _m, _i, out: shapes.update(head=tuple(out.shape))),
    ]
    with torch.inference_mode():
        tiny(ids)
    for handle in handles:
        handle.remove()
    assert shapes == {"neurons": (2, 48, 24), "memory": (2, 48, 8), "head": (2, 48, 11)}


def test_a_text_beyond_the_context_is_refused(tiny: CodeModel, ids: Tensor) -> None:
    cache = tiny.new_cache()
    with torch.inference_mode():
        tiny(ids, cache)
        with pytest.raises(ValueError, match="49 tokens, but the model's context is 48"):
            tiny(ids[:, :1], cache)


@pytest.mark.parametrize("dtype", [torch.bfloat16, torch.float16, torch.float64])
def test_other_number_formats(ids: Tensor, dtype: torch.dtype) -> None:
    model = CodeModel(TINY).to(dtype).eval()
    cache = model.new_cache()
    with torch.inference_mode():
        full = model(ids)
        pieces = torch.cat([model(ids[:, :20], cache), model(ids[:, 20:], cache)], 1)
    assert full.dtype is dtype
    assert torch.allclose(full.double(), pieces.double(), atol=0.05)


def test_a_shape_like_gpt2_small_can_be_built() -> None:
    shape = CodeConfig(
        vocab=50257, context=1024, layers=12, width=768, heads=12, hidden=3072, memory=(0,) * 12, activation="gelu"
    )
    with torch.device("meta"):
        model = CodeModel(shape)
        assert model(torch.zeros(1, 16, dtype=torch.long)).shape == (1, 16, 50257)
    assert {name for name, _ in model.named_modules() if "memory" in name} == set()


@pytest.mark.parametrize(
    ("wrong", "says"),
    [({"heads": 5}, "equal heads"), ({"memory": (4,)}, "memory names 1"), ({"activation": "sine"}, "none of relu")],
)
def test_a_shape_that_cannot_be_is_refused(wrong: dict[str, object], says: str) -> None:
    with pytest.raises(ValueError, match=says):
        CodeConfig(**wrong)  # type: ignore[arg-type]


@given(st.text())
def test_a_text_has_one_token_for_each_code_point(text: str) -> None:
    tokens = code.encode(text)
    assert len(tokens) == len(text)
    for token, character in zip(tokens, text, strict=True):
        known = character in "\n\t" or " " <= character <= "~"
        assert code.decode(token) == (character if known else "\ufffd")


def test_the_bundled_model_reads_code_better_than_its_twin() -> None:
    model, codec = load("code")
    twin, _ = load("code", trained=False)
    ids = torch.tensor(
        [codec.encode("import os\n\n\ndef main():\n    for name in os.listdir():\n        print(name)\n")]
    )
    with torch.inference_mode():
        loss, of_twin = (
            torch.nn.functional.cross_entropy(each(ids)[0, :-1], ids[0, 1:]).item() for each in (model, twin)
        )
    assert loss < 0.5 * of_twin
    assert not model.training
    assert not twin.training
    assert next(model.parameters()).dtype is torch.float32


def test_the_bundled_model_reuses_a_prefix_exactly() -> None:
    model, codec = load("code")
    ids = torch.tensor([codec.encode('def f(x):\n    """A string that goes on."""\n    return x  # a comment\n' * 7)])
    ids = ids[:, : model.config.context]  # type: ignore[union-attr,index]
    cache = model.new_cache()  # type: ignore[operator]
    with torch.inference_mode():
        model(ids[:, :-8], cache)
        assert close(model(ids[:, -8:], cache), model(ids)[:, -8:])


def test_the_twin_is_the_same_each_time_and_leaves_the_random_state_alone() -> None:
    before = torch.random.get_rng_state()
    one, other = (load("code", trained=False)[0] for _ in range(2))
    assert torch.equal(before, torch.random.get_rng_state())
    assert all(torch.equal(a, b) for a, b in zip(one.parameters(), other.parameters(), strict=True))


def test_an_unknown_name_is_answered_with_those_there_are() -> None:
    there = ", ".join(["code", "code-sae", "digits", "digits-shortcut", "cancer"])
    with pytest.raises(ValueError, match=rf"no demo model 'poems' of text; nw\.demo has {there}"):
        load("poems")


def test_the_package_imports_no_torch_until_a_model_is_asked_for() -> None:
    program = "import sys, neuronwidget.demos; assert 'torch' not in sys.modules"
    subprocess.run([sys.executable, "-c", program], check=True)
