"""The claim checker `metamath`: one rule of the problem gives a formula from what the step uses.

Payload: `{"formula": F, "rule": R}`, with up to four more keys. F is a formula in Metamath's symbols without `|-`,
R the label of a rule that the problem shows. The step uses the rule's premise, and earlier steps or hypotheses of
the problem.

    "assume": [A, …]     F follows from these too, whether they hold or not: "it suffices to show A"; no later step can
                         rest on F
    "where": {v: T, …}   what the rule's variables stand for, as the words say it; not with "follows": false
    "only": true         just these give F: "line 3 follows from line 2, as it says"
    "follows": false     the rule does not give F from these: "`syl` does not apply here"

An example: `{"formula": "( ph -> ch )", "rule": "syl"}`, using steps `( ph -> ps )` and `( ps -> ch )`.

`verified`: there is a substitution that makes the rule's conclusion F and each of its hypotheses something used or
assumed, and no two variables share one that must not. It is the evidence. `refuted`: there is none, not even with
all that is known at that step. Where there is one with more than the step cites, the step is badly cited and not
wrong: `unknown`, but for one that says `only`. A rule that the problem does not show is `unknown` too.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import ClassVar, NamedTuple

from tracemill.claims.claim_checker import Canary, ClaimChecker, Ruling
from tracemill.claims.metamath.system import KIND, RefusedSystem, ShownRule, System, system_of
from tracemill.claims.metamath.unifying import TooManyTries, clash, substitutions
from tracemill.metamath.grammar import Tree
from tracemill.records import Claim, Payload, Problem, Step

_KEYS = {"formula", "rule", "assume", "where", "only", "follows"}


class MetamathChecker(ClaimChecker):
    """See the module."""

    kind: ClassVar[str] = KIND
    version: ClassVar[str] = "1"
    entails: ClassVar[bool] = True

    def __init__(self) -> None:
        self._read: tuple[tuple[Claim, ...], System] | None = None

    def canaries(self) -> Iterable[Canary]:
        from tracemill.claims.metamath.canaries import canaries

        return canaries()

    def rule(self, problem: Problem, steps: Sequence[Step], wanted: Sequence[int]) -> Mapping[int, Ruling]:
        """See `ClaimChecker`."""
        try:
            system = self._system(problem.premises)
        except RefusedSystem as exc:
            return dict.fromkeys(wanted, Ruling("unknown", f"the problem's premises are refused: {exc}"))
        return _Case(system, steps).rule(wanted)

    def close(self) -> None:
        self._read = None

    def _system(self, premises: tuple[Claim, ...]) -> System:
        """That of the last problem is kept, for its traces come one after another."""
        known = self._read
        if known is None or known[0] != premises:
            known = self._read = (premises, system_of(premises))
        return known[1]


class _Claimed(NamedTuple):
    formula: Tree
    rule: ShownRule
    assumed: tuple[Tree, ...]
    where: Mapping[str, Tree]
    only: bool
    follows: bool


class _Case:
    """One trace. `formulas`: what may be used, by the number that cites it; `silent`: what may be cited and gives no
    formula; `sound`: what is known to hold."""

    def __init__(self, system: System, steps: Sequence[Step]) -> None:
        self.system, self.steps = system, steps
        self.formulas = dict(system.hypotheses)
        self.silent: set[int] = set()
        self.sound = dict(system.hypotheses)
        self.claims: dict[int, _Claimed] = {}
        self.refusals: dict[int, str] = {}
        for index, step in enumerate(steps):
            if step.claim is not None and step.claim.kind == KIND:
                self._read(index, step.claim.payload)

    def _read(self, index: int, payload: Payload) -> None:
        try:
            claimed = self.claims[index] = _claimed(self.system, payload)
        except RefusedSystem as exc:
            self.refusals[index] = str(exc)
            return
        if claimed.assumed or not claimed.follows:
            self.silent.add(index)
        else:
            self.formulas[index] = claimed.formula

    def rule(self, wanted: Sequence[int]) -> dict[int, Ruling]:
        found = {}
        for index in sorted(wanted):
            try:
                found[index] = self._one(index)
            except TooManyTries:
                found[index] = Ruling("unknown", "too many ways to apply the rule")
            if found[index].outcome == "verified" and index in self.formulas:
                self.sound[index] = self.formulas[index]
        return found

    def _one(self, index: int) -> Ruling:
        if index in self.refusals:
            return Ruling("unknown", self.refusals[index])
        claimed, uses = self.claims[index], self.steps[index].uses
        if claimed.rule.premise not in uses:
            return Ruling("unknown", f"names the rule {claimed.rule.label} and does not cite it")
        given = list(claimed.assumed)
        for use in uses:
            if use >= index or (use >= 0 and use not in self.formulas and use not in self.silent):
                return Ruling("unknown", f"uses step {use}, which gives no formula before it")
            if use in self.formulas:
                given.append(self.formulas[use])
        return self._decide(claimed, given)

    def _decide(self, claimed: _Claimed, given: Sequence[Tree]) -> Ruling:
        applied = self._applied(claimed, given)
        if not claimed.follows:
            if applied.outcome == "verified":
                return Ruling("refuted", f"{claimed.rule.label} does give it", applied.evidence, "proof")
            return Ruling("verified", applied.reason, applied.evidence, "proof")
        if applied.outcome == "verified":
            return applied
        known = [*given, *self.sound.values()]
        if not claimed.only and self._applied(claimed, known).outcome == "verified":
            return Ruling("unknown", f"follows by {claimed.rule.label}, but not from what it cites")
        return applied

    def _applied(self, claimed: _Claimed, given: Sequence[Tree]) -> Ruling:
        rule, refused = claimed.rule, None
        for values in substitutions(rule, claimed.formula, given):
            wrong = next((name for name, tree in claimed.where.items() if values.get(name) != tree), None)
            if wrong is not None:
                refused = refused or Ruling(
                    "refuted", f"{wrong} of {rule.label} stands for something else", {}, "proof"
                )
                continue
            shared = clash(rule, values, self.system.distinct)
            if shared is None:
                return Ruling("verified", f"an instance of {rule.label}", self._evidence(values), "proof")
            (one, other), (left, right) = shared
            why = f"{one} and {other} of {rule.label} may share no variable, and do in {left}"
            if left != right:
                why = f"{one} and {other} of {rule.label} may share no variable; {left} and {right} are not distinct"
            refused = Ruling("refuted", why, self._evidence(values), "proof")
        return refused or Ruling("refuted", f"no instance of {rule.label}", {}, "proof")

    def _evidence(self, values: Mapping[str, Tree]) -> Payload:
        write = self.system.grammar.tokens
        return {"substitution": {name: " ".join(write(tree)) for name, tree in sorted(values.items())}}


def _claimed(system: System, payload: Payload) -> _Claimed:
    if not payload.keys() <= _KEYS or not isinstance(payload.get("rule"), str):
        raise RefusedSystem(
            "the payload is not {'formula': text, 'rule': label}, with or without assume, where, only, follows"
        )
    rule = system.rules.get(payload["rule"])
    if rule is None:
        raise RefusedSystem(f"the problem shows no rule {payload['rule'][:80]!r}")
    assumed, where = payload.get("assume", ()), payload.get("where", {})
    only, follows = payload.get("only", False), payload.get("follows", True)
    if not isinstance(assumed, list | tuple) or not isinstance(where, Mapping):
        raise RefusedSystem("'assume' is a list of formulas, 'where' an object of variable and text")
    if not isinstance(only, bool) or not isinstance(follows, bool):
        raise RefusedSystem("'only' and 'follows' are true or false")
    if where and not follows:
        # Some other substitution may give it: what is said would be true of this one alone.
        raise RefusedSystem("'where' says how a rule applies, and 'follows' that it does not")
    values = {name: _part(system, name, text) for name, text in where.items()}
    return _Claimed(system.read(payload.get("formula")), rule, tuple(map(system.read, assumed)), values, only, follows)


def _part(system: System, name: str, text: object) -> Tree:
    kind = system.grammar.types.get(name)
    if kind is None:
        raise RefusedSystem(f"'where' gives a value to {name[:40]!r}, which is no variable")
    return system.read(text, kind)
