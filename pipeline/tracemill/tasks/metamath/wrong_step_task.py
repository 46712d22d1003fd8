"""`logic.metamath.wrong_step`: which lines of a proof follow, and which do not.

About as many lines are wrong as right. Were only one of them wrong, a solution that finds one line more to be wrong
would be known as a wrong one by that alone.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from random import Random
from typing import Any, ClassVar

from tracemill.metamath.grammar import Tree
from tracemill.records import Check, Claim, Payload, Problem, premise
from tracemill.tasks.kit.teller import Teller
from tracemill.tasks.kit.words import Voice, Words
from tracemill.tasks.metamath.checking import (
    Checking,
    Finding,
    RuleCase,
    cites_of,
    false_reasons,
    found,
    line_premises,
    opposite,
)
from tracemill.tasks.metamath.mistakes import Place, carried_on, misapplied, not_distinct, slipped
from tracemill.tasks.metamath.posing import Move, Posed, Theorem, posed
from tracemill.tasks.metamath.task import MetamathTask, words_of
from tracemill.tasks.metamath.telling import line_text
from tracemill.tasks.metamath.theorems import Entry
from tracemill.tasks.task import Draft

_WRONG = 0.34
"""The share of lines in which a mistake is tried. Lines that rest on a wrong one often do not follow either; with half
of them tried, most lines were wrong, and to say that a line follows told a wrong solution (AUC .68)."""
ProofLine = tuple[Move, tuple[str, ...]]


class MetamathWrongStep(MetamathTask):
    """`instance["lines"]`: of each line what it rests on, by name; the moves are those of the lines."""

    name: ClassVar[str] = "logic.metamath.wrong_step"
    summary: ClassVar[str] = "which lines of a Metamath proof follow by the rules that they name"
    words: ClassVar[Words] = words_of("wrong_step")

    def ask(self, entry: Entry, theorem: Theorem, premises: tuple[Claim, ...], instance: Payload, rng: Random) -> Draft:
        right, voice = posed(premises, instance), Voice(self.words.phrases, rng)
        lines = _drawn(right, rng)
        premises = (*premises, *line_premises(lines, right))
        stored = {**instance, "moves": [], "lines": [_stored(right, line) for line in lines]}
        cases = _cases(right, lines, len(premises) - len(lines))
        answer = "".join("y" if found(right, case).applies else "n" for case in cases)
        goal = right.moves[-1].formula
        paragraphs = self.shown(theorem, right, voice, [goal])
        listing = voice("listing", goal=right.write(goal), proof=_listing(right, lines))
        prompt = "\n\n".join([*paragraphs, listing, voice("ask")])
        return self.draft(entry, prompt, answer, Check("exact"), premises, stored)

    def tell(self, problem: Problem, teller: Teller) -> None:
        instance = problem.metadata["instance"]
        shown = posed(problem.premises, instance)
        lines = [_read(shown, one) for one in instance["lines"]]
        checking, letters = Checking(shown, teller), ""
        for number, case in enumerate(_cases(shown, lines, len(problem.premises) - len(lines)), start=1):
            finding = self._finding(shown, case, number, teller)
            checking.say("line", case, finding, f"line {number}")
            letters += "y" if finding.applies else "n"
        teller.close("closing", letters)

    def _finding(self, shown: Posed, case: RuleCase, number: int, teller: Teller) -> Finding:
        true = found(shown, case)

        def options() -> list[Finding]:
            if true.applies:
                return [Finding(False, {}, why) for why in false_reasons(shown, case, true.values)[:4]]
            return [Finding(True, true.values)]

        why = f"Line {number} {'does follow' if true.applies else f'does not follow: {true.reason}'}."
        return teller.site(
            "misjudged",
            true,
            options,
            why,
            lambda: Checking(shown, teller).again(case, true, f"line {number}"),
            opposite,
        )


def _drawn(right: Posed, rng: Random) -> list[ProofLine]:
    """The proof with mistakes, each of which its author goes on from."""
    lines: list[ProofLine] = []
    formulas: dict[str | int, Tree] = {name: formula for name, (formula, _) in right.hypotheses.items()}
    for at, true in enumerate(right.moves):
        given = [formulas[one] for one in true.premises]
        goes_on = given != right.given(true) and at + 1 < len(right.moves)
        move = carried_on(right, true, given) if goes_on else true
        if rng.random() < _WRONG:
            move = _mistaken(right, move, formulas, rng)
        formulas[at] = move.formula
        lines.append((move, tuple(one if isinstance(one, str) else str(one + 1) for one in move.premises)))
    return lines


def _mistaken(right: Posed, move: Move, formulas: Mapping[str | int, Tree], rng: Random) -> Move:
    """The move as it is taken wrongly, in one of several ways; as it is where it cannot be."""
    place = Place(right, move, tuple(formulas[one] for one in move.premises), tuple(formulas.values()))
    makers: list[Callable[[], list[Move]]] = [
        lambda: misapplied(place),
        lambda: not_distinct(place),
        lambda: slipped(place),
        lambda: _badly_cited(move, list(formulas), rng),
    ]
    rng.shuffle(makers)
    options = next((found for maker in makers if (found := maker())), [move])
    return rng.choice(options)


def _badly_cited(move: Move, names: Sequence[str | int], rng: Random) -> list[Move]:
    """One premise is left out, or another one is named in its place."""
    if not move.premises:
        return []
    at = rng.randrange(len(move.premises))
    left, right = move.premises[:at], move.premises[at + 1 :]
    others = [name for name in names if name not in move.premises]
    changed = [(*left, rng.choice(others), *right)] if others else []
    return [replace(move, premises=one) for one in [*changed, (*left, *right)] if one]


def _cases(shown: Posed, lines: Sequence[ProofLine], first: int) -> list[RuleCase]:
    """The lines, each to be looked at by itself. `first` is the premise that states the first of them."""
    formulas = {name: formula for name, (formula, _) in shown.hypotheses.items()}
    formulas |= {str(number): move.formula for number, (move, _) in enumerate(lines, start=1)}
    return [
        RuleCase(
            shown.rule(move.rule),
            move.formula,
            tuple(formulas[name] for name in names),
            tuple(f"line {name}" if name.isdigit() else f"({name})" for name in names),
            (*cites_of(names, shown, first), premise(first + number)),
        )
        for number, (move, names) in enumerate(lines)
    ]


def _listing(shown: Posed, lines: Sequence[ProofLine]) -> str:
    return "\n".join(
        line_text(number, shown.write(move.formula), move.rule, names)
        for number, (move, names) in enumerate(lines, start=1)
    )


def _stored(shown: Posed, line: ProofLine) -> list[Any]:
    move, names = line
    return [move.rule, list(names), shown.text(move.formula)]


def _read(shown: Posed, stored: Sequence[Any]) -> ProofLine:
    rule, names, formula = stored
    values: Mapping[str, Any] = {}
    return Move(rule, (), values, shown.system.read(formula)), tuple(names)
