"""The system calls that Python has no function for. Each raises OSError as the functions of `os` do."""

from __future__ import annotations

import ctypes
import fcntl
import os
import platform
from collections.abc import Sequence

CLONE_NEWNS = 0x00020000
CLONE_NEWUTS = 0x04000000
CLONE_NEWIPC = 0x08000000
CLONE_NEWUSER = 0x10000000
CLONE_NEWPID = 0x20000000
CLONE_NEWNET = 0x40000000

MS_RDONLY, MS_NOSUID, MS_NODEV, MS_NOEXEC = 1, 2, 4, 8
MS_REMOUNT, MS_BIND, MS_REC, MS_PRIVATE = 32, 4096, 16384, 1 << 18
MNT_DETACH = 2
ATTR_RDONLY, ATTR_NOSUID, ATTR_NODEV, ATTR_NOEXEC = 1, 2, 4, 8

PR_SET_PDEATHSIG = 1
PR_SET_DUMPABLE = 4
PR_SET_KEEPCAPS = 8
PR_SET_SECCOMP = 22
PR_CAPBSET_DROP = 24
PR_SET_CHILD_SUBREAPER = 36
PR_SET_NO_NEW_PRIVS = 38
PR_CAP_AMBIENT = 47
PR_CAP_AMBIENT_RAISE = 2

CAP_DAC_READ_SEARCH = 2
_LAST_CAPABILITY = 63
_CAPABILITY_VERSION = 0x20080522

_libc = ctypes.CDLL(None, use_errno=True)
_AARCH64 = platform.machine() == "aarch64"
_PIVOT_ROOT = 41 if _AARCH64 else 155
_CAPSET = 91 if _AARCH64 else 126
_MOUNT_SETATTR = 442


def _checked(result: int, what: str) -> int:
    if result == -1:
        number = ctypes.get_errno()
        raise OSError(number, f"{what}: {os.strerror(number)}")
    return result


LINK = 3
"""Where a program that talks to another one finds its end."""
_ABOVE = 10


def link_first(link: int, others: Sequence[int]) -> list[int]:
    """Makes `link` descriptor 3, which what is executed has, too; the numbers of the others after that."""
    moved = [fcntl.fcntl(one, fcntl.F_DUPFD_CLOEXEC, _ABOVE) for one in others]
    os.dup2(link, LINK)
    return moved


def unshare(flags: int) -> None:
    _checked(_libc.unshare(flags), "unshare")


def setns(descriptor: int, kind: int) -> None:
    _checked(_libc.setns(descriptor, kind), "setns")


def mount(source: str, target: str, kind: str | None = None, flags: int = 0, data: str = "") -> None:
    encoded = kind.encode() if kind else None
    result = _libc.mount(os.fsencode(source), os.fsencode(target), encoded, ctypes.c_ulong(flags), data.encode())
    _checked(result, f"mount {target}")


def unmount(target: str) -> None:
    _checked(_libc.umount2(os.fsencode(target), MNT_DETACH), f"unmount {target}")


def pivot_root(new: str, old: str) -> None:
    _checked(_libc.syscall(_PIVOT_ROOT, os.fsencode(new), os.fsencode(old)), "pivot_root")


class _Attributes(ctypes.Structure):
    _fields_ = (
        ("set", ctypes.c_uint64),
        ("clear", ctypes.c_uint64),
        ("propagation", ctypes.c_uint64),
        ("user", ctypes.c_uint64),
    )


def restrict_mount(path: str, attributes: int) -> None:
    """Sets attributes of the mount at `path` and of all below it."""
    wanted = _Attributes(attributes, 0, 0, 0)
    recursive = 0x8000
    result = _libc.syscall(
        _MOUNT_SETATTR, -100, os.fsencode(path), recursive, ctypes.byref(wanted), ctypes.sizeof(wanted)
    )
    _checked(result, f"mount_setattr {path}")


def prctl(option: int, *arguments: int) -> int:
    padded = [ctypes.c_ulong(argument) for argument in (*arguments, 0, 0, 0, 0)[:4]]
    return _checked(_libc.prctl(option, *padded), f"prctl {option}")


def bound_capabilities(kept: int = 0) -> None:
    """Nothing that this process or a child of it executes gives it a capability, but those in the mask `kept`. What it
    has it keeps."""
    for number in range(_LAST_CAPABILITY + 1):
        if not kept >> number & 1:
            try:
                prctl(PR_CAPBSET_DROP, number)
            except OSError:
                break


def set_capabilities(mask: int) -> None:
    """The process has these and no others, and cannot get them back."""
    header = (ctypes.c_uint32 * 2)(_CAPABILITY_VERSION, 0)
    low, high = mask & 0xFFFFFFFF, mask >> 32
    data = (ctypes.c_uint32 * 6)(low, low, low, high, high, high)
    _checked(_libc.syscall(_CAPSET, header, data), "capset")


class _Program(ctypes.Structure):
    _fields_ = (("length", ctypes.c_ushort), ("instructions", ctypes.c_char_p))


def filter_system_calls(instructions: bytes) -> None:
    program = _Program(len(instructions) // 8, instructions)
    _checked(
        _libc.prctl(PR_SET_SECCOMP, ctypes.c_ulong(2), ctypes.byref(program), ctypes.c_ulong(0), ctypes.c_ulong(0)),
        "seccomp",
    )


class _Ruleset(ctypes.Structure):
    _fields_ = (("files", ctypes.c_uint64), ("network", ctypes.c_uint64), ("scoped", ctypes.c_uint64))


class _PathBeneath(ctypes.Structure):
    _pack_ = 1
    _fields_ = (("allowed", ctypes.c_uint64), ("parent", ctypes.c_int32))


_LANDLOCK_CREATE, _LANDLOCK_ADD, _LANDLOCK_RESTRICT = 444, 445, 446


def landlock_version() -> int:
    """The version of Landlock that the kernel has; 0: none."""
    return max(0, int(_libc.syscall(_LANDLOCK_CREATE, None, ctypes.c_size_t(0), 1)))


def landlock_ruleset(files: int, network: int, scoped: int) -> int:
    rules = _Ruleset(files, network, scoped)
    version = landlock_version()
    size = 24 if version >= 6 else 16 if version >= 4 else 8
    return _checked(_libc.syscall(_LANDLOCK_CREATE, ctypes.byref(rules), ctypes.c_size_t(size), 0), "landlock")


def landlock_allow(ruleset: int, parent: int, allowed: int) -> None:
    rule = _PathBeneath(allowed, parent)
    _checked(_libc.syscall(_LANDLOCK_ADD, ruleset, 1, ctypes.byref(rule), 0), "landlock_add_rule")


def landlock_restrict(ruleset: int) -> None:
    _checked(_libc.syscall(_LANDLOCK_RESTRICT, ruleset, 0), "landlock_restrict_self")
