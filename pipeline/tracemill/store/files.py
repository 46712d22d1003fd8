"""One folder on local disk or object storage, with what the protocol needs: *create if absent*, read, list, delete.

Paths are relative to the folder, with `/` between parts, and never leave it.
"""

from __future__ import annotations

import errno
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any, Protocol

from tracemill.settings.errors import TracemillError, UsageError


class Files(Protocol):
    """A folder. Every method may raise TracemillError, with path and fix, for a full disk, an I/O error, a refusal."""

    @property
    def url(self) -> str: ...

    @property
    def root(self) -> Path | None:
        """The folder on local disk; None on object storage."""

    def create(self, path: str, data: bytes) -> bool:
        """Make the file with all its content, or return False where there is one already. Durable when it returns.

        On object storage a retry after a lost reply may meet its own file: a file with the same bytes counts as made.
        """

    def replace(self, path: str, data: bytes) -> None:
        """Make or overwrite the file, whole. For the lease, damaged run records and marks only."""

    def read(self, path: str) -> bytes:
        """Raises: FileNotFoundError."""

    def exists(self, path: str) -> bool: ...

    def size(self, path: str) -> int:
        """Raises: FileNotFoundError."""

    def list(self, prefix: str = "") -> list[str]:
        """All paths that begin with `prefix`, at any depth, sorted; without temporary files."""

    def first(self) -> str | None:
        """Some file of the folder, without walking through all of it; None if the folder is empty or missing."""

    def delete(self, path: str) -> None:
        """Remove the file; one that is not there is fine."""

    def open_input(self, path: str) -> Any:
        """A seekable binary file for `pyarrow.parquet`. Raises: FileNotFoundError."""

    def sha256(self, path: str) -> str:
        """Hex digest, streaming. Raises: FileNotFoundError."""

    def sweep(self) -> int:
        """Remove what dead writers left half-made; only for the one who holds the claim. Returns how many."""

    def scratch(self) -> AbstractContextManager[Path]:
        """A new local folder for spilling, removed on exit."""


def inside(path: str) -> str:
    """The path itself, if it stays within the folder.

    Raises:
        UsageError: it is absolute, empty, climbs, or has characters that no name of ours has.
    """
    bad = not path or "\\" in path or "\0" in path or any(part in ("", ".", "..") for part in path.split("/"))
    if bad:
        raise UsageError(f"refused the path {path!r}: files of a build have relative paths without '.' or '..'")
    return path


_FIXES = {
    errno.ENOSPC: "the disk is full: free some space",
    errno.EDQUOT: "the disk quota is used up: free some space",
    errno.EIO: "the device reported an I/O error: check the disk",
    errno.EROFS: "the file system is read-only: choose another --out",
    errno.EACCES: "no permission: fix the folder's owner or choose another --out",
    errno.EPERM: "the file system refused (it may lack hard links): choose another --out",
    errno.EOPNOTSUPP: "the file system lacks hard links: choose another --out",
}


def trouble(action: str, where: str, exc: OSError) -> TracemillError:
    """The error for a failed file operation: what, where, why, and what to do. Finished work is never lost by it."""
    fix = _FIXES.get(exc.errno or 0, "check the folder")
    return TracemillError(
        f"cannot {action} {where}: {exc}; {fix}, then run the same command again: finished rows are kept"
    )
