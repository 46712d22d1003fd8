"""A working copy of a repository: text files in memory, within bounds, on our side of the sandbox's wall.

A problem about a repository has a premise of kind `repository`, `{"commits": [{"message": …, "files": {path: text}}]}`:
each commit with the files that it adds or changes. What they leave together is what its tools work on.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import PurePosixPath

from tracemill.records import Problem, fingerprint
from tracemill.sandbox.jobs import inside

REPOSITORY = "repository"
"""The kind of the premise."""
MAX_FILES = 400
MAX_FILE_CHARACTERS = 100_000
MAX_CHARACTERS = 2_000_000


class RefusedError(ValueError):
    """Something that a working copy does not do; the message says why, as a tool would."""


def files_of(problem: Problem) -> Mapping[str, str] | None:
    """The files of a problem's repository; None where it has none.

    Raises:
        ValueError: its premise is not of the form above.
    """
    found = next((one.payload for one in problem.premises if one.kind == REPOSITORY), None)
    if found is None:
        return None
    files: dict[str, str] = {}
    try:
        for commit in found["commits"]:
            files |= {str(path): str(text) for path, text in commit["files"].items()}
    except (KeyError, TypeError, AttributeError) as exc:
        raise ValueError(f"the premise `repository` has no list of commits with their files ({exc!r})") from exc
    return files


class WorkingCopy:
    """`files`: path to text. Each change is checked against the bounds, and made whole or not at all."""

    def __init__(self, files: Mapping[str, str]) -> None:
        self.files: dict[str, str] = {}
        for path, text in files.items():
            self._put(path, text)

    @property
    def digest(self) -> str:
        """Changes with every character of every file."""
        return fingerprint(sorted(self.files.items()))

    def text(self, path: str) -> str:
        """Raises: RefusedError: there is no such file."""
        if path not in self.files:
            raise RefusedError(f"there is no file {path!r}{self._meant(path)}")
        return self.files[path]

    def below(self, folder: str) -> list[str]:
        """The paths in a folder and its folders, sorted; of all files for an empty one.

        Raises:
            RefusedError: nothing lies there.
        """
        start = folder.strip("/")
        start = "" if start in ("", ".") else f"{start}/"
        found = sorted(path for path in self.files if path.startswith(start))
        if not found:
            raise RefusedError(f"there is no folder {folder!r}")
        return found

    def replace(self, path: str, old: str, new: str) -> int:
        """Puts `new` in the place of the one occurrence of `old`; an empty `old` makes a file that is not there yet.
        Returns the number of the line where the new text begins.

        Raises:
            RefusedError: `old` is not there, or more than once, or the file would break a bound.
        """
        if not old:
            if path in self.files:
                raise RefusedError(f"{path} is there already; give the text that is to be replaced")
            self._put(path, new)
            return 1
        text = self.text(path)
        count = text.count(old)
        if count != 1:
            where = "is not in it; it must be given exactly, blanks and line ends included"
            raise RefusedError(
                f"{path}: the old text {where if not count else f'occurs {count} times; give more of it'}"
            )
        if old == new:
            raise RefusedError(f"{path}: old and new text are the same")
        at = text.index(old)
        self._put(path, text[:at] + new + text[at + len(old) :])
        return text.count("\n", 0, at) + 1

    def _put(self, path: str, text: str) -> None:
        if not inside(path):
            raise RefusedError(f"{path!r} is not a path within the repository, such as 'package/module.py'")
        try:
            (path + text).encode()
        except UnicodeEncodeError:
            raise RefusedError(f"{path!r}: half a character (a lone surrogate) cannot be written") from None
        if "\0" in text:
            raise RefusedError(f"{path}: a text file has no NUL")
        others = [one for one in self.files if one != path]
        if any(one.startswith(f"{path}/") or path.startswith(f"{one}/") for one in others):
            raise RefusedError(f"{path} is a folder, or lies in a file")
        size = sum(len(self.files[one]) for one in others) + len(text)
        if len(text) > MAX_FILE_CHARACTERS or size > MAX_CHARACTERS or len(others) >= MAX_FILES:
            raise RefusedError(
                f"{path} would be too large: a file has at most {MAX_FILE_CHARACTERS:,} characters, all together "
                f"{MAX_CHARACTERS:,}, and there are at most {MAX_FILES} files"
            )
        self.files[path] = text

    def _meant(self, path: str) -> str:
        name = PurePosixPath(path).name
        same = sorted(one for one in self.files if PurePosixPath(one).name == name)
        return f"; there is {', '.join(same[:3])}" if same else "; list_files shows what there is"
