"""The live loop in a real kernel: who is answered, when, and with what."""

from pathlib import Path

import numpy as np
import pytest

from tests.kernel.page import Comm, Page

pytestmark = pytest.mark.kernel

OPEN = 'w = nw.TokenStrip(live, "hello", unit="second:3"); display(w)'


def until_file(flag: Path, body: str) -> str:
    """Write a cell that runs `body` again and again until a file appears."""
    return f"import os, time, asyncio\nwhile not os.path.exists({str(flag)!r}):\n    {body}"


def test_an_ask_is_answered_with_the_models_own_numbers(page: Page) -> None:
    strip = page.open(OPEN)
    header, arrays = strip.answer(strip.ask("hello you"))
    assert header["kind"] == "frame"
    assert header["head"]["unit"].endswith(":3")
    printed = page.run("print(model(torch.tensor([list(b'hello you')]))[0, :, 3].tolist())")
    np.testing.assert_allclose(arrays["trace.unit"], eval(printed), rtol=1e-5)
    assert arrays["input.spans"].tolist() == [[i, i + 1] for i in range(9)]
    assert page.run("print(w.input)").strip() == "hello you"


def test_a_busy_cell_keeps_nobody_waiting_where_there_are_subshells(page: Page, tmp_path: Path) -> None:
    strip = page.open(OPEN)
    strip.answer(strip.ask("before"))
    flag = tmp_path / "go"
    cell = page.start(until_file(flag, "time.sleep(0.005)"))
    seq = strip.ask("meanwhile")
    if page.subshells:
        header, _ = strip.answer(seq)
        assert page.is_running(cell)
        assert header["kind"] == "frame"
    flag.touch()
    page.finish(cell)
    assert strip.answer(seq)[0]["head"]["input"]["window"]["end"] == len("meanwhile")


def test_a_busy_cell_delays_but_loses_nothing_where_there_are_none(page: Page, tmp_path: Path) -> None:
    strip = page.open(OPEN)
    strip.subshell = None  # as Notebook and VS Code do, and everything before ipykernel 7
    flag = tmp_path / "go"
    cell = page.start(until_file(flag, "time.sleep(0.005)"))
    seqs = [strip.ask("a" * n) for n in range(1, 9)]
    flag.touch()
    page.finish(cell)
    header, arrays = strip.answer(seqs[-1])
    assert header["kind"] == "frame"
    assert len(arrays["trace.unit"]) == 8


def answered_meanwhile(page: Page, strip: Comm, cell: str, flag: Path, seq: int) -> None:
    """The ask is answered while the cell runs, where there are subshells; else when it is done."""
    if page.subshells:
        assert strip.answer(seq)[0]["kind"] == "frame"
        assert page.is_running(cell)
    flag.touch()
    page.finish(cell)
    assert strip.answer(seq)[0]["kind"] == "frame"


def test_an_awaiting_cell_keeps_nobody_waiting(page: Page, tmp_path: Path) -> None:
    strip = page.open(OPEN)
    flag = tmp_path / "go"
    cell = page.start(until_file(flag, "await asyncio.sleep(0.005)"))
    seq = strip.ask("meanwhile")
    answered_meanwhile(page, strip, cell, flag, seq)
    strip.subshell = None
    assert strip.answer(strip.ask("after it"))[0]["kind"] == "frame"


def test_a_cell_that_moves_the_widget_in_a_loop_does_not_draw_edits_onto_its_own_shell(
    page: Page, tmp_path: Path
) -> None:
    """ipykernel 7.4 sends a comm's messages to the shell that last published on it."""
    strip = page.open(OPEN)
    flag = tmp_path / "go"
    cell = page.start(until_file(flag, 'w.unit = "second:4" if w.unit.index == 3 else "second:3"; time.sleep(0.005)'))
    page.until(lambda: strip.state["unit"].endswith(":4") or None)
    seq = strip.ask("meanwhile")
    answered_meanwhile(page, strip, cell, flag, seq)


def test_after_a_burst_the_last_frame_belongs_to_the_last_ask(page: Page) -> None:
    strip = page.open(OPEN)
    seqs = [strip.ask("x" * n) for n in range(1, 101)]
    _, arrays = strip.answer(seqs[-1])
    assert len(arrays["trace.unit"]) == 100
    shown = [header["seq"] for header, _ in strip.messages if header["kind"] == "frame"]
    assert shown == sorted(shown), "frames must never go back in time"


def test_a_pass_that_is_overtaken_does_not_run_to_its_end(page: Page) -> None:
    strip = page.open(OPEN)
    first = strip.ask("slow?")
    page.run("model.inside.wait()")
    second = strip.ask("quick")
    strip.taken()
    page.run("model.gate.set()")
    header, _ = strip.answer(second)
    assert header["kind"] == "frame"
    assert strip.answer(first)[0]["kind"] == "overtaken"
    assert "slow?" not in page.run("print(model.finished)")


def test_two_widgets_on_one_model_are_both_answered(page: Page) -> None:
    strip = page.open(OPEN)
    other = page.open('v = nw.Heatmap(live, "world", site="first"); display(v)')
    wants = {"rows": None, "cols": None, "height": 100, "width": 100, "order": "index", "hold": False, "units": None}
    seqs = [(strip.ask("a" * n), other.ask("b" * n, unit=None, parts={"map": wants})) for n in range(1, 21)]
    _, left = strip.answer(seqs[-1][0])
    header, right = other.answer(seqs[-1][1])
    assert len(left["trace.unit"]) == 20
    assert right["map.cells"].shape == (12, 20)
    assert header["head"]["site"] == "first"


def test_the_worker_survives_a_model_that_raises(page: Page) -> None:
    strip = page.open(OPEN)
    answer, _ = strip.answer(strip.ask("no!"))
    assert answer["kind"] == "error"
    assert "exclamation marks" in answer["message"]
    assert strip.answer(strip.ask("yes"))[0]["kind"] == "frame"
    hooks = "print(sum(len(m._forward_hooks) + len(m._forward_pre_hooks) for m in model.modules()))"
    assert page.run(hooks).strip() == "0"


@pytest.mark.parametrize(
    ("message", "says"),
    [
        ({"v": 99, "kind": "ask"}, "update"),
        ({"v": 0, "kind": "ask"}, "reload"),
        ({"v": 2, "kind": "dance"}, "update"),
        ({"v": 2, "kind": "ask", "input": {"kind": "text", "text": 7}, "site": "first"}, "text"),
        ("nonsense", "reload"),
    ],
)
def test_what_is_not_understood_is_refused_with_a_way_out(page: Page, message: object, says: str) -> None:
    strip = page.open(OPEN)
    strip.send({**message, "seq": 41} if isinstance(message, dict) else message)  # type: ignore[arg-type]
    answer, _ = strip.answer(41 if isinstance(message, dict) else -1)
    assert answer["kind"] == "error"
    assert says in (answer["message"] + answer["hint"]).lower()
    assert strip.answer(strip.ask("fine"))[0]["kind"] == "frame"


def test_hello_and_echo_are_answered(page: Page) -> None:
    strip = page.open(OPEN)
    strip.send({"v": 2, "kind": "hello"})
    page.until(lambda: "ready" in strip.kinds() or None)
    strip.send({"v": 2, "kind": "echo", "id": 5, "size": 4096})
    page.until(lambda: "echo" in strip.kinds() or None)
    header, buffers = next(message for message in strip.messages if message[0]["kind"] == "echo")
    assert header["id"] == 5
    assert sum(map(len, buffers)) == 4096


def test_closing_frees_the_model(page: Page) -> None:
    strip = page.open(OPEN)
    strip.answer(strip.ask("something to remember"))
    page.run(
        "gone = weakref.ref(model); w.close()\n"
        "del w, live, model\n"
        "import sys; sys.last_value = None\n"
        "Out.clear(); _ = __ = ___ = None; gc.collect()"
    )
    assert strip.closed
    # The worker lets go as soon as it has finished what it was doing.
    page.run("import time\nwhile gone() is not None: time.sleep(0.005); gc.collect()")
    assert page.run("print([t.name for t in threading.enumerate() if 'neuronwidget' in t.name])").strip() == "[]"


def test_deleting_every_name_of_a_closed_view_leaves_no_hooks_and_no_thread_while_the_model_lives(page: Page) -> None:
    strip = page.open(OPEN)
    strip.answer(strip.ask("one"))
    page.run("w.close()")
    again = page.open(OPEN)
    assert again.answer(again.ask("two"))[0]["kind"] == "frame"
    assert page.run("print(sum(t.name.startswith('neuronwidget') for t in threading.enumerate()))").strip() == "1"
