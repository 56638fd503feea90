"""Parts that are called in a loop are one place with steps, and an answer of several steps is several opinions."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
from torch import Tensor, nn

import neuronwidget as nw
from neuronwidget.widgets.frames.build import FrameBuilder
from tests.asks import ask_text

INPUTS = nw.TextInputs(lambda text: [ord(c) % 64 for c in text], lambda ids: "".join(chr(i) for i in ids))
LONG, SHORT = "what makes this neuron fire?", "no more"


class Cells(nn.Module):
    """A cell that is called once for each position."""

    def __init__(self) -> None:
        super().__init__()
        torch.manual_seed(0)
        self.embed, self.cell, self.head = nn.Embedding(64, 8), nn.GRUCell(8, 12), nn.Linear(12, 64)

    def states(self, ids: Tensor) -> Tensor:
        state, states = None, []
        for step in self.embed(ids).unbind(1):
            state = self.cell(step, state)
            states.append(state)
        return torch.stack(states, 1)

    def forward(self, ids: Tensor) -> Tensor:
        return self.head(self.states(ids))


class Greedy(nn.Module):
    """Reads a text and writes an answer, step by step: fewer of them for a text with an `m`, if `until` is set."""

    def __init__(self, until: bool) -> None:
        super().__init__()
        torch.manual_seed(0)
        self.embed, self.read, self.until = nn.Embedding(64, 8), nn.GRU(8, 12, batch_first=True), until
        self.cell, self.up, self.act, self.head = nn.GRUCell(12, 12), nn.Linear(12, 16), nn.ReLU(), nn.Linear(16, 74)

    def forward(self, ids: Tensor) -> Tensor:
        state = self.read(self.embed(ids))[1][0]
        said, steps = [], 20 if not self.until or not bool((ids == ord("m") % 64).any()) else 6
        for _ in range(steps):
            state = self.cell(state, state)
            said.append(self.head(self.act(self.up(state))))
        return torch.stack(said, 1)


def ids_of(text: str) -> Tensor:
    return torch.tensor([INPUTS.tokens(text).ids])


def inside(model: Greedy, text: str) -> Tensor:
    """What comes out of the nonlinearity at each step, by a hook: [steps, units]."""
    seen: list[Tensor] = []
    handle = model.act.register_forward_hook(lambda _, args, out: seen.append(out[0].clone()))
    with torch.no_grad():
        model(ids_of(text))
    handle.remove()
    return torch.stack(seen)


def test_one_call_a_position_is_one_place_with_the_positions_of_the_text(tmp_path: Path) -> None:
    model = Cells().eval()
    live = nw.attach(model, inputs=INPUTS)
    assert [(site.name, site.width, site.per_token) for site in live.sites.defaults] == [
        ("rnn.0", 12, True),
        ("dense.0", 64, True),
    ]
    for text in (LONG, SHORT, "x"):
        with torch.no_grad():
            expected = model.states(ids_of(text))[0]
        recording = live.record(text)
        assert torch.allclose(recording["rnn.0"], expected, atol=1e-6)
        assert recording.positions_of("rnn.0") == list(text)
        assert recording.table("rnn.0")["text"].tolist() == list(text)
    atlas = nw.scan(live, [LONG, SHORT], out=tmp_path / "atlas", progress=False)
    with torch.no_grad():
        rows = torch.cat([model.states(ids_of(text))[0] for text in (LONG, SHORT)])
    found = atlas.units.loc["rnn.0"]
    assert set(found["seen"]) == {len(rows)}
    assert found["max"].tolist() == pytest.approx(rows.amax(0).tolist(), rel=1e-5, abs=1e-6)


@pytest.mark.parametrize("until", [False, True])
def test_a_loop_is_one_place_whatever_the_number_of_its_steps(until: bool, tmp_path: Path) -> None:
    model = Greedy(until).eval()
    live = nw.attach(model, inputs=INPUTS)
    assert [site.module for site in live.sites.defaults] == ["read", "cell", "act", "head"]
    name = next(site.name for site in live.sites if site.module == "act" and site.side == "out")
    for text in (SHORT, LONG, "me"):
        recording, expected = live.record(text), inside(model, text)
        assert len(expected) == (6 if until and "m" in text else 20)
        assert torch.allclose(recording[name], expected, atol=1e-6)
        assert recording.positions_of(name) == [f"step {i}" for i in range(len(expected))]
        assert recording.table(name)["text"].tolist() == recording.positions_of(name)
        assert len(recording.top(5)) == 5
    texts = [SHORT, LONG, "calls", "call m", "or not"]
    atlas = nw.scan(live, texts, out=tmp_path / "atlas", progress=False)
    strongest = torch.stack([inside(model, text).amax(0) for text in texts])  # nothing is below zero there
    found = atlas.units.loc[name]
    assert set(found["seen"]) == {len(texts)}, "of each text the strongest step"
    assert found["max"].tolist() == pytest.approx(strongest.amax(0).tolist(), rel=1e-5, abs=1e-6)


@pytest.mark.parametrize("until", [False, True])
def test_a_view_lives_on_whatever_the_number_of_steps(until: bool) -> None:
    live = nw.attach(Greedy(until).eval(), inputs=INPUTS)
    builder = FrameBuilder(live)
    for seq, text in enumerate((SHORT, LONG, "me", "", LONG)):
        for site in live.sites.defaults:
            ask = ask_text(
                text, site.name, seq=seq, unit=f"{site.name}:1", guesses={"most": 8},
                overview={"width": 40}, top={"most": 3}, map={"width": 40, "height": 20},
            )  # fmt: skip
            frame = builder.build(ask)
            assert frame.arrays["trace.unit"].shape == (len(text),)
            if text:
                peak = live.record(text, sites=[site.name])[site.name][:, 1]
                if not site.per_token:
                    assert frame.arrays["trace.unit"][0] == peak[peak.abs().argmax()], "of all steps the strongest"
                said = frame.parts["guesses"]["list"]
                table = live.predict(text, k=1)
                assert [guess["text"] for guess in said] == [
                    f"step {step}: class {name}" for step, name in zip(table["step"], table["class"], strict=True)
                ]


def test_each_step_of_an_answer_has_probabilities_of_its_own() -> None:
    model = Greedy(until=True).eval()
    live = nw.attach(model, inputs=INPUTS)
    assert (live.predicts, live.classes) == ("whole", 74)
    for text in (SHORT, LONG):
        with torch.no_grad():
            best = model(ids_of(text))[0].softmax(-1).topk(3)
        table = live.predict(text, k=3)
        assert list(table.columns) == ["step", "class", "probability"]
        assert table["step"].tolist() == [step for step in range(len(best.values)) for _ in range(3)]
        assert table["class"].tolist() == [str(i) for i in best.indices.flatten().tolist()]
        assert table["probability"].tolist() == pytest.approx(best.values.flatten().tolist(), rel=1e-5)


def test_several_opinions_at_each_token_are_no_opinion() -> None:
    """Rows of classes that nothing tells apart are not run together into one softmax."""

    class Heads(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.embed, self.head = nn.Embedding(64, 8), nn.Linear(8, 3 * 74)

        def forward(self, ids: Tensor) -> Tensor:
            return self.head(self.embed(ids)).unflatten(-1, (3, 74))

    live = nw.attach(Heads(), inputs=INPUTS)
    assert live.predicts == ""
    with pytest.raises(nw.AttachError, match="no prediction to show"):
        live.predict(LONG)
    ask = ask_text(LONG, live.sites.defaults[0].name, focus=3, guesses={"most": 5})
    assert "guesses" not in FrameBuilder(live).build(ask).parts


class Recurring(nn.Module):
    """Thinks about a row for some steps: fewer of them where `a` is small."""

    def __init__(self) -> None:
        super().__init__()
        torch.manual_seed(0)
        self.enter, self.cell, self.leave = nn.Linear(3, 12), nn.GRUCell(12, 12), nn.Linear(12, 2)

    def states(self, x: Tensor) -> list[Tensor]:
        state, states = torch.tanh(self.enter(x)), []
        for _ in range(3 if bool((x[:, 0] < 0.2).any()) else 8):
            state = self.cell(state, state)
            states.append(state)
        return states

    def forward(self, x: Tensor) -> Tensor:
        return self.leave(self.states(x)[-1])


def test_a_loop_over_a_row_is_one_place(tmp_path: Path) -> None:
    model = Recurring().eval()
    live = nw.attach(model, inputs=nw.TableInputs(dict.fromkeys("abc", (0.0, 1.0))))
    names = [site.name for site in live.sites]
    assert names == ["enter.in", "dense.0", "cell.in", "cell", "leave.in", "dense.1"]
    rows = [{"a": a, "b": b, "c": 0.5} for a in (0.9, 0.1) for b in (0.2, 0.8)]
    for row in rows:
        recording = live.record(row, sites=["cell", "dense.1"])
        with torch.no_grad():
            given = live.inputs.prepare(live.inputs.read(row))
            expected = torch.cat(model.states(given))
            assert torch.allclose(recording["dense.1"], model(given), atol=1e-6)
        found = recording["cell"]
        assert torch.allclose(found[: len(expected)], expected, atol=1e-6)
        assert len(found) == 8
        assert bool(found[len(expected) :].isnan().all()), "steps that did not happen are not 0"
        assert recording.positions_of("cell") == [f"step {i}" for i in range(8)]
        assert len(recording.table("cell")) == 8
    atlas = nw.scan(live, rows, out=tmp_path / "atlas", sites=["cell"], progress=False)
    assert set(atlas.units.loc["cell"]["seen"]) == {2 * 8 + 2 * 3}, "how long one row takes changes no other"


class Free(nn.Module):
    """Writes an answer of its own length, which happens to be that of the two inputs that discovery looks at."""

    def __init__(self) -> None:
        super().__init__()
        torch.manual_seed(0)
        self.embed, self.wide, self.act, self.head = (
            nn.Embedding(128, 16),
            nn.Linear(16, 32),
            nn.ReLU(),
            nn.Linear(32, 9),
        )

    def steps(self, length: int) -> int:
        return length if length in (5, 7) else 1 + length % 4

    def forward(self, ids: Tensor) -> Tensor:
        state = self.embed(ids).mean(1)
        return torch.stack([self.head(self.act(self.wide(state + i))) for i in range(self.steps(ids.shape[1]))], 1)


def letters_of(module: nn.Module) -> nw.LiveModel:
    return nw.attach(module, inputs=nw.TextInputs(lambda t: [*map(ord, t)], lambda ids: "".join(map(chr, ids))))


@pytest.mark.parametrize("text", ["a", "ab", "zzzz", "hello", "photograph" * 4])
def test_a_loop_that_ends_when_it_likes_is_not_taken_for_one_over_positions(text: str) -> None:
    free = Free()
    live, steps = letters_of(free), free.steps(len(text))
    assert live.predicts == "whole"
    recording = live.record(text)
    assert {site.name: len(recording[site.name]) for site in live.sites.defaults} == {
        site.name: steps for site in live.sites.defaults
    }
    assert len(live.predict(text, k=3)) == 3 * steps


def test_an_output_that_ends_before_the_input_does_says_so() -> None:
    class Short(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.embed, self.head = nn.Embedding(128, 8), nn.Linear(8, 128)

        def forward(self, ids: Tensor) -> Tensor:
            return self.head(self.embed(ids))[:, :9]

    live = letters_of(Short())
    assert len(live.predict("a" * 9, k=3)) == 3
    with pytest.raises(ValueError, match="output ends after 9 positions: it says nothing of token 9"):
        live.predict("a" * 10)


class Shared(nn.Module):
    """Reads a text and writes an answer of another length with one activation for both, `twice` in each step."""

    def __init__(self, twice: bool) -> None:
        super().__init__()
        torch.manual_seed(0)
        self.embed, self.read, self.act = nn.Embedding(128, 8), nn.Linear(8, 12), nn.ReLU()
        self.cell, self.up, self.down = nn.GRUCell(12, 12), nn.Linear(12, 12), nn.Linear(12, 12)
        self.head, self.twice = nn.Linear(12, 20), twice

    @staticmethod
    def steps(text: str) -> int:
        return 1 + sum(map(ord, text)) % 9

    def forward(self, ids: Tensor) -> Tensor:
        state = self.act(self.read(self.embed(ids))).mean(1)
        said = []
        for _ in range(1 + int(ids.sum()) % 9):
            state = self.cell(state, state)
            inner = self.act(self.up(state))
            said.append(self.head(self.act(self.down(inner)) if self.twice else inner))
        return torch.stack(said, 1)


@pytest.mark.parametrize("twice", [False, True])
@pytest.mark.parametrize("text", ["a", "ab", "hello", "photograph" * 3, "zz"])
def test_an_activation_that_encoder_and_loop_share_is_a_place_in_each(text: str, twice: bool) -> None:
    model = Shared(twice).eval()
    live, calls = letters_of(model), []
    handle = model.act.register_forward_hook(lambda module, args, out: calls.append(out[0].clone()))
    with torch.no_grad():
        model(torch.tensor([[*map(ord, text)]]))
    handle.remove()
    places = [site for site in live.sites if site.module == "act" and site.side == "out"]
    assert [(site.call, site.per_token) for site in places] == [(0, True), (1, False), (2, False)][: 2 + twice]
    recording = live.record(text)
    expected = [calls[0], torch.stack(calls[1 :: 1 + twice]), torch.stack(calls[2::2]) if twice else None]
    for site, values in zip(places, expected, strict=False):
        assert values is not None
        assert torch.allclose(recording[site.name], values, atol=1e-6)
    assert len(recording[places[1].name]) == Shared.steps(text)


@pytest.mark.parametrize("twice", [False, True])
def test_a_view_lives_on_where_encoder_and_loop_share_an_activation(twice: bool) -> None:
    live = letters_of(Shared(twice).eval())
    builder = FrameBuilder(live)
    for seq, text in enumerate(("a", "ab", "", "photograph", "zz", "ab")):
        for site in live.sites:
            ask = ask_text(
                text, site.name, seq=seq, unit=f"{site.name}:1", guesses={"most": 8},
                overview={"width": 40}, top={"most": 3}, map={"width": 40, "height": 20},
            )  # fmt: skip
            assert builder.build(ask).arrays["trace.unit"].shape == (len(text),)
