"""The fields of a line for `tracemill judge`, and the problem and the trace that they make.

A verifier reads a line by `Verifier.case`, with what stands here. A field that is missing or of the wrong type raises
ValueError with its name, which becomes the line's `error`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, cast, get_args

from tracemill.records import Check, Claim, Payload, Problem, Source, Trace, Turn, fingerprint, trace_digest, trace_id
from tracemill.records.finish_reasons import FinishReason
from tracemill.records.reasoning import opens_thought, split_reasoning
from tracemill.sources.replies import reply_text
from tracemill.tasks.task import Line, Solution

_AUTHOR = "judge"


def text_field(line: Payload, name: str, default: str | None = None) -> str:
    """A field's text; a number is its digits. `default`: of a line that does not have the field."""
    value = line.get(name)
    if value is None and default is not None:
        return default
    if value is None:
        raise ValueError(f"no field {name!r}; the line has: {', '.join(sorted(line)) or 'none'}")
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    if not isinstance(value, str):
        raise ValueError(f"the field {name!r} is not text but {type(value).__name__}")
    return value


def object_field(line: Payload, name: str) -> Payload:
    """A field's object; an empty one where the line does not have it."""
    value = line.get(name)
    if value is None:
        return {}
    if not isinstance(value, Mapping):
        raise ValueError(f"the field {name!r} is not an object but {type(value).__name__}")
    return value


def prompt_of(line: Payload) -> str:
    """The field `prompt`: text, or chat messages, of which it is what users say."""
    value = line.get("prompt")
    if not isinstance(value, list):
        return text_field(line, "prompt", "")
    messages = [one for one in value if isinstance(one, Mapping) and one.get("role") == "user"]
    return "\n\n".join(text_field(one, "content", "") for one in messages)


def problem_of(line: Payload, check: Check, answer: str, premises: tuple[Claim, ...] = ()) -> Problem:
    """A problem with the line's prompt. Its id hashes all that is given here."""
    prompt = prompt_of(line)
    name = fingerprint(prompt, answer, check.kind, check.spec, [(one.kind, one.payload) for one in premises])
    return Problem(
        id=name,
        group_id=name,
        domain="judge.lines.given.plain",
        prompt=prompt,
        answer=answer,
        check=check,
        source=Source("judge", "", "", 0, 0),
        premises=premises,
    )


def trace_of_response(line: Payload, problem: Problem) -> Trace:
    """The field `response`, text or chat messages, as a trace; what is thought in tags is its reasoning. A thought that
    never ends was cut off, as is what `finish_reason` (default: `stop`) says."""
    response = reply_text(line.get("response"))
    if response is None:
        what = "no field 'response'" if line.get("response") is None else "the field 'response' is no reply"
        raise ValueError(f"{what}; give text, or messages of which one is the assistant's")
    thought, answer = split_reasoning(response, opens_thought(problem.prompt))
    turns = (Turn("assistant", content=answer or "", reasoning=thought),)
    finish = "length" if answer is None else text_field(line, "finish_reason", "stop")
    if finish not in get_args(FinishReason):
        raise ValueError(f"no finish_reason {finish!r}; there are: {', '.join(get_args(FinishReason))}")
    return _trace(problem, turns, (), cast(FinishReason, finish))


def trace_of_steps(line: Payload, problem: Problem) -> Trace:
    """The field `steps` as a trace: a list of `{"text": …, "claim": {"kind": …, "payload": …}, "uses": [0, -1]}`, of
    which `claim` and `uses` may be missing; `response`, where it is there, is what is said after them."""
    value = line.get("steps")
    if not isinstance(value, list) or not all(isinstance(one, Mapping) for one in value):
        raise ValueError("the field 'steps' is not there, or is not a list of objects with text, claim and uses")
    lines = tuple(Line(text_field(one, "text"), _claim(one.get("claim")), _uses(one.get("uses"))) for one in value)
    solution = Solution(lines, reply_text(line.get("response")) or "")
    return _trace(problem, (solution.turn(),), solution.steps(), "stop")


def claims_field(line: Payload, name: str) -> tuple[Claim, ...]:
    """A field's list of claims; none where the line does not have it."""
    value = line.get(name)
    if value is None:
        return ()
    found = [_claim(one) for one in value] if isinstance(value, list) else [None]
    if None in found:
        raise ValueError(f"the field {name!r} is not a list of claims, {{'kind': …, 'payload': …}}")
    return tuple(one for one in found if one)


def _claim(value: Any) -> Claim | None:
    if value is None:
        return None
    if not (isinstance(value, Mapping) and isinstance(value.get("kind"), str)):
        raise ValueError("a claim is an object with kind, a text, and payload, an object")
    return Claim(value["kind"], object_field(value, "payload"))


def _uses(value: Any) -> tuple[int, ...]:
    if value is None:
        return ()
    if not (isinstance(value, list) and all(type(one) is int for one in value)):
        raise ValueError("uses is a list of numbers: k is step k, from 0; -1 - k is premise k")
    return tuple(value)


def _trace(problem: Problem, turns: tuple[Turn, ...], steps: Any, finish: FinishReason) -> Trace:
    digest = trace_digest(turns, steps, None, finish)
    return Trace(
        id=trace_id(problem.id, _AUTHOR, _AUTHOR, digest),
        digest=digest,
        problem_id=problem.id,
        skill="skills",
        teacher=_AUTHOR,
        strategy=_AUTHOR,
        sample_index=0,
        path="0",
        turns=turns,
        finish_reason=finish,
        steps=steps,
    )
