"""Asking the `openai` teacher in tests."""

from __future__ import annotations

import asyncio
import json
from typing import Any

from tracemill.asking.teachers.openai.openai_teacher import OpenAIConfig, OpenAITeacher
from tracemill.asking.teachers.teacher import Call
from tracemill.records import Check, Problem, Source

PROBLEM = Problem("p", "g", "a.b.c.d", "What is 6 times 7?", "42", Check("exact"), Source("test", "1", "MIT", 0, 0))


def call(prompt: str = PROBLEM.prompt, **sampling: Any) -> Call:
    return Call(PROBLEM, ({"role": "user", "content": prompt},), sampling, 0, 7)


def configured(*urls: str, **config: Any) -> OpenAIConfig:
    return OpenAIConfig(**{"kind": "openai", "urls": urls, "model": "tiny", **config})


def asked(*urls: str, calls: Any = (), **config: Any) -> list[Any]:
    """What the teacher replies to each of the calls, which are made together; the exception where it raises one."""

    async def ask() -> list[Any]:
        teacher = OpenAITeacher(configured(*urls, **config))
        try:
            return await asyncio.gather(*(teacher.answer(one) for one in calls or (call(),)), return_exceptions=True)
        finally:
            await teacher.close()

    return asyncio.run(ask())


def checked(*urls: str, **config: Any) -> None:
    async def check() -> None:
        teacher = OpenAITeacher(configured(*urls, **config))
        try:
            await teacher.check()
        finally:
            await teacher.close()

    asyncio.run(check())


def event(**delta: Any) -> bytes:
    """A piece of a stream, as it goes over the wire."""
    return f"data: {json.dumps({'choices': [{'index': 0, 'delta': delta, 'finish_reason': None}]})}\n\n".encode()


LAST = b'data: {"choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}]}\n\n'
