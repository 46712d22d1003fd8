"""Which kind of folder a URL means."""

from __future__ import annotations

from pathlib import Path

from tracemill.settings.errors import UsageError
from tracemill.settings.object_services import SERVICES
from tracemill.store.files import Files
from tracemill.store.local_disk import LocalFiles
from tracemill.store.object_storage import RemoteFiles


def open_files(url: str) -> Files:
    """The folder at a plain path, or on object storage: `s3://bucket/prefix`, `gs://…`, `az://container/prefix`.

    Raises:
        UsageError: no name; another scheme; a key in the address, which is not repeated; or object storage that cannot
            be reached, has no such bucket, or refuses the keys.
    """
    if not url.strip() or "\0" in url:
        raise UsageError(f"{url!r} names no folder for a build; write a path such as builds/mine")
    if "://" not in url:
        return LocalFiles(Path(url))
    scheme, _, rest = url.partition("://")
    # A bucket's name has neither; a secret may hold a slash.
    if set(":@") & set(rest.partition("/")[0]):
        raise UsageError(
            f"the address {scheme}://… holds a user or a key before the bucket, which would stand in logs; leave it "
            "out and set it in the environment (README, Object storage)"
        )
    if scheme not in SERVICES:
        known = ", ".join(f"{scheme}://bucket/prefix" for scheme in SERVICES)
        raise UsageError(f"cannot keep a build at {url!r}; give a plain path or one of {known}")
    files = RemoteFiles(url)
    files.knock()
    return files
