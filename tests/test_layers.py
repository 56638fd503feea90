"""Imports point one way, as the picture in CONTRIBUTING.md says, and there is no circle of any sort."""

import ast
from pathlib import Path

import pytest

REPO = Path(__file__).parents[1]
PACKAGE = REPO / "neuronwidget"
FLOORS = ("live", "corpus", "passes", "atlas", "analysis", "export", "widgets")
"""From the lowest to the highest; what is in one imports from it and from those before it."""
MOST_FILES = 14


def modules() -> dict[str, Path]:
    """All modules of the package by dotted name."""
    found = {}
    for path in PACKAGE.rglob("*.py"):
        parts = ("neuronwidget", *path.relative_to(PACKAGE).with_suffix("").parts)
        found[".".join(parts[:-1] if parts[-1] == "__init__" else parts)] = path
    return found


def imported(path: Path) -> set[str]:
    """Absolute names of all that a module imports: at its top, inside a function, for types."""
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


def arrows() -> dict[str, set[str]]:
    """From each module to those of ours that it imports; the package's lazy face is one of them."""
    known = modules()
    found: dict[str, set[str]] = {}
    for name, path in known.items():
        found[name] = set()
        for target in imported(path):
            if target in known:
                found[name].add(target)
            elif (stem := target.rpartition(".")[0]) in known:
                found[name].add(stem)
        found[name].discard(name)
    return found


ARROWS = arrows()


def floor(name: str) -> int | None:
    """The number of a module's floor; None for what stands outside of the house."""
    parts = name.split(".")
    return FLOORS.index(parts[1]) if len(parts) > 1 and parts[1] in FLOORS else None


def test_imports_point_down() -> None:
    wrong = [
        f"{name} → {target}"
        for name, targets in ARROWS.items()
        for target in targets
        if floor(name) is not None and (floor(target) or 0) > (floor(name) or 0)
    ]
    assert not wrong


def test_nothing_inside_goes_through_the_face_or_stands_on_what_is_outside() -> None:
    """By the package's face, which loads lazily, anything could be reached from anywhere."""
    outside = {"neuronwidget", "neuronwidget.cli", "neuronwidget.charts"}
    wrong = [
        f"{name} → {target}"
        for name, targets in ARROWS.items()
        for target in targets
        if floor(name) is not None and (target in outside or target.startswith("neuronwidget.demos"))
    ]
    assert not wrong


def test_there_is_no_circle() -> None:
    """Of imports at the top, inside functions, for types, taken together."""
    left = {name: set(targets) for name, targets in ARROWS.items()}
    while free := [name for name, targets in left.items() if not targets & left.keys()]:
        for name in free:
            del left[name]
    while free := [name for name in left if not any(name in targets for targets in left.values())]:
        for name in free:
            del left[name]
    assert not left, f"in or between circles: {sorted(left)}"


@pytest.mark.parametrize("house", [PACKAGE, REPO / "js/src", REPO / "training", REPO / "tools"], ids=lambda p: p.name)
def test_no_folder_is_a_heap(house: Path) -> None:
    folders = [house, *(path for path in house.rglob("*") if path.is_dir() and path.name != "__pycache__")]
    files = {
        folder.relative_to(REPO).as_posix(): [
            path.name for path in folder.iterdir() if path.suffix in {".py", ".ts", ".tsx", ".css"}
        ]
        for folder in folders
    }
    assert not {folder: len(names) for folder, names in files.items() if len(names) > MOST_FILES}


def test_what_is_installed_does_not_need_what_is_not() -> None:
    for path in PACKAGE.rglob("*.py"):
        assert not any(name.split(".")[0] in {"training", "tests", "tools"} for name in imported(path)), path


KIND_CLASSES = {"TextInputs", "ImageInputs", "TableInputs", "TensorInputs", "TokenModel", "TensorModel"}
KIND_NAMES = {"text", "image", "table"}


def test_only_tables_of_kinds_know_the_kinds() -> None:
    """Elsewhere nothing asks what an input is: a further kind is one object for each layer."""
    asked = {
        f"{path.relative_to(PACKAGE)}:{node.lineno}"
        for path in PACKAGE.rglob("*.py")
        if "kinds" not in path.parts
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if (
            isinstance(node, ast.Call)
            and getattr(node.func, "id", "") == "isinstance"
            and names_in(node.args[1]) & KIND_CLASSES
        )
        or (isinstance(node, ast.Compare) and constants_in(node) & KIND_NAMES and "kind" in ast.unparse(node.left))
    }
    assert not asked


def names_in(node: ast.AST) -> set[str]:
    return {part.id for part in ast.walk(node) if isinstance(part, ast.Name)}


def constants_in(node: ast.AST) -> set[object]:
    return {part.value for part in ast.walk(node) if isinstance(part, ast.Constant) and isinstance(part.value, str)}


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
        assert all(name.startswith("neuronwidget.stream.") for name in imported(path) if "neuronwidget" in name), path


@pytest.mark.parametrize(
    "house", [PACKAGE, REPO / "training", REPO / "tools", REPO / "benchmarks"], ids=lambda p: p.name
)
def test_functions_can_be_read_at_one_look(house: Path) -> None:
    """At most 60 lines without the docstring; ruff sees to their complexity."""
    long = {
        f"{path.relative_to(REPO)}: {node.name}": lines
        for path in house.rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and (
            lines := (node.end_lineno or 0)
            - node.body[ast.get_docstring(node) is not None and len(node.body) > 1].lineno
        )
        > 60
    }
    assert not long
