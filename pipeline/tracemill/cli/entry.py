"""Where the program starts. Imports next to nothing: an interrupt while the rest is imported ends in a line, too."""

from __future__ import annotations

import sys


def entry() -> None:
    try:
        from tracemill.cli.command_line import main

        status = main()
    except KeyboardInterrupt:
        sys.stderr.write("tracemill: interrupted before anything was done\n")
        status = 1
    sys.exit(status)
