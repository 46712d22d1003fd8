"""Claims about the execution of a call to an installed function, decided by running it with probes in its source.

Premise of a problem: Claim("call", {package, module, qualname, example, source, call}), where `example` counts the
examples of the function's docstring and the last two are hashes of the shown source and of setup and call. The call is
found again in the installed package; text from the record is never executed, and a call whose hash differs is unknown.
In place of `example`, `input` counts the inputs that are made for a function (`made_calls`); `variant` lists changes of
its source (`variants`).

Claims of kind `execution`: {"facts": [fact, …]}, all of which must hold; a step names in `uses` the one call's premise
that its facts are of.
Lines count within the shown source, and a statement is named by its first line; visits count from 1, per statement and
over the whole call. A value is stated as `"value"`, its repr (equal to the real one but for the order within a set), or
as `"type"`, the name of its class, where its repr says nothing of it. Beside the type, `"holds"` says what it contains:
of a function, a class or a module its name; of a mapping its items as a dict; of a deque or a dict's view the list; of
a BytesIO or StringIO what is left to read; of a networkx graph the dict from each node to the list of its neighbours
(successors), or to the dict of neighbours and data where edges have data; of anything else, such as a list, its repr.
    {"event": "argument", "name", shown}                         a variable when the function begins
    {"event": "assign", "line", "visit", "name", shown}          a variable after the statement ran for the visit-th
                                                                 time; of a `for`: when its visit-th round begins
    {"event": "run", "line", "visit"}                            the statement ran at least that often; of a `while` its
                                                                 test, of a `for` its rounds
    {"event": "branch", "line", "visit", "taken"}                the visit-th decision of an `if` or `while`
    {"event": "loop", "line", "visit", "count"}                  rounds begun in the loop's visit-th run
    {"event": "yield", "visit", shown}                           the visit-th value that a generator handed out
    {"event": "inner", "visit", shown}                           what the visit-th call of the function by itself gives,
                                                                 made directly by the run that the other facts are of
    {"event": "return", shown}                                   what the function returned
    {"event": "result", shown}                                   the value of the whole call expression
    {"event": "gives", "argument", shown}                        its value with that literal as its first argument
    {"event": "property", "argument", "key", "holds"}            whether a property (`properties`) of that value holds

The probes stand in the syntax tree, one behind each statement and one around each test; the function runs once per
trace, in the sandbox. A fact about a moment that never comes is refuted. A payload of another form, a
call that cannot be found, and an execution that does not end are unknown.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property
from typing import Any, ClassVar, NamedTuple

from tracemill.claims.claim_checker import Canary, ClaimCase, ClaimChecker, Ruling
from tracemill.claims.execution.calls import NotFoundError
from tracemill.claims.execution.listed_calls import require_listed
from tracemill.claims.execution.observing import MAX_PROBES
from tracemill.claims.execution.packages import PACKAGES, version
from tracemill.claims.execution.properties import PROPERTIES
from tracemill.claims.execution.shipping import shipped
from tracemill.records import Claim, Payload, Problem, Step, premise
from tracemill.sandbox.client import Sandbox
from tracemill.sandbox.jobs import Ended, Limits
from tracemill.sandbox.shared import shared
from tracemill.sandbox.transfer import decode

SECONDS = 30.0
"""CPU time for one execution, its probes included."""
MEMORY_BYTES = 4 * 2**30
MAX_FACTS = 200
_AT_ONCE = 1_000
"""Executions of one job of the sandbox, which takes MAX_RUNS at most; if it fails, that many are done again."""
_VALUED: dict[str, dict[str, type]] = {
    "argument": {"name": str},
    "assign": {"line": int, "visit": int, "name": str},
    "yield": {"visit": int},
    "inner": {"visit": int},
    "return": {},
    "result": {},
    "gives": {"argument": str},
}
_SHOWN = ({"value"}, {"type"}, {"type", "holds"})
_OBSERVING = "tracemill.claims.execution.observing"
_PLAIN: dict[str, dict[str, type]] = {
    "run": {"line": int, "visit": int},
    "branch": {"line": int, "visit": int, "taken": bool},
    "loop": {"line": int, "visit": int, "count": int},
    "property": {"argument": str, "key": str, "holds": bool},
}


class ExecutionChecker(ClaimChecker):
    """Judges `execution` claims by one instrumented execution per trace; a verified one follows from the call."""

    kind: ClassVar[str] = "execution"
    version: ClassVar[str] = "8"
    entails: ClassVar[bool] = True

    def __init__(self, seconds: float = SECONDS, sandbox: Sandbox | None = None) -> None:
        self._limits = Limits(cpu_seconds=seconds, memory_bytes=MEMORY_BYTES)
        self._given = sandbox
        # The hashes pin the function alone; what it calls is that of the installed versions.
        self._packages = {package: version(package) for package in sorted(PACKAGES)}

    @cached_property
    def _sandbox(self) -> Sandbox:
        return self._given or shared()

    @property
    def judge(self) -> Payload:
        return {"cpu_seconds": self._limits.cpu_seconds, "max_probes": MAX_PROBES, "packages": self._packages}

    def canaries(self) -> Iterable[Canary]:
        from tracemill.claims.execution.canaries import canaries

        return canaries()

    def rule(self, problem: Problem, steps: Sequence[Step], wanted: Sequence[int]) -> Mapping[int, Ruling]:
        return self.rule_many([ClaimCase(problem, steps, wanted)])[0]

    def rule_many(self, cases: Sequence[ClaimCase]) -> list[Mapping[int, Ruling]]:
        """See `ClaimChecker`. The executions of one package share a process of the sandbox."""
        rulings: list[dict[int, Ruling]] = []
        asked: dict[str, list[_Execution]] = {}
        for number, case in enumerate(cases):
            found = {index: _malformed(case.problem, case.steps[index]) for index in case.wanted}
            rulings.append({index: ruling for index, ruling in found.items() if ruling})
            by_call: dict[int, list[int]] = {}
            for index, ruling in found.items():
                if ruling is None:
                    by_call.setdefault(_calls(case.problem, case.steps[index])[0], []).append(index)
            for place, indices in by_call.items():
                package = str(case.problem.premises[place].payload.get("package"))
                asked.setdefault(package, []).append(_Execution(number, place, indices))
        for package, executions in asked.items():
            for start in range(0, len(executions), _AT_ONCE):
                some = executions[start : start + _AT_ONCE]
                requests = [_request(cases[one.case], one) for one in some]
                report = self._sandbox.run(shipped(_OBSERVING, "observe", package, requests, self._limits))
                for one, request, end in zip(some, requests, report.runs, strict=True):
                    decided = _rulings(request, end, report.isolation)
                    rulings[one.case] |= dict(zip(one.indices, decided, strict=True))
        return list(rulings)


class _Execution(NamedTuple):
    """The call at `place` among the premises of a case, and the steps whose facts are of it."""

    case: int
    place: int
    indices: Sequence[int]


def _request(case: ClaimCase, one: _Execution) -> dict[str, Any]:
    call = dict(case.problem.premises[one.place].payload)
    return {"call": call, "facts": [_facts(case.steps[index].claim) for index in one.indices]}


def _rulings(request: Mapping[str, Any], ended: Ended, isolation: str) -> list[Ruling]:
    """One for each list of facts that was asked about."""
    if ended.value is not None:
        pairs = zip(request["facts"], decode(ended.value)["real"], strict=True)
        return [_ruling(said, found, isolation) for said, found in pairs]
    if ended.how in ("cpu", "wall"):
        reason = "the execution did not end in time"
    elif ended.raised is not None:
        reason = f"the call cannot be executed: {ended.raised}"[:300]
    else:
        reason = f"the execution ended its process ({ended.how} {ended.status})"
    return [Ruling("unknown", reason, isolation=isolation) for _ in request["facts"]]


def _calls(problem: Problem, step: Step) -> list[int]:
    """The premises with calls, by their places, that a step rests on."""
    called = [number for number, claim in enumerate(problem.premises) if claim.kind == "call"]
    return [number for number in called if premise(number) in step.uses]


def _facts(claim: Claim | None) -> list[dict[str, Any]]:
    return [dict(fact) for fact in claim.payload["facts"]] if claim else []


def _malformed(problem: Problem, step: Step) -> Ruling | None:
    """An `unknown` for what is no claim of this kind, else none."""
    calls = _calls(problem, step)
    if len(calls) != 1:
        return Ruling("unknown", "the step does not name the one premise with the call that it is of")
    try:
        require_listed(problem.premises[calls[0]].payload)
    except NotFoundError as exc:
        return Ruling("unknown", f"the call cannot be executed: NotFoundError: {exc}"[:300])
    facts = step.claim.payload.get("facts") if step.claim else None
    if not isinstance(facts, list | tuple) or not 0 < len(facts) <= MAX_FACTS or set(step.claim.payload) != {"facts"}:  # type: ignore[union-attr]
        return Ruling("unknown", "the payload is no list of facts")
    wrong = [fact for fact in facts if not _is_fact(fact)]
    return Ruling("unknown", "a fact is not of a known form", {"fact": repr(wrong[0])[:300]}) if wrong else None


def _is_fact(fact: object) -> bool:
    if not isinstance(fact, Mapping) or not isinstance(fact.get("event"), str):
        return False
    event, keys = fact["event"], set(fact) - {"event"}
    form = _PLAIN.get(event)
    if form is None:
        form = _VALUED.get(event)
        shown = keys & {"value", "type", "holds"}
        if form is None or shown not in _SHOWN or not all(isinstance(fact[key], str) for key in shown):
            return False
        if fact.get("holds") == "":
            return False  # what contains nothing has its brackets
        keys -= shown
    if event == "property" and fact.get("key") not in PROPERTIES:
        return False
    return keys == set(form) and all(type(fact[key]) is kind for key, kind in form.items())


def _ruling(said: list[dict[str, Any]], real: list[dict[str, Any]], isolation: str) -> Ruling:
    for fact, found in zip(said, real, strict=True):
        if not found["holds"]:
            evidence = {"fact": fact, "real": found["real"]}
            reason = f"in the execution it is {found['real'] or 'not reached'}"
            return Ruling("refuted", reason, evidence, "exact", isolation=isolation)
    return Ruling("verified", "the execution shows it", {"facts": len(said)}, "exact", isolation=isolation)
