"""Questions to the edits of a frame that take long: answered in parts, between which frames come."""

from __future__ import annotations

from typing import Any

import pytest
import torch
from torch import nn

import neuronwidget as nw
from neuronwidget.stream.frame import decode
from neuronwidget.widgets.frames.build import FrameBuilder
from tests.asks import ask_of
from tests.widgets.queued import Queued

TEXT = "def greet(name):\n    "
EDIT = {"edit": "scale", "unit": "mlp.1:217", "factor": 0}
OFF = nw.Scale("mlp.1:217", 0.0)


class Edited(Queued):
    """Shows the text with the edit."""

    def show(self, seq: int, text: str = TEXT, **fields: Any) -> dict[str, Any]:
        return super().show(seq, text, **{"edits": [EDIT], **fields})

    def study(self, seq: int, question: str, of: int = 1, **about: Any) -> None:
        self.say_nothing("study", seq=seq, of=of, question=question, **about)


@pytest.fixture(scope="module")
def live() -> nw.LiveModel:
    return nw.demo("code")


@pytest.fixture
def page(live: nw.LiveModel) -> Any:
    page = Edited(nw.explore(live, TEXT))
    yield page
    page.widget.close()


def ids(answers: list[dict[str, Any]]) -> list[tuple[int, int]]:
    pairs = [pair for answer in answers if answer["result"] for pair in answer["result"]["tokens"]]
    return [(plain["id"], edited["id"]) for plain, edited in pairs]


def test_a_text_goes_on_in_parts_as_it_does_in_python(live: nw.LiveModel, page: Any) -> None:
    page.show(1)
    page.study(2, "continue", tokens=12, temperature=0.8, seed=5)
    answers = page.work()
    both = nw.continuations(live, TEXT, [OFF], tokens=12, seed=5, temperature=0.8)
    pairs = list(zip(both.plain.tokens, both.edited.tokens, strict=True))
    assert ids(answers) == [(plain.id, edited.id) for plain, edited in pairs]
    results = [answer["result"] for answer in answers if answer["result"]]
    firsts = [result["first"] for result in results]
    assert firsts == sorted(firsts)
    assert [answer["done"] < answer["total"] for answer in answers] == [True] * (len(answers) - 1) + [False]
    assert results[-1]["verdict"] == both.verdict
    assert results[0]["tokens"][0][1]["p"] == pytest.approx(both.edited.tokens[0].probability)


def test_a_frame_comes_between_two_tokens_and_the_text_goes_on(live: nw.LiveModel, page: Any) -> None:
    page.show(1)
    page.study(2, "continue", tokens=8, temperature=0, seed=0)
    first = page.work(3)
    page.show(3, unit="mlp.1:3")  # another unit is looked at: neither the edits nor the text are others
    both = nw.continuations(live, TEXT, [OFF], tokens=8)
    expected = [(a.id, b.id) for a, b in zip(both.plain.tokens, both.edited.tokens, strict=True)]
    assert ids(first + page.work()) == expected


def test_a_step_that_a_key_breaks_off_is_done_again(live: nw.LiveModel, page: Any) -> None:
    page.show(1)
    page.study(2, "continue", tokens=6, temperature=0.5, seed=1)
    page.work(2)
    page.widget._box.put("a key", "ask")
    stopped = page.work(3)
    assert ids(stopped) == [], "while something waits, no token is made"
    page.widget._box.clear()
    both = nw.continuations(live, TEXT, [OFF], tokens=6, seed=1, temperature=0.5)
    page.work()
    everything = [content for content, _ in page.heard if content["kind"] == "study"]
    assert ids(everything) == [(a.id, b.id) for a, b in zip(both.plain.tokens, both.edited.tokens, strict=True)]


@pytest.mark.parametrize("change", [{"text": TEXT + "x"}, {"edits": [{**EDIT, "factor": 2}]}, {"edits": []}])
def test_another_text_or_edit_ends_it(page: Any, change: dict[str, Any]) -> None:
    page.show(1)
    page.study(2, "continue", tokens=50, temperature=0, seed=0)
    page.work(3)
    jobs = list(page.jobs)
    page.jobs.clear()
    page.show(3, **change)
    assert {"v": 2, "kind": "overtaken", "seq": 2} in [content for content, _ in page.heard]
    page.jobs.extend(jobs)
    assert page.work() == [], "the step that waited finds nothing to do"


def test_it_is_stopped_and_what_is_there_is_judged(live: nw.LiveModel, page: Any) -> None:
    page.show(1)
    page.study(2, "continue", tokens=50, temperature=0, seed=0)
    page.work(5)
    page.say_nothing("stop", seq=2)
    page.jobs.rotate(1)
    last = page.work()[-1]
    assert last["done"] == last["total"]
    assert "4 tokens" in last["result"]["verdict"]
    page.say_nothing("stop", seq=2)
    assert page.work() == []


def test_why_nothing_goes_on_stands_in_its_place(page: Any) -> None:
    page.show(1, edits=[])
    page.study(2, "continue", tokens=5, temperature=0, seed=0)
    (answer,) = page.work()
    assert (answer["done"], answer["problem"]) == (1, "No edit acts here: switch one on first.")
    page.show(1)
    page.study(3, "continue", tokens=5, temperature=-1, seed=0)
    assert "temperature" in page.work()[-1]["problem"]
    picture = nw.demo("digits")
    other = Edited(nw.explore(picture, 0))
    assert "continues" not in other.widget.catalog
    other.widget.close()
    assert page.widget.catalog["continues"] is True


def test_a_dose_is_that_of_python_and_says_how_far_it_is(live: nw.LiveModel, page: Any) -> None:
    page.show(1)
    page.study(2, "dose")
    answers = page.work()
    found = nw.dose(live, TEXT, OFF)
    told = [(answer["done"], answer["total"]) for answer in answers[:-1]]
    assert told == sorted(told)
    assert {total for _, total in told} <= {9}, "one text, and eight that are unrelated"
    last = answers[-1]["result"]
    assert last["effect"] == pytest.approx(found.steps["effect"].tolist(), rel=1e-4)
    assert last["damage"] == pytest.approx(found.steps["damage"].tolist(), rel=1e-4)
    assert last["verdict"].lower() == found.verdict.split(": ", 1)[1].lower()


def test_what_weights_say_is_what_is_measured_where_nothing_lies_between() -> None:
    torch.manual_seed(0)
    module = nn.Sequential(nn.Linear(4, 6), nn.ReLU(), nn.Linear(6, 4))
    columns = dict.fromkeys("abcd", (0.0, 1.0))
    table = nw.attach(module, inputs=nw.TableInputs(columns, classes=["w", "x", "y", "z"]))
    unit = int(table.record(table.inputs.start())["dense.0"][0].argmax())
    edit = {"edit": "scale", "unit": f"dense.0:{unit}", "factor": 3}
    ask = ask_of("table", None, "dense.0", acting=[edit], edits={"most": 3})
    direct = FrameBuilder(table).build(ask).parts["edits"]["direct"]
    assert direct["note"].startswith("Exact")
    assert {output["text"] for output in direct["outputs"]} == set("wxyz")
    for output in direct["outputs"]:
        assert output["weights"] == pytest.approx(output["measured"], abs=1e-5)
        assert abs(output["weights"]) > 1e-3


def test_what_is_left_out_of_the_direct_path_is_said(page: Any) -> None:
    direct = page.show(1, parts={"edits": {"most": 2}}, token=3)["parts"]["edits"]["direct"]
    assert "approximation" in direct["note"]
    assert len(direct["outputs"]) == 6
    raised = [output["weights"] for output in direct["outputs"]]
    assert raised in (sorted(raised), sorted(raised, reverse=True)), "from the most raised to the most lowered"


def test_a_page_steers_along_weights_and_named_directions_and_draws_from_elsewhere(live: nw.LiveModel) -> None:
    steered = live.edited()
    weights = nw.output_weights(live, "mlp.1:217")
    steered.directions = {"my way": weights, "nonsense": 3}
    view = nw.explore(steered, TEXT, site="resid.1")
    page = Edited(view)
    assert view.catalog["directions"] == ["my way", "nonsense"]
    by_hand = live.edited(nw.Steer(weights.site, weights, 0.2)).record(TEXT, ["resid.1"])["resid.1"][:, 3]
    for number, name in enumerate(("mlp.1:217", "my way")):
        view.edits = [{"edit": "steer", "unit": name, "strength": 0.2}]
        fields: dict[str, Any] = {"edits": view.edits, "site": "resid.1", "unit": "resid.1:3"}
        part = page.show(number, **fields, parts={"trace": {}, "edits": {"most": 2}})
        assert part["head"]["edits"] == {"acting": [f"Steer({weights.site}, 0.2 × its typical length)"],
                                         "problems": [], "compare": "after"}  # fmt: skip
        trace = decode(*page.heard[-1])["trace.unit"]
        assert trace.tolist() == pytest.approx(by_hand.tolist(), abs=1e-4)
        (edited,) = part["parts"]["edits"]["units"]
        assert (edited["unit"], edited["after"] > edited["before"]) == (name, True), "the place along the direction"
    steered.directions["another"] = weights
    assert view.catalog["directions"] == ["another", "my way", "nonsense"], "an open view hears of it"
    steered.directions = {"my way": weights, "nonsense": 3}
    assert view.catalog["directions"] == ["my way", "nonsense"]
    unknown = [{"edit": "steer", "unit": name, "strength": 1} for name in ("nowhere", "nonsense", "heads.0:1")]
    problems = page.show(9, edits=unknown)["head"]["edits"]["problems"]
    assert [problem["index"] for problem in problems] == [0, 1, 2]
    assert "what nw.difference makes" in problems[1]["message"]
    elsewhere = {"edit": "ablate", "unit": "mlp.1:217", "to": "resample"}
    acting = page.show(10, edits=[elsewhere])["head"]["edits"]["acting"]
    assert acting == ["Ablate(mlp.1:217, to what it does elsewhere)"]
    view.close()
