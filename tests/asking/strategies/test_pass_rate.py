from __future__ import annotations

from itertools import product
from random import Random

import pytest
from tracemill.asking.strategies.pass_rate import SampleCounts, StopRule
from tracemill.verifiers.intervals import beta_below, clopper_pearson


def rule(samples=16, verified=2, refuted=0, width=None, hopeless=0.1, prior=(0.5, 0.5)):
    return StopRule(samples, verified, refuted, width, hopeless, prior)


@pytest.mark.parametrize(
    ("given", "state", "reason"),
    [
        (rule(), SampleCounts(1, 5, 6), None),
        (rule(), SampleCounts(2, 0, 2), "enough"),
        (rule(refuted=1), SampleCounts(2, 0, 2), None),
        (rule(refuted=1), SampleCounts(2, 1, 3), "enough"),
        (rule(samples=40), SampleCounts(0, 17, 17), None),
        (rule(samples=40), SampleCounts(0, 18, 18), "hopeless"),
        (rule(samples=40, refuted=1), SampleCounts(18, 0, 18), "hopeless"),
        (rule(samples=40), SampleCounts(0, 5, 40), "bound"),
        (rule(verified=None, width=0.52), SampleCounts(4, 4, 8), None),
        (rule(verified=None, width=0.52), SampleCounts(8, 8, 16), "known"),
        (rule(samples=16), SampleCounts(1, 15, 16), "bound"),
    ],
)
def test_each_reason_to_stop(given, state, reason):
    assert given.reason(state) == reason


def test_as_many_are_asked_for_at_the_same_time_as_none_is_in_vain():
    """Whatever the answers, no reason to stop comes before the last of them; for some it comes then."""
    one = rule(samples=12, refuted=1)
    for verified, refuted in product(range(4), range(8)):
        state = SampleCounts(verified, refuted, verified + refuted)
        if one.reason(state):
            continue
        count = one.least(state)
        assert any(one.reason(state.after(right, count - right)) for right in range(count + 1))
        for fewer in range(1, count):
            assert not any(one.reason(state.after(right, fewer - right)) for right in range(fewer + 1))


def test_what_samples_are_worth_is_what_a_simulation_says():
    one, state = rule(samples=8, hopeless=None), SampleCounts(1, 2, 3)
    worth, rng, runs = one.worth(state), Random(5), 20_000
    finished = asked = 0
    for _ in range(runs):
        rate, now = rng.betavariate(0.5 + 1, 0.5 + 2), state
        for _ in range(worth.samples):
            asked += 1
            right = rng.random() < rate
            now = now.after(int(right), int(not right))
            if one.reason(now):
                break
        finished += one.reason(now) == "enough"
    assert finished / runs == pytest.approx(worth.chance, abs=0.015)
    assert asked / runs == pytest.approx(worth.expected, abs=0.05)


def test_a_problem_that_once_was_right_is_worth_more_than_one_that_never_was():
    one = rule(samples=32)
    rates = [one.worth(SampleCounts(k, n - k, n)).rate for k, n in ((1, 1), (1, 4), (0, 0), (0, 4), (0, 8))]
    assert rates == sorted(rates, reverse=True) and rates[-1] > 0


def test_what_cannot_be_finished_any_more_is_worth_nothing():
    assert rule(samples=8).worth(SampleCounts(0, 7, 7)).rate == 0.0


def test_expected_samples_of_a_coin_of_unknown_bias():
    assert rule(samples=4, verified=1, hopeless=None, prior=(1, 1)).expected_samples() == pytest.approx(25 / 12)


@pytest.mark.parametrize(
    ("k", "n", "low", "high"),
    [(0, 0, 0.0, 1.0), (0, 10, 0.0, 0.3085), (10, 10, 0.6915, 1.0), (3, 10, 0.0667, 0.6525), (50, 100, 0.3983, 0.6017)],
)
def test_clopper_pearson_is_that_of_the_tables(k, n, low, high):
    assert clopper_pearson(k, n) == pytest.approx((low, high), abs=1e-4)


def test_the_interval_holds_also_where_sampling_stopped_at_the_second_success():
    rng, rate, covered, runs = Random(3), 0.3, 0, 2000
    for _ in range(runs):
        n = k = 0
        while k < 2 and n < 60:
            n, k = n + 1, k + (rng.random() < rate)
        low, high = clopper_pearson(k, n)
        covered += low <= rate <= high
    assert covered / runs >= 0.95


def test_a_rate_of_more_successes_than_samples_is_refused():
    with pytest.raises(ValueError, match="3 of 2 is no rate"):
        clopper_pearson(3, 2)


def test_the_beta_distribution_of_one_and_one_is_uniform():
    assert beta_below(0.3, 1, 1) == pytest.approx(0.3)
