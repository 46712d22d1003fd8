"""Whatever a command raises ends in a message and an exit status, never in a traceback."""

from __future__ import annotations

import errno
import os
import re
import signal
import tempfile
import threading
from pathlib import Path

import pytest
from tracemill.cli.exit_status import exit_status
from tracemill.settings.errors import ShortfallError, UsageError


def raising(exc: BaseException):
    def run() -> int:
        raise exc

    return run


@pytest.mark.parametrize(
    ("exc", "status", "said"),
    [
        (UsageError("no verifier 'x'"), 2, "tracemill: no verifier 'x'"),
        (ShortfallError("too few"), 1, "tracemill: too few"),
        (MemoryError(), 1, "tracemill: out of memory"),
        (OSError(errno.EACCES, "Permission denied", "/locked/x"), 1, "tracemill: Permission denied: '/locked/x'"),
        (KeyboardInterrupt(), 1, "tracemill: interrupted; the same command goes on"),
    ],
)
def test_what_is_raised_is_said_in_one_line(exc, status, said, capsys):
    assert exit_status(raising(exc)) == status
    error = capsys.readouterr().err
    assert error.startswith(said) and error.count("\n") == 1


def test_a_bug_says_how_to_report_it_with_the_traceback_in_a_file(capsys, tmp_path, monkeypatch):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    assert exit_status(raising(ZeroDivisionError("7 / 0"))) == 1
    error = capsys.readouterr().err
    assert error.startswith("tracemill: ZeroDivisionError: 7 / 0\n") and "Traceback" not in error
    [path] = re.findall(r"please report it with the traceback in (\S+)", error)
    assert Path(path).parent == tmp_path and "ZeroDivisionError: 7 / 0" in Path(path).read_text()


def test_a_bug_while_no_folder_for_temporary_files_has_room_shows_its_traceback(capsys, monkeypatch):
    def full(**options: str) -> tuple[int, str]:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(tempfile, "mkstemp", full)
    assert exit_status(raising(ZeroDivisionError())) == 1
    assert "Traceback" in capsys.readouterr().err


def test_a_full_disk_says_which_folder_to_name(capsys):
    assert exit_status(raising(OSError(errno.ENOSPC, "No space left on device", "/tmp/x"))) == 1
    assert "let TMPDIR (now /" in capsys.readouterr().err


def test_verbose_shows_the_traceback_of_whatever_it_is(capsys):
    assert exit_status(raising(UsageError("wrong")), verbose=True) == 2
    error = capsys.readouterr().err
    assert "Traceback" in error and error.endswith("tracemill: wrong\n")


def test_a_bug_in_a_plugin_names_the_plugin(capsys, monkeypatch):
    from tracemill.tasks.linear_system.task import LinearSystem

    monkeypatch.setattr(LinearSystem, "capacity", lambda self, band: {}[0])
    from tracemill.running.build import prepare
    from tracemill.running.build_config import read_config

    def run() -> int:
        prepare(read_config("quickstart", ["executor.kind=local"]), "builds/none")
        return 0

    assert exit_status(run) == 1
    assert re.search(r"(source|task) .* \(package tracemill \S+\) raised KeyError", capsys.readouterr().err)


def test_sigterm_ends_a_command_like_an_interrupt_and_its_clearing_up_runs(capsys):
    cleared = []

    def run() -> int:
        try:
            os.kill(os.getpid(), signal.SIGTERM)
            signal.pause()
        finally:
            cleared.append(True)
        return 0

    before = signal.getsignal(signal.SIGTERM)
    assert exit_status(run) == 1
    assert cleared and "interrupted" in capsys.readouterr().err
    assert signal.getsignal(signal.SIGTERM) is before


class InterruptedWhenDeleted:
    def __del__(self) -> None:
        signal.raise_signal(signal.SIGTERM)


def test_an_interrupt_while_an_object_is_deleted_ends_the_command_too(capsys):
    """Python drops what is raised there; z3's objects are deleted all the time while traces are judged."""

    def run() -> int:
        InterruptedWhenDeleted()
        threading.Event().wait(20)
        return 0

    assert exit_status(run) == 1
    assert capsys.readouterr().err == "tracemill: interrupted; the same command goes on from here\n"
