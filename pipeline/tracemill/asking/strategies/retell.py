"""Have a verified symbolic solution told in the teacher's own words, and keep what provably says the same.

The task's own solver gives the solution, the verifiers of the build judge it, and the teacher gets it in numbered steps
with what each must show. A retelling that leaves something out, adds or changes something, or copies, is rejected
(`retold.py`); one that is accepted has the claims of the solution at its own words, and is judged like any trace.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from typing import Literal, NamedTuple

from pydantic import BaseModel, ConfigDict, Field

from tracemill.asking.strategies.retold import TellingReader, fault_in, is_copied, wanted
from tracemill.asking.strategies.strategy import Ask, Judge, all_of, noted, standing, trace_of
from tracemill.asking.teachers.symbolic import SymbolicConfig, SymbolicTeacher
from tracemill.asking.teachers.teacher import Call
from tracemill.records import Completion, Payload, Problem, Step, Trace, Turn, fingerprint, trace_digest, trace_id
from tracemill.tasks.task import Line, Solution

INSTRUCTIONS = """\
Below is a problem and a solution of it, in numbered steps. Tell the solution again in your own words, as you would \
think it through yourself.

Write the same steps with the same numbers, each on a line of its own that begins with its number and a dot, and \
nothing before the first. After the last step write a line `Closing:` and, below it, the closing words.

Every step says what it says in the solution, no more and no less. What stands behind `keep` must be in your step, all \
of it, in this order, as it is spelt there, and nothing else that matters: no other names, numbers, formulas, \
conditions, negations or conclusions. Everything around it is yours: begin and connect your sentences as you like. The \
final answer is written in the form that it has there."""

_CLOSING = re.compile(r"^[ \t]*(?:\*\*)?closing:?(?:\*\*)?:?[ \t]*", re.IGNORECASE | re.MULTILINE)


class RetellConfig(BaseModel):
    """`samples`: solutions of each problem, each told once. `tries`: how often the teacher is asked for one at most,
    until a retelling is accepted."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    kind: Literal["retell"]
    samples: int = Field(default=1, ge=1, le=1_000)
    tries: int = Field(default=2, ge=1, le=20)


class Rejected(NamedTuple):
    """Why a retelling is not kept: a word for it, and the whole reason."""

    what: Literal["cut off", "numbering", "copied", "other content"]
    why: str


class Retell:
    """Traces: of path `solution/0` the solution, of `0/0`, `0/1`, … its retellings, whose parent it is.
    `metadata["retelling"]` is `accepted`, or what is wrong with it; a rejected one has no turns, and its `error` says
    why. What the teacher wrote is in its completion."""

    Config = RetellConfig
    name = "retell"
    grows = frozenset({"samples"})
    unkeyed: frozenset[str] = frozenset()

    def __init__(self, config: RetellConfig) -> None:
        self.config = config
        self._solver = SymbolicTeacher(SymbolicConfig(kind="symbolic"))

    @property
    def most_traces(self) -> int:
        return self.config.samples * (1 + self.config.tries)

    @property
    def expected_calls(self) -> float:
        """Between a first retelling that is accepted and none that is: their mean."""
        return self.config.samples * (1 + self.config.tries) / 2

    async def run(self, problem: Problem, ask: Ask, judge: Judge) -> Sequence[Trace]:
        numbers = range(self._solver.samples(problem, self.config.samples))
        return [
            trace for found in await all_of(self._told(problem, ask, judge, one) for one in numbers) for trace in found
        ]

    async def _told(self, problem: Problem, ask: Ask, judge: Judge, number: int) -> list[Trace]:
        solution = await self._solution(problem, number)
        if standing(await judge(solution), judge.required) != "verified":
            return [solution]
        parts = _parts_of(solution)
        reader = TellingReader(problem)
        messages = _messages(problem, reader, parts)
        traces = [solution]
        for again in range(self.config.tries):
            completion = await ask(f"{number}/{again}", messages, {}, number)
            told = trace_of(problem, ask, self.name, completion, number)
            if told.finish_reason == "error":
                return [*traces, told]
            traces.append(_judged(told, completion, solution, reader, parts))
            if traces[-1].error is None:
                break
        return traces

    async def _solution(self, problem: Problem, number: int) -> Trace:
        """The solver's, with an id of its own: it is the same whoever tells it."""
        seed = int(fingerprint("retell", problem.id, number, digits=12), 16)
        messages = ({"role": "user", "content": problem.prompt},)
        reply = await self._solver.answer(Call(problem, messages, {}, 0, seed))
        path = f"solution/{number}"
        return Trace(
            id=trace_id(problem.id, self._solver.fingerprint, self.name, path),
            digest=trace_digest((reply.turn,), reply.steps, reply.flaw, reply.finish_reason),
            problem_id=problem.id,
            skill="skills",
            teacher=self._solver.name,
            strategy=self.name,
            sample_index=number,
            path=path,
            turns=(reply.turn,),
            finish_reason=reply.finish_reason,
            steps=reply.steps,
            metadata=reply.metadata,
        )


def _parts_of(solution: Trace) -> tuple[str, ...]:
    """The texts of the steps, and the closing."""
    return (*(" ".join(solution.step_text(step).split()) for step in solution.steps), solution.turns[0].content)


def _messages(problem: Problem, reader: TellingReader, parts: Sequence[str]) -> tuple[Payload, ...]:
    named = [*(f"{number}." for number in range(1, len(parts))), "Closing:"]
    lines = [
        f"{name} {part}\n   keep: {' · '.join(wanted(reader, part).shown)}"
        for name, part in zip(named, parts, strict=True)
    ]
    text = "\n\n".join([INSTRUCTIONS, f"Problem:\n{problem.prompt}", "Solution:\n" + "\n".join(lines)])
    return ({"role": "user", "content": text},)


def _judged(told: Trace, completion: Completion, solution: Trace, reader: TellingReader, parts: Sequence[str]) -> Trace:
    """The retelling with the claims of the solution, or without any text where it is rejected."""
    found = _accepted(completion, reader, parts)
    told = replace(told, parent_id=solution.id, relation="retelling")
    turns: tuple[Turn, ...]
    steps: tuple[Step, ...]
    if isinstance(found, Rejected):
        told = noted(replace(told, error=f"the retelling is rejected: {found.why}"), retelling=found.what)
        turns, steps = (), ()
    else:
        lines = zip(found, solution.steps, strict=False)
        retold = Solution(tuple(Line(text, step.claim, step.uses) for text, step in lines), found[-1])
        turns, steps = (retold.turn(),), retold.steps()
        licence = {"licence": solution.metadata["licence"]} if "licence" in solution.metadata else {}
        told = noted(told, retelling="accepted", **licence)
    return replace(told, turns=turns, steps=steps, digest=trace_digest(turns, steps, None, told.finish_reason))


def _accepted(completion: Completion, reader: TellingReader, parts: Sequence[str]) -> tuple[str, ...] | Rejected:
    """The texts of steps and closing in the teacher's words."""
    if completion.finish_reason != "stop" or completion.turn is None:
        return Rejected("cut off", f"it ended with {completion.finish_reason}")
    texts = numbered(completion.turn.content, len(parts) - 1)
    if texts is None:
        return Rejected(
            "numbering", f"it has not the steps 1 to {len(parts) - 1}, each once and in order, and a closing"
        )
    for place, (text, part) in enumerate(zip(texts, parts, strict=True), 1):
        if fault := fault_in(reader, text, wanted(reader, part)):
            where = f"step {place}" if place < len(parts) else "the closing"
            return Rejected("other content", f"{where} {fault}")
    if is_copied(parts[:-1], texts[:-1]):
        return Rejected("copied", "more than half of its steps are in the same words")
    return texts


def numbered(text: str, count: int) -> tuple[str, ...] | None:
    """The texts of so many numbered steps, each on one line, and of the closing; None where they are not just these.

    >>> numbered("1. One.\\n2. Two.\\nClosing:\\nThree.", 2)
    ('One.', 'Two.', 'Three.')
    """
    closing = list(_CLOSING.finditer(text))
    if len(closing) != 1:
        return None
    places = list(re.finditer(r"^[ \t]*(?:\*\*)?(\d+)[.)](?:\*\*)?[ \t]+", text[: closing[0].start()], re.MULTILINE))
    if [int(one[1]) for one in places] != list(range(1, count + 1)) or text[: places[0].start()].strip():
        return None
    ends = [*(one.start() for one in places[1:]), closing[0].start()]
    steps = [" ".join(text[one.end() : end].split()) for one, end in zip(places, ends, strict=True)]
    last = text[closing[0].end() :].strip()
    return (*steps, last) if all(steps) and last else None
