"""A proof told step by step, forward from what is known or backward from what is to be shown."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from tracemill.claims.metamath.system import KIND
from tracemill.metamath.grammar import Tree
from tracemill.records import Claim
from tracemill.tasks.kit.teller import Recheck, Ref, Teller
from tracemill.tasks.metamath.mistakes import Place, carried_on, misapplied, misfits, not_distinct, slipped
from tracemill.tasks.metamath.posing import Move, Posed, listed, rule_in_words

NTH = ("first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth")


@dataclass(slots=True)
class Shown:
    """A formula that was shown or is to be shown: how it is called, and the step that showed it."""

    name: str
    formula: Tree
    ref: Ref = ()


def claim_of(
    posed: Posed,
    move: Move,
    where: Sequence[str] = (),
    assume: Sequence[Tree] = (),
    only: bool = False,
    follows: bool = True,
) -> Claim:
    """That the move's rule gives its formula; see `claims/metamath/checker.py`. `where`: of these variables the words
    say what they stand for."""
    payload: dict[str, object] = {"formula": posed.text(move.formula), "rule": move.rule}
    if where:
        payload["where"] = {name: posed.text(move.values[name]) for name in where}
    if assume:
        payload["assume"] = [posed.text(tree) for tree in assume]
    if only:
        payload["only"] = True
    if not follows:
        payload["follows"] = False
    return Claim(KIND, payload)


class Wording:
    """How one move is said, at the teller's level of detail."""

    def __init__(self, posed: Posed, teller: Teller) -> None:
        self.posed, self.teller = posed, teller

    def where(self, move: Move) -> list[str]:
        """The variables of whose values something is said: in a terse telling none, else those that do not stand for
        themselves."""
        if not self.teller.tells("normal"):
            return []
        rule = self.posed.rule(move.rule)
        tokens = [one for tree in (*rule.hypotheses, rule.formula) for one in self.posed.system.grammar.tokens(tree)]
        return [one for one in dict.fromkeys(tokens) if move.values.get(one, one) != one]

    def values(self, move: Move, where: Sequence[str]) -> str:
        """`φ := (φ ∧ ψ) and x := y`."""
        symbols = self.posed.notation.symbols
        return listed([f"{symbols[name]} := {self.posed.write(move.values[name])}" for name in where])

    def rule(self, move: Move, where: Sequence[str]) -> str:
        """The rule with what it is applied by: ``` `syl` ```, or in more detail what it says and what it is used
        for."""
        values = self.teller.voice("values", values=self.values(move, where)) if where else ""
        if not self.teller.tells("thorough"):
            return self.teller.voice("rule_named", rule=move.rule, values=values)
        said = rule_in_words(self.posed.rule(move.rule), self.posed.notation, self.teller.voice)
        return self.teller.voice("rule_full", rule=move.rule, values=values, said=said)

    def formula(self, tree: Tree) -> str:
        """In a thorough telling also in words, where these say more."""
        text = self.posed.write(tree)
        words = self.posed.notation.say(tree) if self.teller.tells("thorough") else text
        return text if words == text else self.teller.voice("in_words", formula=text, words=words)


class ProofTelling:
    """Tells the moves of a proof. `lines`: the proof as it was told, for the answer."""

    def __init__(self, posed: Posed, teller: Teller) -> None:
        self.posed, self.teller = posed, teller
        self.words = Wording(posed, teller)
        self.moves = list(posed.moves)
        """As they are told: a mistake changes what comes after it."""
        self.shown: dict[str | int, Shown] = {
            name: Shown(f"({name})", formula, (cites,)) for name, (formula, cites) in posed.hypotheses.items()
        }
        self.count = 0
        self.lines: list[tuple[str, Move, list[str]]] = []

    # Forward

    def forward(self) -> None:
        last = len(self.moves) - 1
        for at in range(len(self.moves)):
            if at == last:
                self._struck(at, ("misapplied", "not_distinct"))
            else:
                self._carry_on(at)
                self._struck(at, ("misapplied", "slipped", "not_distinct"))
                self._shown_amiss(at)
            self._say_forward(at, "last" if at == last else "step")

    def _shown_amiss(self, at: int) -> None:
        """A step that is right, but shows something else than what the next one that rests on it needs.

        It is not taken back: this step would stand, and the one that shows what is needed would have its number.
        """
        user = next((k for k, move in enumerate(self.moves) if at in move.premises), None)
        if user is None:
            return
        between = [self.moves[k].formula for k in range(at + 1, user)]
        self.moves[at] = self.teller.site(
            "premise_amiss",
            self.moves[at],
            lambda: [one for one in misfits(self._place(at)) if self._is_amiss(user, at, one, between)],
            lambda wrong: self._why_amiss(user, {at: wrong}),
        )

    def _is_amiss(self, user: int, at: str | int, shown: Move, between: Sequence[Tree] = ()) -> bool:
        """Whether a step cannot rest on something else in the place of a premise, nor on what is known besides."""
        move = self.moves[user]
        given = [shown.formula if one == at else self._told_formula(one) for one in move.premises]
        place = Place(self.posed, move, tuple(given), (*given, *between, *self._known()))
        fits = carried_on(self.posed, move, given) is not move
        return not fits and not place.applies(self.posed.rule(move.rule), move.formula, place.known)

    def _why_amiss(self, user: int, shown: Mapping[int, Move]) -> str:
        ((at, wrong),) = shown.items()
        needed, there = self.posed.write(self.moves[at].formula), self.posed.write(wrong.formula)
        return f"`{self.moves[user].rule}` needs {needed} here, not {there}."

    def _carry_on(self, at: int) -> None:
        move = self.moves[at]
        given = [self._told_formula(one) for one in move.premises]
        if given != self.posed.given(self.posed.moves[at]):
            self.moves[at] = carried_on(self.posed, move, given)

    def _say_forward(self, at: int, key: str) -> None:
        move = self.moves[at]
        self.count += 1
        shown = self.shown[at] = Shown(f"({self.count})", move.formula)
        where = self.words.where(move)
        given = [self.shown[one] for one in move.premises]
        shown.ref = self.teller.say(
            f"{key}_from" if given else key,
            claim_of(self.posed, move, where),
            [self.posed.rule(move.rule).premise, *(one.ref for one in given)],
            rule=self.words.rule(move, where),
            given=listed([one.name for one in given]) if given else "",
            formula=self.words.formula(move.formula),
            label=shown.name,
        )
        self._record(at)

    # Backward

    def backward(self) -> None:
        goal = len(self.moves) - 1
        self._named(goal)
        self._show(goal, first=True)

    def _show(self, at: int, first: bool = False) -> None:
        """Shows a formula that has its name already."""
        self._struck(at, ("misapplied", "not_distinct"), backward=True)
        move, shown = self.moves[at], self.shown[at]
        open_ = [one for one in move.premises if one not in self.shown or not self.shown[one].ref]
        if not open_:
            self._say_direct(at, "direct")
            return
        fresh = [one for one in open_ if one not in self.shown]
        self._wanted_amiss(at, [one for one in fresh if isinstance(one, int)])
        for one in fresh:
            self._named(one)
        where = self.words.where(move)
        known = [self.shown[one] for one in move.premises if one not in open_]
        rests = self.teller.say(
            ("reduce_first" if first else "reduce") + ("_known" if known else ""),
            claim_of(self.posed, move, where, assume=[self._told_formula(one) for one in open_]),
            [self.posed.rule(move.rule).premise, *(one.ref for one in known)],
            rule=self.words.rule(move, where),
            goal=shown.name,
            formula=self.words.formula(move.formula),
            wanted=listed([self._wanted(one, one in fresh) for one in open_]),
            known=listed([one.name for one in known]) if known else "",
        )
        for one in open_:
            if isinstance(one, int) and not self.shown[one].ref:
                self._show(one)
        self._say_direct(at, "assembled", rests)

    def _wanted_amiss(self, at: int, children: Sequence[int]) -> None:
        """One of the formulas that are now to be shown is not what the step needs; it can be shown in the same way."""
        right: dict[int, Move] = {}

        def options() -> list[dict[int, Move]]:
            ways = [(child, one) for child in children for one in misfits(self._place(child))]
            return [{child: one} for child, one in ways if self._is_amiss(at, child, one)]

        def stated(shown: Mapping[int, Move]) -> str:
            given = [
                shown[one].formula if isinstance(one, int) and one in shown else self._told_formula(one)
                for one in self.moves[at].premises
            ]
            return "from " + listed([self.posed.write(one) for one in given])

        struck = self.teller.site(
            "premise_amiss",
            right,
            options,
            lambda wrong: self._why_amiss(at, wrong),
            lambda: self._recheck(self.moves[at], at),
            stated,
            doubtful=False,
        )
        for child, move in struck.items():
            self.moves[child] = move

    def _wanted(self, one: str | int, fresh: bool) -> str:
        shown = self.shown[one]
        return f"{shown.name} {self.posed.write(shown.formula)}" if fresh else shown.name

    def _say_direct(self, at: int, key: str, rests: Ref = ()) -> None:
        if at != len(self.moves) - 1:
            self._struck(at, ("slipped",))
            self.shown[at].formula = self.moves[at].formula
        move, shown = self.moves[at], self.shown[at]
        where = self.words.where(move) if key == "direct" else []
        given = [self.shown[one] for one in move.premises]
        shown.ref = self.teller.say(
            f"{key}_from" if given else key,
            claim_of(self.posed, move, where),
            [self.posed.rule(move.rule).premise, rests, *(one.ref for one in given)],
            rule=self.words.rule(move, where),
            given=listed([one.name for one in given]) if given else "",
            formula=self.posed.write(move.formula),
            goal=shown.name,
            label=shown.name,
        )
        self._record(at)

    def _named(self, at: str | int) -> None:
        self.count += 1
        self.shown[at] = Shown(f"({self.count})", self._told_formula(at))

    # Mistakes

    def _struck(self, at: int, mistakes: Sequence[str], backward: bool = False) -> None:
        """The move as it is taken by somebody who makes one of these mistakes here."""
        right = self.moves[at]
        makers: dict[str, Callable[[Place], list[Move]]] = {
            "misapplied": misapplied,
            "slipped": slipped,
            "not_distinct": not_distinct,
        }
        for name in mistakes:
            options = self._options(at, makers[name], backward)
            wrong = self.teller.site(
                name,
                self.moves[at],
                options,
                lambda move: self._why(move, right),
                lambda: self._recheck(right, at),
                lambda move: self._instead(move, right),
                doubtful=name == "misapplied" and not backward,
            )
            self.moves[at] = wrong

    def _options(self, at: int, maker: Callable[[Place], list[Move]], backward: bool) -> Callable[[], list[Move]]:
        def options() -> list[Move]:
            found = maker(self._place(at))
            if backward:
                return [one for one in found if one.formula == self.moves[at].formula]
            # Rather what the next step can be built on: else its author goes on as if it stood there rightly.
            return [one for one in found if self._can_be_used(at, one.formula)] or found

        return options

    def _can_be_used(self, at: int, formula: Tree) -> bool:
        """Whether all steps that rest on this one fit another formula in its place."""
        for move in self.moves[at + 1 :]:
            if at in move.premises:
                given = [formula if one == at else self._told_formula(one) for one in move.premises]
                if carried_on(self.posed, move, given) is move:
                    return False
        return True

    def _place(self, at: int) -> Place:
        move = self.moves[at]
        given = tuple(self._told_formula(one) for one in move.premises)
        return Place(self.posed, move, given, tuple(self._known()))

    def _known(self) -> list[Tree]:
        return [one.formula for one in self.shown.values() if one.ref]

    def _told_formula(self, one: str | int) -> Tree:
        return self.posed.hypotheses[one][0] if isinstance(one, str) else self.moves[one].formula

    def _recheck(self, right: Move, at: int) -> Recheck:
        """The step done again, rightly, from its premises, those not shown yet being assumed."""
        given = [self._told_formula(one) for one in right.premises]
        name = self.shown[at].name if at in self.shown else f"({self.count + 1})"
        shown = {one for one in right.premises if one in self.shown and self.shown[one].ref}
        fact = self.teller.voice(
            "again_from" if given else "again",
            rule=right.rule,
            formula=self.posed.write(right.formula),
            given=listed([self.posed.write(one) for one in given]) if given else "",
        )
        claim = claim_of(
            self.posed, right, assume=[self._told_formula(one) for one in right.premises if one not in shown]
        )
        cited = [self.shown[one].ref for one in right.premises if one in shown]
        return Recheck(f"step {name}", fact, claim, (self.posed.rule(right.rule).premise, *cited))

    def _instead(self, move: Move, right: Move) -> str:
        return f"`{move.rule}`" if move.rule != right.rule else self.posed.write(move.formula)

    def _why(self, move: Move, right: Move) -> str:
        if move.rule != right.rule:
            return f"`{move.rule}` does not give {self.posed.write(move.formula)} here; `{right.rule}` does."
        return f"`{right.rule}` gives {self.posed.write(right.formula)}, not {self.posed.write(move.formula)}."

    # The answer

    def _record(self, at: int) -> None:
        move = self.moves[at]
        self.lines.append((self.shown[at].name, move, [self.shown[one].name for one in move.premises]))

    def listing(self) -> str:
        """The proof as it was told, one numbered line for each formula."""
        numbers = {name: str(k) for k, (name, _, _) in enumerate(self.lines, start=1)}
        names = {name: name.strip("()") for name in (one.name for one in self.shown.values())} | numbers
        return "\n".join(
            line_text(k, self.posed.write(move.formula), move.rule, [names[one] for one in given])
            for k, (_, move, given) in enumerate(self.lines, start=1)
        )


def line_text(number: int, formula: str, rule: str, given: Sequence[str]) -> str:
    """`3. (φ → χ) by syl from 1, h2`."""
    return f"{number}. {formula} by {rule}" + (f" from {', '.join(given)}" if given else "")
