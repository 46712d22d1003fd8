"""`tracemill status DIR`: checks a build's files and says what is done."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from collections.abc import Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING

from tracemill.cli.command import Command, add_dir, add_json
from tracemill.cli.output import show, show_json
from tracemill.settings.errors import DamagedError, UsageError

if TYPE_CHECKING:
    from tracemill.store.commits import Commit
    from tracemill.store.manifest import Damage
    from tracemill.store.store import Store


def _add_arguments(parser: ArgumentParser) -> None:
    add_dir(parser)
    add_json(parser, "phases done, tables, damaged and foreign files, and whether the build is `finished` and `whole`")


def _run(arguments: Namespace) -> int:
    from tracemill.cli.summary import print_foreign
    from tracemill.running.schema_version import open_build
    from tracemill.store.manifest import foreign, verify

    store = open_build(arguments.dir)
    commit = store.latest()
    if commit is None:
        raise UsageError(f"there is no build at {arguments.dir!r}; make one with `tracemill build CONFIG --out DIR`")
    damaged, finished = verify(store), _finished(store)
    if arguments.json:
        beside = dict(foreign(store, "dataset/")) if finished else {}
        show_json(_state(commit, damaged, finished) | {"foreign": beside})
    else:
        _show_state(arguments.dir, commit, damaged, finished)
        if finished:
            # A damaged manifest does not say what is ours.
            print_foreign(store)
    return 0 if finished and not damaged else 1


def _finished(store: Store) -> bool:
    """Whether there is a manifest; one that is damaged stands among the damaged files."""
    from tracemill.store.manifest import read_manifest

    try:
        return read_manifest(store) is not None
    except DamagedError:
        return False


def _state(commit: Commit, damaged: Sequence[Damage], finished: bool) -> dict[str, object]:
    tables = {
        name: {"rows": table.rows, "bytes": table.bytes, "parts": len(table.parts)}
        for name, table in sorted(commit.tables.items())
    }
    return {
        "commit": commit.number,
        "phases": list(commit.keys),
        "tables": tables,
        "damaged": [asdict(one) for one in damaged],
        "finished": finished,
        "whole": not damaged,
    }


def _show_state(place: str, commit: Commit, damaged: Sequence[Damage], finished: bool) -> None:
    show(f"{place}: commit {commit.number}, phases done: {', '.join(commit.keys) or 'none'}")
    for name, table in sorted(commit.tables.items()):
        show(f"  {name:<12} {table.rows:>10,} rows {table.bytes:>14,} bytes in {len(table.parts)} parts")
    for one in damaged:
        show(f"  damaged: {one.path} ({one.what}); phase {one.phase or 'manifest'}")
    if not finished:
        show("not finished: run `tracemill build` again with the same config")
    elif not damaged:
        show("every file is what was written, the card included")


COMMAND = Command(
    "check a build's files and say what is done",
    "tracemill status builds/mine",
    _add_arguments,
    _run,
)
