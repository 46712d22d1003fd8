"""Whether a model can be asked at all, found out with one tiny request to each endpoint before any problem is spent."""

from __future__ import annotations

import difflib
import json
from collections.abc import Mapping
from pathlib import PurePosixPath
from typing import Any

import aiohttp

from tracemill.asking.effort import Rendering, rendering
from tracemill.asking.teachers.openai.bad_reply import BadReplyError, ServerTroubleError
from tracemill.asking.teachers.openai.chat_client import ChatClient
from tracemill.asking.teachers.openai.chat_config import ChatConfig
from tracemill.asking.teachers.openai.endpoints import Endpoint
from tracemill.asking.teachers.openai.refusals import shown_url
from tracemill.asking.teachers.openai.request_body import sent_body
from tracemill.settings.errors import UnusableTeacherError, UsageError

QUESTION = ({"role": "user", "content": "Say OK."},)
TOKENS = 16
"""Of the tiny reply: the fewest that OpenAI's API takes."""
LISTED = 12
_LISTING = aiohttp.ClientTimeout(total=30)
_ENOUGH = ("could not finish the message", "max_tokens or model output limit")
"""What OpenAI's API says where a reply had no room for its thought: it was asked, and would have answered."""


async def check_endpoints(client: ChatClient, config: ChatConfig) -> None:
    """Raises: UsageError: an endpoint that is not there, refuses the key, does not know the model or refuses the
    request; whose context is too short; or that says it is another model than the others do."""
    said: dict[str, str] = {}
    for endpoint in client.endpoints.all:
        models = await _models(client, endpoint)
        _refuse_short_context(config, models, endpoint)
        name = await _ask_something(client, config, endpoint, models)
        if name:
            said[shown_url(endpoint.url)] = name
    _refuse_several_models(said)


def _refuse_several_models(said: Mapping[str, str]) -> None:
    """`said`: by address, what its server calls the model. `org/model` and `/models/model.gguf` are one, so is a name
    with more behind it, such as a date."""
    names = {url: PurePosixPath(name.casefold()).name.removesuffix(".gguf") for url, name in said.items()}
    shortest = min(names.values(), key=len, default="")
    if not all(name.startswith(shortest) for name in names.values()):
        raise UsageError(
            "one teacher is one model, and its endpoints say they are several: "
            + ", ".join(f"{url} {name!r}" for url, name in said.items())
            + "; take the others out of `teacher.urls`"
        )


async def _ask_something(
    client: ChatClient, config: ChatConfig, endpoint: Endpoint, models: Mapping[str, Any]
) -> str | None:
    """What the server calls the model that answers, where it says so."""
    told = rendering(config.known_family, config.model, config.effort) if config.effort else Rendering()
    most = min(TOKENS, config.sampling.max_tokens or TOKENS)
    body = sent_body(config, QUESTION, {"max_tokens": most}, told, seed=0)
    try:
        return (await client.request(endpoint, json.dumps(body).encode())).received.model
    except UnusableTeacherError as exc:
        raise UsageError(f"{exc}{_nearest(config.model, models)}") from None
    except BadReplyError as exc:
        if not any(said in str(exc).lower() for said in _ENOUGH):
            raise UsageError(f"a first tiny request failed: {exc}{_nearest(config.model, models)}") from None
    except ServerTroubleError as exc:
        if not exc.busy:
            where = shown_url(endpoint.url)
            raise UsageError(
                f"no model answers at {where}: {exc}; start the server, or correct `teacher.urls`"
            ) from None
    return None


async def _models(client: ChatClient, endpoint: Endpoint) -> dict[str, Any]:
    """By name, the models that a server lists; none where it has no such page."""
    try:
        async with client.session().get(
            f"{endpoint.url}/models", allow_redirects=False, timeout=_LISTING, **client.proxy_of(endpoint)
        ) as response:
            listed = await response.json() if response.status == 200 else {}
        return {str(one["id"]): one for one in listed["data"]}
    except (aiohttp.ClientError, OSError, ValueError, TypeError, KeyError, RecursionError):
        return {}


def _refuse_short_context(config: ChatConfig, models: Mapping[str, Any], endpoint: Endpoint) -> None:
    length = models.get(config.model, {}).get("max_model_len")
    most = config.sampling.max_tokens
    if isinstance(length, int) and most is not None and most >= length:
        raise UsageError(
            f"{config.model!r} at {shown_url(endpoint.url)} has a context of {length:,} tokens, prompt included, and "
            f"`teacher.sampling.max_tokens` asks for {most:,}; lower it, or start the server with a longer context"
        )


def _nearest(model: str, models: Mapping[str, Any]) -> str:
    if not models or model in models:
        return ""
    near = difflib.get_close_matches(model, models, n=1, cutoff=0.3)
    hint = f"; did you mean {near[0]!r}?" if near else ""
    more = ", …" if len(models) > LISTED else ""
    return f"; the server lists {', '.join(sorted(models)[:LISTED])}{more}{hint}"
