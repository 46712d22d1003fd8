"""Entailments of known outcome: systems of equations, a puzzle, assumptions, and attacks on the solver."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TypeAlias

from tracemill.claims.canary import claim_canary
from tracemill.claims.claim_checker import Canary
from tracemill.records import Claim, Outcome, premise
from tracemill.tasks.task import Line

Theory: TypeAlias = tuple[Mapping[str, str], Sequence[str]]
"""The symbols with their sorts, and the formulas that hold of them."""

Said: TypeAlias = Sequence[tuple[str, tuple[int, ...]] | tuple[str, tuple[int, ...], tuple[str, ...]]]
"""What each step says: a formula, what it uses and, where there are any, its assumptions."""

FIRST, SECOND = premise(1), premise(2)
"""How a step names the first and the second formula of its problem, after the symbols."""

LINEAR: Theory = {"x": "Real", "y": "Real"}, ["(= (+ x y) 5)", "(= (- x y) 1)"]
LINEAR_GOLD: Said = [("(= (* 2 x) 6)", (FIRST, SECOND)), ("(= x 3)", (0,)), ("(= y 2)", (1, FIRST))]

_PUZZLE: Theory = {"Ana": "Bool", "Bo": "Bool"}, ["(= Ana (not Bo))", "(= Bo (= Ana Bo))"]
_PUZZLE_GOLD: Said = [("(not (= Ana Bo))", (FIRST,)), ("(not Bo)", (0, SECOND)), ("Ana", (1, FIRST))]
_CONTRADICTION: Theory = {"x": "Real"}, ["(< x 1)", "(> x 2)"]
_LOOSE: Theory = {"x": "Real", "y": "Real"}, ["(= (+ x y) 5)"]
_CUBES: Theory = {"x": "Int", "y": "Int", "z": "Int"}, ["(> x 0)"]
_THREE_CUBES = "(not (= (+ (* x x x) (* y y y) (* z z z)) 114))"


def canaries() -> list[Canary]:
    return [*_plain(), *_under_assumptions(), *_attacks()]


def entailed(attack: str, expected: Outcome, theory: Theory, said: Said) -> Canary:
    return claim_canary(attack, expected, premises(theory), entailing(said))


def premises(theory: Theory) -> list[Claim]:
    symbols, formulas = theory
    return [Claim("symbols", symbols), *(Claim("entailment", {"formula": text}) for text in formulas)]


def entailing(said: Said) -> list[Line]:
    return [
        Line(f"So {text}.", Claim("entailment", {"formula": text} | ({"assume": assumed[0]} if assumed else {})), uses)
        for text, uses, *assumed in said
    ]


def _plain() -> list[Canary]:
    wrong = [LINEAR_GOLD[0], ("(= x 4)", (0,)), ("(= y 1)", (1, FIRST))]
    return [
        entailed("gold: a linear system", "verified", LINEAR, LINEAR_GOLD),
        entailed("near miss: a slip, followed through", "refuted", LINEAR, wrong),
        entailed("gold: a puzzle", "verified", _PUZZLE, _PUZZLE_GOLD),
        entailed("near miss: the wrong person lies", "refuted", _PUZZLE, [_PUZZLE_GOLD[0], ("Bo", (0, SECOND))]),
        entailed("P and not P", "refuted", _PUZZLE, [*_PUZZLE_GOLD, ("(not Ana)", (1, FIRST))]),
        entailed("a leap: possible, but not entailed", "refuted", _LOOSE, [("(> x 3)", (FIRST,))]),
    ]


def _under_assumptions() -> list[Canary]:
    """Under `Bo`, which the puzzle excludes: the first formula gives that Ana lies, the second then that Bo does."""
    doomed, true = ("Bo",), ("Ana",)
    opened = ("Bo", (), doomed)
    right, closed = ("(not Ana)", (0, FIRST), doomed), ("false", (1, SECOND), doomed)
    wrong, anything = ("Ana", (0, FIRST), doomed), ("(= Ana Bo)", (0, 1, SECOND), doomed)
    nested = ("(not (= Ana Bo))", (FIRST,), ("Bo", "(not Ana)"))
    return [
        entailed("gold: a doomed assumption, led to its contradiction", "verified", _PUZZLE, [opened, right, closed]),
        entailed("near miss: a wrong inference under it", "refuted", _PUZZLE, [opened, wrong]),
        entailed("near miss: no contradiction yet", "refuted", _PUZZLE, [opened, ("false", (0,), doomed)]),
        entailed("anything from a contradiction", "unknown", _PUZZLE, [opened, right, anything]),
        entailed("gold: a case that is true", "verified", _PUZZLE, [("Ana", (), true), ("(not Bo)", (0, FIRST), true)]),
        entailed("gold: an assumption within another", "verified", _PUZZLE, [opened, nested]),
        entailed("gold: the contradiction is used", "verified", _PUZZLE, [opened, right, closed, ("(not Bo)", (2,))]),
        entailed("holds under an assumption, but cites too little", "unknown", _PUZZLE, [("(not Bo)", (), true)]),
        entailed("near miss: an assumption is dropped", "refuted", _PUZZLE, [opened, right, ("(not Ana)", (1,))]),
    ]


def _attacks() -> list[Canary]:
    named_and: Theory = {"and": "Bool", "p": "Bool"}, ["p"]
    return [
        entailed("vacuous: contradictory premises", "unknown", _CONTRADICTION, [("(= x 7)", (FIRST, SECOND))]),
        entailed("true, but cites too little", "unknown", LINEAR, [("(= x 3)", (FIRST,))]),
        entailed("circular: a step rests on itself", "unknown", LINEAR, [("(= x 3)", (0,))]),
        entailed("circular: two steps rest on each other", "unknown", LINEAR, [("(= x 3)", (1,)), ("(= x 3)", (0,))]),
        entailed("hang: three cubes", "unknown", _CUBES, [(_THREE_CUBES, (FIRST,))]),
        entailed("forged: a command after the term", "unknown", LINEAR, [('(= x 4) (echo "unsat") (exit)', ())]),
        entailed("forged: an assertion", "unknown", LINEAR, [("(assert false)", ())]),
        entailed("forged: a declared operator", "unknown", named_and, [("p", (FIRST,))]),
        entailed("division by zero", "unknown", LINEAR, [("(= (/ x (- 1 1)) (/ x (- 1 1)))", ())]),
        claim_canary("no payload", "unknown", premises(LINEAR), [Line("So x is 3.", Claim("entailment", {}))]),
    ]
