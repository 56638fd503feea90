"""Prefix reuse, early stop and overtaking give the numbers of the full pass, or are not used."""

import contextlib
import gc
import weakref

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

import neuronwidget as nw
from neuronwidget.demos.architectures.code import OTHER, CodeConfig, CodeModel, decode, encode
from neuronwidget.live.capture import Overtaken
from neuronwidget.live.reuse import TOLERANCE

CONFIG = CodeConfig(layers=3, width=32, heads=2, hidden=64, memory=(16, 0, 8), context=64)


def make() -> nw.LiveModel:
    torch.manual_seed(0)
    inputs = nw.TextInputs(encode, lambda ids: "".join(map(decode, ids)), context=64)
    return nw.attach(CodeModel(CONFIG).eval(), inputs=inputs)


LIVE = make()
SITES = LIVE.sites.defaults


def full(ids: list[int], sites: list[nw.Site]) -> dict[nw.Site, torch.Tensor]:
    return {site: values.clone() for site, values in LIVE.reader().read(ids, sites).items()}


def agree(found: torch.Tensor, expected: torch.Tensor) -> bool:
    scale = expected.abs().max().clamp_min(1e-30)
    return found.shape == expected.shape and bool((found - expected).abs().max() / scale <= TOLERANCE)


def test_the_model_is_used_with_its_cache() -> None:
    assert LIVE.causal is not None
    assert [site.name for site in SITES] == ["state.0", "mlp.0", "mlp.1", "state.2", "mlp.2"]


tokens = st.lists(st.integers(0, OTHER), min_size=1, max_size=24)
steps = st.lists(
    st.tuples(st.integers(0, 24), tokens, st.sets(st.integers(0, 4), min_size=1), st.integers(0, 6)),
    min_size=2,
    max_size=6,
)


@settings(max_examples=40)
@given(steps)
def test_any_series_of_edits_reads_as_the_full_pass_does(series: list[tuple[int, list[int], set[int], int]]) -> None:
    """Edits at any place, any change of sites in between, some passes overtaken after a few sites."""
    reader, ids = LIVE.reader(), []
    for keep, fresh, chosen, patience in series:
        ids = (ids[:keep] + fresh)[:40]
        sites = [SITES[i] for i in sorted(chosen)]
        if patience < 5:
            calls = iter(range(100))
            with contextlib.suppress(Overtaken):  # whether it comes to that depends on how much is kept
                reader.read(ids, sites, overtaken=lambda c=calls, p=patience: next(c) >= p)
        found = reader.read(ids, sites)
        for site, expected in full(ids, sites).items():
            assert agree(found[site], expected), site


def test_only_what_changed_is_run() -> None:
    reader, ids = LIVE.reader(), encode("def f(x):\n    return x")
    reader.read(ids, SITES)
    assert reader.reused == 0
    reader.read([*ids, 5], SITES)
    assert reader.reused == len(ids)
    reader.read([*ids[:10], 7, *ids[11:]], SITES)
    assert reader.reused == 10
    reader.read(ids[:8], SITES)
    assert reader.reused == 8


def test_a_change_of_weights_drops_what_was_kept() -> None:
    live = make()
    reader, ids = live.reader(), encode("x = 'abc'")
    before = reader.read(ids, live.sites.defaults)[live.sites["mlp.0"]].clone()
    with torch.no_grad():
        live.module.get_parameter("blocks.0.mlp.up.weight").mul_(2)
    after = reader.read(ids, live.sites.defaults)
    assert reader.reused == 0
    assert not torch.allclose(after[live.sites["mlp.0"]], before)


def test_a_cache_that_gives_other_numbers_is_not_used() -> None:
    class Forgetful(CodeModel):
        def forward(self, ids: torch.Tensor, cache: object = None) -> torch.Tensor:
            if cache is not None:
                cache.crop(0)  # remembers nothing, so a suffix is read as if it were a beginning
            return super().forward(ids, cache)

    live = nw.attach(Forgetful(CONFIG), inputs=LIVE.inputs)
    assert live.causal is None
    reader = live.reader()
    reader.read([1, 2, 3, 4], live.sites.defaults)
    reader.read([1, 2, 3, 5], live.sites.defaults)
    assert reader.reused == 0


def test_the_model_runs_no_deeper_than_the_deepest_site() -> None:
    ran: list[int] = []
    module = LIVE.module
    handles = [block.register_forward_pre_hook(lambda *_, i=i: ran.append(i)) for i, block in enumerate(module.blocks)]
    try:
        LIVE.record("abc", sites=["mlp.1"])
        assert ran == [0, 1]
        ran.clear()
        LIVE.reader().read([1, 2, 3], [LIVE.sites["mlp.0"]])
        assert ran == [0]
    finally:
        for handle in handles:
            handle.remove()


def test_an_overtaken_pass_stops_at_the_next_site() -> None:
    ran: list[int] = []
    module = LIVE.module
    handles = [block.register_forward_pre_hook(lambda *_, i=i: ran.append(i)) for i, block in enumerate(module.blocks)]
    try:
        with pytest.raises(Overtaken):
            LIVE.record("abc", sites=["resid.2"], overtaken=lambda: len(ran) == 2)
        assert ran == [0, 1]
    finally:
        for handle in handles:
            handle.remove()


def test_predictions_from_one_row_equal_the_models_own() -> None:
    ids = encode("import os")
    head = LIVE.head_site
    assert head is not None
    hidden = LIVE.reader().read(ids, [head])[head]
    with torch.no_grad():
        own = LIVE.module(torch.tensor([ids]))[0]
    for position in (0, 4, len(ids) - 1):
        assert agree(LIVE.head_logits(hidden[position]), own[position])
    table = LIVE.predict("import os", k=3)
    best = own[-1].softmax(-1).topk(3)
    assert table["token"].tolist() == [decode(int(i)) for i in best.indices]
    assert table["probability"].tolist() == pytest.approx(best.values.tolist(), rel=1e-4)


def test_a_reader_does_not_keep_a_released_model_alive() -> None:
    live = make()
    reader = live.reader()
    reader.read([1, 2], live.sites.defaults)
    module = weakref.ref(live.module)
    live.release()
    gc.collect()
    assert module() is None
