"""The lines of a file of JSON objects: read in bounded memory, and made objects or refused with the reason."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, BinaryIO, NoReturn, TypeAlias

from tracemill.settings.secrets_in_text import secret_in

ITEM_SIZE = 200
ITEM_CHARACTERS = 2**22
"""A work item ends with the line that reaches either bound: items travel to workers."""
LINE_BYTES = 2**20
"""A longer line is rejected, and never held in memory."""

SourceLine: TypeAlias = tuple[int, str, str]
"""A line's number, from 1, its text, and why it cannot be read, or nothing."""


class BadLineError(Exception):
    """Why a line is rejected: the reason, and the detail that differs from line to line."""

    def __init__(self, reason: str, detail: str = "") -> None:
        super().__init__(reason)
        self.reason = reason
        self.detail = detail


def raw_lines(file: BinaryIO) -> Iterator[bytes | None]:
    """The lines as they are; None where one is longer than LINE_BYTES, which is read past in pieces."""
    while line := file.readline(LINE_BYTES + 1):
        if len(line) <= LINE_BYTES or line.endswith(b"\n"):
            yield line
            continue
        while line and not line.endswith(b"\n"):
            line = file.readline(LINE_BYTES)
        yield None


def decoded(line: bytes | None, first: bool) -> tuple[str, str]:
    """The line's text, and why it cannot be read, or nothing. A byte order mark can only be before the first line."""
    if line is None:
        return "", "too long"
    try:
        return line.decode("utf-8-sig" if first else "utf-8").strip(), ""
    except UnicodeDecodeError:
        return "", "not UTF-8"


def batches(lines: Iterable[SourceLine]) -> Iterator[list[SourceLine]]:
    batch: list[SourceLine] = []
    characters = 0
    for line in lines:
        batch.append(line)
        characters += len(line[1])
        if len(batch) == ITEM_SIZE or characters >= ITEM_CHARACTERS:
            yield batch
            batch, characters = [], 0
    if batch:
        yield batch


def object_of(line: str, fault: str) -> dict[str, Any]:
    """The object in a line. A number with a point or an exponent stays the text that it is: no digit is lost.

    Raises:
        BadLineError: it is none, or has text that cannot be stored.
    """
    if fault:
        raise BadLineError(fault, f"the limit is {LINE_BYTES} bytes" if fault == "too long" else "")
    try:
        row = json.loads(line, parse_constant=_refuse, parse_float=str, object_pairs_hook=_unique)
        text = json.dumps(row, ensure_ascii=False)
        text.encode("utf-8")
    except UnicodeEncodeError as exc:
        raise BadLineError("lone surrogates") from exc
    except (ValueError, RecursionError) as exc:
        raise BadLineError("not JSON", str(exc)[:200]) from exc
    if not isinstance(row, dict):
        raise BadLineError("not an object", type(row).__name__)
    if "\\u0000" in text and _has_nul(row):
        raise BadLineError("NUL character")
    return row


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Readers differ on which of two values with one key counts."""
    row = dict(pairs)
    if len(row) < len(pairs):
        twice = next(key for key, count in Counter(key for key, _ in pairs).items() if count > 1)
        raise BadLineError("duplicate key", "it looks like a secret" if secret_in(twice) else ascii(twice)[:200])
    return row


def _refuse(constant: str) -> NoReturn:
    raise ValueError(f"{constant} is not JSON")


def _has_nul(value: Any) -> bool:
    if isinstance(value, str):
        return "\0" in value
    if isinstance(value, Mapping):
        return any("\0" in key or _has_nul(item) for key, item in value.items())
    return isinstance(value, list) and any(map(_has_nul, value))
