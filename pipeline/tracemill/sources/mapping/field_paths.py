"""Values in a row by their path.

`a.b` is field `b` of the object in field `a`, `a.0` the first item of the list in it, `a.*.b` field `b` of each of its
items. A field whose own name holds dots is found by its whole name. Where a path leads into a text, that text is read
as JSON, or as Python writes a dictionary: so do some data sets hold what has no fixed columns.
"""

from __future__ import annotations

import ast
import json
from collections.abc import Iterator, Mapping
from decimal import Decimal
from functools import lru_cache
from typing import Any, NoReturn

from tracemill.sources.lines import BadLineError

EACH = "*"
_MOST_LITERAL = 2**20


def value_at(row: Mapping[str, Any], path: str) -> Any:
    """The value; of a path with `*` a list.

    Raises:
        BadLineError: there is no such field.
    """
    if path in row:
        return row[path]
    return _descend(row, path.split("."), path)


def _descend(value: Any, keys: list[str], path: str) -> Any:
    for place, key in enumerate(keys):
        if isinstance(value, str):
            value = _unpacked(value, path)
        if key == EACH:
            if not isinstance(value, list):
                raise BadLineError("missing field", path)
            return _of_each(value, keys[place + 1 :], path)
        try:
            value = value[int(key)] if isinstance(value, list) and key.isascii() and key.isdecimal() else value[key]
        except (KeyError, IndexError, TypeError):
            raise BadLineError("missing field", path) from None
    return value


def _of_each(items: list[Any], keys: list[str], path: str) -> list[Any]:
    """The value in each item; null where one lacks it, if any has it."""
    found: list[Any] = []
    for item in items:
        try:
            found.append(_descend(item, keys, path))
        except BadLineError:
            found.append(None)
    if items and all(one is None for one in found):
        raise BadLineError("missing field", path)
    return found


def _unpacked(text: str, path: str) -> Any:
    """The object or list that is written in a text."""
    if not text.lstrip().startswith(("{", "[")) or len(text) > _MOST_LITERAL:
        raise BadLineError("missing field", path)
    try:
        return _read(text)
    except (ValueError, SyntaxError, RecursionError, MemoryError):
        raise BadLineError("missing field", f"{path}: a text that is neither JSON nor a Python literal") from None


@lru_cache(maxsize=64)
def _read(text: str) -> Any:
    """Of one row several paths lead into the same text, so the last ones are kept; nobody changes them."""
    try:
        return json.loads(text, parse_float=str, parse_constant=_refuse)
    except ValueError:
        return ast.literal_eval(text.strip())


def _refuse(constant: str) -> NoReturn:
    raise ValueError(f"{constant} is not JSON")


def has(row: Mapping[str, Any], path: str) -> bool:
    """Whether the field is there, and is not null."""
    try:
        return value_at(row, path) is not None
    except BadLineError:
        return False


def text_of(value: Any) -> str | None:
    """A text as it is, a number as it is written; None for anything else."""
    if isinstance(value, str):
        return value
    if isinstance(value, int | Decimal) and not isinstance(value, bool):
        return str(value)
    if isinstance(value, float):
        return repr(value)
    return None


def text_at(row: Mapping[str, Any], path: str) -> str:
    """The text in a field; a number is as it is written.

    Raises:
        BadLineError: it is missing, blank, or something else.
    """
    text = text_of(value_at(row, path))
    if text is None or not text.strip():
        raise BadLineError("not text", path)
    return text


def column_of(path: str, columns: Mapping[str, Any] | frozenset[str]) -> str:
    """The column of a row that a path begins in."""
    return path if path in columns else path.partition(".")[0]


def paths_of(row: Mapping[str, Any], prefix: str = "") -> Iterator[str]:
    """The paths of a row's values; of a list, those of its first item."""
    for key, value in row.items():
        inner = {"0": value[0]} if isinstance(value, list) and value else value
        if isinstance(inner, Mapping) and inner:
            yield from paths_of(inner, f"{prefix}{key}.")
        else:
            yield prefix + key
