"""Real functions of installed packages, and what a call of them returns.

The functions, their setups and the calls are the packages' own docstring examples (`calls`); what happens is a
real trace (`trace`), told by `telling`. A misconception is a changed reading of the function that is
really executed (`mutants`), so that a wrong solution is consistent after its flaw.

Nothing from a problem's record is executed: the record names a call and its hashes, and the installed package has the
text.
"""

from __future__ import annotations

import ast
import json
from functools import cache, lru_cache
from random import Random
from typing import Any, ClassVar

from tracemill.claims.execution.packages import provenance
from tracemill.records import Check, Claim, Flaw, Payload, Problem, canonical_json
from tracemill.sandbox.limited import LimitedProcess
from tracemill.settings.errors import TracemillError
from tracemill.tasks.library.events import truths, value_of
from tracemill.tasks.library.mutants import sites
from tracemill.tasks.library.pool import MEMORY_BYTES, Entry, members, pool
from tracemill.tasks.library.telling import tell
from tracemill.tasks.library.words import spoken
from tracemill.tasks.oracle import Oracle
from tracemill.tasks.task import Detail, Draft, Line, Misconception, Request, Solution

SECONDS = 30.0
MAX_ATTEMPTS = 6
MAX_ANSWER = 300
MAX_LINES = 60
"""Of a flawed solution: a misread loop may run much longer than the true one."""

_ENDING = "End with a last paragraph `Answer: …` that gives the value as Python would print it (its `repr`)."
_THEMES: dict[str, tuple[str, ...]] = {
    "review": (
        "In a review I came across {what} and want to be sure that I read it correctly.",
        "I am reviewing code that relies on {what}. Before I approve it, I would like one call checked by hand.",
    ),
    "debugging": (
        "While debugging I have stepped into {what}, and I would like to know beforehand what I should see.",
        "My program calls {what}, and I suspect that I misjudge what comes back.",
    ),
    "lesson": (
        "Today's lesson is about reading real code. We look at {what}.",
        "For an exercise in following code by hand, take {what}.",
    ),
}
_QUESTIONS: dict[str, tuple[str, ...]] = {
    "review": ("What does this evaluate to?", "Which value does this give, and how does it come about?"),
    "debugging": ("What does this return if I step through it?", "Walk through it: what is the value of this?"),
    "lesson": ("Follow the execution line by line: what is the value of this?", "Trace it. What does this give?"),
}


class Library:
    """What does this call return? Functions and calls are real."""

    name: ClassVar[str] = "code.execution.library"
    version: ClassVar[str] = f"2+{provenance()}"
    """What the packages hold is part of what the problems are: under other ones a build is not continued."""
    summary: ClassVar[str] = "what a call of a real library function returns, followed line by line"
    licence: ClassVar[str] = "Apache-2.0"
    themes: ClassVar[tuple[str, ...]] = ("review", "debugging", "lesson")
    misconceptions: ClassVar[tuple[Misconception, ...]] = (
        Misconception("inclusive_range", "wrong_rule", "Range stops before its end value, it does not include it."),
        Misconception(
            "true_division",
            "wrong_rule",
            "The operator // rounds down to a whole number, it is not the exact quotient.",
        ),
        Misconception("loose_comparison", "wrong_rule", "A strict comparison and one that allows equality differ."),
        Misconception("slip_in_value", "slip", "The value that was assigned is another one."),
        Misconception("wrong_branch", "slip", "The condition was decided the wrong way round."),
        Misconception("last_item_forgotten", "dropped_case", "The loop also takes the last item."),
        Misconception("early_return_forgotten", "dropped_case", "The case that returns early does apply here."),
    )

    leakage_problems: ClassVar[int] = 70
    """A problem is executed several times: 40 ms, where those of other tasks take 1 to 10. Number 74 has misread
    executions that take half a minute each before they are given up."""

    @property
    def oracle(self) -> type[Oracle]:
        from tracemill.tasks.library.oracle import LibraryOracle

        return LibraryOracle

    def capacity(self, band: tuple[float, float]) -> int | None:
        return len(members(band, pool()))

    def make(self, request: Request) -> Draft | None:
        fitting = members(request.band, pool())
        if request.index >= len(fitting):
            return None
        entry = fitting[request.index]
        names = entry.names
        return Draft(
            prompt=_prompt(entry, request.theme, request.rng),
            answer=entry.answer,
            check=Check("exact", {"literal": entry.literal}),
            premises=(Claim("call", names),),
            group=f"{names['module']}:{names['qualname']}",
            instance={"call": dict(names)},
            difficulty=entry.difficulty,
            licence=entry.licence,
            tags=(f"{names['package']}=={entry.version}",),
        )

    def solve(self, problem: Problem, rng: Random, detail: Detail = "normal") -> Solution:
        """Told from an execution made for it.

        Raises:
            TracemillError: the installed packages have no such call, or it does not give the problem's answer.
        """
        reply = _traced(canonical_json(problem.metadata["instance"]["call"]))
        answer = reply["result"].get("value")
        if answer != problem.answer:
            raise TracemillError(f"the call gives {answer}, but the problem's answer is {problem.answer}")
        return Solution(tuple(tell(reply, rng)), f"Answer: {answer}")

    def correct(self, problem: Problem, misconception: str, rng: Random, detail: Detail = "normal") -> Solution | None:
        return None

    def err(self, problem: Problem, misconception: str, rng: Random, detail: Detail = "normal") -> Solution | None:
        """A mistake that changes what comes back, where one of a few does; else one that happens not to."""
        names = dict(problem.metadata["instance"]["call"])
        true = _traced(canonical_json(names))
        definition = ast.parse(true["source"]).body[0]
        assert isinstance(definition, ast.FunctionDef)
        places = list(sites(definition, true["events"], misconception))
        first: Solution | None = None
        for line, visit in rng.sample(places, min(len(places), MAX_ATTEMPTS)):
            wrong = _misread({"call": names, "kind": misconception, "line": line, "visit": visit})
            solution = _flawed(true, wrong, misconception, rng) if wrong else None
            if solution and wrong and wrong["result"] != true["result"]:
                return solution
            first = first or solution
        return first


def _prompt(entry: Entry, theme: str, rng: Random) -> str:
    names = entry.names
    owner, _, short = names["qualname"].rpartition(".")
    kind = f"the method `{short}` of `{owner}`" if owner else f"the function `{short}`"
    package = "Python" if names["package"] == "python" else names["package"]
    what = f"{kind} in `{names['module']}` ({package} {entry.version})"
    setup = f"\n\nWith this beforehand:\n\n```python\n{entry.setup}\n```" if entry.setup else ""
    return (
        f"{rng.choice(_THEMES[theme]).format(what=what)}\n\n```python\n{entry.source}\n```{setup}\n\n"
        f"{rng.choice(_QUESTIONS[theme])}\n\n```python\n{entry.expression}\n```\n\n{_ENDING}"
    )


def _flawed(true: dict[str, Any], wrong: dict[str, Any], misconception: str, rng: Random) -> Solution | None:
    """The misread execution, told; none if it says nothing false, or ends with what cannot be written down."""
    answer = wrong["result"].get("value")
    if answer is None or len(answer) > MAX_ANSWER:
        return None
    lines = tell(wrong, rng)
    if len(lines) > MAX_LINES:
        return None
    facts = truths(true["events"], true["result"])
    for index, line in enumerate(lines):
        false = [fact for fact in _facts(line) if not facts.holds(fact)]
        if false:
            meant = next(m for m in Library.misconceptions if m.name == misconception)
            explanation = f"{meant.explanation} It is not true {_said(false[0])}."
            return Solution(tuple(lines), f"Answer: {answer}", Flaw(index, misconception, explanation))
    return None


def _facts(line: Line) -> list[Payload]:
    return list(line.claim.payload["facts"]) if line.claim else []


def _said(fact: Payload) -> str:
    event = fact["event"]
    if event == "branch":
        return f"that the test in line {fact['line']} is {'true' if fact['taken'] else 'false'} there"
    if event == "loop":
        return f"that the loop in line {fact['line']} has {fact['count']} round{'s' * (fact['count'] != 1)}"
    if event == "run":
        return f"that line {fact['line']} runs then"
    value = spoken(value_of(fact))
    if "name" in fact:
        return f"that `{fact['name']}` is {value} then"
    return f"that {value} is what comes {'next' if event == 'yield' else 'back'}"


@lru_cache(maxsize=16)
def _traced(names: str) -> dict[str, Any]:
    """The trace of the call that the JSON text names. Kept for a while: one problem has several solutions."""
    try:
        return _process("tracemill.tasks.library.trace:trace").call({"call": json.loads(names)})
    except (LimitedProcess.NotStarted, LimitedProcess.Timeout, LimitedProcess.Died, LimitedProcess.Failed) as exc:
        raise TracemillError(f"the call {names} could not be traced: {exc}") from exc


def _misread(request: dict[str, Any]) -> dict[str, Any] | None:
    """The execution of the misread function; none if it fails, hangs or runs too long."""
    try:
        return _process("tracemill.tasks.library.mutants:misread").call(request)
    except (LimitedProcess.Timeout, LimitedProcess.Died, LimitedProcess.Failed):
        return None


@cache
def _process(target: str) -> LimitedProcess:
    """One child per target; it ends with this process."""
    return LimitedProcess(target, seconds=SECONDS, memory_bytes=MEMORY_BYTES)
