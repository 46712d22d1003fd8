"""The forms of answers that are judged by running a function of an installed package."""

from __future__ import annotations

import ast
import re
from collections.abc import Mapping, Sequence
from typing import Any, ClassVar, Literal, NamedTuple

from tracemill.claims.claim_checker import Ruling
from tracemill.claims.execution.calls import NotFoundError
from tracemill.claims.execution.listed_calls import require_listed
from tracemill.claims.execution.properties import PROPERTIES
from tracemill.claims.execution.shipping import shipped
from tracemill.claims.execution.values import same
from tracemill.records import Outcome, Payload, Strength
from tracemill.sandbox.jobs import Limits
from tracemill.sandbox.shared import shared
from tracemill.sandbox.transfer import decode
from tracemill.verifiers.answer.forms.form import only_known

_LIMITS = Limits(cpu_seconds=20.0, memory_bytes=4 << 30)
_ANSWERS = "tracemill.claims.execution.run_answers"
_REPAIR = re.compile(r"[`*\s]*line\s+(\d+)[`*]*\s*[:–—-]\s*(.+?)\s*", re.IGNORECASE | re.DOTALL)
_HOLDS = re.compile(r"\W*(?:(?:yes|it|always)\W+)*holds\W*", re.IGNORECASE)


def _literal(text: str) -> str | None:
    """The literal that a text is, as Python writes it; None if it is none."""
    try:
        return repr(ast.literal_eval(text.strip().strip("`").strip()))
    except (ValueError, SyntaxError, MemoryError, RecursionError, TypeError):
        return None


class _RunForm:
    """`spec["call"]` names the call (`claims/execution/calls.py`)."""

    multiline: ClassVar[bool] = False
    letter: ClassVar[bool] = False
    unreadable: ClassVar[Literal["refuted", "unknown"]] = "refuted"
    names: ClassVar[tuple[str, ...]]

    def __init__(self, spec: Payload, answer: str) -> None:
        only_known(spec, *self.names)
        if missing := [name for name in self.names if name not in spec]:
            raise ValueError(f"the check lacks {', '.join(map(repr, missing))}")
        if not isinstance(spec["call"], Mapping):
            raise ValueError("the check's 'call' is no object that names one")
        self._spec, self._answer = spec, answer

    def agree(self, one: object, other: object) -> bool:
        return one == other

    def is_telling(self, reading: object) -> bool:
        return False


class ArgumentForm(_RunForm):
    """A literal with which, as its first argument, the call gives `wanted`; any such is right."""

    names = ("call", "wanted")

    def read(self, text: str) -> str | None:
        return _literal(text)

    def rule(self, reading: str, asks_percent: bool = False) -> Ruling:
        run = _run("gives", {"call": dict(self._spec["call"]), "arguments": [reading]})
        if run.reply is None:
            return run.undecided
        if same(str(self._spec["wanted"]), run.reply["given"][0].get("value", "")):
            return Ruling("verified", "the call gives the value", strength="exact", isolation=run.isolation)
        return Ruling("refuted", "the call gives something else", strength="exact", isolation=run.isolation)


class CounterexamplesForm(_RunForm):
    """All arguments from `domain` for which the property `key` does not hold, in any order; `holds` if there are
    none."""

    names = ("call", "key", "domain")

    def __init__(self, spec: Payload, answer: str) -> None:
        super().__init__(spec, answer)
        if spec.get("key") not in PROPERTIES or not isinstance(spec.get("domain"), Sequence):
            raise ValueError(f"the check needs a 'domain' and a 'key', one of {', '.join(PROPERTIES)}")
        self._domain = [_literal(str(one)) or str(one) for one in spec["domain"]]

    def read(self, text: str) -> frozenset[str] | None:
        """The arguments as Python writes them: one after the other, or in brackets of any kind."""
        if _HOLDS.fullmatch(text):
            return frozenset()
        listed = _literal(f"({text.replace('`', '').strip()},)")
        items: Any = ast.literal_eval(listed) if listed else ()
        if len(items) == 1 and isinstance(items[0], list | tuple | set) and repr(items[0]) not in self._domain:
            items = items[0]
        return frozenset(map(repr, items)) or None

    def rule(self, reading: frozenset[str], asks_percent: bool = False) -> Ruling:
        if not reading.issubset(self._domain):
            return Ruling("refuted", "an argument is not in the domain", strength="exact")
        run = _run("gives", {"call": dict(self._spec["call"]), "arguments": self._domain})
        if run.reply is None:
            return run.undecided
        failing = set()
        for argument, given in zip(self._domain, run.reply["given"], strict=True):
            holds = self._holds(argument, given.get("value"))
            if holds is None:
                return Ruling("unknown", "the property makes no sense of a value", isolation=run.isolation)
            if not holds:
                failing.add(argument)
        outcome: Outcome = "verified" if reading == failing else "refuted"
        reason = "these are all of them" if reading == failing else "these are not all, or not only those"
        return Ruling(outcome, reason, strength="exhaustive", isolation=run.isolation)

    def _holds(self, argument: str, given: str | None) -> bool | None:
        """Of that argument and what the call gives for it; None where that makes no sense."""
        value = None if given is None else _literal(given)
        if value is None:
            return None
        try:
            return PROPERTIES[self._spec["key"]].holds(ast.literal_eval(argument), ast.literal_eval(value))
        except (TypeError, ValueError, SyntaxError):
            return None


class RepairForm(_RunForm):
    """`line N: code`: with that line, the function with its `change` does what it does without, on all `tests`. What it
    is to do is found in one process, and what it does in another, which knows nothing of that."""

    names = ("call", "change", "tests")

    def read(self, text: str) -> tuple[int, str] | None:
        found = _REPAIR.fullmatch(text)
        code = found.group(2).strip().strip("`").strip() if found else ""
        return (int(found.group(1)[:6]), code) if found and code and "\n" not in code else None

    def rule(self, reading: tuple[int, str], asks_percent: bool = False) -> Ruling:
        line, code = reading
        call, tests = dict(self._spec["call"]), list(self._spec["tests"])
        asked = {"call": call, "change": self._spec["change"], "tests": tests, "line": line, "code": code}
        run = _run("mended", asked)
        if run.reply is None:
            return run.undecided
        if "outcome" in run.reply:
            strength: Strength | None = "exact" if run.reply["outcome"] != "unknown" else None
            return Ruling(run.reply["outcome"], run.reply["reason"], strength=strength, isolation=run.isolation)
        repaired = _run("tried", {"call": call, "source": run.reply["source"], "tests": tests})
        if repaired.reply is None and repaired.raised:
            return repaired.undecided
        does_the_same = repaired.reply is not None and all(
            same(wanted, found) for wanted, found in zip(run.reply["wanted"], repaired.reply["values"], strict=True)
        )
        outcome: Outcome = "verified" if does_the_same else "refuted"
        reason = "it does the same on all tests" if does_the_same else repaired.reason or "it does not do the same"
        return Ruling(outcome, reason, {"tests": len(tests)}, "tested", isolation=repaired.isolation)


class _AnswerRun(NamedTuple):
    """What came of a run in the sandbox: a `reply`, or why there is none. `raised`: it is the call that could not be
    made, not one that broke a limit."""

    reply: dict[str, Any] | None
    isolation: str | None
    reason: str = ""
    raised: bool = False

    @property
    def undecided(self) -> Ruling:
        return Ruling("unknown", self.reason, isolation=self.isolation)


def _run(function: str, request: dict[str, Any]) -> _AnswerRun:
    try:
        require_listed(request["call"])
    except NotFoundError:
        return _AnswerRun(None, None, "the call is of no listed module", raised=True)
    report = shared().run(shipped(_ANSWERS, function, request["call"]["package"], [request], _LIMITS))
    ended = report.runs[0]
    if ended.value is not None:
        return _AnswerRun(decode(ended.value), report.isolation)
    if ended.raised is not None:
        kind = ended.raised.partition(":")[0]
        return _AnswerRun(None, report.isolation, f"the call cannot be executed ({kind})", raised=True)
    if ended.how in ("cpu", "wall"):
        return _AnswerRun(None, report.isolation, "the execution did not end in time")
    return _AnswerRun(None, report.isolation, f"the execution ended its process ({ended.how} {ended.status})")
