"""`tracemill reverify DIR`: judges the traces again where a verifier is new, without a teacher call."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from collections.abc import Sequence
from typing import TYPE_CHECKING

from tracemill.cli.command import Command, add_dir, add_json, add_set
from tracemill.cli.output import note
from tracemill.settings.errors import UsageError

if TYPE_CHECKING:
    from tracemill.running.phases.phase import Build


def _add_arguments(parser: ArgumentParser) -> None:
    add_dir(parser)
    add_set(parser)
    add_json(parser, "what the finished build says of itself")


def _run(arguments: Namespace) -> int:
    from tracemill.cli.progress import Bars
    from tracemill.cli.summary import print_summary
    from tracemill.running import build as builds

    prepared = _prepared(arguments.dir, arguments.overrides)
    with Bars(quiet=arguments.quiet) as bars:
        builds.run(prepared, bars, phases=builds.JUDGING)
    print_summary(arguments.dir, arguments)
    return 0


def _prepared(folder: str, overrides: Sequence[str]) -> Build:
    """The build under the config of its latest run; where its traces are not of that, under that of its manifest."""
    from tracemill.running import build as builds
    from tracemill.running.build_config import config_of
    from tracemill.running.schema_version import open_build
    from tracemill.settings.yaml_files import Origin, Origins, YamlFile

    refused: UsageError | None = None
    for data in builds.recorded_configs(open_build(folder)):
        try:
            prepared = builds.prepare(config_of(YamlFile(folder, data, Origins(Origin(folder))), overrides), folder)
            builds.require_traces(prepared)
        except UsageError as exc:
            refused = refused or exc
            continue
        if refused:
            note(f"the latest run's config does not fit the traces ({refused}); taking that of the finished dataset")
        return prepared
    raise refused or UsageError(f"there is no build at {folder!r}; make one with `tracemill build CONFIG --out DIR`")


COMMAND = Command(
    "judge the traces again where a verifier is new",
    "tracemill reverify builds/mine",
    _add_arguments,
    _run,
)
