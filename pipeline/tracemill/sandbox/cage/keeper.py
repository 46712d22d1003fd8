"""The first process of a slot: makes its namespaces, keeps its zygote, and has a first process ready for each run.

`main` runs in an interpreter that the broker started. It gives up what the slot shall not have, and forks the keeper,
which is process 1 of the slot's own process namespace: when it ends, the kernel ends everything below it. Each run has
a process namespace of its own below that one, whose first process is a child of the keeper and does nothing; the
program is forked into it by the zygote. So a program can neither see nor signal the keeper or the zygote, and the end
of a run's first process is the end of every process of the run.
"""

from __future__ import annotations

import contextlib
import os
import select
import signal
import socket
import sys
import time
from typing import Any, NamedTuple, NoReturn

from tracemill.sandbox.cage import kernel, root, zygote
from tracemill.sandbox.cage.messages import pair, receive, send
from tracemill.sandbox.cage.setup import INSIDE_ID, Setup
from tracemill.sandbox.process_tree import children, descendants, end_user


def main() -> NoReturn:
    control = socket.socket(fileno=int(sys.argv[1]))
    os.umask(0o022)
    setup = Setup.of(receive(control)[0])
    _die_with_parent(setup)
    try:
        _enter_namespaces(setup)
        child = os.fork()
    except Exception as exc:  # noqa: BLE001  the boundary: whatever it is, the slot cannot be made
        send(control, {"failed": f"{type(exc).__name__}: {exc}"})
        os._exit(1)
    if child == 0:
        _keep(control, setup)
    control.close()
    os.waitpid(child, 0)
    os._exit(0)


def _die_with_parent(setup: Setup) -> None:
    if "broker_death" not in setup.defences:
        return
    kernel.prctl(kernel.PR_SET_PDEATHSIG, signal.SIGKILL)


def _enter_namespaces(setup: Setup) -> None:
    has = setup.defences
    privileged = setup.uid is not None
    if privileged and "mount" in has:
        # With the rights of root, which may go where the interpreter lies; the slot's user may not.
        kernel.unshare(kernel.CLONE_NEWNS)
        setup.kept = root.build(setup.folders)
    names = {"user": kernel.CLONE_NEWUSER, "mount": kernel.CLONE_NEWNS, "pid": kernel.CLONE_NEWPID}
    names |= {"net": kernel.CLONE_NEWNET, "ipc": kernel.CLONE_NEWIPC, "uts": kernel.CLONE_NEWUTS}
    flags = sum(flag for name, flag in names.items() if name in has)
    if "user" in has:
        _become_other_user(flags, setup)
    elif flags:
        kernel.unshare(flags)
    if not privileged and "mount" in has:
        setup.kept = root.build(setup.folders)
    if "uts" in has:
        socket.sethostname("sandbox")


def _become_other_user(flags: int, setup: Setup) -> None:
    """A user namespace in which this process has a user id that is not 0. Root maps the slot's own; a user's is the
    only one that the user may map."""
    uid = setup.uid
    wait, ready = os.pipe()
    this = os.getpid()
    outside = (uid, uid) if uid is not None else (os.geteuid(), os.getegid())
    helper = os.fork() if uid is not None else None
    if helper == 0:
        os.close(ready)
        os.read(wait, 1)
        _map(this, *outside)
        os._exit(0)
    kernel.unshare(flags)
    os.close(ready)
    os.close(wait)
    if helper is None:
        _write(f"/proc/{this}/setgroups", "deny")
        _map(this, *outside)
    else:
        _, status = os.waitpid(helper, 0)
        if status:
            raise OSError("the user namespace's users could not be mapped")
        kernel.prctl(kernel.PR_SET_KEEPCAPS, 1)
        os.setgroups([])
        os.setresgid(INSIDE_ID, INSIDE_ID, INSIDE_ID)
        os.setresuid(INSIDE_ID, INSIDE_ID, INSIDE_ID)
        # The change of user took it away.
        _die_with_parent(setup)


def _map(pid: int, user: int, group: int) -> None:
    _write(f"/proc/{pid}/uid_map", f"{INSIDE_ID} {user} 1\n")
    _write(f"/proc/{pid}/gid_map", f"{INSIDE_ID} {group} 1\n")


def _write(path: str, text: str) -> None:
    with open(path, "w") as file:  # noqa: PTH123  one write, as these files want it
        file.write(text)


def _keep(control: socket.socket, setup: Setup) -> NoReturn:
    """The keeper itself: from here on it is process 1 of its slot."""
    try:
        if "broker_death" in setup.defences:
            kernel.prctl(kernel.PR_SET_PDEATHSIG, signal.SIGKILL)
        if "dumpable" in setup.defences:
            kernel.prctl(kernel.PR_SET_DUMPABLE, 0)
        kernel.prctl(kernel.PR_SET_CHILD_SUBREAPER, 1)
        if "mount" in setup.defences:
            root.mount_proc()
            if "fresh" not in setup.defences:
                root.mount_fresh(None, setup.kept)
        ours, theirs = pair()
        child = os.fork()
        if child == 0:
            control.close()
            ours.close()
            _die_with_parent(setup)
            zygote.serve(theirs, setup)
        theirs.close()
        Keeper(control, ours, child, setup).serve()
    except EOFError:
        # The broker is gone.
        while "broker_death" not in setup.defences:
            signal.pause()
        os._exit(0)
    except Exception as exc:  # noqa: BLE001  the boundary: the broker replaces the slot
        with contextlib.suppress(OSError):
            send(control, {"failed": f"{type(exc).__name__}: {exc}"})
    os._exit(1)


class _First(NamedTuple):
    """The first process of a run's namespace, and a descriptor of the namespace."""

    pid: int
    namespace: int


class Keeper:
    """Passes the broker's runs to the zygote, each with a process namespace of its own, and ends what is left of them.

    One run at a time. The first process of the next run's namespace is made while a run goes on.
    """

    def __init__(self, control: socket.socket, zygote_end: socket.socket, zygote_pid: int, setup: Setup) -> None:
        self._control, self._zygote_end, self._zygote = control, zygote_end, zygote_pid
        self._setup = setup
        self._separate = "pid" in setup.defences
        self._own = os.open("/proc/self/ns/pid", os.O_RDONLY) if self._separate else -1
        self._next: _First | None = None
        self._now: _First | None = None

    def serve(self) -> NoReturn:
        first, _ = receive(self._zygote_end)
        if "failed" in first:
            raise OSError(first["failed"])
        self._make_next()
        send(self._control, {"ready": True, "zygote": self._zygote})
        poll = select.poll()
        for end in (self._control, self._zygote_end):
            poll.register(end, select.POLLIN)
        try:
            while True:
                for descriptor, _ in poll.poll():
                    if descriptor == self._control.fileno():
                        self._order(*receive(self._control))
                    else:
                        self._ended(receive(self._zygote_end)[0])
        finally:
            if "broker_death" in self._setup.defences:
                self._end_run()

    def _order(self, message: dict[str, Any], descriptors: list[int]) -> None:
        if message.get("kill"):
            self._kill()
            return
        self._now, self._next = self._next, None
        if self._now:
            descriptors.append(self._now.namespace)
        send(self._zygote_end, message, descriptors)
        for descriptor in descriptors:
            os.close(descriptor)
        self._make_next()

    def _ended(self, message: dict[str, Any]) -> None:
        self._end_run()
        send(self._control, message)

    def _kill(self) -> None:
        if self._now:
            os.kill(self._now.pid, signal.SIGKILL)
        elif not self._separate:
            self._kill_tree()

    def _end_run(self) -> None:
        """Kills what is left of the run, and waits until it is gone."""
        if self._now:
            os.kill(self._now.pid, signal.SIGKILL)
            os.waitpid(self._now.pid, 0)
            self._now = None
        elif not self._separate and "tree" in self._setup.defences:
            while self._kill_tree():
                time.sleep(0.001)

    def _make_next(self) -> None:
        if not self._separate:
            return
        kernel.unshare(kernel.CLONE_NEWPID)
        pid = os.fork()
        if pid == 0:
            _be_first()
        # Of this process's own, for the first process of the new one cannot be looked into.
        self._next = _First(pid, os.open("/proc/self/ns/pid_for_children", os.O_RDONLY))
        kernel.setns(self._own, kernel.CLONE_NEWPID)

    def _kill_tree(self) -> bool:
        """Where there is no process namespace: ends every process below the zygote, and those that were left to this
        one. Whether there were any."""
        with contextlib.suppress(ChildProcessError):
            while os.waitpid(-1, os.WNOHANG)[0]:
                pass
        if "tree" not in self._setup.defences:
            return False
        if self._setup.uid is not None:
            end_user(self._setup.uid)
        found = self._left()
        # Stopped first, so that none can start another while the list is worked off.
        for number in (signal.SIGSTOP, signal.SIGKILL):
            for pid in found:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, number)
        return bool(found)

    def _left(self) -> list[int]:
        tops = [pid for pid in children(os.getpid()) if pid != self._zygote] + children(self._zygote)
        return [pid for top in tops for pid in descendants(top)]


def _be_first() -> NoReturn:
    """The first process of a run's namespace: reaps what is left to it, and lives until it is killed."""
    os.closerange(0, 256)
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    with contextlib.suppress(OSError):
        kernel.set_capabilities(0)
    while True:
        signal.pause()
