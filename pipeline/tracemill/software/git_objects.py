"""The commits of a repository as git has them: their ids, and a stream from which `git fast-import` makes it.

    git init -q work && python -c '…' | git -C work fast-import --quiet && git -C work checkout -q main

Names and dates are fixed, so the same commits have the same ids everywhere. No git is needed to know them.
Source: the object formats of Git's documentation (gitformat-pack, git-hash-object, git-fast-import).
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from typing import Any, TypeAlias

from tracemill.records import Payload

Commits: TypeAlias = Sequence[Payload]
"""Each with its `message` and the `files` that it adds or changes, as in a premise of kind `repository`."""

_AUTHOR = "tracemill <tracemill@example.invalid>"
_BEGAN = 1_709_280_000
"""2024-03-01, 08:00 UTC; a commit follows each day."""
_DAY = 86_400


def head_of(commits: Commits) -> str:
    """The id of the last commit, 40 hex digits."""
    files: dict[str, str] = {}
    head = ""
    for number, commit in enumerate(commits):
        files |= commit["files"]
        parents = [f"parent {head}"] if head else []
        signed = _signed(number)
        lines = [f"tree {_tree(files)}", *parents, f"author {signed}", f"committer {signed}", "", commit["message"]]
        head = _id("commit", ("\n".join(lines) + "\n").encode())
    return head


def fast_import(commits: Commits) -> bytes:
    """The stream for `git fast-import`: branch `main` with all commits."""
    stream = b""
    for number, commit in enumerate(commits):
        message = f"{commit['message']}\n".encode()
        stream += f"commit refs/heads/main\nauthor {_signed(number)}\ncommitter {_signed(number)}\n".encode()
        stream += f"data {len(message)}\n".encode() + message + b"\n"
        for path, text in sorted(commit["files"].items()):
            stream += f"M 100644 inline {path}\ndata {len(text.encode())}\n".encode() + text.encode() + b"\n"
    return stream + b"done\n"


def _signed(number: int) -> str:
    return f"{_AUTHOR} {_BEGAN + number * _DAY} +0000"


def _id(kind: str, content: bytes) -> str:
    return hashlib.sha1(f"{kind} {len(content)}\0".encode() + content, usedforsecurity=False).hexdigest()


def _tree(files: Mapping[str, str]) -> str:
    folders: dict[str, Any] = {}
    for path, text in files.items():
        name, _, rest = path.partition("/")
        if rest:
            folders.setdefault(name, {})[rest] = text
        else:
            folders[name] = text
    entries = []
    # Git sorts a folder as if its name ended with a slash.
    for name in sorted(folders, key=lambda one: f"{one}/" if isinstance(folders[one], dict) else one):
        within = folders[name]
        is_folder = isinstance(within, dict)
        found = _tree(within) if is_folder else _id("blob", within.encode())
        mode = "40000" if is_folder else "100644"
        entries.append(f"{mode} {name}\0".encode() + bytes.fromhex(found))
    return _id("tree", b"".join(entries))
