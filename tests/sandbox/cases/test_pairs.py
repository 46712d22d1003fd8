"""Two programs that talk, of which one is hostile: what the other one hears of it, and what becomes of both."""

from __future__ import annotations

import contextlib
import os
import signal
import threading
from dataclasses import replace

import pytest
from attacking import LIMITS, NAMES, WAYS, in_background, without
from test_jobs_and_broker import broker_of, held
from tracemill.sandbox.broker.settings import BrokerSettings
from tracemill.sandbox.client import Sandbox
from tracemill.sandbox.jobs import Ended, Job, JobCall, JobRun, Limits
from tracemill.sandbox.process_tree import descendants

at_every_level = pytest.mark.parametrize(("level", "way"), WAYS, ids=NAMES)
PATIENT = replace(LIMITS, cpu_seconds=5.0)

# Reads until the end of the file, and says what it heard.
LISTENS = """
import os
heard = bytearray()
while data := os.read(3, 1 << 16):
    heard += data
print(len(heard), bytes(heard[:40]))
"""


def job(source: str, limits: Limits = LIMITS, **fields) -> Job:
    return Job({"main.py": source.encode()}, ("python", "main.py"), (JobRun(),), limits=limits, **fields)


def pair(sandbox: Sandbox, first: str, second: str, limits: Limits = LIMITS) -> tuple[Ended, Ended]:
    """The first may take its time: it is the second that is on trial."""
    one, other = sandbox.pair(job(first, PATIENT), job(second, limits))
    return one.runs[0], other.runs[0]


@at_every_level
def test_they_talk_in_both_directions_and_nothing_else_is_open(level, way):
    asks = "import os\nfor n in range(3):\n    os.write(3, b'%d' % n)\n    print(os.read(3, 10).decode())\n"
    answers = """
import os
while word := os.read(3, 10): os.write(3, word * 2)
def is_open(number):
    try: return bool(os.fstat(number))
    except OSError: return False
print(len([number for number in range(4, 1024) if is_open(number)]))
"""
    one, other = pair(held(level, way), asks, answers)
    assert (one.stdout, one.fine) == (b"00\n11\n22\n", True)
    # One: the socket for what its run raises.
    assert (other.stdout, other.fine) == (b"1\n", True)


@pytest.mark.parametrize(("level", "way"), [WAYS[0], WAYS[3]], ids=[NAMES[0], NAMES[3]])
def test_executed_programs_have_the_link_too_and_what_was_prepared(level, way):
    shell = replace(job(""), command=("/bin/sh", "-c", "read word <&3; echo got $word; cat made >&3"))
    shell = replace(shell, prepare=("/bin/sh", "-c", "echo prepared > made"))
    one, other = held(level, way).pair(job("import os\nos.write(3, b'a\\n'); print(os.read(3, 99))", PATIENT), shell)
    assert one.runs[0].stdout == b"b'prepared\\n'\n"
    assert other.runs[0].stdout == b"got a\n"
    assert other.prepared and other.prepared.fine


def test_where_one_cannot_be_prepared_neither_is_run():
    report, broken = Sandbox.with_settings(BrokerSettings.here()).pair(job(LISTENS), job("", prepare=("/bin/false",)))
    assert report.runs == broken.runs == ()
    assert broken.prepared and broken.prepared.status == 1


@pytest.mark.parametrize("runs", [(), (JobRun(), JobRun()), (JobRun(call=JobCall("f")),)])
def test_what_is_not_one_program_is_refused(runs):
    with pytest.raises(ValueError, match="each of two programs that talk has one run"):
        Sandbox.with_settings(BrokerSettings.here()).pair(job(LISTENS), replace(job(LISTENS), runs=runs))


GARBAGE = "import os\nos.write(3, bytes(range(256)) * 100)"
CLOSES = "import os, time\nos.close(3)\ntime.sleep(0.2)\nprint('lived on')"
ENDS = "import os\nos._exit(7)"
KILLED = "import os, signal\nos.kill(os.getpid(), signal.SIGSEGV)"
DAEMON = """
import os, time
os.write(3, b"left one")
if os.fork() == 0:
    os.setsid()
    if os.fork() == 0:
        for number in range(3): os.close(number)
        time.sleep(60)
    os._exit(0)
os.wait()
"""


@at_every_level
@pytest.mark.parametrize(
    ("program", "heard", "end"),
    [
        (GARBAGE, 25600, ("exit", 0)),
        (CLOSES, 0, ("exit", 0)),
        (ENDS, 0, ("exit", 7)),
        (KILLED, 0, ("signal", signal.SIGSEGV)),
        (DAEMON, 8, ("exit", 0)),
    ],
    ids=["sends garbage", "closes it", "ends at once", "dies", "keeps it open in a daemon"],
)
def test_the_other_hears_what_was_sent_and_then_the_end(level, way, program, heard, end):
    one, other = pair(held(level, way), LISTENS, program)
    assert one.fine and int(one.stdout.split()[0]) == heard
    assert (other.how, other.status) == end


def test_without_its_defence_a_daemon_keeps_the_other_waiting():
    sandbox = without("pid", "tree")
    keeps = DAEMON.replace("time.sleep(60)", "time.sleep(4)")
    report, _ = sandbox.pair(job(LISTENS, replace(LIMITS, cpu_seconds=1.0)), job(keeps))
    assert report.runs[0].how == "wall"


@at_every_level
def test_a_flood_that_is_read_ends_by_cpu_time_and_one_that_is_not_by_waiting(level, way):
    floods = "import os\nwhile True: os.write(3, bytes(1 << 16))"
    forgets = "import os\nwhile os.read(3, 1 << 16): pass\nprint('end')"
    one, other = pair(held(level, way), forgets, floods)
    assert one.stdout == b"end\n"
    assert other.how == "cpu"
    _, other = pair(held(level, way), "import time\ntime.sleep(2.5)", floods)
    assert other.how == "wall"


@at_every_level
def test_one_that_waits_while_the_other_computes_is_not_idle(level, way):
    """It may compute for 0.1 s, and waits for 20 times as long."""
    computes = "import os, time\nwhile time.process_time() < 2: pass\nos.write(3, b'done')"
    short = replace(LIMITS, cpu_seconds=0.1)
    one, other = held(level, way).pair(job(LISTENS, short), job(computes, PATIENT))
    assert one.runs[0].stdout == b"4 b'done'\n"
    assert other.runs[0].fine


def test_of_two_that_wait_for_each_other_the_one_with_the_lower_limit_ends_first():
    one, other = pair(Sandbox.with_settings(BrokerSettings.here()), LISTENS, LISTENS)
    assert other.how == "wall"
    assert (one.how, one.stdout) == ("exit", b"0 b''\n")


# What a program that is handed a descriptor could do with it: read and write the other's files.
HANDS_ON = """
import os, socket
link = socket.socket(fileno=3)
folder = os.open(".", os.O_RDONLY)
try:
    socket.send_fds(link, [b"x"], [folder])
    print("handed on")
except PermissionError:
    link.send(b"x")
"""
TAKES = """
import os, socket
found = socket.recv_fds(socket.socket(fileno=3), 1, 1)[1]
print([os.listdir(one) for one in found])
"""


@at_every_level
def test_descriptors_cannot_be_handed_on(level, way):
    one, other = pair(held(level, way), TAKES, HANDS_ON)
    assert (one.stdout, other.stdout) == (b"[]\n", b"")


def test_without_its_filter_descriptors_are_handed_on():
    one, other = pair(without("seccomp"), TAKES, HANDS_ON)
    assert (one.stdout, other.stdout) == (b"[['main.py']]\n", b"handed on\n")


def test_programs_that_do_not_talk_may_hand_on_descriptors_among_themselves():
    """As `multiprocessing` does."""
    program = "import os, socket\none, other = socket.socketpair()\nsocket.send_fds(one, [b'x'], [0])\n"
    program += "print(len(socket.recv_fds(other, 1, 1)[1]))"
    report = Sandbox.with_settings(BrokerSettings.here()).run(job(program))
    assert report.runs[0].stdout == b"1\n"


def test_many_pairs_and_single_jobs_share_one_slot():
    sandbox = Sandbox.with_settings(BrokerSettings.here(slots=1))
    found: dict[int, object] = {}

    def one_pair(number: int) -> None:
        listens = "import numpy\n" + LISTENS if number % 3 == 0 else LISTENS
        one, other = pair(sandbox, listens, f"import os\nos.write(3, b'{number}')", PATIENT)
        found[number] = one.stdout, other.fine

    def one_job(number: int) -> None:
        found[number] = sandbox.run(job(f"print({number})")).runs[0].stdout

    threads = [in_background(lambda n=n: (one_pair if n % 2 else one_job)(n)) for n in range(24)]
    for thread in threads:
        thread.join(60)
    wanted = {n: (b"%d b'%d'\n" % (len(str(n)), n), True) if n % 2 else b"%d\n" % n for n in range(24)}
    assert found == wanted


def test_a_pair_whose_slots_are_killed_is_run_again_as_a_whole():
    sandbox = Sandbox.with_settings(replace(BrokerSettings.here(slots=1), idle_seconds=2.8))
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
    said = [pair(sandbox, LISTENS, f"import os\nos.write(3, b'{n}')")[0].stdout for n in range(40)]
    stop.set()
    thread.join()
    assert said == [b"%d b'%d'\n" % (len(str(n)), n) for n in range(40)]


def test_one_that_kills_itself_each_time_has_ended_by_that():
    one, other = pair(
        Sandbox.with_settings(BrokerSettings.here()), LISTENS, ENDS.replace("_exit(7)", "kill(os.getpid(), 9)")
    )
    assert (other.how, other.status) == ("signal", signal.SIGKILL)
    assert one.stdout == b"0 b''\n"


@at_every_level
def test_a_job_may_end_at_the_first_run_that_breaks_a_limit(level, way):
    program = "word = input()\nwhile word == 'hang': pass\nprint('fine')"
    runs = tuple(JobRun(word) for word in (b"on", b"hang", b"on", b"hang"))
    asked = replace(job(program), runs=runs, until_broken=True)
    assert [one.how for one in held(level, way).run(asked).runs] == ["exit", "cpu"]
    assert [one.how for one in held(level, way).run(replace(asked, until_broken=False)).runs] == ["exit", "cpu"] * 2


def test_calls_end_at_the_first_one_that_breaks_a_limit_without_ending_the_process():
    program = "def f(n):\n    if n == 1: raise MemoryError\n    return n"
    calls = tuple(JobRun(call=JobCall("f", (n,))) for n in range(4))
    asked = replace(job(program), runs=calls, until_broken=True)
    sandbox = Sandbox.with_settings(BrokerSettings.here())
    assert [one.how for one in sandbox.run(asked).runs] == ["exit", "memory"]
    assert [one.value for one in sandbox.run(replace(asked, until_broken=False)).runs] == [0, None, 2, 3]
