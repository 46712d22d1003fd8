"""The one boundary of the command line: whatever a command raises ends in a message and an exit status.

0: done. 1: the run failed. 2: the command or the config was wrong, and nothing was written. A traceback is for `-v`,
or, where the cause is a bug of ours, for a file.
"""

from __future__ import annotations

import errno
import os
import signal
import sys
import tempfile
import threading
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from types import FrameType

from tracemill import __version__
from tracemill.cli.output import complain
from tracemill.settings.errors import TracemillError, UsageError
from tracemill.settings.failures import naming_plugins

AGAIN_SECONDS = 0.01
_FULL = (errno.ENOSPC, errno.EDQUOT)


def exit_status(run: Callable[[], int], verbose: bool = False) -> int:
    """Runs a command and says why it failed, if it does. An interrupt (SIGINT, SIGTERM, SIGHUP) is a failure too: what
    the command holds is given back first."""
    with _never_ignored():
        return _status(run, verbose)


def _status(run: Callable[[], int], verbose: bool) -> int:
    try:
        with _terminated_like_interrupted(), naming_plugins():
            return int(run())
    except BrokenPipeError:
        # Whoever read the output has seen enough; without this Python complains again when it ends.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except KeyboardInterrupt:
        with suppress(OSError):  # the terminal may be gone
            complain("interrupted; the same command goes on from here")
        return 1
    except Exception as exc:  # noqa: BLE001  the boundary: a user gets a message, and we a traceback
        text, status = _said_of(exc, verbose)
        if verbose:
            complain("".join(traceback.format_exception(exc)))
        complain(text)
        return status


def _said_of(exc: Exception, verbose: bool) -> tuple[str, int]:
    """The message and the exit status."""
    if isinstance(exc, TracemillError):
        return str(exc), 2 if isinstance(exc, UsageError) else 1
    if isinstance(exc, MemoryError):
        return "out of memory: close other programs or take a larger machine; what is finished is kept", 1
    if isinstance(exc, OSError):
        return _trouble(exc), 1
    return f"{_in_one_line(exc)}\n{_report(exc, verbose)}", 1


def _trouble(exc: OSError) -> str:
    """An error of the system that nothing named before: `No space left on device: '/tmp/limited-x'`."""
    place = f": {exc.filename!r}" if exc.filename else ""
    fix = "; -v shows where"
    if exc.errno in _FULL:
        fix = f"; free some space there, or let TMPDIR (now {_temporary_folder()}) name a folder with room"
    return f"{exc.strerror or _in_one_line(exc)}{place}{fix}"


def _temporary_folder() -> str:
    """Python writes to a folder to see whether it can be used; where it can use none it raises."""
    try:
        return tempfile.gettempdir()
    except OSError:
        return repr(os.environ.get("TMPDIR", ""))


def _in_one_line(exc: BaseException) -> str:
    return f"{type(exc).__name__}: {' '.join(str(exc).split())[:500]}"


def _report(exc: BaseException, verbose: bool) -> str:
    said = f"This is a bug in tracemill {__version__}, please report it"
    if verbose:
        return f"{said} with the traceback above"
    text = "".join(traceback.format_exception(exc))
    try:
        descriptor, path = tempfile.mkstemp(prefix="tracemill-", suffix=".txt")
        with os.fdopen(descriptor, "w", encoding="utf-8", errors="backslashreplace") as file:
            file.write(f"{sys.argv}\n{text}")
    except OSError:
        return f"{said} with this traceback:\n{text}"
    return f"{said} with the traceback in {path}"


@contextmanager
def _terminated_like_interrupted() -> Iterator[None]:
    """SIGTERM and SIGHUP raise KeyboardInterrupt too, so that whatever was begun is ended in its `finally`. Signals are
    the main thread's; in another one nothing changes."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    # A terminal that closes sends SIGHUP; under `nohup` it is ignored, and stays so.
    hung_up = [] if signal.getsignal(signal.SIGHUP) == signal.SIG_IGN else [signal.SIGHUP]
    before = {number: signal.signal(number, _interrupt) for number in (signal.SIGTERM, *hung_up)}
    try:
        yield
    finally:
        for number, handler in before.items():
            with suppress(TypeError):  # None: a handler that was not set from Python
                signal.signal(number, handler)


@contextmanager
def _never_ignored() -> Iterator[None]:
    """An interrupt that comes while an object is being deleted cannot be raised there, and Python drops it: of twenty
    in a build, whose z3 deletes much, one. It is sent again a moment later.

    What complains after it is not shown: objects that were interrupted while they were made do, when they are deleted.
    """
    main, before = threading.main_thread(), sys.unraisablehook
    again: list[threading.Timer] = []

    def hook(ignored: sys.UnraisableHookArgs) -> None:
        if ignored.exc_type is KeyboardInterrupt and threading.current_thread() is main:
            again.append(threading.Timer(AGAIN_SECONDS, signal.pthread_kill, (main.ident, signal.SIGTERM)))
            again[-1].start()
        elif not again:
            before(ignored)

    sys.unraisablehook = hook
    try:
        yield
    finally:
        for timer in again:
            timer.cancel()
        sys.unraisablehook = before


def _interrupt(_number: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt
