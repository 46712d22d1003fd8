"""`python -m tracemill`: the command line from a checkout, as `ray job submit --working-dir .` runs it."""

from tracemill.cli.entry import entry

if __name__ == "__main__":
    entry()
