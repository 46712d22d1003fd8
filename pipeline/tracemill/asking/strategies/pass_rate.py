"""When a problem needs no more samples, and what the next ones are worth: a Beta posterior of its pass rate.

The prior Beta(a, b) becomes Beta(a + verified, b + refuted); a sample that decided nothing changes nothing. All results
are functions of small whole numbers and are kept, so that a round over 100,000 problems computes each state once.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import NamedTuple

from tracemill.asking.strategies.strategy import Stopped
from tracemill.verifiers.intervals import beta_below, clopper_pearson

SURE = 0.95


class SampleCounts(NamedTuple):
    """What is known of a problem: samples that were verified, that were refuted, and all that were asked for."""

    verified: int = 0
    refuted: int = 0
    asked: int = 0

    def after(self, verified: int, refuted: int) -> SampleCounts:
        return SampleCounts(self.verified + verified, self.refuted + refuted, self.asked + verified + refuted)


class Worth(NamedTuple):
    """What up to `samples` more are worth: `chance`: that the problem is then finished well (`enough` or `known`);
    `expected`: how many of them will be asked for, since it stops when it is finished."""

    samples: int
    chance: float
    expected: float

    @property
    def rate(self) -> float:
        return self.chance / self.expected if self.expected else 0.0


@dataclass(frozen=True)
class StopRule:
    """`samples`: at most, of a problem. `verified`: so many verified are enough, with so many `refuted`. `width`: the
    pass rate is known when its 95% interval is no wider. `hopeless`: given up where it is lower than this with a
    probability of 95%, or as near to 1 where refuted ones are still wanted. `verified`, `width` and `hopeless` may be
    None: not looked at. `prior`: a and b of the Beta distribution."""

    samples: int
    verified: int | None
    refuted: int
    width: float | None
    hopeless: float | None
    prior: tuple[float, float]
    _reasons: dict[SampleCounts, Stopped | None] = field(default_factory=dict, compare=False, repr=False)
    _worths: dict[SampleCounts, Worth] = field(default_factory=dict, compare=False, repr=False)
    _least: dict[SampleCounts, int] = field(default_factory=dict, compare=False, repr=False)

    def reason(self, state: SampleCounts) -> Stopped | None:
        """Why no more is asked; None where more is."""
        if state not in self._reasons:
            self._reasons[state] = self._reason(state)
        return self._reasons[state]

    def least(self, state: SampleCounts) -> int:
        """The fewest samples after which there may be a reason to stop: as many can be asked for at the same time, and
        none of them is in vain."""
        if state not in self._least:
            many = range(1, self.samples - state.asked + 1)
            self._least[state] = next((count for count in many if self._may_stop(state, count)), 0)
        return self._least[state]

    def worth(self, state: SampleCounts) -> Worth:
        """The number of further samples that finishes most problems like this one for the samples they take.

        That is the index by which J. C. Gittins orders jobs of unknown length (Bandit processes and dynamic allocation
        indices, J. R. Stat. Soc. B 41, 1979), among the plans that sample up to a fixed number.
        """
        if state not in self._worths:
            self._worths[state] = max(self._plans(state), key=lambda plan: (plan.rate, -plan.samples))
        return self._worths[state]

    def expected_samples(self) -> float:
        """Of a problem about which nothing is known, without a bound on tokens."""
        return self._plans(SampleCounts())[-1].expected

    def _reason(self, state: SampleCounts) -> Stopped | None:
        verified, refuted, asked = state
        if self.verified is not None and verified >= self.verified and refuted >= self.refuted:
            return "enough"
        if self.width is not None and verified + refuted:
            low, high = clopper_pearson(verified, verified + refuted)
            if high - low <= self.width:
                return "known"
        if self.hopeless is not None and self._is_hopeless(state, self.hopeless):
            return "hopeless"
        return "bound" if asked >= self.samples else None

    def _is_hopeless(self, state: SampleCounts, rate: float) -> bool:
        """Right as seldom as `rate`, or, where wrong ones are still wanted, wrong as seldom."""
        right, wrong = self.prior[0] + state.verified, self.prior[1] + state.refuted
        if beta_below(rate, right, wrong) >= SURE:
            return True
        return state.refuted < self.refuted and beta_below(rate, wrong, right) >= SURE

    def _may_stop(self, state: SampleCounts, count: int) -> bool:
        return any(self.reason(state.after(count - refuted, refuted)) for refuted in range(count + 1))

    def _plans(self, state: SampleCounts) -> list[Worth]:
        """For each number of further samples, what they are worth."""
        going, chance, expected = {state: 1.0}, 0.0, 0.0
        plans = [Worth(0, 0.0, 0.0)]
        for count in range(1, self.samples - state.asked + 1):
            after: dict[SampleCounts, float] = {}
            for one, weight in going.items():
                expected += weight
                passes = (self.prior[0] + one.verified) / (sum(self.prior) + one.verified + one.refuted)
                for following, share in ((one.after(1, 0), passes), (one.after(0, 1), 1 - passes)):
                    reason = self.reason(following)
                    if reason is None:
                        after[following] = after.get(following, 0.0) + weight * share
                    elif reason in ("enough", "known"):
                        chance += weight * share
            plans.append(Worth(count, chance, expected))
            if not after:
                break
            going = after
        return plans
