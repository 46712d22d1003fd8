"""Expected answers, read where problems come from: one that cannot be read would make every verdict an error, and a
reward raise in the middle of a training."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from tracemill.records import Decision, Problem
from tracemill.sources.triage import AnswerPolicy, decided, triaged

_REJECT = AnswerPolicy()


def read_golds(records: Iterable[Problem | Decision], policy: AnswerPolicy = _REJECT) -> Iterator[Problem | Decision]:
    """The records; of a problem whose expected answer is none that its check can use, what the policy says becomes of
    it. A problem without one passes: nobody knows its answer."""
    for record in records:
        if isinstance(record, Problem) and record.has_answer and (found := triaged(record)):
            yield decided(record, found, policy)
        else:
            yield record
