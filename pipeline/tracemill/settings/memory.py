"""What Python's collector, Arrow and the C library's allocator are told, so that builds are fast and give memory back.

The settings of the allocator are glibc's (`mallopt`, malloc.h); other C libraries are left alone.
"""

from __future__ import annotations

import ctypes
import gc
from functools import cache
from typing import Any

_M_TRIM_THRESHOLD, _M_MMAP_THRESHOLD, _M_ARENA_MAX = -1, -3, -8
_LARGE = 1 << 20
"""Blocks from this size on go back to the system when they are freed. Left to itself glibc raises the limit to 32 MB as
soon as such blocks are freed, and Arrow's buffers then leave holes in the heap that grow with the rows."""


def tune_process() -> None:
    """Settings of a process that makes records, for as long as it lives.

    Records are many small objects without cycles: at its default thresholds Python's collector spends 40% of the time
    of writing the views on looking through them. Arrow's own allocators keep what was freed; with the system's a build
    of 18,000 rows peaked at 528 MB instead of 618. Two arenas at most: each keeps freed memory of its own, and Arrow
    and Ray start many threads.
    """
    import pyarrow as pa

    gc.set_threshold(200_000, 10, 10)
    pa.set_memory_pool(pa.system_memory_pool())
    _tell(_M_ARENA_MAX, 2)
    _tell(_M_MMAP_THRESHOLD, _LARGE)


def release() -> None:
    """Gives freed memory back to the system, so that a phase's peak does not stay for the next one; ends `keep`."""
    import pyarrow as pa

    _tell(_M_MMAP_THRESHOLD, _LARGE)
    pa.default_memory_pool().release_unused()
    if (trim := _from_libc("malloc_trim")) is not None:
        trim(0)


def keep() -> None:
    """Keeps what is freed, up to 64 MB and in blocks of up to 32 MB (the largest that glibc takes), until `release`.

    For z3: a context takes some 18 MB. The allocator would hand them back to the system when it ends, and faulting them
    in again takes several times as long as judging a trace.
    """
    _tell(_M_TRIM_THRESHOLD, 64 << 20)
    _tell(_M_MMAP_THRESHOLD, 32 << 20)


def _tell(parameter: int, value: int) -> None:
    if (mallopt := _from_libc("mallopt")) is not None:
        mallopt(parameter, value)


@cache
def _from_libc(name: str) -> Any:
    """A function of the C library; None where it has no such function."""
    return getattr(ctypes.CDLL(None), name, None)
