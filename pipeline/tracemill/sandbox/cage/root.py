"""The file system of a slot: an empty root with what interpreters and compilers read, bound read-only."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

from tracemill.sandbox.cage import kernel
from tracemill.sandbox.program import WORK

WRITABLE = (WORK, "/tmp", "/dev/shm")
"""Empty for each run, and gone with it."""
DEVICES = ("/dev/null", "/dev/zero", "/dev/full", "/dev/random", "/dev/urandom")
SYSTEM = ("/usr", "/lib", "/lib32", "/lib64", "/libx32", "/bin", "/sbin")
CONFIGURATION = (
    *("/etc/ld.so.cache", "/etc/ld.so.conf", "/etc/ld.so.conf.d", "/etc/alternatives", "/etc/localtime"),
    "/etc/ssl/openssl.cnf",  # without which Debian's node does not start where the folder exists
)
USERS = "root:x:0:0::/:/bin/false\nrunner:x:1000:1000::/job:/bin/sh\n"
MASKED = "tracemill"
"""The package that judges: what a program runs against is not to be imported by it."""

_READ_ONLY = kernel.ATTR_RDONLY | kernel.ATTR_NOSUID | kernel.ATTR_NODEV
_KEPT = "/.kept"
"""Where folders are bound that lie below one that each run has afresh."""
_BASE = "/tmp"
"""What the new root is mounted on until it is the root: a folder that every machine has."""


def build(folders: Sequence[str]) -> dict[str, str]:
    """Makes the root of this mount namespace, and changes to it. `folders`: the interpreter and its packages.

    Returns where those folders are kept that lie below a folder which each run has afresh.

    Raises:
        OSError: this process may not mount, or the kernel is older than 5.12.
    """
    kernel.mount("none", "/", None, kernel.MS_REC | kernel.MS_PRIVATE)
    # Opened now, for the new root may hide them.
    sources = {path: os.open(path, os.O_PATH) for path in _sources(folders)}
    kernel.mount("tmpfs", _BASE, "tmpfs", kernel.MS_NOSUID | kernel.MS_NODEV, "mode=755,size=1m")
    for path in SYSTEM:
        if Path(path).is_symlink():
            Path(_BASE + path).symlink_to(Path(path).readlink())
    for path in ("/proc", "/dev", "/etc", *WRITABLE):
        Path(_BASE + path).mkdir(exist_ok=True)
    kept = {path: f"{_KEPT}/{number}" for number, path in enumerate(_hidden(folders))}
    for path, source in sources.items():
        _bind(source, _BASE + path, device=path in DEVICES)
        if path in kept:
            _bind(source, _BASE + kept[path], device=False)
    _mask([*folders, *kept.values()])
    for name, target in (("fd", "self/fd"), ("stdin", "self/fd/0"), ("stdout", "self/fd/1"), ("stderr", "self/fd/2")):
        Path(f"{_BASE}/dev/{name}").symlink_to(f"/proc/{target}")
    Path(f"{_BASE}/etc/passwd").write_text(USERS)
    Path(f"{_BASE}/etc/group").write_text("root:x:0:\nrunner:x:1000:\n")
    # The kernel lets a user namespace mount a /proc of its own only where it sees a whole one.
    kernel.mount("/proc", f"{_BASE}/proc", None, kernel.MS_BIND | kernel.MS_REC)
    _enter()
    for source in sources.values():
        os.close(source)
    return kept


def _sources(folders: Sequence[str]) -> list[str]:
    system = [path for path in SYSTEM if Path(path).is_dir() and not Path(path).is_symlink()]
    other = [path for path in (*CONFIGURATION, *DEVICES) if Path(path).exists()]
    return [*system, *other, *(folder for folder in folders if not folder.startswith("/usr/"))]


def _hidden(folders: Sequence[str]) -> list[str]:
    return [folder for folder in folders if any(folder.startswith(f"{path}/") for path in WRITABLE)]


def _bind(source: int, target: str, *, device: bool) -> None:
    place = f"/proc/self/fd/{source}"
    if os.path.isdir(place):  # noqa: PTH112
        Path(target).mkdir(parents=True, exist_ok=True)
    else:
        Path(target).parent.mkdir(parents=True, exist_ok=True)
        Path(target).touch()
    kernel.mount(place, target, None, kernel.MS_BIND | kernel.MS_REC)
    kernel.restrict_mount(target, kernel.ATTR_NOSUID | kernel.ATTR_NOEXEC if device else _READ_ONLY)


def _mask(folders: Sequence[str]) -> None:
    for folder in folders:
        package = f"{_BASE}{folder}/{MASKED}"
        if Path(package).is_dir():
            kernel.mount("tmpfs", package, "tmpfs", kernel.MS_NOSUID | kernel.MS_RDONLY, "size=4k")


def _enter() -> None:
    os.chdir(_BASE)
    kernel.pivot_root(".", ".")
    kernel.unmount(".")
    os.chdir("/")
    kernel.mount("none", "/", None, kernel.MS_REMOUNT | kernel.MS_BIND | kernel.MS_RDONLY | kernel.MS_NOSUID)


def mount_proc(*, read_only: bool = False, hidden: bool = False) -> None:
    """A /proc of this process's namespace. Where the kernel refuses it, as in a container that masks its own, the one
    that is there stays, or, with `hidden`, an empty folder covers it."""
    flags = kernel.MS_NOSUID | kernel.MS_NODEV | kernel.MS_NOEXEC | (kernel.MS_RDONLY if read_only else 0)
    try:
        kernel.mount("proc", "/proc", "proc", flags)
    except OSError:
        if hidden:
            kernel.mount("tmpfs", "/proc", "tmpfs", kernel.MS_RDONLY | kernel.MS_NOSUID, "size=4k")


def mount_fresh(disk_bytes: int | None, kept: dict[str, str]) -> None:
    """Empty writable folders; `disk_bytes` each, and a file for each 4 KiB of that."""
    size = f",size={disk_bytes},nr_inodes={max(64, disk_bytes // 4096)}" if disk_bytes else ""
    for path in WRITABLE:
        kernel.mount("tmpfs", path, "tmpfs", kernel.MS_NOSUID | kernel.MS_NODEV, f"mode=755{size}")
    for path, place in kept.items():
        Path(path).mkdir(parents=True, exist_ok=True)
        kernel.mount(place, path, None, kernel.MS_BIND | kernel.MS_REC)
