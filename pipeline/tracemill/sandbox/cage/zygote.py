"""Waits with its modules loaded, and forks the program of each run: a child that gives everything up and becomes it.

Nothing of a job is read here but its limits: files and inputs lie in sealed memory whose descriptor only the child
uses, so no program finds anything of an earlier one in the memory that it was forked with.
"""

from __future__ import annotations

import contextlib
import gc
import os
import socket
import stat
import sys
from importlib import import_module
from typing import Any, NoReturn

from tracemill.sandbox import program
from tracemill.sandbox.cage import kernel, landlock, root, seccomp
from tracemill.sandbox.cage.limits import take_limits
from tracemill.sandbox.cage.messages import receive, send
from tracemill.sandbox.cage.setup import Setup
from tracemill.sandbox.channel import Channel


def serve(control: socket.socket, setup: Setup) -> NoReturn:
    """The zygote's process."""
    try:
        Zygote(control, setup).serve()
    except Exception as exc:  # noqa: BLE001  the boundary: the keeper says it to the broker
        with contextlib.suppress(OSError):
            send(control, {"failed": f"{type(exc).__name__}: {exc}"})
    os._exit(1)


class Zygote:
    """Serves the keeper's orders one after the other."""

    def __init__(self, control: socket.socket, setup: Setup) -> None:
        self._control, self._setup, self._has = control, setup, setup.defences
        column = seccomp.machine()
        self._filters = {False: b"", True: b""}
        if "seccomp" in self._has:
            if column is None:
                raise OSError(f"no filter of system calls for {os.uname().machine}")
            sockets = "net" in self._has
            self._filters = {
                linked: seccomp.program(sockets=sockets, linked=linked, column=column) for linked in (False, True)
            }

    def serve(self) -> NoReturn:
        # The first is where this code lies.
        sys.path[:] = [*sys.path[1:], *self._setup.packages]
        if "environment" in self._has:
            os.environ.clear()
        os.environ.update(program.ENVIRONMENT)
        program.prepare_interpreter()
        _load(self._setup.preload)
        if "capabilities" in self._has:
            # Once for all children: it is forty calls.
            kernel.bound_capabilities(1 << kernel.CAP_DAC_READ_SEARCH)
        # The pages of what is loaded stay shared with the children: collecting garbage would write to all of them.
        gc.collect()
        gc.freeze()
        send(self._control, {"ready": True})
        while True:
            try:
                message, descriptors = receive(self._control)
            except EOFError:
                os._exit(0)
            send(self._control, self._run(message, descriptors))

    def _run(self, message: dict[str, Any], descriptors: list[int]) -> dict[str, Any]:
        failure, failed = os.pipe()
        try:
            if "pid" in self._has:
                kernel.setns(descriptors[-1], kernel.CLONE_NEWPID)
            child = os.fork()
        except OSError as exc:
            for descriptor in (*descriptors, failure, failed):
                os.close(descriptor)
            return {"failed": str(exc)}
        if child == 0:
            self._become(message, descriptors, failed)
        for descriptor in (*descriptors, failed):
            os.close(descriptor)
        with open(failure, "rb", buffering=0) as file:  # noqa: PTH123
            text = file.read(4096)
        _, status, usage = os.wait4(child, 0)
        if text:
            return {"failed": text.decode("utf-8", "replace")}
        return {"status": status, "cpu": usage.ru_utime + usage.ru_stime}

    def _become(self, message: dict[str, Any], descriptors: list[int], failed: int) -> NoReturn:
        try:
            payload, channel, failed = self._take_descriptors(descriptors, failed, linked=message["linked"])
            self._take_files(message)
            self._limit(message)
            self._give_up(message)
        except BaseException as exc:  # noqa: BLE001  the boundary: a program whose cage is not whole does not start
            os.write(failed, f"{type(exc).__name__}: {exc}".encode())
            os._exit(1)
        os.close(failed)
        guard = _guard if "pid" in self._has else None
        program.run(payload, message["first"], message["last"], Channel(channel, message["nonce"]), guard)

    def _take_descriptors(self, descriptors: list[int], failed: int, *, linked: bool) -> tuple[int, int, int]:
        """Output to 1 and 2, the link to 3, if there is one; payload and channel anywhere; nothing else stays open."""
        payload, out, err, channel = descriptors[:4]
        os.dup2(out, 1)
        os.dup2(err, 2)
        if linked:
            payload, channel, failed = kernel.link_first(descriptors[4], (payload, channel, failed))
        if "descriptors" in self._has:
            null = os.open(os.devnull, os.O_RDONLY)
            os.dup2(null, 0)
            start = kernel.LINK + 1 if linked else 3
            for kept in sorted((payload, channel, failed)):
                os.closerange(start, kept)
                start = kept + 1
            os.closerange(start, 1024)
        return payload, channel, failed

    def _take_files(self, message: dict[str, Any]) -> None:
        os.setsid()
        kernel.prctl(kernel.PR_SET_DUMPABLE, 1)
        with contextlib.suppress(OSError), open("/proc/self/oom_score_adj", "w") as file:  # noqa: PTH123
            file.write("1000")
        if "mount" in self._has:
            kernel.unshare(kernel.CLONE_NEWNS)
            if "fresh" in self._has:
                size = message["limits"]["disk_bytes"] if "sizes" in self._has else None
                root.mount_fresh(size, self._setup.kept)
            if "pid" in self._has:
                root.mount_proc(read_only="read_only_proc" in self._has, hidden=True)
            os.chdir(program.WORK)
        else:
            os.chdir(message["folder"])
            os.environ["HOME"] = os.environ["TMPDIR"] = message["folder"]

    def _limit(self, message: dict[str, Any]) -> None:
        if "rlimits" not in self._has:
            return
        room = None
        if not self._setup.has_group:
            pages = int(open("/proc/self/statm").read().split()[0])  # noqa: PTH123, SIM115
            room = pages * os.sysconf("SC_PAGE_SIZE")
        # Elsewhere the kernel counts all processes of the user who runs us.
        alone = "user" in self._has or self._setup.uid is not None
        take_limits(message, counts_processes=alone, address_room=room)

    def _give_up(self, message: dict[str, Any]) -> None:
        has, uid = self._has, self._setup.uid
        kept = 0
        if uid is not None and "user" not in has:
            kept = 0 if _open_to_others(self._setup.folders) else 1 << kernel.CAP_DAC_READ_SEARCH
            kernel.prctl(kernel.PR_SET_KEEPCAPS, 1)
            os.setgroups([])
            os.setresgid(uid, uid, uid)
            os.setresuid(uid, uid, uid)
            kernel.prctl(kernel.PR_SET_DUMPABLE, 1)
        if "capabilities" in has:
            kernel.set_capabilities(kept)
            if kept:
                # What is executed may read where the interpreter lies, too; Landlock says what else it may not.
                kernel.prctl(kernel.PR_CAP_AMBIENT, kernel.PR_CAP_AMBIENT_RAISE, kernel.CAP_DAC_READ_SEARCH)
        if "no_new_privs" in has or "seccomp" in has:
            kernel.prctl(kernel.PR_SET_NO_NEW_PRIVS, 1)
        if "landlock" in has:
            files = "mount" not in has
            readable = (*root.SYSTEM, *root.CONFIGURATION, *self._setup.folders)
            landlock.restrict(readable, (message["folder"] or program.WORK,), root.DEVICES, files=files)
        if calls := self._filters[message["linked"]]:
            kernel.filter_system_calls(calls)


def _load(names: list[str]) -> None:
    """Imports modules; generators of random numbers that they make without a seed are the same in each slot."""
    if not names:
        return
    import random

    seed = random.Random.seed

    def seeded(self: random.Random, a: Any = None, version: int = 2) -> None:
        seed(self, 0 if a is None else a, version)

    random.Random.seed = seeded  # type: ignore[method-assign]
    try:
        for name in names:
            import_module(name)
    finally:
        random.Random.seed = seed  # type: ignore[method-assign]


def _guard(hidden: bool) -> None:
    kernel.prctl(kernel.PR_SET_DUMPABLE, 0 if hidden else 1)


def _open_to_others(folders: list[str]) -> bool:
    """Whether any user of the machine may go where the interpreter lies."""
    for folder in folders:
        path = folder
        while path != "/":
            if not os.stat(path).st_mode & stat.S_IXOTH:  # noqa: PTH116
                return False
            path = os.path.dirname(path)  # noqa: PTH120
    return True
