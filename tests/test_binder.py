"""The files of `binder/` say what the rest of the repository says; `python -m benchmarks.binder` builds from them."""

import ast
import os
import re
import shlex
import shutil
import subprocess
from pathlib import Path

from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet

REPO = Path(__file__).parents[1]
BINDER = REPO / "binder"
POST_BUILD = (BINDER / "postBuild").read_text(encoding="utf-8")
SHELL, _, REST = POST_BUILD.partition("python - <<'PYTHON'\n")
WARM_UP, _, AFTER = REST.partition("PYTHON\n")
SIZE = r"\.atlas\(size=([\d_]+)"
PYPROJECT = (REPO / "pyproject.toml").read_text(encoding="utf-8")


def commands() -> list[list[str]]:
    """The commands of postBuild, word by word."""
    lines = SHELL.replace("\\\n", " ").splitlines()
    words = [shlex.split(line, comments=True) for line in lines]
    return [line for line in words if line and line[0] != "set"]


def requirements(text: str) -> dict[str, Requirement]:
    lines = [line.partition("#")[0].strip() for line in text.splitlines()]
    return {(one := Requirement(line)).name: one for line in lines if line}


def test_its_python_is_one_that_we_take() -> None:
    name, _, version = (BINDER / "runtime.txt").read_text(encoding="utf-8").strip().partition("-")
    assert (name, version) == ("python", "3.12")
    wanted = re.search(r'requires-python = "(.+)"', PYPROJECT)
    assert wanted is not None
    assert version in SpecifierSet(wanted[1])


def test_every_version_is_pinned_and_the_constraints_say_the_same() -> None:
    ours = requirements((BINDER / "requirements.txt").read_text(encoding="utf-8"))
    pinned = requirements((REPO / "constraints.txt").read_text(encoding="utf-8"))
    for name, requirement in ours.items():
        assert str(requirement.specifier).startswith("==")
        assert str(pinned.get(name, requirement).specifier) == str(requirement.specifier)
    installs = [line for line in commands() if "install" in line]
    assert installs
    for line in installs:
        assert line[line.index("--constraint") + 1] == "constraints.txt"
    assert {"torch", "jupyterlab", "transformers", "numba"} <= set(pinned)


def test_what_is_built_is_a_script_whose_commands_exist() -> None:
    assert os.access(BINDER / "postBuild", os.X_OK)
    subprocess.run(["bash", "-n", str(BINDER / "postBuild")], check=True)
    assert not AFTER, "the warm-up is the last command"
    there = set(requirements((BINDER / "requirements.txt").read_text(encoding="utf-8"))) | {"python"}
    programs = {line[0] for line in commands()}
    assert programs <= there, "nothing else is sure to be in the image"
    assert shutil.which("bash")


def test_torch_comes_as_it_is_built_for_the_cpu_and_before_what_needs_it() -> None:
    torch, rest = [line for line in commands() if "install" in line]
    assert torch[torch.index("--torch-backend") + 1] == "cpu"
    assert torch[-1] == "torch"
    assert "--editable" in rest


def test_the_extras_it_installs_are_ours() -> None:
    (ours,) = [word for line in commands() for word in line if word.startswith(".[")]
    for extra in ours[2:-1].split(","):
        assert re.search(rf"^{extra} = \[", PYPROJECT, re.MULTILINE)


def test_the_warm_up_builds_the_atlases_that_notebooks_open() -> None:
    """Atlases are kept by model and size: one of another size would be built again while a person waits."""

    built = {int(size) for size in re.findall(SIZE, WARM_UP)}
    opened = {
        int(size) for path in (REPO / "notebooks").glob("*.ipynb") for size in re.findall(SIZE, path.read_text("utf-8"))
    }
    assert opened
    assert opened <= built
    ast.parse(WARM_UP)
