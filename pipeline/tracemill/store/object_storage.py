"""A folder on object storage: S3 and what speaks its protocol, Google Cloud Storage, Azure Blob Storage.

*Create if absent* is one conditional request (`If-None-Match: *`; on Google `x-goog-if-generation-match: 0`), and
every file goes up in one request, so that a writer that dies leaves nothing half-made. Endpoint, region and keys come
from the environment, see `settings.object_services`. obstore works in threads: do not fork a process that holds one of
these.

Not covered: keys in files of the AWS command line (`aws configure export-credentials --format env` prints them as
variables), and services that ignore the condition (`writer_claim` finds them out and refuses).
"""

from __future__ import annotations

import hashlib
import re
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any, TypeVar

from tracemill.settings.errors import TracemillError, UsageError
from tracemill.settings.object_services import SERVICES, plain_http
from tracemill.store.files import inside, trouble

_T = TypeVar("_T")
_BLOCK = 4 << 20
_CONFLICT_TRIES = 5
_CLIENT = {"connect_timeout": timedelta(seconds=5), "timeout": timedelta(seconds=120)}
_RETRIES = {"max_retries": 4, "retry_timeout": timedelta(seconds=120)}
"""An address where nobody answers is given up after half a minute at most."""


_FIXES = (
    (r"NoSuchBucket|ContainerNotFound|bucket does not exist", "make the bucket, or correct its name in the address"),
    (r"AuthorizationHeaderMalformed|PermanentRedirect|configured region", "set AWS_REGION to the bucket's region"),
    (r"NotImplemented", "this service cannot create a file only if it is absent: choose another --out"),
    (r"invalid path", "files lie there whose names no build has: choose another --out"),
    (r"40[13] (Unauthorized|Forbidden)|Missing\w|token request|api/token", "check {keys}, and what they allow"),
    (r"", "check {endpoints} and the network"),
)
"""By the first pattern that occurs in the error's class or text."""


class RemoteFiles:
    """`url`: `s3://bucket/prefix`, `gs://bucket/prefix` or `az://container/prefix`.

    Raises:
        UsageError: no bucket, no obstore, an endpoint that is no address, or half of a pair of keys.
    """

    root: Path | None = None

    def __init__(self, url: str) -> None:
        self.url = url.rstrip("/")
        scheme, _, rest = url.partition("://")
        bucket, _, prefix = rest.rstrip("/").partition("/")
        if not bucket:
            raise UsageError(f"{url!r} names no bucket; write {scheme}://bucket/prefix")
        self._service = SERVICES[scheme]
        try:
            from obstore import exceptions, store
        except ImportError as exc:
            raise UsageError(f"{url} needs obstore; install tracemill[cloud], or build in a local folder") from exc
        self._there_already = exceptions.AlreadyExistsError
        self._failures = (exceptions.BaseError, OSError)
        client = _CLIENT | {"allow_http": plain_http(self._service)}
        try:
            self._store: Any = getattr(store, self._service.store)(
                bucket,
                prefix=inside(prefix) if prefix else None,
                client_options=client,
                retry_config=_RETRIES,
                **self._service.options,
            )
        except self._failures as exc:
            raise UsageError(self._explained("use", self.url, exc)) from exc

    def knock(self) -> None:
        """One request, to find out at once what would stop a run.

        Raises:
            UsageError: nobody answers, there is no such bucket, or the keys do not allow to list it.
        """
        try:
            next(iter(self._store.list()), None)
        except self._failures as exc:
            raise UsageError(self._explained("use", self.url, exc)) from exc

    def create(self, path: str, data: bytes) -> bool:
        for attempt in range(_CONFLICT_TRIES):
            try:
                self._store.put(inside(path), data, mode="create")
                return True
            except self._there_already:
                try:
                    # A request whose reply was lost is sent again, and meets its own file.
                    return self.size(path) == len(data) and self.read(path) == data
                except FileNotFoundError:
                    # Refused, and yet not there: somebody was writing or deleting it at that moment.
                    time.sleep(0.1 * 2**attempt)
            except self._failures as exc:
                raise self._trouble("write", path, exc) from exc
        raise TracemillError(
            f"cannot write {self.url}/{path}: others keep writing it; see that only one run uses this build"
        )

    def replace(self, path: str, data: bytes) -> None:
        try:
            self._store.put(inside(path), data, mode="overwrite", use_multipart=False)
        except self._failures as exc:
            raise self._trouble("write", path, exc) from exc

    def read(self, path: str) -> bytes:
        return self._read_by(path, lambda: bytes(self._store.get(inside(path)).bytes()))

    def exists(self, path: str) -> bool:
        try:
            self.size(path)
        except FileNotFoundError:
            return False
        return True

    def size(self, path: str) -> int:
        return self._read_by(path, lambda: int(self._store.head(inside(path))["size"]))

    def list(self, prefix: str = "") -> list[str]:
        # The service takes whole folders only.
        folder = prefix.rpartition("/")[0]
        try:
            found = [entry["path"] for page in self._store.list(prefix=folder or None) for entry in page]
        except self._failures as exc:
            raise self._trouble("list", prefix, exc) from exc
        # An empty name is the mark that some consoles leave for an empty folder.
        return sorted(path for path in found if path and path.startswith(prefix))

    def first(self) -> str | None:
        try:
            return next((entry["path"] for page in self._store.list() for entry in page if entry["path"]), None)
        except self._failures as exc:
            raise self._trouble("list", "", exc) from exc

    def delete(self, path: str) -> None:
        try:
            self._store.delete(inside(path))
        except FileNotFoundError:
            return
        except self._failures as exc:
            raise self._trouble("delete", path, exc) from exc

    def open_input(self, path: str) -> Any:
        import obstore
        import pyarrow as pa

        file = self._read_by(path, lambda: obstore.open_reader(self._store, inside(path), buffer_size=_BLOCK))
        return pa.PythonFile(_Input(file), mode="r")

    def sha256(self, path: str) -> str:
        def digest() -> str:
            found = hashlib.sha256()
            for block in self._store.get(inside(path)).stream(min_chunk_size=_BLOCK):
                found.update(block)
            return found.hexdigest()

        return self._read_by(path, digest)

    def _read_by(self, path: str, act: Callable[[], _T]) -> _T:
        try:
            return act()
        except FileNotFoundError:
            raise
        except self._failures as exc:
            raise self._trouble("read", path, exc) from exc

    def sweep(self) -> int:
        """Dead writers leave nothing half-made here."""
        return 0

    @contextmanager
    def scratch(self) -> Iterator[Path]:
        with tempfile.TemporaryDirectory(prefix="tracemill-") as folder:
            try:
                yield Path(folder)
            except OSError as exc:
                raise trouble("write", folder, exc) from exc

    def _trouble(self, action: str, path: str, exc: Exception) -> TracemillError:
        where = f"{self.url}/{path}" if path else self.url
        return TracemillError(
            f"{self._explained(action, where, exc)}, then run the same command again: finished rows are kept"
        )

    def _explained(self, action: str, where: str, exc: Exception) -> str:
        """What failed, why, and what to do; without the client's own debugging output."""
        text = str(exc)
        fix = next(fix for pattern, fix in _FIXES if re.search(pattern, f"{type(exc).__name__}: {text}"))
        code, message = (re.search(f"<{tag}>([^<]*)", text) for tag in ("Code", "Message"))
        why = f"{code[1]}: {message[1]}" if code and message else text.partition("\n")[0]
        spoken = fix.format(keys=self._service.keys, endpoints=self._service.endpoints[0])
        return f"cannot {action} {where}: {why}; {spoken}"


class _Input:
    """obstore's file as `pyarrow.PythonFile` wants it: with `closed`."""

    def __init__(self, file: Any) -> None:
        self.read, self.seek, self.tell = file.read, file.seek, file.tell
        self._file = file
        self.closed = False

    def close(self) -> None:
        self._file.close()
        self.closed = True
