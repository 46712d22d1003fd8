"""One writer at a time.

A run claims a build by creating `runs/<epoch>.json`, the next number, exclusively. On local disk it also holds a kernel
lock, which ends with the process. On object storage it renews `runs/<epoch>.lease`, and whoever wants the build watches
that lease for a while: changed, the holder lives; unchanged, it is taken over with the next epoch. Clocks of two
machines are never compared. Whoever finds a higher epoch has lost the build and stops writing.
"""

from __future__ import annotations

import fcntl
import logging
import os
import re
import secrets
import socket
import threading
import time
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from tracemill.settings.errors import LostClaimError, TracemillError, UsageError
from tracemill.store.files import Files, trouble
from tracemill.store.sealed import BrokenSealError, OtherFormatError, keep_aside, read_sealed, seal, unseal

log = logging.getLogger(__name__)
_RUN = re.compile(r"runs/(\d{6,})\.json")
_LOCK = "runs/lock"
"""Locally the file of the kernel lock; on object storage what shows that no file is created twice."""
_RENEWALS = 5
"""Renewals per `lease_seconds`: a watcher must miss all of them to take a living holder for dead."""

_held: set[int] = set()


def _leave_locks_to_the_parent() -> None:
    """A forked child would keep the lock after its parent's death."""
    for descriptor in _held:
        os.close(descriptor)
    _held.clear()


os.register_at_fork(after_in_child=_leave_locks_to_the_parent)


def run_path(epoch: int) -> str:
    return f"runs/{epoch:06}.json"


def _lease_path(epoch: int) -> str:
    return f"runs/{epoch:06}.lease"


def _released_path(epoch: int) -> str:
    return f"runs/{epoch:06}.released"


class WriterClaim:
    """A held claim. `check` and `release` may be called from any thread."""

    made: Sequence[Path] = ()
    """Local folders that were not there before, outermost first."""

    def __init__(self, files: Files, epoch: int, record: Mapping[str, Any]) -> None:
        self.files, self.epoch = files, epoch
        self.record = record
        self._lost = False

    def check(self) -> None:
        """Raises: LostClaimError if a later run holds the build."""
        self._lost = self._lost or self.files.exists(run_path(self.epoch + 1))
        if self._lost:
            raise LostClaimError(
                f"{self.files.url} was taken over by a later run (this one is run {self.epoch}); this run has stopped "
                "writing, and the rows it finished before are kept"
            )

    def release(self) -> None:
        """Let the next run in at once. A claim that is lost is left as it is."""
        self._lost = self._lost or self.files.exists(run_path(self.epoch + 1))
        if not self._lost:
            self.files.create(_released_path(self.epoch), seal({"epoch": self.epoch, "released": _now()}))

    def withdraw(self) -> None:
        """As `release`, for a run that failed. On local disk the first run of a build that kept nothing leaves nothing,
        nor a folder that was not there."""
        self.release()


def _remove_empty(root: Path, paths: Iterable[str], made: Sequence[Path]) -> None:
    """Removes these files, and the folders within `root` and those that were `made`, if they are empty."""
    for path in paths:
        (root / path).unlink(missing_ok=True)
    within = [Path(base) for base, _, _ in os.walk(root, topdown=False)]
    for folder in [*(one for one in within if one != root), *reversed(made)]:
        # One that is not empty belongs to somebody else.
        with suppress(OSError):
            folder.rmdir()


class _LockedClaim(WriterClaim):
    def __init__(
        self, files: Files, epoch: int, record: Mapping[str, Any], descriptor: int, made: Sequence[Path]
    ) -> None:
        super().__init__(files, epoch, record)
        self._descriptor = descriptor
        self.made = made

    def release(self) -> None:
        try:
            super().release()
        finally:
            _unlock(self._descriptor)

    def withdraw(self) -> None:
        """See `WriterClaim.withdraw`. The lock goes last, so that nobody else is let in before all is gone."""
        assert self.files.root is not None
        ours = (run_path(self.epoch), _LOCK)
        if self.epoch > 1 or not set(self.files.list()) <= set(ours):
            self.release()
            return
        try:
            _remove_empty(self.files.root, ours, self.made)
        finally:
            _unlock(self._descriptor)


class _LeasedClaim(WriterClaim):
    def __init__(self, files: Files, epoch: int, record: Mapping[str, Any], seconds: float) -> None:
        super().__init__(files, epoch, record)
        self._seconds = seconds
        self._nonce = secrets.token_hex(8)
        self._looked = time.monotonic()
        self._stop = threading.Event()
        self._renew(0)
        self._thread = threading.Thread(target=self._keep, name=f"lease-{epoch}", daemon=True)
        self._thread.start()

    def _renew(self, count: int) -> None:
        body = {"epoch": self.epoch, "count": count, "nonce": self._nonce}
        self.files.replace(_lease_path(self.epoch), seal(body))

    def _keep(self) -> None:
        count = 0
        while not self._stop.wait(self._seconds / _RENEWALS):
            count += 1
            try:
                self._renew(count)
                self._look()
            except Exception as exc:  # noqa: BLE001  the thread's boundary: without it a living run loses its claim
                log.warning("run %d cannot renew its lease on %s: %s", self.epoch, self.files.url, exc)
            if self._lost:
                return

    def _look(self) -> None:
        began = time.monotonic()
        self._lost = self._lost or self.files.exists(run_path(self.epoch + 1))
        self._looked = began

    def check(self) -> None:
        """One request per half lease at most: the thread looks too."""
        if self._lost or time.monotonic() - self._looked > self._seconds / 2:
            began = time.monotonic()
            super().check()
            self._looked = began

    def release(self) -> None:
        self._stop.set()
        self._thread.join()
        super().release()


def take(files: Files, info: Mapping[str, Any], lease_seconds: float) -> WriterClaim:
    """See `Store.claim`."""
    refuse_foreign(files)
    if files.root is None:
        return _take_lease(files, info, lease_seconds)
    made = _missing(files.root)
    descriptor = None
    try:
        descriptor = _lock(files.root)
        epoch = _last(files) + 1
        return _LockedClaim(files, epoch, _enter(files, epoch, info, lease_seconds), descriptor, made)
    except BaseException:
        if descriptor is not None:
            if made and not _last(files):
                (files.root / _LOCK).unlink(missing_ok=True)
            _unlock(descriptor)
        _remove_empty(files.root, (), made)
        raise


def _missing(root: Path) -> list[Path]:
    """The folders of a build that are not there yet, outermost first."""
    return [level for level in (*reversed(root.parents), root) if not level.exists()]


def refuse_foreign(files: Files) -> None:
    """Raises: UsageError for a folder that has files and is no build or a build of another format."""
    if last := _last(files):
        read_run(files, last)
    if last or files.exists(_LOCK):
        return
    there = files.first()
    if there is not None:
        raise UsageError(
            f"{files.url} is not a tracemill build and is not empty (it has {there}); "
            "nothing was written; give --out a new or empty folder"
        )


def epochs(files: Files) -> list[int]:
    return sorted(int(match[1]) for path in files.list("runs/") if (match := _RUN.fullmatch(path)))


def _last(files: Files) -> int:
    return (epochs(files) or [0])[-1]


def _enter(files: Files, epoch: int, info: Mapping[str, Any], lease_seconds: float) -> dict[str, Any]:
    """Create the run's record.

    Raises:
        UsageError: somebody else did so at the same moment.
    """
    record = {
        "epoch": epoch,
        **_holder(),
        # Two claimants never write the same bytes.
        "nonce": secrets.token_hex(8),
        "lease_seconds": lease_seconds,
        "info": dict(info),
    }
    if not files.create(run_path(epoch), seal(record)):
        raise UsageError(f"another run claimed {files.url} at the same moment; wait for it to end")
    return record


def _holder() -> dict[str, Any]:
    return {"pid": os.getpid(), "host": socket.gethostname(), "started": _now()}


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")


def read_run(files: Files, epoch: int) -> dict[str, Any] | None:
    """A run's record, or None if it is damaged. Raises: OtherFormatError."""
    try:
        return read_sealed(files, run_path(epoch))
    except (BrokenSealError, FileNotFoundError):
        return None


def mend(files: Files, before: int) -> None:
    """Set the record of the run before this one aside if it is damaged. Its number stays taken."""
    path = run_path(before)
    if files.exists(path) and read_run(files, before) is None:
        keep_aside(files, path, "its seal is broken")
        files.replace(path, seal({"epoch": before, "damaged": True}))


def _lock(root: Path) -> int:
    """Raises: UsageError naming the holder."""
    path = root / _LOCK
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o644)
    except OSError as exc:
        raise trouble("lock", str(path), exc) from exc
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as exc:
        holder = os.pread(descriptor, 4096, 0)
        os.close(descriptor)
        raise UsageError(_busy(str(root), _read_holder(holder))) from exc
    except OSError as exc:
        os.close(descriptor)
        raise trouble("lock", str(path), exc) from exc
    if not _is_at(descriptor, path):
        # A run that kept nothing removed its lock between our opening it and locking it: ours would bind nobody.
        os.close(descriptor)
        return _lock(root)
    os.ftruncate(descriptor, 0)
    os.pwrite(descriptor, seal(_holder()), 0)
    _held.add(descriptor)
    return descriptor


def _is_at(descriptor: int, path: Path) -> bool:
    try:
        return os.path.samestat(os.fstat(descriptor), path.stat())
    except FileNotFoundError:
        return False


def _unlock(descriptor: int) -> None:
    if descriptor in _held:
        _held.discard(descriptor)
        os.close(descriptor)


def _read_holder(data: bytes) -> dict[str, Any]:
    """The record in a lock; empty where it is not written yet, or not by this version."""
    try:
        return unseal(data, _LOCK)
    except (BrokenSealError, OtherFormatError):
        return {}


def _busy(url: str, holder: Mapping[str, Any]) -> str:
    """`holder`: its run's record, or empty if that cannot be read."""
    who = "a process that has just started or is of another version"
    if "pid" in holder:
        who = f"process {holder['pid']} on {holder['host']}, since {holder['started']}"
    return f"another run holds {url}: {who}; wait for it to end, stop it, or use another --out"


def _require_exclusive_create(files: Files) -> None:
    """The whole protocol rests on it, and not every service that speaks S3 has it. Leaves a file, so that the next
    claim needs one request for this.

    Raises:
        UsageError: the service lets a second writer create what is there already, or lets nobody write.
    """
    try:
        # The first may be the one that makes the file; nobody may make it twice.
        if not all(files.create(_LOCK, seal({"nonce": secrets.token_hex(8)})) for _ in range(2)):
            return
    except TracemillError as exc:
        raise UsageError(str(exc)) from exc
    raise UsageError(
        f"the service of {files.url} overwrites a file that was to be created only if absent, so that two runs could "
        "write one build without noticing; use a service with conditional writes (If-None-Match), or a local folder"
    )


def _take_lease(files: Files, info: Mapping[str, Any], lease_seconds: float) -> WriterClaim:
    _require_exclusive_create(files)
    last = _last(files)
    if last and not files.exists(_released_path(last)):
        _watch(files, last, lease_seconds)
    return _LeasedClaim(files, last + 1, _enter(files, last + 1, info, lease_seconds), lease_seconds)


def _watch(files: Files, epoch: int, seconds: float) -> None:
    """Return when the holder is dead or has released.

    Raises:
        UsageError: it lives.
    """
    record = read_run(files, epoch) or {}
    seconds = max(seconds, float(record.get("lease_seconds", 0)))
    log.warning("run %d of %s was not released; watching its lease for %g s", epoch, files.url, seconds)
    seen = _lease(files, epoch)
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        time.sleep(seconds / (2 * _RENEWALS))
        if files.exists(_released_path(epoch)):
            return
        if _lease(files, epoch) != seen or files.exists(run_path(epoch + 1)):
            raise UsageError(_busy(files.url, record))


def _lease(files: Files, epoch: int) -> bytes:
    try:
        return files.read(_lease_path(epoch))
    except FileNotFoundError:
        return b""
