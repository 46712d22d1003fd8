"""The slow way in: an interpreter for each run, in a cage that bubblewrap makes. Speaks to the broker as a keeper does.

Where the broker is root, bubblewrap runs as the slot's own user, who may not go where the interpreter lies: what it
binds is first bound, with the rights of root, below a folder of this process's own mount namespace.
"""

from __future__ import annotations

import contextlib
import json
import os
import select
import shutil
import signal
import socket
import stat
import sys
from pathlib import Path
from typing import Any, NoReturn

from tracemill.sandbox.cage import kernel, root, seccomp
from tracemill.sandbox.cage.limits import take_limits
from tracemill.sandbox.cage.messages import receive, send
from tracemill.sandbox.cage.setup import INSIDE_ID, Setup
from tracemill.sandbox.payload import sealed
from tracemill.sandbox.program import ENVIRONMENT, WORK

_PATH = "/usr/local/bin:/usr/bin:/bin"
_INSIDE = "/tracemill"
_FILES = ("transfer.py", "payload.py", "program.py", "channel.py", "forks.py", "environment.py", "__init__.py")
_BOOT = f"import sys; sys.path.insert(0, {_INSIDE!r}); from tracemill.sandbox.program import main; main()"
_STAGE = "/tmp"
_INTERPRETER_BYTES = 256 << 20
"""Address space of an interpreter that runs nothing yet, and more."""


def bubblewrap() -> str | None:
    return shutil.which("bwrap", path=_PATH)


def main() -> NoReturn:
    control = socket.socket(fileno=int(sys.argv[1]))
    kernel.prctl(kernel.PR_SET_PDEATHSIG, signal.SIGKILL)
    kernel.prctl(kernel.PR_SET_CHILD_SUBREAPER, 1)
    setup = Setup.of(receive(control)[0])
    try:
        cage = _Cage(setup, sys.executable)
    except OSError as exc:
        send(control, {"failed": str(exc)})
        os._exit(1)
    send(control, {"ready": True, "zygote": 0})
    try:
        while True:
            _serve(control, cage, *receive(control))
    except EOFError:
        os._exit(0)
    except Exception as exc:  # noqa: BLE001  the boundary: the broker replaces the slot
        send(control, {"failed": f"{type(exc).__name__}: {exc}"})
    os._exit(1)


def _serve(control: socket.socket, cage: _Cage, message: dict[str, Any], descriptors: list[int]) -> None:
    if message.get("kill"):
        return  # what it was about has ended meanwhile
    info, theirs = os.pipe()
    child = os.fork()
    if child == 0:
        cage.enter(message, descriptors, theirs)
    for descriptor in (*descriptors, theirs):
        os.close(descriptor)
    with open(info, "rb") as file:  # noqa: PTH123
        said = file.read()
    end = None
    with contextlib.suppress(ValueError, ProcessLookupError):
        end = os.pidfd_open(json.loads(said)["child-pid"])
    try:
        send(control, _attend(control, child, end) if said else _never_made(child))
    finally:
        if end is not None:
            os.close(end)


def _attend(control: socket.socket, child: int, end: int | None) -> dict[str, Any]:
    """Waits for bubblewrap and then for the last process of its namespace."""
    over = os.pidfd_open(child)
    poll = select.poll()
    for descriptor in (control.fileno(), over):
        poll.register(descriptor, select.POLLIN)
    while over not in dict(poll.poll()):
        receive(control)  # an order to kill, or the broker is gone
        os.kill(child, signal.SIGKILL)
        poll.unregister(control.fileno())
    os.close(over)
    _, status, usage = os.wait4(child, 0)
    if end is not None:
        waiting = select.poll()
        waiting.register(end, select.POLLIN)
        waiting.poll()
    with contextlib.suppress(ChildProcessError):
        while os.waitpid(-1, os.WNOHANG)[0]:
            pass
    return {"status": said_as_shells_do(status), "cpu": usage.ru_utime + usage.ru_stime}


def said_as_shells_do(status: int) -> int:
    """Bubblewrap says that a signal ended its program as shells do, by the exit status 128 and the signal's number;
    what that means, as `wait` says it."""
    number = os.WEXITSTATUS(status) - 128 if os.WIFEXITED(status) else 0
    return number if 0 < number < signal.NSIG else status


def _never_made(child: int) -> dict[str, Any]:
    os.waitpid(child, 0)
    return {"failed": "bubblewrap could not make the cage"}


class _Cage:
    """What of the cage is the same for each run.

    Raises:
        OSError: there is no bubblewrap, or the folders could not be bound.
    """

    def __init__(self, setup: Setup, interpreter: str) -> None:
        found = bubblewrap()
        if not found:
            raise OSError("there is no bubblewrap on this machine; install it: apt-get install bubblewrap")
        self._bubblewrap, self._setup, self._interpreter = found, setup, interpreter
        here = Path(__file__).resolve().parents[1]
        inside = {str(here / name): f"{_INSIDE}/tracemill/sandbox/{name}" for name in _FILES}
        self._binds = {path: path for path in ("/usr", *setup.folders)} | inside
        if setup.uid is not None:
            self._binds = _staged(self._binds)

    def enter(self, message: dict[str, Any], descriptors: list[int], info: int) -> NoReturn:
        """This process becomes bubblewrap, which becomes the interpreter."""
        payload, out, err, channel = descriptors[:4]
        os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
        os.dup2(out, 1)
        os.dup2(err, 2)
        linked = message["linked"]
        if linked:
            payload, channel, info = kernel.link_first(descriptors[4], (payload, channel, info))
        kept = [payload, channel, info]
        if "seccomp" in self._setup.defences:
            filtered = seccomp.program(sockets=True, linked=linked, column=seccomp.machine() or 0)
            kept.append(sealed([filtered]))
        for number in range(kernel.LINK + 1 if linked else 3, 1024):
            if number not in kept and "descriptors" in self._setup.defences:
                with contextlib.suppress(OSError):
                    os.close(number)
        for number in kept:
            os.set_inheritable(number, True)
        words = [str(payload), str(message["first"]), str(message["last"]), str(channel), message["nonce"]]
        inside = [self._interpreter, "-P", "-s", "-S", "-c", _BOOT, *words, *self._setup.packages]
        command = [*self._command(message["limits"]["disk_bytes"], info, kept[3:]), *inside]
        # Before bubblewrap: the filter of system calls forbids it to the program.
        room = None if self._setup.has_group else _INTERPRETER_BYTES
        take_limits(message, counts_processes=self._setup.uid is not None, address_room=room)
        if self._setup.uid is not None:
            os.setgroups([])
            os.setresgid(*[self._setup.uid] * 3)
            os.setresuid(*[self._setup.uid] * 3)
        os.execve(self._bubblewrap, command, dict(ENVIRONMENT))

    def _command(self, disk_bytes: int, info: int, filters: list[int]) -> list[str]:
        size = ["--size", str(disk_bytes), "--tmpfs"]
        command = [self._bubblewrap, "--unshare-user", "--unshare-all", "--disable-userns", "--hostname", "sandbox"]
        command += ["--uid", str(INSIDE_ID), "--gid", str(INSIDE_ID), "--die-with-parent", "--new-session"]
        command += ["--cap-drop", "ALL", "--info-fd", str(info), "--clearenv", "--proc", "/proc", "--dev", "/dev"]
        for folder in root.WRITABLE:
            command += [*size, folder]
        for source, target in self._binds.items():
            command += ["--ro-bind", source, target]
        for folder in self._setup.packages:
            if Path(folder, root.MASKED).is_dir():
                command += ["--size", "4096", "--tmpfs", f"{folder}/{root.MASKED}"]
        for path in root.SYSTEM[1:]:
            if Path(path).is_symlink():
                command += ["--symlink", str(Path(path).readlink()), path]
            else:
                command += ["--ro-bind-try", path, path]
        for path in root.CONFIGURATION:
            command += ["--ro-bind-try", path, path]
        for name, value in ENVIRONMENT.items():
            command += ["--setenv", name, value]
        for descriptor in filters:
            command += ["--seccomp", str(descriptor)]
        return [*command, "--remount-ro", "/dev", "--remount-ro", "/", "--chdir", WORK, "--"]


def _staged(binds: dict[str, str]) -> dict[str, str]:
    """The same folders where any user may go, in a mount namespace of this process's own."""
    kernel.unshare(kernel.CLONE_NEWNS)
    kernel.mount("none", "/", None, kernel.MS_REC | kernel.MS_PRIVATE)
    sources = {source: os.open(source, os.O_PATH) for source in binds}
    kernel.mount("tmpfs", _STAGE, "tmpfs", kernel.MS_NOSUID | kernel.MS_NODEV, "mode=755,size=1m")
    staged = {}
    for number, (source, descriptor) in enumerate(sources.items()):
        place = Path(_STAGE, str(number))
        # By the descriptor: what lies in the stage's own folder can no longer be named.
        if stat.S_ISDIR(os.fstat(descriptor).st_mode):
            place.mkdir()
        else:
            place.touch()
        kernel.mount(f"/proc/self/fd/{descriptor}", str(place), None, kernel.MS_BIND | kernel.MS_REC)
        os.close(descriptor)
        staged[str(place)] = binds[source]
    return staged
