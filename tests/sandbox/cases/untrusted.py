"""Attacks 1–25 of code on the machine that runs it, each with the outcome that counts as surviving."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

from attacking import LIMITS, Case, Planted
from tracemill.sandbox.jobs import Ended

# Why a program cannot run at all is not what these ask: what it imports is there.
START = "import ctypes, errno, json, os, resource, signal, socket, subprocess, sys, threading, time\n"
START += "facts = json.loads(input()); libc = ctypes.CDLL(None, use_errno=True)\n"
TRY = """
def came_off(action):
    try:
        return bool(action())
    except (OSError, ValueError, RuntimeError, StopIteration):
        return False
"""
NAMESPACES = ("user", "pid", "mount", "net", "ipc", "uts")
PRIVILEGES = ("own_uid", "capabilities", "no_new_privs", "seccomp", "landlock", "dumpable")
COUNTED = ("cgroup", "oom_counter", "rlimits", "watch")
ROOMY = replace(LIMITS, cpu_seconds=3.0)
"""For what must not end by its CPU time first."""


def says(text: str):
    """Survived if the program did not get to say this."""

    def survived(ended: Ended, facts: Planted) -> bool:
        return text.encode() not in ended.stdout

    return survived


def how(*wanted: str):
    def survived(ended: Ended, facts: Planted) -> bool:
        return ended.how in wanted

    return survived


def nothing(ended: Ended, facts: Planted) -> bool:
    """The program ran to its end and could say nothing."""
    return ended.fine and ended.stdout.strip() == b""


FORKS = """
for _ in range(64):
    if os.fork() == 0:
        time.sleep(20); os._exit(0)
print("all of them")
"""
THREADS = """
for _ in range(64):
    threading.Thread(target=time.sleep, args=(20,), daemon=True).start()
print("all of them"); sys.stdout.flush(); os._exit(0)
"""
ONE_BIG = """
block = bytearray(os.urandom(1 << 20) * 300)
print("took it")
"""
MANY_BIG = """
for _ in range(6):
    if os.fork() == 0:
        break
block = bytearray(os.urandom(1 << 20) * 40)
time.sleep(1)  # a busy machine begins them one after the other, and all of them must be there at once
print("took it")
"""
DENIED = """
children = []
for _ in range(4):
    pid = os.fork()
    if pid == 0:
        block = bytearray(os.urandom(1 << 20) * 60); time.sleep(1); os._exit(0)
    children.append(pid)
for pid in children:
    os.waitpid(pid, 0)
print("fine")
"""
FILL = """
written = 0
for folder in (".", "/tmp", "/dev/shm", "/var/tmp", "/dev", "/run", "/"):
    try:
        for number in range(8):
            path = f"{folder}/fill-{facts['mark']}-{number}"
            with open(path, "wb") as file:
                written += file.write(bytes(1 << 19))
    except OSError:
        pass
print("filled" if written > 3 << 20 else "full")
"""
INODES = """
made = 0
try:
    for number in range(3000):
        open(f"empty-{number}", "w").close(); made += 1
except OSError:
    pass
print("made all" if made == 3000 else "full")
"""
BUSY = """
start = time.process_time()
while time.process_time() - start < 2: pass
print("done")
"""
BUSY_CHILDREN = """
for _ in range(4):
    if os.fork() == 0:
        start = time.process_time()
        while time.process_time() - start < 0.3: pass
        os._exit(0)
for _ in range(4): os.wait()
print("done")
"""
DEAF = """
for number in range(1, 65):
    try: signal.signal(number, signal.SIG_IGN)
    except (OSError, ValueError): pass
start = time.process_time()
while time.process_time() - start < 3: pass
print("done")
"""
STOPPED = """
parent = os.getpid()
if os.fork() == 0:
    time.sleep(2.5); os.kill(parent, signal.SIGCONT); os._exit(0)
os.kill(parent, signal.SIGSTOP)
print("went on")
"""
DAEMON = """
if os.fork() == 0:
    os.setsid()
    if os.fork() == 0:
        libc.prctl(15, ("d" + facts["mark"]).encode(), 0, 0, 0)
        os.closerange(0, 3); time.sleep(60)
    os._exit(0)
os.wait()
time.sleep(0.2)
print("left one")
"""
FLOOD = """
for _ in range(5000): print("x" * 1000)
"""
READ_FILES = (
    TRY
    + """
for path in (facts["folder"] + "/secret", "/etc/shadow", "/etc/hostname", "/var/log/dpkg.log"):
    if came_off(lambda: open(path).read()): print(path)
"""
)
SECRETS = (
    TRY
    + """
found = [text for text in os.environ.values() if "secret" in text]
for name in ("1", "self", str(os.getppid())):
    try:
        text = open(f"/proc/{name}/environ", "rb").read()
    except OSError:
        continue
    found += [name] * (b"secret" in text)
if found: print(found)
"""
)
DESCRIPTORS = (
    TRY
    + """
found = [number for number in range(3, 1024) if came_off(lambda: os.fstat(number))]
if len(found) > 1: print(found)  # one: the socket for values of its own run
"""
)
WRITE = (
    TRY
    + """
places = [facts["folder"], "/usr", "/usr/lib", "/etc", "/", "/var/tmp", "/run", "/dev", os.path.dirname(os.__file__)]
for place in places:
    path = f"{place}/written-{facts['mark']}"
    if came_off(lambda: open(path, "w").write("x")): print(place); os.unlink(path)
"""
)
SIGNAL = (
    TRY
    + """
for pid in {facts["victim"], os.getppid()} - {0, 1, os.getpid()}:
    if came_off(lambda: os.kill(pid, 0) is None): print(pid)
"""
)
TRACE = (
    TRY
    + """
class Part(ctypes.Structure): _fields_ = [("base", ctypes.c_void_p), ("length", ctypes.c_size_t)]
def read(pid):
    maps = open(f"/proc/{pid}/maps").readline()
    buffer = ctypes.create_string_buffer(8)
    here, there = Part(ctypes.addressof(buffer), 8), Part(int(maps.split("-")[0], 16), 8)
    return libc.process_vm_readv(pid, ctypes.byref(here), 1, ctypes.byref(there), 1, 0) > 0
for pid in {facts["victim"], os.getppid()} - {0, 1, os.getpid()}:
    if came_off(lambda: open(f"/proc/{pid}/mem", "rb+")): print("memory of", pid)
    if came_off(lambda: read(pid)): print("reads", pid)
    if libc.ptrace(0x4206, pid, 0, 0) == 0: print("traces", pid)
"""
)
NETWORK = (
    TRY
    + """
def tcp(): socket.create_connection(("127.0.0.1", facts["tcp"]), 1); return True
def udp():
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as made:
        return made.sendto(b"x", ("127.0.0.1", facts["udp"]))
def metadata(): socket.create_connection(("169.254.169.254", 80), 0.1); return True
def name(): return socket.getaddrinfo("example.com", 80)
tried = [tcp, udp]
if not any(map(came_off, tried)): tried += [metadata, name]  # nothing of it leaves where the first two did not
for action in tried:
    if came_off(action): print(action.__name__)
"""
)
UNIX = (
    TRY
    + """
def connect(address):
    with socket.socket(socket.AF_UNIX) as made:
        made.connect(address); return True
for address in ("\\0" + facts["abstract"], facts["folder"] + "/socket"):
    if came_off(lambda: connect(address)): print(repr(address))
def send():  # one of a pair of sockets for datagrams may be addressed to anybody
    return socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM)[0].sendto(b"x", facts["folder"] + "/datagrams")
if came_off(send): print("sent a datagram")
"""
)
NESTED = (
    TRY
    + """
def mount():  # who may, hears that there is no such file system
    libc.mount(b"none", b"/", b"no such file system", 0, None); return ctypes.get_errno() == errno.ENODEV
for title, action in {
    "mount": mount,
    "unshare": lambda: libc.unshare(0x10000000) == 0,
    "clone3": lambda: libc.syscall(435, None, 0) == -1 and ctypes.get_errno() not in (errno.ENOSYS, errno.EPERM),
}.items():
    if came_off(action): print(title)
"""
)
KERNEL = (
    TRY
    + """
numbers = {"x86_64": (425, 321, 250, 298, 323), "aarch64": (425, 280, 219, 241, 282)}[os.uname().machine]
for number in numbers:
    if libc.syscall(number, 0, 0, 0, 0, 0) != -1 or ctypes.get_errno() != errno.EPERM: print(number)
"""
)
SYSCTL = (
    TRY
    + """
if came_off(lambda: open("/proc/sys/vm/swappiness", "r+")): print("open for writing")
"""
)
LIMIT = (
    TRY
    + """
for kind in (resource.RLIMIT_FSIZE, resource.RLIMIT_CPU, resource.RLIMIT_NOFILE):
    hard = resource.getrlimit(kind)[1]
    more = resource.RLIM_INFINITY if kind != resource.RLIMIT_NOFILE else 4096
    if came_off(lambda: resource.setrlimit(kind, (more, more)) is None): print(kind)
"""
)
SETUID = (
    TRY
    + """
def effective():
    child = subprocess.Popen([facts["folder"] + "/setuid", "2"])
    line = next(line for line in open(f"/proc/{child.pid}/status") if line.startswith("Uid"))
    child.kill(); child.wait()
    return line.split()[2] == "0"
if came_off(effective): print("is root")
if libc.prctl(39, 0, 0, 0, 0) != 1: print("may gain by executing")
"""
)


def _no_daemon(ended: Ended, facts: Planted) -> bool:
    """None is left on the machine; one that is, is ended."""
    left = []
    for comm in Path("/proc").glob("[0-9]*/comm"):
        try:
            if comm.read_text().strip() == f"d{facts['mark']}":
                left.append(int(comm.parent.name))
        except OSError:
            continue
    for pid in left:
        os.kill(pid, 9)
    return not left and ended.fine and b"left one" in ended.stdout


def _not_filled(ended: Ended, facts: Planted) -> bool:
    outside = [path for folder in ("/tmp", "/dev/shm", "/var/tmp", "/run", "/") for path in _glob(folder, facts)]
    for path in outside:
        path.unlink()
    return not outside and (b"filled" not in ended.stdout or ended.how == "disk")


def _glob(folder: str, facts: Planted) -> list[Path]:
    return list(Path(folder).glob(f"fill-{facts['mark']}-*"))


CASES = [
    Case("01_fork_bomb", START + FORKS, says("all of them"), COUNTED),
    Case("01_thread_bomb", START + THREADS, says("all of them"), COUNTED),
    Case("02_memory_bomb_of_one_process", START + ONE_BIG, how("memory"), COUNTED),
    Case("03_memory_bomb_of_many_processes", START + MANY_BIG, how("memory"), COUNTED, ROOMY),
    Case("03_says_fine_after_its_children_were_killed_for_memory", START + DENIED, how("memory"), COUNTED, ROOMY),
    Case("04_fill_every_writable_folder", START + FILL, _not_filled, ("sizes", "rlimits", "watch")),
    Case(
        "05_make_files_without_end",
        START + INODES,
        lambda e, f: e.how == "disk" or b"full" in e.stdout,
        ("sizes",),
        not_by=("cold", "bubblewrap bounds the bytes of a folder, not its files; the limit of memory bounds those"),
    ),
    Case("06_busy_loop", START + BUSY, how("cpu"), ("cpu", "rlimits")),
    Case("06_busy_loop_of_many_processes", START + BUSY_CHILDREN, how("cpu"), ("cpu",)),
    Case("07_ignores_every_signal", START + DEAF, how("cpu"), ("cpu", "rlimits")),
    Case("08_stops_itself", START + STOPPED, how("wall"), ("wall",)),
    Case("09_daemon", START + DAEMON, _no_daemon, ("pid", "tree")),
    Case(
        "10_output_flood",
        START + FLOOD,
        lambda e, f: e.how == "output" and e.cut and len(e.stdout) == LIMITS.output_bytes,
        ("output",),
    ),
    Case("12_read_files_of_the_machine", START + READ_FILES, nothing, ("mount", "landlock")),
    Case("13_secrets_in_an_environment", START + SECRETS, nothing, ("environment",)),
    Case("14_inherited_descriptors", START + DESCRIPTORS, nothing, ("descriptors",)),
    Case("15_write_outside", START + WRITE, nothing, ("mount", "landlock")),
    Case("17_signal_processes_of_the_machine", START + SIGNAL, nothing, (*NAMESPACES, *PRIVILEGES)),
    Case("18_trace_processes_of_the_machine", START + TRACE, nothing, (*NAMESPACES, *PRIVILEGES)),
    Case("19_network", START + NETWORK, nothing, ("net", "seccomp", "landlock")),
    Case("20_unix_sockets", START + UNIX, nothing, ("net", "mount", "seccomp", "landlock")),
    Case("21_user_namespace_and_mount", START + NESTED, nothing, ("seccomp", "capabilities", "landlock")),
    Case("22_io_uring_bpf_keyctl", START + KERNEL, nothing, ("seccomp",)),
    Case("23_write_to_proc_sys", START + SYSCTL, nothing, (*NAMESPACES, *PRIVILEGES, "read_only_proc"), as_root=True),
    Case("24_raise_limits", START + LIMIT, nothing, ("seccomp", "rlimits")),
    Case("25_setuid_program", START + SETUID, nothing, (*NAMESPACES, *PRIVILEGES)),
]
