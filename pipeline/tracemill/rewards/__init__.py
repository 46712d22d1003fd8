"""Scores a model's response against a row of the view `rlvr`: 1.0 for the expected answer, 0.0 for a wrong one.

    compute_score     verl: one response; also for plain calls
    compute_scores    verl: a batch
    reward            TRL's GRPOTrainer: a batch
    judge_row         one response, with the verdict behind the score
    remote(url)       the first three, asked of `tracemill serve-rewards`

What cannot be judged is no wrong answer: an answer or a ground truth that cannot be read, a comparison that ran out of
time, a process that did not start, a server that does not answer. `reward` gives None for it, which TRL leaves out of
training; the others raise `NotJudged`, or return their argument `not_judged`.

`scoring.py` judges in this process; `reward_server.py` is the service and `remote_rewards.py` its client.
`docs/rewards.md` shows how each trainer is set up.
"""

from __future__ import annotations

from tracemill.rewards.remote_rewards import RemoteRewards, RewardServerError, remote
from tracemill.rewards.scoring import NotJudged, RowVerdict, compute_score, compute_scores, judge_row, reward

__all__ = [
    "NotJudged",
    "RemoteRewards",
    "RewardServerError",
    "RowVerdict",
    "compute_score",
    "compute_scores",
    "judge_row",
    "remote",
    "reward",
]
