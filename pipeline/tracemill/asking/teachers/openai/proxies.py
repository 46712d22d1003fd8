"""The proxy through which an address is reached."""

from __future__ import annotations

import urllib.request
from typing import Any

import aiohttp
from yarl import URL

from tracemill.settings.errors import UsageError

_HERE = frozenset({"localhost", "127.0.0.1", "::1"})


def proxy_for(url: str) -> dict[str, Any]:
    """What a request to an address gets besides, for the proxy that the environment names (HTTPS_PROXY, NO_PROXY, …);
    empty for this machine's own. User and password are apart from the proxy's address, which errors show.

    Raises:
        UsageError: what the environment names is no address.
    """
    host = URL(url).host or ""
    if host in _HERE or urllib.request.proxy_bypass(host):
        return {}
    scheme = URL(url).scheme
    named = urllib.request.getproxies().get(scheme)
    if not named:
        return {}
    try:
        proxy = URL(named if "://" in named else f"http://{named}")
        if not proxy.host:
            raise ValueError("no host")
    except ValueError:
        # From nothing: the reason holds the password.
        raise UsageError(
            f"the environment variable {scheme}_proxy holds no address; write it as in http://host:3128"
        ) from None
    if proxy.user is None:
        return {"proxy": proxy}
    # `proxy_headers` are for the tunnel to an HTTPS address alone.
    headers = "proxy_headers" if scheme == "https" else "headers"
    shown = aiohttp.encode_basic_auth(proxy.user, proxy.password or "")
    return {"proxy": proxy.with_user(None), headers: {"Proxy-Authorization": shown}}
