"""`python -m neuronwidget`: the command line, also where no script of that name is on the path."""

import sys

from neuronwidget.cli import main

if __name__ == "__main__":
    sys.exit(main())
