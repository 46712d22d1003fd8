from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from forked import exit_status
from tracemill.sandbox import limited
from tracemill.sandbox.limited import REPLY_BYTES, LimitedProcess
from tracemill.sandbox.program import ENVIRONMENT

TARGETS = """
import os, resource, subprocess, sys, time

count = 0

def echo(request):
    global count
    count += 1
    return {"request": request, "count": count}

def look(request):
    return {
        "environment": dict(os.environ),
        "files": os.listdir("."),
        "directory": os.getcwd(),
        "session": os.getsid(0) == os.getpid(),
        "descriptors": [fd for fd in range(3, 200) if is_open(fd)],
        "order": list({"a", "b", "c", "d", "e", "f", "g"}),
        "open files": resource.getrlimit(resource.RLIMIT_NOFILE),
    }

def is_open(fd):
    try:
        os.fstat(fd)
    except OSError:
        return False
    return True

def shout(request):
    print("noise" * 1000, flush=True)
    os.write(1, b"more noise")
    sys.stderr.write("noise")
    return {"read": sys.stdin.read(1)}

def work(request):
    end = time.process_time() + request["cpu_seconds"]
    while time.process_time() < end:
        pass
    return {"pid": os.getpid()}

def act(request):
    what = request["what"]
    if what == "sleep":
        time.sleep(60)
    if what == "spin":
        while True:
            pass
    if what == "raise":
        raise ValueError("not like that")
    if what == "exit":
        sys.exit(0)
    if what == "killed":
        os.kill(os.getpid(), 9)
    if what == "die":
        os._exit(3)
    if what == "eat":
        return {"size": len(bytearray(2**33))}
    if what == "flood":
        return {"text": "x" * request["bytes"]}
    if what == "list":
        return [1]
    if what == "deaf":
        os.closerange(0, 200)
        time.sleep(60)
    if what == "forge":
        os.write(4, (20).to_bytes(4, "big") + b"x" * 20)
        time.sleep(60)
    if what == "write":
        with open("big", "wb") as file:
            file.write(bytes(2**25))
    if what == "child":
        return {"pid": subprocess.Popen(["sleep", "60"]).pid}
    return {"pid": os.getpid()}
"""

Make = Callable[..., LimitedProcess]


@pytest.fixture
def make(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Make]:
    (tmp_path / "limited_targets.py").write_text(TARGETS)
    monkeypatch.syspath_prepend(str(tmp_path))
    made: list[LimitedProcess] = []

    def start(function: str, seconds: float = 20.0, memory_bytes: int = 2**30) -> LimitedProcess:
        made.append(LimitedProcess(f"limited_targets:{function}", seconds=seconds, memory_bytes=memory_bytes))
        return made[-1]

    yield start
    for process in made:
        process.close()


def alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] not in "ZX"
    except FileNotFoundError:
        return False


def gone(pid: int) -> bool:
    for _ in range(500):
        if not alive(pid):
            return True
        time.sleep(0.01)
    return False


def test_child_persists_and_keeps_text_as_it_is(make: Make) -> None:
    process = make("echo")
    for count in (1, 2):
        request = {"text": "é\u0000\ud800 \N{GRINNING FACE}", "number": 2**70, "size": "y" * 300_000}
        assert process.call(request) == {"request": request, "count": count}


def test_child_sees_no_secret_no_descriptor_and_an_empty_directory(
    make: Make, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("SECRET_TOKEN", "abc")
    leaked = os.open(tmp_path / "leak", os.O_CREAT | os.O_RDWR)
    os.set_inheritable(leaked, True)
    process = make("look")
    seen = process.call({})
    os.close(leaked)
    assert "abc" not in seen["environment"].values()
    assert seen["environment"]["PYTHONHASHSEED"] == "0"
    # What is gathered in such a child is judged in the sandbox: sympy has the same whole numbers in both.
    assert seen["environment"]["SYMPY_GROUND_TYPES"] == ENVIRONMENT["SYMPY_GROUND_TYPES"]
    assert seen["files"] == []
    assert seen["session"]
    assert len(seen["descriptors"]) <= 3  # the two pipes, and the null device that stands for them
    assert seen["open files"] == [256, 256]
    assert seen["order"] == make("look").call({})["order"]
    assert Path(seen["directory"]).is_dir()
    process.close()
    assert not Path(seen["directory"]).exists()


def test_output_of_the_target_does_not_reach_the_protocol(make: Make) -> None:
    assert make("shout").call({}) == {"read": ""}


@pytest.mark.parametrize(("what", "ending"), [("sleep", LimitedProcess.Lost), ("spin", LimitedProcess.Timeout)])
def test_hang_is_killed_and_the_next_call_starts_afresh(
    make: Make, monkeypatch: pytest.MonkeyPatch, what: str, ending: type[Exception]
) -> None:
    """What takes no CPU time is stopped by the wall clock, and that is trouble of ours."""
    if what == "sleep":
        monkeypatch.setattr(limited, "stalled_after", lambda seconds: 0.5)
    process = make("act", seconds=0.3)
    first = process.call({"what": "nothing"})["pid"]
    with pytest.raises(ending):
        process.call({"what": what})
    assert gone(first)
    assert process.call({"what": "nothing"})["pid"] != first


def test_each_call_has_the_whole_cpu_time_and_no_more(make: Make) -> None:
    process = make("work", seconds=0.4)
    pids = {process.call({"cpu_seconds": 0.25})["pid"] for _ in range(3)}
    assert len(pids) == 1
    with pytest.raises(LimitedProcess.Timeout, match="CPU time"):
        process.call({"cpu_seconds": 0.6})


def test_a_loaded_machine_changes_no_outcome(make: Make) -> None:
    """Ten busy processes beside it on one core: by the wall clock the work takes some ten times its deadline."""
    allowed = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {min(allowed)})
    busy = [subprocess.Popen([sys.executable, "-c", "while True: pass"]) for _ in range(10)]
    try:
        process = make("work", seconds=0.3)
        began = time.monotonic()
        assert process.call({"cpu_seconds": 0.2})["pid"]
        assert time.monotonic() - began > process.seconds, "the load was none; the test shows nothing"
        with pytest.raises(LimitedProcess.Timeout):
            process.call({"cpu_seconds": 10})
    finally:
        os.sched_setaffinity(0, allowed)
        for one in busy:
            one.kill()
            one.wait()


def test_a_child_that_is_killed_from_outside_is_trouble_of_ours(make: Make) -> None:
    process = make("act")
    with pytest.raises(LimitedProcess.Lost, match="signal 9"):
        process.call({"what": "killed"})
    assert process.call({"what": "nothing"})["pid"]


@pytest.mark.parametrize(("what", "type_"), [("raise", "ValueError"), ("exit", "SystemExit"), ("list", "TypeError")])
def test_exception_comes_back_with_type_and_message(make: Make, what: str, type_: str) -> None:
    process = make("act")
    with pytest.raises(LimitedProcess.Failed) as caught:
        process.call({"what": what})
    assert caught.value.type == type_
    assert what != "raise" or caught.value.message == "not like that"
    assert process.call({"what": "nothing"})["pid"]


def test_out_of_memory_is_a_failure_and_replaces_the_child(make: Make) -> None:
    process = make("act")
    first = process.call({"what": "nothing"})["pid"]
    with pytest.raises(LimitedProcess.Failed, match="MemoryError"):
        process.call({"what": "eat"})
    assert process.call({"what": "nothing"})["pid"] != first


def test_sudden_end_says_how(make: Make) -> None:
    process = make("act")
    with pytest.raises(LimitedProcess.Died, match="exit status 3"):
        process.call({"what": "die"})
    assert process.call({"what": "nothing"})["pid"]


@pytest.mark.parametrize("what", ["deaf", "forge"])
def test_closed_or_forged_reply_ends_the_child(make: Make, what: str) -> None:
    process = make("act")
    pid = process.call({"what": "nothing"})["pid"]
    with pytest.raises(LimitedProcess.Died):
        process.call({"what": what})
    assert gone(pid)


def test_reply_and_files_are_bounded(make: Make) -> None:
    process = make("act")
    assert len(process.call({"what": "flood", "bytes": 10**6})["text"]) == 10**6
    with pytest.raises(LimitedProcess.Failed, match="the limit is"):
        process.call({"what": "flood", "bytes": REPLY_BYTES})
    with pytest.raises(LimitedProcess.Failed, match="OSError"):
        process.call({"what": "write"})


def test_process_group_goes_with_the_child(make: Make) -> None:
    process = make("act")
    pid = process.call({"what": "child"})["pid"]
    assert alive(pid)
    process.close()
    assert gone(pid)


def test_target_that_cannot_be_imported_is_named(make: Make) -> None:
    with pytest.raises(LimitedProcess.NotStarted, match=r"limited_targets:absent did not start: AttributeError"):
        make("absent").call({})


def test_a_child_that_is_late_or_dies_before_its_first_reply_has_not_started(
    make: Make, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "dying.py").write_text("import os; os._exit(5)")
    make("echo")
    dying = LimitedProcess("dying:target", seconds=20.0, memory_bytes=2**30)
    with pytest.raises(LimitedProcess.NotStarted, match="exit status 5"):
        dying.call({})
    monkeypatch.setattr(limited, "START_SECONDS", 0.0)
    with pytest.raises(LimitedProcess.NotStarted, match=r"did not start: .* stalled"):
        make("echo").call({})


def test_request_that_is_not_json_is_refused_before_it_is_sent(make: Make) -> None:
    process = make("echo")
    with pytest.raises(TypeError):
        process.call({"set": {1}})
    assert process.call({})["count"] == 1


def test_one_process_serves_many_threads(make: Make) -> None:
    process = make("echo")
    replies: list[int] = []

    def ask(number: int) -> None:
        replies.append(process.call({"number": number})["request"]["number"] == number)

    threads = [threading.Thread(target=ask, args=(number,), daemon=True) for number in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert replies == [True] * 20
    assert process.call({})["count"] == 21


@pytest.mark.parametrize("what", ["nothing", "spin"])
def test_child_ends_with_its_parent(make: Make, tmp_path: Path, what: str) -> None:
    make("act")
    script = (
        "import sys; sys.path[:0] = sys.argv[2:]\n"
        "from tracemill.sandbox.limited import LimitedProcess\n"
        "process = LimitedProcess('limited_targets:act', seconds=60, memory_bytes=2**30)\n"
        "print(process.call({'what': 'nothing'})['pid'], flush=True)\n"
        "process.call({'what': sys.argv[1]}); print('called', flush=True); sys.stdin.read()\n"
    )
    root = str(Path(__file__).resolve().parents[2])
    parent = subprocess.Popen(
        [sys.executable, "-c", script, what, str(tmp_path), root], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    assert parent.stdout
    pid = int(parent.stdout.readline())
    if what == "nothing":
        assert parent.stdout.readline() == b"called\n"
    assert alive(pid)
    directory = Path(f"/proc/{pid}/cwd").readlink()
    parent.send_signal(signal.SIGKILL)
    parent.communicate()
    assert gone(pid)
    assert not directory.exists()


def test_a_fork_while_another_thread_calls_leaves_a_process_that_can_call(make: Make) -> None:
    process = make("act", seconds=3.0)
    first = process.call({"what": "nothing"})["pid"]

    def spin() -> None:
        with pytest.raises(LimitedProcess.Timeout):
            process.call({"what": "spin"})

    calling = threading.Thread(target=spin)
    calling.start()
    while not process._lock.locked():
        time.sleep(0.001)
    pid = os.fork()
    if not pid:
        os._exit(int(process.call({"what": "nothing"})["pid"] in (first, None)))
    assert exit_status(pid) == 0
    calling.join()
    assert process.call({"what": "nothing"})["pid"] != first


def test_a_fork_while_another_thread_starts_the_child_leaves_a_process_that_can_call(
    make: Make, tmp_path: Path
) -> None:
    (tmp_path / "slow_start.py").write_text("import time; time.sleep(1)\ndef target(request): return request")
    make("echo")
    process = LimitedProcess("slow_start:target", seconds=20.0, memory_bytes=2**30)
    calling = threading.Thread(target=process.call, args=({},))
    calling.start()
    while process._child is None:
        time.sleep(0.001)
    pid = os.fork()
    if not pid:
        os._exit(len(process.call({})))
    assert exit_status(pid) == 0
    calling.join()
    process.close()


def test_a_child_ends_with_its_parent_though_a_forked_process_lives_on(make: Make, tmp_path: Path) -> None:
    make("act")
    script = (
        "import os, sys, time; sys.path[:0] = sys.argv[1:]\n"
        "from tracemill.sandbox.limited import LimitedProcess\n"
        "process = LimitedProcess('limited_targets:act', seconds=60, memory_bytes=2**30)\n"
        "print(process.call({'what': 'nothing'})['pid'], flush=True)\n"
        "forked = os.fork()\n"
        "if forked: print(forked, flush=True)\n"
        "else: sys.stdin.read()\n"
    )
    parent = subprocess.Popen(
        [sys.executable, "-c", script, str(tmp_path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert parent.stdout and parent.stdin
    child, forked = int(parent.stdout.readline()), int(parent.stdout.readline())
    parent.wait()
    try:
        assert gone(child)
        assert alive(forked)
    finally:
        parent.stdin.close()
        parent.stdout.close()


def test_a_child_that_the_machine_cannot_start_has_not_started(make: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    process = make("echo")
    monkeypatch.setattr(limited.sys, "executable", "/nonexistent/python")
    with pytest.raises(LimitedProcess.NotStarted, match="No such file"):
        process.call({})
