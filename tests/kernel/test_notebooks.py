"""Every notebook runs from top to bottom in a kernel of its own."""

import re
from pathlib import Path

import nbclient
import nbconvert
import nbformat
import pytest

pytestmark = pytest.mark.kernel
REPO = Path(__file__).parents[2]
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
    client = nbclient.NotebookClient(notebook, kernel_name="python3", resources={"metadata": {"path": str(tmp_path)}})
    client.execute()
    views = [
        output
        for cell in notebook.cells
        for output in cell.get("outputs", [])
        if "application/vnd.jupyter.widget-view+json" in output.get("data", {})
    ]
    assert views, "a notebook of ours shows a widget"
    readable_without_a_kernel(notebook, tmp_path)


def readable_without_a_kernel(notebook: nbformat.NotebookNode, folder: Path) -> None:
    """As it is saved by default, without the state of widgets: in the file, and as a page that asks nobody for more."""
    notebook.metadata.pop("widgets", None)
    nbformat.write(notebook, folder / "saved.ipynb")
    saved = nbformat.read(folder / "saved.ipynb", as_version=4)
    bundles = [output.data for cell in saved.cells for output in cell.get("outputs", []) if "data" in output]
    ours = [data for data in bundles if "application/vnd.jupyter.widget-view+json" in data]
    for data in ours:
        assert "object at 0x" not in data["text/plain"]
        assert "pip install neuronwidget" in data["text/plain"]
        assert "data:image/png;base64," in data["text/html"]
        assert len(data["text/html"].encode()) <= 60_000
    page, _ = nbconvert.HTMLExporter(require_js_url="", mathjax_url="").from_notebook_node(saved)
    shown = [png for data in ours for png in re.findall(r"data:image/png;base64,[\w+/=]+", data["text/html"])]
    assert shown
    for png in shown:
        assert png in page
