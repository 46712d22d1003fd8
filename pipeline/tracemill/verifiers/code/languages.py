"""The languages that programs are judged in: a table, in which another language is one entry.

A language that is not installed is trouble of this machine, named with the package that brings it; it says nothing of a
program.
"""

from __future__ import annotations

import re
import shutil
from collections.abc import Mapping
from dataclasses import dataclass

from tracemill.settings.errors import TroubleError

_PATH = "/usr/local/bin:/usr/bin:/bin"
"""Where the cage finds what it executes."""


class LanguageMissingError(TroubleError):
    """The interpreter or compiler of a language is not on this machine."""


@dataclass(frozen=True, slots=True)
class ProgrammingLanguage:
    """`tags`: what stands behind the fence of its blocks, in lower case. `file`: what the program is called; `prepare`
    is executed once, before all runs, and may leave files; `command` runs the program. `needs`: the executable without
    which none of it works, empty for Python itself; `package`: what installs it. `looks`: what a whole reply that is a
    program contains; `defines`: a pattern with `{name}` of where a function is defined."""

    name: str
    tags: frozenset[str]
    file: str
    command: tuple[str, ...]
    looks: re.Pattern[str]
    defines: str
    prepare: tuple[str, ...] = ()
    needs: str = ""
    package: str = ""


LANGUAGES: Mapping[str, ProgrammingLanguage] = {
    one.name: one
    for one in (
        ProgrammingLanguage(
            "python",
            frozenset({"python", "python3", "py", "py3", "python-3"}),
            "main.py",
            ("python", "main.py"),
            re.compile(
                r"^(?:from \w|import \w|def \w|class \w|async def |for .*:|while .*:|if .*:|\w+ ?=|print\()", re.M
            ),
            r"^[ \t]*(?:async[ \t]+)?def[ \t]+{name}\b|^{name}[ \t]*(?::[^=\n]+)?=(?!=)|^class[ \t]+{name}\b",
        ),
        ProgrammingLanguage(
            "cpp",
            frozenset({"cpp", "c++", "cc", "cxx", "c++17", "c++20", "cpp17", "cpp20", "gnu++17"}),
            "main.cpp",
            ("./program",),
            re.compile(r"^#include\b|\bint main ?\(", re.M),
            r"\b{name}[ \t]*\(",
            prepare=("g++", "-O2", "-std=c++17", "-o", "program", "main.cpp"),
            needs="g++",
            package="apt-get install g++",
        ),
        ProgrammingLanguage(
            "javascript",
            frozenset({"javascript", "js", "node", "nodejs", "ecmascript", "mjs", "cjs"}),
            "main.js",
            ("node", "main.js"),
            re.compile(r"^(?:const |let |var |function |async function |console\.|require\(|'use strict')", re.M),
            r"\bfunction\*?[ \t]+{name}\b|\b(?:const|let|var)[ \t]+{name}[ \t]*="
            r"|^{name}[ \t]*=(?!=)|\bclass[ \t]+{name}\b",
            needs="node",
            package="apt-get install nodejs",
        ),
    )
}


def language_of(name: str) -> ProgrammingLanguage:
    """
    Raises:
        ValueError: there is no such language in the table.
    """
    if name not in LANGUAGES:
        raise ValueError(f"no language {name!r}; there are: {', '.join(LANGUAGES)}")
    return LANGUAGES[name]


def require_installed(language: ProgrammingLanguage) -> None:
    """
    Raises:
        LanguageMissingError: what it needs is not on this machine.
    """
    if language.needs and shutil.which(language.needs, path=_PATH) is None:
        raise LanguageMissingError(
            f"{language.name} programs need {language.needs!r}, which is not installed; {language.package}"
        )
