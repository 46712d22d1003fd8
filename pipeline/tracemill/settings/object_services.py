"""Services of object storage: what says where they are and who asks, in the environment."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from tracemill.settings.errors import UsageError


@dataclass(frozen=True, slots=True)
class Service:
    """`store`: its class in `obstore.store`. `endpoints`: variables with an address other than the service's own."""

    store: str
    endpoints: tuple[str, ...]
    keys: str
    options: Mapping[str, Any] = field(default_factory=dict)


SERVICES = {
    "s3": Service(
        "S3Store",
        ("AWS_ENDPOINT_URL", "AWS_ENDPOINT_URL_S3", "AWS_ENDPOINT"),
        "AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and AWS_REGION",
        # Some services that speak S3 cannot delete several files in one request.
        {"disable_bulk_delete": True},
    ),
    "gs": Service("GCSStore", ("GOOGLE_BASE_URL",), "GOOGLE_APPLICATION_CREDENTIALS"),
    "az": Service(
        "AzureStore",
        ("AZURE_STORAGE_ENDPOINT", "AZURE_ENDPOINT"),
        "AZURE_STORAGE_ACCOUNT_NAME and AZURE_STORAGE_ACCOUNT_KEY",
    ),
}
"""By the scheme of an address."""


def plain_http(service: Service) -> bool:
    """Whether the environment gives an address without encryption, such as that of a server on loopback.

    Raises:
        UsageError: it gives something that is no address; the client would panic.
    """
    given = {name: value for name in service.endpoints if (value := os.environ.get(name))}
    for name, value in given.items():
        if not re.match(r"https?://[^/\s]", value):
            raise UsageError(f"{name}={value!r} is no address; write https://host or http://host:port")
    return any(value.startswith("http://") for value in given.values())
