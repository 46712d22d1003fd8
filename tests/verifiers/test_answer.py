from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from pydantic import ValidationError
from tracemill.claims.claim_checker import Ruling
from tracemill.records import Check, FinishReason, Outcome, Problem, Source, Trace, Turn
from tracemill.sandbox import limited
from tracemill.sandbox.limited import LimitedProcess
from tracemill.sandbox.limited_pool import LimitedPool
from tracemill.verifiers.answer.canaries import canaries
from tracemill.verifiers.answer.check import check_gold
from tracemill.verifiers.answer.grammar.numbers import read_number
from tracemill.verifiers.answer.verifier import AnswerConfig, AnswerVerifier
from tracemill.verifiers.verifier import judged


@pytest.fixture(scope="module")
def verifier() -> Iterator[AnswerVerifier]:
    made = AnswerVerifier(AnswerConfig(seconds=3.0))
    yield made
    made.close()


def problem(answer: str, kind: str, spec: dict[str, Any], prompt: str = "") -> Problem:
    source = Source("test", "1", "MIT", 0, 0)
    return Problem("p", "g", "a.b.c.d", prompt, answer, Check(kind, spec), source)


def trace(*turns: Turn, finish_reason: FinishReason = "stop") -> Trace:
    return Trace("t", "d", "p", "skills", "model", "single", 0, "0", turns, finish_reason)


def ruled(
    verifier: AnswerVerifier, text: str, answer: str, kind: str = "numeric", prompt: str = "", **spec: Any
) -> Ruling:
    return verifier.rule(problem(answer, kind, spec, prompt), trace(Turn("assistant", content=text)))


CANARIES = list(canaries())


@pytest.mark.parametrize("canary", CANARIES, ids=[canary.attack for canary in CANARIES])
def test_canary_has_its_outcome(verifier: AnswerVerifier, canary: Any) -> None:
    ruling = verifier.rule(canary.problem, canary.trace)
    assert (ruling.outcome, ruling.reason) == (canary.expected, ruling.reason)
    assert (ruling.strength is None) == (ruling.outcome == "unknown")


def test_canaries_cover_every_kind_of_check_both_ways() -> None:
    covered = {(canary.problem.check.kind, canary.expected) for canary in CANARIES}
    kinds = ("exact", "numeric", "symbolic", "choice", "structured", "plan")
    assert covered >= {(kind, outcome) for kind in kinds for outcome in ("verified", "refuted")}
    assert ("symbolic", "unknown") in covered
    assert len({canary.attack for canary in CANARIES}) == len(CANARIES)


@pytest.mark.parametrize(
    "text",
    [
        r"\boxed{41} and \boxed{42}",
        r"\boxed{forty-two} \boxed{42}",
        r"\boxed{42} and \boxed{41}",
        "A: 41\nA: 42",
        "#### 41\n#### 42",
        "The answer is 41. The answer is 42.",
        "The answer is 41.\n#### 42",
        r"<answer>41</answer> \boxed{42}",
        "<answer>41</answer><answer>42</answer>",
        "<answer>42 or 43</answer>",
        r"\boxed{41, 42}",
        "The answer is either 42 or 43.",
        "The answer is 42 or maybe 43.",
        "Answer: 42 or 43",
        "Answer: about 42",
        r"\boxed{\approx 42}",
        "What is 20+22? The answer is what we look for.",
        "20+22 is asked.",
        r"\boxed{20+22}",
        r"\boxed{6 \times 7}",
        r"\boxed{4200\%}",
        "Answer: 4200 percent",
        r"\boxed{42k}",
        r"\boxed{42x}",
        r"\boxed{42!}",
        r"\boxed{}",
        r"\boxed{42",
        "",
    ],
)
def test_case_50_several_hedged_restated_or_unevaluated_answers_are_refuted(
    verifier: AnswerVerifier, text: str
) -> None:
    assert ruled(verifier, text, "42", prompt="What is 20+22?").outcome == "refuted"
    assert ruled(verifier, text, "42", "symbolic", prompt="What is 20+22?").outcome == "refuted"


BOMBS = (
    "9**9**9**9",
    "9^{9^{9^{9}}}",
    "(" * 2000 + "1" + ")" * 2000,
    "\\frac{" * 2000 + "1" + "}{1}" * 2000,
    "9" * 1_000_000,
    "1e999999999",
    "1/" + "9" * 100_000,
    "1," * 100_000,
    "-" * 100_000 + "1",
)


@pytest.mark.parametrize("bomb", BOMBS, ids=lambda bomb: bomb[:12])
def test_case_51_expression_bomb_is_bounded_in_any_thread(verifier: AnswerVerifier, bomb: str) -> None:
    outcomes: list[Outcome] = []

    def judge() -> None:
        for kind, answer, spec in (
            ("numeric", "42", {}),
            ("symbolic", "42", {}),
            ("exact", "42", {"literal": True}),
            ("structured", '{"x":"42"}', {"fields": {"x": "numeric"}}),
            ("choice", "A", {"choices": {"A": "42"}}),
        ):
            text = f"\\boxed{{{bomb}}}" if kind != "structured" else f"\\boxed{{x = {bomb}}}"
            outcomes.append(ruled(verifier, text, answer, kind, **spec).outcome)

    thread = threading.Thread(target=judge, daemon=True)
    thread.start()
    thread.join(60)
    assert len(outcomes) == 5
    assert "verified" not in outcomes


def test_case_51_expression_bomb_against_an_expression_is_unknown_and_the_next_answer_is_judged(
    verifier: AnswerVerifier,
) -> None:
    ruling = ruled(verifier, r"\boxed{9^{9^{9^{9^{x}}}}+9^{9^{9^{9}}}}", "x+1", "symbolic")
    assert (ruling.outcome, ruling.isolation) == ("unknown", "limited-process")
    assert ruled(verifier, r"\boxed{1+x}", "x+1", "symbolic").outcome == "verified"


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        ("9^{9^{9^{9}}}", "too large to work out"),
        ("(\\frac{1}{9})^{9^{9^{9}}}", "too large to work out"),
        ("((((9!)!)!)!)!", "too large to work out"),
        ("(x+y+z)^{100000}", "too large to expand"),
    ],
)
def test_what_computer_algebra_could_not_work_out_is_not_begun(
    verifier: AnswerVerifier, answer: str, reason: str
) -> None:
    ruling = ruled(verifier, f"\\boxed{{{answer}}}", "\\sin(x)", "symbolic")
    assert ruling.outcome == "unknown"
    assert reason in ruling.reason


@pytest.mark.parametrize("reason", ["length", "loop", "budget", "error", "tool_calls", "content_filter"])
def test_an_unfinished_trace_is_never_verified(verifier: AnswerVerifier, reason: FinishReason) -> None:
    right = trace(Turn("assistant", content=r"\boxed{42}"), finish_reason=reason)
    cut_off = reason in ("length", "loop", "budget")
    assert verifier.rule(problem("42", "numeric", {}), right).outcome == ("refuted" if cut_off else "unknown")


def test_only_the_last_assistant_turn_counts(verifier: AnswerVerifier) -> None:
    asked = problem("42", "numeric", {})
    right, wrong = Turn("assistant", content="A: 42"), Turn("assistant", content="A: 41")
    assert verifier.rule(asked, trace(wrong, Turn("user", content="A: 42"), right)).outcome == "verified"
    assert verifier.rule(asked, trace(right, Turn("user", content="A: 42"), wrong)).outcome == "refuted"
    assert verifier.rule(asked, trace(right, Turn("user", content="Again?"))).evidence["turn"] == 0
    assert verifier.rule(asked, trace(Turn("user", content="A: 42"))).outcome == "refuted"
    assert verifier.rule(asked, trace()).outcome == "refuted"


def test_reasoning_counts_only_where_there_is_no_content(verifier: AnswerVerifier) -> None:
    asked = problem("42", "numeric", {})
    assert verifier.rule(asked, trace(Turn("assistant", reasoning="A: 42"))).outcome == "verified"
    assert verifier.rule(asked, trace(Turn("assistant", content="Hm.", reasoning="A: 42"))).outcome == "refuted"
    assert verifier.rule(asked, trace(Turn("assistant", content="A: 42", reasoning="A: 41"))).outcome == "verified"


def test_evidence_names_rule_span_and_text(verifier: AnswerVerifier) -> None:
    turn = Turn("assistant", content=r"It is \boxed{\$42}.", reasoning="Let me see.")
    evidence = verifier.rule(problem("42", "numeric", {}), trace(Turn("user", content="?"), turn)).evidence
    assert (evidence["rule"], evidence["turn"], evidence["text"]) == ("boxed", 1, r"\$42")
    assert turn.text[evidence["start"] : evidence["end"]] == r"\$42"
    json.dumps(evidence)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("$1,234.50", "2469/2"),
        ("1 234", "1234"),
        (r"1\,234", "1234"),
        (r"1{,}234", "1234"),
        ("-3", "-3"),
        ("−3", "-3"),
        ("+3", "3"),
        ("-$3", "-3"),
        ("$-3", "-3"),
        ("3/4", "3/4"),
        ("0.75", "3/4"),
        (".75", "3/4"),
        (r"\frac{3}{4}", "3/4"),
        (r"-\dfrac{3}{4}", "-3/4"),
        (r"\frac34", "3/4"),
        (r"2\frac{1}{2}", "5/2"),
        ("2 1/2", "5/2"),
        ("1.5e3", "1500"),
        ("42.", "42"),
        ("42.00", "42"),
        ("$42$", "42"),
        (r"\(42\)", "42"),
        ("**42**", "42"),
        ("42**", "42"),
        ("42 apples.", "42"),
        ("42 miles per hour", "42"),
        (r"42\text{ cm}^2", "42"),
        (r"\text{42}", "42"),
        (r"90^\circ", "90"),
        ("x = 42", "42"),
        ("007", "7"),
        ("½", "1/2"),
        ("2½", "5/2"),
        ("3⁄4", "3/4"),
        ("42\u200b", "42"),
        ("{42}", "42"),
        ("US$42", "42"),
        ("₹42", "42"),
        ("42 $", "42"),
        (r"\frac{1}{-2}", "-1/2"),
        (r"\frac{1}2", "1/2"),
        ("‑42", "-42"),
        ("1 point", "1"),
        ("42 months", "42"),
        ("42 quarts", "42"),
    ],
)
def test_numbers_are_read_as_people_write_them(verifier: AnswerVerifier, text: str, value: str) -> None:
    assert ruled(verifier, f"\\boxed{{{text}}}", value).outcome == "verified"
    assert ruled(verifier, f"\\boxed{{{text}}}", f"{value}1" if "/" not in value else "17").outcome == "refuted"


@pytest.mark.parametrize(
    "text",
    """1,23|12,34|1,2345|1.2.3|1/0|--3|3-|4 2|42 k|42 x|4 or 2|42 thousand|half|²|5 squared|1e9999|42 dozen|42 1|0x2a
    |42,|1 2345|0,500|01,000|0 005
    |42 pairs|42 bps|42 Millionen|42 googol|\\frac{1}{0}|42 if so|(1, 2)|1 to 2|~42|42 e3|42 point five|42 lakh|42 Mio
    |42 quadrillion|42 per mille
    |42 basis points|42 sixths|42 thousandths|42 billionths|42 below zero|42 wrong|42 no|42 nope|42 false|42 otherwise
    |2 5/2|2\\frac{5}{2}|2\\frac{-1}{2}|12.5 \\times 10^3|6 \\times 7|""".replace("\n", "").split("|"),
)
def test_what_is_not_one_number_is_not_read(text: str) -> None:
    assert read_number(text) is None


def test_tolerance_and_percent_are_what_the_spec_says(verifier: AnswerVerifier) -> None:
    assert ruled(verifier, "A: 0.334", "1/3", tolerance="0.001").outcome == "verified"
    assert ruled(verifier, "A: 0.335", "1/3", tolerance="0.001").outcome == "refuted"
    assert ruled(verifier, "A: 0.3333333333333333", "1/3").outcome == "refuted"
    assert ruled(verifier, "A: 75%", "0.75", percent=True).outcome == "verified"
    assert ruled(verifier, "A: 75%", "0.75").outcome == "unknown"
    assert ruled(verifier, "A: 75%", "75").outcome == "unknown"


@pytest.mark.parametrize("text", [r"6.02 \times 10^{23}", r"6.02\cdot10^{23}", "6.02 x 10^23", "6.02 × 10^{23}"])
def test_scientific_notation_is_a_number_where_the_answer_has_it_and_else_undecided(
    verifier: AnswerVerifier, text: str
) -> None:
    boxed = f"\\boxed{{{text}}}"
    for gold in ("6.02e23", r"6.02 \times 10^{23}"):
        assert ruled(verifier, boxed, gold).outcome == "verified"
    assert ruled(verifier, boxed, "602000000000000000000000").outcome == "unknown"
    assert ruled(verifier, boxed, "6.03e23").outcome == "refuted"
    assert ruled(verifier, boxed, "602000000000000000000000", "symbolic").outcome == "unknown"


def test_weak_statements_count_only_against_what_they_contradict(verifier: AnswerVerifier) -> None:
    assert ruled(verifier, "The answer is found by adding.\n#### Sum\nA: 42", "42").outcome == "verified"
    assert ruled(verifier, "The answer is found by adding. The answer is 42.", "42").outcome == "verified"
    assert ruled(verifier, "The answer is 42. The answer is hard to find.", "42").outcome == "refuted"
    assert ruled(verifier, "The answer is 42.\nA: 42.0", "42").outcome == "verified"
    assert ruled(verifier, "**Final Answer**\n\n43\n\n\\boxed{42}", "42").outcome == "refuted"
    assert ruled(verifier, "### Answer\nWe add the two.\n\n\\boxed{42}", "42").outcome == "verified"
    assert ruled(verifier, "The answer is 42 because 20+22=42.", "42").outcome == "verified"
    assert ruled(verifier, "The answer is 42 because of 1, or 43.", "42").outcome == "refuted"


def test_exact_text_is_compared_as_it_is(verifier: AnswerVerifier) -> None:
    for text in ("Answer: Paris", "**Answer:** Paris.", "The answer is Paris.", "Answer: `Paris`"):
        assert ruled(verifier, text, "Paris", "exact").outcome == "verified"
    assert ruled(verifier, "Paris", "Paris", "exact").outcome == "verified"
    assert ruled(verifier, "The answer is paris.", "Paris", "exact").outcome == "unknown"
    for text in ("Answer: Par is", "Answer: Paris, France", "Lyon"):
        assert ruled(verifier, text, "Paris", "exact").outcome == "refuted"
    assert ruled(verifier, "#### Lyon\n#### Paris", "Paris", "exact").outcome == "refuted"
    assert ruled(verifier, "Answer: a\nb", "a\nb", "exact").outcome == "verified"
    assert ruled(verifier, "Answer: a\n\nb", "a", "exact").outcome == "refuted"


@pytest.mark.parametrize(
    ("text", "gold", "outcome"),
    [
        ("{'b': [1], 'a': None}", "{'a': None, 'b': [1]}", "verified"),
        ("{2, 1}", "{1, 2}", "verified"),
        ("'x'", '"x"', "verified"),
        ("1", "True", "refuted"),
        ("1.0", "1", "refuted"),
        ("[1, 2]", "(1, 2)", "refuted"),
        ("{1: 'a'}", "{1.0: 'a'}", "refuted"),
        ("x", "'x'", "refuted"),
        ("__import__('os')", "1", "refuted"),
        ("[1, 2].", "[1,2]", "verified"),
        ("\n```python\n[1,2]\n```", "[1, 2]", "verified"),
        ("\n```\n[1,2]\n```\n```\n[3]\n```", "[1, 2]", "refuted"),
        ("[1,2]\n\nAnswer: [1,  2]", "[1, 2]", "verified"),
        ("[1,3]\n\nAnswer: [1,  2]", "[1, 2]", "refuted"),
    ],
)
def test_literals_are_compared_by_value_and_type(verifier: AnswerVerifier, text: str, gold: str, outcome: str) -> None:
    assert ruled(verifier, f"Answer: {text}", gold, "exact", literal=True).outcome == outcome


CHOICES = {"A": "a cat", "B": "A dog", "C": "a cat.", "D": "B"}


@pytest.mark.parametrize(
    ("text", "outcome"),
    [
        ("Answer: B", "verified"),
        ("Answer: (b).", "verified"),
        (r"\boxed{\text{B}}", "verified"),
        ("Answer: a dog", "verified"),
        ("Answer: B: A dog", "verified"),
        ("Answer: (B) a dog.", "verified"),
        ("Answer: option (B).", "verified"),
        ("Answer: option B: a dog", "verified"),
        ("The correct option is B.", "verified"),
        ("The correct choice is B or C.", "refuted"),
        ("Answer: B because it barks", "verified"),
        ("Answer: Choice A", "refuted"),
        ("Answer: option B or C", "refuted"),
        ("Answer: B) a cat", "refuted"),
        ("Answer: a cat", "refuted"),
        ("Answer: D", "refuted"),
        ("Answer: B, C", "refuted"),
        ("A: a cat\nB: A dog", "refuted"),
    ],
)
def test_choices_are_named_by_key_or_wording(verifier: AnswerVerifier, text: str, outcome: str) -> None:
    assert ruled(verifier, text, "B", "choice", choices=CHOICES).outcome == outcome


@pytest.mark.parametrize(
    ("text", "outcome"),
    [
        (r"\boxed{x = 3,\; y = \frac{5}{2}}", "verified"),
        (r"$\boxed{x = 3, y = 5/2}$", "verified"),
        (r"\boxed{x=3 \text{ and } y=2.5}", "verified"),
        ("Answer: y = 2.5; x = 3.", "verified"),
        ("Answer:\n- x: 3\n- y: 5/2\n", "verified"),
        ("Answer: x is 3, y is 5/2", "verified"),
        ("Answer: x = 3, y = 5/2, z = 1", "refuted"),
        ("Answer: z = 1, x = 3, y = 5/2", "refuted"),
        ("Answer: x = 3, y = 2, y = 5/2", "refuted"),
        ("Answer: x = 3 or 4, y = 5/2", "refuted"),
        ("Answer: x = 3", "refuted"),
        ("Answer: x = 5/2, y = 3", "refuted"),
        ("Answer: 3, 5/2", "refuted"),
        ("Answer: x = 3, y = 2.5%", "refuted"),
        ("Answer: $x = 3$, $y = 5/2$", "verified"),
        ("Answer: x = $3 and y = $2.50", "verified"),
        (r"Answer: \(x = 3\) and \(y = \frac52\)", "verified"),
        ("Answer:\n- **x**: 3\n- **y**: 5/2", "verified"),
        ("Answer: (x = 3, y = 5/2)", "verified"),
        ('Answer: {"x": 3, "y": 2.5}', "verified"),
        ('Answer: {"x": 3, "y": 2.5, "x": 4}', "refuted"),
        ("Answer: x = 3, y = 5/2\n\nI hope this helps.", "verified"),
        ("Answer: x = 3, y = 5/2\n\nI may be wrong.", "refuted"),
        ("Answer: x = 3, y = 5/2\n\nor x = 4", "refuted"),
        ("Answer: x = 3, y = 5/2\n\nx = 4, y = 5/2", "refuted"),
        ("Answer: x = 3\n\ny = 5/2", "verified"),
    ],
)
def test_fields_are_read_in_any_order_each_once(verifier: AnswerVerifier, text: str, outcome: str) -> None:
    gold, fields = '{"x":"3","y":"5/2"}', {"x": "numeric", "y": "numeric"}
    assert ruled(verifier, text, gold, "structured", fields=fields).outcome == outcome


def test_a_plan_ends_before_a_remark(verifier: AnswerVerifier) -> None:
    stacks = {"initial": {"stacks": [["a"], ["b"], ["c"]]}, "goal": {"stacks": [["c", "b", "a"]]}}
    spec = {"simulator": "blocks", "floor": "table", **stacks}
    plan = "Answer:\nmove b onto c\n\nmove a onto b"
    for text, outcome in (
        (plan, "verified"),
        (f"{plan}\n\nThat is all.", "refuted"),
        (plan.replace("\n\n", "\n") + "\n\nThat is all.", "verified"),
        (plan.replace("\n\n", "\n") + "\n\nWait, that's wrong.", "refuted"),
        (plan.replace("\n\n", "\n") + "\n\nor move b onto c", "refuted"),
        ("Answer:\n```\nmove b onto c\nmove a onto b\n```", "verified"),
        ("Answer: nothing to do", "refuted"),
    ):
        assert ruled(verifier, text, "an example", "plan", **spec).outcome == outcome, text


def test_hostile_blanks_in_an_answer_cost_time_that_grows_with_their_length(verifier: AnswerVerifier) -> None:
    text = "Answer: x = 3" + " " * 900_000 + "\n" + " " * 900_000 + "y = 5/2"
    fields = {"x": "numeric", "y": "numeric"}
    assert ruled(verifier, text, '{"x":"3","y":"5/2"}', "structured", fields=fields).outcome == "refuted"


def test_field_names_may_hold_spaces_and_one_another(verifier: AnswerVerifier) -> None:
    gold, fields = (
        '{"A":"knight","red apple":"3","apple":"4"}',
        {"A": "exact", "red apple": "numeric", "apple": "numeric"},
    )
    assert (
        ruled(
            verifier, "Answer: apple = 4, red apple = 3, A is a **knight**", gold, "structured", fields=fields
        ).outcome
        == "verified"
    )
    text = "Answer: apple = 4, red  apple = 3, A = knight"
    assert ruled(verifier, text, gold, "structured", fields=fields).outcome == "verified"
    assert ruled(verifier, text.replace("knight", "knave"), gold, "structured", fields=fields).outcome == "refuted"


PI_DIGITS = "14159265358979323846264338327950288419716939937510582097494459230781640628620899"


@pytest.mark.parametrize(
    ("text", "gold", "outcome", "strength"),
    [
        (r"\frac{\sqrt3}{2}", r"\frac{\sqrt{3}}{2}", "verified", "exact"),
        ("sqrt(3)/2", r"\frac{\sqrt{3}}{2}", "verified", "exact"),
        ("(x+1)^2", "x**2 + 2*x + 1", "verified", "exact"),
        ("0.5x", r"\frac{x}{2}", "verified", "exact"),
        ("0.1x + 0.2x", "0.3x", "verified", "exact"),
        ("2*a*b", "2ab", "verified", "exact"),
        (r"1 - \cos^2 x", r"\sin^2 x", "verified", "tested"),
        (r"\{2, 1\}", r"\{1, 2\}", "verified", "exact"),
        ("2 > x", "x < 2", "verified", "exact"),
        ("y = x + 1", "x + 1", "verified", "exact"),
        ("3/4", "0.75", "verified", "exact"),
        (r"2\sqrt{3} \text{ cm}", r"2\sqrt{3}", "verified", "exact"),
        ("2a", "2ab", "refuted", "exact"),
        ("2A", "2a", "refuted", "exact"),
        (r"(1, 2]", r"[1, 2]", "refuted", "exact"),
        (r"3.1415926535", r"\pi", "refuted", "exact"),
        (r"9\%", "9x", "refuted", "exact"),
        (r"\int_0^1 x^3 dx + x", r"x + \frac{1}{4}", "refuted", "exact"),
        (r"x \text{ or } -x", "x", "refuted", "exact"),
        (
            r"\begin{pmatrix} 1 & 2 \\ 3 & 4 \end{pmatrix}",
            r"\begin{bmatrix}1&2\\3&4\end{bmatrix}",
            "verified",
            "exact",
        ),
        (r"\begin{pmatrix} 1 & 2 \\ 3 & 5 \end{pmatrix}", r"\begin{pmatrix}1&2\\3&4\end{pmatrix}", "refuted", "exact"),
        (r"\begin{pmatrix} 1 & 2 \end{pmatrix}", r"\begin{pmatrix}1\\2\end{pmatrix}", "refuted", "exact"),
        (r"x=2 \text{ or } x=3", "2,3", "verified", "exact"),
        (r"2 \text{ or } 4", "2,3", "refuted", "exact"),
        (r"\text{Yes}", "Yes", "verified", "exact"),
        (r"\text{No}", "Yes", "refuted", "exact"),
        (r"\varnothing", r"\emptyset", "verified", "exact"),
        (r"x^{1/2}", r"\sqrt x", "verified", "exact"),
        (r"x \ge 3", r"[3,\infty)", "verified", "exact"),
        (r"-1<x<3", "(-1,3)", "verified", "exact"),
        (r"-1<x<4", "(-1,3)", "refuted", "exact"),
        (r"\{1, 2\}", "(1,2)", "unknown", None),
        (r"(1,2,3)", r"\{1,2,3\}", "unknown", None),
        ("1,2,2", "1,2", "unknown", None),
        ("1,1,2", "1,2,2", "unknown", None),
        (r"1 \pm \sqrt{2}", r"1+\sqrt{2}, 1-\sqrt{2}", "verified", "exact"),
        ("x = 3", "y = 3", "unknown", None),
        ("y = 3", "y=3", "verified", "exact"),
        ("x = 2x", "2x", "unknown", None),
        ("x = x", "x", "unknown", None),
        ("f(x) = 2x", "2x", "verified", "exact"),
        ("x'", "x", "unknown", None),
        ("1/2x", r"\frac{1}{2x}", "unknown", None),
        ("1/2 x + 3", r"\frac{x}{2} + 3", "unknown", None),
        ("x/2y", r"\frac{x}{2y}", "unknown", None),
        (r"1/2\pi", r"\frac{\pi}{2}", "unknown", None),
        (r"1/2 \cdot x", r"\frac{x}{2}", "verified", "exact"),
        ("(1/2)x", r"\frac{x}{2}", "verified", "exact"),
        ("sin(x)/cos(x)", r"\tan x", "verified", "tested"),
        (r"\text{on}", r"\text{no}", "unknown", None),
        ("seY", "Yes", "unknown", None),
        ("2ba", "2ab", "verified", "exact"),
        ("A^T", "A", "unknown", None),
        (r"n\ldots", "n", "unknown", None),
        (r"x\text{ wrong}", "x", "unknown", None),
        ("~x+1", "x+1", "refuted", "exact"),
        ("~42", "42", "refuted", "exact"),
        (r"1{,}000x", "1000x", "verified", "exact"),
        ("1,000x", "1000x", "verified", "exact"),
        ("1,001x", "1000x", "refuted", "exact"),
        ("(1,200)", "(1,300)", "refuted", "exact"),
        (r"\ln(x^2)", r"2\ln x", "unknown", None),
        (r"\ln(x^3)", r"2\ln x", "refuted", "tested"),
        (r"\sqrt{2}a", r"\sqrt{2a^2}", "unknown", None),
        (r"\sqrt{x-2}", r"\sqrt{x-1}", "refuted", "tested"),
        ("-ix", "ix", "refuted", "exact"),
        ("log(x)", r"\log x", "verified", "exact"),
        (r"\ln x", r"\log x", "unknown", None),
        (r"2\ln x", r"\log x", "refuted", "tested"),
        (r"x + \frac{\log 8}{\log 2}", "x+3", "verified", "exact"),
        (r"\sqrt2+\sqrt3\cdot10^{-60}", r"\sqrt2", "refuted", "exact"),
        (r"\sqrt{3+2\sqrt2}", r"1+\sqrt2", "verified", "tested"),
        (r"\sqrt{3+2\sqrt2}", r"1+\sqrt2+10^{-60}", "refuted", "exact"),
        (r"\cos(\pi/7)-\cos(2\pi/7)+\cos(3\pi/7)+\sqrt2", r"\frac12+\sqrt2", "verified", "exact"),
        ("x+10^{-60}", "x", "refuted", "exact"),
        (f"3.{PI_DIGITS}", r"\pi", "refuted", "exact"),
        (r"4\arctan(1/5)-\arctan(1/239)", r"\frac{\pi}{4}", "verified", "tested"),
        ("nothing much", "x", "unknown", None),
        ("nothing", "x", "unknown", None),
        ("x +", "x", "unknown", None),
        ("x" * 5000, "x", "unknown", None),
    ],
)
def test_expressions_are_compared_by_value(
    verifier: AnswerVerifier, text: str, gold: str, outcome: str, strength: str | None
) -> None:
    ruling = ruled(verifier, f"\\boxed{{{text}}}", gold, "symbolic")
    assert (ruling.outcome, ruling.strength) == (outcome, strength)


def test_an_expression_copied_from_the_question_is_refuted(verifier: AnswerVerifier) -> None:
    prompt = r"Write $\sqrt{12} + \sqrt{27}$ as one root."
    assert ruled(verifier, r"\boxed{\sqrt{12}+\sqrt{27}}", r"5\sqrt{3}", "symbolic", prompt).outcome == "refuted"
    assert ruled(verifier, r"\boxed{\sqrt{75}}", r"5\sqrt{3}", "symbolic", prompt).outcome == "verified"


@pytest.mark.parametrize(
    ("kind", "answer", "spec"),
    [
        ("numerical", "42", {}),
        ("numeric", "forty-two", {}),
        ("numeric", "42", {"tolerance": "-1"}),
        ("numeric", "42", {"tolerance": "small"}),
        ("numeric", "42", {"tolerence": "1"}),
        ("numeric", "42%", {}),
        ("exact", "x y", {"literal": True}),
        ("exact", "x", {"literal": "yes"}),
        ("choice", "E", {"choices": CHOICES}),
        ("choice", "A", {}),
        ("structured", '{"x":"3"}', {"fields": {"x": "numeric", "y": "numeric"}}),
        ("structured", "x = 3", {"fields": {"x": "numeric"}}),
        ("structured", '{"x":"three"}', {"fields": {"x": "numeric"}}),
        ("structured", '{"x":"3"}', {"fields": {"x": "symbolic"}}),
        ("symbolic", "", {}),
        ("symbolic", "x", {"variables": ["x"]}),
    ],
)
def test_a_check_that_makes_no_sense_is_an_error_and_no_verdict(
    verifier: AnswerVerifier, kind: str, answer: str, spec: dict[str, Any]
) -> None:
    asked = problem(answer, kind, spec)
    given = trace(Turn("assistant", content=r"\boxed{x = 3}"))
    with pytest.raises(ValueError):
        verifier.rule(asked, given)
    verdict = judged(verifier, asked, given)
    assert (verdict.outcome, verdict.strength) == ("error", None)


def test_an_expected_expression_that_cannot_be_read_is_refused_where_it_comes_from(verifier: AnswerVerifier) -> None:
    gold = r"f(x)=\begin{cases}2&x>1\\0&x\le 1\end{cases}"
    with pytest.raises(ValueError, match="cannot be read"):
        check_gold(Check("symbolic"), gold, "")
    assert ruled(verifier, r"\boxed{2}", gold, "symbolic").outcome == "unknown"
    assert ruled(verifier, f"\\boxed{{{gold}}}", gold, "symbolic").outcome == "verified"


def test_algebra_that_cannot_start_is_trouble_of_ours_and_no_verdict(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limited, "START_SECONDS", 0.0)
    late = AnswerVerifier()
    verdict = judged(
        late, problem(r"\tan x", "symbolic", {}), trace(Turn("assistant", content=r"\boxed{sin(x)/cos(x)}"))
    )
    assert (verdict.outcome, verdict.reason.partition(":")[0]) == ("error", "NotStarted")


def test_the_expected_answer_stays_out_of_reason_and_evidence(verifier: AnswerVerifier) -> None:
    for kind, answer in (("numeric", "987654"), ("exact", "987654"), ("symbolic", "987654 x")):
        ruling = ruled(verifier, r"\boxed{5}", answer, kind)
        assert ruling.outcome == "refuted"
        assert "987654" not in ruling.reason + json.dumps(dict(ruling.evidence))


def test_judge_names_what_the_outcome_depends_on(verifier: AnswerVerifier) -> None:
    assert verifier.judge["cpu_seconds"] == 3.0
    assert "sympy" in verifier.judge["algebra"]
    other = AnswerVerifier()
    assert (
        judged(other, CANARIES[0].problem, CANARIES[0].trace).id
        != judged(verifier, CANARIES[0].problem, CANARIES[0].trace).id
    )


def test_same_canaries_every_time() -> None:
    assert list(canaries()) == CANARIES
    assert replace(CANARIES[0], attack="") != CANARIES[0]


def test_a_trace_of_very_many_hard_comparisons_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each item of the one set may be each of the other."""
    bombs = ",".join(f"9^{{9^{{9^{{9^{{x}}}}}}}}+9^{{9^{{9^{{{n}}}}}}}" for n in range(6, 10))
    asked = []

    def hangs(self: LimitedPool, request: dict) -> dict:
        asked.append(request)
        raise LimitedProcess.Timeout("used up its CPU time")

    monkeypatch.setattr(LimitedPool, "call", hangs)
    verifier = AnswerVerifier()
    ruling = ruled(verifier, rf"\boxed{{\{{{bombs}\}}}}", r"\{x+6,x+7,x+8,x+9\}", "symbolic")
    assert ruling.outcome == "unknown"
    assert len(asked) == 3


def test_a_pattern_of_the_config_finds_answers_that_count_like_boxed_ones(verifier: AnswerVerifier) -> None:
    made = AnswerVerifier(AnswerConfig(pattern=r"Ergebnis:[ \t]*(.+)"))
    said = {
        "Ergebnis: 42": "verified",
        "Also 6 * 7.\nErgebnis: 42.": "verified",
        "Ergebnis: 41": "refuted",
        "Ergebnis: 41\nErgebnis: 42": "refuted",
        "\\boxed{41}\nErgebnis: 42": "refuted",
        "Ergebnis: \\boxed{42}": "verified",
        "\\boxed{42}": "verified",
        "Ergebnis: ": "refuted",
        "Ergebnis: 41 oder 42": "unknown",
    }
    found = {text: ruled(made, text, "42") for text in said}
    assert {text: ruling.outcome for text, ruling in found.items()} == said
    assert (found["Ergebnis: 42"].evidence["rule"], found["Ergebnis: 42"].evidence["start"]) == ("pattern", 10)
    assert ruled(verifier, "Ergebnis: 42", "42").outcome == "refuted"
    assert made.judge == {**AnswerVerifier().judge, "pattern": r"Ergebnis:[ \t]*(.+)"}
    made.close()
    with pytest.raises(ValidationError, match="no regular expression"):
        AnswerConfig(pattern="(")


def test_the_whole_match_is_the_answer_of_a_pattern_without_a_group() -> None:
    made = AnswerVerifier(AnswerConfig(pattern=r"(?<=→ )\S+"))
    assert ruled(made, "So → 42 it is", "42").outcome == "verified"
    made.close()
