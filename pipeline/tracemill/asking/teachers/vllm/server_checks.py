"""What the pages of a vLLM server say of it: whether it is there, moves, and can do what it will be asked."""

from __future__ import annotations

import re
import time
from collections.abc import Mapping
from typing import Any, NamedTuple

import aiohttp

METRICS_SECONDS = 60.0
_MARK = "zebra crossing"
"""A thought that no template has words of."""
_TALK = (
    {"role": "user", "content": "One?"},
    {"role": "assistant", "content": "Two.", "reasoning": _MARK, "reasoning_content": _MARK},
    {"role": "user", "content": "Three?"},
)
_SAMPLE = re.compile(r"^vllm:([a-z_]+)(?:\{[^}]*\})? ([0-9.eE+-]+)", re.MULTILINE)
_MOVES = ("prompt_tokens_total", "generation_tokens_total", "iteration_tokens_total_count")
"""Counters of vLLM that grow while it computes."""
_BUSY = ("num_requests_running", "num_requests_waiting")


class ServerFinding(NamedTuple):
    """`wrong`: why the model cannot be asked. `notices`: what the user should know of it."""

    wrong: str = ""
    notices: tuple[str, ...] = ()


class ServerPages:
    """A server's pages, and when it last moved."""

    def __init__(self, root: str, key: str) -> None:
        self.root = root
        self._session = aiohttp.ClientSession(
            headers={"Authorization": f"Bearer {key}"}, timeout=aiohttp.ClientTimeout(total=METRICS_SECONDS)
        )
        self._seen: tuple[float, ...] | None = None
        self._moved: float | None = None

    async def healthy(self, seconds: float) -> bool:
        try:
            timeout = aiohttp.ClientTimeout(total=seconds)
            async with self._session.get(f"{self.root}/health", timeout=timeout) as response:
                return response.status == 200
        except (aiohttp.ClientError, TimeoutError, OSError):
            return False

    async def check(self, model: str, longest: int | None) -> ServerFinding | None:
        """Whether the model's context has room for the longest reply, and what its chat template does. None where the
        connection broke: the server may be about to end. It takes as long as it takes, for the first text that is cut
        into tokens loads what that needs.

        An old server that has no `/tokenize` is believed to have a good template.
        """
        try:
            return await self._found(model, longest)
        except (aiohttp.ClientError, OSError):
            return None

    async def _found(self, model: str, longest: int | None) -> ServerFinding:
        _, listed = await self._json("GET", "/v1/models")
        context = next((one.get("max_model_len") for one in listed.get("data", ()) if one.get("id") == model), None)
        if context and longest and longest >= context:
            return ServerFinding(
                f"sampling.max_tokens={longest}, and the model's context has room for {context} tokens, prompt "
                f"included; set it lower, or engine.max_model_len higher"
            )
        status, talk = await self._json("POST", "/tokenize", {"model": model, "messages": _TALK})
        if status == 404:
            return ServerFinding()
        if status != 200:
            return ServerFinding(_refused_talk(talk))
        return ServerFinding(notices=await self._told_template(model, talk.get("tokens", ())))

    async def _told_template(self, model: str, tokens: Any) -> tuple[str, ...]:
        status, text = await self._json("POST", "/detokenize", {"model": model, "tokens": list(tokens)})
        if status != 200 or _MARK in str(text.get("prompt")):
            return ()
        return (
            f"the chat template of {model} drops the reasoning of earlier turns: in a talk of several turns the model "
            "does not see what it thought before (engine.chat_template names another template)",
        )

    async def stuck(self, seconds: float) -> str:
        """Why it counts as stuck, where it does: requests are there and for so long no token was made."""
        now = time.monotonic()
        since = now if self._moved is None else self._moved
        values = await self.metrics()
        if values is not None:
            moved = tuple(values.get(name, 0.0) for name in _MOVES)
            if moved != self._seen or not sum(values.get(name, 0.0) for name in _BUSY):
                self._seen, since = moved, now
        self._moved = since
        if now - since < seconds:
            return ""
        what = "answered nothing" if values is None else "made no token for the requests that it has"
        return f"it {what} for {now - since:.0f} seconds (progress_seconds={seconds:g})"

    async def metrics(self) -> dict[str, float] | None:
        """vLLM's own, summed over its engines; None where the server does not answer."""
        try:
            async with self._session.get(f"{self.root}/metrics") as response:
                return metrics_of(await response.text())
        except (aiohttp.ClientError, TimeoutError, OSError):
            return None

    async def _json(self, method: str, path: str, body: Any = None) -> tuple[int, dict[str, Any]]:
        unbounded = aiohttp.ClientTimeout(total=None)
        async with self._session.request(method, self.root + path, json=body, timeout=unbounded) as response:
            try:
                answer = await response.json(content_type=None)
            except ValueError:
                answer = None
            return response.status, answer if isinstance(answer, dict) else {}

    async def close(self) -> None:
        await self._session.close()


def _refused_talk(answer: Mapping[str, Any]) -> str:
    error = answer.get("error", answer)
    text = str(error.get("message", error) if isinstance(error, Mapping) else error)[:500]
    if "chat template" in text.lower():
        return (
            f"the model's tokenizer has no chat template ({text}); name one as engine.chat_template (a path that every "
            "node has), or take a model that was trained to chat"
        )
    return f"the model cannot be given a talk of two turns: {text}"


def metrics_of(text: str) -> dict[str, float]:
    """vLLM's own metrics, summed over its engines."""
    found: dict[str, float] = {}
    for name, value in _SAMPLE.findall(text):
        found[name] = found.get(name, 0.0) + float(value)
    return found
