"""The command line: `neuronwidget demo`, `neuronwidget doctor`, `neuronwidget scan MODEL DATA --out FOLDER`."""

from __future__ import annotations

import argparse
import difflib
import os
import signal
import sys
import warnings
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from neuronwidget.atlas.atlas import Atlas
    from neuronwidget.live.model import LiveModel

EXAMPLES = """\
examples:
  neuronwidget scan code my_project/ --out atlas/                       a bundled model over a folder of texts
  neuronwidget scan ./my_model texts.jsonl --out atlas/ --column body   a model saved by transformers
  neuronwidget scan ./my_model data.parquet --out atlas/ --sites mlp.10 mlp.11 --batch-size 16
  neuronwidget scan digits pictures/ --out atlas/                       pictures, by folder
  neuronwidget scan ./my_model data.csv --out atlas/ --engine ray --workers 8

A scan that was stopped, by Ctrl-C or otherwise, goes on when the same command is given again.
Open the atlas in Python: neuronwidget.open_atlas("atlas/")."""

FAILED, PAUSED = 1, 130


def parser() -> argparse.ArgumentParser:
    """The commands and what they take."""
    from neuronwidget.demos import NAMES
    from neuronwidget.version import __version__

    command = argparse.ArgumentParser("neuronwidget", description="Look inside a neural network while it runs.")
    command.add_argument("--version", action="version", version=f"neuronwidget {__version__}")
    commands = command.add_subparsers(dest="command", required=True, metavar="command")
    demo = commands.add_parser("demo", help="start JupyterLab on the quickstart notebook")
    folder = "where notebooks of an installed package are copied to; those of a clone are opened in place"
    demo.add_argument("--folder", type=Path, default=Path("neuronwidget-notebooks"), help=folder)
    commands.add_parser("doctor", help="say what works on this machine, and what to do about the rest")
    scan = commands.add_parser(
        "scan",
        help="run a data set through a model and keep what every unit did",
        description="Runs a data set through a model once and writes an atlas: what every unit of chosen sites did.",
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    add = scan.add_argument
    add("model", metavar="MODEL", help=f"{', '.join(NAMES)}; or the folder (or hub id) of a model of transformers")
    files = "a folder of texts or pictures, or files: .txt, .jsonl, .csv, .tsv, .parquet, .npy (pictures)"
    add("data", metavar="DATA", nargs="+", type=Path, help=files)
    add("--out", required=True, metavar="FOLDER", help="where the atlas is written")
    add("--sites", nargs="+", metavar="SITE", help="which sites, by name; default: the model's neurons")
    add("--engine", choices=("local", "ray"), default="local", help="in this process, or on a Ray cluster")
    add("--workers", type=int, metavar="N", help="with --engine ray: how many, default as many as find a place")
    add("--address", metavar="HOST:PORT", help="with --engine ray: the cluster; default RAY_ADDRESS, or a new one")
    add("--batch-size", default="auto", metavar="N", help='windows, pictures or rows that run together; or "auto"')
    add("--window", type=int, metavar="N", help="tokens of a window; default 256, at most the model's context")
    add("--overlap", type=int, metavar="N", help="tokens that a window repeats of the one before; default an eighth")
    add("--column", metavar="NAME", help='the column of a table that holds the documents; default "text"')
    add("--id-column", metavar="NAME", help='the column that names them; default "id", or the number of the row')
    add("--label-column", metavar="NAME", help='the column of their labels; default "label", if there is one')
    add("--device", metavar="NAME", help="cpu, cuda, cuda:1 …; default: where the model is loaded")
    add("--threads", type=int, metavar="N", help="threads of torch")
    add("--checkpoint", type=float, default=30.0, metavar="SECONDS", help="between two savings; default 30")
    add("--quiet", action="store_true", help="no progress, no summary")
    add("--traceback", action="store_true", help="show where an error comes from")
    return command


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command; returns the exit status: 0 done, 1 failed, 2 misunderstood, 130 stopped by a person."""
    options = parser().parse_args(arguments)
    if options.command == "doctor":
        from neuronwidget.doctor import examine, report

        return report(examine())
    if options.command == "demo":
        return _demo(options.folder)
    try:
        atlas = _scan(options)
    except KeyboardInterrupt:
        _say(f"Stopped. What is done is kept in {options.out}; the same command goes on from there.")
        return PAUSED
    except Exception as error:
        if options.traceback:
            raise
        _say(_line(error))
        return FAILED
    if not options.quiet:
        from neuronwidget.live.inputs.text import without_surrogates

        print(without_surrogates(_summary(atlas, options.out)))
    return 0


def _demo(folder: Path) -> int:
    from neuronwidget.quickstart import DemoError, start

    try:
        return start(folder)
    except KeyboardInterrupt:
        return 0
    except (DemoError, OSError) as error:
        _say(str(error))
        return FAILED


def _scan(options: argparse.Namespace) -> Atlas:
    if options.address is not None:
        os.environ["RAY_ADDRESS"] = options.address
    batch_size = options.batch_size
    if batch_size != "auto":
        if not batch_size.isdigit() or not int(batch_size):
            raise ValueError(f'--batch-size is a number of windows or "auto", not {batch_size!r}.')
        batch_size = int(batch_size)
    from neuronwidget.atlas.scan.scan import scan
    from neuronwidget.corpus.files import Columns, documents
    from neuronwidget.corpus.kinds.registry import kind_of

    # What a cluster's scheduler sends before it takes the machine away: it ends like Ctrl-C does.
    signal.signal(signal.SIGTERM, lambda *_: signal.raise_signal(signal.SIGINT))
    if options.threads is not None:
        import torch

        torch.set_num_threads(options.threads)
    warnings.formatwarning = _worded
    live = _model(options.model, options.device)
    columns = Columns(options.column, options.id_column, options.label_column)
    return scan(
        live,
        documents(options.data, columns, kind_of(live.kind).from_files),
        options.sites,
        out=options.out,
        engine=options.engine,
        workers=options.workers,
        window=options.window,
        overlap=options.overlap,
        column=options.column,
        batch_size=batch_size,
        checkpoint=options.checkpoint,
        progress=not options.quiet,
    )


def _model(name: str, device: str | None) -> LiveModel:
    from neuronwidget.demos import NAMES
    from neuronwidget.demos.demo import demo
    from neuronwidget.live.attach import attach
    from neuronwidget.live.errors import AttachError

    try:
        live = demo(name) if name in NAMES and not Path(name).is_dir() else attach(name)
    except AttachError as error:
        near = difflib.get_close_matches(name, NAMES, n=1)
        if not near or Path(name).is_dir():
            raise
        raise AttachError(f"{error} Did you mean {near[0]!r}?") from error
    if device is not None:
        live.module.to(device)
    return live


def _summary(atlas: Atlas, out: str) -> str:
    states = atlas.units["state"].value_counts()
    counts = ", ".join(f"{count:,} {state}" for state, count in states.items() if state)
    return f"{atlas!r}\n{counts}\nneuronwidget.open_atlas({out!r})"


def _line(error: Exception) -> str:
    """What went wrong in one line: our own errors are sentences, others are named."""
    ours = type(error).__module__.startswith("neuronwidget")
    text: Any = error.args[0] if isinstance(error, KeyError) and error.args else error
    message = " ".join(str(text).split())
    plain = ours or isinstance(error, (ValueError, KeyError, OSError))
    return message if plain and message else f"{type(error).__name__}: {message} (--traceback shows where)"


def _worded(
    message: Warning | str, category: type[Warning], filename: str, lineno: int, line: str | None = None
) -> str:
    """Our own warnings are sentences for whoever gave the command, others are for those who wrote the code."""
    if category.__module__.startswith("neuronwidget"):
        return f"neuronwidget: {message}\n"
    return f"{filename}:{lineno}: {category.__name__}: {message}\n"


def _say(line: str) -> None:
    print(f"neuronwidget: {line}", file=sys.stderr)


if __name__ == "__main__":
    sys.exit(main())
