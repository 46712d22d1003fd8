"""What `RowJudges` may be given in the place of its own: a process that dies over the word `die`."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence

from tracemill.rewards import RowVerdict, row_judges


def judging_items(_given: None) -> Callable[[Sequence[str]], list[RowVerdict]]:
    judge = row_judges.judging_items(None)

    def judged(items: Sequence[str]) -> list[RowVerdict]:
        if any('"die"' in item for item in items):
            os._exit(7)
        return judge(items)

    return judged
