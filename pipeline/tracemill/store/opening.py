"""Which kind of folder a URL means."""

from __future__ import annotations

from pathlib import Path

from tracemill.settings.errors import UsageError
from tracemill.store.files import Files


def open_files(url: str) -> Files:
    """The folder at a plain path or `s3://bucket/prefix` (endpoint and credentials from the environment).

    Raises:
        UsageError: a scheme that is not supported, or s3fs is not installed.
    """
    if url.startswith("s3://"):
        from tracemill.store.object_storage import RemoteFiles

        return RemoteFiles(url)
    if "://" in url:
        raise UsageError(f"cannot keep a build at {url!r}; a plain path and s3://bucket/prefix are supported")
    from tracemill.store.local_disk import LocalFiles

    return LocalFiles(Path(url))
