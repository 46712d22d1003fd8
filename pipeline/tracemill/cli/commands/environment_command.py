"""`tracemill environment DIR --kind KIND`: an installable environment made of a dataset."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace

from tracemill.cli.command import Command, add_dir, add_json
from tracemill.cli.output import note, show, show_json

_KINDS = ("verifiers", "gym", "openenv")


def _add_arguments(parser: ArgumentParser) -> None:
    add_dir(parser)
    parser.add_argument("--kind", required=True, choices=_KINDS, help="the library that it is for")
    parser.add_argument(
        "--out", metavar="PKG", help="the package's folder, whose name is the package's (default: <build>-<kind>)"
    )
    add_json(parser, "where the package is and how many questions it has")


def _run(arguments: Namespace) -> int:
    from pathlib import Path

    from tracemill.cli.new_files import check_free, write_new
    from tracemill.publishing.environments.environment_package import notices_of, package_files
    from tracemill.publishing.environments.environment_rows import rows_of
    from tracemill.running.phases.write_dataset import WriteDataset
    from tracemill.running.schema_version import open_build
    from tracemill.settings.errors import UsageError

    store = open_build(arguments.dir)
    files = store.files
    build = arguments.dir.rstrip("/").rpartition("/")[2]
    out = Path(arguments.out or f"{build.lower().replace('_', '-')}-{arguments.kind}")
    check_free(out)
    commit = store.latest()
    dataset = commit.keys.get(WriteDataset.name) if commit else None
    if dataset is None or not files.exists("manifest.json"):
        raise UsageError(f"the build at {arguments.dir!r} is not there or not finished; run tracemill build first")
    rows = rows_of(files, dataset["judges"])
    made = package_files(arguments.kind, out.name.lower().replace("_", "-"), build, rows, notices_of(files))
    write_new({out / path: data for path, data in made.items()})
    if rows.with_tools and not arguments.quiet:
        note(f"{rows.with_tools:,} questions with tools were left out: these environments have none")
    if arguments.json:
        show_json({"package": str(out), "train": len(rows.train), "bench": len(rows.bench)})
        return 0
    show(f"wrote {out}: {len(rows.train):,} questions to train on, {len(rows.bench):,} held out")
    show(f"next: pip install {out}, and its README.md")
    return 0


COMMAND = Command(
    "write an installable environment for reinforcement learning: a dataset's questions with our rewards",
    "tracemill environment builds/quickstart --kind verifiers",
    _add_arguments,
    _run,
)
