from __future__ import annotations

import json
import re
import threading
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path

import pytest
from tracemill.claims.claim_checker import Ruling
from tracemill.claims.equation import checker as equation
from tracemill.claims.equation.arithmetic import Irrational, TooLarge, Undefined, Unreadable, evaluate, parse
from tracemill.claims.equation.checker import EquationChecker
from tracemill.claims.equation.rounding import rounds_to
from tracemill.records import Check, Claim, Problem, Source, Step
from tracemill.sandbox.limited import LimitedProcess

PROBLEM = Problem("p", "p", "d", "", "", Check("exact"), Source("t", "1", "MIT", 0, 0))
MARKS = Path(__file__).parents[3] / "shared" / "data" / "gsm8k" / "train.jsonl"


@pytest.fixture(scope="module")
def checker() -> Iterator[EquationChecker]:
    made = EquationChecker()
    yield made
    made.close()


def rule(checker: EquationChecker, lhs: object, rhs: object) -> Ruling:
    return checker.rule(PROBLEM, [Step(0, 0, 0, Claim("equation", {"lhs": lhs, "rhs": rhs}))], [0])[0]


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("48/2", "24"),
        ("1/2*6", "3"),
        (".5*4", "2"),
        ("5(3)", "15"),
        ("(2)(3)", "6"),
        ("20%", "1/5"),
        ("50%*8", "4"),
        ("20% of 50", "10"),
        ("1 - 5 %", "19/20"),
        ("100% - 20% - 5%", "3/4"),
        ("100 - 5% * 20", "99"),
        ("3x4", "12"),
        ("3 × 4 ÷ 6", "2"),
        ("7·2 − 1", "13"),
        ("$1,234.50 + $5", "2479/2"),
        ("1,234,567", "1234567"),
        ("05", "5"),
        ("24.", "24"),
        ("5.*3", "15"),
        ("-2^2", "-4"),
        ("2^-3", "1/8"),
        ("2**3**2", "512"),
        ("5²", "25"),
        ("2¹⁰", "1024"),
        ("10-3-2", "5"),
        ("24/4/2", "3"),
        ("2*-3", "-6"),
        ("--5", "5"),
        ("1 1/2", "3/2"),
        ("10 - 3 1/2", "13/2"),
        ("560//10", "56"),
        ("0.1+0.2", "3/10"),
        ("9007199254740993*3", "27021597764222979"),
    ],
)
def test_arithmetic_is_exact(text: str, value: str) -> None:
    assert evaluate(parse(text)) == Fraction(value)


@pytest.mark.parametrize(
    "text",
    [
        *("", "+", "3+", "(3", "3)", "()", "3 4", "(2)3", "1.2.3", "1,23", "1,2345", "0,500", "12,34,567"),
        *(
            "100+5%",
            "200 - 10%",
            "5% + 2 - 1%",
            "6/2(3)",
            "7%3",
            "7//2",
            "0^0",
            "1/2 1/2",
            "1 5/3",
            "1e5",
            "½",
            "٣",
            "5!",
            "[3]",
            "3=3",
            "x y z w 3",
            "word",
        ),
        *("__import__('os')", "().__class__", "lambda: 1", "1 if 1 else 2", "a.b", "f(x)(", "open('x')", "3;4"),
    ],
)
def test_what_is_no_arithmetic_or_has_two_readings_is_refused(text: str) -> None:
    with pytest.raises((Unreadable, Irrational)):
        evaluate(parse(text))


@pytest.mark.parametrize("text", ["__import__('os')", "().__class__", "open('x')", "exec(x)", "a.b", "x[0]"])
def test_program_text_is_never_read(text: str) -> None:
    with pytest.raises(Unreadable):
        parse(text)


@pytest.mark.parametrize(
    "text",
    [
        "9**9**9**9",
        "2^8193",
        "(1/3)^-9000",
        "2^(2^(2^(2^(2^2))))",
        "+".join(["1"] * 500),
        "(" * 45 + "1" + ")" * 45,
        "-" * 60 + "1",
        "9" * 1_001,
        "*".join(["9" * 190] * 5) + "^40",
    ],
)
def test_case_51_bombs_are_bounded_before_they_are_computed(text: str) -> None:
    with pytest.raises(TooLarge):
        evaluate(parse(text))


def test_case_51_a_bomb_is_unknown_in_any_thread(checker: EquationChecker) -> None:
    found: list[Ruling] = []
    sides = [
        ("9**9**9**9", "1"),
        ("1", "9^(9^9)"),
        ("x*9^9^9^9", "x"),
        ("x^(9^99)", "x"),
        ("exp(exp(exp(exp(9))))", "1"),
    ]
    thread = threading.Thread(target=lambda: found.extend(rule(checker, *pair) for pair in sides), daemon=True)
    thread.start()
    thread.join(60)
    assert [ruling.outcome for ruling in found] == ["unknown"] * len(sides)


def test_case_51_algebra_that_does_not_end_is_killed_and_unknown(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(equation, "SECONDS", 1.0)
    impatient = EquationChecker()
    slow = rule(impatient, "(a+b+c+d+f+g+h)^64*(a-b-c-d-f-g-h)^64", "(j+k+l+m+n+p+q)^64")
    assert (slow.outcome, slow.strength) == ("unknown", None)
    assert "not finished" in slow.reason
    assert rule(impatient, "sqrt(4)", "2").outcome == "verified"
    impatient.close()


def test_true_and_false_equations_are_decided_exactly(checker: EquationChecker) -> None:
    true, false = rule(checker, "48/2", "24"), rule(checker, "48/2", "23")
    assert (true.outcome, true.strength) == ("verified", "exact")
    assert (false.outcome, false.strength) == ("refuted", "exact")
    assert false.evidence == {"lhs": "24", "rhs": "23", "rounded": False}


@pytest.mark.parametrize(
    ("lhs", "rhs", "rounded"),
    [
        ("50/3", "17", True),
        ("50/3", "16.67", True),
        ("50/3", "$16.67", True),
        ("50/3", "16.66", False),
        ("2/3", "67%", True),
        ("2/3", "66%", False),
        ("5/2", "3", True),
        ("5/2", "2", True),
        ("16.67", "50/3", True),
        ("10000/3", "3,333", True),
        ("10000/3", "3,332", False),
        ("50/3", "34/2", False),
        ("1/3", "0", False),
        ("3*0.8", "2.4000000000000004", True),
        ("3*0.8", "2.400000000000004", False),
        ("0.1+0.2", "0.30000000000000004", True),
        ("2.3-2.2", "0.09999999999999964", True),
        ("2.3-2.2", "0.0999999999999", False),
        ("10/3", "3.3333333333333335", True),
        ("0.1+0.2-0.3", "0.00000000000000005551115123125783", True),
        ("1/49*49", "0.9999999999999999", True),
        ("1.1^10", "2.5937424601000023", True),
        ("12345678901234567890*2", "24691357802469136000", True),
        ("7^20/7^19", "8", False),
        ("10^17/10^17", "5", False),
        ("6.02*10^23*2/10^23", "12.05", False),
        ("1/90001^40", "0.001", False),
        ("0.5^2000*2^1999", "0.51", False),
        ("sqrt(2)", "1.41", True),
        ("sqrt(2)", "1.42", False),
        ("5", "5.4", False),
        ("5.4", "5", False),
    ],
)
def test_a_rounded_equation_is_verified_and_says_so(
    checker: EquationChecker, lhs: str, rhs: str, rounded: bool
) -> None:
    ruling = rule(checker, lhs, rhs)
    assert (ruling.outcome, ruling.evidence.get("rounded", False)) == ("verified" if rounded else "refuted", rounded)


@pytest.mark.parametrize(
    "zero",
    [
        "((a+b)^2-a^2-2a*b-b^2)",
        "(sin(x)^2+cos(x)^2-1)",
        "(sqrt(3+2sqrt(2))-1-sqrt(2))",
    ],
)
def test_a_zero_in_disguise_divides_nothing(checker: EquationChecker, zero: str) -> None:
    for lhs, rhs in ((f"2*{zero}/{zero}", "2"), (f"0*(1/{zero})", "0"), (f"{zero}^-1*0", "0"), (f"{zero}^0", "1")):
        ruling = rule(checker, lhs, rhs)
        assert (ruling.outcome, ruling.strength) == ("unknown", None), lhs
    assert rule(checker, f"1/(1+{zero})", "1").outcome == "verified"


def test_roots_and_logarithms_of_negative_numbers_are_undecided(checker: EquationChecker) -> None:
    for lhs, rhs in (("(-8)^(1/3)", "-2"), ("sqrt(-4)", "2"), ("ln(-1)", "0")):
        assert rule(checker, lhs, rhs).outcome == "unknown"
    assert rule(checker, "sqrt(2)", "-sqrt(2)").outcome == "refuted"


def test_only_plain_numbers_are_roundings() -> None:
    assert rounds_to(Fraction(1, 3), "0.33")
    assert not rounds_to(Fraction(1, 3), "1/3")
    assert not rounds_to(Fraction(1, 3), ".")


def test_division_by_zero_has_no_value(checker: EquationChecker) -> None:
    with pytest.raises(Undefined):
        evaluate(parse("1/(2-2)"))
    assert rule(checker, "5/0", "1").outcome == "refuted"
    assert rule(checker, "5/0", "5/0").outcome == "refuted"


@pytest.mark.parametrize(
    ("lhs", "rhs", "outcome", "strength"),
    [
        ("(x+1)^2", "x^2+2x+1", "verified", "exact"),
        ("x+1", "x+2", "refuted", "exact"),
        ("2x+3", "7", "unknown", None),
        ("x*3", "3x", "verified", "exact"),
        ("2x(3)", "6x", "verified", "exact"),
        ("sqrt(2)*sqrt(3)", "sqrt(6)", "verified", "exact"),
        ("4^0.5", "2", "verified", "exact"),
        ("sqrt(2)", "1.42", "refuted", "tested"),
        ("sqrt(x^2)", "x", "unknown", None),
        ("sin(pi/6)", "1/2", "verified", "exact"),
        ("ln(exp(2))", "2", "verified", "exact"),
        ("abs(-sqrt(2))", "sqrt(2)", "verified", "exact"),
        ("1/(x-x)", "1", "unknown", None),
        ("x^65", "x", "unknown", None),
        ("x//2*2", "x", "unknown", None),
    ],
)
def test_letters_and_roots_go_to_the_algebra(
    checker: EquationChecker, lhs: str, rhs: str, outcome: str, strength: str | None
) -> None:
    ruling = rule(checker, lhs, rhs)
    assert (ruling.outcome, ruling.strength) == (outcome, strength)
    assert ruling.isolation == "limited-process"


@pytest.mark.parametrize(("lhs", "rhs"), [("48 apples", "48"), (48, "48"), ("48", None), ("", ""), ("3=3", "3")])
def test_what_cannot_be_read_is_unknown(checker: EquationChecker, lhs: object, rhs: object) -> None:
    assert rule(checker, lhs, rhs).outcome == "unknown"


def test_case_51_powers_beside_letters_are_bounded_before_they_are_expanded(checker: EquationChecker) -> None:
    for lhs in ("x^65", "x^(1/65)", "sqrt(2)^1000", "x^(9^9)"):
        ruling = rule(checker, lhs, "x")
        assert (ruling.outcome, ruling.reason) == ("unknown", "not for the algebra: an exponent beyond 64")


def test_algebra_that_fails_is_trouble_of_ours(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(self: LimitedProcess, request: object) -> dict[str, object]:
        raise LimitedProcess.Failed("KeyError", "x")

    monkeypatch.setattr(LimitedProcess, "call", fail)
    ruling = rule(EquationChecker(), "x", "x")
    assert (ruling.outcome, ruling.strength) == ("error", None)


@pytest.mark.skipif(not MARKS.exists(), reason="the GSM8K data is not beside the checkout")
def test_every_calculation_marked_in_gsm8k_is_decided(checker: EquationChecker) -> None:
    marks = []
    for line in MARKS.read_text(encoding="utf-8").splitlines():
        marks += [mark.split("=") for mark in re.findall(r"<<(.*?)>>", json.loads(line)["answer"])]
    steps = [Step(0, 0, 0, Claim("equation", {"lhs": lhs, "rhs": rhs})) for lhs, rhs in marks]
    rulings = checker.rule(PROBLEM, steps, range(len(steps)))
    undecided = [marks[index] for index, ruling in rulings.items() if ruling.outcome not in ("verified", "refuted")]
    assert (len(rulings), undecided) == (23_716, [])


def test_a_trace_of_very_many_equations_for_the_algebra_ends() -> None:
    claims = [Claim("equation", {"lhs": f"sqrt({n})*sqrt({n})", "rhs": str(n)}) for n in (2, 3)]
    steps = [Step(0, 0, 0, claim) for claim in (*claims, Claim("equation", {"lhs": "1+1", "rhs": "2"}))]
    checker = EquationChecker(trace_seconds=1e-9)
    rulings = checker.rule(PROBLEM, steps, [0, 1, 2])
    assert [rulings[index].outcome for index in range(3)] == ["verified", "unknown", "verified"]
    # The next trace has its own.
    assert checker.rule(PROBLEM, steps, [1])[1].outcome == "verified"
    checker.close()
