"""`tracemill build CONFIG`: builds a dataset, or finishes one that was interrupted."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from typing import Any

from tracemill.cli.command import Command, add_config, add_json, add_out
from tracemill.cli.output import show, show_json

_PHASES = ("problems", "screen", "traces", "verdicts", "audit", "selection", "dataset")


def _add_arguments(parser: ArgumentParser) -> None:
    add_config(parser)
    add_out(parser)
    parser.add_argument("--until", metavar="PHASE", choices=_PHASES, help=f"stop after one of: {', '.join(_PHASES)}")
    parser.add_argument("--dry-run", action="store_true", help="say what would be done, and write nothing")
    parser.add_argument("--repair", action="store_true", help="ask and judge again what was damaged, at its full cost")
    add_json(parser, "what the finished build says of itself; with --dry-run what would be done")


def _run(arguments: Namespace) -> int:
    from tracemill.cli.progress import Bars
    from tracemill.cli.summary import print_summary
    from tracemill.running import build as builds
    from tracemill.running.build_config import read_config

    config = read_config(arguments.config, arguments.overrides)
    out = f"builds/{config.name}" if arguments.out is None else arguments.out
    prepared = builds.prepare(config, out)
    if arguments.dry_run:
        _print_plan(prepared, out)
        return 0
    if builds.complete(prepared):
        if not arguments.json:
            show(f"{out} is complete: nothing to do")
    else:
        with Bars(quiet=arguments.quiet) as bars:
            builds.run(prepared, bars, arguments.until, arguments.repair)
    if arguments.until in (None, "dataset"):
        print_summary(out, arguments)
    elif arguments.json:
        show_json({"out": out, "finished": False})
    return 0


def _print_plan(prepared: Any, out: str) -> None:
    from tracemill.running import build as builds

    show(f"{out} (dry run, nothing is written)")
    for state in builds.states(prepared):
        show(f"  {state.phase:<10} {state.state}{': ' + state.why if state.why else ''}")
    for source in prepared.sources:
        for name, part in source.parts().items():
            show(f"  source {name}: up to {part.count} problems")


COMMAND = Command(
    "build a dataset, or finish one that was interrupted",
    "tracemill build quickstart --set sources.0.per_task=500 --out builds/mine",
    _add_arguments,
    _run,
)
