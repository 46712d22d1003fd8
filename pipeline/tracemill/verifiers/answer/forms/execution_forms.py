"""The forms of answers that are judged by running a function of an installed package."""

from __future__ import annotations

import ast
import re
from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any, ClassVar, Literal

from tracemill.claims.claim_checker import Ruling
from tracemill.claims.execution.properties import PROPERTIES
from tracemill.claims.execution.values import same
from tracemill.records import Payload
from tracemill.sandbox.limited import ISOLATION, LimitedProcess
from tracemill.verifiers.answer.forms.form import only_known

SECONDS = 20.0
MEMORY_BYTES = 4 * 2**30
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
        if not isinstance(spec.get("call"), Mapping):
            raise ValueError("the check has no 'call', an object that names one")
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
        found = _run("gives", {"call": dict(self._spec["call"]), "argument": reading})
        if isinstance(found, Ruling):
            return found
        if same(str(self._spec["wanted"]), found.get("value", "")):
            return Ruling("verified", "the call gives the value", strength="exact", isolation=ISOLATION)
        return Ruling("refuted", "the call gives something else", strength="exact", isolation=ISOLATION)


class CounterexampleForm(_RunForm):
    """`holds`, or an argument from `domain` for which the property `key` does not hold."""

    names = ("call", "key", "domain")

    def __init__(self, spec: Payload, answer: str) -> None:
        super().__init__(spec, answer)
        if spec.get("key") not in PROPERTIES or not isinstance(spec.get("domain"), Sequence):
            raise ValueError(f"the check needs a 'domain' and a 'key', one of {', '.join(PROPERTIES)}")

    def read(self, text: str) -> str | None:
        return "holds" if _HOLDS.fullmatch(text) else _literal(text)

    def rule(self, reading: str, asks_percent: bool = False) -> Ruling:
        if reading == "holds":
            holds = self._answer.strip() == "holds"
            reason = "all of the domain was tried" if holds else "there is a counterexample"
            return Ruling("verified" if holds else "refuted", reason, strength="exhaustive")
        if reading not in {_literal(one) for one in self._spec["domain"]}:
            return Ruling("refuted", "that is not in the domain", strength="exact")
        found = _run("gives", {"call": dict(self._spec["call"]), "argument": reading})
        if isinstance(found, Ruling):
            return found
        value = _literal(found.get("value", "?"))
        if value is None:
            return Ruling("unknown", "the call gives no value that can be read", isolation=ISOLATION)
        held = PROPERTIES[self._spec["key"]].holds(ast.literal_eval(reading), ast.literal_eval(value))
        reason = "the property holds for it" if held else "the property does not hold for it"
        return Ruling("refuted" if held else "verified", reason, strength="exact", isolation=ISOLATION)


class RepairForm(_RunForm):
    """`line N: code`: with that line, the function with its `change` does what it does without, on all `tests`."""

    names = ("call", "change", "tests")

    def read(self, text: str) -> tuple[int, str] | None:
        found = _REPAIR.fullmatch(text)
        code = found.group(2).strip().strip("`").strip() if found else ""
        return (int(found.group(1)[:6]), code) if found and code and "\n" not in code else None

    def rule(self, reading: tuple[int, str], asks_percent: bool = False) -> Ruling:
        line, code = reading
        asked = {"call": dict(self._spec["call"]), "change": self._spec["change"], "tests": list(self._spec["tests"])}
        found = _run("mends", {**asked, "line": line, "code": code})
        if isinstance(found, Ruling):
            return found
        strength: Any = "tested" if found["tests"] else "exact"
        decided = found["outcome"] in ("verified", "refuted")
        evidence = {"tests": found["tests"]}
        return Ruling(found["outcome"], found["reason"], evidence, strength if decided else None, isolation=ISOLATION)


def _run(target: str, request: dict[str, Any]) -> dict[str, Any] | Ruling:
    """The reply of a child process; a ruling where it does not come to one."""
    try:
        return _process(target).call(request)
    except LimitedProcess.Timeout:
        return Ruling("unknown", "the execution did not end in time", isolation=ISOLATION)
    except LimitedProcess.Died:
        return Ruling("unknown", "the execution ended its process", isolation=ISOLATION)
    except LimitedProcess.Failed as exc:
        return Ruling("unknown", f"the call cannot be executed ({exc.type})", isolation=ISOLATION)


@cache
def _process(target: str) -> LimitedProcess:
    """One child for all forms of this process; it ends with it."""
    return LimitedProcess(
        f"tracemill.claims.execution.run_answers:{target}", seconds=SECONDS, memory_bytes=MEMORY_BYTES
    )
