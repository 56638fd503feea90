"""How many seeds a test is tried with: few at every change, many by `make sweeps`."""

import os

_TIMES = int(os.environ.get("NEURONWIDGET_SWEEPS", "1"))


def seeds(few: int = 1) -> range:
    """`few` seeds at every change; NEURONWIDGET_SWEEPS times as many in a long run."""
    return range(few * _TIMES)
