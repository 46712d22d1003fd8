"""A folder on S3-compatible object storage. `If-None-Match: *` makes *create if absent* one atomic request.

Endpoint, region and credentials come from the environment, as botocore reads them (`AWS_ENDPOINT_URL`, …). s3fs runs
its event loop in a thread: do not fork a process that holds one of these.
"""

from __future__ import annotations

import hashlib
import logging
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

from tracemill.settings.errors import TracemillError, UsageError
from tracemill.store.files import inside, trouble

_T = TypeVar("_T")
_BLOCK = 4 << 20
CHUNK_BYTES = 50 << 20
"""Files of twice this are uploaded in parts; the last request then carries the condition."""

_CONFLICT_TRIES = 5
log = logging.getLogger(__name__)


class RemoteFiles:
    root: Path | None = None

    def __init__(self, url: str) -> None:
        try:
            from s3fs import S3FileSystem
        except ImportError as exc:
            raise UsageError(f"{url} needs s3fs; install tracemill[s3], or build in a local folder") from exc
        self._bucket, _, self._prefix = url.removeprefix("s3://").rstrip("/").partition("/")
        self.url = url.rstrip("/")
        if not self._bucket:
            raise UsageError(f"{url!r} names no bucket; write s3://bucket/prefix")
        # A cached listing would hide what another run has written.
        self._fs = S3FileSystem(use_listings_cache=False, skip_instance_cache=True)

    def _key(self, path: str) -> str:
        return f"{self._prefix}/{inside(path)}" if self._prefix else inside(path)

    def _full(self, path: str) -> str:
        return f"{self._bucket}/{self._key(path)}"

    def create(self, path: str, data: bytes) -> bool:
        where = self._full(path)
        for attempt in range(_CONFLICT_TRIES):
            try:
                self._reach(lambda: self._fs.pipe_file(where, data, chunksize=CHUNK_BYTES, mode="create"))
                return True
            except OSError as exc:
                code = _code(exc)
                if isinstance(exc, FileExistsError) or code in ("PreconditionFailed", "412"):
                    return self._is_ours(path, data)
                if code not in ("ConditionalRequestConflict", "409"):
                    raise trouble("write", f"s3://{where}", exc) from exc
                time.sleep(0.1 * 2**attempt)
        raise TracemillError(
            f"cannot write s3://{where}: others keep writing it; see that only one run uses this build"
        )

    def _is_ours(self, path: str, data: bytes) -> bool:
        """Whether the file that is there holds the same bytes: made by a request whose reply was lost."""
        try:
            return self.size(path) == len(data) and self.read(path) == data
        except FileNotFoundError:
            return False

    def replace(self, path: str, data: bytes) -> None:
        self._do("write", path, lambda where: self._fs.pipe_file(where, data))

    def read(self, path: str) -> bytes:
        return self._do("read", path, lambda where: bytes(self._fs.cat_file(where)))

    def exists(self, path: str) -> bool:
        try:
            self.size(path)
        except FileNotFoundError:
            return False
        return True

    def size(self, path: str) -> int:
        key = self._key(path)
        head = self._do("read", path, lambda _: self._fs.call_s3("head_object", Bucket=self._bucket, Key=key))
        return int(head["ContentLength"])

    def list(self, prefix: str = "") -> list[str]:
        base = f"{self._prefix}/" if self._prefix else ""
        found: list[str] = []
        token: dict[str, str] = {}
        while True:
            page = self._ask("list_objects_v2", Prefix=base + prefix, **token)
            found += [entry["Key"][len(base) :] for entry in page.get("Contents", ())]
            if not page.get("IsTruncated"):
                return sorted(found)
            token = {"ContinuationToken": page["NextContinuationToken"]}

    def first(self) -> str | None:
        base = f"{self._prefix}/" if self._prefix else ""
        page = self._ask("list_objects_v2", Prefix=base, MaxKeys=1)
        return next((str(entry["Key"])[len(base) :] for entry in page.get("Contents", ())), None)

    def _ask(self, method: str, **parameters: Any) -> Any:
        try:
            return self._reach(lambda: self._fs.call_s3(method, Bucket=self._bucket, **parameters))
        except OSError as exc:
            fix = " (does the bucket exist?)" if isinstance(exc, FileNotFoundError) else ""
            raise trouble(f"use{fix}", self.url, exc) from exc

    def delete(self, path: str) -> None:
        self._ask("delete_object", Key=self._key(path))

    def open_input(self, path: str) -> Any:
        import pyarrow as pa

        file = self._do(
            "read", path, lambda where: self._fs.open(where, "rb", block_size=_BLOCK, cache_type="readahead")
        )
        return pa.PythonFile(file, mode="r")

    def sha256(self, path: str) -> str:
        digest = hashlib.sha256()
        with self._do("read", path, lambda where: self._fs.open(where, "rb", block_size=_BLOCK)) as file:
            while block := file.read(_BLOCK):
                digest.update(block)
        return digest.hexdigest()

    def _do(self, action: str, path: str, act: Callable[[str], _T]) -> _T:
        where = self._full(path)
        try:
            return self._reach(lambda: act(where))
        except FileNotFoundError:
            raise
        except OSError as exc:
            raise trouble(action, f"s3://{where}", exc) from exc

    def _reach(self, act: Callable[[], _T]) -> _T:
        """Raises: TracemillError where no request came through; the service's own refusals are OSErrors."""
        from botocore.exceptions import BotoCoreError

        try:
            return act()
        except BotoCoreError as exc:
            raise TracemillError(
                f"cannot reach {self.url}: {exc}; check AWS_ENDPOINT_URL, the credentials and the network, then run "
                "the same command again: finished rows are kept"
            ) from exc

    def sweep(self) -> int:
        """Abort the multipart uploads that dead writers left: they are invisible, and cost money for ever."""
        base = f"{self._prefix}/" if self._prefix else ""
        uploads = self._ask("list_multipart_uploads", Prefix=base).get("Uploads", ())
        for upload in uploads:
            self._ask("abort_multipart_upload", Key=upload["Key"], UploadId=upload["UploadId"])
        return len(uploads)

    @contextmanager
    def scratch(self) -> Iterator[Path]:
        with tempfile.TemporaryDirectory(prefix="tracemill-") as folder:
            try:
                yield Path(folder)
            except OSError as exc:
                raise trouble("write", folder, exc) from exc


def _code(exc: OSError) -> str:
    """The service's own error code, which s3fs keeps in the cause."""
    response = getattr(exc.__cause__, "response", None) or {}
    return str(response.get("Error", {}).get("Code", ""))
