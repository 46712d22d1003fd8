"""Cases 11, 16 and 26–28, and input that no program should have: what lies around a single run."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import struct
import subprocess
import sys
import threading
import time
from dataclasses import replace
from pathlib import Path

import pytest
from attacking import LIMITS, NAMES, WAYS, in_background, reached, run, without
from tracemill.sandbox import program
from tracemill.sandbox.broker import control_groups, server
from tracemill.sandbox.broker.settings import BrokerSettings
from tracemill.sandbox.client import Sandbox
from tracemill.sandbox.jobs import Job, JobCall, JobRun, Limits
from tracemill.sandbox.process_tree import descendants

at_every_level = pytest.mark.parametrize(("level", "way"), WAYS, ids=NAMES)


def held(level, way) -> Sandbox:
    sandbox = reached(level, way)
    if isinstance(sandbox, str):
        pytest.skip(sandbox)
    return sandbox


@at_every_level
def test_11_output_that_is_no_text_comes_back_byte_for_byte(level, way):
    every = bytes(range(256)) + b"\x1b[2J\x1b]0;title\x07"
    ended = run(held(level, way), f"import sys; sys.stdout.buffer.write({every!r})")
    assert ended.stdout == every


LEAVES = """
import os
open("kept", "w").write("kept")
os.symlink(SECRET, "link"); os.link("kept", "hard"); os.mkfifo("pipe"); os.mkdir("folder")
os.symlink("..", "folder/up"); open("folder/kept", "w").write("too")
os.unlink("hard")
os.link("kept", "folder/hard")
open("alone", "w").write("alone")
"""


@at_every_level
def test_16_of_what_a_job_prepares_only_plain_files_are_kept(level, way, tmp_path):
    (tmp_path / "secret").write_text("a secret")
    source = LEAVES.replace("SECRET", repr(str(tmp_path / "secret"))).encode()
    job = Job(
        {"make.py": source, "main.py": b"import os\nprint(sorted(os.listdir('.')), sorted(os.listdir('folder')))"},
        ("python", "main.py"),
        (JobRun(),),
        ("python", "make.py"),
        LIMITS,
    )
    report = held(level, way).run(job)
    assert report.prepared and report.prepared.fine
    assert report.runs[0].stdout == b"['alone', 'folder', 'main.py', 'make.py'] ['kept']\n"


def test_16_without_the_look_at_each_file_a_link_would_be_followed(tmp_path, monkeypatch):
    (tmp_path / "secret").write_text("a secret")
    (tmp_path / "left").mkdir()
    (tmp_path / "left/link").symlink_to(tmp_path / "secret")
    monkeypatch.chdir(tmp_path / "left")
    assert list(program._left(1000)) == []
    monkeypatch.setattr(os, "O_NOFOLLOW", 0)
    assert [content for _, content, _ in program._left(1000)] == [b"a secret"]


LEAVE = """
import ctypes, os, socket, time
for folder in (".", "/tmp", "/dev/shm"):
    try: open(folder + "/residue", "w").write("x")
    except OSError: pass
libc = ctypes.CDLL(None)
libc.shmget(0x7ace, 4096, 0o1666)
if os.fork() == 0:
    os.setsid()
    try:
        made = socket.socket(socket.AF_UNIX); made.bind("\\0residue"); made.listen()
    except OSError: pass
    os.closerange(0, 3)
    time.sleep(30)
time.sleep(0.1)
"""
FIND = """
import ctypes, os, socket
found = [folder for folder in (".", "/tmp", "/dev/shm") if os.path.exists(folder + "/residue")]
if ctypes.CDLL(None).shmget(0x7ace, 4096, 0) != -1: found.append("shared memory")
try:
    socket.socket(socket.AF_UNIX).connect("\\0residue"); found.append("socket")
except OSError: pass
print(found)
"""


@at_every_level
def test_26_a_job_finds_nothing_of_the_one_before(level, way):
    sandbox = held(level, way)
    assert run(sandbox, LEAVE).fine
    assert run(sandbox, FIND).stdout == b"[]\n"


@at_every_level
def test_26_a_run_finds_nothing_of_the_one_before_it_in_its_job(level, way):
    program = f"{{'leave': lambda: exec({LEAVE!r}, {{}}), 'find': lambda: exec({FIND!r}, {{}})}}[input()]()"
    job = Job(
        {"main.py": program.encode()},
        ("python", "main.py"),
        (JobRun(b"find"), JobRun(b"leave"), JobRun(b"find"), JobRun(b"find")),
        limits=LIMITS,
    )
    assert [one.stdout for one in held(level, way).run(job).runs] == [b"[]\n", b"", b"[]\n", b"[]\n"]


def test_26_a_changed_file_is_put_back_for_the_next_run():
    program = "import os, sys\nprint(open('data').read(), open('main.py').read().count('changed'))\n"
    program += "open('data', 'r+').write('B')"
    files = {"main.py": program.encode(), "data": b"A"}
    report = Sandbox.with_settings(BrokerSettings.here(slots=1)).run(
        Job(files, ("python", "main.py"), (JobRun(), JobRun()))
    )
    assert [one.stdout for one in report.runs] == [b"A 1\n", b"A 1\n"]


def test_26_without_fresh_files_a_job_finds_those_of_the_one_before():
    sandbox = without("fresh")
    run(sandbox, LEAVE)
    report = sandbox.run(Job({"other.py": FIND.encode()}, ("python", "other.py"), (JobRun(),), limits=LIMITS))
    assert b"/tmp" in report.runs[0].stdout


def broker_of(sandbox: Sandbox) -> int:
    connection = sandbox._connections._take()
    found = connection._socket.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, struct.calcsize("3i"))
    sandbox._connections._give_back(connection)
    return struct.unpack("3i", found)[0]


def gone(pids: list[int], seconds: float) -> bool:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        left = [pid for pid in pids if _alive(pid)]
        if not left:
            return True
        time.sleep(0.01)
    return False


def _alive(pid: int) -> bool:
    try:
        return " Z " not in Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return False


def kill_broker_at_work(sandbox: Sandbox) -> list[int]:
    """Kills the broker while a program runs; gives the processes that it had."""
    # It outlives this test unless it is killed; the new broker's ends by its limit.
    slow = "import os, time\nif os.fork() == 0:\n    os.setsid()\nprint(1, flush=True)\ntime.sleep(120)"
    results = []
    thread = in_background(lambda: results.append(run(sandbox, slow, limits=replace(LIMITS, cpu_seconds=1.5))))
    pid = broker_of(sandbox)
    deadline = time.monotonic() + 20
    while len(descendants(pid)) < 6 and time.monotonic() < deadline:
        time.sleep(0.01)
    pids = descendants(pid)
    assert len(pids) >= 6
    os.kill(pid, signal.SIGKILL)
    if sandbox_survives := "broker_death" not in sandbox._connections._settings.without:
        thread.join(60)
        assert results and results[0].stdout == b"1\n1\n", "the job was not run by a new broker"
    return pids if sandbox_survives else pids[1:]


@pytest.mark.parametrize(("level", "way"), WAYS[:3], ids=NAMES[:3])
def test_27_what_a_killed_broker_ran_is_gone_and_the_job_is_run_by_a_new_one(level, way):
    held(level, way)
    settings = replace(BrokerSettings.here(level, 1, way), idle_seconds=2.5)
    assert gone(kill_broker_at_work(Sandbox.with_settings(settings)), 20)


def test_27_without_its_defence_the_processes_of_a_killed_broker_go_on():
    settings = replace(BrokerSettings.here(slots=1), idle_seconds=2.6).leaving_out("broker_death")
    pids = kill_broker_at_work(Sandbox.with_settings(settings))
    alive = not gone(pids, 1.0)
    for pid in pids:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
    assert alive


def no_groups() -> None:
    raise OSError("no control groups here")


def test_28_without_control_groups_the_level_is_l2_and_says_why(monkeypatch):
    if isinstance(reached("L2", "warm"), str):
        pytest.skip(reached("L2", "warm"))
    monkeypatch.setattr(server, "Groups", no_groups)
    engine, level, canaries = server.engine_of(BrokerSettings.here(slots=1))
    engine.close()
    assert level == "L2"
    failed = [canary.title for canary in canaries if not canary.held]
    assert failed == ["make a control group: no control groups here"]
    assert all(canary.held for canary in canaries if canary.level == "L2")


@pytest.mark.skipif(os.getuid() != 0, reason="only root can make a place where user namespaces are refused")
def test_28_where_the_kernel_gives_no_namespaces_the_level_is_l1_and_says_why():
    script = Path(__file__).with_name("without_namespaces.py")
    said = subprocess.run([sys.executable, script, "0"], capture_output=True, text=True, check=True).stdout
    level, way, failed = said.split(" ", 2)
    assert (level, way) == ("L1", "warm")
    assert "L3 run a program: no slot could be made" in failed and "L2 run a program: no slot could be made" in failed


def test_28_a_level_is_what_attacks_showed_and_not_what_was_asked_for(monkeypatch):
    """The engine claims a level, and one of its attacks comes off: the next level is tried."""
    from tracemill.sandbox.broker.canaries import AttackOutcome

    seen = []

    def attacked(engine, level):
        seen.append(level)
        return [AttackOutcome(level, "read a file of the machine", level == "L1")]

    monkeypatch.setattr(server, "attacked", attacked)
    engine, level, _ = server.engine_of(replace(BrokerSettings.here(slots=1), highest="L2"))
    engine.close()
    assert (level, seen[0], seen[-1]) == ("L1", "L2", "L1")


def test_28_a_level_that_the_config_does_not_allow_is_refused_with_the_fix(monkeypatch):
    from tracemill.sandbox.config import SandboxConfig
    from tracemill.settings.errors import UsageError

    sandbox = Sandbox(SandboxConfig(highest="L0"))
    with pytest.raises(UsageError, match=r"reaches L0 .*allows L1 or better.*sandbox\.allow=L0"):
        sandbox.run(Job({"main.py": b""}, ("python", "main.py"), (JobRun(),)))


NESTED_BRACKETS = "(" * 10_000 + ")" * 10_000


@at_every_level
@pytest.mark.parametrize(
    ("name", "source"),
    [
        ("ten megabytes", b"#" + b"x" * 10_000_000 + b"\nprint('end')"),
        ("NUL", b"print(1)\0"),
        ("invalid UTF-8", b"print('\xff\xfe')"),
        ("nested brackets", NESTED_BRACKETS.encode()),
        ("nothing", b""),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_program_that_is_no_program_gets_an_end(level, way, name, source):
    limits = replace(LIMITS, cpu_seconds=5.0, disk_bytes=16 << 20)
    report = held(level, way).run(Job({"main.py": source}, ("python", "main.py"), (JobRun(),), limits=limits))
    (ended,) = report.runs
    expected = {"ten megabytes": 0, "nothing": 0}.get(name, 1)
    assert (ended.how, ended.status) == ("exit", expected)


def test_a_program_that_prints_a_gigabyte_costs_no_more_than_its_limit():
    sandbox = Sandbox.with_settings(BrokerSettings.here(slots=1))
    ended = run(sandbox, "while True: print('x' * (1 << 20))", limits=replace(LIMITS, cpu_seconds=5.0))
    assert (ended.how, ended.cut, len(ended.stdout)) == ("output", True, LIMITS.output_bytes)


@at_every_level
@pytest.mark.parametrize("status", [1, 128, 200, 255])
def test_the_status_of_a_program_is_its_own(level, way, status):
    """In bubblewrap's cage 255 was taken for the signal 127, which there is none of, and the broker died of that."""
    ended = run(held(level, way), f"import os; os._exit({status})")
    assert (ended.how, ended.status) == ("exit", status)


@pytest.mark.skipif(os.getuid() != 0, reason="only root gives a slot a user whose processes are counted")
def test_the_kernel_counts_processes_in_the_slow_way_too():
    """Without a control group a fork bomb went as far as it came between two looks."""
    ended = run(held("L2", "cold"), "import resource; print(resource.getrlimit(resource.RLIMIT_NPROC))")
    assert ended.stdout == b"(%d, %d)\n" % ((LIMITS.processes + 8,) * 2)


def test_a_slot_whose_keeper_was_killed_is_replaced_and_its_job_run_again():
    settings = replace(BrokerSettings.here(slots=1), idle_seconds=2.7)
    sandbox = Sandbox.with_settings(settings)
    pid = broker_of(sandbox)
    stop = threading.Event()

    def kill_keepers():
        for _ in range(3):
            if stop.wait(0.3):
                return
            for child in descendants(pid)[1:2]:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(child, signal.SIGKILL)

    thread = in_background(kill_keepers)
    outputs = [run(sandbox, f"print({number})").stdout for number in range(60)]
    stop.set()
    thread.join()
    assert outputs == [f"{number}\n".encode() for number in range(60)]


def test_values_that_cross_the_wall_are_plain_values():
    """Cases 30 and 36, the sandbox's part: subclasses and foreign objects come back as what equals nothing."""
    from tracemill.sandbox.transfer import decode

    source = b"""
class Yes(int):
    def __eq__(self, other): return True
    __hash__ = int.__hash__
class Any:
    def __eq__(self, other): return True
    def __reduce__(self): return (print, ("unpickled",))
def f(what):
    plain = (1, {2: {3}}, b"x", 1j, float("inf"))
    return {"int": Yes(3), "object": Any(), "list": [Any()], "plain": plain}[what]
"""
    calls = tuple(JobRun(call=JobCall("f", (what,))) for what in ("int", "object", "list", "plain"))
    report = Sandbox.with_settings(BrokerSettings.here(slots=1)).run(
        Job({"main.py": source}, ("python", "main.py"), calls)
    )
    values = [decode(one.value) for one in report.runs]
    assert values[0] != 3 and values[1] != values[1] and values[2] != [0]
    assert values[3] == (1, {2: {3}}, b"x", 1j, float("inf"))


def test_a_group_of_version_2_reads_and_writes_the_files_of_that_version(tmp_path):
    """No machine of ours has one with memory and processes: the files are made by hand."""
    folder = tmp_path / "group"
    group = control_groups.Group(dict.fromkeys(("memory", "pids", "cpuacct"), folder), unified=True)
    (folder / "memory.stat").write_text("anon 1000\nfile 9\n")
    (folder / "pids.current").write_text("3\n")
    (folder / "cpu.stat").write_text("usage_usec 2500000\nuser_usec 1\n")
    (folder / "memory.events").write_text("oom 2\noom_kill 1\n")
    (folder / "pids.events").write_text("max 4\n")
    group.settle()
    group.arm(Limits(memory_bytes=5000, processes=7))
    group.join(42)
    assert (folder / "memory.max").read_text() == "6000"
    assert (folder / "memory.swap.max").read_text() == "0"
    assert (folder / "pids.max").read_text() == "11"
    assert (folder / "cgroup.procs").read_text() == "42"
    assert group.counts() == control_groups.Counts(2.5, 1, 4)
