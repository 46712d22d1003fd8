"""Claims about a repository, decided by doing it again: the calls of a conversation are carried out in their order,
from the problem's own files on, and its code is run.

Premise of a problem: of kind `repository`, see `software/working_copy.py`. Claims of kind `repository`:
    {"call": {"name", "arguments"}, "result": hash}     the result of a tool, to the byte; the step is that text.
                                                        `result_hash` makes the hash. All such steps of a trace, in
                                                        their order, are its conversation
    {"shows": [text, …]}, {"lacks": [text, …]}          what stands in a result, or does not; the step uses the step
                                                        with that result, and no other
    {"module", "expression", "value"}                   the repr of an expression, evaluated in a module of the
                                                        repository as the calls before this step left it
    {"module", "expression", "raises"}                  the type of the exception that it raises
    {"module", "expression", "function", "line", "name", "value"}
                                                        the repr that the first run of the function gives to a variable,
                                                        when that line of the module's file changes it for the first
                                                        time; of what it returns there where the name is `return`

A step of the first, third, fourth and fifth form names the premise in `uses`. What has another form is unknown, and so
is everything after a call that cannot be read. Code runs in the sandbox.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar, TypeAlias

from tracemill.claims.claim_checker import Canary, ClaimChecker, Ruling
from tracemill.records import Payload, Problem, Step, ToolCall, fingerprint, premise
from tracemill.sandbox.shared import shared
from tracemill.software.evaluating import LIMITS, Answers, CodeQuestion, answered
from tracemill.software.repository_tools import MAX_RESULT, call_tool, executes
from tracemill.software.working_copy import REPOSITORY, RefusedError, WorkingCopy, files_of

Asked: TypeAlias = tuple[int, CodeQuestion, Payload]
"""A step, what is asked of the code for it, and what it claims."""
_ADDRESS = re.compile(r"\b0x[0-9a-f]{6,16}\b")
_LONGEST = 400
"""Characters of a repr that come back."""
_FORMS = (
    {"module", "expression", "value"},
    {"module", "expression", "raises"},
    {"module", "expression", "function", "line", "name", "value"},
)


def result_hash(text: str) -> str:
    """What a claim says of the whole text of a tool's result."""
    return fingerprint("result", text)


class RepositoryChecker(ClaimChecker):
    """Judges `repository` claims; a verified one follows from the repository and the calls before it."""

    kind: ClassVar[str] = "repository"
    version: ClassVar[str] = "2"
    entails: ClassVar[bool] = True

    @property
    def judge(self) -> Payload:
        return {"cpu_seconds": LIMITS.cpu_seconds, "characters": MAX_RESULT}

    def canaries(self) -> Iterable[Canary]:
        from tracemill.claims.repository.canaries import canaries

        return canaries()

    def rule(self, problem: Problem, steps: Sequence[Step], wanted: Sequence[int]) -> Mapping[int, Ruling]:
        try:
            files = files_of(problem)
            copy = None if files is None else WorkingCopy(files)
        except (ValueError, RefusedError) as exc:
            return dict.fromkeys(wanted, Ruling("unknown", str(exc)))
        if copy is None:
            return dict.fromkeys(wanted, Ruling("unknown", "the problem has no premise of kind `repository`"))
        place = next(at for at, one in enumerate(problem.premises) if one.kind == REPOSITORY)
        replay = _Replay(copy, premise(place), frozenset(wanted))
        for index, step in enumerate(steps):
            if step.claim is not None and step.claim.kind == self.kind:
                replay.take(index, step, step.claim.payload)
        replay.ask()
        return {index: replay.rulings[index] for index in wanted}


@dataclass(slots=True)
class _Replay:
    """A conversation that is carried out again. `asked`: of the code as it is now; `broken`: the call that could not be
    read, and after which nothing is known."""

    copy: WorkingCopy
    premise: int
    wanted: frozenset[int]
    results: dict[int, str] = field(default_factory=dict)
    rulings: dict[int, Ruling] = field(default_factory=dict)
    asked: list[Asked] = field(default_factory=list)
    broken: int | None = None

    def take(self, index: int, step: Step, payload: Payload) -> None:
        if self.broken is not None:
            self.rulings[index] = Ruling("unknown", f"the call of step {self.broken} cannot be read")
        elif "call" in payload:
            self.rulings[index] = self._call(index, step, payload)
        elif payload.keys() & {"shows", "lacks"}:
            self.rulings[index] = self._shown(step, payload)
        elif wrong := _wrong_question(payload, self.premise in step.uses):
            self.rulings[index] = Ruling("unknown", wrong)
        elif index in self.wanted:
            self.asked.append((index, _question(payload), payload))

    def ask(self) -> None:
        """Has the code say what it was asked for since it last changed."""
        if self.asked:
            answers = answered(self.copy.files, [question for _, question, _ in self.asked])
            for (index, _, payload), found in zip(self.asked, answers.found, strict=True):
                self.rulings[index] = _ruling(payload, found, answers)
        self.asked = []

    def _call(self, index: int, step: Step, payload: Payload) -> Ruling:
        call = _call_in(payload)
        if call is None or self.premise not in step.uses:
            self.broken = index
            said = "the payload is no call with its result" if call is None else "the step does not name the repository"
            return Ruling("unknown", said)
        if call.name == "edit_file":
            self.ask()
        self.results[index] = call_tool(self.copy, call)
        isolation = f"sandbox {shared().level}" if executes(call) else None
        if payload["result"] == result_hash(self.results[index]):
            return Ruling("verified", "the call gives this", strength="exact", isolation=isolation)
        evidence = {"real": self.results[index][:_LONGEST]}
        return Ruling("refuted", "the call gives something else", evidence, "exact", isolation=isolation)

    def _shown(self, step: Step, payload: Payload) -> Ruling:
        cited = [self.results[use] for use in step.uses if use in self.results]
        if len(cited) != 1 or not _are_texts(payload):
            return Ruling("unknown", "the step does not use one result of a tool, or names no texts in it")
        lacking = [text for text in payload.get("shows", ()) if text not in cited[0]]
        there = [text for text in payload.get("lacks", ()) if text in cited[0]]
        if lacking or there:
            what = f"the result does not show {lacking[0]!r}" if lacking else f"the result shows {there[0]!r}"
            return Ruling("refuted", what[:_LONGEST], {"result": cited[0][-_LONGEST:]}, "exact")
        return Ruling("verified", "the result shows it", strength="exact")


def _call_in(payload: Payload) -> ToolCall | None:
    call = payload["call"]
    if payload.keys() != {"call", "result"} or not isinstance(call, Mapping) or call.keys() != {"name", "arguments"}:
        return None
    if not isinstance(call["name"], str) or not isinstance(call["arguments"], Mapping):
        return None
    return ToolCall("", call["name"], call["arguments"])


def _are_texts(payload: Payload) -> bool:
    texts = [text for name in ("shows", "lacks") for text in payload.get(name, ())]
    known = payload.keys() <= {"shows", "lacks"} and all(isinstance(one, list | tuple) for one in payload.values())
    return known and bool(texts) and all(isinstance(text, str) and text for text in texts)


def _wrong_question(payload: Payload, names_repository: bool) -> str:
    """Why a claim about the code cannot be read; empty where it can."""
    if payload.keys() not in _FORMS:
        return "the payload is of no known form"
    wrong = [name for name, value in payload.items() if type(value) is not (int if name == "line" else str)]
    if wrong:
        return f"the payload's {wrong[0]} is of another type"
    if empty := [name for name, value in payload.items() if value == ""]:
        return f"the payload's {empty[0]} is empty"
    return "" if names_repository else "the step does not name the repository"


def _question(payload: Payload) -> CodeQuestion:
    if "line" in payload:
        return CodeQuestion("lines_of", (payload["module"], payload["function"], payload["expression"]))
    return CodeQuestion("value_of", (payload["module"], payload["expression"]))


def _ruling(payload: Payload, found: Any, answers: Answers) -> Ruling:
    real = _real(payload, found)
    if real is None or len(real) >= _LONGEST or _ADDRESS.search(real):
        return Ruling("unknown", "it gives nothing that can be compared", isolation=answers.isolation)
    said = payload["raises"] if "raises" in payload else payload["value"]
    kind = "raised" if "raises" in payload else "value"
    told = kind if "line" in payload else found[0]
    if (told, real) == (kind, said):
        return Ruling("verified", "the code gives this", strength="exact", isolation=answers.isolation)
    what = f"it raises {real}" if told == "raised" else f"it gives {real}" if real else "that line does not do so"
    return Ruling("refuted", what, {"real": real}, "exact", isolation=answers.isolation)


def _real(payload: Payload, found: Any) -> str | None:
    """What is so; an empty text where a line does not give that variable a value."""
    if found is None:
        return None
    if "line" not in payload:
        return str(found[1])
    steps = (value for line, name, value in found if (line, name) == (payload["line"], payload["name"]))
    return str(next(steps, ""))
