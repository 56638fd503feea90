"""`with live.edit(…)` holds for the user's own module in whatever way it is run, and leaves it as it was."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor, nn

import neuronwidget as nw
from neuronwidget.live.edits.errors import EditError
from tests.live.adapters.families import FAMILIES, Family, tokenizer
from tests.live.test_edits import GIVEN, KINDS, ROW, TEXT, attached, double

transformers = pytest.importorskip("transformers")


def family(name: str) -> Family:
    return next(family for family in FAMILIES if family.name == name)


def attached_family(name: str) -> Any:
    return nw.attach(family(name).make(), tokenizer(family(name).tokenizer))


def hooks_of(module: nn.Module) -> list[list[int]]:
    return [
        [len(hooks) for name, hooks in sorted(vars(part).items()) if "hook" in name and hasattr(hooks, "__len__")]
        for part in module.modules()
    ]


def prepared(live: Any, kind: str) -> tuple[Any, ...]:
    if kind == "text":
        return (torch.tensor([live.inputs.tokens(TEXT).ids]),)
    return tuple(live.inputs.arguments([live.inputs.prepare(GIVEN[kind])], torch.device("cpu"), torch.float32)[0])


# ---- which passes ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", KINDS)
def test_the_module_and_the_live_model_are_edited_alike_inside_and_nowhere_else(kind: str) -> None:
    live, site = attached(kind), {"text": "mlp.1", "image": "conv.0", "table": "dense.0"}[kind]
    args, hooks, names = prepared(live, kind), hooks_of(live.module), [s.name for s in live.sites.defaults]
    edited = live.edited(nw.Edit(site, double))
    with torch.no_grad():
        plain = live.module(*args)
        with edited.running(whole=True):
            expected = edited.run(args, {})
        recorded = edited.record(GIVEN[kind], names)
        before = live.record(GIVEN[kind], names)
        with live.edit(nw.Edit(site, double)) as inside:
            assert inside is live
            assert [str(edit) for edit in live.edits] == [f"Edit({site}, double)"]
            assert torch.equal(live.module(*args), expected)
            for name in names:
                assert torch.equal(live.record(GIVEN[kind], names)[name], recorded[name]), name
            assert live.predict(GIVEN[kind]).equals(edited.predict(GIVEN[kind]))
            assert torch.equal(live.unedited.record(GIVEN[kind], names)[names[-1]], before[names[-1]])
        assert live.edits == []
        assert torch.equal(live.module(*args), plain)
    assert not torch.equal(expected, plain)
    assert hooks_of(live.module) == hooks
    assert torch.equal(live.record(GIVEN[kind], names)[names[-1]], before[names[-1]])


def test_edits_nest_in_the_order_in_which_they_came() -> None:
    live = attached("table")
    site = live.sites["dense.0"]
    more, twice = nw.Edit("dense.0", lambda rows: rows + 1), nw.Edit("dense.0", lambda rows: 2 * rows)
    plain = live.record(ROW)["dense.0"]
    args = prepared(live, "table")
    seen: list[Tensor] = []
    part = live.module.get_submodule(site.module)

    def run() -> Tensor:
        handle = part.register_forward_hook(lambda *given: seen.append(given[2]))
        live.module(*args)
        handle.remove()
        return seen[-1]

    with live.edit(more):
        with live.edit(twice):
            assert torch.equal(run(), 2 * (plain + 1))
            assert torch.equal(live.record(ROW)["dense.0"], 2 * (plain + 1))
            assert live.edits == [more, twice]
        assert torch.equal(run(), plain + 1)
        assert torch.equal(live.record(ROW)["dense.0"], plain + 1)
        assert live.edits == [more]
    assert torch.equal(run(), plain)


def test_an_edited_live_model_puts_its_own_edits_on_the_module_too() -> None:
    live = attached("table")
    args = prepared(live, "table")
    both = live.edited(nw.Scale("dense.0:3", 2.0), nw.Scale("dense.1:1", 3.0))
    with live.edited(nw.Scale("dense.0:3", 2.0)).edit(nw.Scale("dense.1:1", 3.0)), both.running(whole=True):
        assert torch.equal(live.module(*args), both.run(args, {}))
    with live.edit(nw.Scale("dense.0:3", 2.0)):
        kept = live.edited(nw.Scale("dense.1:1", 3.0))
    assert kept.edits == both.edits
    assert torch.equal(kept.record(ROW)["dense.1"], both.record(ROW)["dense.1"])


def test_other_threads_run_the_module_and_the_live_model_without() -> None:
    live, seen = attached("table"), []
    args, plain = prepared(live, "table"), live.module(*prepared(attached("table"), "table"))
    recorded = live.record(ROW)["dense.1"]

    def other() -> None:
        seen.extend([live.module(*args), live.record(ROW)["dense.1"], live.edits])

    with live.edit(nw.Ablate("dense.0:3", "zero"), nw.Clamp("dense.0:1", 9.0)):
        thread = threading.Thread(target=other)
        thread.start()
        thread.join()
        assert not torch.equal(live.module(*args), plain)
    assert torch.equal(seen[0], plain)
    assert torch.equal(seen[1], recorded)
    assert seen[2] == []


def test_a_scan_inside_is_of_the_edited_model(tmp_path: Any) -> None:
    live = attached("table")
    rows = [{"a": float(a), "b": 0.5, "c": -0.5} for a in np.linspace(-2, 2, 300)]
    edits = [nw.Scale("dense.0:3", 2.0)]
    by_argument = nw.scan(live, rows, out=tmp_path / "a", progress=False, edits=edits)
    with live.edit(*edits):
        inside = nw.scan(live, rows, out=tmp_path / "b", progress=False)
    for atlas in (by_argument, inside):
        assert [edit["edit"] for edit in atlas.manifest["edits"]] == ["Scale(dense.0:3, × 2)"]
    assert by_argument.units.drop(columns="state").equals(inside.units.drop(columns="state"))
    with pytest.raises(Exception, match="other edits of the model"):
        nw.scan(live, rows, out=tmp_path / "b", progress=False)


def test_gradients_go_through_edits() -> None:
    live = attached("table")
    row = torch.tensor([[0.5, -1.0, 2.0]], requires_grad=True)
    with live.edit(nw.Scale("dense.0:3", 2.0), nw.Steer("dense.1", torch.ones(6), 1.0, raw=True)):
        live.module(row).sum().backward()
    assert row.grad is not None
    assert row.grad.abs().sum() > 0
    hooked = attached("table")
    scale = torch.ones(8)
    scale[3] = 2
    part = hooked.sites["dense.0"]
    hooked.module.get_submodule(part.module).register_forward_hook(lambda _, __, out: out * scale)
    hooked.module.get_submodule(hooked.sites["dense.1"].module).register_forward_hook(lambda _, __, out: out + 1)
    other = row.detach().clone().requires_grad_()
    hooked.module(other).sum().backward()
    assert other.grad is not None
    assert torch.allclose(row.grad, other.grad)


@pytest.mark.parametrize("dtype", [torch.float64, torch.bfloat16, torch.float16])
def test_other_dtypes(dtype: torch.dtype) -> None:
    live = attached("table")
    live.module.to(dtype)
    row = torch.tensor([[0.5, -1.0, 2.0]], dtype=dtype)
    edits = [
        nw.Scale("dense.0:3", 2.0),
        nw.Clamp("dense.0:1", 0.5, when=nw.when("dense.0:3", above=-9)),
        nw.Steer("dense.1", torch.ones(6), 0.25, raw=True),
        nw.Ablate("dense.1:2", data=[ROW]),
        nw.Patch("dense.0", {"a": 1.0, "b": 1.0, "c": 1.0}),
    ]
    with torch.no_grad():
        plain = live.module(row)
        with live.edit(*edits):
            changed = live.module(row)
            assert torch.allclose(live.record(ROW)["dense.1"], live.edited().record(ROW)["dense.1"])
    assert changed.dtype == dtype
    assert not torch.equal(changed, plain)
    assert torch.equal(live.module(row), plain)


@pytest.mark.parametrize("way", ["wrapper", "in place"])
def test_compiled_modules_run_as_they_were_written_inside(way: str) -> None:
    live = attached("table")
    row = torch.tensor([[0.5, -1.0, 2.0]])
    if way == "wrapper":
        runs: Any = torch.compile(live.module, backend="eager")
        assert nw.attach(runs, inputs=live.inputs).module is live.module
    else:
        live.module.compile(backend="eager")
        runs = live.module
    with torch.no_grad():
        plain = runs(row)
        expected = live.edited(nw.Scale("dense.0:3", 5.0))
        with expected.running(whole=True):
            wanted = expected.run((row,), {})
        with live.edit(nw.Scale("dense.0:3", 5.0)):
            assert torch.allclose(runs(row), wanted)
        assert not torch.allclose(plain, wanted)
        assert torch.equal(runs(row), plain)


def test_a_module_that_has_no_copy_is_edited_once() -> None:
    class Uncopied(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.inner, self.act, self.out = nn.Linear(3, 8), nn.ReLU(), nn.Linear(8, 2)
            self.stuck = open(__file__)  # noqa: SIM115

        def forward(self, row: Tensor) -> Tensor:
            given: Tensor = self.out(self.act(self.inner(row)))
            return given

    torch.manual_seed(0)
    module = Uncopied().eval()
    live = attached("table", module)
    plain = live.record(ROW, ["act"])["act"]
    hooks = hooks_of(module)
    with live.edit(nw.Scale(f"act:{int(plain.argmax())}", 2.0)):
        found = live.record(ROW, ["act"])["act"]
        assert torch.equal(found.max(), 2 * plain.max())
    assert hooks_of(module) == hooks
    assert torch.equal(live.record(ROW, ["act"])["act"], plain)
    module.stuck.close()


def test_parts_that_are_called_by_themselves_are_edited_each_time() -> None:
    live = attached_family("GPT-2")
    ids = torch.tensor([[5, 6, 7, 8]])
    body = live.module.transformer
    with torch.no_grad():
        plain = body(ids).last_hidden_state
        with live.edit(nw.Edit("resid.1", lambda rows: rows + torch.sin(rows))):
            first, second = body(ids).last_hidden_state, body(ids).last_hidden_state
    assert torch.equal(first, second)
    assert not torch.allclose(first, plain)


# ---- batches and generation ------------------------------------------------------------------------------------------

GENERATING = ["GPT-2", "Llama", "Qwen2", "Mixtral", "GPT-NeoX (Pythia)", "Mistral", "Mamba"]


@pytest.mark.parametrize("name", GENERATING)
def test_each_row_of_a_batch_is_edited_as_it_is_alone(name: str) -> None:
    live = attached_family(name)
    ids = torch.tensor([[5, 6, 7, 8, 9], [15, 16, 17, 18, 19], [25, 6, 27, 8, 29]])
    site, at = "resid.1", live.sites["resid.1"].width
    edits = [
        nw.Steer(site, torch.linspace(-1, 1, at), 1.0, raw=True, scope=[1, -2]),
        nw.Scale("resid.0:3", 3.0, when=nw.when("resid.0:5", above=0.0)),
    ]
    with torch.no_grad(), live.edit(*edits):
        together = live.module(ids).logits
        alone = torch.cat([live.module(row[None]).logits for row in ids])
    assert torch.allclose(together, alone, rtol=1e-4, atol=1e-5)
    assert not torch.allclose(together, live.module(ids).logits, atol=1e-4)


@pytest.mark.parametrize("scope", ["all", "prompt", "last", [0, 2], [-1], slice(1, 3)])
@pytest.mark.parametrize("name", ["GPT-2", "Llama", "Mistral"])
def test_padding_is_not_counted(name: str, scope: Any) -> None:
    live = attached_family(name)
    short, long = [5, 6, 7], [15, 16, 17, 18, 19]
    ids = torch.tensor([[0, 0, *short], long])
    mask = torch.tensor([[0, 0, 1, 1, 1], [1, 1, 1, 1, 1]])
    edit = nw.Steer("resid.1", torch.linspace(-1, 1, live.sites["resid.1"].width), 2.0, raw=True, scope=scope)
    positions = (mask.cumsum(1) - 1).clamp_min(0)
    right = torch.tensor([[*short, 0, 0], long]), torch.tensor([[1, 1, 1, 0, 0], [1, 1, 1, 1, 1]])
    with torch.no_grad(), live.edit(edit):
        together = live.module(input_ids=ids, attention_mask=mask, position_ids=positions).logits
        alone = live.module(torch.tensor([short])).logits
        other = live.module(input_ids=right[0], attention_mask=right[1]).logits
    assert torch.allclose(together[0, 2:], alone[0], rtol=1e-4, atol=1e-5)
    assert torch.allclose(other[0, :3], alone[0], rtol=1e-4, atol=1e-5)


def by_hand(live: Any, ids: list[int], tokens: int, chosen: Callable[[int, int], Tensor]) -> list[int]:
    """Greedy generation without a cache, by a hook that adds a vector at the chosen positions."""
    vector = 6 * torch.linspace(-1, 1, live.sites["resid.1"].width)
    prompt, grown = len(ids), list(ids)
    block = live.module.get_submodule(live.sites["resid.1"].module)

    def hook(part: nn.Module, args: Any, output: Any) -> Any:
        rows = output[0] if isinstance(output, tuple) else output
        rows = rows + chosen(prompt, rows.shape[1])[:, None] * vector
        return (rows, *output[1:]) if isinstance(output, tuple) else rows

    handle = block.register_forward_hook(hook)
    with torch.no_grad():
        for _ in range(tokens):
            grown.append(int(live.module(torch.tensor([grown]), use_cache=False).logits[0, -1].argmax()))
    handle.remove()
    return grown


SCOPES: dict[str, tuple[Any, Callable[[int, int], Tensor]]] = {
    "all": ("all", lambda prompt, n: torch.ones(n)),
    "prompt": ("prompt", lambda prompt, n: (torch.arange(n) < prompt).float()),
    "generated": ("generated", lambda prompt, n: (torch.arange(n) >= prompt).float()),
    "last": ("last", lambda prompt, n: (torch.arange(n) >= prompt - 1).float()),
    "numbers": ([0, -1], lambda prompt, n: ((torch.arange(n) == 0) | (torch.arange(n) == prompt - 1)).float()),
    "a slice": (slice(2, None), lambda prompt, n: (torch.arange(n) >= 2).float()),
}


@pytest.mark.parametrize("name", ["GPT-2", "Llama", "Mixtral", "Mistral"])
@pytest.mark.parametrize("scope", SCOPES)
@pytest.mark.parametrize("cache", [True, False])
def test_generate_of_transformers(name: str, scope: str, cache: bool) -> None:
    """With a cache and without the same tokens, and those of a hook that counts positions itself."""
    live = attached_family(name)
    given, chosen = SCOPES[scope]
    vector = torch.linspace(-1, 1, live.sites["resid.1"].width)
    ids, settings = [5, 6, 7, 8, 9], {"max_new_tokens": 8, "do_sample": False, "use_cache": cache, "pad_token_id": 0}
    live.module.generation_config.eos_token_id = None
    plain = live.module.generate(torch.tensor([ids]), **settings)[0].tolist()
    with live.edit(nw.Steer("resid.1", vector, 6.0, raw=True, scope=given)):
        first = live.module.generate(torch.tensor([ids]), **settings)[0].tolist()
        longer = live.module.generate(torch.tensor([[*ids, 3]]), **settings)[0].tolist()
    assert first == by_hand(live, ids, 8, chosen)
    assert longer == by_hand(live, [*ids, 3], 8, chosen), "each call has a prompt of its own"
    assert live.module.generate(torch.tensor([ids]), **settings)[0].tolist() == plain


def test_a_loop_of_ones_own_over_a_cache_has_its_first_pass_as_prompt() -> None:
    live = attached_family("GPT-2")
    vector = torch.linspace(-1, 1, live.sites["resid.1"].width)
    ids = [5, 6, 7, 8, 9]
    for scope in ("generated", "last", "prompt"):
        cache, given, grown = transformers.DynamicCache(), torch.tensor([ids]), list(ids)
        with torch.no_grad(), live.edit(nw.Steer("resid.1", vector, 6.0, raw=True, scope=scope)):
            for _ in range(6):
                logits = live.module(given, past_key_values=cache, use_cache=True).logits
                given = logits[:, -1:].argmax(-1)
                grown.append(int(given))
        assert grown == by_hand(live, ids, 6, SCOPES[scope][1]), scope


def test_a_cache_of_an_unknown_make_holds_nothing_that_is_counted() -> None:
    class Takes(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            torch.manual_seed(0)
            self.embed, self.up = nn.Embedding(64, 8), nn.Linear(8, 16)
            self.act, self.out = nn.ReLU(), nn.Linear(16, 64)

        def forward(self, ids: Tensor, cache: Any = None) -> Tensor:
            logits: Tensor = self.out(self.act(self.up(self.embed(ids))))
            return logits

    class Empty:
        entries: list[Any] = []  # noqa: RUF012

    live = nw.attach(Takes().eval(), inputs=nw.TextInputs(lambda text: [ord(c) % 64 for c in text], lambda ids: "x"))
    ids = torch.tensor([[1, 2, 3]])
    with torch.no_grad(), live.edit(nw.Scale("dense.0:3", 2.0, scope="last")):
        expected = live.module(ids)
        for cache in (Empty(), [], (), object(), 5):
            assert torch.equal(live.module(ids, cache=cache), expected)


def test_an_encoder_and_a_decoder_count_for_themselves() -> None:
    live = attached_family("T5")
    ids = torch.tensor([[5, 6, 7, 8, 9]])
    for site in ("encoder.resid.1", "decoder.resid.1"):
        vector = torch.linspace(-1, 1, live.sites[site].width)
        settings = {"max_new_tokens": 6, "do_sample": False}
        outputs = {}
        for scope in ("all", "prompt", "generated"):
            with live.edit(nw.Steer(site, vector, 9.0, raw=True, scope=scope)):
                outputs[scope] = [
                    live.module.generate(ids, use_cache=use, **settings).tolist() for use in (True, False)
                ]
        assert outputs["all"][0] == outputs["all"][1]
        assert outputs["prompt"][0] == outputs["prompt"][1]
        plain = live.module.generate(ids, **settings).tolist()
        if site.startswith("encoder"):
            assert outputs["prompt"] == outputs["all"], "what the encoder reads is all prompt"
            assert outputs["generated"] == [plain, plain]


# ---- afterwards ------------------------------------------------------------------------------------------------------


def test_without_an_edit_on_no_hook_is_registered() -> None:
    live = attached("text")
    hooks = hooks_of(live.module)
    with live.edit():
        assert not any(sum(counts) for counts in hooks_of(live.module))
    with live.running() as parts:
        assert not any(part._forward_hooks or part._forward_pre_hooks for part in parts.values())
    assert hooks_of(live.module) == hooks


def test_entering_and_leaving_is_no_change_of_the_model() -> None:
    live = attached("text")
    live.record(TEXT)
    signature, parts = live.signature(), live.parts
    with live.edit(nw.Scale("mlp.1:3", 2.0)):
        live.record(TEXT)
        thread_sees: list[object] = []
        thread = threading.Thread(target=lambda: thread_sees.append(live.signature()))
        thread.start()
        thread.join()
        assert thread_sees == [signature]
        assert live.signature() != signature
    assert live.signature() == signature
    assert live.parts[""] is parts[""], "the replica is the same"


def test_an_edit_that_cannot_be_leaves_nothing() -> None:
    live = attached("text")
    hooks = hooks_of(live.module)
    with pytest.raises(IndexError), live.edit(nw.Scale("mlp.1:3", 2.0), nw.Scale("mlp.1:999", 2.0)):
        pass
    with pytest.raises(EditError, match="raised ValueError"), live.edit(nw.Edit("mlp.1", refuse)):
        live.module(*prepared(live, "text"))
    assert hooks_of(live.module) == hooks
    assert live.edits == []


def refuse(rows: Tensor) -> Tensor:
    raise ValueError("not these")
