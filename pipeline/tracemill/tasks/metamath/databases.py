"""The databases that are installed, and how to get them."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterable
from functools import cache
from pathlib import Path

from tracemill.metamath.database_reader import read_database
from tracemill.metamath.keywords import MetamathError
from tracemill.metamath.logical_steps import Logic
from tracemill.settings.errors import TracemillError

NAMES = ("set.mm", "iset.mm", "nf.mm", "ql.mm")
"""Classical set theory, the same by intuitionistic logic, by New Foundations, and quantum logic."""
VARIABLE = "TRACEMILL_METAMATH"
_DEBIAN = Path("/usr/share/metamath/databases")


def folder() -> Path:
    return Path(os.environ.get(VARIABLE) or _DEBIAN)


def present() -> list[str]:
    return [name for name in NAMES if (folder() / name).is_file()]


def missing() -> str | None:
    """How to get the databases, where there is none."""
    if present():
        return None
    return (
        f"needs Metamath's databases, and {folder()} has none of {', '.join(NAMES)}; run `apt-get install "
        f"metamath-databases` on Debian, or clone https://github.com/metamath/set.mm and set {VARIABLE} to its folder"
    )


@cache
def provenance() -> str:
    """The databases by name and digest: what they hold is part of what the problems are."""
    return ".".join(f"{name.removesuffix('.mm')}{digest(name)}" for name in present())


@cache
def digest(name: str) -> str:
    with (folder() / name).open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()[:8]


@cache
def logic_of(name: str) -> Logic:
    """A database, read once in a process.

    Raises:
        TracemillError: it is not there, or is none.
    """
    try:
        return Logic(read_database(folder() / name))
    except MetamathError as exc:
        raise TracemillError(f"the Metamath database cannot be read: {exc}") from exc


def digests(names: Iterable[str]) -> list[str]:
    return [digest(name) for name in names]
