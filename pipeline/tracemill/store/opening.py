"""Which kind of folder a URL means."""

from __future__ import annotations

from pathlib import Path

from tracemill.settings.errors import UsageError
from tracemill.store.files import Files
from tracemill.store.local_disk import LocalFiles
from tracemill.store.object_storage import SERVICES, RemoteFiles


def open_files(url: str) -> Files:
    """The folder at a plain path, or on object storage: `s3://bucket/prefix`, `gs://…`, `az://container/prefix`.

    Raises:
        UsageError: no name; another scheme; or object storage that cannot be reached, has no such bucket, or refuses
            the keys.
    """
    if not url.strip() or "\0" in url:
        raise UsageError(f"{url!r} names no folder for a build; write a path such as builds/mine")
    if "://" not in url:
        return LocalFiles(Path(url))
    if url.partition("://")[0] not in SERVICES:
        known = ", ".join(f"{scheme}://bucket/prefix" for scheme in SERVICES)
        raise UsageError(f"cannot keep a build at {url!r}; give a plain path or one of {known}")
    files = RemoteFiles(url)
    files.knock()
    return files
