"""What a broker is started with: a policy, and where the interpreter and its packages lie."""

from __future__ import annotations

import json
import os
import sys
import sysconfig
from collections.abc import Iterator
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from tracemill.sandbox.cage.cold import bubblewrap
from tracemill.sandbox.cage.defences import OF_LEVEL
from tracemill.sandbox.jobs import LEVELS, Level

PRELOADED = ("numpy", "sympy", "networkx")
"""Modules that a slot of the kind `preloaded` has ready, where they are installed."""
IDLE_SECONDS = 10.0
"""How long a broker without clients waits for the next."""


@dataclass(frozen=True)
class BrokerSettings:
    """`without`: defences that are left out, for the tests that show what each is for; a configuration has no such
    field."""

    highest: Level
    slots: int
    way: str
    interpreter: str
    folders: tuple[str, ...]
    packages: tuple[str, ...]
    preload: tuple[str, ...]
    without: tuple[str, ...] = ()
    idle_seconds: float = IDLE_SECONDS

    @classmethod
    def here(cls, highest: Level = "L3", slots: int | None = None, way: str = "warm") -> BrokerSettings:
        """For the interpreter and the packages of this process."""
        interpreter = os.path.realpath(getattr(sys, "_base_executable", None) or sys.executable)
        packages = sorted({os.path.realpath(sysconfig.get_path(name)) for name in ("purelib", "platlib")})
        folders = dict.fromkeys([os.path.realpath(sys.base_prefix), str(Path(interpreter).parents[1]), *packages])
        preload = [name for name in PRELOADED if any(Path(folder, name).is_dir() for folder in packages)]
        return cls(
            highest,
            slots or len(os.sched_getaffinity(0)),
            way,
            interpreter,
            tuple(folder for folder in folders if folder not in ("/", "/usr", "/usr/local")),
            tuple(packages),
            tuple(preload),
        )

    def to_json(self) -> str:
        return json.dumps(asdict(self), sort_keys=True)

    @classmethod
    def of_json(cls, text: str) -> BrokerSettings:
        fields: dict[str, Any] = json.loads(text)
        read: dict[str, Any] = {
            name: tuple(value) if isinstance(value, list) else value for name, value in fields.items()
        }
        return cls(**read)

    def leaving_out(self, *defences: str) -> BrokerSettings:
        return replace(self, without=tuple(sorted(defences)))

    def ways(self) -> Iterator[tuple[Level, str]]:
        """What is tried, the tightest first: each level by warm slots and, where those cannot be made, by bubblewrap.
        The last of them needs nothing of the machine."""
        for level in LEVELS[LEVELS.index(self.highest) :]:
            if self.way == "warm" or level == "L0":
                yield level, "warm"
            if level in ("L3", "L2") and bubblewrap():
                yield level, "cold"

    def defences(self, level: Level) -> frozenset[str]:
        return OF_LEVEL[level] - set(self.without)
