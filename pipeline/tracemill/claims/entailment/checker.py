"""The claim checker `entailment`: a step's formula must follow from what the step uses, and from nothing else.

Payload: `{"formula": F}` or `{"formula": F, "assume": [A, …]}`, each text one SMT-LIB 2 term in the grammar of
`smt.py`. The problem's premise 0 declares the symbols (kind `symbols`); its other formulas are premises of kind
`entailment`.

A claim with assumptions is a *local* inference: what the step uses must, together with the assumptions, entail F. For
a later step that uses it, it stands for `(=> (and A …) F)`. An example, where Ana says that Bo is truthful:

    "Suppose Ana is truthful."      {"formula": "Ana", "assume": ["Ana"]}
    "Then so is Bo, as she says."   {"formula": "Bo", "assume": ["Ana"]}
    "But Bo is known to lie."       {"formula": "false", "assume": ["Ana"]}    the assumption contradicts what is used
    "So Ana lies."                  {"formula": "(not Ana)"}                   uses the step before

A claim that follows, but not from the steps that it cites, is badly cited and not wrong: it is `unknown`, under
assumptions too. How each outcome comes about: `_Case._plain`, `_Case._why_not` and, under assumptions, `_Case._local`,
`_Case._why_not_locally`. What a solver
does not decide within its bound is `unknown`, never `refuted`; so is a claim whose context contradicts itself, from
which anything would follow, unless it is `false`, said under assumptions.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from contextlib import closing
from functools import cached_property
from importlib.metadata import version
from typing import ClassVar, NamedTuple

from tracemill.claims.citing import cited
from tracemill.claims.claim_checker import Canary, ClaimChecker, Ruling
from tracemill.claims.entailment.smt import FALSE, Refused, Sort, Term, Value, declared, implication, read
from tracemill.claims.entailment.solver import BACKSTOP_SECONDS, MAX_UNDECIDED, RESOURCE_UNITS, TRACE_UNITS, Session
from tracemill.records import Claim, Payload, Problem, Step, premise


class EntailmentChecker(ClaimChecker):
    """`verified`: proved from what the step uses. `refuted`: the premises exclude it, or allow its negation; under
    assumptions: these allow its negation together with the premises, or, where they contradict those, with what earlier
    steps have found or at least with what the step uses."""

    kind: ClassVar[str] = "entailment"
    version: ClassVar[str] = "4"
    entails: ClassVar[bool] = True

    def __init__(self, resource_units: int = RESOURCE_UNITS) -> None:
        self.resource_units = resource_units
        self._read: tuple[tuple[Claim, ...], _Theory] | None = None

    @cached_property
    def judge(self) -> Payload:
        bounds = {"resource_units": self.resource_units, "cpu_seconds": BACKSTOP_SECONDS, "undecided": MAX_UNDECIDED}
        bounds["trace_units"] = TRACE_UNITS
        return {"solver": f"z3 {version('z3-solver')}", **bounds}

    def canaries(self) -> Iterable[Canary]:
        from tracemill.claims.entailment.canaries import canaries

        return canaries()

    def rule(self, problem: Problem, steps: Sequence[Step], wanted: Sequence[int]) -> Mapping[int, Ruling]:
        """See `ClaimChecker`. A used step of another kind has no formula: then the outcome is `unknown`."""
        try:
            theory = self._theory(problem.premises)
        except Refused as exc:
            return dict.fromkeys(wanted, Ruling("unknown", f"the problem's premises are refused: {exc}"))
        case = _Case(theory, steps)
        with closing(Session(theory.symbols, self.resource_units, case.backstop)) as session:
            return case.rule(session, wanted)

    def close(self) -> None:
        self._read = None

    def _theory(self, premises: tuple[Claim, ...]) -> _Theory:
        """The premises read; those of the last problem are kept, for its traces come one after another."""
        known = self._read
        if known is None or known[0] != premises:
            known = (premises, _Theory.of(premises))
            self._read = known
        return known[1]


class _Theory(NamedTuple):
    """A problem's symbols and the formulas of its premises, by the number that `Step.uses` gives them."""

    symbols: dict[str, Sort]
    formulas: dict[int, Term]

    @classmethod
    def of(cls, premises: Sequence[Claim]) -> _Theory:
        if not premises or premises[0].kind != "symbols":
            raise Refused("premise 0 does not declare symbols")
        symbols = declared(premises[0].payload)
        formulas = {}
        for index, claim in enumerate(premises):
            if claim.kind == "entailment":
                try:
                    formulas[premise(index)] = _Claimed.of(claim, symbols).implication
                except Refused as exc:
                    raise Refused(f"premise {index}: {exc}") from exc
        return cls(symbols, formulas)


class _Case:
    """One trace before the checker.

    `formulas`: what each premise and each step stands for where a step uses it. `claims`: of each step, what it says
    and what it assumes.
    """

    def __init__(self, theory: _Theory, steps: Sequence[Step]) -> None:
        self.steps = steps
        self.premises = list(theory.formulas.values())
        self.formulas = dict(theory.formulas)
        self.claims: dict[int, _Claimed] = {}
        self.refusals: dict[int, str] = {}
        self.sound: set[int] = set(theory.formulas)
        """What follows from the premises: a set of these is as satisfiable as the premises are."""
        self._read(theory.symbols)
        integral = "Int" in theory.symbols.values()
        self.backstop = integral or any(term.degree > 1 for term in self.formulas.values())
        """Linear arithmetic over Real and Bool always meets the resource bound; a timer would cost more than it."""

    def rule(self, session: Session, wanted: Sequence[int]) -> dict[int, Ruling]:
        consistent = session.check(self.premises)
        if consistent == "unsat":
            return dict.fromkeys(wanted, Ruling("unknown", "the problem's premises are unsatisfiable"))
        if consistent == "unknown":
            return dict.fromkeys(wanted, Ruling("unknown", "whether the problem's premises are satisfiable: undecided"))
        return {index: self._one(session, index) for index in sorted(wanted)}

    def _read(self, symbols: Mapping[str, Sort]) -> None:
        for index, step in enumerate(self.steps):
            if step.claim and step.claim.kind == "entailment":
                try:
                    self.claims[index] = _Claimed.of(step.claim, symbols)
                    self.formulas[index] = self.claims[index].implication
                except Refused as exc:
                    self.refusals[index] = str(exc)

    def _one(self, session: Session, index: int) -> Ruling:
        if index in self.refusals:
            return Ruling("unknown", f"the formula is refused: {self.refusals[index]}")
        uses = cited(self.steps, index, self.formulas)
        if isinstance(uses, Ruling):
            return uses
        ruling = self._decide(session, self.claims[index], uses)
        if ruling.outcome == "verified" and self.sound.issuperset(uses):
            self.sound.add(index)
        return ruling

    def _decide(self, session: Session, claim: _Claimed, uses: Sequence[int]) -> Ruling:
        context = [self.formulas[use] for use in uses]
        if not self.sound.issuperset(uses):
            possible = session.check(context)
            if possible == "unsat":
                return Ruling("unknown", "vacuous: what it uses contradicts itself")
            if possible == "unknown":
                return Ruling("unknown", "whether what it uses is satisfiable: undecided within the bound")
        if claim.assumed:
            return self._local(session, claim, context)
        return self._plain(session, claim.formula, context)

    def _local(self, session: Session, claim: _Claimed, uses: Sequence[Term]) -> Ruling:
        """A claim within a context of what the step uses and what it assumes; what it uses is satisfiable."""
        context = [*uses, *claim.assumed]
        possible = session.check(context)
        if possible == "unknown":
            return Ruling("unknown", "whether what it uses and assumes is satisfiable: undecided within the bound")
        if possible == "unsat":
            if claim.formula == FALSE:
                return Ruling("verified", "what it assumes contradicts what it uses", strength="proof")
            return Ruling("unknown", "vacuous: what it assumes contradicts what it uses")
        follows = session.check(context, but_not=claim.formula)
        if follows == "unsat":
            return Ruling("verified", "follows from what it uses and assumes", strength="proof")
        if follows == "unknown":
            return Ruling("unknown", "whether it follows from what it uses and assumes: undecided within the bound")
        return self._why_not_locally(session, claim, context)

    def _why_not_locally(self, session: Session, claim: _Claimed, context: Sequence[Term]) -> Ruling:
        """The claim does not follow from what the step uses and assumes (`context`): is it unfounded, or only badly
        founded? It is held against all that may be said here without contradiction: the premises; where the assumptions
        contradict those, so that anything would follow, what earlier steps have found; where these already show that,
        nothing but what the step uses."""
        sound = [self.formulas[index] for index in sorted(self.sound) if index >= 0]
        for known in ([*self.premises, *claim.assumed], [*sound, *context]):
            possible = session.check(known)
            if possible == "unknown":
                return Ruling("unknown", "whether its assumptions can hold: undecided within the bound")
            if possible == "sat":
                return self._held_against(session, claim.formula, known)
        if claim.formula == FALSE:
            return Ruling("unknown", "its assumptions are contradicted, but not by the steps it cites")
        model = session.countermodel(context, claim.formula)
        return Ruling("refuted", "does not follow from what it uses and assumes", _evidence(model), "proof")

    def _held_against(self, session: Session, formula: Term, known: Sequence[Term]) -> Ruling:
        follows = session.check(known, but_not=formula)
        if follows == "unsat":
            return Ruling("unknown", "holds under its assumptions, but does not follow from the steps it cites")
        if follows == "unknown":
            return Ruling("unknown", "whether it holds under its assumptions: undecided within the bound")
        model = session.countermodel(known, formula)
        return Ruling("refuted", "does not follow from what it uses and assumes", _evidence(model), "proof")

    def _plain(self, session: Session, formula: Term, context: Sequence[Term]) -> Ruling:
        follows = session.check(context, but_not=formula)
        if follows == "unsat":
            return Ruling("verified", "follows from what it uses", strength="proof")
        if follows == "unknown":
            return Ruling("unknown", "whether it follows from what it uses: undecided within the bound")
        return self._why_not(session, formula)

    def _why_not(self, session: Session, formula: Term) -> Ruling:
        """The claim does not follow from what the step uses: is it false, unfounded, or only badly founded?"""
        possible = session.check([*self.premises, formula])
        if possible == "unsat":
            return Ruling("refuted", "contradicts the problem's premises", strength="proof")
        if possible == "unknown":
            return Ruling("unknown", "whether the premises exclude it: undecided within the bound")
        follows = session.check(self.premises, but_not=formula)
        if follows == "unsat":
            return Ruling("unknown", "true, but does not follow from the steps it cites")
        if follows == "unknown":
            return Ruling("unknown", "whether it follows from the premises: undecided within the bound")
        model = session.countermodel(self.premises, formula)
        return Ruling("refuted", "does not follow from the problem's premises", _evidence(model), "proof")


class _Claimed(NamedTuple):
    """What a step says, and what it assumes for it."""

    formula: Term
    assumed: tuple[Term, ...]

    @classmethod
    def of(cls, claim: Claim, symbols: Mapping[str, Sort]) -> _Claimed:
        formula, assumed = claim.payload.get("formula"), claim.payload.get("assume", ())
        if not isinstance(formula, str) or not claim.payload.keys() <= {"formula", "assume"}:
            raise Refused("the payload is not {'formula': text}, with or without 'assume'")
        if not isinstance(assumed, list | tuple) or not all(isinstance(text, str) for text in assumed):
            raise Refused("'assume' is not a list of texts, each a formula")
        return cls(read(formula, symbols), tuple(read(text, symbols) for text in assumed))

    @property
    def implication(self) -> Term:
        return implication(self.assumed, self.formula) if self.assumed else self.formula


def _evidence(model: Mapping[str, Value] | None) -> Payload:
    """The countermodel as text: `true`, `3`, `5/2`."""
    return {"countermodel": {name: str(value).lower() for name, value in model.items()}} if model else {}
