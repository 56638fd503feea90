"""Modules of one's own: recurrent layers, steps in a loop, torch's own transformer, several inputs."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor, nn

import neuronwidget as nw
from neuronwidget.live.capture import CaptureError

INPUTS = nw.TextInputs(lambda text: [ord(c) % 64 for c in text], lambda ids: "".join(chr(i) for i in ids))
TEXT = "what makes this neuron fire?"
IDS = torch.tensor([INPUTS.tokens(TEXT).ids])


class Recurrent(nn.Module):
    def __init__(self, kind: type[nn.RNNBase], **settings: object) -> None:
        super().__init__()
        torch.manual_seed(0)
        self.embed = nn.Embedding(64, 8)
        self.rnn = kind(8, 12, batch_first=True, **settings)
        self.head = nn.LazyLinear(64)

    def forward(self, ids: Tensor) -> Tensor:
        return self.head(self.rnn(self.embed(ids))[0])


@pytest.mark.parametrize("kind", [nn.LSTM, nn.GRU, nn.RNN])
@pytest.mark.parametrize("both_ways", [False, True])
def test_recurrent_layers_show_their_state_at_each_step(kind: type[nn.RNNBase], both_ways: bool) -> None:
    module = Recurrent(kind, bidirectional=both_ways, num_layers=2)
    module(IDS)
    live = nw.attach(module, inputs=INPUTS)
    recording = live.record(TEXT)
    with torch.no_grad():
        assert torch.allclose(recording["rnn.0"], module.rnn(module.embed(IDS))[0][0], atol=1e-6)
    assert live.predicts == ("here" if both_ways else "next")


class Loop(nn.Module):
    """A cell that is called once for each position, then layers that see all of them."""

    def __init__(self) -> None:
        super().__init__()
        self.embed, self.cell, self.head = nn.Embedding(64, 8), nn.GRUCell(8, 12), nn.Linear(12, 64)

    def forward(self, ids: Tensor) -> Tensor:
        state, states = None, []
        for step in self.embed(ids).unbind(1):
            state = self.cell(step, state)
            states.append(state)
        return self.head(torch.stack(states, 1))


def test_what_follows_a_loop_over_positions_is_seen() -> None:
    live = nw.attach(Loop(), inputs=INPUTS)
    assert live.record(TEXT, sites=["head.in"])["head.in"].shape == (len(TEXT), 12), "the states, as the head has them"
    assert "different modules" not in repr(live), "the calls of the cell are the positions of one place"


@pytest.mark.parametrize("first", [False, True])
def test_torch_s_own_transformer(first: bool) -> None:
    """It has a fused way of its own where nobody looks; with hooks it runs part by part."""

    class Encoder(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            torch.manual_seed(0)
            self.embed = nn.Embedding(64, 16)
            layer = nn.TransformerEncoderLayer(16, 4, 48, batch_first=True, norm_first=first)
            self.encoder = nn.TransformerEncoder(layer, 3, enable_nested_tensor=False)

        def forward(self, ids: Tensor) -> Tensor:
            return self.encoder(self.embed(ids))

    module = Encoder().eval()
    live = nw.attach(module, inputs=INPUTS)
    assert [site.name for site in live.sites.defaults] == ["mlp.0", "mlp.1", "mlp.2"]
    recording = live.record(TEXT, sites=["mlp.1", "resid.0", "resid.2"])
    layer = module.encoder.layers[1]
    with torch.no_grad():
        expected = module(IDS)[0]
        inner = layer(recording["resid.0"][None])[0]
    assert recording["mlp.1"].shape == (len(TEXT), 48)
    assert torch.allclose(recording["resid.2"], expected, atol=1e-5)
    assert torch.allclose(live.record(TEXT, sites=["resid.1"])["resid.1"], inner, atol=1e-5)


def test_several_inputs_are_given_by_feed() -> None:
    class Two(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.embed, self.place = nn.Embedding(64, 8), nn.Embedding(128, 8)
            self.up, self.act, self.head = nn.Linear(8, 20), nn.ReLU(), nn.Linear(20, 64)

        def forward(self, ids: Tensor, places: Tensor, *, scale: float) -> dict[str, Tensor]:
            return {"logits": self.head(self.act(self.up(self.embed(ids) + scale * self.place(places))))}

    module = Two()
    for feed in (
        lambda ids: {"ids": ids, "places": torch.arange(ids.shape[1])[None], "scale": 2.0},
        lambda ids: {"scale": 2.0, "places": torch.arange(ids.shape[1])[None], "ids": ids},
    ):
        live = nw.attach(module, inputs=nw.TextInputs(INPUTS.encode, INPUTS.decode, feed=feed))
        recording = live.record(TEXT)
        with torch.no_grad():
            places = torch.arange(IDS.shape[1])[None]
            expected = module.act(module.up(module.embed(IDS) + 2 * module.place(places)))[0]
            own = module(IDS, places, scale=2.0)["logits"][0, -1].softmax(-1).topk(2).values
        assert torch.allclose(recording["dense.0"], expected)
        assert live.predict(TEXT, k=2)["probability"].tolist() == pytest.approx(own.tolist(), rel=1e-4)


def test_a_site_that_an_input_does_not_reach_is_said() -> None:
    class Branching(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.embed, self.short, self.long = nn.Embedding(256, 8), nn.Linear(8, 4), nn.Linear(8, 6)

        def forward(self, ids: torch.Tensor) -> torch.Tensor:
            stream = self.embed(ids)
            return self.short(stream) if (ids == 33).any() else self.long(stream)[..., :4]

    inputs = nw.TextInputs(lambda text: list(text.encode()), lambda ids: bytes(ids).decode(errors="replace"))
    live = nw.attach(Branching().eval(), inputs=inputs)
    assert live.record("calm", sites=["long"])["long"].shape == (4, 6)
    with pytest.raises(CaptureError, match=r"did not reach dense\.0 .* look at another site"):
        live.record("loud!", sites=["long"])
