"""The `steps` verifier: every claim that a trace's own steps state, judged by the checker of its kind.

What a verified claim means depends on its checker. One that entails makes a step *correct*, provided that everything
the step rests on is verified too; an equation is only true. So the evidence counts the leading steps that are entailed
(`entailed_prefix`), and labels are taken from that and from the first refuted step, never from `verified` alone.

Steps that the trace itself takes back (`retraction.py`) keep their outcome with the mark `retracted` in their evidence.
They are neither refutations of the trace nor part of its coverage, and what still uses one of them, itself or through
other steps, is `unknown`. Nor does a rightful retraction count: to take a mistake back is no solution. A trace that
takes steps back, rightly or not, has no `entailed_prefix` (null), and so no labels.

Not covered: claims in a model's text that no step states.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence, Set
from dataclasses import replace
from itertools import chain
from typing import ClassVar, Literal

from pydantic import BaseModel, ConfigDict, Field

from tracemill.claims.claim_checker import Canary, ClaimCase, ClaimChecker, Ruling
from tracemill.records import STRENGTHS, Check, Outcome, Payload, Problem, Scope, Step, StepVerdict, Strength, Trace
from tracemill.settings.errors import UsageError
from tracemill.settings.plugins import installed, load
from tracemill.verifiers.boundary import ruled
from tracemill.verifiers.line_fields import claims_field, problem_of, trace_of_steps
from tracemill.verifiers.retraction import RETRACTION, is_retraction, retracts, rule_retraction, taken_back
from tracemill.verifiers.ruling_form import well_formed
from tracemill.verifiers.verifier import Verifier, claim_kinds


class StepsConfig(BaseModel):
    """`coverage`: the share of a trace's claims that must be verified, none being refuted, for `verified`."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    kind: Literal["steps"] = "steps"
    coverage: float = Field(default=1.0, gt=0, le=1)


class StepsVerifier(Verifier):
    """Asks the checker of each claim's kind, of many traces at once, and sums up what they say of each trace."""

    Config = StepsConfig
    name: ClassVar[str] = "steps"
    version: ClassVar[str] = "4"
    scope: ClassVar[Scope] = "steps"

    def __init__(self, config: StepsConfig | None = None) -> None:
        super().__init__(config)
        self.coverage: float = self.config.coverage
        self._checkers: dict[str, ClaimChecker] = {}
        self._described: dict[str, Payload | None] = {}

    @property
    def judge(self) -> Payload:
        return {"coverage": self.coverage}

    def checkers(self, kinds: Collection[str]) -> Mapping[str, Payload | None]:
        """See `Verifier`. Retractions are the verifier's own matter."""
        return {kind: self._description(kind) for kind in sorted(kinds) if kind != RETRACTION}

    def case(self, line: Payload) -> tuple[Problem, Trace]:
        """See `Verifier`: from the fields `steps`, `premises`, `prompt` and `response`, of which only `steps` must be
        there (`line_fields.trace_of_steps`)."""
        problem = problem_of(line, Check("exact"), "", claims_field(line, "premises"))
        return problem, trace_of_steps(line, problem)

    def rule(self, problem: Problem, trace: Trace) -> Ruling:
        """Raises:
        ValueError: a step's span lies outside the text, or within the previous one.
        """
        return self.rule_many([(problem, trace)])[0]

    def rule_many(self, cases: Sequence[tuple[Problem, Trace]]) -> list[Ruling]:
        """See `Verifier`. Each checker gets the claims of its kind of all traces at once."""
        found: list[dict[int, Ruling]] = [{} for _ in cases]
        wanted: dict[str, list[tuple[int, ClaimCase]]] = {}
        for number, (problem, trace) in enumerate(cases):
            _check_spans(trace)
            steps, found[number] = _readable(problem, trace.steps)
            for kind, indices in _by_kind(steps).items():
                wanted.setdefault(kind, []).append((number, ClaimCase(problem, steps, indices)))
        for kind, asked in wanted.items():
            answers = self._ask(kind, [case for _, case in asked])
            for (number, _), answer in zip(asked, answers, strict=True):
                found[number] |= answer
        return [self._sum_up(*case, rulings) for case, rulings in zip(cases, found, strict=True)]

    def canaries(self, kinds: Collection[str] | None = None) -> Iterator[Canary]:
        """See `Verifier`: those of the checkers, and the verifier's own among those that need no other checker.

        Their outcomes are those at full coverage. At a lower one, a trace that is `unknown` for one claim of several
        may be verified: such a case is left out.
        """
        from tracemill.verifiers.steps_canaries import canaries

        covered = sorted(installed("claim") if kinds is None else set(kinds) & set(installed("claim")))
        others = set(installed("claim")).difference(covered)
        own = (canary for canary in canaries() if others.isdisjoint(claim_kinds(canary.trace)))
        loaded = (kind for kind in covered if "missing" not in (self._description(kind) or {}))
        for canary in chain(own, *(self._checker(kind).canaries() for kind in loaded)):
            if self.coverage == 1 or canary.expected != "unknown" or len(canary.trace.steps) == 1:
                yield canary

    def close(self) -> None:
        for checker in self._checkers.values():
            checker.close()
        self._checkers = {}

    def _checker(self, kind: str) -> ClaimChecker:
        if kind not in self._checkers:
            self._checkers[kind] = load("claim", kind)()
        return self._checkers[kind]

    def _description(self, kind: str) -> Payload | None:
        """What marks the rulings of a kind's checker; null where none is installed."""
        if kind not in self._described:
            self._described[kind] = self._describe(kind) if kind in installed("claim") else None
        return self._described[kind]

    def _describe(self, kind: str) -> Payload:
        try:
            checker = self._checker(kind)
        except UsageError as exc:
            return {"missing": str(exc)}
        return {"version": checker.version, **checker.judge}

    def _entails(self, step: Step) -> bool:
        kind = step.claim.kind if step.claim else ""
        return kind in self._checkers and self._checkers[kind].entails

    def _ask(self, kind: str, cases: Sequence[ClaimCase]) -> list[dict[int, Ruling]]:
        """By case, the rulings on its claims of one kind."""
        if kind not in installed("claim"):
            unknown = Ruling("unknown", f"no checker for claims of kind {kind!r}")
            return [dict.fromkeys(case.wanted, unknown) for case in cases]
        answers = ruled(
            "claim",
            kind,
            cases,
            lambda case: self._checker(kind).rule(*case),
            lambda some: self._checker(kind).rule_many(some),
        )
        return [_whole(answer, kind, case.wanted) for answer, case in zip(answers, cases, strict=True)]

    def _sum_up(self, problem: Problem, trace: Trace, rulings: dict[int, Ruling]) -> Ruling:
        entailing = {index for index in rulings if self._entails(trace.steps[index])}
        retracted = _rest(trace.steps, rulings, entailing, len(problem.premises))
        return self._summary(trace, rulings, entailing, retracted)

    def _summary(self, trace: Trace, rulings: Mapping[int, Ruling], entailing: Set[int], retracted: Set[int]) -> Ruling:
        rightful = {
            at for at, found in rulings.items() if is_retraction(trace.steps[at]) and found.outcome == "verified"
        }
        aside = retracted | rightful
        counted = {index: ruling for index, ruling in sorted(rulings.items()) if index not in aside}
        outcome, reason = self._outcome(counted)
        if aside and not counted:
            reason = "all that the trace claims is taken back"
        strengths = [ruling.strength for ruling in counted.values() if ruling.outcome == outcome and ruling.strength]
        decided = sum(ruling.outcome in ("verified", "refuted") for ruling in counted.values())
        steps = len(trace.steps) - len(aside)
        evidence = {
            "first_refuted": next((index for index, ruling in counted.items() if ruling.outcome == "refuted"), None),
            "entailed_prefix": None if retracts(trace.steps) else _entailed_prefix(rulings, entailing),
        }
        return Ruling(
            outcome,
            reason,
            evidence=evidence | ({"retracted": sorted(retracted)} if retracted else {}),
            strength=_weakest(strengths) if outcome in ("verified", "refuted") else None,
            steps=tuple(
                _step_verdict(index, trace.steps[index], rulings[index], index in retracted)
                for index in sorted(rulings)
            ),
            coverage_claims=decided / len(counted) if counted else None,
            coverage_steps=decided / steps if steps else None,
            isolation=", ".join(sorted({ruling.isolation for ruling in rulings.values() if ruling.isolation})) or None,
        )

    def _outcome(self, rulings: Mapping[int, Ruling]) -> tuple[Outcome, str]:
        if not rulings:
            return "unknown", "the trace states no claims"
        found: dict[Outcome, list[int]] = {}
        for index, ruling in sorted(rulings.items()):
            found.setdefault(ruling.outcome, []).append(index)
        for outcome in ("refuted", "error"):
            if outcome in found:
                first = found[outcome][0]
                return outcome, f"step {first}: {rulings[first].reason}"
        verified = len(found.get("verified", ()))
        counted = f"{verified} of {len(rulings)} claims verified"
        if verified / len(rulings) >= self.coverage:
            return "verified", counted
        first = found["unknown"][0]
        return "unknown", f"{counted}; step {first}: {rulings[first].reason}"


def _check_spans(trace: Trace) -> None:
    """Spans follow each other; two steps may share one, as when a sentence makes two claims."""
    last = Step(0, 0, 0)
    # Once: a text is put together each time that it is asked for, and a long trace has thousands of steps.
    lengths = [len(turn.text) for turn in trace.turns]
    for index, step in enumerate(trace.steps):
        if not 0 <= step.turn < len(trace.turns):
            raise ValueError(f"step {index} is in turn {step.turn}; the trace has {len(trace.turns)}")
        if step.turn < last.turn:
            raise ValueError(f"step {index} is in turn {step.turn}, before the step that precedes it")
        if step.turn > last.turn:
            last = Step(step.turn, 0, 0)
        if not 0 <= step.start <= step.end <= lengths[step.turn]:
            raise ValueError(f"step {index} spans {step.start}-{step.end}, outside the text")
        if step.start < last.end and (step.start, step.end) != (last.start, last.end):
            raise ValueError(f"step {index} starts at {step.start}, within an earlier step")
        last = step


def _readable(problem: Problem, steps: Sequence[Step]) -> tuple[Sequence[Step], dict[int, Ruling]]:
    """The steps without the claims that no checker can read, since a payload is not an object; and rulings on these."""
    wrong = next((at for at, one in enumerate(problem.premises) if not isinstance(one.payload, Mapping)), None)
    reason = "the payload is not an object" if wrong is None else f"the payload of premise {wrong} is not an object"
    unread = {
        index: Ruling("unknown", reason)
        for index, step in enumerate(steps)
        if step.claim and (wrong is not None or not isinstance(step.claim.payload, Mapping))
    }
    left = [replace(step, claim=None) if index in unread else step for index, step in enumerate(steps)]
    return left if unread else steps, unread


def _by_kind(steps: Sequence[Step]) -> dict[str, list[int]]:
    """The claims that checkers judge."""
    wanted: dict[str, list[int]] = {}
    for index, step in enumerate(steps):
        if step.claim and not is_retraction(step):
            wanted.setdefault(step.claim.kind, []).append(index)
    return wanted


def _whole(answer: Mapping[int, Ruling] | Ruling, kind: str, wanted: Sequence[int]) -> dict[int, Ruling]:
    """A ruling for each claim: where its checker failed that failure, and `error` where it gave none or does not say
    how strongly it decided."""
    if isinstance(answer, Ruling):
        return dict.fromkeys(wanted, replace(answer, reason=f"the {kind} checker failed: {answer.reason}"))
    if not isinstance(answer, Mapping):
        well_formed("claim", kind, answer)
    return {index: _sound(answer.get(index), kind) for index in wanted}


def _sound(ruling: Ruling | None, kind: str) -> Ruling:
    if ruling is None:
        return Ruling("error", f"the {kind} checker gave no ruling")
    well_formed("claim", kind, ruling)
    if ruling.outcome in ("verified", "refuted") and ruling.strength is None:
        return Ruling("error", f"the {kind} checker decided without a strength: {ruling.reason}")
    return ruling


def _rest(steps: Sequence[Step], rulings: dict[int, Ruling], entailing: Set[int], premises: int) -> set[int]:
    """Changes the rulings on steps that rest on what is not verified, adds those on retractions, and gives the steps
    that are rightly taken back. A retraction that is not verified takes nothing back."""
    retracted: set[int] = set()
    for index, step in enumerate(steps):
        if is_retraction(step):
            rulings[index] = rule_retraction(index, step, rulings)
            if rulings[index].outcome == "verified":
                retracted.update(taken_back(step))
        elif index in entailing:
            rulings[index] = _grounded(index, step, rulings, premises)
    if retracted:
        _forsake(steps, rulings, entailing, premises, retracted)
    return retracted


def _forsake(
    steps: Sequence[Step], rulings: dict[int, Ruling], entailing: Set[int], premises: int, retracted: Set[int]
) -> None:
    """Makes `unknown` whatever is verified and not taken back, but rests on what was: also an equation, which would
    count whatever it used, and also through steps that claim nothing."""
    resting = dict(zip(retracted, retracted, strict=True))
    """By step, the one taken back that it rests on."""
    for index, step in enumerate(steps):
        if index in retracted or is_retraction(step):
            continue
        gone = [resting[use] for use in step.uses if use in resting]
        if gone:
            resting[index] = gone[0]
        if gone and index in rulings and rulings[index].outcome == "verified":
            rulings[index] = Ruling("unknown", f"rests on step {gone[0]}, which was taken back")
        elif index in rulings and index in entailing:
            rulings[index] = _grounded(index, step, rulings, premises)


def _entailed_prefix(rulings: Mapping[int, Ruling], entailing: Set[int]) -> int:
    """How many steps from the first on are entailed and verified."""
    prefix = 0
    while prefix in entailing and rulings[prefix].outcome == "verified":
        prefix += 1
    return prefix


def _grounded(index: int, step: Step, rulings: Mapping[int, Ruling], premises: int) -> Ruling:
    """The ruling, or `unknown` where a verified step rests on anything that is not. Earlier steps come first."""
    if rulings[index].outcome != "verified":
        return rulings[index]
    for use in step.uses:
        if not -premises <= use < index:
            return Ruling("unknown", f"uses {use}, which is neither an earlier step nor a premise")
        if use < 0:
            continue
        if use not in rulings:
            return Ruling("unknown", f"rests on step {use}, which states no claim")
        if rulings[use].outcome != "verified":
            return Ruling("unknown", f"rests on step {use}, which is {rulings[use].outcome}")
    return rulings[index]


def _weakest(strengths: Sequence[Strength]) -> Strength:
    return max(strengths, key=STRENGTHS.index)


def _step_verdict(index: int, step: Step, ruling: Ruling, retracted: bool) -> StepVerdict:
    evidence = {**ruling.evidence, "retracted": True} if retracted else ruling.evidence
    return StepVerdict(index, step.turn, step.start, step.end, step.claim, ruling.outcome, ruling.reason, evidence)
