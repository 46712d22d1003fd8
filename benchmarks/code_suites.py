"""The verifier `code` over 239 functions of ours: golds verified, mutants refuted, and what each costs.

    python -m benchmarks.code_suites [--mutants 8] [--golds 239]

Of each gold up to `--mutants` wrong versions are judged. A mutant that passes may be no wrong one; the mutation score
leaves those out (`verifiers/code/suite.py`). The ratio at the end is one job of all tests of a gold against a job of
its first test alone, taken in turns: what further tests cost.
"""

from __future__ import annotations

import argparse
import json
import statistics
import time
from pathlib import Path
from typing import Any

from tracemill.records import Check
from tracemill.verifiers.code.spec import read_spec
from tracemill.verifiers.code.suite import measured
from tracemill.verifiers.code.verifier import CodeVerifier

GOLDS = Path(__file__).parents[1] / "tests/data/code/gold_functions.jsonl"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--mutants", type=int, default=8)
    parser.add_argument("--golds", type=int, default=239)
    chosen = parser.parse_args()
    golds = [json.loads(line) for line in GOLDS.read_text("utf-8").splitlines()][: chosen.golds]
    judge = CodeVerifier()
    times: dict[str, list[float]] = {"all": [], "first": []}
    verified = killed = differing = 0
    for gold in golds:
        verified += _timed(judge, gold, gold["tests"], times["all"])
        _timed(judge, gold, gold["tests"][:1], times["first"])
        spec: Any = read_spec(_check(gold, gold["tests"]))
        score = measured(spec, gold["program"], judge.cage, chosen.mutants)
        killed, differing = killed + score.killed, differing + score.differing
    every, first = (statistics.median(times[name]) for name in ("all", "first"))
    tests = statistics.mean(len(gold["tests"]) for gold in golds)
    print(f"golds verified: {verified} of {len(golds)}")
    print(f"mutants refuted: {killed} of {differing} that differ ({killed / differing:.3f})")
    print(f"a gold with its {tests:.1f} tests: {every:.1f} ms, with one {first:.1f} ms: {every / first:.2f}")


def _check(gold: dict[str, Any], tests: list[Any]) -> Check:
    return Check("code", {"mode": "call", "function": gold["function"], "tests": tests})


def _timed(judge: CodeVerifier, gold: dict[str, Any], tests: list[Any], times: list[float]) -> bool:
    start = time.perf_counter()
    judged = judge.run_program(_check(gold, tests), gold["program"])
    times.append((time.perf_counter() - start) * 1000)
    return judged.passed


if __name__ == "__main__":
    main()
