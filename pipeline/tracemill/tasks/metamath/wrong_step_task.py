"""`logic.metamath.wrong_step`: find the first line of a proof that does not follow."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from random import Random
from typing import Any, ClassVar

from tracemill.records import Check, Claim, Payload, Problem, premise
from tracemill.tasks.kit.teller import Strike, Teller
from tracemill.tasks.kit.words import Voice, Words
from tracemill.tasks.metamath.checking import Case, Checking, Finding, cites_of, false_reasons, found, line_premises, opposite
from tracemill.tasks.metamath.pool import Entry
from tracemill.tasks.metamath.posing import Move, Posed, Theorem, posed
from tracemill.tasks.metamath.task import MetamathTask, words_of
from tracemill.tasks.metamath.telling import ProofTelling, line_text
from tracemill.tasks.task import Draft

_RIGHT = 0.15
"""The share of proofs without a mistake."""
Line = tuple[Move, tuple[str, ...]]


class MetamathWrongStep(MetamathTask):
    """`instance["lines"]`: of each line what it rests on, by name; the moves are those of the lines."""

    name: ClassVar[str] = "logic.metamath.wrong_step"
    summary: ClassVar[str] = "the first line of a Metamath proof that does not follow, if there is one"
    words: ClassVar[Words] = words_of("wrong_step")

    def ask(self, entry: Entry, theorem: Theorem, premises: tuple[Claim, ...], instance: Payload, rng: Random) -> Draft:
        right, voice = posed(premises, instance), Voice(self.words.phrases, rng)
        lines = _drawn(right, rng)
        premises = (*premises, *line_premises(lines, right))
        stored = {**instance, "moves": [], "lines": [_stored(right, line) for line in lines]}
        cases = _cases(right, lines, len(premises) - len(lines))
        wrong = next((at for at, case in enumerate(cases, start=1) if not found(right, case).applies), 0)
        goal = right.moves[-1].formula
        paragraphs = self.shown(theorem, right, voice, [goal])
        listing = voice("listing", goal=right.write(goal), proof=_listing(right, lines))
        prompt = "\n\n".join([*paragraphs, listing, voice("ask")])
        check = Check("numeric", {"tolerance": "0"})
        return self.draft(entry, prompt, str(wrong), check, premises, stored)

    def tell(self, problem: Problem, teller: Teller) -> None:
        instance = problem.metadata["instance"]
        shown = posed(problem.premises, instance)
        lines = [_read(shown, one) for one in instance["lines"]]
        checking, wrong = Checking(shown, teller), 0
        for number, case in enumerate(_cases(shown, lines, len(problem.premises) - len(lines)), start=1):
            finding = self._finding(shown, case, number, teller)
            checking.say("line", case, finding, f"line {number}")
            wrong = wrong or (0 if finding.applies else number)
        teller.close("closing", str(wrong))

    def _finding(self, shown: Posed, case: Case, number: int, teller: Teller) -> Finding:
        true = found(shown, case)
        mistake = "false_alarm" if true.applies else "overlooked"

        def options() -> list[Finding]:
            if not true.applies:
                return [Finding(True, true.values)]
            return [Finding(False, {}, why) for why in false_reasons(shown, case, true.values)[:4]]

        why = f"Line {number} {'does follow' if true.applies else f'does not follow: {true.reason}'}."
        return teller.site(
            mistake, true, options, why, lambda: Checking(shown, teller).again(case, true, f"line {number}"), opposite
        )


def _drawn(right: Posed, rng: Random) -> list[Line]:
    """The proof, mostly with a mistake; where none can be made without one."""
    mistakes = ["misapplied", "not_distinct", "premise_forgotten", "slipped"] if rng.random() >= _RIGHT else []
    rng.shuffle(mistakes)
    for mistake in mistakes:
        seed, count = rng.getrandbits(64), Strike(mistake, target=0)
        _lines(right, Teller(words_of("proof"), "terse", seed, count))
        if count.sites:
            strike = Strike(mistake, rng.randint(1, count.sites))
            return _lines(right, Teller(words_of("proof"), "terse", seed, strike))
    return _lines(right, Teller(words_of("proof"), "terse", 0))


def _lines(right: Posed, teller: Teller) -> list[Line]:
    telling = ProofTelling(right, teller)
    telling.forward()
    return [(move, tuple(name.strip("()") for name in given)) for _, move, given in telling.lines]


def _cases(shown: Posed, lines: Sequence[Line], first: int) -> list[Case]:
    """The lines, each to be looked at by itself. `first` is the premise that states the first of them."""
    formulas = {name: formula for name, (formula, _) in shown.hypotheses.items()}
    formulas |= {str(number): move.formula for number, (move, _) in enumerate(lines, start=1)}
    return [
        Case(
            shown.rule(move.rule),
            move.formula,
            tuple(formulas[name] for name in names),
            tuple(f"line {name}" if name.isdigit() else f"({name})" for name in names),
            (*cites_of(names, shown, first), premise(first + number)),
        )
        for number, (move, names) in enumerate(lines)
    ]


def _listing(shown: Posed, lines: Sequence[Line]) -> str:
    return "\n".join(
        line_text(number, shown.write(move.formula), move.rule, names)
        for number, (move, names) in enumerate(lines, start=1)
    )


def _stored(shown: Posed, line: Line) -> list[Any]:
    move, names = line
    return [move.rule, list(names), shown.text(move.formula)]


def _read(shown: Posed, stored: Sequence[Any]) -> Line:
    rule, names, formula = stored
    values: Mapping[str, Any] = {}
    return Move(rule, (), values, shown.system.read(formula)), tuple(names)
