"""Finds the faults that can be put into the packages, and what fails with each; writes `faults.jsonl`.

    python -m tracemill.tasks.repair.cataloguing

A fault is a mutant that changes one line and that somebody might write. It is kept where two cases or more give
something else, most do not, and none hangs. All runs are in the sandbox. The catalogue is part of the package, so that
making a problem runs nothing; a test makes a part of it again.
"""

from __future__ import annotations

import ast
import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from functools import cache
from pathlib import Path

from tracemill.records import fingerprint
from tracemill.software.evaluating import CodeQuestion, answered
from tracemill.software.line_changes import LineChange, line_change
from tracemill.software.program_mutants import mutants_of
from tracemill.tasks.repair.sample_packages import SampleModule, SamplePackage, sample_package, themes

CATALOGUE = Path(__file__).with_name("faults.jsonl")
_KINDS = frozenset({"operator", "comparison", "off_by_one", "arguments", "condition"})
_FEWEST = 2
_SHARE = 0.25
"""At most this share of all cases fails."""
_LONGEST = 120


@dataclass(frozen=True, slots=True)
class SeededFault:
    """Line `number` of a module, and what stands there wrongly. `fails`: of each case that fails then its module, its
    number among that module's cases, and what comes, such as `60` or `raises ValueError`."""

    theme: str
    module: str
    function: str
    number: int
    line: str
    kind: str
    fails: tuple[tuple[str, int, str], ...]

    @property
    def id(self) -> str:
        return fingerprint(self.theme, self.module, self.number, self.line, digits=12)


@cache
def catalogue() -> tuple[SeededFault, ...]:
    found = []
    for line in CATALOGUE.read_text(encoding="utf-8").splitlines():
        fields = json.loads(line)
        fails = tuple((module, number, came) for module, number, came in fields.pop("fails"))
        found.append(SeededFault(**fields, fails=fails))
    return tuple(found)


def faults_in(package: SamplePackage, module: SampleModule) -> Iterator[SeededFault]:
    """The faults of a module that are kept, in the order of its lines."""
    total = sum(len(one.cases) for one in package.modules)
    for change, kind in sorted(_changes_of(module.source).items()):
        function = _function_at(module.source, change.number)
        fails = _failing(package, module, change) if function else None
        if fails is not None and _FEWEST <= len(fails) <= _SHARE * total:
            yield SeededFault(package.theme, module.name, function, *change, kind, tuple(fails))


def _changes_of(source: str) -> dict[LineChange, str]:
    """The changes of one line that somebody might have made, each with its kind."""
    found: dict[LineChange, str] = {}
    for mutant in mutants_of(source):
        change = line_change(source, mutant) if mutant.kind in _KINDS else None
        if change is not None and _is_human(source, change):
            found[change] = min(mutant.kind, found.get(change, mutant.kind))
    return found


def _is_human(source: str, change: LineChange) -> bool:
    """Whether somebody might have written the line: no condition that is twice the same, and nothing negated."""
    before = source.split("\n")[change.number - 1]
    words = change.line.split()
    twice = any(words[at - 1] == words[at + 1] for at, word in enumerate(words[:-1]) if at and word in ("and", "or"))
    return not twice and change.line.count("not ") <= before.count("not ") and "False" not in change.line


def _failing(package: SamplePackage, module: SampleModule, change: LineChange) -> list[tuple[str, int, str]] | None:
    """The cases that give something else; None where one gives nothing that can be compared."""
    files = {**package.files(), package.path(module.name): changed(module.source, change)}
    asked = [(one.name, number, case) for one in package.modules for number, case in enumerate(one.cases)]
    questions = [CodeQuestion("value_of", (f"{package.name}.{name}", case.call)) for name, _, case in asked]
    failing = []
    for (name, number, case), found in zip(asked, answered(files, questions).found, strict=True):
        if found is None or len(found[1]) > _LONGEST:
            return None
        came = f"raises {found[1]}" if found[0] == "raised" else found[1]
        if came != case.shown:
            failing.append((name, number, came))
    return failing


def changed(source: str, change: LineChange) -> str:
    lines = source.split("\n")
    lines[change.number - 1] = change.line
    return "\n".join(lines)


def _function_at(source: str, number: int) -> str:
    """The function that a line belongs to; empty for one outside of all."""
    nodes = [node for node in ast.parse(source).body if isinstance(node, ast.FunctionDef)]
    return next((node.name for node in nodes if node.lineno <= number <= (node.end_lineno or 0)), "")


def main() -> None:
    packages = [sample_package(theme) for theme in themes()]
    found = [fault for package in packages for module in package.modules for fault in faults_in(package, module)]
    text = "".join(f"{json.dumps(asdict(fault), ensure_ascii=False)}\n" for fault in found)
    CATALOGUE.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
