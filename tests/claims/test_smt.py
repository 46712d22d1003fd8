from __future__ import annotations

from fractions import Fraction

import pytest
from tracemill.claims.entailment.smt import MAX_DEGREE, MAX_DEPTH, MAX_SYMBOLS, Refused, declared, evaluate, names, read

SYMBOLS = declared({"x": "Real", "y": "Real", "n": "Int", "p": "Bool", "q": "Bool", "red-crate": "Bool", "help": "Int"})


@pytest.mark.parametrize(
    ("text", "model", "value"),
    [
        ("(= (+ (* 2 x) (* 3 y)) 12)", {"x": Fraction(3), "y": Fraction(2)}, True),
        ("(= x (/ 5 2))", {"x": Fraction(5, 2)}, True),
        ("(= x 2.50)", {"x": Fraction(5, 2)}, True),
        ("(= x (- 3))", {"x": Fraction(3)}, False),
        ("(= (- x 1 2) 0)", {"x": Fraction(3)}, True),
        ("(= n (/ 6 2))", {"n": Fraction(3)}, True),
        ("(< 1 n 3)", {"n": Fraction(2)}, True),
        ("(< 1 n 2)", {"n": Fraction(2)}, False),
        ("(>= 3 n n 1)", {"n": Fraction(2)}, True),
        ("(distinct n 1 1)", {"n": Fraction(2)}, False),
        ("(=> p q false)", {"p": True, "q": True}, False),
        ("(=> p q false)", {"p": True, "q": False}, True),
        ("(xor p q true)", {"p": True, "q": False}, False),
        ("(= p q (not red-crate))", {"p": True, "q": True, "red-crate": False}, True),
        ("(= (ite p 1 x) (ite q n 2))", {"p": False, "q": True, "x": Fraction(7), "n": Fraction(7)}, True),
        ("(and (or p q) true)", {"p": False, "q": True}, True),
    ],
)
def test_terms_mean_what_the_standard_says(text: str, model: dict[str, Fraction | bool], value: bool) -> None:
    assert evaluate(read(text, SYMBOLS), model) is value


def test_an_integer_beside_a_real_is_promoted() -> None:
    term = read("(= (+ x n) 1)", SYMBOLS)
    assert [arg.sort for arg in term.args] == ["Real", "Real"]
    assert sorted(names(term)) == ["n", "x"]


@pytest.mark.parametrize(
    "text",
    [
        '(echo "unsat")',
        "(exit)",
        "(set-option :print-success true)",
        "(get-value (x))",
        "(define-fun f () Bool true)",
        "(assert p)",
        "(let ((z p)) z)",
        "(forall ((z Bool)) z)",
        "(exists ((z Real)) (= z x))",
        "(! p :named a)",
        "((_ divisible 2) n)",
        "(as p Bool)",
        "|p|",
        '"p"',
        "; a comment",
        "(= n 1) (exit)",
        "p q",
        "(= n #b101)",
    ],
)
def test_case_46_commands_strings_and_binders_are_refused(text: str) -> None:
    with pytest.raises(Refused):
        read(text, SYMBOLS)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "ends before"),
        ("(= x 1", "ends before"),
        (")", "before '\\)'"),
        ("()", "not an operator"),
        ("x", "sort Real"),
        ("(+ x 1)", "sort Real"),
        ("(= x p)", "wants numbers"),
        ("(and p x)", "wants formulas"),
        ("(< p q)", "wants numbers"),
        ("(ite x p q)", "wants a formula first"),
        ("(= z 1)", "neither a numeral nor a declared symbol"),
        ("(= x -1)", "neither a numeral nor a declared symbol"),
        ("(= x 007)", "neither a numeral nor a declared symbol"),
        ("(= x ١)", "neither a numeral nor a declared symbol"),
        ("(= x 1e3)", "neither a numeral nor a declared symbol"),
        ("(not p q)", "2 arguments"),
        ("(= p)", "1 arguments"),
        ("(and)", "0 arguments"),
        ("(= (/ x y) 1)", "may be zero"),
        ("(= (/ x (- 2 2)) 1)", "division by zero"),
        ("(= (/ 1 0) 1)", "division by zero"),
        ("(= (* x x x x x) 1)", f"at most {MAX_DEGREE}"),
        ("(= (* (* x x) (* y y n)) 1)", f"at most {MAX_DEGREE}"),
        (f"(= x {'9' * 101})", "101 digits"),
        ("(not " * (MAX_DEPTH + 1) + "p" + ")" * (MAX_DEPTH + 1), "nested deeper"),
        ("(" * 5_000, "not an operator"),
        ("(and " + "p " * 5_000 + ")", "characters"),
    ],
)
def test_what_is_malformed_ill_sorted_or_too_large_is_refused_with_the_reason(text: str, why: str) -> None:
    with pytest.raises(Refused, match=why):
        read(text, SYMBOLS)


@pytest.mark.parametrize(
    ("text", "degree"),
    [
        ("(and p (not q))", 0),
        ("(or p (= (+ (* 2 x) n) 3))", 1),
        ("(=> p (= (* x n) 3))", 2),
        ("(= (ite (= (* x x x) 1) 1 2) n)", 3),
        ("(ite (= (* x x) 1) p q)", 2),
    ],
)
def test_the_degree_tells_what_is_linear(text: str, degree: int) -> None:
    assert read(text, SYMBOLS).degree == degree


def test_the_deepest_term_allowed_is_read() -> None:
    term = read("(not " * MAX_DEPTH + "p" + ")" * MAX_DEPTH, SYMBOLS)
    assert evaluate(term, {"p": True}) is (MAX_DEPTH % 2 == 0)


@pytest.mark.parametrize(
    "name", ["and", "true", "false", "=>", "let", "assert", "Bool", "1x", "", "|x|", "x y", "x)", "ж"]
)
def test_case_46_reserved_and_odd_symbols_are_refused(name: str) -> None:
    with pytest.raises(Refused, match="symbol"):
        declared({name: "Bool"})


def test_odd_sorts_and_too_many_symbols_are_refused() -> None:
    with pytest.raises(Refused, match="sorts are Bool, Int, Real"):
        declared({"x": "String"})
    with pytest.raises(Refused, match="at most"):
        declared({f"x{index}": "Bool" for index in range(MAX_SYMBOLS + 1)})


def test_a_declared_symbol_may_be_an_everyday_word() -> None:
    assert evaluate(read("(= help 2)", SYMBOLS), {"help": Fraction(2)}) is True
