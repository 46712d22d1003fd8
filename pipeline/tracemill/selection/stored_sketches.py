"""Sketches in a file: 256 bytes of each problem, which would be most of what screening keeps in memory."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from tracemill.selection.duplicates import PERMUTATIONS, Sketches

_BYTES = 2 * PERMUTATIONS


class StoredSketches:
    """Sketches are added, and read where they are asked for. A context manager; `path` is of a file that is not there
    yet. Not a memory map: the pages around each row would count as memory of this process."""

    def __init__(self, path: Path) -> None:
        self._file = path.open("xb+", buffering=0)
        self._count = 0

    def __enter__(self) -> StoredSketches:
        return self

    def __exit__(self, *_: object) -> None:
        self._file.close()

    def __len__(self) -> int:
        return self._count

    def add(self, sketches: Sketches) -> None:
        left = memoryview(sketches.tobytes())
        while left:
            left = left[self._file.write(left) :]
        self._count += len(sketches)

    def take(self, rows: npt.NDArray[np.integer[Any]]) -> Sketches:
        """A copy of these rows, shape (rows, 128)."""
        if not len(rows):
            return np.zeros((0, PERMUTATIONS), np.uint16)
        first, last = int(rows.min()), int(rows.max())
        if last - first < 2 * len(rows):
            found: Sketches = self._read(first, last + 1 - first)[rows - first]
            return found
        file = self._file.fileno()
        return _array(b"".join([os.pread(file, _BYTES, row * _BYTES) for row in rows.tolist()]))

    def _read(self, first: int, count: int) -> Sketches:
        return _array(os.pread(self._file.fileno(), count * _BYTES, first * _BYTES))


def _array(data: bytes) -> Sketches:
    return np.frombuffer(data, np.uint16).reshape(-1, PERMUTATIONS)
