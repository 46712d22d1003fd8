"""The audit of a verifier: its canaries, then gold solutions and near-miss twins that an oracle labelled.

A domain makes the cases; what they are is said by the domain's oracle, which shares no code with domain or checkers:
for `answer` whether the stated answer is right, for the others which step is the first wrong one. Where oracle and
construction disagree the case is listed and counted as a failure, and labels nothing. A domain without an
oracle is labelled by construction, and the report says so.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Literal, NamedTuple

from tracemill.records import Outcome, Payload, Problem, Verdict, fingerprint
from tracemill.settings.plugins import load
from tracemill.sources.domains import problem_from
from tracemill.tasks.oracle import Oracle
from tracemill.tasks.task import Request, Solution, Task
from tracemill.verifiers.cases import trace_of
from tracemill.verifiers.intervals import wilson
from tracemill.verifiers.verifier import Verifier, claim_kinds, judged, make_verifier

BY_CONSTRUCTION = "by construction: the task has no oracle"

_COUNTED = (
    "canaries_passed",
    "canaries_total",
    "gold_n",
    "false_negatives",
    "gold_undecided",
    "twin_n",
    "false_positives",
    "twin_undecided",
    "errors",
    "disagreements",
)
_Finding = Literal["", "false_negatives", "gold_undecided", "false_positives", "twin_undecided"]
_IN_WORDS = {
    "false_negatives": "false negative",
    "gold_undecided": "right, but undecided",
    "false_positives": "false positive",
    "twin_undecided": "wrong, but undecided",
}
_BAND = (0.0, 1.0)
_GOLDEN = 0.6180339887498949


@dataclass(frozen=True, slots=True)
class Interval:
    """A rate with its 95% interval."""

    rate: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class AuditReport:
    """What an audit found. `gold_n` and `twin_n` count the cases that the oracle labelled right and wrong.

    `false_negatives`: right, but refuted. `false_positives`: wrong, but verified; or, where steps are judged, refuted
    at another step than the first wrong one. `gold_undecided`, `twin_undecided`: neither verified nor refuted;
    `errors` of both were trouble of the verifier itself, the rest `unknown`. `failures`: what went wrong, in words;
    `disagreements` of them are between oracle and construction. `oracles`: (domain, method). `kinds`: of the claims in
    gold and twins.
    """

    verifier: str
    version: str
    canaries_passed: int
    canaries_total: int
    gold_n: int
    false_negatives: int
    gold_undecided: int
    twin_n: int
    false_positives: int
    twin_undecided: int
    errors: int
    disagreements: int
    failures: tuple[str, ...]
    oracles: tuple[tuple[str, str], ...]
    kinds: tuple[str, ...] = ()

    @property
    def false_negative_rate(self) -> Interval:
        return _interval(self.false_negatives, self.gold_n)

    @property
    def false_positive_rate(self) -> Interval:
        return _interval(self.false_positives, self.twin_n)

    @property
    def gold_undecided_rate(self) -> Interval:
        return _interval(self.gold_undecided, self.gold_n)

    @property
    def twin_undecided_rate(self) -> Interval:
        return _interval(self.twin_undecided, self.twin_n)

    @property
    def passed(self) -> bool:
        """All canaries right, no false positive, no error, no disagreement about a label; and something was there to
        miss. Right cases that were refuted and cases that were left undecided are measured, and fail nothing."""
        sound = self.canaries_passed == self.canaries_total and not self.false_positives and not self.errors
        judged_some = self.canaries_total > 0 and (self.twin_n > 0 or not self.oracles)
        return sound and judged_some and not self.disagreements


def audit(
    verifier_name: str,
    domains: Sequence[str],
    per_domain: int,
    seed: int,
    parameters: Payload | None = None,
    kinds: Collection[str] | None = None,
) -> AuditReport:
    """Audits an installed verifier, made with `parameters`, on `per_domain` problems of each domain (full names,
    `area.field.task`), and on the canaries of the claims of these `kinds` and of those in the problems' solutions; on
    all canaries where no `kinds` are given.

    Raises:
        UsageError: no such verifier or domain.
    """
    tasks = [load("task", name)() for name in domains]
    verifier = make_verifier(verifier_name, parameters or {})
    try:
        return audit_verifier(verifier, tasks, per_domain, seed, kinds)
    finally:
        verifier.close()


def audit_verifier(
    verifier: Verifier,
    domains: Sequence[Task],
    per_domain: int,
    seed: int,
    kinds: Collection[str] | None = None,
) -> AuditReport:
    """Like `audit`, for a verifier and domains that exist already."""
    tally = _Tally()
    for domain in domains:
        oracle = domain.oracle() if domain.oracle else None
        tally.oracles.append((domain.name, oracle.method if oracle else BY_CONSTRUCTION))
        for case in _cases(domain, per_domain, seed):
            _try(verifier, oracle, case, tally)
    for canary in verifier.canaries(None if kinds is None else tally.kinds.union(kinds)):
        tally.canary(canary.attack, canary.expected, judged(verifier, canary.problem, canary.trace))
    return tally.report(verifier)


@dataclass(slots=True)
class _Case:
    """A solution under a name for the report. By its construction, `flaw` is the index of its first wrong step."""

    name: str
    problem: Problem
    solution: Solution
    flaw: int | None


class _Label(NamedTuple):
    """What is true of a case. `first_wrong` is none where answers are judged, or where no step is wrong."""

    right: bool
    first_wrong: int | None = None
    objection: str = ""


@dataclass(slots=True)
class _Tally:
    counts: Counter[str] = field(default_factory=Counter)
    failures: list[str] = field(default_factory=list)
    oracles: list[tuple[str, str]] = field(default_factory=list)
    kinds: set[str] = field(default_factory=set)

    def add(self, name: str, failure: str = "") -> None:
        self.counts[name] += 1
        if failure:
            self.failures.append(failure)

    def canary(self, attack: str, expected: Outcome, verdict: Verdict) -> None:
        self.add("canaries_total")
        if verdict.outcome == expected:
            self.add("canaries_passed")
        else:
            self.failures.append(f"canary {attack!r}: {verdict.outcome}, not {expected} ({verdict.reason})")

    def report(self, verifier: Verifier) -> AuditReport:
        return AuditReport(
            verifier.name,
            verifier.version,
            **{name: self.counts[name] for name in _COUNTED},
            failures=tuple(self.failures),
            oracles=tuple(self.oracles),
            kinds=tuple(sorted(self.kinds)),
        )


def _cases(domain: Task, per_domain: int, seed: int) -> Iterator[_Case]:
    """Gold and, where the mistake can be made, a twin of each problem."""
    for index in range(per_domain):
        number = int(fingerprint("audit", seed, domain.name, index, digits=12), 16)
        rng = random.Random(number)
        theme = domain.themes[index % len(domain.themes)]
        request = Request(index, theme, (index + 1) * _GOLDEN % 1.0, _BAND, random.Random(number))
        draft = domain.make(request)
        if draft is None:
            continue
        problem = problem_from(draft, domain, request, number, 0.0)
        name = f"{domain.name} #{index}"
        yield _Case(f"{name} gold", problem, domain.solve(problem, rng), None)
        for misconception in rng.sample(domain.misconceptions, len(domain.misconceptions)):
            flawed = domain.err(problem, misconception.name, rng)
            if flawed is not None and flawed.flaw is not None:
                yield _Case(f"{name} {misconception.name}", problem, flawed, flawed.flaw.index)
                break


def _try(verifier: Verifier, oracle: Oracle | None, case: _Case, tally: _Tally) -> None:
    label = _answer_label(oracle, case) if verifier.scope == "answer" else _step_label(oracle, case)
    if label.objection:
        tally.add("disagreements", f"{case.name}: {label.objection}")
        return
    tally.add("gold_n" if label.right else "twin_n")
    trace = trace_of(case.problem, case.solution, case.name)
    tally.kinds.update(claim_kinds(trace))
    verdict = judged(verifier, case.problem, trace)
    if verdict.outcome == "error":
        tally.add("errors")
    finding = _finding(verdict, label)
    if finding:
        tally.add(finding, f"{case.name}: {_IN_WORDS[finding]}: {verdict.outcome} ({verdict.reason})")


def _finding(verdict: Verdict, label: _Label) -> _Finding:
    if verdict.outcome not in ("verified", "refuted"):
        return "gold_undecided" if label.right else "twin_undecided"
    if label.right:
        return "" if verdict.outcome == "verified" else "false_negatives"
    located = label.first_wrong is None or verdict.evidence.get("first_refuted") == label.first_wrong
    return "" if verdict.outcome == "refuted" and located else "false_positives"


def _answer_label(oracle: Oracle | None, case: _Case) -> _Label:
    if oracle is None:
        return _Label(case.flaw is None)
    right = oracle.answers(case.problem, stated_answer(case.solution.closing))
    if case.flaw is None and not right:
        return _Label(right, objection="the oracle says that the domain's own answer is wrong")
    # A twin may reach the right answer by a wrong step: then it is a case of a right answer.
    return _Label(right)


def _step_label(oracle: Oracle | None, case: _Case) -> _Label:
    if oracle is None:
        return _Label(case.flaw is None, case.flaw)
    found = oracle.first_wrong(case.problem, case.solution.steps())
    if found != case.flaw:
        return _Label(found is None, found, f"first wrong step {found} by the oracle, {case.flaw} by construction")
    return _Label(found is None, found)


def stated_answer(closing: str) -> str:
    """What a domain's closing states: the text in its last `\\boxed{…}`, or after its last `Answer:`.

    Raises:
        ValueError: it states none.
    """
    box, label = closing.rfind("\\boxed{"), closing.rfind("Answer:")
    if box < 0 and label < 0:
        raise ValueError(f"no answer is stated in {closing[:80]!r}")
    if label > box:
        return closing[label + len("Answer:") :].strip()
    return _braced(closing[box + len("\\boxed{") :]).strip()


def _braced(text: str) -> str:
    depth = 1
    for at, character in enumerate(text):
        depth += {"{": 1, "}": -1}.get(character, 0)
        if depth == 0:
            return text[:at]
    raise ValueError("'\\boxed{' is never closed")


def _interval(k: int, n: int) -> Interval:
    return Interval(k / n if n else 0.0, *wilson(k, n))
