"""A Metamath file as its keywords and the words between them; comments are skipped and includes read where they
stand."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

_KEYWORD = re.compile(r"(?<!\S)\$\S*")
_STRANGE = re.compile(r"[^\x21-\x7e \t\r\n\f]")
_BLANKS = " \t\r\n\f"
KEYWORDS = frozenset(["$c", "$v", "$f", "$e", "$d", "$a", "$p", "$.", "$=", "${", "$}"])


class MetamathError(Exception):
    """A file or a proof that the specification does not allow: where, and why. `set.mm:12578: …`."""


class Text(NamedTuple):
    """A file's name and content; places are counted in characters."""

    name: str
    content: str

    def error(self, at: int, why: str) -> MetamathError:
        return MetamathError(f"{self.name}:{self.content.count(chr(10), 0, at) + 1}: {why}")


class KeywordEvent(NamedTuple):
    """A keyword, the words since the last one, where it stands, and the last comment before it."""

    words: list[str]
    keyword: str
    place: str
    comment: str

    def error(self, why: str) -> MetamathError:
        return MetamathError(f"{self.place}: {why}")


def read_text(path: Path, name: str = "") -> Text:
    """A file's content.

    Raises:
        MetamathError: it cannot be read, or holds other characters than printable ASCII and white space.
    """
    name = name or path.name
    try:
        # Bytes, not text: Python would take a carriage return for the end of a line and count it with the next one.
        text = Text(name, path.read_bytes().decode("latin-1"))
    except OSError as exc:
        raise MetamathError(f"{path}: cannot be read: {exc.strerror}") from exc
    strange = _STRANGE.search(text.content)
    if strange:
        raise text.error(strange.start(), f"the character {strange.group()!r}; a database is printable ASCII")
    return text


def events(path: Path) -> Iterator[KeywordEvent]:
    """The keywords of a file and of those that it includes, in order.

    Raises:
        MetamathError: an unknown keyword, a comment or include that is not closed, an included file that cannot be
        read.
    """
    yield from _Scanner(path.parent).events(read_text(path), path)


class _Scanner:
    """`seen`: files that were included, each of which counts once. `inside`: the keyword of the open statement."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.seen: set[Path] = set()
        self.depth = 0
        self.inside = ""

    def events(self, text: Text, path: Path) -> Iterator[KeywordEvent]:
        self.seen.add(path.resolve())
        content, words, comment = text.content, [], ""
        at = start = counted = 0
        line = 1
        while (match := _KEYWORD.search(content, at)) is not None:
            here, keyword = match.start(), match.group()
            words += self._words(text, start, here)
            at = start = match.end()
            if keyword == "$(":
                at = start = self._comment(text, match.end(), here)
                comment = content[match.end() : at - 2]
            elif keyword == "$[":
                if words or self.inside or self.depth:
                    raise text.error(here, "an include inside a statement or a block")
                path, at = self._include(text, match.end(), here)
                start = at
                if path.resolve() not in self.seen:
                    yield from self.events(read_text(path), path)
            elif keyword in KEYWORDS:
                self._follow(keyword)
                line += content.count("\n", counted, here)
                counted = here
                yield KeywordEvent(words, keyword, f"{text.name}:{line}", comment)
                words = []
                if keyword in ("$.", "${", "$}"):
                    comment = ""
            else:
                raise text.error(here, f"{keyword!r} is no keyword")
        words += self._words(text, start, len(content))
        if self.inside:
            raise text.error(len(content), f"{self.inside} is not ended by $.")
        if words:
            raise text.error(len(content), f"{words[0]!r} at the end, in no statement")

    def _follow(self, keyword: str) -> None:
        if keyword == "${":
            self.depth += 1
        elif keyword == "$}":
            self.depth -= 1
        elif keyword == "$.":
            self.inside = ""
        elif keyword != "$=":
            self.inside = keyword

    def _words(self, text: Text, start: int, end: int) -> list[str]:
        found = text.content.find("$", start, end)
        if found >= 0:
            raise text.error(found, "a '$' within a word")
        return text.content[start:end].split()

    def _comment(self, text: Text, start: int, opened: int) -> int:
        """Where a comment ends. It holds neither `$(` nor another `$)` than its last word."""
        end = text.content.find("$)", start)
        if end < 0:
            raise text.error(opened, "a comment that is not closed")
        after = text.content[end + 2 : end + 3]
        if text.content[end - 1] not in _BLANKS or (after and after not in _BLANKS):
            raise text.error(end, "a '$)' within a word of a comment")
        nested = text.content.find("$(", start, end)
        if nested >= 0:
            raise text.error(nested, "a comment within a comment")
        return end + 2

    def _include(self, text: Text, start: int, opened: int) -> tuple[Path, int]:
        end = text.content.find("$]", start)
        names = text.content[start:end].split() if end >= 0 else []
        if len(names) != 1 or "$" in names[0] or text.content[end + 2 : end + 3].strip(_BLANKS):
            raise text.error(opened, "an include is `$[ name $]`")
        path = self.folder / names[0]
        if not path.is_file():
            raise text.error(opened, f"includes {names[0]!r}, which is no file in {self.folder}")
        return path, end + 2
