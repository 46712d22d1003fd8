"""Inferences of known outcome: modus ponens, a syllogism, a quantifier whose variable may not occur, and attacks."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from tracemill.claims.canary import claim_canary
from tracemill.claims.claim_checker import Canary
from tracemill.records import Claim, Outcome, Payload, premise
from tracemill.tasks.task import Line

SYNTAX = [["wn", "wff -. ph"], ["wi", "wff ( ph -> ps )"], ["wal", "wff A. x ph"], ["weq", "wff x = y"]]
VARIABLES = {"ph": "wff", "ps": "wff", "ch": "wff", "th": "wff", "x": "setvar", "y": "setvar", "z": "setvar"}
MP, SYL, FIVE, SIMP, H1, H2 = (premise(at) for at in range(1, 7))
PREMISES: list[Payload] = [
    {"syntax": SYNTAX, "variables": VARIABLES, "distinct": [["x", "y"], ["x", "th"]]},
    {"rule": "ax-mp", "hypotheses": ["ph", "( ph -> ps )"], "formula": "ps", "distinct": []},
    {"rule": "syl", "hypotheses": ["( ph -> ps )", "( ps -> ch )"], "formula": "( ph -> ch )", "distinct": []},
    {"rule": "ax-5", "hypotheses": [], "formula": "( ph -> A. x ph )", "distinct": [["ph", "x"]]},
    {"rule": "ax-1", "hypotheses": [], "formula": "( ph -> ( ps -> ph ) )", "distinct": []},
    {"hypothesis": "h1", "formula": "th"},
    {"hypothesis": "h2", "formula": "( th -> ch )"},
]
_DEEP = "( ph -> " * 1_900 + "ph" + " )" * 1_900

_Said = tuple[Payload, tuple[int, ...]]
CASES: list[tuple[str, Outcome, list[_Said]]] = [
    ("gold: modus ponens", "verified", [({"formula": "ch", "rule": "ax-mp"}, (MP, H1, H2))]),
    ("gold: its premises the other way round", "verified", [({"formula": "ch", "rule": "ax-mp"}, (MP, H2, H1))]),
    (
        "gold: a syllogism, what its variables stand for, an axiom",
        "verified",
        [
            ({"formula": "( ch -> ( ph -> ch ) )", "rule": "ax-1"}, (SIMP,)),
            ({"formula": "( th -> ( ph -> ch ) )", "rule": "syl", "where": {"ps": "ch"}}, (SYL, H2, 0)),
        ],
    ),
    ("near miss: one premise is missing", "refuted", [({"formula": "ps", "rule": "ax-mp"}, (MP, H2))]),
    ("near miss: the converse", "refuted", [({"formula": "( ch -> th )", "rule": "syl"}, (SYL, H2))]),
    ("near miss: the conclusion is another", "refuted", [({"formula": "ph", "rule": "ax-mp"}, (MP, H1, H2))]),
    ("another rule than the one that gives it", "refuted", [({"formula": "ch", "rule": "syl"}, (SYL, H1, H2))]),
    ("gold: a variable that does not occur", "verified", [({"formula": "( th -> A. x th )", "rule": "ax-5"}, (FIVE,))]),
    ("a variable that does occur", "refuted", [({"formula": "( x = y -> A. x x = y )", "rule": "ax-5"}, (FIVE,))]),
    ("a variable that may occur", "refuted", [({"formula": "( ph -> A. x ph )", "rule": "ax-5"}, (FIVE,))]),
    ("two variables that may be one", "refuted", [({"formula": "( x = y -> A. z x = y )", "rule": "ax-5"}, (FIVE,))]),
    ("true, and badly cited", "unknown", [({"formula": "ch", "rule": "ax-mp"}, (MP, H1))]),
    ("said to follow from too little", "refuted", [({"formula": "ch", "rule": "ax-mp", "only": True}, (MP, H1))]),
    ("the rule is named and not cited", "unknown", [({"formula": "ch", "rule": "ax-mp"}, (H1, H2))]),
    ("a rule that the problem does not show", "unknown", [({"formula": "ch", "rule": "ax-2"}, (MP, H1, H2))]),
    ("a theorem as its own rule", "unknown", [({"formula": "ch", "rule": "h1"}, (H1,))]),
    ("it rests on itself", "unknown", [({"formula": "ch", "rule": "ax-mp"}, (MP, 0, H1))]),
    ("not a formula", "unknown", [({"formula": "( th -> ch", "rule": "ax-mp"}, (MP, H1, H2))]),
    ("a symbol that the problem does not know", "unknown", [({"formula": "( th /\\ ch )", "rule": "ax-mp"}, (MP,))]),
    ("nested without end", "unknown", [({"formula": _DEEP, "rule": "ax-mp"}, (MP, H1, H2))]),
    ("an endless formula", "unknown", [({"formula": "-. " * 1_000_000 + "ph", "rule": "ax-mp"}, (MP,))]),
    ("a key that does not exist", "unknown", [({"formula": "ch", "rule": "ax-mp", "sorry": True}, (MP, H1, H2))]),
    (
        "the wrong thing for a variable",
        "refuted",
        [({"formula": "ch", "rule": "ax-mp", "where": {"ps": "th"}}, (MP, H1, H2))],
    ),
    (
        "gold: it suffices to show",
        "verified",
        [({"formula": "ps", "rule": "ax-mp", "assume": ["ph", "( ph -> ps )"]}, (MP,))],
    ),
    ("it does not suffice", "refuted", [({"formula": "ps", "rule": "ax-mp", "assume": ["ph", "( ps -> ph )"]}, (MP,))]),
    (
        "what was only assumed is used",
        "refuted",
        [
            ({"formula": "ps", "rule": "ax-mp", "assume": ["( th -> ps )"]}, (MP, H1)),
            ({"formula": "( ph -> ps )", "rule": "syl"}, (SYL, 0)),
        ],
    ),
    ("gold: it does not apply", "verified", [({"formula": "ps", "rule": "ax-mp", "follows": False}, (MP, H1, H2))]),
    ("it does apply", "refuted", [({"formula": "ch", "rule": "ax-mp", "follows": False}, (MP, H1, H2))]),
    (
        "it applies, and is said not to by other values",
        "unknown",
        [({"formula": "ch", "rule": "ax-mp", "follows": False, "where": {"ps": "th"}}, (MP, H1, H2))],
    ),
]


def canaries() -> Iterator[Canary]:
    premises = [Claim("metamath", payload) for payload in PREMISES]
    for attack, expected, said in CASES:
        yield claim_canary(attack, expected, premises, list(_lines(said)))
    yield claim_canary("premises without syntax", "unknown", premises[1:], list(_lines(CASES[0][2])))


def _lines(said: Sequence[_Said]) -> Iterator[Line]:
    for payload, uses in said:
        yield Line(f"By {payload['rule']}, {payload['formula'][:80]}.", Claim("metamath", payload), uses)
