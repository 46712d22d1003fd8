"""Claims of known outcome over finitely many values: endings of a small language, genotypes, and attacks."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, TypeAlias

from tracemill.claims.canary import claim_canary
from tracemill.claims.claim_checker import Canary
from tracemill.records import Claim, Outcome, Payload, premise
from tracemill.tasks.task import Line

Domains: TypeAlias = tuple[Payload, Sequence[str]]
"""The variables with their values, and the formulas that hold of them."""

FIRST, SECOND, THIRD = premise(1), premise(2), premise(3)


def _part(shortest: int, longest: int) -> dict[str, Any]:
    return {"letters": "aegiklmnoprstu", "length": [shortest, longest]}


LANGUAGE: Domains = (
    {"fish": _part(2, 6), "bird": _part(2, 6), "one": _part(1, 3), "many": _part(1, 3)},
    ['(= "natilo" (str.++ fish one))', '(= "natiku" (str.++ fish many))', '(= "seraku" (str.++ bird many))'],
)
LANGUAGE_GOLD = [
    ('(str.prefixof fish "nati")', (FIRST, SECOND)),
    ("(<= (str.len many) 2)", (SECOND, THIRD)),
    ('(= fish "nati")', (0, 1, SECOND)),
    ('(= one "lo")', (2, FIRST)),
    ('(= (str.++ bird one) "seralo")', (1, 2, 3, SECOND, THIRD)),
]
_PEAS: Domains = (
    {"mother": ["AA", "Aa", "aa"], "child": ["AA", "Aa", "aa"], "tall": [True, False], "count": [0, 1, 2]},
    [
        '(=> (= mother "AA") (not (= child "aa")))',
        '(= child "aa")',
        '(= tall (distinct mother "aa"))',
        "(= (+ count 1) 2)",
    ],
)
_NONE: Domains = {"x": [1, 2, 3]}, ["(< x 2)", "(> x 2)"]
_LONG: Domains = {f"x{k}": {"letters": "ab", "length": [8, 8]} for k in range(6)}, ['(str.contains x0 "a")']

_HANG = '(=> (str.contains (str.++ x0 x1 x2) "bab") (str.contains (str.++ x0 x1 x2 x3 x4 x5) "ba"))'


def canaries() -> list[Canary]:
    return [*_plain(), *_attacks()]


def enumerated(attack: str, expected: Outcome, theory: Domains, said: Sequence[tuple[str, tuple[int, ...]]]) -> Canary:
    premises = [Claim("variables", theory[0]), *(Claim("enumeration", {"formula": text}) for text in theory[1])]
    lines = [Line(f"So {text}.", Claim("enumeration", {"formula": text}), uses) for text, uses in said]
    return claim_canary(attack, expected, premises, lines)


def _plain() -> list[Canary]:
    cut = [('(= many "iku")', (SECOND,))]
    slip = [*LANGUAGE_GOLD[:3], ('(= one "ilo")', (2, FIRST))]
    return [
        enumerated("gold: the endings of a language", "verified", LANGUAGE, LANGUAGE_GOLD),
        enumerated("near miss: a letter of the root in the ending", "refuted", LANGUAGE, slip),
        enumerated("near miss: one way to cut a word of several", "refuted", LANGUAGE, cut),
        enumerated("gold: a parent's genotype", "verified", _PEAS, [('(distinct mother "AA")', (FIRST, SECOND))]),
        enumerated("near miss: a parent's genotype", "refuted", _PEAS, [('(= mother "Aa")', (FIRST, SECOND))]),
        enumerated("gold: a number", "verified", _PEAS, [("(= count 1)", (premise(4),))]),
        enumerated("near miss: a number", "refuted", _PEAS, [("(= count 2)", (premise(4),))]),
        enumerated(
            "a genotype and not that genotype",
            "refuted",
            _PEAS,
            [('(= child "aa")', (SECOND,)), ('(not (= child "aa"))', (SECOND,))],
        ),
    ]


def _attacks() -> list[Canary]:
    true = "(= x 1)"
    return [
        enumerated("vacuous: premises without a solution", "unknown", _NONE, [(true, (FIRST, SECOND))]),
        enumerated("true, but cites too little", "unknown", LANGUAGE, [('(= fish "nati")', (FIRST,))]),
        enumerated("circular: a step rests on itself", "unknown", LANGUAGE, [('(= fish "nati")', (0,))]),
        enumerated("hang: all texts of some letters", "unknown", _LONG, [(_HANG, (FIRST,))]),
        enumerated("forged: a second term", "unknown", LANGUAGE, [('(= fish "nati") true', (FIRST,))]),
        enumerated("forged: an operator", "unknown", LANGUAGE, [("(str.from_code fish)", (FIRST,))]),
        enumerated("a text that grows", "unknown", LANGUAGE, [(_growing(), (FIRST,))]),
        claim_canary(
            "no payload", "unknown", [Claim("variables", {"x": [1]})], [Line("So.", Claim("enumeration", {}))]
        ),
        claim_canary("no variables", "unknown", [], [Line("So.", Claim("enumeration", {"formula": "true"}))]),
    ]


def _growing() -> str:
    text = '"aaaaaaaaaaaaaaaaaaaa"'
    for _ in range(8):
        text = f'(str.replace_all {text} "a" "aaaaaaaa")'
    return f'(= {text} "a")'
