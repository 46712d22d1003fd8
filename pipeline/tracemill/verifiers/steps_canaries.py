"""Cases of known outcome for the `steps` verifier: gold, near misses, and the attacks on its solvers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from tracemill.records import Check, Claim, Outcome, Problem, Source, fingerprint
from tracemill.tasks.task import Line, Solution
from tracemill.verifiers.cases import trace_of
from tracemill.verifiers.verifier import Canary

_LINEAR = {"x": "Real", "y": "Real"}, ["(= (+ x y) 5)", "(= (- x y) 1)"]
_PUZZLE = {"Ana": "Bool", "Bo": "Bool"}, ["(= Ana (not Bo))", "(= Bo (= Ana Bo))"]
_CONTRADICTION = {"x": "Real"}, ["(< x 1)", "(> x 2)"]
_LOOSE = {"x": "Real", "y": "Real"}, ["(= (+ x y) 5)"]
_CUBES = {"x": "Int", "y": "Int", "z": "Int"}, ["(> x 0)"]
_THREE_CUBES = "(not (= (+ (* x x x) (* y y y) (* z z z)) 114))"

_FIRST, _SECOND = -2, -3
"""How a step names the first and the second formula of its problem, after the symbols."""

Told = Sequence[tuple[str, tuple[int, ...]] | tuple[str, tuple[int, ...], tuple[str, ...]]]
"""Formula, what it uses and, where there are any, its assumptions."""

_LINEAR_GOLD: Told = [("(= (* 2 x) 6)", (_FIRST, _SECOND)), ("(= x 3)", (0,)), ("(= y 2)", (1, _FIRST))]
_PUZZLE_GOLD: Told = [("(not (= Ana Bo))", (_FIRST,)), ("(not Bo)", (0, _SECOND)), ("Ana", (1, _FIRST))]


def canaries() -> list[Canary]:
    return [*_entailments(), *_assumptions(), *_attacks(), *_retractions(), *_equations(), *_states(), *_shapes()]


def _entailments() -> list[Canary]:
    wrong = [_LINEAR_GOLD[0], ("(= x 4)", (0,)), ("(= y 1)", (1, _FIRST))]
    return [
        _entailed("gold: a linear system", "verified", _LINEAR, _LINEAR_GOLD),
        _entailed("near miss: a slip, followed through", "refuted", _LINEAR, wrong),
        _entailed("gold: a puzzle", "verified", _PUZZLE, _PUZZLE_GOLD),
        _entailed("near miss: the wrong person lies", "refuted", _PUZZLE, [_PUZZLE_GOLD[0], ("Bo", (0, _SECOND))]),
        _entailed("P and not P", "refuted", _PUZZLE, [*_PUZZLE_GOLD, ("(not Ana)", (1, _FIRST))]),
        _entailed("a leap: possible, but not entailed", "refuted", _LOOSE, [("(> x 3)", (_FIRST,))]),
    ]


def _assumptions() -> list[Canary]:
    """Under `Bo`, which the puzzle excludes: the first formula gives that Ana lies, the second then that Bo does."""
    doomed = ("Bo",)
    opened = ("Bo", (), doomed)
    right, closed = ("(not Ana)", (0, _FIRST), doomed), ("false", (1, _SECOND), doomed)
    wrong, anything = ("Ana", (0, _FIRST), doomed), ("(= Ana Bo)", (0, 1, _SECOND), doomed)
    nested = ("(not (= Ana Bo))", (_FIRST,), ("Bo", "(not Ana)"))
    return [
        _entailed("gold: a doomed assumption, led to its contradiction", "verified", _PUZZLE, [opened, right, closed]),
        _entailed("near miss: a wrong inference under it", "refuted", _PUZZLE, [opened, wrong]),
        _entailed(
            "near miss: a contradiction where there is none", "refuted", _PUZZLE, [opened, ("false", (0,), doomed)]
        ),
        _entailed("anything from a contradiction", "unknown", _PUZZLE, [opened, right, anything]),
        _entailed(
            "gold: a case that is true",
            "verified",
            _PUZZLE,
            [("Ana", (), ("Ana",)), ("(not Bo)", (0, _FIRST), ("Ana",))],
        ),
        _entailed("gold: an assumption within another", "verified", _PUZZLE, [opened, nested]),
        _entailed("gold: the contradiction is used", "verified", _PUZZLE, [opened, right, closed, ("(not Bo)", (2,))]),
        _entailed("near miss: an assumption is dropped", "refuted", _PUZZLE, [opened, right, ("(not Ana)", (1,))]),
    ]


def _attacks() -> list[Canary]:
    named_and = {"and": "Bool", "p": "Bool"}, ["p"]
    return [
        _entailed("vacuous: contradictory premises", "unknown", _CONTRADICTION, [("(= x 7)", (_FIRST, _SECOND))]),
        _entailed("true, but cites too little", "unknown", _LINEAR, [("(= x 3)", (_FIRST,))]),
        _entailed("circular: a step rests on itself", "unknown", _LINEAR, [("(= x 3)", (0,))]),
        _entailed("circular: two steps rest on each other", "unknown", _LINEAR, [("(= x 3)", (1,)), ("(= x 3)", (0,))]),
        _entailed("hang: three cubes", "unknown", _CUBES, [(_THREE_CUBES, (_FIRST,))]),
        _entailed("forged: a command after the term", "unknown", _LINEAR, [('(= x 4) (echo "unsat") (exit)', ())]),
        _entailed("forged: an assertion", "unknown", _LINEAR, [("(assert false)", ())]),
        _entailed("forged: a declared operator", "unknown", named_and, [("p", (_FIRST,))]),
        _entailed("division by zero", "unknown", _LINEAR, [("(= (/ x (- 1 1)) (/ x (- 1 1)))", ())]),
    ]


def _retractions() -> list[Canary]:
    """x = 4 (step 1) is wrong, y = 1 (step 2) rests on it, step 3 is the check that shows it."""
    first, last = _LINEAR_GOLD[0], _LINEAR_GOLD[1]
    wrong: Told = [first, ("(= x 4)", (0,)), ("(= y 1)", (1, _FIRST)), ("(not (= (* 2 4) 6))", ())]
    return [
        _retracted("gold: a mistake taken back", "verified", wrong, [1, 2], [last, ("(= y 2)", (5, _FIRST))]),
        _retracted("a false alarm", "refuted", _LINEAR_GOLD, [1, 2], []),
        _retracted("the wrong step is taken back", "refuted", wrong, [0], [last]),
        _retracted("a right step is taken back with the wrong one", "refuted", wrong, [0, 1, 2], []),
        _retracted("a dependent step is forgotten", "unknown", wrong, [1], [last]),
        _retracted("a step taken back is used later", "unknown", wrong, [1, 2], [("(= y 1)", (1, _FIRST))]),
        _retracted("a step taken back is used later, wrongly", "refuted", wrong, [1, 2], [("(= x 5)", (1,))]),
        _retracted("a mistake taken back in advance", "refuted", [first], [2], [("(= x 4)", (0,))]),
        _retracted("nothing is taken back", "refuted", wrong, [], [last]),
        _retracted("another mistake after the repair", "refuted", wrong, [1, 2], [("(= x 5)", (0,))]),
    ]


def _equations() -> list[Canary]:
    return [
        _equation("gold: a quotient", "verified", "48/2", "24"),
        _equation("near miss: a quotient", "refuted", "48/2", "23"),
        _equation("rounded", "refuted", "50/3", "16.67"),
        _equation("gold: per cent", "verified", "20% of 1,250", "$250"),
        _equation("bomb: a tower of powers", "unknown", "9**9**9**9", "0"),
        _equation("bomb: a tower beside a letter", "unknown", "x*9^9^9^9", "x"),
        _equation("program text", "unknown", "__import__('os').getpid()", "1"),
        _equation("gold: an identity", "verified", "(a+b)^2", "a^2+2a*b+b^2"),
        _equation("near miss: an identity", "refuted", "(a+b)^2", "a^2+2a*b+b^2+1"),
        _equation("a zero in disguise is cancelled", "unknown", "2((a+b)^2-a^2-2a*b-b^2)/((a+b)^2-a^2-2a*b-b^2)", "2"),
        _equation("true for some values only", "unknown", "2a+3", "7"),
    ]


def _states() -> list[Canary]:
    premises = [Claim("state", {"stacks": [["a", "b"], ["c"]]}), Claim("goal", {"stacks": [["c", "b"]]})]
    problem = _problem(premises)
    lawful = Claim("state", {"move": ["b", "c"], "stacks": [["a"], ["c", "b"]]})
    unlawful = Claim("state", {"move": ["a", "c"], "stacks": [["b"], ["c", "a"]]})
    return [
        _canary("gold: a lawful move", "verified", problem, [Line("b onto c.", lawful, (-1,))]),
        _canary("near miss: a covered block is moved", "refuted", problem, [Line("a onto c.", unlawful, (-1,))]),
    ]


def _shapes() -> list[Canary]:
    gold = _entailed("tampered: a span beyond the text", "error", _LINEAR, _LINEAR_GOLD)
    *steps, last = gold.trace.steps
    beyond = replace(gold.trace, steps=(*steps, replace(last, end=last.end + 10_000)))
    problem = gold.problem
    return [
        replace(gold, trace=beyond),
        _canary("no claims", "unknown", problem, [Line("It is plain that x is 3.")]),
        _canary("a claim of an unknown kind", "unknown", problem, [Line("Trust me.", Claim("trust", {"x": "3"}))]),
        _canary("a claim without its payload", "unknown", problem, [Line("So x is 3.", Claim("entailment", {}))]),
    ]


def _entailed(attack: str, expected: Outcome, theory: tuple[Mapping[str, str], Sequence[str]], told: Told) -> Canary:
    return _canary(attack, expected, _theory(theory), _entailing(told))


def _retracted(attack: str, expected: Outcome, before: Told, listed: Sequence[int], after: Told) -> Canary:
    back = Line("No, that is wrong.", Claim("retraction", {"steps": listed}))
    return _canary(attack, expected, _theory(_LINEAR), [*_entailing(before), back, *_entailing(after)])


def _theory(theory: tuple[Mapping[str, str], Sequence[str]]) -> Problem:
    symbols, formulas = theory
    return _problem([Claim("symbols", symbols), *(Claim("entailment", {"formula": text}) for text in formulas)])


def _entailing(told: Told) -> list[Line]:
    return [
        Line(f"So {text}.", Claim("entailment", {"formula": text} | ({"assume": assumed[0]} if assumed else {})), uses)
        for text, uses, *assumed in told
    ]


def _equation(attack: str, expected: Outcome, lhs: str, rhs: str) -> Canary:
    line = Line(f"That makes {lhs} = {rhs}.", Claim("equation", {"lhs": lhs, "rhs": rhs}))
    return _canary(attack, expected, _problem([]), [line])


def _canary(attack: str, expected: Outcome, problem: Problem, lines: Sequence[Line]) -> Canary:
    return Canary(attack, problem, trace_of(problem, Solution(tuple(lines), "Answer: done"), attack), expected)


def _problem(premises: Sequence[Claim]) -> Problem:
    stated: list[Any] = [(claim.kind, claim.payload) for claim in premises]
    return Problem(
        id=fingerprint("canary", stated),
        group_id=fingerprint("canary", stated),
        domain="audit.canary.steps.plain",
        prompt="What follows?",
        answer="done",
        check=Check("exact"),
        source=Source("canaries", "1", "Apache-2.0", 0, 0),
        premises=tuple(premises),
    )
