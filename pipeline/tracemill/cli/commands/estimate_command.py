"""`tracemill estimate DIR --model URL`: the pass rate of a model on a build's problems."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from collections.abc import Iterator
from dataclasses import asdict
from typing import TYPE_CHECKING

from tracemill.cli.command import Command, add_dir, add_json, positive
from tracemill.cli.output import show, show_json

if TYPE_CHECKING:
    from tracemill.running.student import BandRate, PassRates


def _add_arguments(parser: ArgumentParser) -> None:
    add_dir(parser)
    parser.add_argument(
        "--model", metavar="URL", required=True, help="where it is served, such as http://localhost:8000/v1"
    )
    parser.add_argument("--name", metavar="MODEL", help="which one, if the server has several")
    parser.add_argument(
        "--n",
        type=positive,
        default=8,
        metavar="N",
        help="samples of each problem (default: 8); those of earlier runs count too",
    )
    parser.add_argument("--problems", type=positive, metavar="N", help="of so many problems (default: of all)")
    parser.add_argument("--api-key-env", metavar="VARIABLE", help="the environment variable that holds the key")
    parser.add_argument(
        "--set",
        action="append",
        default=[],
        metavar="K=V",
        dest="overrides",
        help="how it is asked: teacher.sampling.temperature=0.7, teacher.sampling.max_tokens=2048, asking.in_flight=32",
    )
    add_json(parser, "the pass rates")


def _run(arguments: Namespace) -> int:
    from tracemill.asking.teachers.openai.served_models import served_model
    from tracemill.cli.progress import Bars
    from tracemill.running.student import Student, measure

    name = arguments.name or served_model(arguments.model, arguments.api_key_env)
    student = Student(
        arguments.model, name, arguments.n, arguments.problems, arguments.api_key_env, tuple(arguments.overrides)
    )
    with Bars(quiet=arguments.quiet) as bars:
        found = measure(arguments.dir, student, bars)
    if arguments.json:
        show_json(asdict(found))
    else:
        show("\n".join(_lines(found, arguments.dir)))
    return 0 if found.every else 1


def _lines(found: PassRates, place: str) -> Iterator[str]:
    if found.every is None:
        yield f"{found.model}: no sample was decided; failed calls are made again by the same command"
        return
    yield f"{found.model}, by task and difficulty; the interval (95%) is that of other problems like these"
    yield f"{'':<44} {'problems':>8} {'pass rate':>10} {'interval':>16} {'never':>6} {'some':>6} {'always':>6}"
    for one in found.by_band:
        yield _line(f"{one.task} {_band(one)}", one)
    yield _line("all", found.every)
    if found.undecided:
        yield f"{found.undecided:,} problems have no decided sample; failed calls are made again by the same command"
    student = found.folder.rpartition("/")[2]
    yield f"rows: {place.rstrip('/')}/{found.folder}"
    yield f"to build with this as the difficulty: --set difficulty.measured_by={student}"


def _band(one: BandRate) -> str:
    return "" if one.band is None else f"{one.band[0]:g}–{one.band[1]:g}"


def _line(name: str, one: BandRate) -> str:
    interval = f"{one.low:.1%} to {one.high:.1%}"
    return (
        f"{name:<44} {one.problems:>8,} {one.rate:>10.1%} {interval:>16} {one.never:>6,} {one.sometimes:>6,} "
        f"{one.always:>6,}"
    )


COMMAND = Command(
    "measure the pass rate of a model on a build's problems",
    "tracemill estimate builds/mine --model http://localhost:8000/v1 --n 8",
    _add_arguments,
    _run,
)
