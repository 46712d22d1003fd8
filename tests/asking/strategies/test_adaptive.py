from __future__ import annotations

from random import Random

import pytest
from pydantic import ValidationError
from scripted import Rolled, ScriptedTeacher, problem
from tracemill.asking.strategies.adaptive import Adaptive, AdaptiveConfig
from tracemill.asking.strategies.pass_rate import SampleCounts
from tracemill.asking.strategies.rounds import FoundSample
from tracemill.asking.strategies.strategy import InRounds, SampleShare
from tracemill.claims.claim_checker import Ruling
from tracemill.settings.errors import TracemillError, UsageError
from tracemill.verifiers.answer.verifier import AnswerVerifier

CONFIG = AdaptiveConfig(kind="adaptive", samples=30)
PROBLEMS = [problem(number) for number in range(1, 9)]
RATES = {"problem 1": 1.0, "problem 2": 0.0, **{f"problem {number}": 0.3 for number in range(3, 9)}}


def test_a_problem_is_sampled_until_it_has_enough_or_looks_hopeless():
    found = Rolled(CONFIG, PROBLEMS, rates=RATES)
    by_problem = {}
    for trace in found.traces:
        by_problem.setdefault(trace.problem_id, []).append(trace)
    for one in PROBLEMS:
        traces = by_problem[one.id]
        reasons = [trace.metadata.get("stopped") for trace in traces]
        verified = sum(found.outcome(trace) == "verified" for trace in traces)
        assert set(reasons[:-1]) <= {None}
        assert (reasons[-1] == "enough") == (verified == 2)
    assert len(by_problem[PROBLEMS[0].id]) == 2 and len(by_problem[PROBLEMS[1].id]) == 18
    assert by_problem[PROBLEMS[1].id][-1].metadata["stopped"] == "hopeless"


def test_a_share_asks_for_its_samples_and_for_no_others():
    found = Rolled(CONFIG, [PROBLEMS[1]], share=SampleShare(4, 7, 0, 4), rates=RATES)
    assert [trace.sample_index for trace in found.traces] == [4, 5, 6]
    assert found.traces[-1].metadata["stopped"] == "budget" and found.tables["decisions"] == []


def test_what_is_undecided_is_neither_right_nor_wrong(monkeypatch):
    monkeypatch.setattr(AnswerVerifier, "rule", lambda self, problem, trace: Ruling("unknown", "not read"))
    found = Rolled(AdaptiveConfig(kind="adaptive", samples=6), [PROBLEMS[0]])
    assert len(found.traces) == 6 and found.traces[-1].metadata["stopped"] == "bound"


def test_a_failed_sample_ends_the_run_of_its_problem_and_is_asked_again():
    first = Rolled(CONFIG, [PROBLEMS[1]], rates=RATES, fails=("problem 2/solve/3",))
    assert first.done == [] and len(first.traces) == 4
    ScriptedTeacher.calls.clear()
    again = Rolled(CONFIG, [PROBLEMS[1]], first.completions, rates=RATES)
    assert [name for name, _ in ScriptedTeacher.calls] == [f"problem 2/solve/{k}" for k in range(3, 18)]
    assert again.done == [PROBLEMS[1].id]


def test_a_config_in_which_nothing_is_ever_enough_is_refused():
    with pytest.raises(ValidationError, match="neither 'verified' nor 'width'"):
        AdaptiveConfig(kind="adaptive", verified=None)
    with pytest.raises(ValidationError, match="of samples: 2 nobody gets 2 verified and 1 refuted ones"):
        AdaptiveConfig(kind="adaptive", samples=2, refuted=1)


def draw(name, sample):
    return Random(f"{name}/{sample}").random()


def play(strategy, rates, known=(), stop_after=None):
    """The rounds over a world in which sample k of a problem is right with its rate, each of 100 tokens; returns what
    was asked for, in order, and the rounds."""
    rounds = strategy.rounds(list(rates))
    for one in known:
        rounds.learn(one)
    asked: list[FoundSample] = []
    while shares := rounds.missing():
        for name, share in shares.items():
            state = [share.verified, share.refuted]
            for sample in range(share.first, share.stop):
                if strategy.rule.reason(SampleCounts(*state, sample)):
                    break
                right = draw(name, sample) < rates[name]
                state[not right] += 1
                asked.append(FoundSample(name, sample, "verified" if right else "refuted", 100))
                if stop_after is not None and len(asked) == stop_after:
                    return asked, rounds
        for one in asked:
            rounds.learn(one)
    return asked, rounds


WORLD = {f"{number:03d}": number % 10 / 10 for number in range(200)}


def test_a_budget_goes_where_problems_are_finished_for_least():
    strategy = Adaptive(AdaptiveConfig(kind="adaptive", samples=16, tokens=60_000))
    asked, rounds = play(strategy, WORLD)
    assert 0.95 * 60_000 <= rounds.spent <= 60_000 and rounds.spent == 100 * len(asked)
    right = {name: sum(one.standing == "verified" for one in asked if one.problem == name) for name in WORLD}
    everywhere = sum(sum(draw(name, k) < WORLD[name] for k in range(3)) >= 2 for name in WORLD)
    assert sum(count >= 2 for count in right.values()) > 1.3 * everywhere


def test_without_a_budget_there_is_one_round_in_which_every_problem_gets_all():
    rounds = Adaptive(AdaptiveConfig(kind="adaptive", samples=8)).rounds(["a", "b"])
    assert rounds.missing() == {"a": SampleShare(0, 8), "b": SampleShare(0, 8)}


@pytest.mark.parametrize("stop_after", [1, 63, 130, 200, 333, 599])
def test_a_run_after_a_kill_decides_the_same_and_asks_for_what_is_missing(stop_after):
    strategy = Adaptive(AdaptiveConfig(kind="adaptive", samples=16, tokens=60_000))
    whole, _ = play(strategy, WORLD)
    before, _ = play(strategy, WORLD, stop_after=stop_after)
    after, _ = play(strategy, WORLD, known=before)
    assert sorted(before + after) == sorted(whole) and len(before) + len(after) == len(whole)


def test_more_budget_adds_samples_and_asks_none_again():
    few, _ = play(Adaptive(AdaptiveConfig(kind="adaptive", samples=16, tokens=30_000)), WORLD)
    more, rounds = play(Adaptive(AdaptiveConfig(kind="adaptive", samples=16, tokens=60_000)), WORLD, known=few)
    assert not {*few} & {*more} and rounds.spent > 45_000


def test_a_problem_whose_samples_do_not_come_gets_no_more_in_this_run():
    rounds = Adaptive(AdaptiveConfig(kind="adaptive", samples=8)).rounds(["a", "b"])
    assert len(rounds.missing()) == 2
    rounds.learn(FoundSample("a", 0, "refuted", 10))
    rounds.learn(FoundSample("a", 1, "error", 0))
    assert rounds.missing() == {} and rounds.first_missing("a") == 1 and rounds.first_missing("b") == 0


def test_the_driver_knows_which_strategies_work_in_rounds():
    assert isinstance(Adaptive(CONFIG), InRounds)


def test_a_pilot_that_gave_nothing_is_followed_by_larger_ones():
    config = AdaptiveConfig(kind="adaptive", tokens=10_000_000)
    rounds = Adaptive(config).rounds([f"{number:04d}" for number in range(300)])
    sizes = []
    while shares := rounds.missing():
        sizes.append(len(shares))
    assert sizes == [64, 64, 128, 44]


def answered(rounds, tokens):
    """Plays the rounds to their end in a world where every sample is refuted and states so many tokens, by number."""
    count = 0
    while shares := rounds.missing():
        for name, share in shares.items():
            for sample in range(share.first, share.stop):
                rounds.learn(FoundSample(name, sample, "refuted", tokens(count)))
                count += 1
    return count


def test_a_budget_that_no_sample_counts_against_ends_the_run_instead_of_being_spent_for_ever():
    config = AdaptiveConfig(kind="adaptive", samples=16, tokens=10_000)
    rounds = Adaptive(config).rounds([f"{number:04d}" for number in range(300)])
    with pytest.raises(TracemillError, match=r"none of the .* samples so far states how many"):
        answered(rounds, lambda _: None)


def test_a_budget_is_refused_where_no_problem_could_ever_have_enough():
    """32 samples of one kind leave an interval that is 0.109 wide."""
    narrow = AdaptiveConfig(kind="adaptive", verified=None, width=0.1, samples=32, tokens=10_000)
    with pytest.raises(UsageError, match=r"with strategy.samples=32 none ever does.*raise samples or width"):
        Adaptive(narrow).rounds(["a", "b"])
    assert Adaptive(narrow.model_copy(update={"width": 0.11})).rounds(["a", "b"]).missing()
    assert Adaptive(narrow.model_copy(update={"tokens": None})).rounds(["a", "b"]).missing()


def test_samples_that_do_not_say_what_they_cost_count_as_the_others_do():
    config = AdaptiveConfig(kind="adaptive", samples=16, tokens=50_000)
    rounds = Adaptive(config).rounds([f"{number:04d}" for number in range(300)])
    asked = answered(rounds, lambda count: 100 if count % 10 == 0 else None)
    assert 400 <= asked <= 500 and 40_000 <= rounds.spent <= 50_000


def test_without_a_budget_nobody_need_say_what_a_sample_costs():
    rounds = Adaptive(AdaptiveConfig(kind="adaptive", samples=4)).rounds(["a", "b"])
    assert answered(rounds, lambda _: None) == 8


@pytest.mark.parametrize("budget", [3, 2_000, 40_000])
def test_a_small_budget_is_not_spent_on_the_pilot(budget):
    """The pilot knows no costs yet; 64 problems of a model that reasons would be a million tokens."""
    rounds = Adaptive(AdaptiveConfig(kind="adaptive", samples=16, tokens=budget)).rounds(list(map(str, range(300))))
    asked = answered(rounds, lambda _: 4_000)
    assert asked and rounds.spent <= budget + 3 * 4_000


def test_rounds_end_though_a_call_failed_when_the_budget_is_spent():
    rounds = Adaptive(AdaptiveConfig(kind="adaptive", samples=16, tokens=400_000)).rounds(list(map(str, range(300))))
    failed = next(iter(rounds.missing()))
    asked = answered(rounds, lambda _: 4_000)
    assert asked > 10 and rounds.first_missing(failed) == 0 and rounds.spent <= 400_000 + 3 * 4_000
