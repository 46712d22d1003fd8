"""What came back for one choice, collected from one message or from the pieces of a stream."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from math import isfinite
from typing import Any

from tracemill.asking.teachers.openai.bad_reply import BadReplyError

_REASONING = re.compile(r"reason|think|thought", re.IGNORECASE)
_SILENT = frozenset({"role", "content", "refusal", "tool_calls", "function_call", "annotations", "audio", "name", "id"})
"""Fields of a message that hold no reasoning, whatever they are."""
CALLS = 1_000


@dataclass(slots=True)
class Received:
    """`texts` by field: the content under `content`, reasoning under the name that the server gave it. `unread`: texts
    under names that mean nothing here. `tokens`: each token that log-probabilities came for, with that. `parts`: how
    many fields that are not empty came in all; a piece of a stream may have none."""

    texts: dict[str, list[str]] = field(default_factory=dict)
    tool_calls: list[dict[str, str]] = field(default_factory=list)
    finish: str | None = None
    usage: Mapping[str, Any] = field(default_factory=dict)
    tokens: list[tuple[str, float]] = field(default_factory=list)
    model: str | None = None
    fingerprint: str | None = None
    parts: int = 0

    def take(self, answer: Mapping[str, Any], part: str) -> str:
        """Adds a whole answer, whose `part` is `message`, or one piece of a stream, whose part is `delta`. Returns the
        text that is new.

        Raises:
            BadReplyError: it is not of the form that the API has.
        """
        self.model = _text(answer.get("model")) or self.model
        self.fingerprint = _text(answer.get("system_fingerprint")) or self.fingerprint
        self.usage = mapping(answer.get("usage")) or self.usage
        # A piece of a stream may hold nothing but the usage.
        choices = answer.get("choices") or ([] if part == "delta" else None)
        if not isinstance(choices, list):
            raise BadReplyError(f"the reply has no list of choices; its fields: {_names(answer)}")
        mine = next((one for one in choices if isinstance(one, dict) and one.get("index") in (None, 0)), None)
        if mine is None:
            return ""
        finish, tokens = _text(mine.get("finish_reason")), _tokens(mine.get("logprobs"))
        self.finish = finish or self.finish
        self.tokens += tokens
        self.parts += bool(finish) + len(tokens)
        inner = mine.get(part)
        if inner is None and self.finish and part == "delta":
            return ""  # the last piece of a stream may hold nothing but the reason to end
        if not isinstance(inner, dict):
            raise BadReplyError(f"the reply's choice has no {part}; its fields: {_names(mine)}")
        return self._add(inner)

    def _add(self, message: Mapping[str, Any]) -> str:
        new = ""
        reasoned = False
        for name, value in message.items():
            if not value or name == "role":
                continue
            self.parts += 1
            if name == "tool_calls":
                self._add_calls(value)
                continue
            for kind, text in _texts(name, value):
                self.texts.setdefault(kind, []).append(text)
                # Servers give one thought under two names.
                if kind == "content" or not reasoned:
                    new += text
                reasoned = reasoned or kind != "content"
        return new

    def _add_calls(self, calls: Any) -> None:
        for given in map(mapping, calls if isinstance(calls, list) else ()):
            place = len(self.tool_calls) if given.get("index") is None else given["index"]
            if not isinstance(place, int) or not 0 <= place < CALLS:
                raise BadReplyError(f"the reply has a tool call at {str(place)[:20]!r}; at most {CALLS} are read")
            while len(self.tool_calls) <= place:
                self.tool_calls.append({"id": "", "name": "", "arguments": ""})
            call, function = self.tool_calls[place], mapping(given.get("function"))
            call["id"] = _text(given.get("id")) or call["id"]
            call["name"] += _text(function.get("name")) or ""
            call["arguments"] += _text(function.get("arguments")) or ""

    @property
    def content(self) -> str:
        return "".join(self.texts.get("content", ()))

    @property
    def all_text(self) -> str:
        """Everything, under whatever name it came; parted by newlines."""
        return "\n".join("".join(parts) for parts in self.texts.values())

    def said(self) -> Iterator[str]:
        """Every text that may reach a row or an error."""
        yield from ("".join(parts) for parts in self.texts.values())
        yield from self.texts
        yield from (text for call in self.tool_calls for text in _forms(call))
        yield from (text for text in (self.finish, self.model, self.fingerprint) if text)

    @property
    def refusal(self) -> str:
        return "".join(self.texts.get("refusal", ()))

    @property
    def reasoning(self) -> str:
        """What came under any name that speaks of reasoning; once, where it came under two."""
        found: list[str] = []
        for name, parts in self.texts.items():
            if is_reasoning(name) and (text := "".join(parts)) not in found:
                found.append(text)
        longest = sorted(found, key=len, reverse=True)
        kept = [one for place, one in enumerate(longest) if not any(one in other for other in longest[:place])]
        return "\n\n".join(one for one in found if one in kept)

    @property
    def unread(self) -> dict[str, str]:
        return {name: "".join(parts) for name, parts in self.texts.items() if not _known(name)}


def _forms(call: Mapping[str, str]) -> Iterator[str]:
    """The parts of a tool call; its arguments also as they read."""
    yield from call.values()
    with suppress(ValueError, RecursionError):
        yield json.dumps(json.loads(call["arguments"]), ensure_ascii=False)


def is_reasoning(name: str) -> bool:
    """Whether a field of a message holds reasoning: `reasoning`, `reasoning_content`, `thinking`, `thought`, …"""
    return name not in _SILENT and bool(_REASONING.search(name))


def _known(name: str) -> bool:
    return name in _SILENT or is_reasoning(name)


def _texts(name: str, value: Any) -> list[tuple[str, str]]:
    """The texts of a field with the names that they belong to: a content may be a list that has thoughts in it."""
    if isinstance(value, str):
        return [(name, value)]
    if not isinstance(value, list):
        return []
    found: list[tuple[str, str]] = []
    for part in value:
        if isinstance(part, str):
            found.append((name, part))
        elif isinstance(part, dict):
            kind = str(part.get("type", ""))
            within = name if name != "content" else kind if _REASONING.search(kind) else "content"
            for key in ("text", "summary", kind.rpartition(".")[2], "content"):
                if texts := _texts(within, part.get(key)):
                    found += texts
                    break
    return found


def _tokens(logprobs: Any) -> list[tuple[str, float]]:
    content = mapping(logprobs).get("content")
    found = map(mapping, content if isinstance(content, list) else ())
    pairs = [(_text(one.get("token")) or "", one.get("logprob")) for one in found]
    floats = [(token, _finite(value)) for token, value in pairs]
    return [(token, value) for token, value in floats if value is not None]


def _finite(value: Any) -> float | None:
    """A number that a float can hold; JSON's may be of any size."""
    try:
        return float(value) if isinstance(value, int | float) and isfinite(value) else None
    except OverflowError:
        return None


def mapping(value: Any) -> Mapping[str, Any]:
    """A JSON object, or an empty one where a server has sent something else."""
    return value if isinstance(value, dict) else {}


def _text(value: Any) -> str | None:
    return value if isinstance(value, str) else None


def _names(value: Mapping[str, Any] | Sequence[Any]) -> str:
    return ", ".join(sorted(map(str, value))[:20]) or "none"
