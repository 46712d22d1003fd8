"""What is seen of processes that would rather not be seen."""

from __future__ import annotations

import os
import signal

from forked import exit_status
from tracemill.sandbox.cage import kernel
from tracemill.sandbox.process_tree import look, proportional

NOBODY = 65_534
TAKEN = 32 << 20


def see_one_that_hides() -> bool:
    """As a user who is not root: whether the memory of a process counts that forbids to look at it."""
    look([os.getpid()])  # loads what nobody may not read where the interpreter lies
    if os.getuid() == 0:
        os.setresgid(NOBODY, NOBODY, NOBODY)
        os.setresuid(NOBODY, NOBODY, NOBODY)
    ready, is_ready = os.pipe()
    child = os.fork()
    if child == 0:
        kernel.prctl(kernel.PR_SET_DUMPABLE, 0)
        block = os.urandom(TAKEN)
        os.write(is_ready, b"x")
        signal.pause()
        del block
    try:
        os.read(ready, 1)
        return proportional([child]) >= TAKEN
    finally:
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)


def test_the_memory_of_a_process_that_forbids_to_look_at_it_counts():
    """Otherwise each process of a program could say so of itself, and together they had no limit where no kernel counts
    them."""
    child = os.fork()
    if child == 0:
        try:
            os._exit(0 if see_one_that_hides() else 1)
        finally:
            os._exit(2)
    assert exit_status(child) == 0


def test_a_process_that_is_gone_has_no_memory():
    child = os.fork()
    if child == 0:
        os._exit(0)
    os.waitpid(child, 0)
    assert proportional([child]) == 0
