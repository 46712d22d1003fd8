from __future__ import annotations

import subprocess
import sys

from workplace import Workplace


def test_a_loaded_machine_makes_the_same_bytes(finished: Workplace, workplace: Workplace) -> None:
    """Deadlines count CPU time: eight processes that take the CPUs make the build slower, and change nothing in it."""
    busy = [subprocess.Popen([sys.executable, "-c", "while True: pass"]) for _ in range(8)]
    try:
        assert workplace.build() == 0
    finally:
        for process in busy:
            process.kill()
            process.wait()
    assert workplace.shards() == finished.shards() != {}
