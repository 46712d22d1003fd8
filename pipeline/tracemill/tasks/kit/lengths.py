"""How long a wrong solution may be: as long as a right one, or its length would betray it."""

from __future__ import annotations

from typing import NamedTuple

from tracemill.tasks.kit.teller import Most, Teller

SAME, LIKE, ANSWER = 0.03, 0.12, 0.1
"""The share by which a wrong solution may be longer or shorter: than the right telling with the same seed, and than
one with another. The first goes the same way for all mistakes of a sort and would be seen; the second does not. Its
answer, such as a plan, may differ by the last."""
_UNSEEN = (1, 4, 6)
"""So many steps, words, and words of the answer more or less do not show, in a short solution either: one step, one
short phrase, one move of a plan."""


class Size(NamedTuple):
    """How long a telling is, and its final answer in words."""

    steps: int
    words: int
    answer: int

    @classmethod
    def of(cls, teller: Teller) -> Size:
        return cls(len(teller.lines), teller.word_count, len(teller.answer.split()))


class WantedSize(NamedTuple):
    """How long a wrong telling should be: as `size`, but for this share."""

    size: Size
    share: float

    @property
    def slack(self) -> Size:
        """By how many steps, words and words of the answer it may differ."""
        shares = zip(self.size, (self.share, self.share, min(self.share, ANSWER)), _UNSEEN, strict=True)
        return Size(*(max(int(share * count), least) for count, share, least in shares))

    @property
    def most(self) -> Most:
        return Most(self.size.steps + self.slack.steps, self.size.words + self.slack.words)

    def allows(self, other: Size) -> bool:
        return all(abs(one - two) <= slack for one, two, slack in zip(other, self.size, self.slack, strict=True))

    def allows_answer(self, answer: str) -> bool:
        return abs(len(answer.split()) - self.size.answer) <= self.slack.answer
