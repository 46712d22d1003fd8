"""What a job gives: outputs, values, statuses, limits, several runs, what is prepared."""

from __future__ import annotations

from pathlib import Path

import pytest
from tracemill.sandbox.cage import cold
from tracemill.sandbox.client import Sandbox
from tracemill.sandbox.config import SandboxConfig
from tracemill.sandbox.jobs import Job, JobCall, JobRun, Limits


@pytest.fixture(scope="module")
def sandbox():
    return Sandbox(SandboxConfig(allow="L0"))


def run(sandbox, program, *runs, **fields):
    return sandbox.run(Job({"main.py": program.encode()}, ("python", "main.py"), runs or (JobRun(),), **fields)).runs


def test_a_program_reads_and_writes(sandbox):
    one, two = run(sandbox, "import sys; print(input(), sys.argv)", JobRun(b"a"), JobRun(b"b", ("x",)))
    assert (one.stdout, two.stdout) == (b"a ['main.py']\n", b"b ['main.py', 'x']\n")
    assert one.fine


def test_a_program_that_raises_shows_its_own_lines_and_no_others(sandbox):
    (one,) = run(sandbox, "def f():\n    raise KeyError('k')\nf()")
    assert (one.how, one.status, one.raised) == ("exit", 1, "KeyError: 'k'")
    assert one.stderr.decode().splitlines() == [
        "Traceback (most recent call last):",
        '  File "main.py", line 3, in <module>',
        "    f()",
        '  File "main.py", line 2, in f',
        "    raise KeyError('k')",
        "KeyError: 'k'",
    ]


def test_calls_share_the_module_and_go_on_after_one_that_ends_the_process(sandbox):
    program = "n = 0\ndef f(a):\n    global n; n += 1; print(n); a.append(n); return a\ndef g(): import os; os._exit(0)"
    calls = [
        JobCall("f", ([5],)),
        JobCall("f", ([5],)),
        JobCall("g"),
        JobCall("f", ([5],)),
        JobCall("h"),
    ]
    ended = run(sandbox, program, *(JobRun(call=call) for call in calls))
    assert [one.value for one in ended] == [[5, 1], [5, 2], None, [5, 1], None]
    assert [one.stdout for one in ended] == [b"1\n", b"2\n", b"", b"1\n", b""]
    assert ended[2].how == "exit" and ended[2].raised is None
    assert ended[4].raised == "FunctionNotFound: h"


@pytest.mark.parametrize(
    ("program", "how"),
    [("while True: pass", "cpu"), ("import time; time.sleep(99)", "wall"), ("while True: print('x' * 99)", "output")],
)
def test_limits(sandbox, program, how):
    (one,) = run(sandbox, program, limits=Limits(cpu_seconds=0.3, output_bytes=1000))
    assert one.how == how
    assert (len(one.stdout), one.cut) == ((1000, True) if how == "output" else (0, False))


@pytest.mark.parametrize("line", ["b'\\n'", "b'{}\\n'", "b'x' * 1000"], ids=["empty lines", "lines of JSON", "no line"])
def test_a_program_that_floods_the_way_for_values_is_ended(sandbox, line):
    """It finds the socket among its descriptors, and writes there as fast as anybody reads."""
    program = f"""
import os
def flood():
    for number in range(3, 100):
        try: os.fstat(number)
        except OSError: continue
        while True: os.write(number, {line} * 1000)
"""
    (one,) = run(sandbox, program, JobRun(call=JobCall("flood")), limits=Limits(cpu_seconds=5.0, output_bytes=1000))
    assert (one.how, one.value) == ("output", None)


def test_a_value_under_a_nonce_that_a_program_guessed_wrong_is_none(sandbox):
    program = """
import json, os
def f():
    for number in range(3, 100):
        try: os.write(number, json.dumps({"nonce": "0" * 16, "run": 0, "value": "forged"}).encode() + b"\\n")
        except OSError: continue
    return "true"
"""
    (one,) = run(sandbox, program, JobRun(call=JobCall("f")))
    assert one.value == "true"


def test_a_value_that_is_longer_than_the_output_may_be_is_output(sandbox):
    (one,) = run(sandbox, "def f(): return 'x' * 5000", JobRun(call=JobCall("f")), limits=Limits(output_bytes=1000))
    assert (one.how, one.value) == ("output", None)


def test_every_file_that_the_slow_way_takes_into_the_cage_is_there():
    """Where one is not, no cage is made, and the tests of the slow way are skipped."""
    folder = Path(cold.__file__).parents[1]
    assert [name for name in cold._FILES if not (folder / name).is_file()] == []
