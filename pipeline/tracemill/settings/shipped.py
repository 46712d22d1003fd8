"""The configs, curricula and worked examples that come with the package, by name: `quickstart` is
`configs/quickstart.yaml`."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from tracemill.settings.errors import unknown

_PACKAGE = Path(__file__).parents[1]
_FILES = {"config": "configs/*.yaml", "curriculum": "curricula/*.yaml", "examples": "configs/examples/*.jsonl"}
_ENDINGS = (".yaml", ".yml", ".jsonl")

ShippedKind = Literal["config", "curriculum", "examples"]


def path_of(kind: ShippedKind, name: str) -> str:
    """Where such a file lies: a bare name is a shipped one, everything else is a path and stays as it is.

    >>> path_of("config", "mine/build.yaml")
    'mine/build.yaml'

    Raises:
        UsageError: a bare name that is not shipped, with the choices.
    """
    if "/" in name or name.endswith(_ENDINGS):
        return name
    there = {path.stem: str(path) for path in shipped(kind)}
    if name not in there:
        raise unknown(kind, name, there, "a path such as 'mine.yaml' also works")
    return there[name]


def shipped(kind: ShippedKind) -> list[Path]:
    """The files that come with the package, sorted by name."""
    return sorted(_PACKAGE.glob(_FILES[kind]))
