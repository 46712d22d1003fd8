"""A proof decoded into its steps, and checked: each step follows from those before it by one assertion.

trees = decoded(database, theorem)     # labels with what each is applied to
check(database, theorem)               # raises MetamathError where a step does not follow
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

from tracemill.metamath.database import Assertion, Database, DistinctPair, Hypothesis, SymbolString, in_scope, pair
from tracemill.metamath.keywords import MetamathError

MAX_LETTERS = 12
"""Of a number in a compressed proof: none in any database has more than four."""


class ProofStep(NamedTuple):
    """A statement and the earlier steps that stand for its hypotheses, in their order."""

    statement: Hypothesis | Assertion
    hypotheses: tuple[int, ...]


def check(database: Database, theorem: Assertion) -> None:
    """Checks a theorem's proof.

    Raises:
        MetamathError: it is incomplete, not well-formed, or does not prove the theorem.
    """
    formulas: list[SymbolString] = []
    allowed = theorem.distinct | theorem.optional
    steps = decoded(database, theorem)
    for statement, hypotheses in steps:
        if isinstance(statement, Hypothesis) or not statement.hypotheses:
            formulas.append(statement.formula)
        else:
            given = [formulas[at] for at in hypotheses]
            formulas.append(_applied(database, theorem, statement, given, allowed))
    if formulas[-1] != theorem.formula:
        raise _error(theorem, f"proves {' '.join(formulas[-1])}")


def _applied(
    database: Database,
    theorem: Assertion,
    rule: Assertion,
    given: Sequence[SymbolString],
    allowed: frozenset[DistinctPair],
) -> SymbolString:
    """What an assertion gives when its hypotheses are these formulas."""
    values: dict[str, SymbolString] = {}
    for hypothesis, formula in zip(rule.hypotheses, given, strict=True):
        if hypothesis.kind == "$f":
            if formula[0] != hypothesis.formula[0]:
                raise _error(theorem, f"{rule.label} takes a {hypothesis.formula[0]} and is given {' '.join(formula)}")
            values[hypothesis.formula[1]] = formula[1:]
        elif substituted(hypothesis.formula, values) != formula:
            raise _error(theorem, f"{hypothesis.label} of {rule.label} is not {' '.join(formula)}")
    for one, other in rule.distinct:
        # Sorted, so that the same pair is named each time.
        for left in sorted(database.types.keys() & values[one]):
            for right in sorted(database.types.keys() & values[other]):
                if left == right or pair(left, right) not in allowed:
                    raise _error(theorem, f"{rule.label} needs {one} and {other} to share no variable: {left}, {right}")
    return substituted(rule.formula, values)


def substituted(formula: SymbolString, values: Mapping[str, Iterable[str]]) -> SymbolString:
    found: list[str] = []
    for symbol in formula:
        value = values.get(symbol)
        if value is None:
            found.append(symbol)
        else:
            found.extend(value)
    return tuple(found)


def decoded(database: Database, theorem: Assertion) -> list[ProofStep]:
    """The steps of a proof, the last of which is the theorem; a shared subproof is one step.

    Raises:
        MetamathError: it is incomplete or not well-formed.
    """
    words = theorem.proof.split()
    if not words:
        raise _error(theorem, "an axiom has no proof")
    builder = _Builder(database, theorem)
    if words[0] == "(":
        _read_compressed(builder, words)
    else:
        for label in words:
            builder.apply(builder.statement(label))
    return builder.steps_of_theorem()


class _Builder:
    """The stack of a proof; entries are places among `steps`."""

    def __init__(self, database: Database, theorem: Assertion) -> None:
        self.database, self.theorem = database, theorem
        self.steps: list[ProofStep] = []
        self.stack: list[int] = []

    def statement(self, label: str) -> Hypothesis | Assertion:
        found = self.database.statements.get(label)
        if label == "?":
            raise _error(self.theorem, "the proof is incomplete: `?`")
        if found is None or found.number >= self.theorem.number:
            raise _error(self.theorem, f"the proof names {label!r}, which is not stated before it")
        if isinstance(found, Hypothesis) and not in_scope(found, self.theorem):
            raise _error(self.theorem, f"the proof names the hypothesis {label!r}, which is not in scope")
        return found

    def apply(self, statement: Hypothesis | Assertion) -> None:
        count = 0 if isinstance(statement, Hypothesis) else len(statement.hypotheses)
        if count > len(self.stack):
            raise _error(
                self.theorem, f"{statement.label} needs {count} hypotheses, {len(self.stack)} are on the stack"
            )
        start = len(self.stack) - count
        self.steps.append(ProofStep(statement, tuple(self.stack[start:])))
        del self.stack[start:]
        self.stack.append(len(self.steps) - 1)

    def steps_of_theorem(self) -> list[ProofStep]:
        if len(self.stack) != 1:
            raise _error(self.theorem, f"{len(self.stack)} formulas are left on the stack, not one")
        if self.stack[0] != len(self.steps) - 1:
            # `idi` and the like: the last thing done was to name an earlier step again.
            self.steps.append(self.steps[self.stack[0]])
        return self.steps


def _read_compressed(builder: _Builder, words: Sequence[str]) -> None:
    """Appendix B of the specification: labels in parentheses, then numbers in letters; Z keeps the last step."""
    theorem = builder.theorem
    if ")" not in words:
        raise _error(theorem, "the labels of the compressed proof are not closed")
    end = words.index(")")
    labels, letters = words[1:end], "".join(words[end + 1 :])
    mandatory = theorem.hypotheses
    named = [builder.statement(label) for label in labels]
    if len(set(labels)) < len(labels) or set(named) & set(mandatory):
        raise _error(theorem, "the compressed proof lists a label twice, or a hypothesis of the theorem")
    known = [*mandatory, *named]
    kept: list[int] = []
    before: int | None = None
    for number in _numbers(theorem, letters):
        if number is None:
            if before is None or before >= len(known):
                raise _error(theorem, "a Z in the compressed proof that follows no step of its own")
            kept.append(builder.stack[-1])
        elif number < len(known):
            builder.apply(known[number])
        elif number < len(known) + len(kept):
            builder.stack.append(kept[number - len(known)])
        else:
            raise _error(theorem, f"the compressed proof has no step {number + 1}")
        before = number


def _numbers(theorem: Assertion, letters: str) -> Iterator[int | None]:
    """The numbers of a compressed proof, counted from 0; None for a Z."""
    number = digits = 0
    for letter in letters:
        if "A" <= letter <= "T":
            yield 20 * number + ord(letter) - ord("A")
            number = digits = 0
        elif "U" <= letter <= "Y" and digits < MAX_LETTERS:
            number, digits = 5 * number + ord(letter) - ord("U") + 1, digits + 1
        elif letter == "Z" and not digits:
            yield None
        elif letter == "?":
            raise _error(theorem, "the proof is incomplete: `?`")
        else:
            raise _error(theorem, f"{letter!r} at a place in the compressed proof where it cannot stand")
    if digits:
        raise _error(theorem, "the compressed proof ends within a number")


def _error(theorem: Assertion, why: str) -> MetamathError:
    return MetamathError(f"{theorem.place}: {theorem.label}: {why}")
