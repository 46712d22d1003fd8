"""`logic.metamath.missing_step`: what one line of a proof says, from its rule and the lines around it."""

from __future__ import annotations

from random import Random
from typing import ClassVar

from tracemill.metamath.grammar import Tree, filled, variables
from tracemill.records import Check, Claim, Payload, Problem, premise
from tracemill.tasks.kit.teller import Ref, Teller
from tracemill.tasks.kit.words import Voice, Words
from tracemill.tasks.metamath.checking import Checking, Finding, RuleCase, cites_of, line_premises
from tracemill.tasks.metamath.mistakes import Place, instead
from tracemill.tasks.metamath.posing import Move, Posed, Theorem, listed, posed
from tracemill.tasks.metamath.task import MetamathTask, words_of
from tracemill.tasks.metamath.telling import Wording, claim_of, line_text
from tracemill.tasks.metamath.theorems import Entry
from tracemill.tasks.task import Draft


class MetamathMissingStep(MetamathTask):
    """`instance["missing"]`: the place of the move whose formula is not shown."""

    name: ClassVar[str] = "logic.metamath.missing_step"
    summary: ClassVar[str] = "the formula of a line of a Metamath proof, from its rule and the other lines"
    words: ClassVar[Words] = words_of("missing_step")

    def ask(self, entry: Entry, theorem: Theorem, premises: tuple[Claim, ...], instance: Payload, rng: Random) -> Draft:
        shown, voice = posed(premises, instance), Voice(self.words.phrases, rng)
        places = [at for at in range(len(shown.moves) - 1) if _is_determined(shown, at)]
        if not places:
            raise RuntimeError("no line of the proof is determined by the others")
        missing = rng.choice(places)
        premises = (*premises, *line_premises([(move, _names(move)) for move in shown.moves], shown, missing + 1))
        goal = shown.moves[-1].formula
        paragraphs = self.shown(theorem, shown, voice, [goal])
        listing = voice("listing", goal=shown.write(goal), missing=missing + 1, proof=_listing(shown, missing))
        prompt = "\n\n".join([*paragraphs, listing, voice("ask", missing=missing + 1)])
        check = Check("metamath_formula", {"symbols": instance["symbols"]})
        answer = shown.write(shown.moves[missing].formula)
        return self.draft(entry, prompt, answer, check, premises, {**instance, "missing": missing})

    def tell(self, problem: Problem, teller: Teller) -> None:
        instance = problem.metadata["instance"]
        shown, missing = posed(problem.premises, instance), int(instance["missing"])
        first = len(problem.premises) - len(shown.moves)
        move = shown.moves[missing]
        cites = (*cites_of(_names(move), shown, first), premise(first + missing))
        case = RuleCase(shown.rule(move.rule), move.formula, tuple(shown.given(move)), _spoken(move), cites)
        told = self._filled_in(shown, missing, case, teller)
        case = case._replace(formula=told.formula)
        users = [at for at, one in enumerate(shown.moves) if missing in one.premises]
        finding, label, checking = Finding(True, dict(told.values)), f"line {missing + 1}", Checking(shown, teller)
        if _by_rule(shown, missing):
            ref = checking.say("found", case, finding, label)
            for at in users if teller.tells("normal") else users[:1]:
                self._used(shown, at, missing, told.formula, first, teller, ref)
        else:
            ref = self._used(shown, users[0], missing, told.formula, first, teller)
            checking.say("found", case, finding, label, ref)
        teller.close("closing", shown.write(told.formula))

    def _filled_in(self, shown: Posed, missing: int, case: RuleCase, teller: Teller) -> Move:
        """The missing move as its author takes it to be."""
        right = move = shown.moves[missing]
        for mistake, makes in (("slipped", _slipped), ("exchanged", _exchanged)):
            move = teller.site(
                mistake,
                move,
                lambda makes=makes: makes(shown, right),  # type: ignore[misc]
                lambda wrong: f"Line {missing + 1} is {shown.write(right.formula)}, not {shown.write(wrong.formula)}.",
                lambda: Checking(shown, teller).again(case, Finding(True, dict(right.values)), f"line {missing + 1}"),
                lambda wrong: shown.write(wrong.formula),
                doubtful=False,
            )
        return move

    def _used(
        self, shown: Posed, at: int, missing: int, formula: Tree, first: int, teller: Teller, rests: Ref = ()
    ) -> Ref:
        """That a later line follows with the formula in its place."""
        user = shown.moves[at]
        given = [formula if one == missing else shown.formula_of(one) for one in user.premises]
        names = [
            "the missing line" if one == missing else name
            for one, name in zip(user.premises, _spoken(user), strict=True)
        ]
        cites = [cites_of([name], shown, first)[0] for name in _names(user)]
        words = Wording(shown, teller)
        where = words.where(user)
        return teller.say(
            "used",
            claim_of(shown, user, where, assume=given),
            [shown.rule(user.rule).premise, *((one,) for one in cites), (premise(first + at),), rests],
            label=str(at + 1),
            rule=words.rule(user, where),
            formula=shown.write(formula),
            given=listed(names),
            result=shown.write(user.formula),
        )


def _names(move: Move) -> tuple[str, ...]:
    return tuple(one if isinstance(one, str) else str(one + 1) for one in move.premises)


def _spoken(move: Move) -> tuple[str, ...]:
    return tuple(f"({one})" if isinstance(one, str) else f"line {one + 1}" for one in move.premises)


def _listing(shown: Posed, missing: int) -> str:
    lines = []
    for at, move in enumerate(shown.moves):
        formula = "?" if at == missing else shown.write(move.formula)
        lines.append(line_text(at + 1, formula, move.rule, _names(move)))
    return "\n".join(lines)


def _by_rule(shown: Posed, at: int) -> bool:
    """Whether a line is determined by its own rule and premises."""
    rule = shown.rule(shown.moves[at].rule)
    known = set().union(*map(variables, rule.hypotheses)) if rule.hypotheses else set()
    return variables(rule.formula) <= known


def _is_determined(shown: Posed, at: int) -> bool:
    return _by_rule(shown, at) or _by_use(shown, at)


def _by_use(shown: Posed, at: int) -> bool:
    """Whether a line is determined by the first line that rests on it."""
    user = next((move for move in shown.moves if at in move.premises), None)
    if user is None:
        return False
    rule = shown.rule(user.rule)
    known, wanted = variables(rule.formula), set()
    for hypothesis, one in zip(rule.hypotheses, user.premises, strict=True):
        if one == at:
            wanted |= variables(hypothesis)
        else:
            known |= variables(hypothesis)
    return wanted <= known


def _changed(shown: Posed, move: Move, values: dict[str, Tree]) -> Move:
    return Move(move.rule, move.premises, values, filled(shown.rule(move.rule).formula, values))


def _slipped(shown: Posed, move: Move) -> list[Move]:
    place, found_ = Place(shown, move, tuple(shown.given(move)), ()), []
    for name in sorted(variables(shown.rule(move.rule).formula)):
        found_ += [_changed(shown, move, {**move.values, name: one}) for one in instead(place, move.values[name])]
    return [one for one in found_ if _is_wrong(shown, one)]


def _exchanged(shown: Posed, move: Move) -> list[Move]:
    grammar, found_ = shown.system.grammar, []
    names = sorted(variables(shown.rule(move.rule).formula))
    for at, one in enumerate(names):
        for other in names[at + 1 :]:
            if grammar.types[one] == grammar.types[other]:
                values = {**move.values, one: move.values[other], other: move.values[one]}
                found_.append(_changed(shown, move, values))
    return [one for one in found_ if _is_wrong(shown, one)]


def _is_wrong(shown: Posed, move: Move) -> bool:
    given = tuple(shown.given(move))
    applies = Place(shown, move, given, ()).applies(shown.rule(move.rule), move.formula, given)
    return move.formula != shown.moves[-1].formula and not applies
