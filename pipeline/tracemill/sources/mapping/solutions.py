"""A solution as data sets hold it: a text, a message, or messages with tools called and what these gave back."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import count
from typing import Any, Literal

from tracemill.records import Payload, ToolCall, Turn
from tracemill.records.reasoning import split_reasoning
from tracemill.records.trace import UNREAD_ARGUMENTS
from tracemill.sources.lines import BadLineError
from tracemill.sources.replies import SPEAKERS, content_of, message_text, role_of

_TOOLS = frozenset({"tool", "function", "ipython", "observation", "function_response"})
_SYSTEMS = frozenset({"system", "developer"})
_CALLS = frozenset({"function_call"})
"""Speakers whose message is itself a call, in ShareGPT's form."""

Speaker = Literal["assistant", "user", "tool", "system"]


@dataclass(frozen=True, slots=True)
class BroughtSolution:
    """`text`: the last reply, with what was thought before it within `<think>…</think>`. `before`: the turns before it;
    a solution that ends with a call of a tool has all of its turns there, and no text."""

    text: str
    before: tuple[Turn, ...] = ()


@dataclass(frozen=True, slots=True)
class AskedQuestion:
    """What stands before the first reply of a talk."""

    prompt: str
    system: str = ""


def is_message(value: Any) -> bool:
    return isinstance(value, Mapping) and isinstance(value.get("role", value.get("from")), str)


def is_talk(value: Any) -> bool:
    """Whether it is a list of messages."""
    return isinstance(value, list) and bool(value) and all(map(is_message, value))


def question_of(talk: Sequence[Payload], path: str) -> AskedQuestion:
    """The system text and the user's words before the first reply.

    Raises:
        BadLineError: the user says nothing there.
    """
    said: dict[str, list[str]] = {"system": [], "user": []}
    for message in talk:
        role = _role(message, path)
        if role not in said:
            break
        said[role].append(content_of(message)[1].strip())
    prompt = "\n\n".join(filter(None, said["user"]))
    if not prompt:
        raise BadLineError("no question", f"{path}: no user's message before the first reply")
    return AskedQuestion(prompt, "\n\n".join(filter(None, said["system"])))


def solution_of(value: Any, path: str, one_question: bool) -> BroughtSolution:
    """The solution that a field holds. `one_question`: the talk has its question in it, and the solution begins with
    the first reply; then the user may not speak again, for each of several replies would be judged by what the last
    says.

    Raises:
        BadLineError: it is none.
    """
    if isinstance(value, str):
        return BroughtSolution(value)
    if is_message(value):
        value = [value]
    if not is_talk(value):
        raise BadLineError("not a reply", f"{path}: neither text nor messages with one of the assistant's")
    roles = [_role(message, path) for message in value]
    if "assistant" not in roles:
        raise BadLineError("not a reply", f"{path}: no message of the assistant's")
    start = roles.index("assistant")
    if one_question and "user" in roles[start:]:
        raise BadLineError("several questions", f"{path}: the user speaks again after the first reply")
    messages, roles = value[start:], roles[start:]
    last = messages[-1]
    if roles[-1] == "assistant" and not _calls(last, path):
        return BroughtSolution(message_text(last), tuple(_turns(messages[:-1], path)))
    return BroughtSolution("", tuple(_turns(messages, path)))


def _turns(messages: Sequence[Payload], path: str) -> list[Turn]:
    turns, ids = [], _CallIds()
    for message in messages:
        role = _role(message, path)
        if role == "assistant":
            thought, said = split_reasoning(message_text(message))
            calls = tuple(replace(call, id=ids.called(call.id)) for call in _calls(message, path))
            turns.append(Turn("assistant", said or "", thought, calls))
        elif role == "tool":
            answered = ids.answered(message.get("tool_call_id"))
            turns.append(Turn("tool", content_of(message)[1], tool_call_id=answered))
        elif role == "user":
            turns.append(Turn("user", content_of(message)[1]))
    return turns


class _CallIds:
    """Which result answers which call: data sets leave ids out, or begin to count again in every message."""

    def __init__(self) -> None:
        self._used: set[str] = set()
        self._open: list[tuple[str, str]] = []

    def called(self, given: str) -> str:
        """The id that the call has here: its own, where it has one that no call before it has."""
        own = given
        if not given or given in self._used:
            own = next(one for number in count() if (one := f"call_{number}") not in self._used)
        self._used.add(own)
        self._open.append((given, own))
        return own

    def answered(self, given: Any) -> str | None:
        """The id of the first call that has no result and that the result names; of the first that has none where it
        names no call. None where there is none."""
        named = given if isinstance(given, str) and given else None
        found = next((one for one in self._open if named in (None, one[0])), None)
        if found is None:
            return None
        self._open.remove(found)
        return found[1]


def _role(message: Payload, path: str) -> Speaker:
    said = role_of(message)
    if said in SPEAKERS or said in _CALLS:
        return "assistant"
    if said in _TOOLS:
        return "tool"
    if said in _SYSTEMS:
        return "system"
    if said in ("user", "human"):
        return "user"
    raise BadLineError("unknown speaker", f"{path}: {said!r}"[:200])


def _calls(message: Payload, path: str) -> tuple[ToolCall, ...]:
    """The tools that a message calls, in OpenAI's form, or in ShareGPT's."""
    given = message.get("tool_calls") or []
    if role_of(message) in _CALLS:
        given = [_read(content_of(message)[1])]
    elif not given and isinstance(message.get("function_call"), Mapping):
        given = [message["function_call"]]
    if isinstance(given, str):
        given = _read(given)
    if not isinstance(given, list):
        raise BadLineError("not a tool call", f"{path}: tool_calls")
    return tuple(_call(one, path) for one in given)


def _call(given: Any, path: str) -> ToolCall:
    given = _read(given) if isinstance(given, str) else given
    function = given.get("function", given) if isinstance(given, Mapping) else None
    name = function.get("name") if isinstance(function, Mapping) else None
    if not isinstance(function, Mapping) or not isinstance(name, str) or not name:
        raise BadLineError("not a tool call", f"{path}: a call without a name")
    arguments = function.get("arguments", {})
    arguments = _read(arguments) if isinstance(arguments, str) and arguments.strip() else arguments or {}
    named = given.get("id")
    # What is no object is kept as it was written: a model may have written broken JSON.
    plain = dict(arguments) if isinstance(arguments, Mapping) else {UNREAD_ARGUMENTS: arguments}
    return ToolCall(named if isinstance(named, str) else "", name, plain)


def _read(text: str) -> Any:
    try:
        return json.loads(text, parse_float=str, parse_constant=str)
    except (ValueError, RecursionError):
        return text
