"""A scan in a cell: its view goes along, and its buttons and an interrupt end it with all that was done kept."""

from pathlib import Path

import pytest

from tests.kernel.page import CellError, Comm, Page

pytestmark = pytest.mark.kernel

#: Half of the texts come only when the page has said something: so it is said in the middle, on any machine.
SCAN = """
import threading
said = threading.Event()

def texts(halt=True):
    for i in range(1200):
        if i == 600 and halt:
            said.wait()
        yield f"text {i} " + "xyz"[i % 3] * (i % 50)

names = [site.name for site in live.sites.defaults]
view = nw.ScanProgress(units=[f"{names[0]}:3"], total=1200)
view.on_msg(lambda *_: said.set())
"""


def run(out: Path, more: str = "") -> str:
    return f"atlas = nw.scan(live, texts({more}), out={str(out)!r}, progress=view, checkpoint=1e9); print(atlas)"


def view_of(page: Page, known: set[str]) -> Comm:
    """The view that a cell has opened."""
    comm: Comm = page.until(
        lambda: next((c for name, c in page.comms.items() if name not in known and "phase" in c.state), None)
    )
    if page.subshells:
        comm.subshell = page.open_subshell()
    return comm


def wait(page: Page, comm: Comm, phase: str) -> None:
    page.until(lambda: comm.state["phase"] == phase or None)


def manifest(page: Page, out: Path) -> str:
    return page.run(f"import json; m = json.load(open({str(out / 'manifest.json')!r})); print(m['finished'])").strip()


def test_it_goes_along_and_fills_in(page: Page, tmp_path: Path) -> None:
    known = set(page.comms)
    page.run(SCAN + "said.set()")
    view = view_of(page, known)
    assert "1,200" in page.run(run(tmp_path / "a"))
    assert view.state["phase"] == "done"
    (shown,) = view.state["shown"]
    assert shown["unit"] == page.run("print(view.units[0])").strip()
    values = [found["value"] for found in shown["found"]]
    assert len(values) == 5
    assert values == sorted(values, reverse=True)
    told = page.run("print(atlas.exemplars(view.units[0], 'top', 5)['value'].tolist())")
    assert values == eval(told)
    assert view.state["done"]["documents"] > 0


def test_pause_holds_it_with_everything_saved_and_cancel_ends_it(page: Page, tmp_path: Path) -> None:
    if not page.subshells:
        pytest.skip("before ipykernel 7 no message arrives while a cell runs: see the interrupt")
    known = set(page.comms)
    page.run(SCAN)
    view = view_of(page, known)
    cell = page.start(run(tmp_path / "a"))
    wait(page, view, "running")
    assert view.state["done"]["documents"] > 0
    assert not view.state["heard"]
    view.send({"kind": "hold"})
    wait(page, view, "held")
    assert view.state["heard"]
    assert page.is_running(cell)
    site = view.state["shown"][0]["unit"].partition(":")[0]
    view.send({"kind": "units", "units": f"{site}:2, {site}:0"})
    view.send({"kind": "go"})
    wait(page, view, "running")
    view.send({"kind": "hold"})
    view.send({"kind": "stop"})
    with pytest.raises(CellError, match="Stopped after"):
        page.finish(cell)
    assert view.state["phase"] == "stopped"
    assert manifest(page, tmp_path / "a") == "False"
    page.run(run(tmp_path / "a"))
    assert view.state["phase"] == "done"
    assert [shown["unit"] for shown in view.state["shown"]] == [f"{site}:2", f"{site}:0"]
    page.run(run(tmp_path / "b", "halt=False"))
    same = "print(nw.open_atlas({0!r}).units.equals(nw.open_atlas({1!r}).units))"
    assert page.run(same.format(str(tmp_path / "a"), str(tmp_path / "b"))).strip() == "True"


def test_an_interrupt_ends_it_in_one_line_and_keeps_what_is_done(page: Page, tmp_path: Path) -> None:
    known = set(page.comms)
    page.run(SCAN + "many = (f'{i} of them' * 9 for i in range(10**9))")
    view = view_of(page, known)
    cell = page.start(f"nw.scan(live, many, out={str(tmp_path / 'a')!r}, progress=view, checkpoint=1e9)")
    wait(page, view, "running")
    page.interrupt()
    with pytest.raises(CellError) as raised:
        page.finish(cell)
    assert str(raised.value).startswith("Stopped after")
    assert "\n" not in str(raised.value), "a person who pressed a button needs no traceback"
    assert view.state["phase"] == "stopped"
    saved = page.run(
        f"print(json.load(open({str(tmp_path / 'a/manifest.json')!r}))['done']['documents'])".join(
            ["import json; ", ""]
        )
    )
    assert int(saved) > 0


def test_an_error_is_told(page: Page, tmp_path: Path) -> None:
    known = set(page.comms)
    page.run(SCAN)
    view = view_of(page, known)
    with pytest.raises(CellError, match="dislikes exclamation marks"):
        page.run(f"nw.scan(live, ['fine', 'no!'], out={str(tmp_path / 'a')!r}, progress=view)")
    assert view.state["phase"] == "failed"
    assert "exclamation marks" in view.state["words"]


def test_a_cell_shows_it_by_itself(page: Page, tmp_path: Path) -> None:
    known = set(page.comms)
    page.run(f"_ = nw.scan(live, ['one', 'two'], out={str(tmp_path / 'a')!r})")
    view = view_of(page, known)
    assert view.state["phase"] == "done"
    assert view.state["done"]["total"] == 2
    assert [shown["unit"] for shown in view.state["shown"]] == eval(
        page.run("print([f'{site.name}:0' for site in live.sites.defaults][:3])")
    )
