"""`logic.metamath.lemma`: find the one rule that gives a formula from others in one step."""

from __future__ import annotations

from random import Random
from typing import ClassVar

from tracemill.claims.metamath.system import KIND, ShownRule
from tracemill.metamath.grammar import Tree, match
from tracemill.records import Check, Claim, Payload, Problem
from tracemill.tasks.kit.teller import DeadEnd, Teller
from tracemill.tasks.kit.words import Voice, Words
from tracemill.tasks.metamath.checking import Checking, Finding, RuleCase, found, opposite
from tracemill.tasks.metamath.posing import Posed, Theorem, listed, posed
from tracemill.tasks.metamath.task import MetamathTask, words_of
from tracemill.tasks.metamath.theorems import Entry
from tracemill.tasks.task import Draft

_CANDIDATES = (3, 7)
"""So many rules are shown, from the easiest problem to the hardest."""
_MOST_GIVEN = 4


class MetamathLemma(MetamathTask):
    """`instance["formula"]` and `instance["given"]`: what is to be had from what; the moves are left out."""

    name: ClassVar[str] = "logic.metamath.lemma"
    summary: ClassVar[str] = "which rule of a Metamath database gives a formula from others in one step"
    words: ClassVar[Words] = words_of("lemma")
    decoys: ClassVar[tuple[int, int]] = (8, 8)
    tellings: ClassVar[int] = 15
    """A wrong solution that is as long as a right one takes as many rules to find its own: the order decides."""

    def ask(self, entry: Entry, theorem: Theorem, premises: tuple[Claim, ...], instance: Payload, rng: Random) -> Draft:
        whole, voice = posed(premises, instance), Voice(self.words.phrases, rng)
        case, label = _drawn(whole, entry.difficulty, rng)
        low, high = _CANDIDATES
        rules = _candidates(whole, case, label, low + round((high - low) * entry.difficulty), rng)
        given = [
            Claim(KIND, {"hypothesis": f"g{at}", "formula": whole.text(one)})
            for at, one in enumerate(case.given, start=1)
        ]
        kept = [one for one in premises[1:] if one.payload.get("rule") in rules]
        premises = (premises[0], *kept, *given)
        instance = {**instance, "moves": [], "formula": whole.text(case.formula)}
        shown = posed(premises, instance)
        paragraphs = self.shown(theorem, shown, voice, [case.formula], given=False)
        names = listed([whole.write(one) for one in case.given]) if given else ""
        asked = voice("ask_from" if given else "ask", formula=whole.write(case.formula), given=names)
        return self.draft(entry, "\n\n".join([*paragraphs, asked]), label, Check("exact"), premises, instance)

    def tell(self, problem: Problem, teller: Teller) -> None:
        instance = problem.metadata["instance"]
        shown = posed(problem.premises, instance)
        given = tuple(formula for formula, _ in shown.hypotheses.values())
        formula, checking = shown.system.read(instance["formula"]), Checking(shown, teller)
        rules = sorted(shown.system.rules.values(), key=lambda rule: rule.label)
        teller.rng.shuffle(rules)
        for rule in rules:
            case = _case(shown, rule, formula, given)
            finding = _finding(shown, case, teller)
            checking.say("try", case, finding, rule.label)
            if finding.applies:
                teller.close("closing", rule.label)
                return
        raise DeadEnd


def _case(shown: Posed, rule: ShownRule, formula: Tree, given: tuple[Tree, ...]) -> RuleCase:
    cites = tuple(cites for _, cites in shown.hypotheses.values())
    return RuleCase(rule, formula, given, tuple(shown.write(one) for one in given), cites)


def _finding(shown: Posed, case: RuleCase, teller: Teller) -> Finding:
    """What is found of a candidate; a wrong one may be taken for right where its conclusion fits."""
    true, fits = found(shown, case), match(case.rule.formula, case.formula, {})
    mistake = "not_distinct" if true.clashes else "misapplied"

    def options() -> list[Finding]:
        whole = fits and not true.applies and bool(case.given) <= len(case.rule.hypotheses) <= len(case.given)
        return [Finding(True, true.values)] if whole else []

    again = lambda: Checking(shown, teller).again(case, true, f"what I said of `{case.rule.label}`")  # noqa: E731
    return teller.site(mistake, true, options, f"`{case.rule.label}` does not give it: {true.reason}.", again, opposite)


def _drawn(whole: Posed, difficulty: float, rng: Random) -> tuple[RuleCase, str]:
    """A step of the proof: the harder the problem, the more often one whose formula many rules could conclude."""
    moves = [move for move in whole.moves if len(move.premises) <= _MOST_GIVEN] or list(whole.moves)
    rng.shuffle(moves)
    if rng.random() < 0.3 + 0.7 * difficulty:
        rules = list(whole.system.rules.values())
        moves.sort(key=lambda move: -sum(match(rule.formula, move.formula, {}) for rule in rules) * bool(move.premises))
    move = moves[0]
    given = tuple(dict.fromkeys(whole.given(move)))
    return RuleCase(whole.rule(move.rule), move.formula, given, (), ()), move.rule


def _candidates(whole: Posed, case: RuleCase, label: str, count: int, rng: Random) -> set[str]:
    """The rule and others that do not give the formula, those first whose conclusion fits."""
    others = [rule for rule in whole.system.rules.values() if rule.label != label]
    wrong = [rule for rule in others if not found(whole, case._replace(rule=rule)).applies]
    rng.shuffle(wrong)
    wrong.sort(key=lambda rule: not match(rule.formula, case.formula, {}))
    return {label, *(rule.label for rule in wrong[: count - 1])}
