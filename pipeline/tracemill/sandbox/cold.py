"""An interpreter started for each run in a cage that bubblewrap makes."""

from __future__ import annotations

import contextlib
import os
import resource
import select
import shutil
import signal
import subprocess
import sys
import sysconfig
import time
from collections.abc import Callable
from pathlib import Path

from tracemill.sandbox.jobs import Ended, Limits, SandboxTrouble
from tracemill.sandbox.process_tree import descendants, look
from tracemill.sandbox.program import ENVIRONMENT, WORK
from tracemill.sandbox.supervisor import Watch

_HERE = Path(__file__).resolve().parent
_INSIDE = ("values.py", "payload.py", "program.py", "__init__.py")
_LOOK_SECONDS = 0.05


def bubblewrap() -> str | None:
    return shutil.which("bwrap", path="/usr/local/bin:/usr/bin:/bin")


def run_cold(payload: int, limits: Limits, first: int, last: int, *, caged: bool = True) -> Watch:
    """Runs `first` to `last` of the job; see `Watch` for what is known afterwards.

    Raises:
        SandboxTrouble: the processes did not start, or had no CPU time.
    """
    watch = Watch(limits, first, last)
    out, err, channel = watch.child_ends
    arguments = [str(payload), str(first), str(last), str(channel), watch.nonce]
    life, ours = os.pipe2(os.O_CLOEXEC)
    cage = _cage(limits, ours) if caged else []
    root = "/tracemill" if caged else str(_HERE.parents[1])
    boot = f"import sys; sys.path.insert(0, {root!r}); from tracemill.sandbox.program import main; main()"
    command = [*cage, interpreter(), "-P", "-s", "-S", "-c", boot, *arguments, *package_folders()]
    try:
        process = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=err,
            env=ENVIRONMENT,
            pass_fds=(payload, channel, *((ours,) if caged else ())),
            preexec_fn=_limited(limits),  # noqa: PLW1509  the caller may have threads, and this only sets limits
            start_new_session=True,
        )
    except OSError as exc:
        raise SandboxTrouble(f"the sandbox could not start {command[0]}: {exc}") from exc
    finally:
        os.close(ours)
    with open(life, "rb", buffering=0):  # noqa: PTH123
        _attend(watch, process)
    return watch


def interpreter() -> str:
    return os.path.realpath(getattr(sys, "_base_executable", sys.executable))


def package_folders() -> list[str]:
    return sorted({sysconfig.get_path("purelib"), sysconfig.get_path("platlib")})


def _limited(limits: Limits) -> Callable[[], None]:
    seconds = int(limits.cpu_seconds) + 2
    pairs = (
        (resource.RLIMIT_CPU, seconds),
        (resource.RLIMIT_FSIZE, limits.disk_bytes),
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_NOFILE, 256),
    )

    def limit() -> None:
        for kind, most in pairs:
            resource.setrlimit(kind, (most, most))

    return limit


def _cage(limits: Limits, info: int) -> list[str]:
    found = bubblewrap()
    if not found:
        raise SandboxTrouble("there is no bubblewrap on this machine; install it: apt-get install bubblewrap")
    size = str(limits.disk_bytes)
    base = str(Path(interpreter()).parents[1])
    command = [found, "--unshare-user", "--unshare-all", "--disable-userns", "--uid", "1000", "--gid", "1000"]
    command += ["--die-with-parent", "--new-session", "--cap-drop", "ALL", "--info-fd", str(info), "--clearenv"]
    command += ["--proc", "/proc", "--dev", "/dev"]
    for folder in ("/dev/shm", "/tmp", WORK):
        command += ["--size", size, "--tmpfs", folder]
    # After the empty folders, for an interpreter may lie in /tmp.
    for folder in ("/usr", base, *package_folders()):
        command += ["--ro-bind", folder, folder]
    for folder in ("/lib", "/lib64", "/bin", "/sbin"):
        if Path(folder).is_symlink():
            command += ["--symlink", str(Path(folder).readlink()), folder]
        elif Path(folder).is_dir():
            command += ["--ro-bind", folder, folder]
    for name in ("ld.so.cache", "alternatives"):
        command += ["--ro-bind-try", f"/etc/{name}", f"/etc/{name}"]
    for name in _INSIDE:
        command += ["--ro-bind", str(_HERE / name), f"/tracemill/tracemill/sandbox/{name}"]
    command += ["--remount-ro", "/dev", "--remount-ro", "/", "--chdir", WORK]
    for name, value in ENVIRONMENT.items():
        command += ["--setenv", name, value]
    return [*command, "--"]


def _attend(watch: Watch, process: subprocess.Popen[bytes]) -> None:
    def seen_cpu() -> float:
        return look(descendants(process.pid)).cpu_seconds

    watch.started(seen_cpu)
    poll = select.poll()
    for end in watch.ends:
        poll.register(end, select.POLLIN)
    due = time.monotonic() + _LOOK_SECONDS
    cpu, status = 0.0, None
    while status is None:
        for end, _ in poll.poll(5):
            watch.read(end)
            if end not in watch.ends:
                poll.unregister(end)
        if time.monotonic() > due:
            seen = look(descendants(process.pid))
            watch.look(seen)
            cpu = max(cpu, seen.cpu_seconds)
            due = time.monotonic() + _LOOK_SECONDS
        if watch.broke or watch.starved:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
        pid, raw, usage = os.wait4(process.pid, os.WNOHANG)
        if pid:
            status, cpu = raw, max(cpu, usage.ru_utime + usage.ru_stime)
            process.returncode = os.waitstatus_to_exitcode(raw)
    if watch.starved:
        raise SandboxTrouble("the machine gave a program no CPU time")
    if os.WIFEXITED(status) and os.WEXITSTATUS(status) > 128:
        status = os.WEXITSTATUS(status) - 128  # bubblewrap reports a signal as shells do
    watch.end(status, cpu, None)


def ended_runs(payload: int, limits: Limits, count: int, batched: Callable[[int], int], *, caged: bool) -> list[Ended]:
    """All runs, where `batched(i)` is the end of the calls that share a process with number `i`."""
    ended: list[Ended] = []
    while len(ended) < count:
        ended += run_cold(payload, limits, len(ended), batched(len(ended)), caged=caged).ended
    return ended
