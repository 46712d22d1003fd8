"""A folder on local disk. Files appear whole and durable, or not at all.

Not covered: file systems without hard links (refused with a message).
"""

from __future__ import annotations

import hashlib
import itertools
import os
import re
import secrets
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

from tracemill.settings.errors import TracemillError, UsageError
from tracemill.store.files import inside, trouble

_T = TypeVar("_T")
_TEMPORARY = ".tmp-"
_OURS = re.compile(rf"{re.escape(_TEMPORARY)}[0-9a-f]{{8}}-\d+")
"""Just the names that `_temporary_name` gives: what others call `.tmp-…` is not ours to remove."""

_NO_PATH = re.compile(r"[\[\]*?]|::")


class LocalFiles:
    def __init__(self, root: Path) -> None:
        self.root = root.expanduser().absolute()
        self.url = str(self.root)
        self._token = secrets.token_hex(4)
        self._count = itertools.count()
        self._folders: set[Path] = set()

    def create(self, path: str, data: bytes) -> bool:
        target = self.root / inside(path)
        try:
            # Nothing is written for a name that is taken: immutable parts are often made again.
            if target.exists():
                return False
            with self._written(target, data) as temporary:
                try:
                    os.link(temporary, target)
                except FileExistsError:
                    return False
            _sync_folder(target.parent)
        except OSError as exc:
            raise trouble("write", str(target), exc) from exc
        return True

    def replace(self, path: str, data: bytes) -> None:
        target = self.root / inside(path)
        try:
            with self._written(target, data) as temporary:
                temporary.replace(target)
            _sync_folder(target.parent)
        except OSError as exc:
            raise trouble("write", str(target), exc) from exc

    def _temporary_name(self) -> str:
        return f"{_TEMPORARY}{self._token}-{next(self._count)}"

    @contextmanager
    def _written(self, target: Path, data: bytes) -> Iterator[Path]:
        """The data under a temporary name in the folder of `target`, on disk; gone afterwards."""
        self._make_folder(target.parent)
        temporary = target.parent / self._temporary_name()
        try:
            descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o644)
            try:
                view = memoryview(data)
                while view:
                    view = view[os.write(descriptor, view) :]
                os.fsync(descriptor)
            finally:
                os.close(descriptor)
            yield temporary
        finally:
            temporary.unlink(missing_ok=True)

    def _make_folder(self, folder: Path) -> None:
        """Each new level is entered durably in the one above it."""
        if folder in self._folders and folder.is_dir():
            return
        self._refuse_links(folder)
        missing = [level for level in (folder, *folder.parents) if not level.exists()]
        folder.mkdir(parents=True, exist_ok=True)
        for level in missing:
            _sync_folder(level.parent)
        self._folders.add(folder)

    def _refuse_links(self, folder: Path) -> None:
        """The build's own folder may be a link, one within it not: what lies behind is somebody else's, and a listing
        of the build does not show it.

        Raises:
            TracemillError: a folder of the build is a symbolic link.
        """
        for level in (folder, *folder.parents):
            if level == self.root:
                return
            if level.is_symlink():
                raise TracemillError(
                    f"{level} is a symbolic link to {str(level.readlink())!r}, and a build writes and deletes only in "
                    "its own folder; remove the link (or let --out itself be one), then run the same command"
                )

    def read(self, path: str) -> bytes:
        return self._read_by(path, Path.read_bytes)

    def exists(self, path: str) -> bool:
        return (self.root / inside(path)).is_file()

    def size(self, path: str) -> int:
        return self._read_by(path, lambda target: target.stat().st_size)

    def list(self, prefix: str = "") -> list[str]:
        folder = prefix.rpartition("/")[0]
        found = self._walk(inside(folder) if folder else "")
        return sorted(path for path in found if path.startswith(prefix) and not _is_temporary(path))

    def first(self) -> str | None:
        return next(self._walk(""), None)

    def _walk(self, folder: str) -> Iterator[str]:
        """Relative paths of all files under a folder; nothing if the folder is missing.

        Raises:
            UsageError: the build's folder is a file.
            TracemillError: a folder cannot be listed. Taken for empty, it would cost what its files keep alive.
        """
        for base, _, names in os.walk(self.root / folder, onerror=self._refuse_unlisted):
            yield from ((Path(base) / name).relative_to(self.root).as_posix() for name in names)

    def _refuse_unlisted(self, exc: OSError) -> None:
        if isinstance(exc, NotADirectoryError):
            raise UsageError(f"{self.url} is not a folder ({exc}); give --out a new or empty folder") from exc
        if not isinstance(exc, FileNotFoundError):
            raise trouble("list", str(exc.filename), exc) from exc

    def delete(self, path: str) -> None:
        target = self.root / inside(path)
        self._refuse_links(target.parent)
        try:
            target.unlink(missing_ok=True)
        except OSError as exc:
            raise trouble("delete", str(target), exc) from exc

    def open_input(self, path: str) -> Any:
        import pyarrow as pa

        # Not a memory map: a file that shrinks under a map kills the process instead of raising.
        return self._read_by(path, lambda target: pa.OSFile(str(target), "rb"))

    def sha256(self, path: str) -> str:
        with self._read_by(path, lambda target: target.open("rb")) as file:
            try:
                return hashlib.file_digest(file, "sha256").hexdigest()
            except OSError as exc:
                raise trouble("read", path, exc) from exc

    def _read_by(self, path: str, act: Callable[[Path], _T]) -> _T:
        target = self.root / inside(path)
        try:
            return act(target)
        except FileNotFoundError:
            raise
        except OSError as exc:
            raise trouble("read", str(target), exc) from exc

    def sweep(self) -> int:
        dead = [path for path in self._walk("") if _is_temporary(path)]
        for path in dead:
            (self.root / path).unlink(missing_ok=True)
        for folder in self.root.glob(f"{_TEMPORARY}*"):
            if _is_temporary(folder.name):
                shutil.rmtree(folder)
        return len(dead)

    @contextmanager
    def scratch(self) -> Iterator[Path]:
        """Within the build, where there is room for it: the system's own temporary folder may be a RAM disk."""
        folder = self.root / self._temporary_name()
        try:
            folder.mkdir(parents=True)
            yield folder
        except OSError as exc:
            # What fails elsewhere is of somebody else, such as a plugin that opens a file of its own.
            if not _may_be_below(folder, exc.filename):
                raise
            raise trouble("write", str(folder), exc) from exc
        finally:
            shutil.rmtree(folder, ignore_errors=True)


def _may_be_below(folder: Path, failed: object) -> bool:
    """Whether what an error names may lie in the folder: an error of a write names nothing, one of a call that was
    given a descriptor names its number."""
    if failed is None or isinstance(failed, int):
        return True
    place = Path(os.fsdecode(failed))  # type: ignore[arg-type]
    return folder in (place, *place.parents)


def refuse_unwritable(root: Path) -> None:
    """Tries to write where a build would begin, and leaves nothing.

    Raises:
        UsageError: there can be no folder, or no hard links, which the protocol needs; or a path in which `datasets`
            reads a pattern or a second address, so that the dataset could not be loaded.
    """
    if _NO_PATH.search(str(root)):
        raise UsageError(
            f"load_dataset cannot read a dataset below {str(root)!r}: it takes [ ] * ? for a pattern, and :: for two "
            "addresses; give --out (or the folder that the command runs in) another name"
        )
    try:
        place = next(level for level in (root, *root.parents) if level.exists() or level.is_symlink())
        if not place.is_dir():
            raise UsageError(f"{place} is not a folder; give --out a new or empty folder")
        with tempfile.TemporaryDirectory(prefix=_TEMPORARY, dir=place) as folder:
            file = Path(folder) / "file"
            file.touch()
            file.with_name("link").hardlink_to(file)
    except OSError as exc:
        said = str(trouble("write a build at", str(root), exc)).partition(", then run")[0]
        raise UsageError(f"{said}; nothing was written") from exc


def _is_temporary(path: str) -> bool:
    return any(_OURS.fullmatch(part) for part in path.split("/"))


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
