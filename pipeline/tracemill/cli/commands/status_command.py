"""`tracemill status DIR`: checks a build's files and says what is done."""

from __future__ import annotations

from argparse import Namespace

from tracemill.cli.command import Command, add_dir
from tracemill.cli.output import show
from tracemill.settings.errors import UsageError


def _run(arguments: Namespace) -> int:
    from tracemill.cli.summary import print_foreign
    from tracemill.running.schema_version import open_build
    from tracemill.store.manifest import read_manifest, verify

    store = open_build(arguments.dir)
    commit = store.latest()
    if commit is None:
        raise UsageError(f"there is no build at {arguments.dir!r}; make one with `tracemill build CONFIG --out DIR`")
    show(f"{arguments.dir}: commit {commit.number}, phases done: {', '.join(commit.keys) or 'none'}")
    for name, table in sorted(commit.tables.items()):
        show(f"  {name:<12} {table.rows:>10,} rows {table.bytes:>14,} bytes in {len(table.parts)} parts")
    damaged = verify(store)
    for one in damaged:
        show(f"  damaged: {one.path} ({one.what}); phase {one.phase or 'manifest'}")
    manifest = read_manifest(store)
    print_foreign(store)
    if manifest is None:
        show("not finished: run `tracemill build` again with the same config")
    elif not damaged:
        show("every file is what was written, the card included")
    return 1 if damaged or manifest is None else 0


COMMAND = Command(
    "check a build's files and say what is done",
    "tracemill status builds/mine",
    add_dir,
    _run,
)
