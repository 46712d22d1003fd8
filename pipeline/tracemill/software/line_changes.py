"""A mutant as an edit of one line, so that all else of the source stays as its author wrote it."""

from __future__ import annotations

import ast
import re
from collections.abc import Mapping
from typing import NamedTuple

from tracemill.software.program_mutants import ProgramMutant
from tracemill.software.python_source import parsed


class LineChange(NamedTuple):
    """Line `number` of a source, from 1, and what stands there instead."""

    number: int
    line: str


def line_change(source: str, mutant: ProgramMutant) -> LineChange | None:
    """The change that a mutant makes, in its own line of the source; None where it is not within one.

    >>> line_change("def half(n):\\n    return n // 2  # down\\n", mutants_of(…)[0])
    LineChange(2, '    return n * 2  # down')
    """
    before, after = parsed(source), parsed(mutant.text)
    if before is None or after is None:
        return None
    old, new = _difference(before, after)
    if not isinstance(old, ast.expr | ast.stmt) or old.lineno != old.end_lineno or old.end_col_offset is None:
        return None
    lines = source.split("\n")
    line = lines[old.lineno - 1]
    if not line.isascii():  # columns count bytes
        return None
    shown = line[old.col_offset : old.end_col_offset]
    text = ast.unparse(new)
    if "'" in text and '"' in shown and '"' not in text:
        text = text.replace("'", '"')
    for piece in (text, f"({text})"):
        changed = line[: old.col_offset] + piece + line[old.end_col_offset :]
        whole = parsed("\n".join([*lines[: old.lineno - 1], changed, *lines[old.lineno :]]))
        if whole is not None and ast.dump(whole) == ast.dump(after):
            return LineChange(old.lineno, changed)
    return None


def _difference(old: ast.AST, new: ast.AST) -> tuple[ast.AST, ast.AST]:
    """The smallest parts of two trees in which all that differs lies, and that have a place in the text."""
    while type(old) is type(new):
        pairs = [
            (one, other)
            for field in old._fields
            for one, other in _parts(getattr(old, field, None), getattr(new, field, None))
            if _differ(one, other)
        ]
        one, other = pairs[0] if len(pairs) == 1 else (None, None)
        if not isinstance(one, ast.expr | ast.stmt) or not isinstance(other, ast.AST):
            break
        old, new = one, other
    return old, new


def _parts(one: object, other: object) -> list[tuple[object, object]]:
    if isinstance(one, list) and isinstance(other, list) and len(one) == len(other):
        return list(zip(one, other, strict=True))
    return [(one, other)]


def _differ(one: object, other: object) -> bool:
    if isinstance(one, ast.AST) and isinstance(other, ast.AST):
        return ast.dump(one) != ast.dump(other)
    if isinstance(one, list) and isinstance(other, list):
        return len(one) != len(other) or any(map(_differ, one, other))
    return type(one) is not type(other) or one != other


_REPAIR = re.compile(r"(?P<path>[\w./-]+):(?P<number>\d{1,6}): (?P<line>[^\n]*)")


def repair_text(path: str, change: LineChange) -> str:
    """A repair of one line as text: `package/module.py:12:     return total`; what stands behind the second colon and a
    blank is the whole line."""
    return f"{path}:{change.number}: {change.line}"


def with_repair(files: Mapping[str, str], repair: str) -> dict[str, str]:
    """The files with that line in its place.

    Raises:
        ValueError: it is no repair of one of these files.
    """
    found = _REPAIR.fullmatch(repair)
    lines = files[found["path"]].split("\n") if found and found["path"] in files else []
    if found is None or not 0 < int(found["number"]) <= len(lines):
        raise ValueError(f"{repair[:100]!r} is no line of a file of the repository, as in 'package/module.py:12: pass'")
    lines[int(found["number"]) - 1] = found["line"]
    return {**files, found["path"]: "\n".join(lines)}
