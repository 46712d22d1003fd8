"""Lets `huggingface_hub` and `datasets`, in this process or in another one, ask a stand-in Hub."""

from __future__ import annotations

import os
from pathlib import Path
from types import SimpleNamespace

import pytest
from hub.server import TOKEN, HubServer


def environment_of(hub: HubServer, home: Path, token: str | None = TOKEN) -> dict[str, str]:
    """For another process: its endpoint, a home of its own, a token, no Xet."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("HF_", "HUGGING_FACE"))}
    return {
        **kept,
        "HF_ENDPOINT": hub.endpoint,
        "HF_HOME": str(home),
        "HF_HUB_DISABLE_XET": "1",
        "HF_HUB_DISABLE_TELEMETRY": "1",
        "HF_HUB_DISABLE_PROGRESS_BARS": "1",
        "NO_PROXY": "127.0.0.1",
        "no_proxy": "127.0.0.1",
        **({"HF_TOKEN": token} if token else {}),
    }


def ask(hub: HubServer, patch: pytest.MonkeyPatch, home: Path, token: str | None = TOKEN) -> None:
    """`huggingface_hub` in this process, until the test ends. It reads its environment when it is imported, so its
    constants are set. `datasets` in this process needs `ask_datasets` too."""
    from huggingface_hub import close_session, constants

    wanted = environment_of(hub, home, token)
    for name in ("HF_TOKEN", "HUGGING_FACE_HUB_TOKEN", "HF_HUB_OFFLINE"):
        patch.delenv(name, raising=False)
    for name in ("HF_HUB_DISABLE_XET", "NO_PROXY", "no_proxy", "HF_TOKEN"):
        if name in wanted:
            patch.setenv(name, wanted[name])
    patch.setattr(constants, "ENDPOINT", hub.endpoint)
    template = f"{hub.endpoint}/{{repo_id}}/resolve/{{revision}}/{{filename}}"
    patch.setattr(constants, "HUGGINGFACE_CO_URL_TEMPLATE", template)
    patch.setattr(constants, "HF_HUB_DISABLE_XET", True)
    patch.setattr(constants, "HF_HUB_OFFLINE", False)
    patch.setattr(constants, "HF_HUB_CACHE", str(home / "hub"))
    patch.setattr(constants, "HF_TOKEN_PATH", str(home / "token"))
    close_session()


def ask_datasets(hub: HubServer, patch: pytest.MonkeyPatch) -> None:
    import datasets.config

    patch.setattr(datasets.config, "HF_ENDPOINT", hub.endpoint)
    patch.setattr(datasets.config, "HF_HUB_OFFLINE", False)
    # Its address is made out of the endpoint's host, which is an address here.
    patch.setattr(datasets.config, "USE_PARQUET_EXPORT", False)


def record_waits(patch: pytest.MonkeyPatch) -> list[float]:
    """What the client, and what we, would have waited for; nothing waits until the test ends."""
    import huggingface_hub.utils._http as client
    import tracemill.publishing.hub.hub_session as ours

    waits: list[float] = []
    clock = SimpleNamespace(sleep=waits.append)
    patch.setattr(client, "time", clock)
    patch.setattr(ours, "time", clock)
    return waits
