"""`python -m pipeline`: the command line from a checkout, as `ray job submit --working-dir .` runs it."""

from pipeline.cli import entry

if __name__ == "__main__":
    entry()
