"""Which verdicts count: one rule, said once for a trace and once, in Polars, for a table."""

from __future__ import annotations

import random
from dataclasses import replace
from itertools import product

import polars as pl
import pytest
from tracemill.records import Payload, Trace, Turn, Verdict, canonical_json
from tracemill.verifiers.counting import Judges, counting_verdicts, is_present, present_verdicts

TRACE = Trace("t", "d", "p", "skills", "symbolic", "single", 0, "0", (Turn("assistant", "17"),), "stop")
JUDGES: Judges = {
    "answer": {"version": "2", "parameters": {"seconds": 5.0}, "checkers": {}},
    "steps": {
        "version": "3",
        "parameters": {"coverage": 1.0},
        "checkers": {"entailment": {"version": "2"}, "equation": {"version": "1"}, "faith": None},
    },
}


def verdict(verifier: str, version: str, judge: Payload, attempt: int = 0, digest: str = "d") -> Verdict:
    name = f"{verifier}-{version}-{canonical_json(judge)}-{attempt}-{digest}"
    return Verdict(name, "t", digest, verifier, version, "steps", "verified", "proof", "", judge, attempt=attempt)


def steps(checkers: Payload, attempt: int = 0, digest: str = "d") -> Verdict:
    return verdict("steps", "3", {"coverage": 1.0, "checkers": checkers}, attempt, digest)


ANSWER = verdict("answer", "2", {"seconds": 5.0})


def test_the_latest_attempt_counts_in_whatever_order_they_come() -> None:
    late = replace(ANSWER, outcome="refuted", attempt=1)
    assert counting_verdicts(TRACE, [late, ANSWER]) == counting_verdicts(TRACE, [ANSWER, late]) == {"answer": late}


def test_a_verdict_on_another_digest_does_not_count() -> None:
    assert counting_verdicts(TRACE, [replace(ANSWER, trace_digest="other")]) == {}


@pytest.mark.parametrize(
    ("judge", "present"),
    [
        ({"coverage": 1.0, "checkers": {}}, True),
        ({"coverage": 1.0, "checkers": {"entailment": {"version": "2"}}}, True),
        ({"coverage": 1.0, "checkers": {"entailment": {"version": "1"}}}, False),
        ({"coverage": 1.0, "checkers": {"entailment": {"version": "2"}, "equation": {"version": "0"}}}, False),
        ({"coverage": 1.0, "checkers": {"faith": None}}, True),
        ({"coverage": 1.0, "checkers": {"hope": None}}, True),
        ({"coverage": 1.0, "checkers": {"equation": None}}, False),
        ({"coverage": 1.0, "checkers": {"faith": {"version": "1"}}}, False),
        ({"coverage": 0.9, "checkers": {}}, False),
        ({"checkers": {}}, False),
    ],
)
def test_a_verdict_is_stale_only_by_what_it_was_given_by(judge: Payload, present: bool) -> None:
    assert is_present("steps", "3", judge, JUDGES) is present
    assert not is_present("steps", "2", judge, JUDGES)
    assert not is_present("lean", "3", judge, JUDGES)


def test_of_several_judges_the_present_one_counts_though_an_old_one_was_asked_more_often() -> None:
    old = steps({"entailment": {"version": "1"}}, attempt=3)
    present = steps({"entailment": {"version": "2"}})
    assert counting_verdicts(TRACE, [old, present], JUDGES) == {"steps": present}
    assert counting_verdicts(TRACE, [old], JUDGES) == {}


def test_the_table_says_what_the_function_says() -> None:
    rng = random.Random(3)
    checkers = [{kind: found} for kind in ("entailment", "faith", "hope") for found in (None, {"version": "2"})]
    every = [
        *(steps(one, attempt, digest) for one, attempt, digest in product(checkers, range(3), ("d", "e"))),
        *(verdict("answer", v, {"seconds": s}, a) for v, s, a in product(("1", "2"), (1.0, 5.0), range(3))),
    ]
    rng.shuffle(every)
    every = [replace(one, attempt=attempt) for attempt, one in enumerate(every)]
    sizes = set()
    for _ in range(100):
        verdicts = rng.sample(every, rng.randrange(12))
        columns = ("id", "trace_id", "trace_digest", "verifier", "version", "attempt")
        rows = [
            {**{name: getattr(one, name) for name in columns}, "judge": canonical_json(one.judge)} for one in verdicts
        ]
        schema = {**dict.fromkeys((*columns, "judge"), pl.String), "attempt": pl.Int64}
        table = present_verdicts(pl.DataFrame(rows, schema=schema), JUDGES).filter(trace_digest=TRACE.digest)
        counting = counting_verdicts(TRACE, verdicts, JUDGES)
        assert dict(table.select("verifier", "id").iter_rows()) == {name: one.id for name, one in counting.items()}
        sizes.add(table.height)
    assert sizes == {0, 1, 2}
