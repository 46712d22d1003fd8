"""One slot as the broker sees it: a keeper's process, its control group, and the run that it is at."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import stat
import subprocess
import tempfile
import time
from dataclasses import asdict
from pathlib import Path

from tracemill.sandbox.broker.control_groups import Counts, Group
from tracemill.sandbox.broker.settings import BrokerSettings
from tracemill.sandbox.broker.task import QueuedJob
from tracemill.sandbox.broker.user_ids import claimed
from tracemill.sandbox.cage.messages import pair, send
from tracemill.sandbox.jobs import How
from tracemill.sandbox.process_tree import Observed, children, descendants, look, proportional
from tracemill.sandbox.program import ENVIRONMENT
from tracemill.sandbox.supervisor import Supervised

ROOT = str(Path(__file__).resolve().parents[3])
_BOOT = "import sys; sys.path.insert(0, {root!r}); from tracemill.sandbox.{module} import main; main()"
_KEEPERS = {"warm": "cage.keeper", "cold": "cage.cold"}


def command(interpreter: str, module: str, *arguments: str) -> list[str]:
    """An interpreter of ours that reads nothing from its environment or from the user's files."""
    return [interpreter, "-P", "-s", "-S", "-c", _BOOT.format(root=ROOT, module=module), *arguments]


class Slot:
    """Starts its keeper at once; `ready` is set when that says so. Then one run at a time.

    Raises:
        OSError: it cannot be made: no user id is left for it, or no process can be started.
    """

    def __init__(
        self, settings: BrokerSettings, defences: frozenset[str], kind: str, number: int, group: Group | None
    ) -> None:
        self.kind, self.number, self.defences = kind, number, defences
        self.ready = False
        self.task: QueuedJob | None = None
        self.watch: Supervised | None = None
        self.kill_sent: float | None = None
        self._group = group
        self._user = claimed() if "own_uid" in defences else None
        self._uid = self._user.uid if self._user else None
        self._folder: str | None = None
        self._zygote = 0
        self._before = Counts(0.0, 0, 0)
        self.control, theirs = pair()
        with theirs:
            self._process = subprocess.Popen(
                command(settings.interpreter, _KEEPERS[settings.way], str(theirs.fileno())),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                env=dict(ENVIRONMENT) if "environment" in defences else None,
                cwd="/",
                pass_fds=[theirs.fileno(), *([self._user.claim.fileno()] if self._user else [])],
                start_new_session=True,
            )
        if group:
            group.join(self._process.pid)
        setup = {
            "defences": sorted(defences),
            "uid": self._uid,
            "folders": settings.folders,
            "packages": settings.packages,
            "preload": settings.preload if kind == "preloaded" else (),
        }
        send(self.control, setup)

    def settle(self, zygote: int) -> None:
        """The keeper is ready."""
        self.ready, self._zygote = True, zygote
        if self._group:
            self._group.settle()

    @property
    def idle(self) -> bool:
        return self.ready and self.task is None

    def start(self, task: QueuedJob, last: int, link: int | None) -> None:
        """Runs from `task.due` to `last`. `link`: a descriptor for a program that talks to another one."""
        self.task, self.kill_sent = task, None
        self.watch = Supervised(task.limits, task.due, last, self.defences)
        if self._group:
            self._group.arm(task.limits)
            self._before = self._group.counts()
        if "mount" not in self.defences:
            self._folder = tempfile.mkdtemp(prefix="run-", dir="/tmp")
            if self._uid is not None:
                os.chown(self._folder, self._uid, self._uid)
        message = {
            "first": task.due,
            "last": last,
            "nonce": self.watch.nonce,
            "limits": asdict(task.limits),
            "address_space": task.address_space,
            "folder": self._folder,
            "linked": link is not None,
        }
        descriptors = [task.payload, *self.watch.child_ends]
        send(self.control, message, descriptors if link is None else [*descriptors, link])
        self.watch.started(self._cpu_seconds)

    def _cpu_seconds(self) -> float:
        if self._group:
            return self._group.cpu_seconds() - self._before.cpu_seconds
        return look(self.processes()).cpu_seconds

    def look(self) -> Observed:
        """What the processes of the run do now. With a group, memory and processes are the kernel's to count."""
        processes = self.processes()
        seen = look(processes)
        if self._group:
            return Observed(self._cpu_seconds(), 0, 0, seen.busy)
        if self.task and seen.memory_bytes > self.task.limits.memory_bytes:
            # Pages that forked processes share were counted for each.
            return seen._replace(memory_bytes=proportional(processes))
        return seen

    def processes(self) -> list[int]:
        keepers = children(self._process.pid)
        tops = [child for keeper in keepers for child in children(keeper)]
        if "pid" not in self.defences:
            adopted = [pid for top in tops if top != self._zygote for pid in descendants(top)]
            return adopted + [pid for top in children(self._zygote) for pid in descendants(top)]
        return [pid for top in tops for below in children(top) for pid in descendants(below)]

    def kill(self) -> None:
        """Ends the run; the keeper says when everything is gone."""
        if self.kill_sent is None:
            self.kill_sent = time.monotonic()
            with contextlib.suppress(OSError):
                send(self.control, {"kill": True})

    def broken(self) -> How | None:
        """The limit that the kernel counted as broken since the run began, or that its files break."""
        if self._group:
            now = self._group.counts()
            if "oom_counter" in self.defences and now.killed_for_memory > self._before.killed_for_memory:
                return "memory"
            if now.processes_refused > self._before.processes_refused:
                return "processes"
        if self._folder and self.task and "watch" in self.defences:
            # No kernel bounds them here.
            return "disk" if _size(self._folder) > self.task.limits.disk_bytes else None
        return None

    def over(self) -> tuple[float, How | None]:
        """CPU seconds of the run, where a group counts them, and the limit that was broken. Its files are removed."""
        cpu = self._cpu_seconds() if self._group else 0.0
        broke = self.broken()
        if self._folder:
            _remove(self._folder)
            self._folder = None
        return cpu, broke

    def end_keeper(self) -> None:
        """The keeper did not end the run: without it the kernel does. The broker hears that it is gone."""
        for pid in children(self._process.pid):
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)

    def free(self) -> None:
        self.task = self.watch = None

    def end(self) -> None:
        """Ends the keeper and with it everything below, which without a process namespace has to be named."""
        below = [] if "pid" in self.defences else self.processes()
        for pid in (*children(self._process.pid), self._process.pid, *below):
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        self._process.wait()
        self.control.close()
        if self._user:
            self._user.release()
        if self._folder:
            _remove(self._folder)
        if self._group:
            self._group.remove()


def _size(folder: str) -> int:
    total, queue = 0, [folder]
    while queue:
        with contextlib.suppress(OSError), os.scandir(queue.pop()) as entries:
            for entry in entries:
                with contextlib.suppress(OSError):
                    found = entry.stat(follow_symlinks=False)
                    total += 4096 + found.st_blocks * 512
                    if entry.is_dir(follow_symlinks=False):
                        queue.append(entry.path)
    return total


def _remove(folder: str) -> None:
    def open_up(_function: object, path: str, _: object) -> None:
        # Folders only: what a link points to is not ours to change.
        for one in (os.path.dirname(path), path):  # noqa: PTH120
            with contextlib.suppress(OSError):
                if stat.S_ISDIR(os.lstat(one).st_mode):
                    os.chmod(one, 0o700)  # noqa: PTH101

    shutil.rmtree(folder, onerror=open_up)
    shutil.rmtree(folder, ignore_errors=True)
