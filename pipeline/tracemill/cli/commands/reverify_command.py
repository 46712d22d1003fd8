"""`tracemill reverify DIR`: judges the traces again where a verifier is new, without a teacher call."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace

from tracemill.cli.command import Command, add_dir, add_json, add_set
from tracemill.settings.errors import UsageError


def _add_arguments(parser: ArgumentParser) -> None:
    add_dir(parser)
    add_set(parser)
    add_json(parser, "what the finished build says of itself")


def _run(arguments: Namespace) -> int:
    from tracemill.cli.progress import Bars
    from tracemill.cli.summary import print_summary
    from tracemill.running import build as builds
    from tracemill.running.build_config import config_of
    from tracemill.running.schema_version import open_build
    from tracemill.settings.yaml_files import Origin, Origins, YamlFile

    data = builds.recorded_config(open_build(arguments.dir))
    if data is None:
        raise UsageError(f"there is no build at {arguments.dir!r}; make one with `tracemill build CONFIG --out DIR`")
    config = config_of(YamlFile(arguments.dir, data, Origins(Origin(arguments.dir))), arguments.overrides)
    prepared = builds.prepare(config, arguments.dir)
    builds.require_traces(prepared)
    with Bars(quiet=arguments.quiet) as bars:
        builds.run(prepared, bars, phases=builds.JUDGING)
    print_summary(arguments.dir, arguments)
    return 0


COMMAND = Command(
    "judge the traces again where a verifier is new",
    "tracemill reverify builds/mine",
    _add_arguments,
    _run,
)
