"""Claims about a repository: what tools gave, what results show, what code computes."""

from __future__ import annotations

import pytest
from tracemill.claims.repository.canaries import canaries
from tracemill.claims.repository.checker import RepositoryChecker, result_hash
from tracemill.records import Check, Claim, Problem, Source, Step, premise
from tracemill.verifiers.steps import StepsVerifier
from tracemill.verifiers.verifier import judged

FILES = {
    "till/__init__.py": "",
    "till/change.py": "def change(paid, price):\n    rest = paid + price\n    return rest\n",
    "tests/test_change.py": "from till.change import change\n\n\ndef test_change():\n    assert change(5, 3) == 2\n",
}
HERE = (premise(0),)
MEND = {"name": "edit_file", "arguments": {"path": "till/change.py", "old": "paid + price", "new": "paid - price"}}
MENDED = "till/change.py is changed:\n2:     rest = paid - price"
RUN = {"name": "run_tests", "arguments": {}}
FAILED = (
    "FAILED tests/test_change.py::test_change, line 5\n    assert change(5, 3) == 2\n    8 == 2 does not hold\n1 failed"
)
CHECKER = RepositoryChecker()


def problem(*premises):
    source = Source("test", "1", "MIT", 0, 0)
    given = premises or (Claim("repository", {"commits": [{"message": "Begin", "files": FILES}]}),)
    return Problem("p", "g", "a.b.c.d", "", "", Check("code"), source, premises=given)


def result(call, text):
    return {"call": call, "result": result_hash(text)}


def gives(value, expression="change(5, 3)"):
    return {"module": "till.change", "expression": expression, "value": value}


def rulings(*claims, one=None):
    """The rulings on claims, each a payload or a payload with what it uses."""
    pairs = [claim if isinstance(claim, tuple) else (claim, HERE) for claim in claims]
    steps = [Step(0, 0, 0, Claim("repository", payload), uses) for payload, uses in pairs]
    found = CHECKER.rule(one or problem(), steps, range(len(steps)))
    return [found[index] for index in range(len(steps))]


def outcomes(*claims, **how):
    return [ruling.outcome for ruling in rulings(*claims, **how)]


@pytest.mark.parametrize("canary", list(canaries()), ids=lambda canary: canary.attack)
def test_canaries_have_their_outcomes(canary):
    verdict = judged(StepsVerifier(), canary.problem, canary.trace)
    assert verdict.outcome == canary.expected, verdict.reason


def test_results_are_judged_in_the_order_of_the_conversation():
    found = rulings(result(RUN, FAILED), result(MEND, MENDED), result(RUN, "1 passed"), result(RUN, FAILED))
    assert [one.outcome for one in found] == ["verified", "verified", "verified", "refuted"]
    assert found[3].evidence == {"real": "1 passed"}
    assert found[0].isolation.startswith("sandbox L") and found[1].isolation is None
    assert {one.strength for one in found} == {"exact"}


def test_one_more_blank_is_another_result():
    assert outcomes(result(RUN, FAILED + " ")) == ["refuted"]


def test_values_are_those_of_their_place_in_the_conversation():
    assert outcomes(gives("8"), result(MEND, MENDED), gives("2"), gives("8")) == [
        "verified", "verified", "verified", "refuted",
    ]  # fmt: skip


def test_a_claim_names_what_it_rests_on():
    assert outcomes((gives("8"), ()), (result(RUN, FAILED), HERE), ({"shows": ["1 failed"]}, HERE)) == [
        "unknown", "verified", "unknown",
    ]  # fmt: skip
    assert outcomes(result(RUN, FAILED), result(RUN, FAILED), ({"shows": ["1 failed"]}, (0, 1))) == [
        "verified", "verified", "unknown",
    ]  # fmt: skip


def test_after_a_call_that_cannot_be_read_nothing_is_known():
    broken = {"call": {"name": "edit_file"}, "result": ""}
    assert outcomes(gives("8"), broken, gives("8"), result(RUN, FAILED)) == [
        "verified",
        "unknown",
        "unknown",
        "unknown",
    ]
    assert outcomes((result(MEND, MENDED), ()), gives("8")) == ["unknown", "unknown"]


@pytest.mark.parametrize(
    "payload",
    [
        {},
        {"shows": []},
        {"shows": "1 failed"},
        {"shows": ["1 failed"], "more": 1},
        {"module": "till.change", "expression": "change(5, 3)"},
        {**gives("8"), "raises": "ValueError"},
        {**gives("8"), "value": 8},
        {**gives("8"), "function": "change", "line": "2", "name": "rest"},
    ],
)
def test_what_is_of_no_known_form_is_unknown(payload):
    assert outcomes(result(RUN, FAILED), (payload, (0, *HERE)))[1] == "unknown"


def test_a_problem_without_a_repository_decides_nothing():
    assert outcomes(gives("8"), one=problem(Claim("symbols", {}))) == ["unknown"]
    assert outcomes(gives("8"), one=problem(Claim("repository", {"commits": 3}))) == ["unknown"]
    assert outcomes(gives("8"), one=problem(Claim("repository", {"commits": [{"files": {"../x": ""}}]}))) == ["unknown"]
