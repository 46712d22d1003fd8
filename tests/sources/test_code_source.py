"""Problems of the shapes that the field uses: what becomes of their rows, and that their golds are run."""

from __future__ import annotations

import base64
import json
import pickle
import zlib
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from tracemill.records import Decision, Problem
from tracemill.settings.errors import UsageError
from tracemill.sources.code.code_source import CodeSource, CodeSourceConfig
from tracemill.sources.code.packed_tests import packed_tests
from tracemill.sources.code.shapes import shape_of
from tracemill.sources.source import Context
from tracemill.verifiers.code.spec import read_spec

HUMANEVAL = {
    "task_id": "x/0",
    "entry_point": "double",
    "prompt": "from typing import List\n\n\ndef half(n):\n    return n // 2\n\n\n"
    "def double(n: int) -> int:\n    '''Twice n.'''\n",
    "canonical_solution": "    return n * 2\n",
    "test": "METADATA = {}\n\n\ndef check(candidate):\n    assert candidate(2) == 4\n    assert candidate(-3) == -6\n",
}
MBPP = {
    "task_id": 1,
    "text": "Write a function to add two numbers.",
    "code": "def add(a, b):\r\n    return a + b",
    "test_list": ["assert add(1, 2) == 3", "assert add(-1, 1) == 0"],
    "test_setup_code": "",
    "challenge_test_list": ["assert add(0, 0) == 0"],
}
APPS = {
    "question": "Square the number.",
    "solutions": json.dumps(["print(int(input()) + 2)", "print(int(input()) ** 2)"]),
    "input_output": json.dumps({"inputs": ["3\n", ["4"]], "outputs": ["9\n", ["16"]]}),
    "starter_code": "",
    "difficulty": "interview",
}
TACO = {
    **APPS,
    "question": "Reverse the list.",
    "skill_types": "[]",
    "starter_code": "class Solution:\n    def turn(self, items):",
    "solutions": json.dumps(["class Solution:\n    def turn(self, items):\n        return items[::-1]\n"]),
    "input_output": json.dumps({"fn_name": "turn", "inputs": [[[1, 2]], [[3]]], "outputs": [[2, 1], [[3]]]}),
}
LCB_TESTS = [{"input": "[1, 2]\n3", "output": "6", "testtype": "functional"}]
LIVECODEBENCH = {
    "question_content": "Add all numbers.",
    "starter_code": "class Solution:\n    def total(self, items: List[int], n: int) -> int:\n        ",
    "difficulty": "easy",
    "platform": "leetcode",
    "public_test_cases": json.dumps(LCB_TESTS),
    "private_test_cases": base64.b64encode(zlib.compress(pickle.dumps(json.dumps(LCB_TESTS * 2)))).decode(),
    "metadata": json.dumps({"func_name": "total"}),
}
KODCODE = {
    "question": "Write a function that counts words.",
    "solution": "def words(text):\n    return len(text.split())\n",
    "test": "from solution import words\n\ndef test_two():\n    assert words('a b') == 2\n",
    "test_info": [{"function_name": "words", "function_declaration": "def words(text):"}],
}
NESTED = json.dumps({"fn_name": "f", "inputs": [[json.loads("[" * 150 + "]" * 150)]], "outputs": [1]})
ROWS = {
    "humaneval": HUMANEVAL,
    "mbpp": MBPP,
    "apps": APPS,
    "taco": TACO,
    "livecodebench": LIVECODEBENCH,
    "kodcode": KODCODE,
}


def made(folder: Path, rows: Sequence[Any], **config: Any) -> list[Problem | Decision]:
    path = folder / "rows.jsonl"
    path.write_text("".join(f"{json.dumps(row)}\n" for row in rows))
    settings = {"kind": "code", "name": "mine", "path": str(path), "licence": "MIT", "mutants": 12, **config}
    source = CodeSource(CodeSourceConfig(**settings), Context(1, 0.0))
    source.check()
    return [record for item in source.items({}) for record in source.produce(item)]


@pytest.mark.parametrize("shape", ROWS)
def test_a_row_of_each_shape_becomes_a_problem_with_its_gold(shape: str, tmp_path: Path) -> None:
    assert shape_of(ROWS[shape]) == shape
    (problem,) = made(tmp_path, [ROWS[shape]])
    assert isinstance(problem, Problem)
    spec = read_spec(problem.check)
    assert spec.mode == {"apps": "stdin", "taco": "call", "livecodebench": "call"}.get(shape, "unit")
    assert problem.source.licence == "MIT"
    if shape == "livecodebench":
        assert (problem.answer, problem.references, len(spec.tests)) == ("", (), 3)
        return
    assert problem.check.spec["suite"]["differing"] >= problem.check.spec["suite"]["killed"] > 0
    (right,) = [one for one in problem.references if one.labels]
    assert problem.answer.strip() in right.text


def test_prompts_hold_no_hidden_test(tmp_path: Path) -> None:
    prompts = {shape: made(tmp_path, [row])[0].prompt for shape, row in ROWS.items()}  # type: ignore[union-attr]
    assert "add(1, 2) == 3" in prompts["mbpp"]
    for shape, hidden in {"humaneval": "candidate", "mbpp": "add(-1", "apps": "16", "kodcode": "'a b'"}.items():
        assert hidden not in prompts[shape], shape
    assert "class Solution" in prompts["livecodebench"] and "standard input" in prompts["apps"]
    assert "`def words(text)`" in prompts["kodcode"]


def test_what_the_question_shows_stands_before_the_program_and_helps_the_tests(tmp_path: Path) -> None:
    (problem,) = made(tmp_path, [HUMANEVAL])
    assert isinstance(problem, Problem)
    assert "from typing import List" in problem.check.spec["header"]
    assert "def half" in problem.check.spec["prelude"] and "double" not in problem.check.spec["prelude"]


def test_the_second_solution_and_the_second_reading_are_tried(tmp_path: Path) -> None:
    (problem,) = made(tmp_path, [APPS])
    assert isinstance(problem, Problem) and problem.answer == "print(int(input()) ** 2)"
    (problem,) = made(tmp_path, [TACO])
    assert isinstance(problem, Problem)
    assert [test["expected"] for test in problem.check.spec["tests"]] == [[2, 1], [3]]


def test_a_problem_that_its_own_solution_does_not_solve_is_rejected(tmp_path: Path) -> None:
    wrong = {**MBPP, "code": "def add(a, b):\n    return a - b\n"}
    good, bad = made(tmp_path, [MBPP, wrong])
    assert isinstance(good, Problem) and isinstance(bad, Decision)
    assert (bad.subject, bad.kept, bad.reason) == ("problem", False, "no reference solution passes the tests")
    assert bad.detail.startswith("mine:2: wrong_output in test 1 of 3: -1")
    assert isinstance(made(tmp_path, [wrong], check_golds=False)[0], Problem)
    with pytest.raises(UsageError, match="no reference solution passes the tests"):
        made(tmp_path, [wrong])


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ({"a": 1}, "no known shape"),
        ({**MBPP, "test_list": []}, None),
        ({**MBPP, "test_list": [], "challenge_test_list": []}, "no tests"),
        ({**HUMANEVAL, "test": ""}, "not text"),
        ({**APPS, "input_output": "{"}, "not JSON"),
        ({**APPS, "input_output": json.dumps({"inputs": ["1"], "outputs": []})}, "no tests"),
        (
            {**TACO, "input_output": json.dumps({"fn_name": "f", "inputs": [1], "outputs": [1]})},
            "not a list of arguments",
        ),
        ({**LIVECODEBENCH, "private_test_cases": "?"}, "no tests"),
        ({**TACO, "solutions": "[]"}, "expected values that can be read in two ways"),
        ({**TACO, "input_output": NESTED}, "the tests make no sense"),
        ({**LIVECODEBENCH, "metadata": "{}"}, "no function"),
        ({**HUMANEVAL, "entry_point": "a b"}, "the tests make no sense"),
    ],
)
def test_a_row_that_makes_no_sense_is_a_rejected_line(row: Any, reason: str | None, tmp_path: Path) -> None:
    _, found = made(tmp_path, [KODCODE, row])
    assert (found.reason if isinstance(found, Decision) else None) == reason


def test_a_row_lacks_what_the_shape_of_its_file_has(tmp_path: Path) -> None:
    lacking = {key: value for key, value in LIVECODEBENCH.items() if key != "public_test_cases"}
    _, found = made(tmp_path, [LIVECODEBENCH, lacking], shape="livecodebench")
    assert isinstance(found, Decision) and found.reason == "no tests"


def test_values_that_can_be_read_in_two_ways_are_no_test_where_no_solution_is_run(tmp_path: Path) -> None:
    _, found = made(tmp_path, [MBPP, TACO], check_golds=False)
    assert isinstance(found, Decision) and found.reason == "expected values that can be read in two ways"


def test_a_pickle_that_would_run_something_is_refused() -> None:
    class Evil:
        def __reduce__(self) -> Any:
            return (exec, ("raise SystemExit",))

    for harmful in (Evil(), [1], {"a": "b"}, ("[]", "[]")):
        field = base64.b64encode(zlib.compress(pickle.dumps(harmful))).decode()
        with pytest.raises(ValueError, match="pickled as"):
            packed_tests(field)
    assert packed_tests(LIVECODEBENCH["private_test_cases"]) == LCB_TESTS * 2
