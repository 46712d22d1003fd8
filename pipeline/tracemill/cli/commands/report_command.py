"""`tracemill report DIR`: one page that shows a build."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from pathlib import Path

from tracemill.cli.command import Command, add_dir, add_json
from tracemill.cli.output import note, show, show_json


def _add_arguments(parser: ArgumentParser) -> None:
    add_dir(parser)
    parser.add_argument(
        "-o",
        "--output",
        metavar="FILE",
        help="where the page goes (default: report.html in the build; here, for one that is not on this machine)",
    )
    parser.add_argument("--open", action="store_true", help="show it in the browser")
    add_json(parser, "where the page is, its bytes, and whether the build is `finished`")


def _run(arguments: Namespace) -> int:
    from tracemill.running.report import report_of

    made = report_of(arguments.dir)
    path = _place(arguments)
    _write(path, made.html)
    if arguments.json:
        show_json({"report": str(path), "bytes": len(made.html), "finished": made.finished})
    else:
        show(f"{path}  ({len(made.html):,} bytes)" + ("" if made.finished else "; the build is not finished"))
    if arguments.open:
        _open(path)
    return 0


def _place(arguments: Namespace) -> Path:
    from tracemill.running.build import REPORT
    from tracemill.store.opening import open_files

    if arguments.output is not None:
        return Path(arguments.output)
    return (open_files(arguments.dir).root or Path()) / REPORT


def _write(path: Path, data: bytes) -> None:
    """Writes the file whole: a browser that reloads it never sees half.

    Raises:
        UsageError: it cannot be written.
    """
    import os

    from tracemill.settings.errors import UsageError

    beside = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        try:
            beside.write_bytes(data)
            beside.replace(path)
        finally:
            beside.unlink(missing_ok=True)
    except OSError as exc:
        raise UsageError(f"cannot write {path}: {exc.strerror}; name another place by -o FILE") from exc


def _open(path: Path) -> None:
    import webbrowser

    if not webbrowser.open(path.resolve().as_uri()):
        note(f"no browser was found; open {path} in one")


COMMAND = Command(
    "write one page that shows a build, finished or not: figures, and a sample of its traces",
    "tracemill report builds/mine --open",
    _add_arguments,
    _run,
)
