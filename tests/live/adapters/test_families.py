"""Each family of `transformers` models, read through `attach(model, tokenizer)` and by hooks placed by hand.

`tools/families.py` runs these tests and writes the table in docs/models.md from those that passed.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor, nn

import neuronwidget as nw
from neuronwidget.live.reuse import TOLERANCE
from neuronwidget.live.tensors import first_tensor, with_first_tensor
from tests.live.adapters.families import FAMILIES, TEXT, Family, tokenizer

pytest.importorskip("transformers")

every_family = pytest.mark.parametrize("family", FAMILIES, ids=str)


@pytest.fixture(scope="module")
def lives() -> Callable[[Family], nw.LiveModel]:
    made: dict[str, nw.LiveModel] = {}

    def get(family: Family) -> nw.LiveModel:
        if family.name not in made:
            made[family.name] = nw.attach(family.make(), tokenizer(family.tokenizer))
        return made[family.name]

    return get


def own_pass(family: Family, model: nn.Module, ids: list[int]) -> Any:
    """The model called as its documentation says."""
    arguments = {"input_ids": torch.tensor([ids])}
    if family.predicts == "first":
        arguments["decoder_input_ids"] = torch.zeros(1, 1, dtype=torch.long)
    with torch.no_grad():
        return model(**arguments)


def by_hand(family: Family, model: nn.Module, ids: list[int], paths: list[str], side: str) -> list[Tensor]:
    """What goes into or comes out of modules, [positions, units] each, by hooks placed by hand."""
    kept: dict[str, Tensor] = {}

    def keep(path: str, value: Any) -> None:
        if isinstance(value, Mapping):
            value = tuple(value.values())
        kept[path] = family.rows((value[0] if isinstance(value, tuple) else value).clone())[: len(ids)]

    handles = []
    for path in paths:
        part = model.get_submodule(path)
        if side == "in":
            keep_first = lambda _, args, kwargs, path=path: keep(path, (*args, *kwargs.values())[0])  # noqa: E731
            handles.append(part.register_forward_pre_hook(keep_first, with_kwargs=True))
        else:
            handles.append(part.register_forward_hook(lambda _, args, out, path=path: keep(path, out)))
    own_pass(family, model, ids)
    for handle in handles:
        handle.remove()
    return [kept[path] for path in paths]


def named(live: nw.LiveModel, kind: str) -> list[str]:
    return [site.name for site in live.sites if site.kind == kind]


@every_family
def test_neurons(family: Family, lives: Callable[[Family], nw.LiveModel]) -> None:
    """Neurons are what goes into the down-projections, the stream is what the blocks hand on."""
    live = lives(family)
    ids = live.inputs.tokens(TEXT).ids
    recording = live.record(TEXT, sites=[site.name for site in live.sites if site.kind != "module"])
    for kinds, paths, side in (
        (("mlp", "mixer"), family.neurons, "in"),
        (("resid",), family.stream, "out"),
        (("attn",), family.heads, "in"),
    ):
        names = [name for kind in kinds for name in named(live, kind) if "cross" not in name]
        assert len(names) == len(paths), names
        for name, expected in zip(names, by_hand(family, live.module, ids, paths, side), strict=True):
            assert torch.allclose(recording[name], expected, rtol=0, atol=1e-6), name
    for name in named(live, "heads"):
        raw = recording[name.replace("heads", "" if "cross" in name else "attn")]
        heads = raw.reshape(len(raw), 4, -1).norm(dim=2)
        assert torch.allclose(recording[name], heads, atol=1e-6), name


#: Families whose layers have one stream, attention that writes to it, then an MLP that reads it.
IN_TURN = [
    "GPT-2",
    "Llama",
    "Qwen2",
    "Qwen3",
    "Gemma 2",
    "Gemma 3",
    "Mistral",
    "Phi-3",
    "Mixtral",
    "BERT",
    "ModernBERT",
]


@every_family
def test_addresses(family: Family, lives: Callable[[Family], nw.LiveModel]) -> None:
    """Addresses that others use are the same numbers, under either library's name."""
    live = lives(family)
    if len(family.prefixes) > 1 or not family.heads:
        return
    x = live.record(TEXT, sites=[site.name for site in live.sites if not site.call])
    ids = live.inputs.tokens(TEXT).ids
    for layer in range(len(family.stream)):
        written = by_hand(family, live.module, ids, [family.heads[layer]], "out")[0]
        assert torch.equal(x[f"z.{layer}"], x[f"attn.{layer}"])
        assert torch.allclose(x[f"attn_out.{layer}"], written, atol=1e-6)
        assert torch.equal(x[f"attn_out.{layer}"], x[f"blocks.{layer}.hook_attn_out"])
        assert torch.equal(x[f"resid_post.{layer}"], x[f"resid.{layer}"])
        if family.neurons:
            assert torch.equal(x[f"mlp_act.{layer}"], x[f"mlp.{layer}"])
            written = by_hand(family, live.module, ids, [family.neurons[layer]], "out")[0]
            assert torch.allclose(x[f"mlp_out.{layer}"], written, atol=1e-6)
            assert str(live.sites.unit(f"mlp_act.{layer}:17")) == f"mlp.{layer}:17"
        if family.name in IN_TURN:
            before, between = x[f"resid_pre.{layer}"], x[f"resid_mid.{layer}"]
            if not family.name.startswith("Gemma"):  # there what attention gives is normalised first
                assert torch.allclose(between, before + x[f"attn_out.{layer}"], atol=1e-6)
            if family.name not in ("Mixtral", "BERT") and "Gemma" not in family.name:
                assert torch.allclose(x[f"resid_post.{layer}"], between + x[f"mlp_out.{layer}"], atol=1e-6)
        if family.name in ("GPT-NeoX (Pythia)", "Phi"):
            with pytest.raises(KeyError, match="no site 'resid_mid"):
                live.sites.resolve(f"resid_mid.{layer}")


@every_family
def test_defaults(family: Family, lives: Callable[[Family], nw.LiveModel]) -> None:
    """Without a word the neurons are looked at, layer after layer."""
    live = lives(family)
    if family.neurons:
        assert [site.module for site in live.sites.defaults] == family.neurons
        assert [site.layer for site in live.sites.defaults[:2]] == [0, 1][: len(family.neurons)]
    else:
        assert {site.kind for site in live.sites.defaults} == {"resid"}
        assert named(live, "experts") == ["experts.0", "experts.1", "experts.2"], "there to be chosen"


@every_family
def test_predictions(family: Family, lives: Callable[[Family], nw.LiveModel]) -> None:
    """Predictions are the model's own, also where they are made from one row of the stream."""
    live = lives(family)
    assert live.predicts == family.predicts
    if not family.predicts:
        with pytest.raises(nw.AttachError, match="has no head"):
            live.predict(TEXT)
        return
    ids = live.inputs.tokens(TEXT).ids
    logits = own_pass(family, live.module, ids).logits[0]
    best = logits[-1].softmax(-1).topk(5)
    table = live.predict(TEXT, k=5)
    assert table["probability"].tolist() == pytest.approx(best.values.tolist(), rel=1e-4)
    assert table["token"].tolist() == [live.inputs.label(i) for i in best.indices.tolist()]
    head = live.head_site
    if head is not None:
        stream = live.reader().read(ids, [head])[head]
        for position in (0, len(ids) // 2):
            assert torch.allclose(live.head_logits(stream[position]), logits[position], rtol=1e-5, atol=1e-6)


@every_family
def test_reuse(family: Family, lives: Callable[[Family], nw.LiveModel]) -> None:
    """After any edit, also beyond a sliding window and after passes that stopped early, as after a full pass."""
    live = lives(family)
    assert (live.causal is not None) == family.reuse
    if not family.reuse:
        return
    assert live.causal is not None
    assert live.causal.reach == family.reach, "the tiny windows of these models are tried"
    ids = live.inputs.tokens(TEXT).ids
    deep, shallow = live.sites.defaults, live.sites.defaults[:1]
    reader = live.reader()
    series = [
        (ids[:30], deep),
        (ids[:40], shallow),
        (ids[:41], deep),
        ([*ids[:20], 7, *ids[21:41]], deep),
        ([*ids[:38], 9], shallow),
        ([*ids[:38], 9, 5], deep),
        (ids[:12], deep),
        (ids, [*deep, *([live.head_site] if live.head_site else [])]),
    ]
    reused = []
    for tokens, sites in series:
        found = reader.read(tokens, sites)
        reused.append(reader.reused)
        for site, expected in live.reader().read(tokens, sites).items():
            assert found[site].shape == expected.shape
            assert (found[site] - expected).abs().max() <= TOLERANCE * expected.abs().max(), site
    if family.reach is None:
        assert reused[:7] == [0, 30, 30, 20, 20, 20, 12]


@every_family
def test_what_was_read_before_does_not_matter(family: Family) -> None:
    """A long text after short ones gives what a model gives that has seen nothing else."""
    live = nw.attach(family.make(), tokenizer(family.tokenizer))
    live.record("fox" * family.shortest)
    text = (TEXT * 3)[: 128 if family.tokenizer == "unigram" else -7]
    ids = live.inputs.tokens(text).ids
    recording = live.record(text)
    expected = by_hand(family, family.make(), ids, family.neurons, "in")
    for site, rows in zip(live.sites.defaults if family.neurons else [], expected, strict=True):
        assert torch.allclose(recording[site.name], rows, rtol=0, atol=1e-6), site.name


@every_family
def test_what_cannot_be_shown_is_said(family: Family, lives: Callable[[Family], nw.LiveModel]) -> None:
    said = [note for note in lives(family).sites.notes if "belong together" not in note and "experts" not in note]
    assert len(said) == bool(family.says)
    assert family.says in "".join(said)


@every_family
def test_scanned(family: Family, tmp_path: Path) -> None:
    """A scan, whatever it runs together, finds what recordings of one text after another find."""
    live = nw.attach(family.make(), tokenizer(family.tokenizer))
    words = TEXT.split()
    texts = [" ".join(words[i % 7 :][: max(2, family.shortest) + i % 13]) for i in range(30)]
    atlas = nw.scan(live, texts, out=tmp_path / "atlas", progress=False)
    fresh = nw.attach(family.make(), tokenizer(family.tokenizer))
    recordings = [fresh.record(text) for text in texts]
    for site in fresh.sites.defaults:
        rows = torch.cat([recording[site.name] for recording in recordings])
        found = atlas.units.loc[site.name]
        assert set(found["seen"]) == {len(rows)}
        for column, expected in (("max", rows.amax(0)), ("mean", rows.mean(0))):
            error = (torch.tensor(found[column].to_numpy()) - expected).abs().max()
            assert error <= 1e-5 * rows.abs().max(), (site.name, column)


def everything(model: nn.Module) -> dict[str, object]:
    """All that could differ afterwards."""
    config = model.config
    return {
        "weights": {
            name: (value.clone(), value.data_ptr(), value.device, value.dtype, value.requires_grad)
            for name, value in (*model.named_parameters(), *model.named_buffers())
        },
        "gradients": [parameter.grad is None for parameter in model.parameters()],
        "training": [part.training for part in model.modules()],
        "hooks": [
            [len(hooks) for name, hooks in sorted(vars(part).items()) if name.endswith("_hooks")]
            for part in model.modules()
        ],
        "attributes": [sorted(vars(part)) for part in model.modules()],
        "plain values": [
            {name: value for name, value in vars(part).items() if isinstance(value, (int, float, str))}
            for part in model.modules()
        ],
        "parts": [(id(part), part) for part in model.modules()],
        "forward": [vars(part).get("forward") for part in model.modules()],
        "config": config.to_dict(),
        "attention": config._attn_implementation,
        "random": torch.get_rng_state(),
        "modes": (torch.is_grad_enabled(), torch.is_inference_mode_enabled(), torch.get_default_dtype()),
    }


def differing(a: Any, b: Any) -> list[str]:
    found = []
    for key in a:
        if key == "weights":
            same = a[key].keys() == b[key].keys() and all(
                torch.equal(x[0], y[0]) and x[1:] == y[1:]
                for x, y in zip(a[key].values(), b[key].values(), strict=True)
            )
        elif key == "random":
            same = torch.equal(a[key], b[key])
        else:
            same = a[key] == b[key]
        if not same:
            found.append(key)
    return found


@every_family
def test_untouched(family: Family) -> None:
    """Nothing about the model differs afterwards, in whatever state it came."""
    model = family.make()

    @settings(max_examples=4)
    @given(st.integers(0, 2**32 - 1), st.text(min_size=1, max_size=12))
    def check(seed: int, text: str) -> None:
        source = torch.Generator().manual_seed(seed)

        def chance() -> bool:
            return bool(torch.rand(1, generator=source) < 0.5)

        for part in model.modules():
            part.training = chance()
        for parameter in model.parameters():
            parameter.requires_grad_(chance())
        before = everything(model)
        live = nw.attach(model, tokenizer(family.tokenizer))
        text = text if family.shortest == 1 else text + TEXT
        live.record(text)
        if live.predicts:
            live.predict(text)
        reader = live.reader()
        for ids in ([1, 2, 3] * family.shortest, [1, 2, 4, 5] * family.shortest):
            reader.read(ids, live.sites.defaults)
        assert not differing(before, everything(model))

    check()


def test_the_table_in_the_docs_has_every_family() -> None:
    page = (Path(__file__).parents[3] / "docs" / "models.md").read_text(encoding="utf-8")
    table = page.partition("<!-- text:")[2].partition("<!-- end of text")[0]
    listed = [line.split("|")[1].strip() for line in table.splitlines() if line.startswith("| ")][1:]
    assert listed == [family.name for family in FAMILIES], "run tools/families.py"


@every_family
def test_edits(family: Family, lives: Callable[[Family], nw.LiveModel]) -> None:
    """An edit of the stream acts as a hook on the block does: in full passes, in those that run on, and in logits."""
    live = lives(family)
    block = family.stream[len(family.stream) // 2]
    site = next(s for s in live.sites if (s.module, s.side, s.call, s.read) == (block, "out", 0, None))
    edited = live.edited(nw.Edit(site.name, turned))
    module = copy.deepcopy(live.module)

    def hook(part: nn.Module, args: Any, output: Any) -> Any:
        stream = first_tensor(output)
        assert stream is not None
        return with_first_tensor(output, turned(stream))

    module.get_submodule(block).register_forward_hook(hook)
    hooked = nw.attach(module, inputs=live.inputs)
    names = [s.name for s in live.sites.defaults] + [site.name]
    plain, seen, expected = (model.record(TEXT, names) for model in (live, edited, hooked))
    for name in names:
        assert torch.allclose(seen[name], expected[name], rtol=1e-5, atol=1e-6), name
    assert not torch.allclose(seen[site.name], plain[site.name], atol=1e-3)
    ids = live.inputs.tokens(TEXT).ids
    if family.predicts:
        assert torch.allclose(edited.logits(ids), hooked.logits(ids), rtol=1e-5, atol=1e-6)
    reader, sites, head = edited.reader(), [live.sites[name] for name in names], edited.head_site
    for tokens in (ids[:30], [*ids[:20], 7, *ids[21:41]], [*ids[:38], 9], ids):
        found = {
            place: rows.clone() for place, rows in reader.read(tokens, [*sites, *([head] if head else [])]).items()
        }
        whole = edited.whole_pass(tokens, sites)
        for place in sites:
            assert (found[place] - whole[place]).abs().max() <= TOLERANCE * whole[place].abs().max(), place.name
        if head is not None:
            assert torch.allclose(edited.head_logits(found[head][-1]), edited.logits(tokens), rtol=1e-4, atol=1e-5)


def turned(rows: Tensor) -> Tensor:
    """Another stream, which no normalisation takes back."""
    return rows + 0.3 * torch.sin(3 * rows)


@every_family
def test_edits_of_heads(family: Family, lives: Callable[[Family], nw.LiveModel]) -> None:
    """A head that is turned up is a slice of what goes into the attention's output projection, times that."""
    live = lives(family)
    heads = [name for name in named(live, "heads") if "cross" not in name]
    if not heads or family.name == "SqueezeBERT":  # there the slice lies along another dimension: see below
        return
    site = live.sites[heads[-1]]
    width = live.sites[site.name.replace("heads", "attn")].width // site.width
    module = copy.deepcopy(live.module)

    def hook(part: nn.Module, args: Any) -> Any:
        rows = args[0].clone()
        rows[..., width : 2 * width] *= 5
        return (rows, *args[1:])

    module.get_submodule(site.module).register_forward_pre_hook(hook)
    ids = live.inputs.tokens(TEXT).ids
    edit = nw.Scale(f"{site.name}:1", 5.0)
    expected, plain = own_pass(family, module, ids)[0], own_pass(family, live.module, ids)[0]
    with live.edit(edit):
        inside = own_pass(family, live.module, ids)[0]
    assert torch.allclose(inside, expected, rtol=1e-5, atol=1e-6)
    assert not torch.allclose(inside, plain, atol=1e-5)
    assert torch.equal(own_pass(family, live.module, ids)[0], plain)
    found, before = live.record(TEXT, [site.name], edits=[edit])[site.name], live.record(TEXT, [site.name])[site.name]
    assert torch.allclose(found[:, 1], 5 * before[:, 1], rtol=1e-5)
    assert torch.equal(found[:, 0], before[:, 0])


def test_edits_of_heads_where_channels_come_first(lives: Callable[[Family], nw.LiveModel]) -> None:
    live = lives(next(family for family in FAMILIES if family.name == "SqueezeBERT"))
    site = live.sites[named(live, "heads")[-1]]
    edits = [nw.Scale(f"{site.name}:1", 5.0)]
    found, before = live.record(TEXT, [site.name], edits=edits)[site.name], live.record(TEXT, [site.name])[site.name]
    assert torch.allclose(found[:, 1], 5 * before[:, 1], rtol=1e-5)
    assert torch.equal(found[:, 0], before[:, 0])
