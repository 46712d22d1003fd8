"""A message of a solution, and the tools that it calls."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from tracemill.records.canonical import Payload


@dataclass(frozen=True, slots=True)
class ToolCall:
    id: str
    name: str
    arguments: Payload = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Turn:
    """One message after the prompt. Step spans count characters of `text`."""

    role: Literal["assistant", "user", "tool"]
    content: str = ""
    reasoning: str = ""
    tool_calls: tuple[ToolCall, ...] = ()
    tool_call_id: str | None = None

    @property
    def text(self) -> str:
        """Reasoning, a blank line, content; without the blank line where one of them is empty."""
        if self.reasoning and self.content:
            return f"{self.reasoning}\n\n{self.content}"
        return self.reasoning or self.content
