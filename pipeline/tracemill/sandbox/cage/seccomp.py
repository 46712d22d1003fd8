"""Which system calls a program may not make, as a filter that the kernel runs (classic BPF).

A refused call gives EPERM, as a program on an ordinary machine would see it. Calls of another architecture end the
process: their numbers mean other calls. SysV and POSIX queues are refused because they would outlive a run; `setrlimit`
because a limit that can be lowered at one place and inherited is a way to confuse what comes after (the stack's is
free: recursive programs raise it).
"""

from __future__ import annotations

import errno
import platform
import struct

_LOAD, _EQUAL, _AT_LEAST, _ANY_BIT, _AND, _RETURN = 0x20, 0x15, 0x35, 0x45, 0x54, 0x06
_ALLOW, _KILL, _ERROR = 0x7FFF0000, 0x80000000, 0x00050000
_NUMBER, _ARCHITECTURE = 0, 4
_X32 = 0x40000000
_NAMESPACES = 0x7E020000
_AF_UNIX, _SOCK_DGRAM, _TYPE_OF_SOCKET, _RLIMIT_STACK = 1, 2, 0xF, 3
_TIOCSTI, _TIOCLINUX = 0x5412, 0x541C

# Name -> numbers on x86_64 and aarch64; None: that architecture has no such call.
REFUSED: dict[str, tuple[int | None, int | None]] = {
    # other processes
    "ptrace": (101, 117),
    "process_vm_readv": (310, 270),
    "process_vm_writev": (311, 271),
    "process_madvise": (440, 440),
    "pidfd_getfd": (438, 438),
    "kcmp": (312, 272),
    "move_pages": (279, 239),
    "migrate_pages": (256, 238),
    # large parts of the kernel that programs do not need
    "bpf": (321, 280),
    "io_uring_setup": (425, 425),
    "io_uring_enter": (426, 426),
    "io_uring_register": (427, 427),
    "keyctl": (250, 219),
    "add_key": (248, 217),
    "request_key": (249, 218),
    "userfaultfd": (323, 282),
    "perf_event_open": (298, 241),
    "fanotify_init": (300, 262),
    "vmsplice": (278, 75),
    "modify_ldt": (154, None),
    "personality": (135, 92),
    "lookup_dcookie": (212, 18),
    "syslog": (103, 116),
    "memfd_secret": (447, 447),
    # namespaces and mounts
    "mount": (165, 40),
    "umount2": (166, 39),
    "pivot_root": (155, 41),
    "chroot": (161, 51),
    "open_tree": (428, 428),
    "move_mount": (429, 429),
    "fsopen": (430, 430),
    "fsconfig": (431, 431),
    "fsmount": (432, 432),
    "fspick": (433, 433),
    "mount_setattr": (442, 442),
    "unshare": (272, 97),
    "setns": (308, 268),
    "open_by_handle_at": (304, 265),
    "name_to_handle_at": (303, 264),
    # the machine
    "kexec_load": (246, 104),
    "kexec_file_load": (320, 294),
    "init_module": (175, 105),
    "finit_module": (313, 273),
    "delete_module": (176, 106),
    "reboot": (169, 142),
    "swapon": (167, 224),
    "swapoff": (168, 225),
    "quotactl": (179, 60),
    "quotactl_fd": (443, 443),
    "acct": (163, 89),
    "settimeofday": (164, 170),
    "adjtimex": (159, 171),
    "clock_settime": (227, 112),
    "clock_adjtime": (305, 266),
    "sethostname": (170, 161),
    "setdomainname": (171, 162),
    "iopl": (172, None),
    "ioperm": (173, None),
    "vhangup": (153, 58),
    # what outlives a process, or takes its turn at the expense of others
    "shmget": (29, 194),
    "semget": (64, 190),
    "msgget": (68, 186),
    "mq_open": (240, 180),
    "sched_setparam": (142, 118),
    "sched_setscheduler": (144, 119),
    "sched_setattr": (314, 274),
    "ioprio_set": (251, 30),
    "mbind": (237, 235),
    "set_mempolicy": (238, 237),
}
# With these a descriptor can be handed to who holds the other end of a socket.
HANDING_ON: dict[str, tuple[int, int]] = {"sendmsg": (46, 211), "sendmmsg": (307, 269)}
_CLONE, _CLONE3, _SOCKET, _SOCKETPAIR = (56, 220), (435, 435), (41, 198), (53, 199)
_SETRLIMIT, _PRLIMIT, _IOCTL = (160, 164), (302, 261), (16, 29)
_AUDIT = (0xC000003E, 0xC00000B7)


def machine() -> int | None:
    """The column of the numbers above, or None where the filter does not know the architecture."""
    return {"x86_64": 0, "aarch64": 1}.get(platform.machine())


def program(*, sockets: bool, linked: bool, column: int) -> bytes:
    """The filter. `sockets`: whether sockets of the Unix kind may be made, which reach no further than a network
    namespace of its own; pairs of them always may, but for datagrams, which may be addressed to anybody. `linked`:
    whether the program has a socket whose other end is in another cage; then it may not hand on descriptors."""
    refuse = _ERROR | errno.EPERM
    lines = [
        *(_load(_ARCHITECTURE), _unless_equal(_AUDIT[column], _KILL)),
        *(_load(_NUMBER), _then(_AT_LEAST, _X32, _KILL)),
    ]
    for numbers in [*REFUSED.values(), *(HANDING_ON.values() if linked else ())]:
        number = numbers[column]
        if number is not None:
            lines.append(_then(_EQUAL, number, refuse))
    lines.append(_then(_EQUAL, _CLONE3[column], _ERROR | errno.ENOSYS))
    lines.append(_with_argument(_CLONE[column], 0, _then(_ANY_BIT, _NAMESPACES, refuse)))
    for command in (_TIOCSTI, _TIOCLINUX):
        lines.append(_with_argument(_IOCTL[column], 1, _then(_EQUAL, command, refuse)))
    only_unix = _unless_equal(_AF_UNIX, refuse) if sockets else _return(refuse)
    lines.append(_with_argument(_SOCKET[column], 0, only_unix))
    if not sockets:
        no_datagrams = _step(_AND, _TYPE_OF_SOCKET) + _then(_EQUAL, _SOCK_DGRAM, refuse)
        lines.append(_with_argument(_SOCKETPAIR[column], 1, no_datagrams))
    lines.append(_with_argument(_SETRLIMIT[column], 0, _unless_equal(_RLIMIT_STACK, refuse)))
    # prlimit64(pid, resource, new, old): reading is free, setting is the stack's alone.
    setting = _argument(1) + _step(_EQUAL, _RLIMIT_STACK, 5, 0) + _argument(2) + _step(_EQUAL, 0, 0, 2)
    setting += _argument(2, high=True) + _step(_EQUAL, 0, 1, 0) + _return(refuse)
    lines.append(_with_argument(_PRLIMIT[column], 1, setting))
    return b"".join(lines) + _return(_ALLOW)


def _step(code: int, value: int, if_true: int = 0, if_false: int = 0) -> bytes:
    return struct.pack("=HBBI", code, if_true, if_false, value)


def _return(value: int) -> bytes:
    return _step(_RETURN, value)


def _load(offset: int) -> bytes:
    return _step(_LOAD, offset)


def _argument(index: int, *, high: bool = False) -> bytes:
    return _load(16 + 8 * index + (4 if high else 0))


def _then(test: int, value: int, result: int) -> bytes:
    return _step(test, value, 0, 1) + _return(result)


def _unless_equal(value: int, result: int) -> bytes:
    return _step(_EQUAL, value, 1, 0) + _return(result)


def _with_argument(number: int, index: int, body: bytes) -> bytes:
    """`body` for the system call `number`, with the lower half of its argument loaded; after it the number again."""
    inner = _argument(index) + body + _load(_NUMBER)
    return _step(_EQUAL, number, 0, len(inner) // 8) + inner
