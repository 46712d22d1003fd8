"""A whole proof as a text: numbered lines, each a formula, the rule that gives it and what it rests on.

    1. (φ → χ) by syl from h1, h2
    2. (ψ → (φ → χ)) by a1i from 1

Formulas are written in the symbols that the problem gives, or in Metamath's own.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from tracemill.claims.claim_checker import Ruling
from tracemill.claims.metamath.system import KIND, RefusedSystem, System, system_of
from tracemill.claims.metamath.unifying import TooManyTries, clash, substitutions
from tracemill.metamath.grammar import Tree
from tracemill.metamath.writing import read_back
from tracemill.records import Claim

MAX_LINES = 200
_LINE = re.compile(r"(?:[-*]\s)?\(?(?P<number>\d{1,4})[.):]+\s(?P<rest>.+)")
_REASON = re.compile(r"(?P<formula>.+?)[,;]?\sby\s`?(?P<rule>[\w.-]+)`?(?:,?\sfrom\s(?P<given>.+?))?\s?[.;]?")
_NAME = re.compile(r"\(?`?(h?\d{1,4})`?\)?")


class Written(NamedTuple):
    """One line of a proof as it is written."""

    number: str
    formula: str
    rule: str
    given: tuple[str, ...]


def read_lines(text: str) -> list[Written] | None:
    """The lines of a proof; None where some line is none, or there are none or too many."""
    found: list[Written] = []
    for raw in text.replace("**", "").replace("$", "").splitlines():
        # Single blanks only: on long runs of them the patterns would take minutes.
        line = " ".join(raw.split())
        if not line or line.startswith("```"):
            continue
        numbered = _LINE.fullmatch(line)
        reason = _REASON.fullmatch(numbered["rest"]) if numbered else None
        names = re.split(r"\s?(?:,|;|\band\b)\s?", reason["given"]) if reason and reason["given"] else []
        matches = [_NAME.fullmatch(name) for name in names if name]
        if numbered is None or reason is None or not all(matches) or len(found) >= MAX_LINES:
            return None
        given = tuple(match[1] for match in matches if match)
        found.append(Written(numbered["number"], reason["formula"].strip("`"), reason["rule"], given))
    return found or None


def check_spec(spec: Mapping[str, Any]) -> tuple[System, Tree]:
    """The system and the goal of a check.

    Raises:
        ValueError: one of them cannot be read.
    """
    premises, symbols = spec.get("premises"), spec.get("symbols")
    if not isinstance(premises, list | tuple) or not all(isinstance(one, Mapping) for one in premises):
        raise ValueError("the check has no 'premises', a list of objects")
    if not isinstance(symbols, Mapping):
        raise ValueError("the check has no 'symbols', an object of token and symbol")
    try:
        system = system_of([Claim(KIND, dict(one)) for one in premises])
        return system, system.read(spec.get("goal"))
    except RefusedSystem as exc:
        raise ValueError(f"the check is refused: {exc}") from exc


def judge(spec: Mapping[str, Any], lines: Sequence[Written]) -> Ruling:
    """Whether the lines prove the goal, each by one rule from what it names.

    Raises:
        ValueError: see `check_spec`.
    """
    system, goal = check_spec(spec)
    known: dict[str, Tree] = {
        str(claim["hypothesis"]): system.read(claim["formula"]) for claim in spec["premises"] if "hypothesis" in claim
    }
    tree: Tree | None = None
    for line in lines:
        tokens = read_back(line.formula, spec["symbols"])
        try:
            tree = system.read(" ".join(tokens or ()))
        except RefusedSystem:
            return Ruling("unknown", f"line {line.number} is no formula in the problem's notation")
        wrong = _wrong(system, line, tree, known)
        if wrong is not None:
            return wrong
        known[line.number] = tree
    if tree != goal:
        return Ruling("refuted", "the last line is not what was to be proved", strength="proof")
    return Ruling("verified", f"a proof of {len(lines)} lines", strength="proof")


def _wrong(system: System, line: Written, tree: Tree, known: Mapping[str, Tree]) -> Ruling | None:
    rule = system.rules.get(line.rule)
    if rule is None:
        return Ruling(
            "refuted", f"line {line.number} names {line.rule[:80]!r}, which the problem does not show", strength="proof"
        )
    if line.number in known:
        return Ruling("refuted", f"two lines have the number {line.number}", strength="proof")
    absent = next((name for name in line.given if name not in known), None)
    if absent is not None:
        return Ruling("refuted", f"line {line.number} rests on {absent}, which is not shown before", strength="proof")
    try:
        found = substitutions(rule, tree, [known[name] for name in line.given])
        if any(clash(rule, values, system.distinct) is None for values in found):
            return None
    except TooManyTries:
        return Ruling("unknown", f"line {line.number}: too many ways to apply {line.rule}")
    return Ruling("refuted", f"line {line.number} is no instance of {line.rule}", strength="proof")
