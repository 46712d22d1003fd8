"""`tracemill preview CONFIG`: shows a few problems of a config with solutions and ledgers, and writes nothing."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace

from tracemill.cli.command import Command, add_config, add_json, positive
from tracemill.cli.output import show, show_json


def _add_arguments(parser: ArgumentParser) -> None:
    add_config(parser)
    parser.add_argument("-n", type=positive, default=5, metavar="N", dest="count", help="problems (default: 5)")
    add_json(parser, "problems with traces and verdicts, in the columns of the dataset's tables")


def _run(arguments: Namespace) -> int:
    from tracemill.cli.json_rows import solved_rows
    from tracemill.cli.ledger import ledger
    from tracemill.running.build import check
    from tracemill.running.build_config import read_config
    from tracemill.running.preview import preview

    config = read_config(arguments.config, arguments.overrides)
    found = preview(config, check(config).sources, arguments.count)
    if arguments.json:
        show_json([solved_rows(one.problem, one.traces) for one in found])
        return 0
    for one in found:
        for trace, verdicts in one.traces:
            show(f"{ledger(one.problem, trace, verdicts)}\n")
        if not one.traces:
            show(f"problem {one.problem.id}: the teacher has no solution\n")
    samples = sum(len(one.traces) for one in found)
    show(f"problems: {len(found)}, solutions: {samples}; nothing was written, and nothing was screened or selected")
    return 0 if found else 1


COMMAND = Command(
    "show a few problems of a config with solutions and ledgers; nothing is written",
    "tracemill preview quickstart -n 5",
    _add_arguments,
    _run,
)
