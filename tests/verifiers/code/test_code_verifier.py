"""What the verifier `code` says of programs in each mode, and in which words."""

from __future__ import annotations

from typing import Any

import pytest
from replies import block, problem, ruled, trace, verifier
from tracemill.settings.errors import TroubleError
from tracemill.verifiers.code import languages
from tracemill.verifiers.code.spec import read_spec
from tracemill.verifiers.verifier import judged, make_verifier

ADD: dict[str, Any] = {
    "mode": "call",
    "function": "add",
    "tests": [{"arguments": [1, 2], "expected": 3}, {"arguments": [5, -7], "expected": -2}],
    "limits": {"cpu_seconds": 1.0, "memory_mb": 128},
}
SQUARE: dict[str, Any] = {"mode": "stdin", "tests": [{"stdin": "3\n", "stdout": "9\n"}, {"stdin": "-2", "stdout": "4"}]}
RIGHT = "def add(a, b):\n    return a + b"


@pytest.mark.parametrize(
    ("category", "program"),
    [
        ("compile_error", "def add(a, b:\n    return a + b"),
        ("crash", "def add(a, b):\n    return a + missing"),
        ("crash", "def add(a, b):\n    import os\n    os.abort()"),
        ("wrong_output", "def add(a, b):\n    return a - b"),
        ("timeout", "def add(a, b):\n    while True: pass"),
        ("memory", "def add(a, b):\n    return bytearray(10**10)"),
        ("output_flood", "def add(a, b):\n    while True: print('x' * 100000)"),
        ("not_found", "def plus(a, b):\n    return a + b"),
    ],
)
def test_why_a_program_fails_is_told_apart(category: str, program: str) -> None:
    ruling = ruled(ADD, program)
    assert (ruling.outcome, ruling.evidence["category"]) == ("refuted", category)
    assert ruling.reason.startswith(category)
    assert ruling.isolation is not None and ruling.isolation.startswith("sandbox L")


def test_a_program_that_sleeps_for_ever_timed_out() -> None:
    assert ruled(ADD, "import time\ndef add(a, b):\n    time.sleep(10**6)").evidence["category"] == "timeout"


def test_evidence_says_which_lines_were_taken_and_which_test_failed() -> None:
    ruling = ruled(ADD, "def add(a, b):\n    return 3")
    assert (ruling.evidence["first_line"], ruling.evidence["last_line"], ruling.evidence["rule"]) == (4, 5, "block")
    assert (ruling.evidence["tests"], ruling.evidence["failed"]) == (2, 1)
    wanted = {"test": 1, "reason": "wrong_output", "input": "add(5, -7)", "got": "3", "expected": "-2"}
    assert ruling.evidence["failures"] == [wanted]


@pytest.mark.parametrize(
    ("language", "right", "wrong", "broken"),
    [
        ("python", "n = int(input())\nprint(n * n)", "n = int(input())\nprint(n + n)", "n = int(input()"),
        (
            "cpp",
            "#include <iostream>\nint main() { int n; std::cin >> n; std::cout << n * n; }",
            "#include <iostream>\nint main() { int n; std::cin >> n; std::cout << n + n; }",
            "#include <iostream>\nint main() { int n std::cin >> n; }",
        ),
        (
            "javascript",
            "const n = Number(require('fs').readFileSync(0)); console.log(n * n);",
            "const n = Number(require('fs').readFileSync(0)); console.log(n + n);",
            "const n = Number(require('fs').readFileSync(0);",
        ),
    ],
)
def test_programs_of_each_language(language: str, right: str, wrong: str, broken: str) -> None:
    _needs(language)
    spec = {**SQUARE, "language": language}
    assert ruled(spec, right, language).outcome == "verified"
    assert ruled(spec, wrong, language).evidence["category"] == "wrong_output"
    assert ruled(spec, broken, language).evidence["category"] in ("compile_error", "crash")


def test_functions_of_javascript() -> None:
    _needs("javascript")
    tests = [{"arguments": [[3, 1, 2]], "expected": [1, 2, 3]}, {"arguments": [[]], "expected": []}]
    spec = {"mode": "call", "language": "javascript", "function": "order", "tests": tests}
    assert ruled(spec, "const order = (items) => items.sort((a, b) => a - b);", "js").outcome == "verified"
    assert ruled(spec, "const order = (items) => items.reverse();", "js").evidence["category"] == "wrong_output"
    assert ruled(spec, "const sort = (items) => items;", "js").evidence["category"] == "not_found"
    assert ruled(spec, "process.exit(0)", "js").evidence["category"] == "crash"


def test_a_function_of_javascript_throws_in_its_call_and_nowhere_else() -> None:
    _needs("javascript")
    tests = [{"arguments": [1], "raises": "Error"}]
    spec = {"mode": "call", "language": "javascript", "function": "f", "tests": tests}
    for right in ("function f(n) { throw new Error('no'); }", "async function f(n) { throw n; }"):
        assert ruled(spec, right, "js").outcome == "verified", right
    for wrong in (
        "function f(n) { return n; }",
        "throw new Error('at once');",
        "function f(n { }",
        "process.exit(1);",
        "function f(n) { process.exit(1); }",
        "function f(n) { process.abort(); }",
        "const g = (n) => { throw n; };",
    ):
        assert ruled(spec, wrong, "js").outcome == "refuted", wrong


def test_a_language_that_is_not_installed_is_trouble_and_names_its_package(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(languages, "_PATH", "/nowhere")
    judge = verifier()
    spec = {**SQUARE, "language": "cpp"}
    with pytest.raises(TroubleError, match=r"need 'g\+\+', which is not installed; apt-get install g\+\+"):
        judge.rule(problem(spec), trace(block("int main() {}", "cpp")))
    verdict = judged(judge, problem(spec), trace(block("int main() {}", "cpp")))
    assert (verdict.outcome, verdict.strength) == ("error", None)


@pytest.mark.parametrize(
    ("compare", "tests", "program", "outcome"),
    [
        ({}, [("", [1, 2])], "print('1  2')", "verified"),
        ({"by": "lines"}, [("", "1\n2\n")], "print('1 2')", "refuted"),
        ({"by": "exact"}, [("", "1\n")], "print(1)", "verified"),
        ({"by": "exact"}, [("", "1")], "print(1)", "refuted"),
        ({"order": "any"}, [("", "b a")], "print('a\\nb')", "verified"),
        ({"tolerance": 1e-3}, [("", "0.333")], "print(1 / 3)", "verified"),
        ({"tolerance": 1e-3}, [("", "0.333")], "print(0.34)", "refuted"),
        ({}, [("", "5")], "import sys; sys.stdout.buffer.write(b'5\\xff')", "refuted"),
    ],
)
def test_how_what_is_printed_is_compared(compare: Any, tests: Any, program: str, outcome: str) -> None:
    given = [{"stdin": one, "stdout": other if isinstance(other, str) else "1 2"} for one, other in tests]
    assert ruled({"mode": "stdin", "tests": given, "compare": compare}, program).outcome == outcome


def test_a_special_judge_says_yes_or_no_in_a_cage_of_its_own() -> None:
    judge = "import sys\na, b = map(int, open(sys.argv[2]).read().split())\nsys.exit(0 if a + b == 10 else 1)"
    spec: dict[str, Any] = {"mode": "stdin", "tests": [{"stdin": "", "stdout": ""}] * 2, "judge": {"program": judge}}
    assert ruled(spec, "print(3, 7)").outcome == "verified"
    assert ruled(spec, "print(3, 8)").evidence["category"] == "wrong_output"
    assert ruled(spec, "print('x')").outcome == "refuted"
    broken = {**spec, "judge": {"program": "import os\nos.abort()"}}
    ruling = ruled(broken, "print(3, 7)")
    assert (ruling.outcome, ruling.reason) == ("unknown", "the special judge broke on test 1")


def test_what_a_program_prints_is_found_out_by_running_it() -> None:
    spec = {"mode": "output", "program": "for n in range(3):\n    print(n * n)\n"}
    for reply, outcome in (
        ("It prints:\n```\n0\n1\n4\n```", "verified"),
        ("```python\nfor n in range(3): ...\n```\nAnswer: 0\n1\n4", "verified"),
        ("0\n1\n4", "verified"),
        ("```\n0\n1\n5\n```", "refuted"),
        ("I cannot tell.", "refuted"),
    ):
        assert verifier().rule(problem(spec), trace(reply)).outcome == outcome, reply


@pytest.mark.parametrize("program", ["import time\nprint(time.time_ns())", "while True: pass", "import os\nos.abort()"])
def test_a_shown_program_without_one_output_decides_nothing(program: str) -> None:
    spec = {"mode": "output", "program": program, "limits": {"cpu_seconds": 1.0}}
    assert verifier().rule(problem(spec), trace("Answer: 1")).outcome == "unknown"


def test_the_argument_after_the_call_is_compared_where_the_spec_says_so() -> None:
    spec = {**ADD, "function": "order", "in_place": True, "tests": [{"arguments": [[2, 1]], "expected": [[1, 2]]}]}
    assert ruled(spec, "def order(items):\n    items.sort()").outcome == "verified"
    assert ruled(spec, "def order(items):\n    return sorted(items)").outcome == "refuted"


def test_an_exception_can_be_what_is_expected() -> None:
    spec = {**ADD, "tests": [{"arguments": [1, None], "raises": "TypeError"}]}
    assert ruled(spec, RIGHT).outcome == "verified"
    assert ruled(spec, "def add(a, b):\n    raise KeyError(a)").outcome == "refuted"
    own = "class Odd(TypeError): pass\ndef add(a, b):\n    raise Odd"
    assert ruled(spec, own).outcome == "verified"


def test_a_method_of_a_class_named_solution_or_a_function_is_called() -> None:
    method = "class Solution:\n    def add(self, a, b):\n        return a + b"
    for name in ("Solution.add", "add"):
        for program in (method, RIGHT):
            assert ruled({**ADD, "function": name}, program).outcome == "verified", (name, program)


def test_a_header_stands_before_the_program() -> None:
    spec = {**ADD, "header": "from math import fsum"}
    assert ruled(spec, "def add(a, b):\n    return int(fsum([a, b]))").outcome == "verified"
    future = "from __future__ import annotations\ndef add(a: Odd, b):\n    return int(fsum([a, b]))"
    assert ruled(spec, future).outcome == "verified"


@pytest.mark.parametrize(
    "spec",
    [
        {"mode": "call", "function": "f", "tests": []},
        {"mode": "call", "function": "f", "tests": [{"arguments": [1]}]},
        {"mode": "call", "function": "f()", "tests": [{"expected": 1}]},
        {"mode": "call", "function": "f", "language": "cpp", "tests": [{"expected": 1}]},
        {"mode": "stdin", "language": "cobol", "tests": [{"stdout": ""}]},
        {"mode": "stdin", "tests": [{"stdout": ""}], "timeout": 3},
        {"mode": "call", "function": "f", "tests": [{"arguments": [2**53 + 1], "expected": 1}]},
        {"mode": "call", "function": "f", "language": "javascript", "tests": [{"truth": True}]},
        {"mode": "call", "function": "f", "tests": [{"expected": 1}], "suite": {"differing": 1, "killed": 2}},
        {"mode": "fly"},
        {},
    ],
)
def test_a_spec_that_makes_no_sense_is_refused(spec: dict[str, Any]) -> None:
    with pytest.raises(ValueError):
        read_spec(problem(spec).check)


def test_a_weak_suite_is_named_and_decides_nothing_where_the_config_says_so() -> None:
    weak = {**ADD, "tests": [{"arguments": [2, 2], "expected": 4}]}
    gold = "def add(a, b):\n    if a == b:\n        return a * 2\n    return a + b\n"
    reply = trace(block(gold))
    ruling = verifier(mutants=12).rule(problem(weak, gold), reply)
    assert ruling.outcome == "verified" and ruling.evidence["suite"]["weak"]
    assert 0 < ruling.evidence["suite"]["score"] < 1
    ruling = verifier(mutants=12, min_mutation_score=0.95).rule(problem(weak, gold), reply)
    assert ruling.outcome == "unknown" and "too weak" in ruling.reason
    file = "from solution import add\nfor n in (2,):\n    assert add(n, n) == 4\n"
    unit = {"mode": "unit", "function": "add", "tests": [file]}
    ruling = verifier(mutants=12, min_mutation_score=0.1).rule(problem(unit, gold), reply)
    assert ruling.outcome == "unknown" and "their mutation score is not known" in ruling.reason
    assert ruling.evidence["suite"]["unexamined"] > 0 and not ruling.evidence["suite"]["score"]
    stored = {**weak, "suite": {"differing": 4, "killed": 4}}
    assert verifier(min_mutation_score=0.95).rule(problem(stored), reply).outcome == "verified"


def test_a_trace_that_was_cut_off_or_has_only_thought_is_no_program() -> None:
    judge = verifier()
    assert judge.rule(problem(ADD), trace(block(RIGHT), finish_reason="length")).reason == "no_code: cut off (length)"
    assert judge.rule(problem(ADD), trace(block(RIGHT), finish_reason="error")).outcome == "unknown"
    assert judge.rule(problem(ADD), trace("", reasoning=block(RIGHT))).evidence["category"] == "no_code"


def test_a_line_of_judge_is_read() -> None:
    judge = make_verifier("code", {})
    found, reply = judge.case({"spec": ADD, "response": block(RIGHT)})
    assert found.check.kind == "code" and reply.finish_reason == "stop"
    with pytest.raises(ValueError):
        judge.case({"spec": {"mode": "fly"}, "response": "x"})


@pytest.mark.parametrize(
    "program",
    [
        "x = '" + "a" * 1_500_000 + "'\n" + RIGHT.replace("+", "-"),
        RIGHT + "\0",
        RIGHT + "  # \ud800",
        "x = " + "(" * 10_000 + "1" + ")" * 10_000 + "\n" + RIGHT,
        "def add(a, b):\n    x = []\n    for _ in range(10**5):\n        x = [x]\n    return x",
        "def add(a, b):\n    x = []\n    x.append(x)\n    return x",
        "def add(a, b):\n    return 10**100000",
        "import os\ndef add(a, b):\n    while True:\n        os.fork()",
        "def add(a, b):\n    print('x' * 10**9)",
        "def add(a, b):\n    return {'tuple': [1]}",
        "def add(a, b):\n    return float('nan')",
    ],
    ids=range(11),
)
def test_a_bad_program_is_refuted_and_breaks_nothing(program: str) -> None:
    assert ruled(ADD, program).outcome == "refuted"
    assert ruled(ADD, RIGHT).outcome == "verified"


def test_a_reply_of_ten_megabytes_is_refuted() -> None:
    assert verifier().rule(problem(ADD), trace(block("#" * 10_000_000))).evidence["category"] == "no_code"


def _needs(language: str) -> None:
    try:
        languages.require_installed(languages.LANGUAGES[language])
    except languages.LanguageMissingError as exc:
        pytest.skip(str(exc))
