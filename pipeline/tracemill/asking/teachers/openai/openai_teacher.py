"""The teacher that is a model behind one or many OpenAI-compatible URLs."""

from __future__ import annotations

import os
from dataclasses import replace
from functools import partial
from typing import Annotated, Any, ClassVar, Literal

from pydantic import Field, field_validator

from tracemill.asking.effort import Rendering, number_in
from tracemill.asking.teachers.openai.chat_client import ChatClient
from tracemill.asking.teachers.openai.chat_config import UNKEYED, ChatConfig
from tracemill.asking.teachers.openai.chat_reply import reply_of
from tracemill.asking.teachers.openai.request_body import effort_of, rendering_of, request_body
from tracemill.asking.teachers.openai.thought_control import answered_in_turns
from tracemill.asking.teachers.teacher import Call, Reply
from tracemill.records import Problem, fingerprint

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
        return given


class ChatTeacher:
    """A chat model at some URLs: what teachers share that reach a model over HTTP."""

    embedded: ClassVar[bool] = False
    unkeyed: ClassVar[frozenset[str]] = UNKEYED

    def __init__(self, config: ChatConfig, urls: tuple[str, ...], key: str | None = None) -> None:
        self.config = config
        self.client = ChatClient(urls, key, config.deadline_seconds, config.retries)

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
        body = request_body(self.config, call, told, streamed=self.config.stream is not False)
        exchange = await self.client.ask(body)
        metadata: dict[str, Any] = {
            "retries": exchange.retries,
            "endpoint": exchange.endpoint,
            "first_token_seconds": exchange.first_token_seconds,
        }
        return reply_of(exchange.received, call.sampling.get("prefix", ""), exchange.seconds, metadata)

    async def close(self) -> None:
        await self.client.close()


class OpenAITeacher(ChatTeacher):
    Config = OpenAIConfig
    unkeyed = UNKEYED | {"urls", "api_key_env"}

    def __init__(self, config: OpenAIConfig) -> None:
        super().__init__(config, config.urls, key_of(config))


def key_of(config: OpenAIConfig) -> str | None:
    """The key that a config names, if this process has it."""
    return os.environ.get(config.api_key_env, "").strip() or None if config.api_key_env else None
