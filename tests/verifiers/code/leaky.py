"""A judge as many are built: the tests run in the candidate's own process, where everything lies in reach.

It is what the verifier's defences are taken out of, to show that each attack is one.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

_IN_PROCESS = """
import json, operator, os, pickle, sys, unittest

tests = json.load(open("tests.json"))
source = open("candidate.py").read()
scope = {{"__name__": "candidate"}}
exec(source, scope)
{reload}
function = scope["{function}"]
outputs = []
for given, expected in tests:
    want = expected
    got = function(given)
    {compare}
print("{done}")
"""

_COMPARISONS = {
    "assert": "assert got == expected",
    "expected in place": "assert got == (sorted(given) if isinstance(given, list) else expected)",
    "operator": "assert operator.eq(got, expected)",
    "pickle": "assert pickle.loads(pickle.dumps(got)) == expected",
    "all": "assert all(a == b for a, b in [(got, expected)])",
}


def accepted(
    folder: Path,
    program: str,
    tests: list[list[object]],
    compare: str = "assert",
    by: str = "status",
    reread: bool = False,
) -> bool:
    """Whether the leaky judge accepts a program. `by`: that the process ends with `status` 0, or that the word passed
    stands in its `output`. `reread`: it reads the tests after it has loaded the candidate."""
    (folder / "tests.json").write_text(json.dumps(tests))
    (folder / "candidate.py").write_text(program)
    reload = 'tests = json.load(open("tests.json"))' if reread else ""
    function = "order" if "def order" in program else "solve"
    harness = _IN_PROCESS.format(compare=_COMPARISONS[compare], function=function, done="done", reload=reload)
    (folder / "harness.py").write_text(harness)
    done = subprocess.run(
        [sys.executable, "harness.py"], cwd=folder, capture_output=True, text=True, check=False, timeout=20
    )
    return "passed" in done.stdout if by == "output" else done.returncode == 0


def accepted_by_pytest(folder: Path, program: str, test_file: str) -> bool:
    """Whether pytest, run where the candidate wrote its files, ends with status 0."""
    (folder / "solution.py").write_text(program)
    (folder / "test_solution.py").write_text(test_file)
    subprocess.run([sys.executable, "solution.py"], cwd=folder, capture_output=True, check=False, timeout=20)
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "test_solution.py"],
        cwd=folder,
        capture_output=True,
        check=False,
        timeout=60,
    )
    return done.returncode == 0
