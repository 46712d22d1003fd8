"""What no row may hold: the expected answer, where the trace does not say it."""

from __future__ import annotations

import json

from solved import ANSWER, PROBLEM, RIGHT, group
from tracemill.views import process, rlvr, sft


def test_text_to_train_on_holds_the_expected_answer_only_where_the_trace_says_it() -> None:
    """The expected answer (8675309) is not in this trace; only the ground truth of rlvr may hold it."""
    made = group(RIGHT, ANSWER)
    assert PROBLEM.answer not in json.dumps(sft.row(made))
    assert PROBLEM.answer not in json.dumps(process.row(made))
    row = rlvr.row(made)
    assert PROBLEM.answer in row.pop("reward_model")["ground_truth"]
    assert PROBLEM.answer not in json.dumps(row)
