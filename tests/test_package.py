"""What users install: light to import, whole in the wheel, and told apart from what development needs."""

import json
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

REPO = Path(__file__).parents[1]


def run(code: str) -> str:
    done = subprocess.run([sys.executable, "-c", code], cwd=REPO, capture_output=True, text=True, check=True)
    return done.stdout


def test_importing_it_imports_none_of_the_heavy_packages() -> None:
    loaded = set(json.loads(run("import json, sys, neuronwidget; print(json.dumps(list(sys.modules)))")))
    heavy = {"torch", "pandas", "numpy", "transformers", "anywidget", "ipywidgets", "IPython", "safetensors"}
    assert not loaded & heavy


def test_a_demo_is_there_without_the_compiler() -> None:
    """Importing torch's compiler takes longer than all the rest of a first picture."""
    code = "import sys, neuronwidget as nw; nw.explore(nw.demo('code'), 'x = 1'); print('torch._dynamo' in sys.modules)"
    assert run(code).strip() == "False"


def test_every_public_name_is_there_and_listed() -> None:
    out = run(
        "import neuronwidget as nw; print([n for n in nw.__all__ if getattr(nw, n, None) is None or n not in dir(nw)])"
    )
    assert out.strip() == "[]"


def test_a_name_that_does_not_exist_is_an_attribute_error() -> None:
    import neuronwidget as nw

    with pytest.raises(AttributeError, match="nonsense"):
        nw.nonsense  # noqa: B018


def test_the_wheel_holds_what_the_package_needs_and_nothing_else(tmp_path: Path) -> None:
    build = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(tmp_path)]
    subprocess.run(build, cwd=REPO, check=True, capture_output=True)
    (wheel,) = tmp_path.glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        names = archive.namelist()
        size = sum(entry.file_size for entry in archive.infolist())
    inside = {name.removeprefix("neuronwidget/") for name in names if name.startswith("neuronwidget/")}
    package = REPO / "neuronwidget"
    tracked = subprocess.run(["git", "ls-files", "."], cwd=package, capture_output=True, text=True, check=True)
    assert set(tracked.stdout.split()) <= inside
    assert {"static/text.js", "static/text.css", "py.typed", "demos/models/code.safetensors"} <= inside
    assert all(name.startswith(("neuronwidget/", "neuronwidget-")) for name in names)
    assert not any("__pycache__" in name or "node_modules" in name for name in names)
    assert size < 15_000_000
