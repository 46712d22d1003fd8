"""Writes the catalogue: which modules of which packages give how many calls.

    python -m tracemill.tasks.library.catalogue                  all packages that the catalogue has
    python -m tracemill.tasks.library.catalogue toolz boltons    these, which may be new
    python -m tracemill.tasks.library.catalogue --count          counts what it has, by package, with the licences

Every module of a package is read, but for tests and what is vendored; those that give no call are left out. With the
versions of constraints.txt the catalogue is exact.
"""

from __future__ import annotations

import logging
import re
import sys
import sysconfig
from collections import Counter
from collections.abc import Iterator
from importlib.metadata import files
from itertools import groupby
from pathlib import Path
from typing import Any

import yaml

from tracemill.claims.execution.calls import NotFoundError, calls, functions
from tracemill.claims.execution.made_calls import made_call
from tracemill.claims.execution.packages import CATALOGUE, MODULES, PACKAGES, STDLIB, licence
from tracemill.sandbox.limited import LimitedProcess
from tracemill.tasks.library.pool import HARVEST_SECONDS, MEMORY_BYTES, harvested

_PASSED_OVER = re.compile(
    r"_*tests?|test_.*|.*_tests?|testing|_?vendor(ed)?|vendored|__main__|conftest|bench.*|docs?|examples?|"
    r"idlelib|typing|turtle.*|antigravity|this|site-packages|\.\.|.*-.*"
)
"""Parts of paths: tests, what is vendored, what does something when it is imported, and `typing`, some of which
`typing_extensions` changes when that is imported."""
_HEAD = """# Of each package the modules whose functions become problems. Each number is a call: the steps that it
# takes, and what can be asked of it beside its result (i: an input, f: a fault, p: a property). A semicolon ends a
# function. Written by `python -m tracemill.tasks.library.catalogue` with the versions of constraints.txt.
"""


def main(names: list[str]) -> None:
    if names == ["--count"]:
        print("\n".join(counted()))
        return
    for package in names or list(CATALOGUE):
        content = yaml.safe_load(MODULES.read_text("utf-8"))
        content[package] = dict(_catalogued(package))
        if not content[package]:
            del content[package]
        MODULES.write_text(_HEAD + yaml.safe_dump(content, sort_keys=True, width=10**6), "utf-8")


def counted() -> Iterator[str]:
    """Lines: functions, calls, and how many of these an input, a fault and a property can be asked of."""
    total = Counter[str]()
    yield f"{'package':<20} {'licence':<24} functions  calls inputs faults properties"
    for package, modules in CATALOGUE.items():
        text = "; ".join(str(line) for line in modules.values())
        found = Counter(functions=text.count(";") + 1, calls=len(text.replace(";", " ").split()))
        found.update(letter for letter in text if letter in "ifp")
        total.update(found)
        yield _row(package, licence(package) or "not installed", found)
    yield _row(f"{len(CATALOGUE)} packages", "", total)


def _row(name: str, terms: str, found: Counter[str]) -> str:
    counts = f"{found['functions']:9} {found['calls']:6} {found['i']:6} {found['f']:6} {found['p']:10}"
    return f"{name:<20} {terms:<24} {counts}"


def _catalogued(package: str) -> Iterator[tuple[str, str]]:
    modules = sorted(_modules(package))
    PACKAGES[package] = tuple(modules)
    process = LimitedProcess(f"{_name()}:promising", seconds=HARVEST_SECONDS, memory_bytes=MEMORY_BYTES)
    for module in modules:
        try:
            if not process.call({"package": package, "module": module})["promising"]:
                continue
            rows = harvested(package, module)
        except Exception as exc:  # noqa: BLE001  a module that cannot be imported here is none that problems are made of
            print(f"{module}: {exc}", file=sys.stderr)
            continue
        if rows:
            yield module, _line(rows)
            print(module, _line(rows), flush=True)
    process.close()


def _line(rows: list[dict[str, Any]]) -> str:
    """The calls of a module, functions apart."""
    functions = groupby(rows, key=lambda row: row["names"]["qualname"])
    return "; ".join(" ".join(map(_call, calls)) for _, calls in functions)


def _call(row: dict[str, Any]) -> str:
    return str(row["steps"]) + "".join(sorted(ask[0] for ask in row["asks"]))


def promising(request: dict[str, Any]) -> dict[str, Any]:
    """Target: {"package", "module"} → {"promising": whether some function of it could be called}."""
    try:
        found = any(
            made_call(request["package"], function, 0) or next(calls(request["package"], function), None)
            for function in functions(request["module"])
        )
    except (NotFoundError, SystemExit):
        found = False
    return {"promising": found}


def _modules(package: str) -> set[str]:
    if package == STDLIB:
        root = Path(sysconfig.get_path("stdlib"))
        paths = [path.relative_to(root) for path in [*root.glob("*.py"), *root.glob("*/*.py")]]
        paths = [path for path in paths if len(path.parts) == 1 or path.parts[0] in sys.stdlib_module_names]
    else:
        paths = [Path(str(path)) for path in files(package) or [] if path.suffix == ".py"]
    return {
        ".".join(path.with_suffix("").parts).removesuffix(".__init__")
        for path in paths
        if not any(map(_PASSED_OVER.fullmatch, path.with_suffix("").parts))
    }


def _name() -> str:
    return "tracemill.tasks.library.catalogue"


if __name__ == "__main__":
    logging.basicConfig(level=logging.ERROR)
    main(sys.argv[1:])
