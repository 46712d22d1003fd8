"""`tracemill judge`: verdicts on responses from anywhere, without a build."""

from __future__ import annotations

import os
from argparse import ArgumentParser, Namespace
from collections import Counter
from collections.abc import Iterator
from typing import TYPE_CHECKING

from tracemill.cli.command import Command, positive
from tracemill.cli.output import note, show, show_json_line

if TYPE_CHECKING:
    from tracemill.running.judge_lines import JudgedLine
    from tracemill.sources.lines import SourceLine

_MARKS = {"verified": "✓", "refuted": "✗", "unknown": "?", "error": "!"}


def _add_arguments(parser: ArgumentParser) -> None:
    parser.add_argument(
        "file",
        metavar="FILE",
        help="JSON lines (also gzip, zstd or Parquet) with id, verifier, kind, spec, gold, prompt and response; `-` is "
        "standard input",
    )
    parser.add_argument(
        "--verifier", metavar="NAME", default="answer", help="for lines that name none (default: answer)"
    )
    parser.add_argument("--json", action="store_true", help="a JSON line out for each line in")
    parser.add_argument("--processes", type=positive, metavar="N", help="to judge in (default: one for each CPU)")


def _run(arguments: Namespace) -> int:
    import asyncio

    from tracemill.running.judge_lines import judge_lines
    from tracemill.settings.errors import unknown
    from tracemill.settings.plugins import installed

    if arguments.verifier not in installed("verifier"):
        raise unknown("verifier", arguments.verifier, installed("verifier"))
    counts: Counter[str] = Counter()

    def put(judged: JudgedLine) -> None:
        counts[judged.verdict.outcome if judged.verdict else "not read"] += 1
        if arguments.json:
            show_json_line(judged.as_json())
        else:
            show(_line(judged))

    processes = arguments.processes or len(os.sched_getaffinity(0))
    asyncio.run(judge_lines(_lines(arguments.file), arguments.verifier, processes, put))
    found = ", ".join(f"{count:,} {outcome}" for outcome, count in sorted(counts.items()))
    if not arguments.quiet:
        note(f"{counts.total():,} lines: {found}" if found else "there were no lines")
    return 0 if counts.total() > counts["not read"] else 1


def _lines(path: str) -> Iterator[SourceLine]:
    from tracemill.sources.input_file import InputFile
    from tracemill.sources.lines import decoded

    for number, line in enumerate(InputFile(path, "judge").passing_lines(), 1):
        yield number, *decoded(line, first=number == 1)


def _line(judged: JudgedLine) -> str:
    """One line for a person."""
    name = f"line {judged.number}" if judged.id is None else str(judged.id)
    if judged.verdict is None:
        return _in_one_line(f"! {name}: not read: {judged.error}")
    verdict = judged.verdict
    strength = f" ({verdict.strength})" if verdict.strength else ""
    return _in_one_line(f"{_MARKS[verdict.outcome]} {name}: {verdict.outcome}{strength}: {verdict.reason}")


def _in_one_line(text: str) -> str:
    return text.replace("\n", "\\n")


COMMAND = Command(
    "judge responses, one JSON line each, without a build",
    "tracemill judge answers.jsonl --json",
    _add_arguments,
    _run,
)
