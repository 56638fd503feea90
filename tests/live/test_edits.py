"""Edits act in every kind of pass, and nowhere else: against models whose hooks do the same by hand."""

from __future__ import annotations

import contextlib
import copy
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor, nn

import neuronwidget as nw
from neuronwidget.demos.architectures.code import CodeConfig, CodeModel, decode, encode
from neuronwidget.live.capture import Overtaken
from neuronwidget.live.edits import EditError
from neuronwidget.live.replica.serialize import packed, unpacked
from neuronwidget.live.structure.layout import Layout
from neuronwidget.live.tensors import with_first_tensor

CONFIG = CodeConfig(layers=3, width=32, heads=2, hidden=64, memory=(16, 0, 8), context=64)
TEXT = "def greet(name):\n    return name"
PICTURE = np.random.default_rng(3).integers(0, 256, (8, 10, 3), np.uint8)
ROW = {"a": 0.5, "b": -1.0, "c": 2.0}
UNIT = 3


def double(rows: Tensor) -> Tensor:
    """Twice the one unit, in place: what an edit is given is its own."""
    rows[:, UNIT] *= 2
    return rows


def text_module() -> nn.Module:
    torch.manual_seed(0)
    return CodeModel(CONFIG).eval()


def image_module() -> nn.Module:
    torch.manual_seed(0)
    head = (nn.AdaptiveAvgPool2d(2), nn.Flatten(), nn.Linear(32, 8), nn.ReLU(), nn.Linear(8, 3))
    convolutions = (nn.Conv2d(3, 6, 3), nn.ReLU(inplace=True), nn.Conv2d(6, 8, 3, stride=2), nn.GELU())
    return nn.Sequential(*convolutions, *head).eval()


def table_module() -> nn.Module:
    torch.manual_seed(3)
    return nn.Sequential(nn.Linear(3, 8), nn.ReLU(), nn.Linear(8, 6), nn.Tanh(), nn.Linear(6, 2)).eval()


INPUTS: dict[str, Any] = {
    "text": lambda: nw.TextInputs(encode, lambda ids: "".join(map(decode, ids)), context=64),
    "image": lambda: nw.ImageInputs((8, 10), ["a", "b", "c"]),
    "table": lambda: nw.TableInputs({"a": (-3, 3), "b": (-3, 3), "c": (-3, 3)}, ["no", "yes"]),
}
MODULES: dict[str, Callable[[], nn.Module]] = {"text": text_module, "image": image_module, "table": table_module}
GIVEN: dict[str, Any] = {"text": TEXT, "image": PICTURE, "table": ROW}
EDITED = {"text": "mlp.1", "image": "conv.0", "table": "dense.0"}
KINDS = list(MODULES)


def attached(kind: str, module: nn.Module | None = None) -> Any:
    return nw.attach(MODULES[kind]() if module is None else module, inputs=INPUTS[kind]())


def by_hand(kind: str, live: Any) -> Any:
    """The same weights in a module whose own hook doubles the unit."""
    module, site = copy.deepcopy(live.module), live.sites[EDITED[kind]]
    scale = torch.ones(site.width)
    scale[UNIT] = 2
    if kind == "image":
        scale = scale[:, None, None]
    part = module.get_submodule(site.module)
    if site.side == "in":
        part.register_forward_pre_hook(lambda _, args: (args[0] * scale, *args[1:]))
    else:
        part.register_forward_hook(lambda _, args, output: output * scale)
    return attached(kind, module)


def everything(live: Any) -> list[str]:
    return [site.name for site in live.sites]


def is_near(found: Tensor, expected: Tensor) -> bool:
    """Up to what passes of other sizes round otherwise: small values are sums of ones as large as the largest."""
    return torch.allclose(found, expected, rtol=1e-5, atol=1e-6 * max(1.0, float(expected.abs().max())))


def assert_same(found: Any, expected: Any, names: list[str], exact: bool = True) -> None:
    for name in names:
        if exact:
            assert torch.equal(found[name], expected[name]), name
        else:
            assert is_near(found[name], expected[name]), name


@pytest.mark.parametrize("kind", KINDS)
def test_recordings_are_those_of_a_module_with_the_same_hook(kind: str) -> None:
    live = attached(kind)
    edited, hooked = live.edited(nw.Edit(EDITED[kind], double)), by_hand(kind, live)
    plain, found = live.record(GIVEN[kind]), edited.record(GIVEN[kind], everything(live))
    assert torch.equal(found[EDITED[kind]][:, UNIT], 2 * plain[EDITED[kind]][:, UNIT])
    assert plain[EDITED[kind]][:, UNIT].any()
    assert_same(found, hooked.record(GIVEN[kind], everything(live)), everything(live))
    assert [edit.site for edit in edited.edits] == [EDITED[kind]]
    assert live.edits == []


@pytest.mark.parametrize("kind", KINDS)
def test_predictions_are_those_of_a_module_with_the_same_hook(kind: str) -> None:
    live = attached(kind)
    edited = live.edited(nw.Edit(EDITED[kind], double))
    plain, found, expected = (m.predict(GIVEN[kind], k=3) for m in (live, edited, by_hand(kind, live)))
    assert found.equals(expected)
    assert not found.equals(plain)


@pytest.mark.parametrize("kind", KINDS)
def test_the_live_model_and_the_module_stay_as_they_are(kind: str) -> None:
    live = attached(kind)
    module, names = live.module, everything(live)
    before = live.record(GIVEN[kind], names)
    hooks = [(len(part._forward_hooks), len(part._forward_pre_hooks)) for part in module.modules()]
    edited = live.edited(nw.Edit(EDITED[kind], double))
    edited.record(GIVEN[kind], names)
    edited.predict(GIVEN[kind])
    assert [(len(part._forward_hooks), len(part._forward_pre_hooks)) for part in module.modules()] == hooks
    assert_same(live.record(GIVEN[kind], names), before, names)
    with live.running() as parts:
        assert not any(part._forward_hooks or part._forward_pre_hooks for part in parts.values())


# ---- what is kept of inputs ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("order", ["edited first", "plain first"])
def test_no_row_of_a_pass_without_edits_is_served_with_them(order: str) -> None:
    live = attached("text")
    edited = live.edited(nw.Edit("mlp.1", double))
    sites = live.sites.defaults
    models = [edited, live, edited, live]
    models = models if order == "edited first" else models[1:]
    readers = {id(model): model.reader() for model in models}
    for number, model in enumerate([*models, *models]):
        ids = encode(TEXT + "abcdefghij"[: number // 2] + "!" * (number % 2))
        found = readers[id(model)].read(ids, sites)
        fresh = (by_hand("text", live) if model is edited else attached("text", live.module)).whole_pass(ids, sites)
        for site in sites:
            assert is_near(found[site], fresh[site]), (number, site.name)


def from_the_first_two(rows: Tensor) -> Tensor:
    return rows - rows[:2].mean(0)


def from_the_number(rows: Tensor) -> Tensor:
    return rows * torch.arange(len(rows))[:, None]


def from_all(rows: Tensor) -> Tensor:
    return rows - rows.mean(0)


def the_last_one(rows: Tensor) -> Tensor:
    return torch.cat([rows[:-1], 3 * rows[-1:]])


@pytest.mark.parametrize("change", [double, from_the_first_two, from_the_number, from_all, the_last_one])
@pytest.mark.parametrize("site", ["mlp.1", "mlp.0", "resid.0"])
def test_an_edit_sees_all_positions_though_only_the_last_ones_changed(
    change: Callable[[Tensor], Tensor], site: str
) -> None:
    live = attached("text")
    edited = live.edited(nw.Edit(site, change), nw.Edit("attn.1", change))
    reader, every, reused = edited.reader(), live.sites.defaults, []
    texts = [
        "def f",
        "def f(x)",
        "def f(x):",
        "def g(x):",
        "def g(x): 1",
        "def g(x): 12",
        "def",
        "def f(x): 12",
        "dex f(x): 12",
    ]
    for number, text in enumerate(texts):
        ids, sites = encode(text), every[:1] if number % 4 == 2 else every
        expected = edited.whole_pass(ids, sites)
        found = reader.read(ids, sites)
        reused.append(reader.reused)
        for place in sites:
            assert is_near(found[place], expected[place]), (text, place.name)
    assert any(reused) or change in (from_all, the_last_one)


def test_a_pass_that_was_overtaken_leaves_nothing_wrong() -> None:
    live = attached("text")
    edited = live.edited(nw.Edit("mlp.0", from_the_number), nw.Edit("mlp.2", from_the_first_two))
    reader, sites = edited.reader(), live.sites.defaults
    reader.read(encode("def f(x):"), sites)
    for patience in range(6):
        answers = iter([False] * patience + [True] * 99)
        with contextlib.suppress(Overtaken):
            reader.read(encode("def g(yz): ab"), sites, lambda answers=answers: next(answers))
        ids = encode("def g(y" + "x" * patience)
        found, expected = reader.read(ids, sites), edited.whole_pass(ids, sites)
        for site in sites:
            assert is_near(found[site], expected[site]), (patience, site.name)


def test_what_the_function_of_an_edit_leads_to_is_watched() -> None:
    live, factor = attached("text"), torch.ones(64)
    edited = live.edited(nw.Edit("mlp.1", lambda rows: rows * factor))
    reader, ids, sites = edited.reader(), encode(TEXT), [live.sites["mlp.2"]]
    before, signature = reader.read(ids, sites)[sites[0]].clone(), edited.signature()
    assert edited.signature() == signature
    factor[UNIT] = 2.0
    assert edited.signature() != signature
    after = reader.read(ids, sites)[sites[0]]
    assert not torch.equal(after, before)
    expected = live.edited(nw.Edit("mlp.1", double)).whole_pass(ids, sites)[sites[0]]
    assert torch.allclose(after, expected, rtol=1e-5, atol=1e-6)


# ---- the head --------------------------------------------------------------------------------------------------------


def logits_by_head(live: Any, ids: list[int]) -> Tensor | None:
    head = live.head_site
    return None if head is None else live.head_logits(live.reader().read(ids, [head])[head][-1])


@pytest.mark.parametrize("where", ["mlp.1", "resid.2", "the head's input"])
def test_logits_from_one_row_have_the_edits_once(where: str) -> None:
    live, ids = attached("text"), encode(TEXT)
    site = live.head_site.name if where == "the head's input" else where
    edited = live.edited(nw.Edit(site, lambda rows: 2 * rows + rows.roll(1, 1)))
    expected = edited.logits(ids)
    found = logits_by_head(edited, ids)
    assert found is not None
    assert torch.allclose(found, expected, rtol=1e-4, atol=1e-5)
    assert not torch.allclose(expected, live.logits(ids), rtol=1e-2)


def test_logits_that_are_edited_themselves_are_not_made_from_one_row() -> None:
    live, ids = attached("text"), encode(TEXT)
    head = next(s for s in live.sites if s.module == live.head_site.module and s.side == "out")
    edited = live.edited(nw.Edit(head.name, lambda rows: rows - rows.mean(0)))
    assert edited.head_site is None
    assert live.head_site is not None
    with live.running(whole=True):
        rows = live.call(ids)[0]
    assert torch.allclose(edited.logits(ids), (rows - rows.mean(0))[-1], atol=1e-5)


# ---- many inputs -----------------------------------------------------------------------------------------------------


def documents(kind: str) -> list[Any]:
    source = np.random.default_rng(0)
    if kind == "text":
        return [TEXT * n for n in (1, 2, 3)] + ["import this", "x = [1, 2, 3]\n"]
    if kind == "image":
        return list(source.integers(0, 256, (7, 8, 10, 3), np.uint8))
    return [{name: float(value) for name, value in zip("abc", row, strict=True)} for row in source.normal(size=(9, 3))]


@pytest.mark.parametrize("kind", KINDS)
def test_a_scan_counts_edited_values(kind: str, tmp_path: Path) -> None:
    live = attached(kind)
    sites = [site.name for site in live.sites.defaults]
    models = {"plain": live, "edited": live.edited(nw.Edit(EDITED[kind], double)), "hooked": by_hand(kind, live)}
    tables = {
        name: nw.scan(model, documents(kind), sites=sites, out=tmp_path / name, progress=False).units
        for name, model in models.items()
    }
    plain, edited, hooked = tables["plain"], tables["edited"], tables["hooked"]
    one = (EDITED[kind], UNIT)
    for column in ("min", "max", "mean", "std"):
        assert edited.loc[one, column] == pytest.approx(2 * plain.loc[one, column], rel=1e-5), column
        assert np.allclose(edited[column], hooked[column], rtol=1e-5, atol=1e-6), column
    deepest = sites[-1]
    assert not np.allclose(edited.loc[deepest, "mean"], plain.loc[deepest, "mean"], rtol=1e-4)


@pytest.mark.parametrize("kind", KINDS)
def test_edits_go_along_to_another_process_and_another_thread(kind: str) -> None:
    import cloudpickle

    edited = attached(kind).edited(nw.Edit(EDITED[kind], lambda rows: double(rows) + 1))
    expected, names = edited.record(GIVEN[kind]), [site.name for site in edited.sites.defaults]
    for other in (unpacked(packed(edited, cloudpickle)), edited.apart()):
        assert_same(other.record(GIVEN[kind]), expected, names)
        assert [edit.site for edit in other.edits] == [EDITED[kind]]


def test_a_sweep_goes_through_edits() -> None:
    live = attached("image")
    edited, hooked = live.edited(nw.Edit("conv.0", double)), by_hand("image", live)
    pictures = [live.inputs.prepare(picture) for picture in documents("image")]
    units = {live.sites["conv.0"]: [UNIT], live.sites["dense.0"]: [0, 1]}
    (found, classes), (expected, theirs) = edited.sweep(pictures, units), hooked.sweep(pictures, units)
    for site in units:
        assert np.array_equal(found[site], expected[site])
    assert np.array_equal(classes, theirs)


def test_each_input_of_a_pass_is_edited_by_itself() -> None:
    live = attached("image")
    centred = live.edited(nw.Edit("conv.0", lambda rows: rows - rows.mean(0)))
    pictures = [live.inputs.prepare(picture) for picture in documents("image")]
    site = live.sites["conv.1"]
    together, _ = centred.sweep(pictures, {site: range(8)})
    alone = [centred.sweep([picture], {site: range(8)})[0][site][0] for picture in pictures]
    assert np.allclose(together[site], np.stack(alone), atol=1e-6)


def test_receptive_fields_are_those_of_the_model() -> None:
    live = attached("image")
    edited = live.edited(nw.Edit("conv.0", torch.zeros_like))
    site = live.sites["conv.1"]
    assert edited.field(site, 0) == live.field(site, 0) == (0, 0, 5, 5)


# ---- several edits, and wrong ones -----------------------------------------------------------------------------------


def test_edits_act_in_their_order_and_add_up() -> None:
    live = attached("table")
    plain = live.record(ROW)["dense.0"]
    more, twice = nw.Edit("dense.0", lambda rows: rows + 1), nw.Edit("dense.0", lambda rows: 2 * rows)
    assert torch.equal(live.edited(more, twice).record(ROW)["dense.0"], 2 * (plain + 1))
    assert torch.equal(live.edited(twice, more).record(ROW)["dense.0"], 2 * plain + 1)
    added = live.edited(more).edited(twice)
    assert added.edits == [more, twice]
    assert torch.equal(added.record(ROW)["dense.0"], 2 * (plain + 1))
    assert torch.equal(added.unedited.record(ROW)["dense.0"], plain)


def test_a_later_call_of_a_part_is_edited_alone() -> None:
    class Twice(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.inner, self.act, self.out = nn.Linear(3, 3), nn.ReLU(), nn.Linear(3, 2)

        def forward(self, row: Tensor) -> Tensor:
            return self.out(self.act(self.inner(self.act(row))))

    torch.manual_seed(1)
    live = attached("table", Twice().eval())
    names = everything(live)
    assert "act#2" in names or "dense.0" in names
    site = next(s for s in live.sites if s.module == "act" and s.call == 1 and s.side == "out")
    edited = live.edited(nw.Edit(site.name, lambda rows: rows + 1))
    plain, found = live.record(ROW, names), edited.record(ROW, names)
    assert torch.equal(found[site.name], plain[site.name] + 1)
    assert torch.equal(found["act"], plain["act"])
    assert torch.equal(edited.record(ROW, names)[site.name], found[site.name]), "each pass counts anew"


def test_a_pass_of_another_live_model_inside_has_no_edits() -> None:
    live = attached("table")
    edited = live.edited(nw.Edit("dense.0", torch.zeros_like))
    plain = live.record(ROW)["dense.0"]
    with edited.running():
        assert torch.equal(live.record(ROW)["dense.0"], plain)
        assert not edited.record(ROW)["dense.0"].any()


def test_another_thread_runs_without_edits() -> None:
    live, seen = attached("table"), []
    edited = live.edited(nw.Edit("dense.0", torch.zeros_like))
    plain = live.module(torch.ones(1, 3))
    with edited.running():
        thread = threading.Thread(target=lambda: seen.append(live.module(torch.ones(1, 3))))
        thread.start()
        thread.join()
    assert torch.equal(seen[0], plain)


def test_random_numbers_of_an_edit_leave_the_programs_alone() -> None:
    live = attached("table")
    noisy = live.edited(nw.Edit("dense.0", lambda rows: rows + torch.randn_like(rows)))
    state = torch.get_rng_state()
    first, second = noisy.record(ROW)["dense.0"], noisy.record(ROW)["dense.0"]
    assert torch.equal(torch.get_rng_state(), state)
    assert torch.equal(first, second)
    assert not torch.equal(first, live.record(ROW)["dense.0"])


def boom(rows: Tensor) -> Tensor:
    raise ValueError("no such unit")


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (boom, r"Edit\(dense.0, boom\) raised ValueError at dense.0: no such unit"),
        (lambda rows: rows[:, 1:], r"gave \[1, 7\] at dense.0, where \[1, 8\] \(positions × units\) stood"),
        (lambda rows: None, r"gave no tensor at dense.0 but NoneType"),
        (lambda rows: rows + 1j, r"gave complex numbers at dense.0"),
    ],
)
def test_a_wrong_edit_is_an_error_that_names_it_and_its_site(change: Any, message: str) -> None:
    live = attached("table")
    edited, before = live.edited(nw.Edit("dense.0", change)), live.record(ROW)["dense.0"]
    for run in (edited.record, edited.predict):
        with pytest.raises(EditError, match=message):
            run(ROW)
    with live.running() as parts:
        assert not any(part._forward_hooks or part._forward_pre_hooks for part in parts.values())
    assert torch.equal(live.record(ROW)["dense.0"], before)


def test_whole_numbers_are_taken_as_the_sites_own_type() -> None:
    live = attached("table")
    edited = live.edited(nw.Edit("dense.0", lambda rows: (rows > 0).long()))
    assert torch.equal(edited.record(ROW)["dense.0"], (live.record(ROW)["dense.0"] > 0).float())


def test_places_that_cannot_be_put_back_are_refused() -> None:
    live = attached("text")
    live.add_sae("mlp.1", _Sae())
    with pytest.raises(EditError, match=r"heads.1 cannot be edited: its units are made of what stands at attn.1"):
        live.edited(nw.Edit("heads.1", double))
    with pytest.raises(EditError, match=r"sae.1 cannot be edited: its units are made of what stands at mlp.1"):
        live.edited(nw.Edit("sae.1", double))
    with pytest.raises(KeyError, match=r"There is no site .mlp\.9."):
        live.edited(nw.Edit("mlp.9", double))


class Loop(nn.Module):
    """A cell that is called once for each position and carries its state on."""

    def __init__(self) -> None:
        super().__init__()
        torch.manual_seed(0)
        self.embed, self.cell, self.out = nn.Embedding(128, 8), nn.GRUCell(8, 8), nn.Linear(8, 128)

    def forward(self, ids: Tensor, changed: Callable[[int, Tensor], Tensor] = lambda _, state: state) -> Tensor:
        state, states = torch.zeros(len(ids), 8), []
        for step, vector in enumerate(self.embed(ids).unbind(1)):
            state = changed(step, self.cell(vector, state))
            states.append(state)
        logits: Tensor = self.out(torch.stack(states, 1))
        return logits


def of_loop() -> tuple[Any, str]:
    inputs = nw.TextInputs(lambda text: [ord(c) % 128 for c in text], lambda ids: "".join(map(chr, ids)))
    live = nw.attach(Loop().eval(), inputs=inputs)
    return live, next(site.name for site in live.sites if site.steps is not None and site.side == "out")


def tripled(state: Tensor) -> Tensor:
    return torch.cat([state[:, :3], 3 * state[:, 3:4], state[:, 4:]], 1)


@pytest.mark.parametrize(("scope", "steps"), [("all", range(99)), ([0, 4], [0, 4]), (slice(2, 5), [2, 3, 4])])
def test_a_state_that_a_loop_carries_is_edited_at_each_step_and_carried_on(scope: Any, steps: Any) -> None:
    live, name = of_loop()
    module, ids = live.module, torch.tensor([[ord(c) % 128 for c in "def f(x):"], [5] * 9])
    edit = nw.Scale(f"{name}:3", 3.0, scope=scope)
    with torch.no_grad():
        expected = module(ids, lambda step, state: tripled(state) if step in steps else state)
        plain = module(ids)
        with live.edit(edit):
            assert torch.allclose(module(ids), expected, atol=1e-6)
        assert torch.equal(module(ids), plain)
        assert torch.allclose(live.edited(edit).logits(ids[0].tolist()), expected[0, -1], atol=1e-6)
    assert not torch.allclose(expected, plain, atol=1e-3)
    recorded = live.record("def f(x):", [name], edits=[nw.Clamp(f"{name}:3", 0.75, scope=scope)])[name]
    assert recorded[:, 3].eq(0.75).nonzero().flatten().tolist() == [step for step in range(9) if step in steps]
    other = live.record("import it", [name])[name]
    patched = live.record("def f(x):", [name], edits=[nw.Patch(name, "import it", scope=scope)])[name]
    for step in range(9):
        assert torch.equal(patched[step], other[step]) == (step in steps)


def test_a_condition_on_a_state_holds_step_by_step() -> None:
    live, name = of_loop()
    ids = torch.tensor([[ord(c) % 128 for c in "def f(x):"]])
    with torch.no_grad():
        expected = live.module(ids, lambda _, state: torch.where(state[:, 5:6] > 0, tripled(state), state))
        with live.edit(nw.Scale(f"{name}:3", 3.0, when=nw.when(f"{name}:5"))):
            assert torch.allclose(live.module(ids), expected, atol=1e-6)
    assert not torch.allclose(expected, live.module(ids), atol=1e-3)


def test_how_many_steps_follow_is_not_known() -> None:
    live, name = of_loop()
    for scope in ("last", [-1], slice(-3, None)):
        with pytest.raises(EditError, match="are the steps of a loop, which is not told how many follow"):
            live.edited(nw.Edit(name, double, scope=scope))


class _Sae(nn.Module):
    def encode(self, rows: Tensor) -> Tensor:
        return rows[:, :5].relu()


# ---- the parts -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("shape", "layout", "inputs"),
    [
        ((2, 3, 4, 5), Layout(0, (2, 3), 20, (4, 5)), 2),
        ((2, 4, 5, 3), Layout(0, (1, 2), 20, (4, 5)), 2),
        ((6, 7, 3), Layout(0, (0, 1), 14, None), 3),
        ((7, 2, 3), Layout(1, (0,), 7, None), 2),
        ((3, 8), Layout(0, (), 1, None), 3),
        ((2, 2, 5, 3), Layout(0, (2,), 5, None), 2),
    ],
)
def test_rows_go_back_to_where_they_were(shape: tuple[int, ...], layout: Layout, inputs: int) -> None:
    tensor = torch.arange(float(torch.Size(shape).numel())).reshape(shape)
    rows = layout.rows(tensor, inputs)
    assert rows.shape[:2] == (inputs, layout.positions)
    assert torch.equal(layout.tensor(rows, shape), tensor)


def test_a_tensor_is_replaced_wherever_a_module_may_give_it() -> None:
    from transformers.modeling_outputs import BaseModelOutput

    new, old = torch.ones(2), torch.zeros(3)
    state = nn.utils.rnn.PackedSequence(old, torch.ones(1, dtype=torch.long))
    for value in (old, (torch.ones(1, dtype=torch.long), old), [None, (old,)], {"a": 1, "b": old}, state):
        changed = with_first_tensor(value, new)
        assert type(changed) is type(value)
        assert "1., 1." in str(changed)
        assert "0., 0., 0." in str(value), "the value itself stays"
    output = BaseModelOutput(last_hidden_state=old)
    changed = with_first_tensor(output, new)
    assert changed.last_hidden_state is new
    assert changed[0] is new
    assert output.last_hidden_state is old
