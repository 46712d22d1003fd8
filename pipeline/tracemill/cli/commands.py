"""What each command does. Results go to standard output, progress and errors to standard error."""

from __future__ import annotations

import os
import random
from argparse import Namespace
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import islice
from typing import TYPE_CHECKING, Any

from tracemill.settings.errors import UsageError, unknown

if TYPE_CHECKING:
    from tracemill.verifiers.audit_pieces import Mapped, NamedVerifiers
    from tracemill.verifiers.leakage import Leak

_CASES = 50
"""Problems per task of an audit."""
_SHOWN = 5
"""Ledgers that `inspect` prints at most."""


def build(arguments: Namespace) -> int:
    from tracemill.cli.progress import Bars
    from tracemill.running import build as builds
    from tracemill.running.build_config import read_config

    config = read_config(arguments.config, arguments.overrides)
    out = arguments.out or f"builds/{config.name}"
    prepared = builds.prepare(config, out)
    if arguments.dry_run:
        _print_plan(prepared, out)
        return 0
    if builds.complete(prepared):
        print(f"{out} is complete: nothing to do")
    else:
        with Bars() as bars:
            builds.run(prepared, bars, arguments.until, arguments.repair)
    if arguments.until in (None, "dataset"):
        _print_summary(out)
    return 0


def _print_plan(prepared: Any, out: str) -> None:
    from tracemill.running import build as builds

    print(f"{out} (dry run, nothing is written)")
    for state in builds.states(prepared):
        print(f"  {state.phase:<10} {state.state}{': ' + state.why if state.why else ''}")
    for source in prepared.sources:
        for name, part in source.parts().items():
            print(f"  source {name}: up to {part.count} problems")


def _print_summary(out: str) -> None:
    from tracemill.cli.summary import sample, summary
    from tracemill.store.manifest import read_manifest
    from tracemill.store.store import Store

    store = Store(out)
    manifest = read_manifest(store)
    if manifest is not None:
        print(summary(out, manifest))
        shown = sample(store)
        if shown:
            print(f"\nA sample, with its ledger:\n\n{shown}")


def status(arguments: Namespace) -> int:
    from tracemill.running.schema_version import open_build
    from tracemill.store.manifest import read_manifest, verify

    store = open_build(arguments.dir)
    commit = store.latest()
    if commit is None:
        raise UsageError(f"there is no build at {arguments.dir!r}; make one with `tracemill build CONFIG --out DIR`")
    print(f"{arguments.dir}: commit {commit.number}, phases done: {', '.join(commit.keys) or 'none'}")
    for name, table in sorted(commit.tables.items()):
        print(f"  {name:<12} {table.rows:>10,} rows {table.bytes:>14,} bytes in {len(table.parts)} parts")
    damaged = verify(store)
    for one in damaged:
        print(f"  damaged: {one.path} ({one.what}); phase {one.phase or 'manifest'}")
    manifest = read_manifest(store)
    if manifest is None:
        print("not finished: run `tracemill build` again with the same config")
    elif not damaged:
        print("every file is what was written, the card included")
    return 1 if damaged or manifest is None else 0


def inspect(arguments: Namespace) -> int:
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
    for problem, trace, verdicts in found[:_SHOWN]:
        print(ledger(problem, trace, verdicts, judges), end="\n\n")
    if len(found) > _SHOWN:
        print(f"and more that begin with {arguments.trace_id!r}; give more of the id to see one of them")
    return 0


def reverify(arguments: Namespace) -> int:
    from tracemill.cli.progress import Bars
    from tracemill.running import build as builds
    from tracemill.running.build_config import apply_overrides, build_config
    from tracemill.running.schema_version import open_build
    from tracemill.store.manifest import read_manifest

    store = open_build(arguments.dir)
    manifest = read_manifest(store)
    if manifest is None:
        raise UsageError(f"there is no finished build at {arguments.dir!r}; finish it with `tracemill build` first")
    data = manifest["config"]
    apply_overrides(data, arguments.overrides)
    config = build_config(data, f"{arguments.dir}/manifest.json")
    prepared = builds.prepare(config, arguments.dir)
    builds.require_traces(prepared)
    with Bars() as bars:
        builds.run(prepared, bars, phases=builds.JUDGING)
    _print_summary(arguments.dir)
    return 0


def audit(arguments: Namespace) -> int:
    from tracemill.settings.plugins import installed, matching
    from tracemill.verifiers.audit_pieces import audit as audited

    for name in arguments.verifiers:
        if name not in installed("verifier"):
            raise unknown("verifier", name, installed("verifier"))
    tasks = matching("task", arguments.domains)
    with _processes(arguments.processes) as mapped:
        if arguments.leakage:
            return _leakage(tasks, arguments.cases, arguments.seed, mapped)
        verifiers: NamedVerifiers = [(name, {}) for name in arguments.verifiers or sorted(installed("verifier"))]
        reports = audited(verifiers, tasks, arguments.cases or _CASES, arguments.seed, mapped=mapped)
    print("\n".join(_audit_lines(report) for report in reports))
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
    with ProcessPoolExecutor(count, get_context("spawn")) as pool:
        yield pool.map


def _leakage(tasks: list[str], problems: int | None, seed: int, mapped: Mapped) -> int:
    """Prints task by task, as they are measured; on as many `problems` as in a build where that is None. Returns 1 if
    the wording of any of them betrays wrong steps."""
    from tracemill.verifiers.audit_pieces import do_piece
    from tracemill.verifiers.leakage import LIMIT, leakage_pieces, leaks_of, problems_measured

    failed = False
    for name in tasks:
        pieces = leakage_pieces({name: problems or problems_measured(name)}, seed)
        leaks = leaks_of(pieces, mapped(do_piece, pieces), mapped)
        print("\n".join(_leak_lines(name, leaks, LIMIT)), flush=True)
        failed |= any(leak.part == "step" and leak.above(LIMIT) for leak in leaks)
    return 1 if failed else 0


def _leak_lines(task: str, leaks: list[Leak], limit: float) -> Iterator[str]:
    if not leaks:
        yield f"{task}: none of its problems had a mistake that can be made; try more --cases"
    for leak in leaks:
        name = task if leak.part == "step" else f"  the {leak.part} of whole solutions"
        name = f"  {leak.mistake}" if leak.mistake else name
        mark = f"  ABOVE {limit}" if leak.part == "step" and leak.above(limit) else ""
        yield f"{name}: AUC {leak.auc:.3f} [{leak.low:.3f}, {leak.high:.3f}], {leak.pairs} pairs{mark}"
        for tell in leak.tells:
            yield f"      {tell.words:<32} in {tell.wrong:4.0%} of wrong ones, {tell.right:4.0%} of right ones"


def _audit_lines(report: Any) -> str:
    from dataclasses import asdict

    from tracemill.publishing.figures.audit_rates import audit_entry, audit_line

    outcome = "passed" if report.passed else "FAILED"
    lines = [f"{audit_line(report.verifier, audit_entry(asdict(report)))}: {outcome}"]
    lines += [f"    {failure}" for failure in report.failures]
    return "\n".join(lines)


def tasks(arguments: Namespace) -> int:
    from tracemill.settings.plugins import load, matching
    from tracemill.sources.domains import problem_from
    from tracemill.tasks.task import Request

    for name in matching("task", arguments.patterns):
        domain = load("task", name)()
        print(f"{name} {domain.version}: {domain.summary}")
        print(f"  themes: {', '.join(domain.themes)}")
        print(f"  seeded mistakes: {', '.join(f'{m.name} ({m.kind})' for m in domain.misconceptions)}")
        request = Request(0, domain.themes[0], 0.2, (0.0, 1.0), random.Random(7))
        draft = domain.make(request)
        if draft is not None:
            problem = problem_from(draft, domain, request, 7, 0.0)
            solution = domain.solve(problem, random.Random(7))
            print("\n".join(_sample_lines(problem.prompt, solution)), end="\n\n")
    return 0


def _sample_lines(prompt: str, solution: Any) -> Iterator[str]:
    yield from ("    " + line for line in prompt.splitlines())
    yield "    ---"
    for line in solution.lines:
        yield from ("    " + text for text in line.text.splitlines())
    yield from ("    → " + text for text in solution.closing.splitlines())


def new(arguments: Namespace) -> int:
    from pathlib import Path

    from tracemill.cli.new_task import new_task

    written = new_task(arguments.name, Path.cwd())
    print("\n".join(f"wrote {path}" for path in written))
    if any(path.name == "pyproject.toml" for path in written):
        folder = written[0].parent.name
        print(f"next: pip install -e '{folder}[test]', then pytest {folder}")
    else:
        print(f"next: pytest {next(path for path in written if path.name.startswith('test_'))}")
    print(f"then: tracemill tasks {arguments.name}, and docs/add_a_task.md")
    return 0
