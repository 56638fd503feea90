"""The bundled sparse autoencoder: its site is what it encodes, its card is so, its training is repeatable."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.torch import load_file

import neuronwidget as nw
from neuronwidget.analysis.predicates.python_source import PROPERTIES
from neuronwidget.demos import MODELS, corpus, demo_card, sae, weights
from neuronwidget.demos.architectures.code import CodeConfig
from training import sae_card, train_sae
from training.evaluate import auroc, sample

FILE = MODELS / "code-sae.safetensors"
SOURCE = 'def shout(word):\n    """Say it loud."""\n    return word.upper() + "!"  # as told\n'

pytestmark = pytest.mark.usefixtures("one_thread")


@pytest.mark.parametrize("trained", [True, False])
def test_the_units_are_the_features_of_the_neurons(trained: bool) -> None:
    live = nw.demo("code", sae=True, trained=trained)
    made = sae.read(FILE) if trained else sae.twin(FILE)
    recording = live.record(SOURCE, sites=["mlp.1", "sae.1"])
    features = recording["sae.1"].numpy()
    with torch.no_grad():
        expected = made.encode(recording["mlp.1"]).numpy()
    assert features.shape == (len(SOURCE), made.config.features)
    np.testing.assert_allclose(features, expected, rtol=1e-4, atol=1e-4)
    assert (features >= 0).all()
    active = (features > 0).sum(1)
    assert active.max() <= made.config.active
    assert active.min() > 0


def test_without_it_the_model_is_as_it_was() -> None:
    plain, with_sae = nw.demo("code"), nw.demo("code-sae")
    assert {site.name for site in with_sae.sites} - {site.name for site in plain.sites} == {"sae.1"}
    assert with_sae.sites["sae.1"].kind == "sae"
    one, other = (live.record(SOURCE, sites=["mlp.2"])["mlp.2"] for live in (plain, with_sae))
    assert torch.equal(one, other)


def test_other_models_have_none() -> None:
    with pytest.raises(ValueError, match="no sparse autoencoder for 'digits'"):
        nw.demo("digits", sae=True)


def test_the_card_holds_on_a_few_held_out_windows() -> None:
    card, made = demo_card("code-sae"), sae.read(FILE)
    model = weights.read(MODELS / "code.safetensors")
    _, held_out = corpus.split(corpus.modules())
    judge = sample(held_out, model.config.context, 24)
    found = sae_card.neurons(model, made.config.site, judge.ids)
    told = sae_card.features(made, found)
    quality, said = sae_card.explained(made, found, told), card["held_out"]
    assert quality["variance_explained"] == pytest.approx(said["variance_explained"], abs=0.05)
    assert quality["active_features"] == pytest.approx(said["active_features"], abs=2)
    bits, bits_said = sae_card.bits(model, made, judge.ids), said["bits_per_character"]
    assert bits["decoded"] - bits["model"] == pytest.approx(bits_said["decoded"] - bits_said["model"], abs=0.1)
    assert bits["model"] < bits["decoded"] < bits["silent"]
    assert [row["property"] for row in card["table"]] == list(PROPERTIES)
    for row in card["table"]:
        for kind, units in (("feature", told), ("neuron", found.numpy())):
            score = sae_card.held_out_score(units[:, row[kind]["unit"]], judge, row["property"], row[kind]["sign"])
            assert score["held_out"] == pytest.approx(row[kind]["held_out"], abs=0.12), (row["property"], kind)


def test_the_best_unit_of_the_model_is_the_one_of_its_own_card() -> None:
    own = {each["property"]: each for each in demo_card("code")["detectors"]}
    for row in demo_card("code-sae")["table"]:
        assert row["model"] == {key: own[row["property"]][key] for key in ("site", "unit", "held_out")}


def test_the_card_and_its_page_agree_and_the_files_are_small() -> None:
    card = demo_card("code-sae")
    assert FILE.with_suffix(".md").read_text(encoding="utf-8") == sae_card.markdown(card)
    assert card["bytes"] == FILE.stat().st_size <= 4_000_000
    assert sum(path.stat().st_size for path in MODELS.iterdir()) <= 10_000_000


def test_directions_are_stored_at_length_one() -> None:
    lengths = sae.read(FILE).directions.norm(dim=1)
    torch.testing.assert_close(lengths, torch.ones_like(lengths), rtol=0, atol=2e-3)


def test_ranking_only_what_is_active_gives_the_same_auroc() -> None:
    rng = np.random.default_rng(3)
    for share in (0.0, 0.02, 0.5, 1.0):
        values = (rng.integers(1, 6, 500) * (rng.random(500) < share)).astype(np.float32)
        positive = rng.random(500) < 0.3
        assert sae_card.sparse_auroc(values, positive) == pytest.approx(auroc(values, positive), abs=1e-12)
    assert sae_card.sparse_auroc(values, np.zeros(500, bool)) == 0.5


def test_training_is_repeatable_and_learns(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    shape = CodeConfig(vocab=98, context=24, layers=2, width=16, heads=2, hidden=24, memory=(8, 0))
    model = weights.untrained(shape, 1).eval()
    config = sae.SaeConfig("mlp.1", width=24, features=64, active=4)
    recipe = train_sae.Recipe(steps=48, batch=96, seed=7)
    text = torch.arange(2000).mul(7).remainder(98).to(torch.uint8)
    starts = torch.arange(0, 1900, 13)
    for name in ("one", "two"):
        made = train_sae.train(model, config, recipe, text, starts)
        sae.write(made, tmp_path / name, {"recipe": {"seed": 7}})
    one, two = load_file(tmp_path / "one"), load_file(tmp_path / "two")
    assert one.keys() == two.keys()
    assert all(torch.equal(one[name], two[name]) for name in one)
    assert "of the variance explained" in capsys.readouterr().out

    rows = train_sae.neurons(model, config.site, text[:1920].long().view(80, 24))
    read, twin = sae.read(tmp_path / "one"), sae.untrained(config, 7)
    left, left_untrained = ((rows - each(rows)).square().sum().item() for each in (read, twin))
    assert left < left_untrained / 2
    assert read.encode(rows).count_nonzero(1).max() <= config.active


def test_an_autoencoder_that_cannot_be_is_refused() -> None:
    with pytest.raises(ValueError, match="9 active features of 8"):
        sae.SaeConfig(features=8, active=9)
