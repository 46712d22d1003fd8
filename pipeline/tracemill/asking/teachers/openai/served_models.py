"""Which models an OpenAI-compatible server has."""

from __future__ import annotations

import asyncio
import os
from typing import Any

import aiohttp

from tracemill.asking.teachers.openai.proxies import proxy_for
from tracemill.asking.teachers.openai.refusals import shown_url
from tracemill.settings.errors import UsageError

SECONDS = 30


def served_model(url: str, api_key_env: str | None = None) -> str:
    """The name of the one model that is served.

    Raises:
        UsageError: the server cannot be asked, or has none or several.
    """
    try:
        answer = asyncio.run(_listed(f"{url.rstrip('/')}/models", api_key_env))
        names = sorted(str(one["id"]) for one in answer["data"])
    except (aiohttp.ClientError, TimeoutError, OSError, ValueError, KeyError, TypeError, RecursionError) as exc:
        said = str(exc) or type(exc).__name__
        raise UsageError(
            f"{shown_url(url)} does not say which models it has ({said}); is it the address to which /chat/completions "
            "is added, such as http://localhost:8000/v1? Name the model where a server lists none"
        ) from exc
    if len(names) != 1:
        raise UsageError(f"{shown_url(url)} has {len(names)} models; name one of: {', '.join(names[:20]) or 'none'}")
    return names[0]


async def _listed(url: str, api_key_env: str | None) -> Any:
    key = os.environ.get(api_key_env, "").strip() if api_key_env else ""
    headers = {"Authorization": f"Bearer {key}"} if key else {}
    timeout = aiohttp.ClientTimeout(total=SECONDS)
    async with (
        aiohttp.ClientSession(headers=headers, timeout=timeout) as session,
        session.get(url, allow_redirects=False, **proxy_for(url)) as response,
    ):
        if response.status != 200:
            raise ValueError(f"status {response.status}")
        return await response.json(content_type=None)
