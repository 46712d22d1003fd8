from __future__ import annotations

from dataclasses import replace

from tracemill.cli.ledger import ledger
from tracemill.records import Check, Claim, Flaw, Outcome, Problem, Source, StepVerdict, ToolCall, Trace, Verdict
from tracemill.tasks.task import Line, Solution, as_trace

PROBLEM = Problem(
    "p", "g", "math.test.sums.plain", "What is\n20+22+1?", "43", Check("numeric"), Source("t", "1", "MIT", 0, 0)
)
LINES = (
    Line("20 and 22 make 42.", Claim("equation", {"lhs": "20+22", "rhs": "42"})),
    Line("One more makes 44.", Claim("equation", {"lhs": "42+1", "rhs": "44"}), (0, -1)),
    Line("That is all."),
)
TRACE = as_trace(PROBLEM, Solution(LINES, "\\boxed{44}", Flaw(1, "slip", "one too many")), "a")


JUDGES = {"steps": {"version": "10", "parameters": {}, "checkers": {}}}


def verdict(*outcomes: Outcome, version: str = "1", attempt: int = 0, digest: str = TRACE.digest) -> Verdict:
    steps = tuple(StepVerdict(k, 0, 0, 1, None, outcome, f"said by {version}") for k, outcome in enumerate(outcomes))
    strength = "exact" if outcomes[-1] in ("verified", "refuted") else None
    return Verdict(
        "v", TRACE.id, digest, "steps", version, "steps", outcomes[-1], strength, "why", steps=steps, attempt=attempt
    )


def marks(trace: Trace, *verdicts: Verdict) -> list[str]:
    text = ledger(PROBLEM, trace, verdicts, JUDGES).splitlines()
    return [line[2] for line in text if line[2:7].strip(" ✓✗?!") in ("0", "1", "2")]


def test_the_ledger_shows_each_step_with_its_claim_and_what_was_found() -> None:
    found = replace(verdict("verified", "refuted"), coverage_steps=2 / 3)
    text = ledger(PROBLEM, TRACE, [found])
    for line in (
        f"trace {TRACE.id}",
        "  What is\n  20+22+1?",
        "  ✓  0  20 and 22 make 42.\n          claims 20+22 = 42",
        "  ✗  1  One more makes 44.\n          claims 42+1 = 44  [from step 0, premise 0]",
        "\n          refuted: said by 1\n",
        "     2  That is all.",
        "  → \\boxed{44}",
        "  ✗ steps 1: refuted (exact), coverage 67% of steps: why",
        "  seeded mistake at step 1 (slip): one too many",
    ):
        assert line in text, line


def test_steps_show_the_verdict_that_counts() -> None:
    old, new = verdict("verified", "verified", version="9", attempt=3), verdict("unknown", "refuted", version="10")
    again = verdict("verified", "refuted", version="10", attempt=1)
    stale = verdict("error", "error", version="10", digest="another", attempt=5)
    assert marks(TRACE) == [" ", " ", " "]
    for given in ([old, new], [new, old], [stale, new, old]):
        assert marks(TRACE, *given) == ["?", "✗", " "]
    assert marks(TRACE, again, new, old) == ["✓", "✗", " "]


def test_the_ledger_says_what_is_assumed_and_what_is_taken_back() -> None:
    lines = (
        Line("Suppose so.", Claim("entailment", {"formula": "Bo", "assume": ["Ana", "Bo"]})),
        Line("Wait.", Claim("retraction", {"steps": [0, 1]})),
        Line("The plural is “ti”.", Claim("enumeration", {"formula": '(= plural "ti")'})),
    )
    trace = as_trace(PROBLEM, Solution(lines, "\\boxed{44}"), "a")
    steps = (StepVerdict(0, 0, 0, 1, None, "refuted", "it is not", {"retracted": True}),)
    found = Verdict("v", trace.id, trace.digest, "steps", "10", "steps", "verified", "proof", "why", steps=steps)
    text = ledger(PROBLEM, trace, [found])
    assert "claims Bo, assuming Ana and Bo" in text
    assert "takes back step 0, step 1" in text
    assert 'claims (= plural "ti")' in text
    assert "refuted (taken back later): it is not" in text


def test_a_trace_without_a_reply_says_why() -> None:
    silent = replace(TRACE, turns=(), steps=(), flaw=None, error="the endpoint hung up")
    assert "(no reply: the endpoint hung up)" in ledger(PROBLEM, silent, [])


def test_facts_of_an_execution_are_told_in_short() -> None:
    facts = [
        {"event": "argument", "name": "d", "type": "defaultdict", "holds": "{1: 2}"},
        {"event": "argument", "name": "seq", "value": "(1, 2)"},
        {"event": "assign", "line": 2, "visit": 1, "name": "seen", "type": "set"},
        {"event": "assign", "line": 4, "visit": 2, "name": "n", "value": "3"},
        {"event": "branch", "line": 5, "visit": 1, "taken": False},
        {"event": "run", "line": 6, "visit": 1},
        {"event": "loop", "line": 3, "visit": 1, "count": 2},
        {"event": "yield", "visit": 1, "value": "9"},
        {"event": "return", "value": "True"},
        {"event": "result", "value": "[True]"},
        {"event": "leap", "over": "fence"},
        "no fact",
    ]
    line = Line("It runs.", Claim("execution", {"facts": facts}))
    text = ledger(PROBLEM, as_trace(PROBLEM, Solution((line,), "\\boxed{44}"), "a"), [])
    assert (
        "claims at first d = a defaultdict holding {1: 2}; at first seq = (1, 2); "
        "line 2: seen = a set; line 4, time 2: n = 3; line 5: false; line 6: runs; "
        "line 3: 2 rounds; value 1 handed out = 9; returns True; the call gives [True]; "
        '{"event":"leap","over":"fence"}; "no fact"'
    ) in text


def test_claims_about_a_repository_are_told_in_short() -> None:
    call = {"call": {"name": "run_tests", "arguments": {"path": "tests/test_a.py"}}, "result": "0" * 20}
    value = {"module": "a", "expression": "f(1)", "value": "2"}
    payloads = (
        (call, 'claims that run_tests {"path":"tests/test_a.py"} gives this'),
        ({"shows": ["1 failed"], "lacks": ["passed"]}, "claims that it shows '1 failed'"),
        (value, "claims f(1) = 2"),
        ({**value, "function": "f", "line": 3, "name": "rest"}, "claims f(1), line 3 of f: rest = 2"),
        ({"module": "a", "expression": "f(1)", "raises": "ValueError"}, "claims f(1) raises ValueError"),
        ({"other": 1}, 'claims {"other":1}'),
    )
    lines = tuple(Line("So.", Claim("repository", payload)) for payload, _ in payloads)
    text = ledger(PROBLEM, as_trace(PROBLEM, Solution(lines, "Done."), "a"), [])
    assert all(said in text for _, said in payloads)
    result = Line("x" * 500, Claim("repository", call))
    told = Solution((Line("I run them."), result), "Done.", calls=((1, ToolCall("c", "run_tests")),))
    assert "x" * 160 + " …" in ledger(PROBLEM, as_trace(PROBLEM, told, "b"), [])
