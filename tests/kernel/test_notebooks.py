"""Every notebook runs from top to bottom in a kernel of its own, and can be read afterwards without one."""

import re
from pathlib import Path

import nbclient
import nbconvert
import nbformat
import pytest

pytestmark = pytest.mark.kernel
REPO = Path(__file__).parents[2]
VIEW = "application/vnd.jupyter.widget-view+json"
PICTURE = re.compile(r'^<div class="neuronwidget-saved-\w+"')
PNG = re.compile(r"data:image/png;base64,[\w+/=]+")
NOTEBOOKS = sorted((REPO / "notebooks").glob("*.ipynb"))


def test_there_are_notebooks() -> None:
    assert NOTEBOOKS


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_notebook_runs(path: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PYTHONPATH", str(REPO))
    monkeypatch.setenv("IPYTHONDIR", str(tmp_path))
    monkeypatch.setenv("NEURONWIDGET_PICTURE_SECONDS", "600")
    notebook = nbformat.read(path, as_version=4)
    outputs = [cell for cell in notebook.cells if cell.get("outputs")]
    assert not outputs, "notebooks are committed without outputs"
    execute(notebook, tmp_path)
    assert any(VIEW in data for data in bundles(notebook)), "a notebook of ours shows a widget"
    assert readable_without_a_kernel(notebook, tmp_path) > 0


def execute(notebook: nbformat.NotebookNode, folder: Path) -> None:
    """Run all cells as `jupyter nbconvert --execute` does: no page is there."""
    path = {"metadata": {"path": str(folder)}}
    nbclient.NotebookClient(notebook, kernel_name="python3", resources=path).execute()


def bundles(*cells: nbformat.NotebookNode) -> list[nbformat.NotebookNode]:
    """What the cells of a notebook, or some cells, have put out, by mime type."""
    cells = tuple(part for cell in cells for part in cell.get("cells", [cell]))
    return [output.data for cell in cells for output in cell.get("outputs", []) if "data" in output]


def pictures(data: list[nbformat.NotebookNode]) -> list[str]:
    """The HTML of those outputs that are pictures of widgets and nothing else."""
    return [one["text/html"] for one in data if VIEW not in one and PICTURE.match(one.get("text/html", ""))]


def readable_without_a_kernel(notebook: nbformat.NotebookNode, folder: Path) -> int:
    """Each view has its picture, in the file and as a page that asks nobody for more; returns how many show units.

    Also with the state of the widgets, which nbclient keeps: then nbconvert's page prefers the views, and has no means
    to show them offline.
    """
    nbformat.write(notebook, folder / "saved.ipynb")
    saved = nbformat.read(folder / "saved.ipynb", as_version=4)
    for cell in saved.cells:
        data = bundles(cell)
        views = [one for one in data if VIEW in one]
        assert len(pictures(data)) == len({view[VIEW]["model_id"] for view in views})
        for view in views:
            assert "text/html" not in view, "else a reader without widgets sees it twice"
            assert "object at 0x" not in view["text/plain"]
            assert "pip install neuronwidget" in view["text/plain"]
    shown = pictures(bundles(saved))
    for html in shown:
        assert "pip install neuronwidget" in html
        assert len(html.encode()) <= 60_000
    assert saved.metadata.widgets
    exporter = nbconvert.HTMLExporter(require_js_url="", mathjax_url="")
    for _ in ("with the state of the widgets", "without it, as JupyterLab saves by default"):
        page, _ = exporter.from_notebook_node(saved)
        for html in shown:
            assert all(part in page for part in [PICTURE.findall(html)[0], *PNG.findall(html)])
        saved.metadata.pop("widgets", None)
    return sum(bool(PNG.search(html)) for html in shown)


SETUP = "import ipywidgets, tempfile, neuronwidget as nw\nlive = nw.demo('code')"
EVERY_WIDGET = (
    "w = nw.explore(live, 'x = 1  # one\\n', unit='state.1:92')\nw",
    "nw.TokenStrip(live, 'x = 1  # one\\n', unit='state.1:92')",
    "nw.Heatmap(live, 'x = 1  # one\\n', site='state.1')",
    "nw.explore(nw.demo('digits'))",
    "nw.explore(nw.demo('cancer'))",
    "atlas = nw.scan(live, ['x = 1  # one\\n', 'y = 2\\n'], sites=['state.1'], out=tempfile.mkdtemp() + '/a')",
    "nw.ExemplarGrid(atlas, unit='state.1:92')",
    "nw.UnitCard(live, atlas, 'state.1:92', 'x = 1  # one\\n')",
    "nw.UnitFinder(atlas, query={'text': '#'})",
)


def test_pictures_of_every_widget_are_kept_by_default(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PYTHONPATH", str(REPO))
    monkeypatch.setenv("IPYTHONDIR", str(tmp_path))
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(cell) for cell in (SETUP, *EVERY_WIDGET)])
    execute(notebook, tmp_path)
    readable_without_a_kernel(notebook, tmp_path)
    for cell in notebook.cells[1:]:
        assert len(pictures(bundles(cell))) == 1, cell.source
    assert "x = 1  # one" in pictures(bundles(notebook.cells[1]))[0]
    assert "unit state.1:92" in pictures(bundles(notebook.cells[1]))[0]


def test_each_widget_has_one_picture_in_the_cell_that_shows_it(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """However it is shown: by name, twice, kept in an output, as a part of something; and also where a cell fails."""
    monkeypatch.setenv("PYTHONPATH", str(REPO))
    monkeypatch.setenv("IPYTHONDIR", str(tmp_path))
    cells = (
        SETUP + "\na, b = nw.TokenStrip(live, 'first'), nw.TokenStrip(live, 'second')",
        "handle = display(a, display_id=True)\nprint('between')\ndisplay(b)\ndisplay(a)",
        "a",
        "out = ipywidgets.Output()\nout.append_display_data(a)\nout",
        "ipywidgets.HBox([a, b])",
        "print('nothing is shown')",
        "display(a)\na.input = 'later'\nraise ValueError",
    )
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(cell) for cell in cells])
    notebook.cells[-1].metadata["tags"] = ["raises-exception"]
    execute(notebook, tmp_path)
    shown = [pictures(bundles(cell)) for cell in notebook.cells]
    assert [len(ours) for ours in shown] == [0, 2, 1, 1, 0, 0, 1]
    assert [name in html for name, html in zip(("first", "second"), shown[1], strict=True)] == [True, True]
    assert "later" in shown[-1][0], "what stood there when the cell ended"
    views = [data for data in bundles(notebook.cells[1]) if VIEW in data]
    assert [view[VIEW]["model_id"] == views[0][VIEW]["model_id"] for view in views] == [True, False, True]
    assert notebook.cells[2].outputs[0].output_type == "execute_result"
