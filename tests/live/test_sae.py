"""Sparse autoencoders as sites of their own."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import torch
from torch import Tensor, nn

import neuronwidget as nw
from tests.live.adapters.families import FAMILIES, TEXT, tokenizer

pytest.importorskip("transformers")
FAMILY = next(family for family in FAMILIES if family.name == "GPT-2")


class Sae(nn.Module):
    """A ReLU autoencoder; in training mode it would be noisy."""

    def __init__(self, width: int, features: int = 500) -> None:
        super().__init__()
        torch.manual_seed(1)
        self.enc = nn.Linear(width, features)
        self.dec = nn.Linear(features, width)

    def encode(self, x: Tensor) -> Tensor:
        noise = torch.randn_like(x) if self.training else 0.0
        return (self.enc(x + noise) - 0.2).relu()

    def decode(self, features: Tensor) -> Tensor:
        return self.dec(features)


def attached(**saes: Any) -> nw.LiveModel:
    return nw.attach(FAMILY.make(), tokenizer("bpe"), saes={name.replace("_", "."): sae for name, sae in saes.items()})


def test_features_are_units_of_a_site() -> None:
    on_neurons, on_stream = Sae(128).train(), Sae(32).eval()
    live = attached(mlp_1=on_neurons, resid_1=on_stream)
    assert [(site.name, site.width, site.layer) for site in live.sites if site.kind == "sae"] == [
        ("sae.1", 500, 1),
        ("sae.resid.1", 500, 1),
    ]
    recording = live.record(TEXT, sites=["sae.1", "sae.resid.1", "mlp.1", "resid.1"])
    assert on_neurons.training, "it is left as it was"
    on_neurons.eval()
    with torch.no_grad():
        assert torch.allclose(recording["sae.1"], on_neurons.encode(recording["mlp.1"]), atol=1e-6)
        assert torch.allclose(recording["sae.resid.1"], on_stream.encode(recording["resid.1"]), atol=1e-6)
    assert live.sites.unit("sae.1:417").index == 417
    assert "sae.1" not in [site.name for site in live.sites.defaults]
    assert recording.top(5)["unit"].str.match(r"(sae|mlp|resid)").all()


def test_features_follow_edits_and_changes_of_the_sae() -> None:
    sae = Sae(128)
    live = attached(mlp_1=sae)
    site, ids = live.sites["sae.1"], live.inputs.tokens(TEXT).ids
    reader = live.reader()
    reader.read(ids, [site])
    edited = [*ids[:-3], 5, 6, 7]
    found = reader.read(edited, [site])[site].clone()
    assert reader.reused == len(ids) - 3
    assert torch.allclose(found, live.reader().read(edited, [site])[site], atol=1e-6)
    with torch.no_grad():
        sae.enc.bias.add_(1)
    again = reader.read(edited, [site])[site]
    assert reader.reused == 0
    assert torch.allclose(again, live.reader().read(edited, [site])[site], atol=1e-6)
    assert not torch.allclose(again, found)


def test_half_precision_and_sparse_tensors_are_understood() -> None:
    class Top(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.w = nn.Parameter(torch.randn(32, 64).bfloat16())

        def encode(self, x: Tensor) -> tuple[Tensor, str]:
            assert x.dtype == torch.bfloat16
            return (x @ self.w).relu().to_sparse(), "details"

    recording = attached(resid_0=Top()).record(TEXT, sites=["sae.0"])
    assert recording["sae.0"].dtype == torch.float32
    assert recording["sae.0"].shape[1] == 64


def test_what_does_not_fit_is_said() -> None:
    live = attached(mlp_1=Sae(128))
    with pytest.raises(nw.AttachError, match=r"does not go on resid\.1, which has 32 units"):
        live.add_sae("resid.1", Sae(128))
    with pytest.raises(nw.AttachError, match="needs a method encode"):
        live.add_sae("mlp.0", nn.Linear(128, 3))
    with pytest.raises(nw.AttachError, match=r"sae\.1 is itself made of another site"):
        live.add_sae("sae.1", Sae(500))
    with pytest.raises(KeyError, match=r"no site 'mlp\.9'"):
        live.add_sae("mlp.9", Sae(128))
    live.add_sae("mlp.1", Sae(128), name="second")
    assert live.sites["second"].kind == "sae"
    with pytest.raises(nw.AttachError, match="There is a site second already"):
        live.add_sae("mlp.1", Sae(128), name="second")


@pytest.mark.lens
@pytest.mark.parametrize("architecture", ["standard", "topk", "jumprelu", "gated"])
@pytest.mark.parametrize("hook", ["blocks.1.mlp.hook_post", "blocks.2.hook_resid_pre", "blocks.1.attn.hook_z"])
def test_saelens_objects_go_on_their_hook(architecture: str, hook: str) -> None:
    from sae_lens import saes as classes

    width = 128 if "mlp" in hook else 32
    torch.manual_seed(0)
    stem = {"standard": "Standard", "topk": "TopK", "jumprelu": "JumpReLU", "gated": "Gated"}[architecture]
    settings = {"k": 8} if architecture == "topk" else {}
    config = getattr(classes, f"{stem}SAEConfig")(
        d_in=width, d_sae=300, reshape_activations="hook_z" if "hook_z" in hook else "none", **settings
    )
    config.metadata.hook_name = hook
    sae = getattr(classes, f"{stem}SAE")(config)
    live = attached()
    live.add_sae(sae.cfg.metadata.hook_name, sae)
    base = {"mlp": "mlp.1", "resid": "resid.1", "attn": "attn.1"}[
        next(k for k in ("mlp", "resid", "attn") if k in hook)
    ]
    recording = live.record(TEXT, sites=["sae.1", base])
    rows = recording[base].reshape(-1, 4, 8) if base == "attn.1" else recording[base]
    with torch.no_grad():
        expected = sae.encode(rows)
        expected = expected.to_dense() if expected.is_sparse else expected
        assert torch.allclose(recording["sae.1"], expected, atol=1e-6)
        unit = int(expected.amax(0).argmax())
        raised = expected.clone()
        raised[:, unit] *= 3
        moved = (sae.decode(raised) - sae.decode(expected)).reshape(len(rows), -1)
    found = live.record(TEXT, sites=[base], edits=[nw.Scale(f"sae.1:{unit}", 3.0)])[base]
    assert torch.allclose(found, recording[base] + moved, atol=1e-5)


def test_a_widget_that_was_there_before_lists_the_features() -> None:
    live = attached()
    widget, closed = nw.Explorer(live, "x"), nw.Explorer(live, "x")
    before = [site["name"] for site in widget.catalog["sites"]]
    closed.close()
    live.add_sae("resid.1", Sae(32))
    assert {site["name"] for site in widget.catalog["sites"]} - set(before) == {"sae.1"}
    assert [site["name"] for site in closed.catalog["sites"]] == before, "a closed widget is left alone"
    widget.unit = "sae.1:417"
    widget.close()


def test_features_are_scanned_like_any_units(tmp_path: Path) -> None:
    live = attached(mlp_1=Sae(128))
    documents = [TEXT, TEXT[60::-1], TEXT[20:] + TEXT[:20]]
    atlas = nw.scan(live, documents, sites=["sae.1"], out=tmp_path, progress=False)
    values = torch.cat([live.record(document, sites=["sae.1"])["sae.1"] for document in documents])
    assert len(atlas.units) == 500
    assert torch.allclose(torch.tensor(atlas.units["max"].to_numpy()).float(), values.amax(0), atol=1e-5)
    assert torch.allclose(
        torch.tensor(atlas.units["density"].to_numpy()).float(), (values > 0).float().mean(0), atol=1e-6
    )
    strongest = int(values.amax(0).argmax())
    assert atlas.exemplars(("sae.1", strongest), n=1)["value"].item() == pytest.approx(values.max().item(), rel=1e-5)
