"""`tracemill audit`: measures the verifiers' error rates, or how well a step's wording tells that it is wrong."""

from __future__ import annotations

import os
import signal
from argparse import ArgumentParser, Namespace
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from tracemill.cli.command import Command, add_json, positive
from tracemill.cli.output import note, show, show_json
from tracemill.settings.errors import unknown

if TYPE_CHECKING:
    from tracemill.verifiers.audit_pieces import Mapped, NamedVerifiers
    from tracemill.verifiers.leakage import Leak

_CASES = 50
"""Problems per task."""
_UNDECIDED = 10
"""So many of the cases that a verifier says it cannot decide are shown: `vote` can decide none."""


def _add_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("--verifiers", nargs="+", metavar="NAME", default=[], help="only these (default: all)")
    parser.add_argument("--domains", nargs="+", metavar="PATTERN", default=["*"], help="only these (default: all)")
    parser.add_argument("--cases", type=positive, metavar="N", help="problems per task (default: 50, or a build's)")
    parser.add_argument("--processes", type=positive, metavar="N", help="to work in (default: one for each CPU)")
    parser.add_argument(
        "--leakage",
        action="store_true",
        help="measure instead what betrays a wrong solution without reasoning, and by which words",
    )
    parser.add_argument("--seed", type=int, default=0, metavar="N", help="of the cases (default: 0)")
    add_json(parser, "a report for each verifier, or with --leakage a list of what was measured")


def _run(arguments: Namespace) -> int:
    from tracemill.settings.plugins import installed
    from tracemill.tasks.available import available
    from tracemill.verifiers.audit_pieces import audit as audited

    for name in arguments.verifiers:
        if name not in installed("verifier"):
            raise unknown("verifier", name, installed("verifier"))
    usable = available(arguments.domains)
    for line in usable.notes:
        note(line)
    tasks = usable.names
    with _processes(arguments.processes) as mapped:
        if arguments.leakage:
            return _leakage(tasks, arguments, mapped)
        verifiers: NamedVerifiers = [(name, {}) for name in arguments.verifiers or sorted(installed("verifier"))]
        reports = audited(verifiers, tasks, arguments.cases or _CASES, arguments.seed, mapped=mapped)
    if arguments.json:
        show_json([{**asdict(report), "passed": report.passed} for report in reports])
    else:
        show("\n".join(_audit_lines(report) for report in reports))
    return 0 if all(report.passed for report in reports) else 1


@contextmanager
def _processes(count: int | None) -> Iterator[Mapped]:
    """A `map` that works in so many processes, or in this one where it is 1."""
    from concurrent.futures import ProcessPoolExecutor
    from multiprocessing import get_context

    count = count or len(os.sched_getaffinity(0))
    if count == 1:
        yield map
        return
    # Not forked: the threads of Arrow and numpy would be missing in the child.
    pool = ProcessPoolExecutor(count, get_context("spawn"), initializer=_leave_interrupts_to_the_parent)
    try:
        yield pool.map
    except BaseException:
        # What they work on is of no use any more; the pool itself would wait for all of it.
        for process in list((pool._processes or {}).values()):
            process.terminate()
        raise
    finally:
        pool.shutdown(cancel_futures=True)


def _leave_interrupts_to_the_parent() -> None:
    """A terminal sends an interrupt to every process, and each would show a traceback of its own."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)


def _leakage(tasks: list[str], arguments: Namespace, mapped: Mapped) -> int:
    """Shows task by task, as they are measured; on as many problems as in a build where `cases` are not given. Returns
    1 if any of them betrays what is wrong."""
    from tracemill.verifiers.audit_pieces import do_piece
    from tracemill.verifiers.leakage import LIMIT, leakage_pieces, leaks_of, problems_measured

    found: list[Leak] = []
    for name in tasks:
        pieces = leakage_pieces({name: arguments.cases or problems_measured(name)}, arguments.seed)
        leaks = leaks_of(pieces, mapped(do_piece, pieces), mapped)
        found += leaks
        if not arguments.json:
            show("\n".join(_leak_lines(name, leaks, LIMIT)))
    if arguments.json:
        show_json([asdict(leak) for leak in found])
    return 1 if any(leak.above(LIMIT) for leak in found) else 0


def _leak_lines(task: str, leaks: list[Leak], limit: float) -> Iterator[str]:
    """Part by part what tells wrong from right, of all mistakes and of each; its words where a part or mistake is
    above the limit, and of steps."""
    from tracemill.verifiers.shown_parts import SHOWN

    if not leaks:
        yield f"{task}: none of its problems had a mistake that can be made; try more --cases"
    for leak in leaks:
        name = f"    {leak.mistake}" if leak.mistake else f"{task}, {SHOWN[leak.part]}"
        above = leak.above(limit)
        mark = f"  ABOVE {limit}" if above else ""
        yield f"{name}: AUC {leak.auc:.3f} [{leak.low:.3f}, {leak.high:.3f}], {leak.pairs} pairs{mark}"
        for tell in leak.tells if above or leak.part == "step" or not leak.mistake else ():
            yield f"        {tell.words:<40} in {tell.wrong:4.0%} of wrong ones, {tell.right:4.0%} of right ones"


def _audit_lines(report: Any) -> str:
    from tracemill.publishing.figures.audit_rates import audit_entry, audit_line
    from tracemill.verifiers.audit import UNDECIDED

    outcome = "passed" if report.passed else "FAILED"
    lines = [f"{audit_line(report.verifier, audit_entry(asdict(report)))}: {outcome}"]
    # Not those that ended in an error: for them it fails.
    undecided = [said for said in report.failures if f"{UNDECIDED}: unknown" in said]
    wrong = [said for said in report.failures if f"{UNDECIDED}: unknown" not in said]
    lines += [f"    {said}" for said in (*report.nothing_to_miss, *wrong, *undecided[:_UNDECIDED])]
    if len(undecided) > _UNDECIDED:
        lines.append(f"    … and {len(undecided) - _UNDECIDED:,} more undecided; --json shows them all")
    return "\n".join(lines)


COMMAND = Command(
    "measure the verifiers' error rates",
    "tracemill audit --cases 100",
    _add_arguments,
    _run,
)
