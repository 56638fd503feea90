"""Imports point one way, as the picture in CONTRIBUTING.md says."""

import ast
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parents[2] / "neuronwidget"
MAY_IMPORT = {
    "stream": set(),
    "live": set(),
    "corpus": {"live"},
    "passes": {"live", "corpus"},
    "atlas": {"live", "corpus", "passes"},
    "analysis": {"live", "corpus", "passes", "atlas"},
    "export": {"live", "corpus", "passes", "atlas", "analysis"},
    "widgets": {"live", "corpus", "passes", "atlas", "analysis", "stream"},
    "demos": {"live", "corpus", "passes", "atlas"},
}
LAYERS = [layer for layer in MAY_IMPORT if (PACKAGE / layer).is_dir()]


def imported(path: Path) -> set[str]:
    """Return the absolute names of everything a module imports, at its top or inside a function."""
    package = ("neuronwidget", *path.relative_to(PACKAGE).parts[:-1])
    names = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            base = ".".join(package[: len(package) - node.level + 1]) if node.level else ""
            stem = ".".join(part for part in (base, node.module) if part)
            names |= {f"{stem}.{alias.name}" for alias in node.names}
    return names


@pytest.mark.parametrize("layer", LAYERS)
def test_imports_point_up_the_picture(layer: str) -> None:
    allowed = {layer, *MAY_IMPORT[layer]}
    for path in (PACKAGE / layer).rglob("*.py"):
        ours = {name.split(".")[1] for name in imported(path) if name.startswith("neuronwidget.")}
        assert not (ours & MAY_IMPORT.keys()) - allowed, f"{path} imports from {ours - allowed}"


def test_what_is_installed_does_not_need_what_is_not() -> None:
    for path in PACKAGE.rglob("*.py"):
        assert not any(name.split(".")[0] in {"training", "tests", "tools"} for name in imported(path)), path


def test_hooks_are_put_on_in_one_place() -> None:
    """Who may act, in which order, and that they go again, is written once."""
    calls = {
        path.relative_to(PACKAGE).as_posix()
        for path in PACKAGE.rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Attribute) and node.attr.startswith("register_") and node.attr.endswith("_hook")
    }
    assert calls == {"live/hooks.py"}


def test_stream_knows_neither_torch_nor_widgets() -> None:
    for path in (PACKAGE / "stream").rglob("*.py"):
        roots = {name.split(".")[0] for name in imported(path)}
        assert not roots & {"torch", "anywidget", "ipywidgets", "traitlets", "pandas"}, path


@pytest.mark.parametrize("layer", ["corpus", "passes", "atlas", "analysis", "export"])
def test_only_the_tables_of_kinds_know_which_kinds_there_are(layer: str) -> None:
    """Nothing else compares with the name of a kind, or asks of what class inputs or a model are."""
    names = {"text", "image", "table"}
    classes = {"TextInputs", "ImageInputs", "TableInputs", "TensorInputs", "TokenModel", "TensorModel"}
    for path in (PACKAGE / layer).rglob("*.py"):
        if "kinds" in path.parts:
            continue
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Compare):
                parts = [node.left, *node.comparators]
                assert not any(isinstance(part, ast.Constant) and part.value in names for part in parts), path
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "isinstance":
                asked = {name.id for name in ast.walk(node.args[1]) if isinstance(name, ast.Name)}
                assert not asked & classes, path
