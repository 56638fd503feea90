"""Train a bundled model again: ``python -m training.train code`` (or ``code-sae``, ``digits``, ``cancer`` …)."""

from __future__ import annotations

import sys

from neuronwidget.demos import NAMES
from training import train_code, train_sae, train_small


def main(arguments: list[str] | None = None) -> None:
    """The command line; see ``--help``."""
    given = sys.argv[1:] if arguments is None else arguments
    name = given[0] if given else ""
    if name == "code-sae":
        train_sae.main(given)
    elif name in NAMES and name != "code":
        train_small.main(given)
    else:
        train_code.main(given)


if __name__ == "__main__":
    main()
