"""Control groups: memory, processes and CPU time of a slot, counted by the kernel, all processes together.

Version 1 and version 2 have other files for the same things. A group needs a place where this process may make one: as
root below its own (version 1) or at the top (version 2); else wherever its own group was delegated to it.
"""

from __future__ import annotations

import contextlib
import os
import signal
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from tracemill.sandbox.jobs import Limits

_CONTROLLERS = ("memory", "pids", "cpuacct")
_PREFIX = "tracemill-"
_TRIES, _TRY_SECONDS = 250, 0.002


@dataclass(frozen=True)
class Counts:
    """What the kernel has counted of a group since it was made."""

    cpu_seconds: float
    killed_for_memory: int
    processes_refused: int


class Group:
    """The control group of one slot. `folders`: of each controller; in version 2 all the same."""

    def __init__(self, folders: dict[str, Path], *, unified: bool) -> None:
        self._folders, self._unified = folders, unified
        self._armed: tuple[int, int] | None = None
        self._base = (0, 0)
        for folder in set(folders.values()):
            folder.mkdir(exist_ok=True)

    def join(self, pid: int) -> None:
        for folder in set(self._folders.values()):
            (folder / "cgroup.procs").write_text(str(pid))

    def settle(self) -> None:
        """What the slot itself uses now does not count against its programs."""
        found = _table(self._folders["memory"] / "memory.stat")
        anonymous = found["anon"] if self._unified else found["total_rss"]
        self._base = (anonymous, int((self._folders["pids"] / "pids.current").read_text()))

    def arm(self, limits: Limits) -> None:
        """Sets the limits of the run that comes next."""
        # One process more: where several runs are forked from one, that one.
        wanted = (self._base[0] + limits.memory_bytes, self._base[1] + limits.processes + 1)
        if wanted == self._armed:
            return
        memory = self._folders["memory"]
        if self._unified:
            (memory / "memory.max").write_text(str(wanted[0]))
            with contextlib.suppress(OSError):
                (memory / "memory.swap.max").write_text("0")
        else:
            self._limit_v1(memory, wanted[0])
        (self._folders["pids"] / "pids.max").write_text(str(wanted[1]))
        self._armed = wanted

    def _limit_v1(self, memory: Path, most: int) -> None:
        """Memory, and memory with swap, which may never be less: it is lifted before the other changes."""
        for name, value in (("memsw.limit", -1), ("limit", most), ("memsw.limit", most)):
            with contextlib.suppress(FileNotFoundError):
                (memory / f"memory.{name}_in_bytes").write_text(str(value))

    def counts(self) -> Counts:
        memory, pids = self._folders["memory"], self._folders["pids"]
        if self._unified:
            killed = _table(memory / "memory.events")["oom_kill"]
        else:
            killed = _table(memory / "memory.oom_control").get("oom_kill", 0)
        return Counts(self.cpu_seconds(), killed, _table(pids / "pids.events")["max"])

    def cpu_seconds(self) -> float:
        if self._unified:
            return _table(self._folders["cpuacct"] / "cpu.stat")["usage_usec"] / 1e6
        return int((self._folders["cpuacct"] / "cpuacct.usage").read_text()) / 1e9

    def remove(self) -> None:
        """Once what was killed in it is gone, which takes a moment."""
        for folder in set(self._folders.values()):
            for _ in range(_TRIES):
                with contextlib.suppress(OSError):
                    folder.rmdir()
                    break
                time.sleep(_TRY_SECONDS)


def _table(path: Path) -> dict[str, int]:
    return {name: int(value) for name, value in (line.split() for line in path.read_text().splitlines())}


class Groups:
    """The groups of a broker's slots, below one that belongs to the broker.

    Raises:
        OSError: no group can be made here.
    """

    def __init__(self) -> None:
        self._unified, parents = _places()
        name = f"{_PREFIX}{os.getpid()}"
        self._folders = {controller: parent / name for controller, parent in parents.items()}
        for folder in set(self._folders.values()):
            _sweep(folder.parent)
            folder.mkdir(exist_ok=True)
            if self._unified:
                (folder / "cgroup.subtree_control").write_text("+memory +pids +cpu")

    def make(self, name: str) -> Group:
        return Group({key: folder / name for key, folder in self._folders.items()}, unified=self._unified)

    def remove(self) -> None:
        for folder in set(self._folders.values()):
            _remove(folder)


def _places() -> tuple[bool, dict[str, Path]]:
    """Whether the groups are of version 2, and the folder of each controller below which ours can be made."""
    own = {name: path for line in _lines("/proc/self/cgroup") for name, path in _named(line)}
    found: dict[str, Path] = {}
    for line in _lines("/proc/self/mountinfo"):
        fields, _, tail = line.partition(" - ")
        kind, _, options = tail.split(" ", 2)
        root, point = fields.split(" ")[3:5]
        if kind == "cgroup":
            for name in set(options.split(",")) & set(_CONTROLLERS):
                found[name] = _below(point, root, own.get(name, "/"))
        elif kind == "cgroup2" and "memory" in (Path(point) / "cgroup.controllers").read_text().split():
            return True, dict.fromkeys(_CONTROLLERS, _delegated(Path(point), _below(point, root, own.get("", "/"))))
    if set(found) != set(_CONTROLLERS):
        raise OSError("no control groups for memory, processes and CPU time are mounted")
    return False, found


def _delegated(top: Path, own: Path) -> Path:
    """In version 2 a group has processes or groups below, never both, but the top: ours goes there, or beside our own
    where that was delegated."""
    for place in (top, own.parent):
        controllers = place / "cgroup.subtree_control"
        if os.access(place, os.W_OK) and {"memory", "pids"} <= set(controllers.read_text().split()):
            return place
        with contextlib.suppress(OSError):
            controllers.write_text("+memory +pids +cpu")
            return place
    raise OSError("no control group was delegated to this user")


def _lines(path: str) -> list[str]:
    return Path(path).read_text().splitlines()


def _named(line: str) -> Iterator[tuple[str, str]]:
    _, names, path = line.split(":", 2)
    for name in names.split(","):
        yield name, path


def _below(point: str, root: str, own: str) -> Path:
    inside = Path(point + own.removeprefix(root if root != "/" else ""))
    return inside if inside.is_dir() else Path(point)


def _sweep(parent: Path) -> None:
    """Removes what a broker that was killed left."""
    for folder in parent.glob(f"{_PREFIX}*"):
        if not Path("/proc", folder.name.removeprefix(_PREFIX)).exists():
            _remove(folder)


def _remove(folder: Path) -> None:
    with contextlib.suppress(OSError):
        for path in folder.iterdir():
            if path.is_dir():
                _end_all(path)
                path.rmdir()
        folder.rmdir()


def _end_all(folder: Path) -> None:
    """Ends what a broker that was killed may have left in a group: bubblewrap in the moment of its start."""
    for pid in map(int, (folder / "cgroup.procs").read_text().split()):
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
