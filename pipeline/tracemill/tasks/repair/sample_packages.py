"""The packages in `packages/`, as files, commits and test files. A theme of the task is one of them."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from tracemill.records import Payload, fingerprint

_FOLDER = Path(__file__).with_name("packages")
_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_CASE = re.compile(r"(?P<call>(?P<function>\w+)\(.*\)) (?P<how>==|raises) (?P<expected>.+)")
_TOGETHER = 2
"""Asserts in one test function."""


@dataclass(frozen=True, slots=True)
class SampleCase:
    """A call of a module's function, with the repr of what it gives, or the type of what it raises."""

    function: str
    call: str
    expected: str
    raises: bool

    @property
    def shown(self) -> str:
        """What is expected, as catalogues and reports write it: `510`, or `raises ValueError`."""
        return f"raises {self.expected}" if self.raises else self.expected


@dataclass(frozen=True, slots=True)
class SampleModule:
    name: str
    message: str
    source: str
    cases: tuple[SampleCase, ...]


@dataclass(frozen=True, slots=True)
class SamplePackage:
    """`theme` is the file's name, `name` what is imported, `about` what it does, as the end of a sentence."""

    theme: str
    name: str
    about: str
    modules: tuple[SampleModule, ...]

    @property
    def digest(self) -> str:
        return fingerprint(self.name, self.about, [[one.name, one.message, one.source] for one in self.modules], [
            [case.call, case.shown] for one in self.modules for case in one.cases
        ])  # fmt: skip

    def module(self, name: str) -> SampleModule:
        return next(one for one in self.modules if one.name == name)

    def path(self, module: str) -> str:
        return f"{self.name}/{module}.py"

    def files(self) -> dict[str, str]:
        """The package without tests."""
        sources = {self.path(one.name): one.source for one in self.modules}
        return {"README.md": self._readme(), f"{self.name}/__init__.py": f'"""{self._sentence()}"""\n', **sources}

    def commits(self, faulty: Mapping[str, str], shown: Mapping[str, Sequence[SampleCase]]) -> list[Payload]:
        """The history: each module with its tests. `faulty`: sources that stand in the place of the package's own;
        `shown`: by module, the cases that its tests hold."""
        found: list[dict[str, Any]] = []
        for module in self.modules:
            path = self.path(module.name)
            files = {path: faulty.get(path, module.source)}
            if shown[module.name]:
                files[f"tests/test_{module.name}.py"] = self.test_file(module.name, shown[module.name])
            found.append({"message": module.message, "files": files})
        start = {path: text for path, text in self.files().items() if path.endswith(("README.md", "__init__.py"))}
        found[0]["files"] = {**start, **found[0]["files"]}
        return list(found)

    def test_file(self, module: str, cases: Iterable[SampleCase]) -> str:
        """A file of tests with these cases, two at most in each function."""
        by_function: dict[str, list[SampleCase]] = {}
        for case in cases:
            by_function.setdefault(case.function, []).append(case)
        raises = any(case.raises for some in by_function.values() for case in some)
        imports = ["import pytest", ""] if raises else []
        lines = [*imports, f"from {self.name}.{module} import {', '.join(sorted(by_function))}"]
        for function, some in by_function.items():
            for number, start in enumerate(range(0, len(some), _TOGETHER), 1):
                name = f"test_{function}" if number == 1 else f"test_{function}_{number}"
                lines += ["", "", f"def {name}():"]
                lines += [line for case in some[start : start + _TOGETHER] for line in _assertion(case)]
        return "\n".join(lines) + "\n"

    def _readme(self) -> str:
        modules = "\n".join(f"- `{self.name}.{one.name}`: {_docstring(one.source)}" for one in self.modules)
        return f"# {self.name}\n\n{self._sentence()}\n\n{modules}\n"

    def _sentence(self) -> str:
        return f"{self.name} {self.about}."


def _docstring(source: str) -> str:
    return (ast.get_docstring(ast.parse(source)) or "").split("\n")[0]


def _assertion(case: SampleCase) -> list[str]:
    if case.raises:
        return [f"    with pytest.raises({case.expected}):", f"        {case.call}"]
    if case.expected in ("None", "True", "False"):
        return [f"    assert {case.call} is {case.expected}"]
    return [f"    assert {case.call} == {case.expected}"]


def themes() -> tuple[str, ...]:
    return tuple(sorted(path.stem for path in _FOLDER.glob("*.yaml")))


@cache
def sample_package(theme: str) -> SamplePackage:
    """
    Raises:
        ValueError: a case in its file is not of the form `call == value` or `call raises Error`.
    """
    data = yaml.load((_FOLDER / f"{theme}.yaml").read_text(encoding="utf-8"), Loader=_LOADER)
    modules = tuple(
        SampleModule(name, one["message"], one["source"], tuple(map(_case, one["cases"].splitlines())))
        for name, one in data["modules"].items()
    )
    return SamplePackage(theme, data["package"], data["about"], modules)


def _case(line: str) -> SampleCase:
    found = _CASE.fullmatch(line)
    if found is None:
        raise ValueError(f"{line!r} is no case of a test; write `call == value` or `call raises Error`")
    return SampleCase(found["function"], found["call"], found["expected"], found["how"] == "raises")
