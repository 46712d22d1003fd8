"""Solve, have the solution criticised, revise it; until the critic agrees or the bound is reached.

The critic is the teacher itself in a conversation of its own. It sees the problem and the solution and nothing else; no
expected answer enters a prompt. What it says is no verdict: solutions and revisions are judged like any trace, and how
often a critic approves of what is refuted (sycophancy) can be counted from `metadata["critic"]` and the verdicts.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from typing import Literal

from pydantic import Field, field_validator

from tracemill.asking.strategies.prompting import SampledConfig, prompt_messages
from tracemill.asking.strategies.strategy import Ask, Judge, all_of, failed, noted, trace_of
from tracemill.records import Completion, Payload, Problem, Trace

CRITIQUE = """Check the solution of the following problem, step by step. Point out the first step that is wrong and \
say why, or say that there is none. End with a line `VERDICT: RIGHT` or `VERDICT: WRONG`.

Problem:
{question}

Solution:
{solution}"""
REVISE = """Somebody who checked your solution says:

{critique}

Consider whether they are right. Then write the whole solution again, complete in itself and without a word about the \
first one or about this remark."""

_VERDICT = re.compile(r"VERDICT\W{0,6}(RIGHT|WRONG)[^\w\n]*$", re.IGNORECASE | re.MULTILINE)
"""With nothing behind it: `VERDICT: RIGHT/WRONG` and what a critic says about its instructions are none."""
_PLACE = re.compile(r"\{(question|solution|critique)\}")
Opinion = Literal["approves", "rejects", "unclear"]


class RefineConfig(SampledConfig):
    """`revisions`: at most, of each sample. `critique` asks the critic, with the texts of problem and solution in place
    of `{question}` and `{solution}`; its reply ends with `VERDICT: RIGHT` or `VERDICT: WRONG`, the last of which
    counts. `revise` asks for the revision, with what the critic said in place of `{critique}`."""

    kind: Literal["refine"]
    revisions: int = Field(default=2, ge=1, le=20)
    critique: str = CRITIQUE
    revise: str = REVISE

    @field_validator("critique", "revise")
    @classmethod
    def _has_its_places(cls, given: str, info: object) -> str:
        wanted = ("question", "solution") if getattr(info, "field_name", "") == "critique" else ("critique",)
        if missing := [name for name in wanted if f"{{{name}}}" not in given]:
            raise ValueError(f"it has no place for {' and '.join(f'{{{name}}}' for name in missing)}")
        return given


class Refine:
    """A trace for each solution: of path `0` the first of sample 0, of `0/1` its revision, whose parent it is. A
    revision is a whole solution, so that it can stand for itself. `metadata["critic"]`: what the critic said of it
    (`approves`, `rejects`, `unclear`), `critique_id` the completion with its words."""

    Config = RefineConfig
    name = "refine"
    grows = frozenset({"samples"})
    unkeyed: frozenset[str] = frozenset()

    def __init__(self, config: RefineConfig) -> None:
        self.config = config

    @property
    def most_traces(self) -> int:
        return self.config.total * (1 + self.config.revisions)

    @property
    def expected_calls(self) -> float:
        """Between a critic who agrees at once and one who never does: their mean."""
        return self.config.total * (2 + 1 + 2 * self.config.revisions) / 2

    async def run(self, problem: Problem, ask: Ask, judge: Judge) -> Sequence[Trace]:
        numbers = range(ask.samples(self.config.total))
        return [trace for found in await all_of(self._refined(problem, ask, one) for one in numbers) for trace in found]

    async def _refined(self, problem: Problem, ask: Ask, index: int) -> list[Trace]:
        """A solution and its revisions; only the trace of a call that failed, where one did."""
        path, sampling = self.config.sample(index)
        messages = prompt_messages(problem, self.config.prompt)
        traces = [trace_of(problem, ask, self.name, await ask(path, messages, sampling, index), index)]
        for number in range(1, self.config.revisions + 1):
            solution = _said(traces[-1])
            if not solution:
                break  # cut off, or failed: there is nothing to criticise
            critique = await ask(f"{path}/critique/{number}", self._question(problem, solution), sampling, index)
            if critique.finish_reason == "error":
                return [trace_of(problem, ask, self.name, critique, index)]
            opinion = _opinion(critique)
            traces[-1] = noted(traces[-1], critic=opinion, critique_id=critique.id)
            if opinion == "approves":
                traces[-1] = noted(traces[-1], stopped="critic_agreed")
                break
            asked = [*messages, _message("assistant", solution), _message("user", self._remark(critique))]
            revision = await ask(f"{path}/{number}", asked, sampling, index)
            child = trace_of(problem, ask, self.name, revision, index)
            traces.append(replace(child, parent_id=traces[-1].id, relation="revision"))
        else:
            traces[-1] = noted(traces[-1], stopped="bound")
        return failed(traces) or traces

    def _question(self, problem: Problem, solution: str) -> tuple[Payload, ...]:
        texts = {"question": problem.prompt, "solution": solution}
        return (_message("user", _filled(self.config.critique, texts)),)

    def _remark(self, critique: Completion) -> str:
        said = critique.turn.content or critique.turn.text if critique.turn else ""
        return _filled(self.config.revise, {"critique": said})


def _said(trace: Trace) -> str:
    """The solution that a critic sees; empty where there is none."""
    return trace.turns[-1].content if trace.finish_reason == "stop" and trace.turns else ""


def _opinion(critique: Completion) -> Opinion:
    said = _VERDICT.findall(critique.turn.content) if critique.turn else []
    if not said or critique.finish_reason != "stop":
        return "unclear"
    return "approves" if said[-1].upper() == "RIGHT" else "rejects"


def _filled(template: str, texts: Payload) -> str:
    """In one pass: a place that stands in a problem's own text is none."""
    return _PLACE.sub(lambda found: str(texts.get(found[1], found[0])), template)


def _message(role: str, content: str) -> Payload:
    return {"role": role, "content": content}
