"""An interrupt ends a command in a line, with everything ended that it started, and what it kept in its place."""

from __future__ import annotations

import multiprocessing
import os
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import pytest
from tracemill.running.phases.make_problems import MakeProblems
from tracemill.running.phases.screen_problems import ScreenProblems
from workplace import Workplace


def interrupting(self, *arguments: object) -> None:
    raise KeyboardInterrupt


def test_interrupted_before_anything_was_kept_a_build_leaves_no_folder(workplace: Workplace, capsys, monkeypatch):
    monkeypatch.setattr(MakeProblems, "work", interrupting)
    before = sorted(workplace.folder.rglob("*"))
    assert workplace.build(out=str(workplace.folder / "builds/deep/out")) == 1
    assert capsys.readouterr().err.splitlines()[-1] == "tracemill: interrupted; the same command goes on from here"
    assert sorted(workplace.folder.rglob("*")) == before


def test_interrupted_later_a_build_keeps_what_is_done_and_goes_on(workplace: Workplace, monkeypatch):
    with monkeypatch.context() as patched:
        patched.setattr(ScreenProblems, "work", interrupting)
        assert workplace.build() == 1
    assert Path(workplace.out, "commits").exists()
    assert workplace.build(flags=("--until", "screen")) == 0


def test_a_program_that_is_terminated_ends_like_one_that_is_interrupted(workplace: Workplace):
    """Sent by the program to itself, in the middle of a phase."""
    script = (
        "import os, signal, sys\n"
        "from tracemill.running.phases.make_problems import MakeProblems\n"
        "number = int(sys.argv.pop())\n"
        "usual = signal.default_int_handler if number == signal.SIGINT else signal.SIG_DFL\n"
        "signal.signal(number, usual)\n"  # under nohup, SIGHUP is ignored
        "MakeProblems.work = lambda *_: (os.kill(os.getpid(), number), signal.pause())\n"
        "from tracemill.cli.entry import entry\n"
        "entry()\n"
    )
    command = ["build", str(workplace.folder / "config.yaml"), "--out", workplace.out]
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        ended = subprocess.run(
            [sys.executable, "-c", script, *command, str(int(number))], capture_output=True, text=True, check=False
        )
        assert ended.returncode == 1 and "Traceback" not in ended.stderr
        assert ended.stderr.splitlines()[-1] == "tracemill: interrupted; the same command goes on from here"
        assert not Path(workplace.out).exists()


@pytest.mark.ray
def test_ray_leaves_the_handler_of_sigterm_as_it_was_and_no_folder_of_ours(workplace: Workplace, monkeypatch):
    folder = Path(tempfile.mkdtemp(dir="/tmp"))
    monkeypatch.setattr(tempfile, "tempdir", str(folder))

    def handler(*arguments: object) -> None:
        raise AssertionError

    before = signal.signal(signal.SIGTERM, handler)
    try:
        assert workplace.build("executor.kind=ray", flags=("--until", "problems")) == 0
        assert signal.getsignal(signal.SIGTERM) is handler
    finally:
        signal.signal(signal.SIGTERM, before)
    assert not list(folder.iterdir()) and "RAY_TMPDIR" not in os.environ
    folder.rmdir()


def test_an_interrupted_audit_waits_for_none_of_its_processes():
    from tracemill.cli.commands.audit_command import _processes

    with pytest.raises(KeyboardInterrupt), _processes(2) as mapped:
        mapped(time.sleep, [3600.0] * 4)
        assert multiprocessing.active_children()
        raise KeyboardInterrupt
    assert not multiprocessing.active_children()
