"""The audit of a verifier: its canaries, then gold solutions and near-miss twins that an oracle labelled.

A task makes the cases; what they are is said by the task's oracle, which shares no code with task or checkers: for
`answer` whether the stated answer is right, for the others which step is the first wrong one. Where oracle and
construction disagree the case is listed and counted as a failure, and labels nothing. A task without an oracle is
labelled by construction, and the report says so.

An audit is cut into pieces (`audit_pieces.py`), so that an executor can spread them; the report is the same however
they are cut and in whatever order they are done.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal, NamedTuple

from tracemill.records import Outcome, Verdict
from tracemill.settings.plugins import installed
from tracemill.tasks.kit.narrated_task import without_retracted
from tracemill.tasks.oracle import Oracle
from tracemill.tasks.task import Task, as_trace
from tracemill.verifiers.cases import AuditCase, cases_of, stated_answer
from tracemill.verifiers.intervals import wilson
from tracemill.verifiers.verifier import Verifier, claim_kinds, judged

BY_CONSTRUCTION = "by construction: the task has no oracle"

_OF_CASES = (
    "gold_n",
    "false_negatives",
    "gold_undecided",
    "twin_n",
    "false_positives",
    "twin_undecided",
    "errors",
    "disagreements",
    "not_concerned",
)
_COUNTED = ("canaries_passed", "canaries_total", *_OF_CASES)
_Finding = Literal["", "false_negatives", "gold_undecided", "false_positives", "twin_undecided"]
UNDECIDED = "but undecided"
_IN_WORDS = {
    "false_negatives": "false negative",
    "gold_undecided": f"right, {UNDECIDED}",
    "false_positives": "false positive",
    "twin_undecided": f"wrong, {UNDECIDED}",
}


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
    `disagreements` of them are between oracle and construction. `oracles`: (task, method). `kinds`: of the claims in
    gold and twins. `unmeasured`: the kinds that were to be audited and that no gold or twin has, so that these rates
    say nothing of them. `not_concerned`: cases of problems that it leaves to another verifier (`Verifier.concerns`);
    no rate counts them, and a task that has no others is neither in `oracles` nor in `by_task`. `by_task`: the counts
    of the cases of each task, by the names that they have here.
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
    not_concerned: int
    failures: tuple[str, ...]
    oracles: tuple[tuple[str, str], ...]
    kinds: tuple[str, ...] = ()
    unmeasured: tuple[str, ...] = ()
    by_task: Mapping[str, Mapping[str, int]] = field(default_factory=dict)

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
        return sound and not self.disagreements and not self.nothing_to_miss

    @property
    def nothing_to_miss(self) -> tuple[str, ...]:
        """Why the rates would show nothing, in words; empty where there was something to miss."""
        without = () if self.canaries_total else ("it has no canaries",)
        tasks = sorted(task for task, _ in self.oracles)
        if self.twin_n or not tasks:
            return without
        return (*without, f"no wrong solution to judge was made by the tasks {', '.join(tasks)}")


@dataclass(slots=True)
class Findings:
    """What a part of an audit found: on cases of `task`, or on canaries, where that is empty. `oracle` labelled the
    cases, `kinds` are of their claims."""

    task: str = ""
    oracle: str = ""
    counts: Counter[str] = field(default_factory=Counter)
    failures: list[str] = field(default_factory=list)
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


def audit_verifier(
    verifier: Verifier, tasks: Sequence[Task], per_task: int, seed: int, kinds: Collection[str] | None = None
) -> AuditReport:
    """Audits a verifier on `per_task` problems of each task, here and now. Its canaries are those of the claims of
    these `kinds` and of those in the problems' solutions; all of them where no `kinds` are given."""
    found = [findings_on([verifier], task, range(per_task), seed)[0] for task in tasks]
    seen = {kind for findings in found for kind in findings.kinds}
    canaries = findings_on_canaries(verifier, None if kinds is None else seen.union(kinds))
    return report_of(verifier, [canaries, *found], kinds)


def findings_on(verifiers: Sequence[Verifier], task: Task, indices: Iterable[int], seed: int) -> list[Findings]:
    """What each of the verifiers gets right and wrong on cases of these problems."""
    oracle = task.oracle() if task.oracle else None
    found = [Findings(task.name, oracle.method if oracle else BY_CONSTRUCTION) for _ in verifiers]
    for case in cases_of(task, indices, seed):
        for verifier, findings in zip(verifiers, found, strict=True):
            _try(verifier, oracle, case, findings)
    return found


def findings_on_canaries(
    verifier: Verifier, kinds: Collection[str] | None, known: Collection[str] | None = None
) -> Findings:
    """What a verifier makes of its canaries, see `Verifier.canaries`; less those that it has for the `known` kinds
    already, where these are given."""
    findings = Findings()
    done = set() if known is None else {canary.trace.id for canary in verifier.canaries(known)}
    for canary in verifier.canaries(kinds):
        if canary.trace.id not in done:
            findings.canary(canary.attack, canary.expected, judged(verifier, canary.problem, canary.trace))
    return findings


def report_of(verifier: Verifier, found: Sequence[Findings], kinds: Collection[str] | None) -> AuditReport:
    """All that was found about a verifier. `kinds`: those that were to be audited; all that are installed if None."""
    counts, by_task = Counter[str](), dict[str, Counter[str]]()
    for findings in found:
        counts += findings.counts
        if findings.task:
            by_task[findings.task] = by_task.get(findings.task, Counter()) + findings.counts
    silent = {task for task, one in by_task.items() if one["not_concerned"] == one.total() > 0}
    by_task = {task: one for task, one in by_task.items() if task not in silent}
    seen = {kind for findings in found for kind in findings.kinds}
    wanted = installed("claim") if kinds is None else kinds
    asks_checkers = verifier.checkers(()) is not None
    return AuditReport(
        verifier.name,
        verifier.version,
        **{name: counts[name] for name in _COUNTED},
        failures=tuple(failure for findings in found for failure in findings.failures),
        oracles=tuple(dict.fromkeys((one.task, one.oracle) for one in found if one.task in by_task)),
        kinds=tuple(sorted(seen)),
        unmeasured=tuple(sorted(set(wanted) - seen)) if asks_checkers else (),
        by_task={task: {name: one[name] for name in _OF_CASES} for task, one in sorted(by_task.items())},
    )


class _Label(NamedTuple):
    """What is true of a case. `first_wrong` is None where answers are judged, or where no step is wrong."""

    right: bool
    first_wrong: int | None = None
    objection: str = ""


def _try(verifier: Verifier, oracle: Oracle | None, case: AuditCase, findings: Findings) -> None:
    label = _answer_label(oracle, case) if verifier.scope == "answer" else _step_label(oracle, case)
    if label.objection:
        findings.add("disagreements", f"{case.name}: {label.objection}")
        return
    trace = as_trace(case.problem, case.solution, case.name)
    if not verifier.concerns(case.problem, trace):
        findings.add("not_concerned")
        return
    findings.add("gold_n" if label.right else "twin_n")
    findings.kinds.update(claim_kinds(trace))
    verdict = judged(verifier, case.problem, trace)
    if verdict.outcome == "error":
        findings.add("errors")
    finding = _finding(verdict, label)
    if finding:
        findings.add(finding, f"{case.name}: {_IN_WORDS[finding]}: {verdict.outcome} ({verdict.reason})")


def _finding(verdict: Verdict, label: _Label) -> _Finding:
    if verdict.outcome not in ("verified", "refuted"):
        return "gold_undecided" if label.right else "twin_undecided"
    if label.right:
        return "" if verdict.outcome == "verified" else "false_negatives"
    located = label.first_wrong is None or verdict.evidence.get("first_refuted") == label.first_wrong
    return "" if verdict.outcome == "refuted" and located else "false_positives"


def _answer_label(oracle: Oracle | None, case: AuditCase) -> _Label:
    if oracle is None:
        return _Label(case.flaw is None)
    right = oracle.answers(case.problem, stated_answer(case.solution.closing))
    if case.flaw is None and not right:
        return _Label(right, objection="the oracle says that the task's own answer is wrong")
    # A twin may reach the right answer by a wrong step: then it is a case of a right answer.
    return _Label(right)


def _step_label(oracle: Oracle | None, case: AuditCase) -> _Label:
    if oracle is None:
        return _Label(case.flaw is None, case.flaw)
    found = oracle.first_wrong(case.problem, without_retracted(case.solution.steps()))
    if found != case.flaw:
        return _Label(found is None, found, f"first wrong step {found} by the oracle, {case.flaw} by construction")
    return _Label(found is None, found)


def _interval(k: int, n: int) -> Interval:
    return Interval(k / n if n else 0.0, *wilson(k, n))
