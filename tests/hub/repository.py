"""A dataset repository of the stand-in Hub, in memory: commits, branches, tags, and the large objects beside them."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

LFS_SUFFIXES = (".parquet", ".arrow", ".zst", ".gz", ".zip", ".bin")
"""What the `.gitattributes` of a new dataset repository keep as large files, or some of them."""
LFS_BYTES = 10 << 20
ATTRIBUTES = "".join(f"*{suffix} filter=lfs diff=lfs merge=lfs -text\n" for suffix in LFS_SUFFIXES).encode()
_BEGIN = datetime(2026, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class RepositoryCommit:
    """`files`: the whole tree, content by path. `author`: a user's name."""

    oid: str
    parent: str | None
    title: str
    message: str
    author: str
    date: str
    files: Mapping[str, bytes]


class MovedOnError(Exception):
    """The branch's head is another commit than the one that was named as the parent."""


@dataclass
class Repository:
    """`objects`: large files by SHA-256, those that no commit has yet too. `gated`: who may read, or None for all;
    the page of a gated repository can be read, its files cannot."""

    id: str
    private: bool = False
    gated: frozenset[str] | None = None
    commits: dict[str, RepositoryCommit] = field(default_factory=dict)
    branches: dict[str, str] = field(default_factory=dict)
    tags: dict[str, str] = field(default_factory=dict)
    tag_messages: dict[str, str] = field(default_factory=dict)
    objects: dict[str, bytes] = field(default_factory=dict)
    lock: Any = field(default_factory=threading.RLock)

    @property
    def owner(self) -> str:
        return self.id.partition("/")[0]

    def at(self, revision: str) -> RepositoryCommit | None:
        """By branch, tag or the whole commit id."""
        oid = self.branches.get(revision) or self.tags.get(revision) or revision
        return self.commits.get(oid)

    @property
    def head(self) -> RepositoryCommit:
        return self.commits[self.branches["main"]]

    def history(self, revision: str = "main") -> Iterator[RepositoryCommit]:
        """The newest first."""
        commit = self.at(revision)
        while commit is not None:
            yield commit
            commit = self.commits.get(commit.parent) if commit.parent else None

    def commit(
        self,
        changes: Mapping[str, bytes | None],
        title: str,
        message: str = "",
        author: str = "somebody",
        branch: str = "main",
        parent: str | None = None,
    ) -> RepositoryCommit:
        """Puts files (None: removes one) on top of a branch.

        Raises:
            MovedOnError: the head is not `parent`, where one is named.
        """
        with self.lock:
            head = self.branches.get(branch)
            if parent is not None and parent != head:
                raise MovedOnError
            files = dict(self.commits[head].files) if head else {}
            for path, content in changes.items():
                if content is None:
                    del files[path]
                else:
                    files[path] = content
            number = len(self.commits)
            text = f"{self.id} {number} {head} {title} {sorted(files)}"
            date = (_BEGIN + timedelta(minutes=number)).strftime("%Y-%m-%dT%H:%M:%S.000Z")
            made = RepositoryCommit(hashlib.sha1(text.encode()).hexdigest(), head, title, message, author, date, files)
            self.commits[made.oid] = made
            self.branches[branch] = made.oid
            for path, content in files.items():
                if is_large(path, content):
                    self.objects[sha256(content)] = content
            return made


def is_large(path: str, content: bytes) -> bool:
    return bool(content) and (path.endswith(LFS_SUFFIXES) or len(content) >= LFS_BYTES)


def sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def git_oid(content: bytes) -> str:
    return hashlib.sha1(b"blob %d\0" % len(content) + content).hexdigest()


def _pointer(content: bytes) -> bytes:
    return (f"version https://git-lfs.github.com/spec/v1\noid sha256:{sha256(content)}\nsize {len(content)}\n").encode()


def file_entry(path: str, content: bytes, commit: RepositoryCommit | None = None) -> dict[str, Any]:
    """As the pages `tree` and `paths-info` have it; with the last commit where they are asked to expand."""
    entry: dict[str, Any] = {"type": "file", "oid": git_oid(content), "size": len(content), "path": path}
    if is_large(path, content):
        pointer = _pointer(content)
        entry["oid"] = git_oid(pointer)
        entry["lfs"] = {"oid": sha256(content), "size": len(content), "pointerSize": len(pointer)}
    if commit is not None:
        entry["lastCommit"] = {"id": commit.oid, "title": commit.title, "date": commit.date}
    return entry


def folder_entry(path: str) -> dict[str, Any]:
    return {"type": "directory", "oid": hashlib.sha1(path.encode()).hexdigest(), "size": 0, "path": path}


def tree(commit: RepositoryCommit, folder: str, recursive: bool, expand: bool) -> list[dict[str, Any]] | None:
    """What lies in a folder, `""` for all; None where there is no such folder."""
    within = f"{folder}/" if folder else ""
    folders: set[str] = set()
    entries: list[dict[str, Any]] = []
    for path, content in commit.files.items():
        if not path.startswith(within):
            continue
        levels = path[len(within) :].split("/")[:-1]
        depth = len(levels) if recursive else min(1, len(levels))
        folders |= {within + "/".join(levels[: upto + 1]) for upto in range(depth)}
        if recursive or not levels:
            entries.append(file_entry(path, content, commit if expand else None))
    if folder and not entries and not folders:
        return None
    return sorted([*entries, *map(folder_entry, folders)], key=lambda entry: entry["path"])
