"""The teacher that is a model behind one or many OpenAI-compatible URLs."""

from __future__ import annotations

import asyncio
import os
from dataclasses import replace
from functools import partial
from typing import Annotated, ClassVar, Literal

from pydantic import Field, field_validator

from tracemill.asking.effort import Rendering, number_in
from tracemill.asking.teachers.openai.api_key import Key
from tracemill.asking.teachers.openai.bad_reply import BadReplyError
from tracemill.asking.teachers.openai.chat_client import ChatClient, ClientConfig
from tracemill.asking.teachers.openai.chat_config import UNKEYED, ChatConfig
from tracemill.asking.teachers.openai.chat_reply import reply_of
from tracemill.asking.teachers.openai.endpoint_check import check_endpoints
from tracemill.asking.teachers.openai.request_body import effort_of, rendering_of, request_body
from tracemill.asking.teachers.openai.thought_control import answered_in_turns
from tracemill.asking.teachers.teacher import Call, Reply
from tracemill.records import Problem, fingerprint
from tracemill.settings.errors import UnusableTeacherError, UsageError

VERSION = "1"
"""Part of every completion's id: another one asks everything again."""


class OpenAIConfig(ChatConfig):
    """`urls`: of the same model, each to where `/chat/completions` is added. `api_key_env`: the environment variable
    that holds the key; the key itself is in no config, log or row."""

    kind: Literal["openai"]
    urls: Annotated[tuple[str, ...], Field(min_length=1)]
    api_key_env: Annotated[str, Field(pattern=r"^[A-Za-z_][A-Za-z0-9_]*$")] | None = None

    @field_validator("urls")
    @classmethod
    def _addresses(cls, given: tuple[str, ...]) -> tuple[str, ...]:
        for url in given:
            if not url.startswith(("http://", "https://")):
                raise ValueError(f"{url!r} is no URL; write it as in http://localhost:8000/v1")
            if "@" in url or "?" in url or "#" in url:
                raise ValueError("leave user, password and query out; give a key in the environment (api_key_env)")
        return given


class ChatTeacher:
    """A chat model at some URLs: what teachers share that reach a model over HTTP."""

    embedded: ClassVar[bool] = False
    unkeyed: ClassVar[frozenset[str]] = UNKEYED

    def __init__(self, config: ChatConfig, urls: tuple[str, ...], key: Key | None = None) -> None:
        self.config = config
        progress = config.progress_seconds if config.streamed else None
        self.client = ChatClient(
            ClientConfig(urls, key, config.deadline_seconds, progress, config.retries, config.loops)
        )

    @property
    def name(self) -> str:
        return self.config.model

    @property
    def fingerprint(self) -> str:
        depends = self.config.model_dump(exclude={"kind", "urls", "api_key_env", *UNKEYED})
        return fingerprint("chat", VERSION, depends)

    def samples(self, problem: Problem, wanted: int) -> int:
        return wanted

    async def answer(self, call: Call) -> Reply:
        told = rendering_of(self.config, call)
        most = call.sampling.get("max_tokens", self.config.sampling.max_tokens)
        reply = await answered_in_turns(call, told, most, partial(self._ask, told))
        effort = effort_of(self.config, call)
        if effort is None:
            return reply
        budget = {"budget_tokens": number_in(effort)} if effort.startswith("tokens") else {}
        return replace(reply, metadata={**reply.metadata, "effort": effort, **budget})

    async def _ask(self, told: Rendering, call: Call) -> Reply:
        body = request_body(self.config, call, told)
        exchange = await self.client.ask(body)
        most = body.get("max_tokens", body.get("max_completion_tokens"))
        # Where a text is to stop at some words, they may be the first that it has.
        noted = partial(self.client.endpoints.note_reply, exchange.endpoint, now=asyncio.get_running_loop().time())
        try:
            reply = reply_of(
                exchange, call.sampling.get("prefix", ""), most, "stop" in call.sampling, "tools" in call.sampling
            )
        except BadReplyError:
            noted(usable=False)
            raise
        noted(usable=True)
        return reply

    async def close(self) -> None:
        await self.client.close()


class OpenAITeacher(ChatTeacher):
    Config = OpenAIConfig
    unkeyed = UNKEYED | {"urls", "api_key_env"}

    def __init__(self, config: OpenAIConfig) -> None:
        name = config.api_key_env
        secret = os.environ.get(name, "").strip() if name else ""
        super().__init__(config, config.urls, Key(name, secret) if name and secret else None)
        self.missing = name if name and not secret else None

    async def answer(self, call: Call) -> Reply:
        if self.missing:
            raise UnusableTeacherError(missing_key(self.missing))
        return await super().answer(call)

    async def check(self) -> None:
        """Raises: UsageError: the model cannot be asked."""
        if self.missing:
            raise UsageError(missing_key(self.missing))
        await check_endpoints(self.client, self.config)


def missing_key(name: str) -> str:
    return (
        f"the environment variable {name} (teacher.api_key_env) is not set where the teacher is asked; set it to the "
        "key, on a Ray cluster before `ray start` on each node"
    )
