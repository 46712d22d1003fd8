"""`tracemill inspect DIR TRACE_ID`: shows a trace with its step ledger."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from itertools import islice

from tracemill.cli.command import Command, add_dir, add_json
from tracemill.cli.output import show, show_json
from tracemill.settings.errors import UsageError

_SHOWN = 5
"""Ledgers that are printed at most."""


def _add_arguments(parser: ArgumentParser) -> None:
    add_dir(parser)
    parser.add_argument("trace_id", metavar="TRACE_ID", help="a trace's id, or enough of its beginning")
    add_json(parser, "problems with traces and verdicts, in the columns of the dataset's tables")


def _run(arguments: Namespace) -> int:
    from tracemill.cli.json_rows import solved_rows
    from tracemill.cli.ledger import ledger
    from tracemill.cli.summary import judges_in, traces_like
    from tracemill.running.schema_version import open_build

    store = open_build(arguments.dir)
    judges = judges_in(store)
    found = list(islice(traces_like(store, arguments.trace_id), _SHOWN + 1))
    if not found:
        raise UsageError(
            f"no trace {arguments.trace_id!r} in {arguments.dir!r}; "
            "the ids are in the column trace_ids of every view and in dataset/traces"
        )
    if arguments.json:
        show_json([solved_rows(problem, [(trace, verdicts)]) for problem, trace, verdicts in found[:_SHOWN]])
        return 0
    for problem, trace, verdicts in found[:_SHOWN]:
        show(f"{ledger(problem, trace, verdicts, judges)}\n")
    if len(found) > _SHOWN:
        show(f"and more that begin with {arguments.trace_id!r}; give more of the id to see one of them")
    return 0


COMMAND = Command(
    "show a trace with its step ledger",
    "tracemill inspect builds/mine 0a1b2c3d",
    _add_arguments,
    _run,
)
