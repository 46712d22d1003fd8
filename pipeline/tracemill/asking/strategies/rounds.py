"""The rounds of `adaptive`: which problems get how many samples next, decided by the driver from rows alone.

Decisions are made again from the start in every run, over the rows that there are: what a decision asks for and the
rows already answer is not asked for again, so that a run after a kill decides the same and asks for what is missing.

Without a budget there is one round, in which each problem gets all its samples. With one:

1. A pilot of 64 problems shows what a sample costs; of fewer where samples of 4,000 tokens would take more than a
   quarter of the budget, since nobody knows yet.
2. Each further round takes the problems in the order of worth for cost (`StopRule.worth`, a problem's own mean cost)
   until half of what is left of the budget is planned, by the expected number of samples.
3. When a tenth is left, by the largest number of samples, so that the budget holds; until less than a hundredth is
   left, or nothing is worth asking for.

Where all open problems together need less than may be planned, each gets more, so that there are few rounds.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Literal, NamedTuple

import numpy as np
import numpy.typing as npt

from tracemill.asking.strategies.pass_rate import SampleCounts, StopRule, Worth
from tracemill.asking.strategies.strategy import SampleShare, Standing
from tracemill.settings.errors import TracemillError, UsageError

PILOT = 64
PILOT_TOKENS = 4_000
"""What a sample of the pilot is thought to take: the reply of a model that reasons."""
PILOT_SHARE = 0.25
CAREFUL = 0.1
NOTHING = 0.01
"""Shares of the budget: when this is left, rounds plan with the most that may be spent; and when they end."""
_OWN = 4
"""A problem's cost for a sample is the mean of its own and of so many more of the mean cost of all."""

_CODES: dict[Standing | Literal["error"], int] = {"error": 0, "verified": 1, "refuted": 2, "undecided": 3}
"""0 is also what is not there: a failed call is made again by the next run."""
_UNSTATED = -1


class FoundSample(NamedTuple):
    """What a row says of one sample. `tokens`: None where it does not say."""

    problem: str
    sample: int
    standing: Standing | Literal["error"]
    tokens: int | None


class SampleRounds:
    """`problems`: their ids. Holds some 50 bytes for each, and 5 for each of as many samples as any has had.

    Raises:
        UsageError: there is a budget, and by the rule no problem could ever be finished well.
    """

    def __init__(self, rule: StopRule, problems: Sequence[str], tokens: int | None) -> None:
        if tokens is not None and not rule.worth(SampleCounts()).rate:
            raise UsageError(
                f"strategy.tokens={tokens} goes where problems get enough samples, and with strategy.samples="
                f"{rule.samples} none ever does, whatever its answers; raise samples or width, or set tokens to null: "
                "each problem is then sampled to the end"
            )
        self._rule = rule
        self._budget = tokens
        self._ids = np.array(sorted(problems), dtype=np.bytes_)
        count = len(self._ids)
        self._known = np.zeros((count, 4), np.uint8)
        self._cost = np.zeros((count, 4), np.int32)
        # What the decisions so far rest on: as if only that had been answered which they asked for.
        self._verified = np.zeros(count, np.int16)
        self._refuted = np.zeros(count, np.int16)
        self._asked = np.zeros(count, np.int16)
        self._tokens = np.zeros(count, np.int64)
        self._stop = np.zeros(count, np.int16)
        self._ended = np.zeros(count, bool)
        self._waiting = np.zeros(count, bool)
        self._unstated = 0

    @property
    def spent(self) -> int:
        """Completion tokens of the samples that the decisions so far rest on. One that does not say how many it took
        counts as the mean of those that do."""
        stated = int(self._tokens.sum())
        return stated + round(self._unstated * stated / max(1, int(self._asked.sum()) - self._unstated))

    @property
    def known(self) -> int:
        """Samples of which there is a row, other than that of a failed call."""
        return int(np.count_nonzero(self._known))

    @property
    def left_out(self) -> int:
        """Problems of which no sample was asked for, since the budget went to others."""
        return int(((self._asked == 0) & ~self._ended).sum())

    def is_known(self, problem: str, sample: int) -> bool:
        place = self._place(problem)
        return place is not None and sample < self._known.shape[1] and bool(self._known[place, sample])

    def first_missing(self, problem: str) -> int:
        """The first sample of which there is no row, or only that of a failed call."""
        place = self._place(problem)
        if place is None:
            return 0
        missing = np.flatnonzero(self._known[place] == 0)
        return int(missing[0]) if len(missing) else self._known.shape[1]

    def learn(self, found: FoundSample) -> None:
        place = self._place(found.problem)
        if place is None or not _CODES[found.standing] or not 0 <= found.sample < self._rule.samples:
            return
        while found.sample >= self._known.shape[1]:
            self._known = np.hstack([self._known, np.zeros_like(self._known)])
            self._cost = np.hstack([self._cost, np.zeros_like(self._cost)])
        self._known[place, found.sample] = _CODES[found.standing]
        self._cost[place, found.sample] = _UNSTATED if found.tokens is None else found.tokens

    def missing(self) -> dict[str, SampleShare]:
        """What is to be asked for now, by problem in the order of ids; empty when the rounds are over.

        To be called again when its rows have been learnt. A problem that still misses some of its samples then, since
        the teacher has no more or a call failed, gets no more in this run.

        Raises:
            TracemillError: there is a budget, and no sample states what it cost.
        """
        while True:
            given = np.flatnonzero((self._stop > self._asked) & ~self._ended)
            lacking = np.array([place for place in given if not self._advance(int(place))], np.int64)
            self._ended[lacking[self._waiting[lacking]]] = True
            lacking = lacking[~self._waiting[lacking]]
            self._waiting[:] = False
            self._waiting[lacking] = True
            if len(lacking):
                return {self._name(int(place)): self._share(int(place)) for place in lacking}
            if not self._plan():
                return {}

    def _place(self, problem: str) -> int | None:
        key = problem.encode()
        place = int(np.searchsorted(self._ids, np.array(key, self._ids.dtype)))
        return place if place < len(self._ids) and self._ids[place] == key else None

    def _name(self, place: int) -> str:
        return str(self._ids[place].decode())

    def _state(self, place: int) -> SampleCounts:
        return SampleCounts(int(self._verified[place]), int(self._refuted[place]), int(self._asked[place]))

    def _share(self, place: int) -> SampleShare:
        state = self._state(place)
        return SampleShare(state.asked, int(self._stop[place]), state.verified, state.refuted)

    def _advance(self, place: int) -> bool:
        """Takes in what the rows answer of a problem's share; whether nothing of it is missing."""
        while self._asked[place] < self._stop[place]:
            if self._rule.reason(self._state(place)):
                break
            sample = int(self._asked[place])
            code = int(self._known[place, sample]) if sample < self._known.shape[1] else 0
            if not code:
                return False
            self._verified[place] += code == _CODES["verified"]
            self._refuted[place] += code == _CODES["refuted"]
            cost = int(self._cost[place, sample])
            self._unstated += cost == _UNSTATED
            self._tokens[place] += 0 if cost == _UNSTATED else cost
            self._asked[place] += 1
        self._stop[place] = self._asked[place]
        return True

    def _plan(self) -> bool:
        """Gives shares for another round; whether there is one."""
        open_ones = np.flatnonzero(~self._ended)
        states = [self._state(int(place)) for place in open_ones]
        going = np.array([self._rule.reason(state) is None for state in states], bool)
        self._ended[open_ones[~going]] = True
        open_ones, states = open_ones[going], [state for state, goes in zip(states, going, strict=True) if goes]
        if not len(open_ones):
            return False
        if self._budget is None:
            self._stop[open_ones] = self._rule.samples
            return True
        if self._asked.any() and not self.spent:
            raise TracemillError(
                f"strategy.tokens is a budget of {self._budget:,} completion tokens, and none of the "
                f"{int(self._asked.sum()):,} samples so far states how many it took, so that it would never be spent; "
                "ask a server that gives `usage`, or set strategy.tokens to null: samples are then bounded by "
                "strategy.samples alone"
            )
        worths = [self._rule.worth(state) for state in states]
        useful = np.array([worth.rate > 0 for worth in worths])
        worths = [worth for worth in worths if worth.rate > 0]
        for place, samples in self._chosen(open_ones[useful], worths):
            self._stop[place] = self._asked[place] + samples
        # One that was given up keeps the share that it did not use up.
        return bool(((self._stop > self._asked) & ~self._ended).any())

    def _chosen(self, open_ones: npt.NDArray[np.int64], worths: Sequence[Worth]) -> Iterable[tuple[int, int]]:
        """Problems with the numbers of samples that they get in the next round."""
        assert self._budget is not None
        samples = np.array([worth.samples for worth in worths])
        left = self._budget - self.spent
        if not self._asked.any():
            # A pilot that gave nothing is followed by one that is as large again.
            affordable = int(self._budget * PILOT_SHARE / PILOT_TOKENS / max(1, int(samples.max())))
            pilot = max(1, min(PILOT, affordable), int(self._ended.sum()))
            return zip(open_ones[:pilot], samples[:pilot], strict=True)
        cost = self._costs()[open_ones]
        room = self._rule.samples - self._asked[open_ones]
        if left < max(1.0, NOTHING * self._budget):
            return ()
        if float((room * cost).sum()) <= left:
            return zip(open_ones, room, strict=True)
        careful = left <= CAREFUL * self._budget
        expected = samples if careful else np.array([worth.expected for worth in worths])
        order = np.argsort(-np.array([worth.rate for worth in worths]) / cost, kind="stable")
        planned = np.cumsum((expected * cost)[order])
        limit = left if careful else left / 2
        if planned[-1] < limit:
            more = np.minimum(np.ceil(samples * (limit / planned[-1])), room).astype(np.int64)
            return zip(open_ones, more, strict=True)
        count = int(np.searchsorted(planned, limit, side="right"))
        chosen = order[: count if careful else max(1, count)]
        return zip(open_ones[chosen], samples[chosen], strict=True)

    def _costs(self) -> npt.NDArray[np.float64]:
        """What a further sample of each problem is expected to cost, in tokens."""
        mean = max(1.0, self.spent / max(1, int(self._asked.sum())))
        return (self._tokens + _OWN * mean) / (self._asked + _OWN)
