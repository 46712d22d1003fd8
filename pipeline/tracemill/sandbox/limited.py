"""A function of ours in a child interpreter with limits on CPU time, memory and files.

For our own code on input that may be hostile: a computer algebra system fed an expression from a model's text can hang
or eat all memory, and neither a thread nor a signal handler stops it reliably. The child is killed instead.

Deadlines are seconds of the child's own CPU time: what else the machine does must not change a verdict. The wall clock
is only the backstop for a child that waits for ever. So a child that used up its CPU time says something of the
request (`Timeout`: the outcome is `unknown`); one that got none, or was killed, says nothing (`Lost`: a new child is
asked once more, and then the outcome is `error`, which the next run tries again).

Not a security sandbox: the child runs as the same user and sees the network and the file system, and a target that
calls `setsid` outlives its process group. Code that a model wrote does not belong here. Verdicts that rest on this
process name their isolation `limited-process` (`ISOLATION`).
"""

from __future__ import annotations

import contextlib
import json
import os
import resource
import select
import shutil
import signal
import struct
import subprocess
import sys
import tempfile
import threading
import time
import weakref
from collections.abc import Callable, Mapping
from importlib import import_module
from pathlib import Path
from typing import Any, NoReturn, Protocol

from tracemill.sandbox.environment import SAME_EVERYWHERE
from tracemill.sandbox.jobs import stalled_after
from tracemill.settings.errors import TroubleError

ISOLATION = "limited-process"
REPLY_BYTES = 16 * 2**20
"""A reply longer than this is a failure of the target."""
START_SECONDS = 60.0
"""For the child to start and import its target; not counted against any call."""

_FROM_OUTSIDE = frozenset({signal.SIGKILL, signal.SIGTERM, signal.SIGINT, signal.SIGHUP})
"""Signals that no child of ours brings upon itself: an operator sent them, or a kernel that is out of memory."""
_FILE_BYTES = 16 * 2**20
_OPEN_FILES = 256
_HEADER = struct.Struct(">I")
_ROOT = str(Path(__file__).resolve().parents[2])
_BOOT = (
    "import json, sys; setup = json.loads(sys.argv[1]); sys.path[:] = setup.pop('path'); "
    "from tracemill.sandbox.limited import serve; serve(**setup)"
)


class Renewable(Protocol):
    """What a forked process must put in order before it goes on."""

    def renew(self) -> None: ...


_starting = threading.RLock()
"""Held while a child is started and while this process forks. A fork in between would copy the ends of the pipes that
are the child's alone, and then nobody would see it end."""
_renewables: weakref.WeakSet[Renewable] = weakref.WeakSet()


def renewed_after_fork(thing: Renewable) -> None:
    """Has `thing.renew()` called in each process that this one forks, before anything else runs there."""
    _renewables.add(thing)


def _renew_all() -> None:
    try:
        for thing in list(_renewables):
            thing.renew()
    finally:
        _starting.release()


os.register_at_fork(before=_starting.acquire, after_in_parent=_starting.release, after_in_child=_renew_all)


class LimitedProcess:
    """Calls `target` ("package.module:function", a JSON object in, a JSON object out) in a child that persists.

    `seconds`: CPU time that one call may take, a multiple of some 4 ms; what the target's own children take does not
    count. `memory_bytes`: the child's address space, imports included.
    May be called from any thread, one call at a time. After a call that did not return, the next one starts afresh.
    A process that forks, in whatever state, leaves its child to itself: the forked one starts its own.
    """

    class NotStarted(TroubleError):
        """The child could not start or import its target. That is trouble of ours, and says nothing of a request."""

    class Lost(TroubleError):
        """The child was killed from outside, or stalled: `stalled_after` its CPU time, and it had CPU time left."""

    class Timeout(Exception):
        """The call used up its CPU time; the child and its process group were killed."""

    class Died(Exception):
        """The child ended, or answered with something that is no reply; what was left of it was killed."""

    class Failed(Exception):
        """The target raised. `type` is the exception's class name, `message` its text."""

        def __init__(self, type_: str, message: str) -> None:
            super().__init__(f"{type_}: {message}")
            self.type = type_
            self.message = message

    def __init__(self, target: str, *, seconds: float, memory_bytes: int) -> None:
        self.target = target
        self.seconds = seconds
        self.memory_bytes = memory_bytes
        self._lock = threading.Lock()
        self._child: _Child | None = None
        renewed_after_fork(self)

    def call(self, request: Mapping[str, Any]) -> dict[str, Any]:
        """The target's reply to `request`. Where trouble of ours (`NotStarted`, `Lost`) comes in between, it is asked a
        second time at once, of a new child.

        Raises:
            NotStarted, Lost, Timeout, Died, Failed: see there. After `Failed` the child goes on, unless it ran out of
                memory.
            TypeError, ValueError: `request` is not JSON; nothing was sent.
        """
        frame = _frame(dict(request))
        with self._lock:
            try:
                return self._asked(frame)
            except (LimitedProcess.NotStarted, LimitedProcess.Lost):
                return self._asked(frame)

    def _asked(self, frame: bytes) -> dict[str, Any]:
        try:
            child = self._running()
            deadline = time.monotonic() + stalled_after(self.seconds)
            child.write(frame, deadline)
            return child.read(deadline)
        except LimitedProcess.Failed as exc:
            if exc.type == "MemoryError":
                self._end()
            raise
        except BaseException:
            self._end()
            raise

    def close(self) -> None:
        """Ends the child. A later call starts a new one."""
        with self._lock:
            self._end()

    def renew(self) -> None:
        """For a forked process: the child is the parent's, and the lock may be held by a thread that is not here."""
        self._lock = threading.Lock()
        child, self._child = self._child, None
        if child:
            child.leave()

    def _running(self) -> _Child:
        if self._child is None:
            try:
                with _starting:
                    self._child = _Child(self.target, self.seconds, self.memory_bytes)
                self._child.read(time.monotonic() + START_SECONDS)
            except (OSError, LimitedProcess.Lost, LimitedProcess.Died, LimitedProcess.Failed) as exc:
                raise LimitedProcess.NotStarted(f"{self.target} did not start: {exc}") from exc
        return self._child

    def _end(self) -> None:
        child, self._child = self._child, None
        if child:
            child.end()


class _Child:
    """The running child: frames over two pipes, each a length and as many bytes of JSON."""

    def __init__(self, target: str, seconds: float, memory_bytes: int) -> None:
        self._target = target
        self._directory = tempfile.mkdtemp(prefix="limited-")
        setup = {
            "path": [*dict.fromkeys(str(Path(entry).absolute()) for entry in sys.path), _ROOT],
            "target": target,
            "cpu_seconds": seconds,
            "memory_bytes": memory_bytes,
        }
        try:
            # `-P -s` with an environment of our own isolates as `-I` does, but leaves PYTHONHASHSEED in force.
            self._process = subprocess.Popen(
                [sys.executable, "-P", "-s", "-c", _BOOT, json.dumps(setup)],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                cwd=self._directory,
                env={**SAME_EVERYWHERE, "PATH": "/usr/bin:/bin", "HOME": self._directory, "TMPDIR": self._directory},
                start_new_session=True,
                bufsize=0,
            )
        except BaseException:
            shutil.rmtree(self._directory, ignore_errors=True)
            raise
        assert self._process.stdin and self._process.stdout
        self._in, self._out = self._process.stdin.fileno(), self._process.stdout.fileno()
        os.set_blocking(self._in, False)
        os.set_blocking(self._out, False)

    def write(self, data: bytes, deadline: float) -> None:
        view = memoryview(data)
        while view:
            self._wait(self._in, select.POLLOUT, deadline)
            try:
                view = view[os.write(self._in, view) :]
            except BlockingIOError:
                continue
            except BrokenPipeError as exc:
                raise self._ended("before it read the request") from exc

    def read(self, deadline: float) -> dict[str, Any]:
        (length,) = _HEADER.unpack(self._read_bytes(_HEADER.size, deadline))
        if length > REPLY_BYTES:
            raise LimitedProcess.Died(f"{self._target} announced {length} bytes; the limit is {REPLY_BYTES}")
        data = self._read_bytes(length, deadline)
        try:
            reply = json.loads(data)
        except (ValueError, RecursionError) as exc:
            raise LimitedProcess.Died(f"{self._target} answered with something that is not JSON") from exc
        match reply:
            case {"result": dict(result)}:
                return result
            case {"type": str(type_), "message": str(message)}:
                raise LimitedProcess.Failed(type_, message)
        raise LimitedProcess.Died(f"{self._target} answered with something that is no reply")

    def _read_bytes(self, count: int, deadline: float) -> bytes:
        data = bytearray()
        while len(data) < count:
            self._wait(self._out, select.POLLIN, deadline)
            try:
                chunk = os.read(self._out, min(count - len(data), 2**20))
            except BlockingIOError:
                continue
            if not chunk:
                raise self._ended("without a reply")
            data += chunk
        return bytes(data)

    def _wait(self, fd: int, event: int, deadline: float) -> None:
        poll = select.poll()
        poll.register(fd, event)
        if not poll.poll(max(0.0, deadline - time.monotonic()) * 1000):
            raise LimitedProcess.Lost(f"{self._target} stalled: no reply, and CPU time left")

    def _ended(self, when: str) -> Exception:
        """What to raise for a pipe that closed. A dying child's pipes close a moment before it has a status."""
        # Two seconds, for on a loaded machine that moment is long; what is then alive has closed its pipe itself.
        for _ in range(1000):
            # The child is left unreaped: until `end`, its number cannot pass to another process.
            info = os.waitid(os.P_PID, self._process.pid, os.WEXITED | os.WNOWAIT | os.WNOHANG)
            if info:
                if info.si_code != os.CLD_EXITED and info.si_status == signal.SIGPROF:
                    return LimitedProcess.Timeout(f"{self._target} used up its CPU time")
                if info.si_code != os.CLD_EXITED and info.si_status in _FROM_OUTSIDE:
                    return LimitedProcess.Lost(f"{self._target} was killed from outside (signal {info.si_status})")
                how = "exit status" if info.si_code == os.CLD_EXITED else "signal"
                return LimitedProcess.Died(f"{self._target} ended {when} ({how} {info.si_status})")
            time.sleep(0.002)
        return LimitedProcess.Died(f"{self._target} closed its pipe {when}")

    def leave(self) -> None:
        """Closes this process's ends of the pipes: as long as they are open, the child does not notice that the process
        it belongs to is gone."""
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe:
                pipe.close()

    def end(self) -> None:
        """Kills the process group and removes its directory."""
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGKILL)
        with self._process:
            self._process.wait()
        shutil.rmtree(self._directory, ignore_errors=True)


def _frame(message: dict[str, Any]) -> bytes:
    data = json.dumps(message, allow_nan=False).encode("ascii")
    return _HEADER.pack(len(data)) + data


def serve(target: str, cpu_seconds: float, memory_bytes: int) -> None:
    """The child: limits, then the target's import, then one reply per request until the parent is gone."""
    requests, replies = os.dup(0), os.dup(1)
    # What the target prints or reads must not reach the protocol.
    null = os.open(os.devnull, os.O_RDWR)
    for standard in (0, 1, 2):
        os.dup2(null, standard)
    threading.Thread(target=_end_with_parent, args=(requests, Path.cwd()), daemon=True).start()
    # No limit on the number of processes: it counts all of a user's, so that neighbours would break this one.
    for kind, limit in (
        (resource.RLIMIT_AS, memory_bytes),
        (resource.RLIMIT_FSIZE, _FILE_BYTES),
        (resource.RLIMIT_NOFILE, _OPEN_FILES),
        (resource.RLIMIT_CORE, 0),
    ):
        resource.setrlimit(kind, (limit, limit))
    try:
        module, _, name = target.partition(":")
        function = getattr(import_module(module), name)
    except BaseException as exc:  # noqa: BLE001  the boundary: the parent raises it
        _send(replies, _failure(exc))
        return
    _send(replies, {"result": {}})
    while True:
        (length,) = _HEADER.unpack(_receive(requests, _HEADER.size))
        request = json.loads(_receive(requests, length))
        # The timer counts the CPU time of all threads. Nobody handles its signal, so that it ends a computation that
        # never comes back to Python, and also one whose parent was stopped.
        signal.setitimer(signal.ITIMER_PROF, cpu_seconds)
        answer = _answer(function, request)
        signal.setitimer(signal.ITIMER_PROF, 0)
        _send(replies, answer)


def _answer(function: Callable[[dict[str, Any]], object], request: dict[str, Any]) -> bytes | dict[str, Any]:
    try:
        result = function(request)
        if not isinstance(result, dict):
            raise TypeError(f"a target returns a dict, not {type(result).__name__}")
        frame = _frame({"result": result})
        if len(frame) > REPLY_BYTES:
            raise ValueError(f"the reply has {len(frame)} bytes; the limit is {REPLY_BYTES}")
    except BaseException as exc:  # noqa: BLE001  the boundary: SystemExit and MemoryError too become a reply
        return _failure(exc)
    return frame


def _failure(exc: BaseException) -> dict[str, Any]:
    return {"type": type(exc).__name__, "message": str(exc)[:2000]}


def _send(fd: int, message: bytes | dict[str, Any]) -> None:
    view = memoryview(message if isinstance(message, bytes) else _frame(message))
    while view:
        view = view[os.write(fd, view) :]


def _receive(fd: int, count: int) -> bytes:
    data = bytearray()
    while len(data) < count:
        chunk = os.read(fd, count - len(data))
        while not chunk:
            signal.pause()  # the parent is gone: the thread that waits for that cleans up
        data += chunk
    return bytes(data)


def _end_with_parent(requests: int, directory: Path) -> NoReturn:
    """Waits until nobody can send requests any more.

    PR_SET_PDEATHSIG would be the shorter way, but it fires when the *thread* that started the child ends.
    """
    poll = select.poll()
    poll.register(requests, 0)
    poll.poll()
    shutil.rmtree(directory, ignore_errors=True)
    os.killpg(0, signal.SIGKILL)
    os._exit(0)
