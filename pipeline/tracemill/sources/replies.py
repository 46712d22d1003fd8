"""A reply as data sets hold it, a text or messages in one of the usual forms, made one text."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

SPEAKERS = frozenset({"assistant", "gpt", "model", "bot", "chatgpt"})
_THOUGHTS = ("reasoning_content", "reasoning", "thinking")


def reply_text(value: Any) -> str | None:
    """The text of a reply, with what was thought before it within `<think>…</think>`; None where `value` is no reply.

    `value`: text; a message, such as `{"role": "assistant", "content": "42", "reasoning_content": "6 * 7"}`, whose
    keys may also be `from` and `value`, and whose content may be a list of parts; or a list of messages, of which one
    is the assistant's. A conversation with several replies is none: each of them would be judged by what the last says.

    Example:
        >>> reply_text([{"role": "user", "content": "6 * 7?"}, {"role": "assistant", "content": "42"}])
        '42'
    """
    if isinstance(value, str):
        return value
    messages = [one for one in (value if isinstance(value, list) else [value]) if isinstance(one, Mapping)]
    said = [one for one in messages if role_of(one) in SPEAKERS]
    if len(said) != 1 or any(one.get("tool_calls") for one in said):
        return None
    return message_text(said[0])


def role_of(message: Mapping[str, Any]) -> str:
    """Who speaks, in lower case; nothing where it is not said."""
    role = message.get("role", message.get("from"))
    return role.lower() if isinstance(role, str) else ""


def message_text(message: Mapping[str, Any]) -> str:
    """What a message says, with what was thought before it within `<think>…</think>`."""
    thought, text = content_of(message)
    return with_thought(thought, text)


def with_thought(thought: str, text: str) -> str:
    return f"<think>\n{thought}\n</think>\n\n{text}" if thought.strip() else text


def content_of(message: Mapping[str, Any]) -> tuple[str, str]:
    """What is thought and what is said in a message."""
    thought, text = _parts(message.get("content", message.get("value")))
    return next((message[key] for key in _THOUGHTS if isinstance(message.get(key), str)), "") or thought, text


def _parts(content: Any) -> tuple[str, str]:
    """What is thought and what is said in a message's content."""
    if not isinstance(content, list):
        return "", content if isinstance(content, str) else ""
    parts = [one for one in content if isinstance(one, Mapping)]
    thoughts = [_plain(one["thinking"]) for one in parts if "thinking" in one]
    return "\n\n".join(thoughts), "".join(one["text"] for one in parts if isinstance(one.get("text"), str))


def _plain(thinking: Any) -> str:
    return thinking if isinstance(thinking, str) else _parts(thinking)[1]
