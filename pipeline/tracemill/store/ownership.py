"""Which files outside the tables a build wrote itself, so that it deletes and replaces those and no other.

Each has a mark, `owned/<its path>.json`, which holds the file's hash. The mark is made before the file and deleted
after it: a kill leaves no file of ours without one. Whatever else lies in the same folders (a git repository, notes, a
shard that somebody copied there) is foreign: it stays, and is named by `tracemill status` and after a build.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping

from tracemill.store.commits import NamedFile
from tracemill.store.files import Files
from tracemill.store.sealed import BrokenSealError, read_sealed, seal

FOLDER = "owned"
_SUFFIX = ".json"
"""So that whoever looks for Parquet files in a build does not find a mark."""


def mark(files: Files, file: NamedFile) -> None:
    """Makes the mark, if there is none."""
    files.create(_path_of(file.path), _mark_of(file))


def mark_again(files: Files, file: NamedFile) -> None:
    """The file has another content now."""
    if marked_hash(files, file.path) != file.sha256:
        files.replace(_path_of(file.path), _mark_of(file))


def unmark(files: Files, path: str) -> None:
    files.delete(_path_of(path))


def marked(files: Files, prefix: str) -> set[str]:
    """The paths below a folder (`dataset/`) that have a mark."""
    return {path.removeprefix(f"{FOLDER}/").removesuffix(_SUFFIX) for path in files.list(f"{FOLDER}/{prefix}")}


def marked_hash(files: Files, path: str) -> str | None:
    """The hash that the file had when it was written; None without a mark that can be read."""
    try:
        return str(read_sealed(files, _path_of(path))["sha256"])
    except (FileNotFoundError, BrokenSealError):
        return None


def mark_listed(files: Files, listed: Iterable[NamedFile]) -> None:
    """Marks what is listed and has no mark: the files of a build that was made before there were marks."""
    have = marked(files, "")
    for file in listed:
        if file.path not in have:
            mark(files, file)


def foreign(files: Files, folder: str, listed: Iterable[str]) -> Mapping[str, int]:
    """What lies in a folder (`dataset/`) and is neither listed nor marked: how many files there are by path, those of a
    folder in which nothing is ours together.

    Example:
        >>> foreign(files, "dataset/", [])
        {'dataset/.git/': 57, 'dataset/notes.md': 1}
    """
    ours = {*listed, *marked(files, folder)}
    there = files.list(folder)
    shared = {_top(path, folder) for path in there if path in ours}
    found: Counter[str] = Counter()
    for path in there:
        if path not in ours:
            top = _top(path, folder)
            found[path if top in shared else top] += 1
    return dict(sorted(found.items()))


def _path_of(path: str) -> str:
    return f"{FOLDER}/{path}{_SUFFIX}"


def _top(path: str, folder: str) -> str:
    """The file or folder directly below `folder` that the path lies in; a folder ends with `/`."""
    name, slash, _ = path.removeprefix(folder).partition("/")
    return folder + name + slash


def _mark_of(file: NamedFile) -> bytes:
    return seal({"sha256": file.sha256})
