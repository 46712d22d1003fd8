"""The ids of records: each hashes what was asked, and begins with the id of what it belongs to."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from tracemill.records.canonical import Payload, fingerprint
from tracemill.records.problem import Source


def problem_id(source: Source, domain: str, system: str, prompt: str, tools: Iterable[Payload]) -> str:
    return fingerprint(source.name, source.revision, source.index, domain, system, prompt, list(tools))


def trace_id(problem_id: str, teacher: str, strategy: str, path: str, attempt: int = 0) -> str:
    """The problem is hashed too: else the ends of ids would say which sample a row is of, in every problem alike, and a
    teacher's first sample may be right more often than its others."""
    return f"{problem_id}-{fingerprint(problem_id, teacher, strategy, path, attempt, digits=12)}"


def completion_id(problem_id: str, teacher: str, messages: Any, sampling: Any, call: str, attempt: int = 0) -> str:
    return f"{problem_id}-{fingerprint(teacher, messages, sampling, call, attempt, digits=12)}"


def verdict_id(trace_id: str, verifier: str, version: str, judge: Payload, attempt: int) -> str:
    return f"{trace_id}-{fingerprint(verifier, version, judge, attempt, digits=8)}"


def estimate_id(problem_id: str, model: str, strategy: str) -> str:
    return f"{problem_id}-{fingerprint(model, strategy, digits=12)}"
