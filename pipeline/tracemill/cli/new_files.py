"""New files for a user: all of them, or none, and never over what is there."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from tracemill.settings.errors import UsageError


def check_free(place: Path) -> None:
    """Raises: UsageError: there is something."""
    if place.exists():
        raise UsageError(f"{place} exists; choose another name, or move it away")


def write_new(files: Mapping[Path, str | bytes], changed: Sequence[Path] = ()) -> None:
    """Write all files, or none: what was written before one that cannot be is taken away again.

    Raises:
        UsageError: a file that is not among the `changed` exists, or one cannot be written.
    """
    for path in files:
        if path not in changed:
            check_free(path)
    before = {path: path.read_text(encoding="utf-8") for path in changed}
    made: list[Path] = []
    try:
        for path, text in files.items():
            made += _folders(path.parent)
            made.append(path)
            path.write_bytes(text if isinstance(text, bytes) else text.encode())
    except OSError as exc:
        for path in reversed([path for path in made if path.exists() and path not in before]):
            path.rmdir() if path.is_dir() else path.unlink()
        for path, text in before.items():
            if path.read_text(encoding="utf-8") != text:
                path.write_text(text, encoding="utf-8")
        raise UsageError(f"cannot write {exc.filename}: {exc.strerror}; nothing was written") from exc


def _folders(folder: Path) -> list[Path]:
    """Make a folder with those above it; the ones that were not there."""
    missing = [place for place in (folder, *folder.parents) if not place.exists()]
    folder.mkdir(parents=True, exist_ok=True)
    return missing[::-1]
