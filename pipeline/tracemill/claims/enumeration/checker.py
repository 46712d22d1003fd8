"""The claim checker `enumeration`: a step's formula must hold in every solution of what the step uses.

Premise 0 of the problem declares the variables with their values (kind `variables`, see `terms.declared`); the other
premises of kind `enumeration` are formulas. Payload of both: `{"formula": F}`, one term in the grammar of `terms.py`.
An example, of a language in which a noun is a root of two to six letters and an ending of one to three:

    Claim("variables", {"fish": {"letters": "aiklntu", "length": [2, 6]}, "plural": …})
    Claim("enumeration", {"formula": '(= "natiku" (str.++ fish plural))'})
    "The root is at least nat."     '(str.prefixof "nat" fish)'     verified, using premise 1
    "The ending is ku."             '(= plural "ku")'               refuted: it may be `iku` as well

For genotypes: `{"mother": ["AA", "Aa", "aa"]}` with `(=> (= child "aa") (not (= mother "AA")))`.

`verified`: it holds in all solutions of what the step uses. `refuted`: the premises exclude it, or allow a solution in
which it is false, which is the evidence. `unknown`: it holds wherever all premises do, but not because of what the step
uses; what the step uses has no solution, so that anything would hold; or the search is longer than its bound, which
there is for each claim and for all of a trace together.
The search is complete: so the strength is `exhaustive`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import ClassVar, NamedTuple

from tracemill.claims.citing import cited
from tracemill.claims.claim_checker import Canary, ClaimChecker, Ruling
from tracemill.claims.enumeration.search import Env, Goal, OutOfBoundsError, Search
from tracemill.claims.enumeration.terms import Domain, RefusedTerm, SearchTerm, declared, read
from tracemill.records import Claim, Payload, Problem, Step, premise

SEARCH_UNITS = 400_000
"""Of one claim: about half a second."""
TRACE_UNITS = 10 * SEARCH_UNITS
"""Of all claims of a trace; a usual one takes less than one of them may."""


class EnumerationChecker(ClaimChecker):
    """See the module. A verified claim follows from what its step uses."""

    kind: ClassVar[str] = "enumeration"
    version: ClassVar[str] = "3"
    entails: ClassVar[bool] = True

    def __init__(self, search_units: int = SEARCH_UNITS, trace_units: int = TRACE_UNITS) -> None:
        self.search_units, self.trace_units = search_units, trace_units
        self._read: tuple[tuple[Claim, ...], _Theory] | None = None

    @property
    def judge(self) -> Payload:
        return {"search_units": self.search_units, "trace_units": self.trace_units}

    def canaries(self) -> Iterable[Canary]:
        from tracemill.claims.enumeration.canaries import canaries

        return canaries()

    def rule(self, problem: Problem, steps: Sequence[Step], wanted: Sequence[int]) -> Mapping[int, Ruling]:
        """See `ClaimChecker`. A used step of another kind has no formula: then the outcome is `unknown`."""
        try:
            theory = self._theory(problem.premises)
        except RefusedTerm as exc:
            return dict.fromkeys(wanted, Ruling("unknown", f"the problem's premises are refused: {exc}"))
        except OutOfBoundsError:
            return dict.fromkeys(wanted, Ruling("unknown", "whether the premises have a solution: out of bounds"))
        if not theory.possible:
            return dict.fromkeys(wanted, Ruling("unknown", "the problem's premises have no solution"))
        case = _Case(theory, steps, self.search_units, self.trace_units)
        return {index: case.rule(index) for index in sorted(wanted)}

    def close(self) -> None:
        self._read = None

    def _theory(self, premises: tuple[Claim, ...]) -> _Theory:
        """The premises read; those of the last problem are kept, for its traces come one after another."""
        if self._read is None or self._read[0] != premises:
            self._read = premises, _Theory.of(premises, self.search_units)
        return self._read[1]


class _Theory(NamedTuple):
    """A problem's variables, the formulas of its premises by the number that `Step.uses` gives them, and whether these
    have a solution."""

    domains: dict[str, Domain]
    formulas: dict[int, SearchTerm]
    possible: bool

    @classmethod
    def of(cls, premises: Sequence[Claim], units: int) -> _Theory:
        if not premises or premises[0].kind != "variables":
            raise RefusedTerm("premise 0 does not declare variables")
        domains = declared(premises[0].payload)
        formulas = {}
        for index, claim in enumerate(premises):
            if claim.kind == "enumeration":
                formulas[premise(index)] = _formula(claim, domains)
        possible = Search(domains, units).first([(term, True) for term in formulas.values()]) is not None
        return cls(domains, formulas, possible)


def _formula(claim: Claim, domains: Mapping[str, Domain]) -> SearchTerm:
    text = claim.payload.get("formula")
    if claim.payload.keys() != {"formula"} or not isinstance(text, str):
        raise RefusedTerm("the payload is not {'formula': text}")
    return read(text, domains)


class _Case:
    """One trace before the checker: what each premise and step says, and which of them follow from the premises."""

    def __init__(self, theory: _Theory, steps: Sequence[Step], units: int, trace_units: int) -> None:
        self.theory, self.steps, self.units = theory, steps, units
        self.left = trace_units
        """What the searches of the claims still to be ruled may take together."""
        self.formulas = dict(theory.formulas)
        self.refusals: dict[int, str] = {}
        self.sound: set[int] = set(theory.formulas)
        """What holds wherever the premises do: a set of these has a solution, as the premises have."""
        for index, step in enumerate(steps):
            if step.claim and step.claim.kind == "enumeration":
                try:
                    self.formulas[index] = _formula(step.claim, theory.domains)
                except RefusedTerm as exc:
                    self.refusals[index] = str(exc)

    def rule(self, index: int) -> Ruling:
        if index in self.refusals:
            return Ruling("unknown", f"the formula is refused: {self.refusals[index]}")
        uses = cited(self.steps, index, self.formulas)
        if isinstance(uses, Ruling):
            return uses
        allowed = min(self.units, self.left)
        search = Search(self.theory.domains, allowed)
        try:
            ruling = self._decide(search, self.formulas[index], uses)
        except OutOfBoundsError:
            of = "" if allowed == self.units else ", what is left of the trace's bound"
            return Ruling("unknown", f"the search is longer than its bound of {allowed}{of}")
        except RefusedTerm as exc:
            return Ruling("unknown", str(exc))
        finally:
            self.left -= allowed - max(0, search.units)
        if ruling.outcome == "verified" and self.sound.issuperset(uses):
            self.sound.add(index)
        return ruling

    def _decide(self, search: Search, formula: SearchTerm, uses: Sequence[int]) -> Ruling:
        context: list[Goal] = [(self.formulas[use], True) for use in uses]
        if not self.sound.issuperset(uses) and search.first(context) is None:
            return Ruling("unknown", "vacuous: what it uses has no solution")
        if search.first([*context, (formula, False)]) is None:
            return Ruling("verified", "holds in every solution of what it uses", strength="exhaustive")
        premises: list[Goal] = [(term, True) for term in self.theory.formulas.values()]
        if search.first([*premises, (formula, True)]) is None:
            return Ruling("refuted", "the problem's premises exclude it", strength="exhaustive")
        counter = search.first([*premises, (formula, False)])
        if counter is None:
            return Ruling("unknown", "true, but does not follow from the steps it cites")
        return Ruling("refuted", "does not follow from the problem's premises", _evidence(counter), "exhaustive")


def _evidence(solution: Env) -> Payload:
    return {"counterexample": dict(sorted(solution.items()))}
