"""`tracemill validate CONFIG`: checks all that can be checked without running anything, and says all that is wrong."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from typing import TYPE_CHECKING, Any

from tracemill.cli.command import Command, add_config, add_json, add_out
from tracemill.cli.output import show, show_json
from tracemill.settings.errors import UsageError

if TYPE_CHECKING:
    from tracemill.running.phases.phase import Build


def _add_arguments(parser: ArgumentParser) -> None:
    add_config(parser)
    add_out(parser)
    add_json(parser, "what is wrong: `errors`, each with `file`, `line`, `key` and `message`")


def _run(arguments: Namespace) -> int:
    from tracemill.running.build import prepare
    from tracemill.running.build_config import read_config
    from tracemill.settings.yaml_models import WrongFileError

    try:
        config = read_config(arguments.config, arguments.overrides)
        prepared = prepare(config, f"builds/{config.name}" if arguments.out is None else arguments.out)
    except UsageError as exc:
        if not arguments.json:
            raise
        wrong = [_entry(one) for one in exc.wrong] if isinstance(exc, WrongFileError) else [_whole(exc)]
        show_json({"config": arguments.config, "valid": False, "errors": wrong})
        return 2
    if arguments.json:
        show_json({"config": arguments.config, "valid": True, "errors": []})
    else:
        show(_found(arguments.config, prepared))
    return 0


def _entry(one: Any) -> dict[str, Any]:
    return {"file": one.origin.source, "line": one.origin.line, "key": one.key, "message": one.text}


def _whole(exc: UsageError) -> dict[str, Any]:
    return {"file": None, "line": None, "key": "", "message": str(exc)}


def _found(name: str, prepared: Build) -> str:
    problems = sum(part.count for source in prepared.sources for part in source.parts().values())
    views, stages = ", ".join(prepared.config.view_names), ", ".join(stage.name for stage in prepared.curriculum.stages)
    return (
        f"{name}: nothing wrong was found. Up to {problems:,} problems for the views {views}, in the stages {stages}.\n"
        "Not looked at: whether the executor has the CPUs, and the teacher answers; a build says so as it starts."
    )


COMMAND = Command(
    "check a config, its sources and its curriculum, and say all that is wrong",
    "tracemill validate quickstart",
    _add_arguments,
    _run,
)
