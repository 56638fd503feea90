"""How long until one can work: `python -m benchmarks.startup`."""

from __future__ import annotations

import statistics
import subprocess
import sys
import time

from benchmarks.timing import HEAD, machine
from tests.browser import lab

CELL = 'import neuronwidget as nw\nlive = nw.demo("code")\nnw.explore(live, "def greet(name):\\n    return name\\n")'


def python(code: str) -> float:
    """Seconds of a fresh Python that runs `code`."""
    began = time.perf_counter()
    subprocess.run([sys.executable, "-c", code], cwd=lab.REPO, check=True)
    return time.perf_counter() - began


def imports(rounds: int = 15) -> None:
    """`import neuronwidget` over a bare Python, in turn."""
    python("import neuronwidget")
    pairs = [(python("import neuronwidget"), python("pass")) for _ in range(rounds)]
    over = statistics.median(ours - bare for ours, bare in pairs)
    bare = statistics.median(bare for _, bare in pairs)
    print(
        f"| `import neuronwidget` over `python -c pass` | **{over:.3f} s** | ≤ 0.15 s | bare {bare:.3f} s |", flush=True
    )


def first_paint(rounds: int = 5) -> None:
    """From the start of the quickstart's first cell to its first picture, with torch already imported."""
    with lab.jupyterlab() as (server, browser):
        server.write("first.ipynb", "import torch", CELL)
        notebook = lab.Notebook(server, browser, "first.ipynb", height=1200)
        times = []
        for _ in range(rounds):
            notebook.wait_for_kernel()
            notebook.restart_kernel()
            notebook.run_cell(0)
            notebook.forget()
            began = notebook.page.evaluate("() => performance.now()")
            notebook.begin_cell(1)
            first = notebook.wait("() => window.__painted[0]")
            times.append((first["at"] - began) / 1e3)
        notebook.close()
    low, middle, high = statistics.quantiles(times, n=4)
    print(
        f"| first paint after the cell starts, torch imported | **{middle:.2f} s** ({low:.2f}–{high:.2f}) | ≤ 1.5 s"
        f" | n = {len(times)} |"
    )


def main() -> None:
    print(machine())
    print(HEAD)
    imports()
    first_paint()


if __name__ == "__main__":
    main()
