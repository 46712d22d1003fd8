"""Whether a line follows, looked at by itself: what is said of a rule that applies, and of one that does not."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from tracemill.claims.metamath.system import ShownRule
from tracemill.claims.metamath.unifying import clash, substitutions
from tracemill.metamath.grammar import Tree, filled, match, variables
from tracemill.records import Claim, premise
from tracemill.tasks.kit.teller import Recheck, Ref, Teller
from tracemill.tasks.metamath.posing import Move, Posed, listed
from tracemill.tasks.metamath.telling import NTH, Wording, claim_of


class RuleCase(NamedTuple):
    """A formula that a rule is said to give from others. `cites`: the premises of the problem that state all this."""

    rule: ShownRule
    formula: Tree
    given: tuple[Tree, ...]
    names: tuple[str, ...]
    cites: Ref


class Finding(NamedTuple):
    """What somebody finds of a case: by which values the rule applies, or seems to, or why it does not. `clashes`: it
    would apply, were some variables distinct."""

    applies: bool
    values: dict[str, Tree]
    reason: str = ""
    clashes: bool = False


def found(posed: Posed, case: RuleCase) -> Finding:
    """What is true of a case.

    Raises:
        TooManyTries: that cannot be found out.
    """
    best: dict[str, Tree] = {}
    for values in substitutions(case.rule, case.formula, case.given):
        if clash(case.rule, values, posed.system.distinct) is None:
            return Finding(True, values)
        best = best or values
    return Finding(False, best or _plausible(case), reason(posed, case, best), bool(best))


def _plausible(case: RuleCase) -> dict[str, Tree]:
    """What the rule's variables seem to stand for, where it does not apply: as far as one thing after another fits."""
    values: dict[str, Tree] = {}
    match(case.rule.formula, case.formula, values)
    for hypothesis in case.rule.hypotheses:
        for one in case.given:
            further = dict(values)
            if match(hypothesis, one, further):
                values = further
                break
    return values


def reason(posed: Posed, case: RuleCase, values: dict[str, Tree]) -> str:
    """Why a rule does not apply."""
    write = posed.write
    if values:
        return _clash_reason(posed, case, values)
    values = {}
    if not match(case.rule.formula, case.formula, values):
        return _other_form(posed, case)
    for at, hypothesis in enumerate(case.rule.hypotheses):
        if not any(match(hypothesis, one, dict(values)) for one in case.given):
            return missing_hypothesis(posed, case, at, values)
    needed = listed([write(filled(one, values)) for one in case.rule.hypotheses])
    return f"it needs {needed}, and these do not fit together with what is there"


def _other_form(posed: Posed, case: RuleCase) -> str:
    return f"its conclusion {posed.write(case.rule.formula)} does not have the form of {posed.write(case.formula)}"


def _clash_reason(posed: Posed, case: RuleCase, values: dict[str, Tree]) -> str:
    shared = clash(case.rule, values, posed.system.distinct)
    assert shared is not None
    (one, other), (left, right) = shared
    kinds, symbols = posed.system.grammar.types, posed.notation.symbols
    if kinds[one] != "setvar":
        one, other, left, right = other, one, right, left
    first, second = posed.write(values[one]), posed.write(values[other])
    if kinds[one] == kinds[other] == "setvar":
        there = f"both are {first}" if left == right else f"{first} and {second} need not differ"
        return f"in it {symbols[one]} and {symbols[other]} are different variables, and here {there}"
    occurs = "does" if left == right else "may"
    if kinds[one] == "setvar":
        return f"in it {symbols[one]} does not occur in {symbols[other]}, and here {first} {occurs} occur in {second}"
    apart = f"{symbols[one]} and {symbols[other]} have no variable in common"
    return f"in it {apart}, and here {first} and {second} {'do' if left == right else 'may'} have one"


def missing_hypothesis(posed: Posed, case: RuleCase, at: int, values: dict[str, Tree]) -> str:
    hypothesis = case.rule.hypotheses[at]
    which = "its hypothesis" if len(case.rule.hypotheses) == 1 else f"its {NTH[at]} hypothesis"
    whole = variables(hypothesis) <= values.keys()
    form = posed.write(filled(hypothesis, values) if whole else hypothesis)
    return (
        f"{which} would have to be {form}, which is not there"
        if whole
        else f"nothing that is there has the form of {which} {form}"
    )


def false_reasons(posed: Posed, case: RuleCase, values: dict[str, Tree]) -> list[str]:
    """What somebody could object to a rule that does apply: that it needs something that is not there, or, where it
    needs nothing, that it concludes something else. Said as it would be said rightly."""
    types, fixed = posed.system.grammar.types, dict[str, Tree]()
    reasons = [] if case.rule.hypotheses or case.formula == case.rule.formula else [_other_form(posed, case)]
    match(case.rule.formula, case.formula, fixed)
    for at, hypothesis in enumerate(case.rule.hypotheses):
        if not variables(hypothesis) <= fixed.keys():
            reasons.append(missing_hypothesis(posed, case, at, fixed))
            continue
        for name in sorted(variables(hypothesis)):
            for other in sorted(values):
                wrong = {**values, name: values[other]}
                if types[other] == types[name] and filled(hypothesis, wrong) not in case.given:
                    reasons.append(missing_hypothesis(posed, case, at, wrong))
    return reasons


class Checking:
    """Says what is found of cases."""

    def __init__(self, posed: Posed, teller: Teller) -> None:
        self.posed, self.teller = posed, teller
        self.words = Wording(posed, teller)

    def say(self, key: str, case: RuleCase, finding: Finding, label: str, rests: Ref = ()) -> Ref:
        """`key` is the phrases' name before `_applies` or `_fails`; `rests`: what else it rests on."""
        move = Move(case.rule.label, (), finding.values, case.formula)
        where = self.words.where(move) if finding.applies else []
        claim = claim_of(self.posed, move, where, assume=case.given, only=finding.applies, follows=finding.applies)
        return self.teller.say(
            f"{key}_{'applies' if finding.applies else 'fails'}" + ("_from" if case.given else ""),
            claim,
            [case.rule.premise, *((one,) for one in case.cites), rests],
            label=label,
            rule=self.words.rule(move, where),
            formula=self.posed.write(case.formula),
            given=listed(case.names) if case.names else "",
            reason=finding.reason,
        )

    def again(self, case: RuleCase, true: Finding, of: str) -> Recheck:
        """The case looked at once more."""
        fact = self.teller.voice(
            f"looked_{'applies' if true.applies else 'fails'}",
            rule=case.rule.label,
            formula=self.posed.write(case.formula),
            reason=true.reason,
        )
        move = Move(case.rule.label, (), true.values, case.formula)
        claim = claim_of(self.posed, move, assume=case.given, only=true.applies, follows=true.applies)
        return Recheck(of, fact, claim, (case.rule.premise, *((one,) for one in case.cites)))


def opposite(finding: Finding) -> str:
    """What was found, as it is said when it turns out to be wrong."""
    return "that it does" if finding.applies else "that it does not"


def line_premises(
    listing: Sequence[tuple[Move, tuple[str, ...]]], posed: Posed, hidden: int | None = None
) -> list[Claim]:
    """The lines of a proof that a problem shows, in formal terms; what is `hidden` has no formula."""
    lines = []
    for number, (move, names) in enumerate(listing, start=1):
        formula = {} if number == hidden else {"formula": posed.text(move.formula)}
        lines.append(Claim("metamath", {"line": number, "rule": move.rule, "from": list(names), **formula}))
    return lines


def cites_of(names: Sequence[str], posed: Posed, first_line: int) -> Ref:
    """The premises that state the lines and hypotheses of these names."""
    return tuple(
        posed.hypotheses[name][1] if name in posed.hypotheses else premise(first_line + int(name) - 1) for name in names
    )
