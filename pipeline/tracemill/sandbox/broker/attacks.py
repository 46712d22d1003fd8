"""What `canaries.py` runs in the cage: one line of input says what was planted outside, one line of output what came
off. Each would do no harm if it did: where a level does not hold, this machine must not suffer from finding that out.
Standard library only; the file's text is the program."""

import ctypes
import errno
import json
import os
import resource
import socket
from collections.abc import Callable
from pathlib import Path

planted, port, name, ours, marker = json.loads(input())
libc = ctypes.CDLL(None, use_errno=True)
came_off: dict[str, bool] = {}


def attack(title: str) -> Callable[[Callable[[], object]], None]:
    def attempt(action: Callable[[], object]) -> None:
        try:
            came_off[title] = bool(action())
        except (OSError, ValueError):
            came_off[title] = False

    return attempt


@attack("read a file of the machine")
def _() -> object:
    with Path(planted).open() as file:
        return file.read()


@attack("write to a folder of the machine")
def _() -> object:
    with Path(planted + ".written").open("w") as file:
        return file.write("x")


@attack("signal a process of the machine")
def _() -> object:
    os.kill(ours, 0)
    return ours not in (os.getpid(), os.getppid())


@attack("trace a process of the machine")
def _() -> object:
    seize = 0x4206
    return libc.ptrace(seize, ours, 0, 0) == 0


@attack("connect over TCP")
def _() -> object:
    socket.create_connection(("127.0.0.1", port), 1)
    return True


@attack("send over UDP")
def _() -> object:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as made:
        return made.sendto(b"x", ("127.0.0.1", port))


@attack("connect to an abstract socket")
def _() -> object:
    with socket.socket(socket.AF_UNIX) as made:
        made.connect("\0" + name)
    return True


@attack("mount")
def _() -> object:
    # Who may mount hears that there is no such file system; who may not, that it is forbidden.
    libc.mount(b"none", b"/", b"no such file system", 0, None)
    return ctypes.get_errno() == errno.ENODEV


@attack("make a user namespace")
def _() -> object:
    return libc.unshare(0x10000000) == 0


@attack("raise a limit")
def _() -> object:
    resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
    return True


@attack("become root")
def _() -> object:
    os.setuid(0)
    return True


@attack("gain by executing")
def _() -> object:
    get_no_new_privs = 39
    return libc.prctl(get_no_new_privs, 0, 0, 0, 0) != 1


@attack("find a capability")
def _() -> object:
    with Path("/proc/self/status").open() as file:
        found = next(line for line in file if line.startswith("CapEff"))
    return int(found.split()[1], 16)


@attack("find the environment of the machine")
def _() -> object:
    return any(marker in value for value in os.environ.values())


@attack("find descriptors")
def _() -> object:
    found = 0
    for number in range(3, 1024):
        try:
            os.fstat(number)
            found += 1
        except OSError:
            continue
    return found > 1


print(json.dumps(came_off))
