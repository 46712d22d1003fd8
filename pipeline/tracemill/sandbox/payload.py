"""A job as one piece of sealed memory, which passes through the processes that wait without being read there.

The start is the length of a JSON header; the header says where the contents of each file and each run's own part lie.
A process that runs a program reads what it needs and closes the descriptor before the program starts.
Standard library only: it is read inside the cage.
"""

from __future__ import annotations

import fcntl
import json
import os
from collections.abc import Iterable
from typing import Any, NamedTuple, TypeAlias

Stretch: TypeAlias = tuple[int, int]
"""Offset and length."""

_PREFIX = 8
_SEALS = fcntl.F_SEAL_SEAL | fcntl.F_SEAL_SHRINK | fcntl.F_SEAL_GROW | fcntl.F_SEAL_WRITE


class PackedFile(NamedTuple):
    path: str
    content: bytes
    executable: bool = False


def pack(files: Iterable[PackedFile], runs: Iterable[tuple[dict[str, Any], bytes]], header: dict[str, Any]) -> int:
    """A descriptor of sealed memory with all of it; `runs` are each run's own fields and its standard input."""
    blobs: list[bytes] = []
    end = 0

    def put(data: bytes) -> Stretch:
        nonlocal end
        blobs.append(data)
        start, end = end, end + len(data)
        return start, len(data)

    header = {
        **header,
        "files": [[file.path, *put(file.content), file.executable] for file in files],
        "runs": [[*put(_json(fields)), *put(stdin)] for fields, stdin in runs],
    }
    head = _json(header)
    return sealed([len(head).to_bytes(_PREFIX, "big"), head, *blobs])


def sealed(parts: Iterable[bytes]) -> int:
    """A descriptor of memory with these bytes, which nobody can change any more."""
    descriptor = os.memfd_create("tracemill", os.MFD_CLOEXEC | os.MFD_ALLOW_SEALING)
    for part in parts:
        view = memoryview(part)
        while view:
            view = view[os.write(descriptor, view) :]
    os.lseek(descriptor, 0, os.SEEK_SET)
    fcntl.fcntl(descriptor, fcntl.F_ADD_SEALS, _SEALS)
    return descriptor


class PackedJob:
    """What a descriptor made by `pack` holds."""

    def __init__(self, descriptor: int) -> None:
        self.descriptor = descriptor
        length = int.from_bytes(os.pread(descriptor, _PREFIX, 0), "big")
        self._base = _PREFIX + length
        self.header: dict[str, Any] = json.loads(_read(descriptor, _PREFIX, length))

    def files(self) -> Iterable[PackedFile]:
        for path, start, length, executable in self.header["files"]:
            yield PackedFile(path, self._part(start, length), executable)

    def run(self, index: int) -> dict[str, Any]:
        """The fields of a run: its arguments, its call."""
        start, length, _, _ = self.header["runs"][index]
        found: dict[str, Any] = json.loads(self._part(start, length))
        return found

    def stdin(self, index: int) -> bytes:
        _, _, start, length = self.header["runs"][index]
        return self._part(start, length)

    def _part(self, start: int, length: int) -> bytes:
        return _read(self.descriptor, self._base + start, length)


def _read(descriptor: int, start: int, length: int) -> bytes:
    parts = []
    while length:
        part = os.pread(descriptor, min(length, 1 << 26), start)
        if not part:
            raise ValueError("a payload ends early")
        parts.append(part)
        start, length = start + len(part), length - len(part)
    return b"".join(parts)


def _json(value: Any) -> bytes:
    return json.dumps(value, separators=(",", ":")).encode("ascii")
