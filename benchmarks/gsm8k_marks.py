"""How many of the calculations that people marked in GSM8K's training solutions the checker decides, and which are not
exact; then the same of the marks in the solutions of models, held back from training. Run from the checkout's folder:
`python benchmarks/gsm8k_marks.py [path/to/train.jsonl]`.

Prints counts by class, with line numbers of the file as examples and none of its text.
"""

from __future__ import annotations

import json
import sys
import time
from collections import Counter, defaultdict
from pathlib import Path

from tracemill.asking.teachers.replay import read_solution
from tracemill.claims.claim_checker import Ruling
from tracemill.claims.equation.checker import EquationChecker
from tracemill.records import Check, Problem, Source
from tracemill.sources.jsonl import JsonlConfig, JsonlSource
from tracemill.sources.source import Context

DATA = Path(__file__).resolve().parents[2] / "shared" / "data" / "gsm8k" / "train.jsonl"
EXAMPLES = 12


def problems(path: Path) -> list[Problem]:
    config = JsonlConfig.model_validate(
        {
            "kind": "jsonl",
            "name": "gsm8k",
            "path": str(path),
            "licence": "MIT",
            "domain": "math.arithmetic.word_problem.grade_school",
            "fields": {
                "prompt": "question",
                "answer": "answer",
                "answer_pattern": r"####\s*(.+)",
                "references": [{"text": "answer", "author": "annotators"}],
            },
            "check": {"kind": "numeric"},
            "marks": "gsm8k",
        }
    )
    source = JsonlSource(config, Context(seed=0, bench_share=0.0))
    source.check()
    made = [made for item in source.items({}) for made in source.produce(item)]
    return [one for one in made if isinstance(one, Problem)]


def classed(ruling: Ruling) -> str:
    if ruling.outcome == "verified":
        return "rounded" if ruling.evidence.get("rounded") else "exact"
    if ruling.outcome == "refuted":
        return "false"
    return f"undecided: {ruling.reason}"


def main() -> None:
    path = Path(sys.argv[1]) if len(sys.argv) > 1 else DATA
    checker = EquationChecker()
    people(path, checker)
    models(path.with_name("model_solutions_dev.jsonl"), checker)
    checker.close()


def people(path: Path, checker: EquationChecker) -> None:
    found: dict[str, list[int]] = defaultdict(list)
    seconds = 0.0
    for problem in problems(path):
        _, steps = read_solution(problem.references[0].text, marked=True)
        wanted = [index for index, step in enumerate(steps) if step.claim]
        began = time.perf_counter()
        rulings = checker.rule(problem, steps, wanted)
        seconds += time.perf_counter() - began
        for index in wanted:
            found[classed(rulings[index])].append(problem.source.index + 1)
    total = sum(map(len, found.values()))
    marks = sum(json.loads(line)["answer"].count("<<") for line in path.open(encoding="utf-8"))
    decided = sum(len(lines) for name, lines in found.items() if not name.startswith("undecided"))
    print(f"marks in the file {marks}, claims {total}, decided {decided}, {1e6 * seconds / max(total, 1):.1f} µs each")
    for name, lines in sorted(found.items(), key=lambda one: (-len(one[1]), one[0])):
        examples = "" if name == "exact" else f"   lines {', '.join(map(str, lines[:EXAMPLES]))}"
        print(f"{len(lines):7d}  {name}{examples}{' …' if examples and len(lines) > EXAMPLES else ''}")


def models(path: Path, checker: EquationChecker) -> None:
    found: Counter[str] = Counter()
    problem = Problem("", "", "", "", "", Check("numeric"), Source("gsm8k", "", "MIT", 0, 0))
    for line in path.open(encoding="utf-8"):
        for solution in json.loads(line).values():
            if isinstance(solution, dict) and "solution" in solution:
                _, steps = read_solution(solution["solution"], marked=True)
                rulings = checker.rule(problem, steps, [index for index, step in enumerate(steps) if step.claim])
                found.update(classed(ruling).partition(":")[0] for ruling in rulings.values())
    print(f"solutions of models: {', '.join(f'{count} {name}' for name, count in found.most_common())}")


if __name__ == "__main__":
    main()
