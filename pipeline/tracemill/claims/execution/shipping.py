"""Functions of this package that run in the sandbox, where it cannot be imported: they go along as an archive.

It holds a module and those of ours that it imports, compiled; their packages are empty. It is the same bytes for the
same source and interpreter.
"""

from __future__ import annotations

import ast
import importlib.util
import io
import marshal
import zipfile
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

import tracemill
from tracemill.sandbox.jobs import Job, JobCall, JobRun, Limits
from tracemill.sandbox.transfer import encode

_ARCHIVE = "shipped.zip"
_PROGRAM = f"""import sys
sys.path.insert(0, {_ARCHIVE!r})
import {{package}}
from {{module}} import {{function}}
"""
_READY = ("networkx", "sympy")
"""Packages that the program imports at once, which tells the broker to take a slot that has them ready."""
_ROOT = Path(tracemill.__file__).parents[1]
_HEADER = importlib.util.MAGIC_NUMBER + bytes(12)
_DATE = (1980, 1, 1, 0, 0, 0)


def shipped(module: str, function: str, package: str, requests: Sequence[Mapping[str, Any]], limits: Limits) -> Job:
    """A job that calls a function of one of our modules with each request, for functions of that package. The calls
    share a process."""
    first = package if package in _READY else "sys"
    program = _PROGRAM.format(package=first, module=module, function=function)
    runs = tuple(JobRun(call=JobCall(function, (encode(dict(request)),))) for request in requests)
    files = {"main.py": program.encode(), _ARCHIVE: archive(module)}
    return Job(files, ("python", "main.py"), runs, limits=limits)


@cache
def archive(module: str) -> bytes:
    modules = _closure(module)
    packages = {name.rpartition(".")[0] for name in modules}
    packages |= {".".join(name.split(".")[:depth]) for name in packages for depth in range(1, name.count(".") + 1)}
    sources = {f"{name.replace('.', '/')}/__init__": "" for name in packages}
    sources |= {name.replace(".", "/"): _path(name).read_text("utf-8") for name in modules}
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_STORED) as file:
        for path in sorted(sources):
            code = compile(sources[path], f"{path}.py", "exec", dont_inherit=True)
            file.writestr(zipfile.ZipInfo(f"{path}.pyc", _DATE), _HEADER + marshal.dumps(code))
    return made.getvalue()


def _closure(first: str) -> set[str]:
    found, queue = set[str](), [first]
    while queue:
        name = queue.pop()
        if name in found:
            continue
        found.add(name)
        for node in ast.walk(ast.parse(_path(name).read_text("utf-8"))):
            if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("tracemill."):
                queue.append(node.module or "")
    return found


def _path(module: str) -> Path:
    """Raises: FileNotFoundError: a module that is shipped imports from a package: name the module within it."""
    return _ROOT / f"{module.replace('.', '/')}.py"
