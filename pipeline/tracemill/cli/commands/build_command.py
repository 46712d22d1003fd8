"""`tracemill build CONFIG`: builds a dataset, or finishes one that was interrupted."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from collections.abc import Iterator
from dataclasses import asdict
from typing import TYPE_CHECKING

from tracemill.cli.command import Command, add_config, add_json, add_out
from tracemill.cli.output import note, show, show_json

if TYPE_CHECKING:
    from tracemill.publishing.hub.published_repository import PublishedRepository
    from tracemill.running.call_estimate import CallEstimate
    from tracemill.running.estimate import BuildEstimate
    from tracemill.running.phases.phase import Build

_PHASES = ("problems", "screen", "traces", "verdicts", "estimates", "audit", "selection", "dataset")


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
    out, published = _place(f"builds/{config.name}", arguments.out)
    prepared = builds.prepare(config, out, published)
    if arguments.dry_run:
        _show_plan(prepared, out, arguments.json)
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


def _place(default: str, wanted: str | None) -> tuple[str, PublishedRepository | None]:
    """Where the build lies, and what it is resumed from: an address on the Hub names the latter, and the build lies in
    its default folder."""
    from tracemill.publishing.hub.hub_address import hub_address, is_on_hub
    from tracemill.publishing.hub.published_repository import find_published

    if wanted is None or not is_on_hub(wanted):
        return default if wanted is None else wanted, None
    address = hub_address(wanted)
    published = find_published(address, note)
    if published is None:
        note(f"{wanted} holds no build yet; building in {default}")
    else:
        note(f"building in {default}; what is not there is resumed from {published.address}")
    note(f"when it is finished: tracemill publish {default} {address.repository}")
    return default, published


def _show_plan(prepared: Build, out: str, as_json: bool) -> None:
    from tracemill.running import build as builds
    from tracemill.running.estimate import estimate

    states, found = builds.states(prepared), estimate(prepared)
    if as_json:
        show_json({"out": out, "phases": [asdict(state) for state in states], "estimate": asdict(found)})
        return
    show(f"{out} (dry run, nothing is written)")
    for state in states:
        show(f"  {state.phase:<10} {state.state}{': ' + state.why if state.why else ''}")
    for source in prepared.sources:
        for name, part in source.parts().items():
            show(f"  source {name}: up to {part.count:,} problems")
    show("\n".join(f"  {line}" for line in _estimate_lines(found)))


def _estimate_lines(found: BuildEstimate) -> Iterator[str]:
    yield "rows at most: " + ", ".join(f"{view} {count:,}" for view, count in found.rows.items())
    if found.calls is not None:
        yield from _call_lines(found.problems, found.calls)
        return
    if found.seconds is None or found.bytes is None:
        yield "time and disk space: not estimated, since no problem could be solved here without asking the teacher"
        return
    processes = "one process" if found.processes == 1 else f"{found.processes} processes"
    yield f"time: about {_time(found.seconds)} in {processes}, with the audit of the verifiers on top"
    yield f"disk space: at most about {found.bytes / 1e6:,.1f} MB; many rows compress better together than few"
    yield (
        f"both rest on {found.sampled} problems that were just made, solved and judged here, and on nothing else: "
        "expect up to twice or half the time. A build from the beginning is meant, whatever is done already"
    )


def _call_lines(problems: int, calls: CallEstimate) -> Iterator[str]:
    # No bound: how many requests there are is a mean, how long their prompts are a guess.
    about = "up to about " if calls.at_most else "about "
    yield f"requests: {calls.requests:,}, for {problems:,} problems, of which screening may reject some"
    if calls.prompt_tokens is not None:
        yield f"prompt tokens: about {calls.prompt_tokens:,}, by {calls.prompts_from}"
    if calls.completion_tokens is None:
        yield f"completion tokens: not estimated, for there is {calls.replies_from}"
    else:
        yield f"completion tokens: {about}{calls.completion_tokens:,}, by {calls.replies_from}"
    if calls.gpu_hours is not None:
        yield f"hours of GPUs: {about}{_amount(calls.gpu_hours)}"
    if calls.money is not None:
        yield f"money: {about}{_amount(calls.money)} {calls.currency}"
    yield "no call was made for this. A build from the beginning is meant, whatever is done already"


def _amount(value: float) -> str:
    return f"{value:,.2f}" if value >= 1 or value == 0 else f"{value:.3g}"


def _time(seconds: float) -> str:
    if seconds < 100:
        return f"{max(seconds, 1):.0f} s"
    return f"{seconds / 60:,.0f} minutes" if seconds < 6000 else f"{seconds / 3600:,.1f} hours"


COMMAND = Command(
    "build a dataset, or finish one that was interrupted",
    "tracemill build quickstart --set sources.0.per_task=500 --out builds/mine",
    _add_arguments,
    _run,
)
