"""The code that observes an execution, as an archive for the sandbox, where this package cannot be imported.

It holds `observing` and the modules of ours that it imports, compiled; their packages are empty. It is the same bytes
for the same source and interpreter.
"""

from __future__ import annotations

import ast
import importlib.util
import io
import marshal
import zipfile
from functools import cache
from pathlib import Path

import tracemill

_FIRST = "tracemill.claims.execution.observing"
_ROOT = Path(tracemill.__file__).parents[1]
_HEADER = importlib.util.MAGIC_NUMBER + bytes(12)
_DATE = (1980, 1, 1, 0, 0, 0)


@cache
def archive() -> bytes:
    modules = _closure(_FIRST)
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
