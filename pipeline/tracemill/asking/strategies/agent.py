"""Solve with tools: ask, carry out the calls that come back, hand their results on; until the teacher calls no more.

The tools are those of the problem's repository (`software/repository_tools.py`), over a working copy of its files that
belongs to one conversation. What a call answers is a function of the problem and of the calls before it, so a
conversation is played again from its completions; a run of tests, which executes code, is journaled like a call.
A mistake in a call (an unknown tool, arguments that are no JSON or not those of its schema) is answered by `error: …`,
and the conversation goes on.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from itertools import chain, count
from typing import Any, ClassVar, Literal

from pydantic import Field

from tracemill.asking.strategies.prompting import SampledConfig, prompt_messages
from tracemill.asking.strategies.strategy import Ask, Judge, Stopped, all_of, trace_of
from tracemill.asking.teachers.teacher import Reply
from tracemill.records import (
    Completion,
    FinishReason,
    Payload,
    Problem,
    Step,
    ToolCall,
    Trace,
    Turn,
    canonical_json,
    trace_digest,
    trace_id,
)
from tracemill.software.repository_tools import ERROR, LEFT_OUT, call_tool, executes
from tracemill.software.working_copy import WorkingCopy, files_of

REPEATS = 4
"""So often in a row the same call may give the same result; then the conversation goes nowhere."""


class AgentConfig(SampledConfig):
    """`turns`: of the teacher in one conversation, at most. `tokens`: of its completions in one conversation, at most;
    it is looked at after each. `thoughts`: whether the reasoning of earlier turns is handed on, in `reasoning_content`,
    as models that think between calls want it; `dropped` for servers that refuse that field."""

    kind: Literal["agent"]
    turns: int = Field(default=30, ge=1, le=1_000)
    tokens: int | None = Field(default=None, ge=1)
    thoughts: Literal["reasoning_content", "dropped"] = "reasoning_content"


class Agent:
    """A trace for each conversation: its turns are the teacher's and the tools'. One that came to a bound has finish
    reason `budget`, or `loop` where it repeated itself. `metadata`: how many `calls` it made, how many of them were
    answered by an error (`failed_calls`), and how many results were cut (`cut_results`). A problem without tools is
    asked once."""

    Config = AgentConfig
    name = "agent"
    grows = frozenset({"samples"})
    unkeyed: frozenset[str] = frozenset()
    calls_tools: ClassVar[bool] = True

    def __init__(self, config: AgentConfig) -> None:
        self.config = config
        self.most_traces = config.total
        self.expected_calls = config.total * min(config.turns, 10)

    async def run(self, problem: Problem, ask: Ask, judge: Judge) -> Sequence[Trace]:
        if problem.tools and files_of(problem) is None:
            raise ValueError("the problem has tools, and no repository that they belong to")
        numbers = range(ask.samples(self.config.total))
        return await all_of(_Conversation(problem, ask, self.config, number).played() for number in numbers)


@dataclass
class _Conversation:
    """One sample. `asked`: the teacher's completions; `attempts`: how many calls failed before these."""

    problem: Problem
    ask: Ask
    config: AgentConfig
    index: int
    turns: list[Turn] = field(default_factory=list)
    steps: list[Step] = field(default_factory=list)
    asked: list[Completion] = field(default_factory=list)
    ids: list[str] = field(default_factory=list)
    attempts: int = 0
    answered: list[tuple[str, str]] = field(default_factory=list)
    """Of each call what it was and what it gave."""

    def __post_init__(self) -> None:
        self.path, sampling = self.config.sample(self.index)
        self.sampling = {**sampling, "tools": list(self.problem.tools)} if self.problem.tools else sampling
        self.messages: list[Payload] = list(prompt_messages(self.problem, self.config.prompt))
        self.copy = WorkingCopy(files_of(self.problem) or {})

    async def played(self) -> Trace:
        while True:
            call = f"{self.path}/{len(self.asked)}"
            completion = self._journaled(await self.ask(call, tuple(self.messages), self.sampling, self.index))
            self.asked.append(completion)
            if completion.turn is None or completion.finish_reason == "error":
                return self._trace("error", completion.error)
            calls = self._take(completion.turn, completion.steps)
            if not calls:
                return self._trace(completion.finish_reason, completion.error)
            for one in calls:
                failed = await self._carry_out(one)
                if failed is not None:
                    return self._trace("error", failed.error)
            if bound := self._bound():
                finish, stopped = bound
                return self._trace(finish, stopped=stopped)

    def _journaled(self, completion: Completion) -> Completion:
        self.ids.append(completion.id)
        self.attempts += completion.attempt
        return completion

    def _take(self, turn: Turn, steps: Sequence[Step]) -> Sequence[ToolCall]:
        """Adds a turn of the teacher's to the conversation, and gives its calls, each with an id of its own."""
        calls: list[ToolCall] = []
        for number, call in enumerate(turn.tool_calls, len(self.answered)):
            taken = {one.id for before in self.turns for one in before.tool_calls} | {one.id for one in calls}
            # Nine letters and digits: what the strictest chat templates take.
            made = (f"call{at:05d}" for at in count(number))
            given = (call.id,) if call.id else ()
            calls.append(replace(call, id=next(one for one in chain(given, made) if one not in taken)))
        self.steps += [replace(step, turn=step.turn + len(self.turns)) for step in steps]
        self.turns.append(replace(turn, tool_calls=tuple(calls)))
        self.messages.append(_message(self.turns[-1], self.config.thoughts == "reasoning_content"))
        return calls

    async def _carry_out(self, call: ToolCall) -> Completion | None:
        """Adds the result of a call. The completion of one that could not be had, by trouble of ours."""
        if executes(call):
            question = {"name": call.name, "arguments": call.arguments, "files": self.copy.digest}
            number = f"{self.path}/tool/{len(self.answered)}"
            completion = self._journaled(
                await self.ask.other(number, "repository", question, partial(_executed, self.copy, call))
            )
            if completion.turn is None:
                return completion
            text = completion.turn.content
        else:
            text = call_tool(self.copy, call)
        self.answered.append((canonical_json([call.name, call.arguments]), text))
        self.turns.append(Turn("tool", content=text, tool_call_id=call.id))
        self.messages.append({"role": "tool", "tool_call_id": call.id, "content": text})
        return None

    def _bound(self) -> tuple[FinishReason, Stopped] | None:
        """Why the teacher is not asked again, and how the trace ends then."""
        last = self.answered[-REPEATS:]
        if len(last) == REPEATS and len(set(last)) == 1:
            return "loop", "bound"
        if self.config.tokens is not None and (_sum(self.asked, "completion_tokens") or 0) >= self.config.tokens:
            return "budget", "budget"
        return ("budget", "bound") if len(self.asked) >= self.config.turns else None

    def _trace(self, finish: FinishReason, error: str | None = None, **notes: Any) -> Trace:
        last, turns, steps = self.asked[-1], tuple(self.turns), tuple(self.steps)
        flaw = next((one.flaw for one in self.asked if one.flaw), None)
        results = [text for _, text in self.answered]
        counts = {
            "calls": len(results),
            "failed_calls": sum(text.startswith(ERROR) for text in results),
            "cut_results": sum(LEFT_OUT in text for text in results),
        }
        return replace(
            trace_of(self.problem, self.ask, Agent.name, last, self.index),
            # A conversation that failed and was gone on with is another row.
            id=trace_id(self.problem.id, self.ask.fingerprint, Agent.name, self.path, self.attempts),
            digest=trace_digest(turns, steps, flaw, finish),
            path=self.path,
            turns=turns,
            finish_reason=finish,
            steps=steps,
            flaw=flaw,
            prompt_tokens=_sum(self.asked, "prompt_tokens"),
            reasoning_tokens=_sum(self.asked, "reasoning_tokens"),
            completion_tokens=_sum(self.asked, "completion_tokens"),
            seconds=_sum(self.asked, "seconds"),
            joules=_sum(self.asked, "joules"),
            call_ids=tuple(self.ids),
            error=error,
            metadata={**last.metadata, **counts, **notes},
        )


async def _executed(copy: WorkingCopy, call: ToolCall) -> Reply:
    return Reply(Turn("tool", content=await asyncio.to_thread(call_tool, copy, call)))


def _sum(completions: Sequence[Completion], name: str) -> Any:
    """Over the completions; None where one of them does not say."""
    amounts = [getattr(one, name) for one in completions]
    return None if None in amounts else sum(amounts)


def _message(turn: Turn, thoughts: bool) -> Payload:
    message: dict[str, Any] = {"role": "assistant", "content": turn.content}
    if thoughts and turn.reasoning:
        message["reasoning_content"] = turn.reasoning
    if turn.tool_calls:
        message["tool_calls"] = [
            {
                "id": call.id,
                "type": "function",
                "function": {"name": call.name, "arguments": canonical_json(call.arguments)},
            }
            for call in turn.tool_calls
        ]
    return message
