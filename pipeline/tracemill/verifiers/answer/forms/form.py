"""What every form of answer has, and what they share.

A form is made from a problem's check and expected answer, and raises where those make no sense, so that a wrong
dataset is an `error` and not a refuted solution. Expected answers do not appear in reasons or evidence.
"""

from __future__ import annotations

from collections.abc import Hashable
from typing import Any, ClassVar, Literal, Protocol

from tracemill.claims.claim_checker import Ruling
from tracemill.records import Payload


class Form(Protocol):
    """`multiline`: an answer may run over several lines. `letter`: a line `A: …` states one, rather than a choice."""

    multiline: ClassVar[bool]
    letter: ClassVar[bool]
    unreadable: ClassVar[Literal["refuted", "unknown"]]
    """What an answer is that cannot be read. Refuted only where the question asks for a form that the text lacks."""

    def read(self, text: str) -> Hashable | None:
        """What `text` states, equal for equal answers; None where it states nothing of this form."""

    def agree(self, one: Any, other: Any) -> bool:
        """Whether two readings of one text say the same."""

    def is_telling(self, reading: Any) -> bool:
        """Whether text with that reading is an answer for sure, and not a word of prose or a heading."""

    def rule(self, reading: Any, asks_percent: bool = False) -> Ruling:
        """Whether a reading is the expected answer. `asks_percent`: its sentence says that it is a percentage."""


def right(is_right: bool) -> Ruling:
    if is_right:
        return Ruling("verified", "the expected answer", strength="exact")
    return Ruling("refuted", "not the expected answer", strength="exact")


def only_known(spec: Payload, *names: str) -> None:
    for name in spec:
        if name not in names:
            raise ValueError(f"the check has no parameter {name!r}; it has: {', '.join(names) or 'none'}")
