"""Sees that a reply repeats itself, while it comes in pieces.

A loop is a text whose end consists of one passage, over and over, character for character. What only resembles itself
is none: a count (`Step 1 … Step 2 …`), a table, a proof whose lines begin alike. So are short repetitions, as in
`0.3333` or a ruled line: the end must be of one passage over so many characters and times as a `LoopsConfig` says.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

STRIDE = 128
"""Characters after which the end is looked at again, wherever the pieces are cut."""


class LoopsConfig(BaseModel):
    """A reply is in a loop when its last `characters` are one passage, of at most `period` characters, over and over,
    and it stands there `times` times."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    characters: Annotated[int, Field(ge=100, le=100_000)] = 1_000
    times: Annotated[int, Field(ge=3, le=1_000)] = 4
    period: Annotated[int, Field(ge=1, le=10_000)] = 1_000


@dataclass(frozen=True, slots=True)
class TextLoop:
    """The passage that repeats has `period` characters; the first one begins at character `at` of the text, as far back
    as was looked."""

    period: int
    at: int


class LoopWatch:
    """Looks at a text that comes in pieces. The time is linear in the text; no more than a few passages are kept. What
    it finds, and where, depends on the text alone."""

    def __init__(self, config: LoopsConfig) -> None:
        self.config = config
        self._kept = max(config.characters, config.times * config.period) + STRIDE
        self._end = ""
        self._seen = 0
        self._due = STRIDE

    def feed(self, piece: str) -> TextLoop | None:
        """The loop that the text is in, with this piece of it; None where it is in none."""
        while self._seen + len(piece) >= self._due:
            part, piece = piece[: self._due - self._seen], piece[self._due - self._seen :]
            self._end = (self._end + part)[-self._kept :]
            self._seen = self._due
            self._due += STRIDE
            if found := loop_at_end(self._end, self.config):
                return TextLoop(found.period, self._seen - len(self._end) + found.at)
        self._end += piece
        self._seen += len(piece)
        return None


def loop_at_end(text: str, config: LoopsConfig) -> TextLoop | None:
    """The loop that a text ends in.

    >>> loop_at_end("So it is 7. " + "Wait, no. " * 200, LoopsConfig())
    TextLoop(period=10, at=12)
    """
    probe = text[-(config.characters - config.characters // config.times) :]
    # The nearest place at which the last characters stand once more: no shorter passage gives them.
    place = text.rfind(probe, max(0, len(text) - len(probe) - config.period), len(text) - 1)
    period = len(text) - len(probe) - place
    length = max(config.characters, config.times * period)
    if place < 0 or length > len(text) or not _repeats(text, period, length):
        return None
    return TextLoop(period, _beginning(text, period, length))


def _repeats(text: str, period: int, length: int) -> bool:
    start = len(text) - length
    return text[start + period :] == text[start:-period]


def _beginning(text: str, period: int, length: int) -> int:
    """Where the part of the text begins that has this period and reaches to its end."""
    start = len(text) - length
    while start > 0 and text[start - 1] == text[start - 1 + period]:
        start -= 1
    return start
