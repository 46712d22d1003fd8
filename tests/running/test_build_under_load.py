from __future__ import annotations

import os
import subprocess
import sys

from workplace import Workplace


def test_a_loaded_machine_makes_the_same_bytes(finished: Workplace, workplace: Workplace) -> None:
    """Deadlines count CPU time: four processes that take its CPU make the build slower, and change nothing in it."""
    cpu = min(os.sched_getaffinity(0))
    script = (
        f"import os, subprocess, sys; os.sched_setaffinity(0, {{{cpu}}})\n"
        "busy = [subprocess.Popen([sys.executable, '-c', 'while True: pass']) for _ in range(4)]\n"
        "try:\n"
        "    sys.exit(subprocess.run([sys.executable, '-m', 'tracemill', *sys.argv[1:]]).returncode)\n"
        "finally:\n"
        "    for process in busy:\n"
        "        process.kill()\n"
        "        process.wait()\n"
    )
    words = ["build", str(workplace.folder / "config.yaml"), "--out", workplace.out]
    ended = subprocess.run([sys.executable, "-c", script, *words], capture_output=True, text=True, check=False)
    assert ended.returncode == 0, ended.stderr
    assert workplace.shards() == finished.shards() != {}
