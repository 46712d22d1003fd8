"""`tracemill init [NAME]`: writes a config with comments, a curriculum and a small JSONL, which build at once."""

from __future__ import annotations

import re
from argparse import ArgumentParser, Namespace

from tracemill.cli.command import Command
from tracemill.cli.output import show
from tracemill.settings.errors import UsageError

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,79}")


def _add_arguments(parser: ArgumentParser) -> None:
    parser.add_argument(
        "name", nargs="?", default="mine", metavar="NAME", help="of the build and of the folder here (default: mine)"
    )


def _run(arguments: Namespace) -> int:
    import json
    from pathlib import Path

    from tracemill.cli import starter
    from tracemill.cli.new_files import write_new
    from tracemill.running.config_schema import config_schema

    name = arguments.name
    if not _NAME.fullmatch(name):
        raise UsageError(f"no build can be named {name!r}; write letters, digits, '.', '_' and '-', such as mine")
    folder, templates = Path.cwd() / name, Path(starter.__path__[0])
    files = {
        folder / path.name: path.read_text(encoding="utf-8").replace("NAME", name)
        for path in sorted(templates.iterdir())
        if path.suffix in (".yaml", ".jsonl")
    }
    files[folder / "config.schema.json"] = json.dumps(config_schema(), indent=1) + "\n"
    write_new(files)
    show("\n".join(f"wrote {name}/{path.name}" for path in files))
    show(f"next: tracemill preview {name}/config.yaml, then tracemill build {name}/config.yaml")
    return 0


COMMAND = Command(
    "write a config with comments and a small JSONL to edit, which build at once",
    "tracemill init my_problems",
    _add_arguments,
    _run,
)
