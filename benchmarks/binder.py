"""What Binder would build, and what it then takes: `python -m benchmarks.binder --python python3.12`.

The last commit goes into an empty folder and an empty environment and `binder/` is installed there as Binder does.
Where the index of torch's builds for the CPU cannot be reached, `--torch torch==2.13.0` lets pip put torch there first.
"""

from __future__ import annotations

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil
from playwright.sync_api import Browser

from benchmarks.timing import clock
from tests.browser import lab

QUICKSTART = "00_quickstart.ipynb"
LIMIT = 1_500_000_000
# Runs a notebook in a kernel that can have no more memory of its own than the limit; prints its peak, in bytes.
RUN = """
import resource, sys
import nbclient, nbformat
path, folder, limit = sys.argv[1:]
resource.setrlimit(resource.RLIMIT_DATA, (int(limit), int(limit)))
notebook = nbformat.read(path, as_version=4)
nbclient.NotebookClient(notebook, kernel_name="python3", resources={"metadata": {"path": folder}}).execute()
print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss * 1024)
"""


class Built:
    """The repository and the environment as Binder would have them, in a folder that was empty."""

    def __init__(self, folder: Path, python: str, torch: str | None) -> None:
        self.repository, env, home = folder / "repository", folder / "env", folder / "home"
        self.python = str(env / "bin" / "python")
        home.mkdir()
        hidden = ("XDG_", "PYTHON", "VIRTUAL_", "OMP_")
        kept = {name: value for name, value in os.environ.items() if not name.startswith(hidden)}
        self.environ = kept | {"HOME": str(home), "PATH": f"{env / 'bin'}:{os.environ['PATH']}"}
        subprocess.run(["git", "clone", "--quiet", str(lab.REPO), str(self.repository)], check=True)
        subprocess.run([python, "-m", "venv", str(env)], check=True)
        pip = (self.python, "-m", "pip", "install", "--quiet", "--no-cache-dir")
        self.run(*pip, "--requirement", "binder/requirements.txt")
        if torch is not None:
            self.run(*pip, torch)
        self.post_build = self.run("binder/postBuild")

    def run(self, *command: str) -> float:
        """Run a command in the repository; returns its seconds."""
        began = time.perf_counter()
        subprocess.run(command, cwd=self.repository, env=self.environ, check=True, stdout=sys.stderr)
        return time.perf_counter() - began

    def output(self, *arguments: str) -> str:
        """What the environment's Python prints."""
        command = [self.python, *arguments]
        done = subprocess.run(command, cwd=self.repository, env=self.environ, check=True, stdout=subprocess.PIPE)
        return done.stdout.decode().strip()

    @contextmanager
    def serving(self) -> Iterator[tuple[lab.Server, Browser]]:
        """A server that just came up in the environment, with our notebooks, and a browser that is there already."""
        with lab.jupyterlab(self.python, self.environ) as (server, browser):
            for path in (self.repository / "notebooks").glob("*.ipynb"):
                (server.notebooks / path.name).write_bytes(path.read_bytes())
            yield server, browser


def each_notebook(built: Built, folder: Path) -> None:
    """Every notebook under the limit, and the most that its kernel ever had in memory."""
    print("| notebook, run with at most 1.5 GB | peak, GB | wanted | s |\n|---|---|---|---|")
    for path in sorted((built.repository / "notebooks").glob("*.ipynb")):
        began = time.perf_counter()
        peak = int(built.output("-c", RUN, str(path), str(folder), str(LIMIT))) / 1e9
        print(f"| {path.name} | **{peak:.2f}** | ≤ 1.5 | {time.perf_counter() - began:.0f} |", flush=True)


def first_picture(built: Built, rounds: int = 3) -> None:
    """From a server that is up to the quickstart's first picture; `import torch` alone in turn with it."""
    pictures, bare = [], []
    for _ in range(rounds):
        with built.serving() as (server, browser):
            began = time.perf_counter()
            notebook = lab.Notebook(server, browser, QUICKSTART)
            notebook.run_all()
            notebook.wait("() => window.__painted[0]")
            pictures.append(time.perf_counter() - began)
            notebook.close()
        bare.append(clock(lambda: built.output("-c", "import torch")))
    picture, alone = statistics.median(pictures), statistics.median(bare)
    print("| what | s, median |\n|---|---|")
    print(f"| server up → first picture of the quickstart, page and kernel included | **{picture:.1f}** |")
    print(f"| `python -c 'import torch'` in the same environment | {alone:.1f} |", flush=True)


def all_at_once(built: Built) -> None:
    """Memory of the server and all kernels while one notebook after the other is run and none is ended."""
    print("| notebooks run, none ended | server and kernels, GB | wanted |\n|---|---|---|")
    with built.serving() as (server, browser):
        for number, path in enumerate(sorted(server.notebooks.glob("*.ipynb")), 1):
            notebook = lab.Notebook(server, browser, path.name, height=1500)
            notebook.run_to_the_end()
            process = psutil.Process(server.process.pid)
            family = [process, *process.children(recursive=True)]
            memory = sum(one.memory_full_info().pss for one in family) / 1e9
            print(f"| {number} | **{memory:.2f}** | ≤ 2 |", flush=True)
            notebook.close()


def main() -> None:
    options = argparse.ArgumentParser("python -m benchmarks.binder")
    options.add_argument("--python", default="python3.12", help="the Python of the empty environment")
    options.add_argument("--torch", metavar="REQUIREMENT", help="what pip installs before binder/postBuild")
    chosen = options.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        built = Built(Path(folder), chosen.python, chosen.torch)
        version = built.output("-c", "import sys, torch; print(sys.version.split()[0], 'torch', torch.__version__)")
        size = int(subprocess.run(["du", "-sk", folder], capture_output=True, check=True).stdout.split()[0]) / 1e6
        print(f"Python {version}; postBuild took {built.post_build:.0f} s; {size:.1f} GB on disk\n", flush=True)
        each_notebook(built, Path(folder))
        print()
        first_picture(built)
        print()
        all_at_once(built)


if __name__ == "__main__":
    main()
