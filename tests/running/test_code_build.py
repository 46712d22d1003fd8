"""`tracemill build code`: problems from a file, programs that are run, a dataset whose rows can be scored."""

from __future__ import annotations

import json
from pathlib import Path

import pyarrow.parquet as pq
from tracemill.cli.command_line import main
from tracemill.records import Check, Problem, Source
from tracemill.verifiers.verifier import make_verifier

RIGHT = """def longest_run(text):
    import itertools
    return max((len(list(group)) for _, group in itertools.groupby(text)), default=0)
"""


def test_the_shipped_config_builds_rows_that_are_scored_by_running_programs(tmp_path: Path) -> None:
    out = tmp_path / "out"
    assert main(["build", "code", "--out", str(out)]) == 0
    rows = pq.read_table(out / "dataset/rlvr").to_pylist()
    assert len(rows) == 8 and {row["strength"] for row in rows} == {"tested"}
    manifest = json.loads((out / "manifest.json").read_text())
    suites = manifest["test_suites"]
    assert suites["problems"] == suites["measured"] == 8 and suites["score"] > 0.9
    assert "## Test suites" in (out / "dataset/README.md").read_text()
    assert set(manifest["isolation"]) <= {"sandbox L3", "sandbox L2", "sandbox L1"}
    [row] = [one for one in rows if "longest_run" in one["prompt"][-1]["content"]]
    truth = json.loads(row["reward_model"]["ground_truth"])
    judge = make_verifier("code", {})
    for program, outcome in ((RIGHT, "verified"), (RIGHT.replace("max", "min"), "refuted"), ("exit(0)", "refuted")):
        problem, reply = judge.case({"spec": truth["check"]["spec"], "response": f"```python\n{program}```"})
        assert judge.rule(problem, reply).outcome == outcome, program


def test_each_verifier_leaves_the_others_problems_alone() -> None:
    source = Source("tests", "1", "MIT", 0, 0)
    number = Problem("n", "n", "a.b.c.d", "How many?", "4", Check("numeric"), source)
    spec = {"mode": "stdin", "tests": [{"stdout": "4"}]}
    program = Problem("p", "p", "a.b.c.d", "Print 4.", "", Check("code", spec), source)
    answer, code = make_verifier("answer", {}), make_verifier("code", {})
    _, reply = answer.case({"kind": "numeric", "gold": "4", "response": "\\boxed{4}"})
    assert (code.concerns(number, reply), code.concerns(program, reply)) == (False, True)
    assert (answer.concerns(number, reply), answer.concerns(program, reply)) == (True, False)
    assert code.rule(number, reply).outcome == answer.rule(program, reply).outcome == "unknown"
