"""One notation for how much a teacher is to think, which each family of models gets in its own words."""

from __future__ import annotations

from typing import Annotated

from pydantic import StringConstraints

FORM = r"^(off|low|medium|high|dynamic|tokens [1-9][0-9]{0,6}|wait [1-9])$"
Effort = Annotated[str, StringConstraints(pattern=FORM)]
"""`off`: no thought. `low`, `medium`, `high`: the model's own levels. `dynamic`: the model decides. `tokens 512`: at
most so many tokens of thought. `wait 2`: the model decides, and twice it is made to go on where its thought ends."""


def number_in(effort: str) -> int | None:
    """What stands after `tokens` or `wait`.

    >>> number_in("tokens 512")
    512
    """
    _, _, number = effort.partition(" ")
    return int(number) if number else None
