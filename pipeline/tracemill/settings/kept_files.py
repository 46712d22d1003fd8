"""What took long to find out, kept as a file in the user's cache folder: for the next process, never for the truth.

A file holds a list of plain JSON values and the digest of it. One that is unreadable, cut short or does not have its
digest counts as absent, as does every file for a user without a home; whoever keeps something can make it again.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import tempfile
from pathlib import Path
from typing import Any


def kept_file(name: str) -> Path | None:
    """Where that is kept; None for a user without a home. The name holds a hash of all that the content depends on."""
    try:
        base = os.environ.get("XDG_CACHE_HOME") or str(Path.home() / ".cache")
    except RuntimeError:
        return None
    return Path(base) / "tracemill" / name


def read_kept(file: Path) -> list[Any] | None:
    """The entries of a file that is whole; None of any other."""
    try:
        content = json.loads(file.read_text("utf-8"))
    except (OSError, ValueError, RecursionError):
        return None
    match content:
        case {"digest": str(digest), "entries": list(entries)} if digest == digest_of(entries):
            return entries
    return None


def keep(file: Path, entries: list[Any]) -> None:
    """Writes the file whole, or not at all where the folder does not let us."""
    with contextlib.suppress(OSError):
        file.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(dir=file.parent, prefix=f"{file.name}.")
        try:
            with os.fdopen(handle, "w", encoding="utf-8") as stream:
                json.dump({"digest": digest_of(entries), "entries": entries}, stream)
            Path(name).replace(file)
        except BaseException:
            Path(name).unlink(missing_ok=True)
            raise


def digest_of(entries: list[Any]) -> str:
    return hashlib.sha256(json.dumps(entries, sort_keys=True).encode()).hexdigest()
