"""From a row of a known shape to what a problem is made of: prompt, tests, reference solutions.

Prompts are as the field asks; they hold no test that is used to judge but MBPP's first, which says what the function is
called. Field names are those of the published files:

    humaneval      prompt, canonical_solution, test, entry_point
    mbpp           text (or prompt), code, test_list, test_setup_code (or test_imports), challenge_test_list
    apps           question, solutions, input_output, starter_code, difficulty
    taco           the same as apps
    livecodebench  question_content, starter_code, public_test_cases, private_test_cases, metadata
    kodcode        question, solution, test, test_info
"""

from __future__ import annotations

import ast
import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from tracemill.sandbox.transfer import encode
from tracemill.software.python_source import parsed
from tracemill.sources.code.packed_tests import packed_tests
from tracemill.sources.lines import BadLineError

FileRow = Mapping[str, Any]

_BLOCK = "Reply with the whole program in one ```{tag} block."
_MOST_GOLDS = 5


@dataclass(frozen=True, slots=True)
class CodeDraft:
    """`specs`: the check's spec, or several where the row leaves open what is meant (an expected value in a list of one
    item); the first that a reference solution passes is taken. `golds`: reference solutions, the first that passes is
    the answer."""

    prompt: str
    specs: tuple[dict[str, Any], ...]
    golds: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()


def shape_of(row: FileRow) -> str:
    """The shape whose fields the row has.

    Raises:
        BadLineError: it has none's.
    """
    for shape, fields in _MARKS.items():
        if all(field in row for field in fields):
            return shape
    raise BadLineError("no known shape", f"fields: {', '.join(sorted(row))}"[:200])


def drafted(shape: str, row: FileRow, language: str) -> CodeDraft:
    """
    Raises:
        BadLineError: a field is missing or makes no sense.
    """
    read = _SHAPES[shape if shape != "auto" else shape_of(row)]
    try:
        return read(row, language)
    except (ValueError, RecursionError) as exc:
        raise BadLineError("the tests make no sense", f"{type(exc).__name__}: {exc}"[:300]) from exc


def _humaneval(row: FileRow, _language: str) -> CodeDraft:
    prompt, name, test = _text(row, "prompt"), _text(row, "entry_point"), _text(row, "test")
    tree = parsed(prompt)
    if tree is None:
        raise BadLineError("the prompt is no Python", "prompt")
    around = [node for node in tree.body if not (isinstance(node, ast.FunctionDef) and node.name == name)]
    header = "\n".join(ast.unparse(node) for node in around)
    asked = f"Complete this Python function. {_BLOCK.format(tag='python')}\n\n```python\n{prompt.rstrip()}\n```"
    helps = any(isinstance(node, ast.FunctionDef | ast.ClassDef) for node in around)
    spec = {"mode": "unit", "function": name, "header": header, "prelude": header if helps else "", "tests": [test]}
    return CodeDraft(asked, (spec,), (prompt + _text(row, "canonical_solution"),))


def _mbpp(row: FileRow, _language: str) -> CodeDraft:
    question = _text(row, "text" if "text" in row else "prompt")
    tests = [*_texts(row, "test_list"), *_texts(row, "challenge_test_list", needed=False)]
    if not tests:
        raise BadLineError("no tests", "test_list")
    setup = "\n".join(_texts(row, "test_imports", needed=False)) or row.get("test_setup_code") or ""
    code = _text(row, "code").replace("\r\n", "\n")
    shown = tests[0].strip()
    prompt = f"{question.strip()}\nThe function must pass this test, and more that are not shown:\n\n{shown}\n\n"
    files = [f"{setup}\n{test}".strip() for test in tests]
    spec: dict[str, Any] = {"mode": "unit", "tests": files}
    if name := _called(tests[0], code):
        spec["function"] = name
    return CodeDraft(prompt + _BLOCK.format(tag="python"), (spec,), (code,))


def _called(test: str, code: str) -> str | None:
    """The function of the solution that a test calls."""
    test_tree, tree = parsed(test), parsed(code)
    if test_tree is None or tree is None:
        return None
    defined = {node.name for node in tree.body if isinstance(node, ast.FunctionDef | ast.ClassDef)}
    names = [
        node.func.id for node in ast.walk(test_tree) if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)
    ]
    return next((name for name in names if name in defined), None)


def _competition(row: FileRow, language: str) -> CodeDraft:
    """APPS and TACO."""
    held = _json(row, "input_output")
    if (
        not isinstance(held, dict)
        or not isinstance(held.get("inputs"), list)
        or not isinstance(held.get("outputs"), list)
    ):
        raise BadLineError("no tests", "input_output")
    inputs, outputs = held["inputs"], held["outputs"]
    if not inputs or len(inputs) != len(outputs):
        raise BadLineError("no tests", f"input_output: {len(inputs)} inputs, {len(outputs)} outputs")
    golds = tuple(one for one in _listed(row.get("solutions")) if isinstance(one, str))[:_MOST_GOLDS]
    starter = str(row.get("starter_code") or "").strip()
    name = held.get("fn_name")
    tags = (f"difficulty:{row['difficulty']}",) if isinstance(row.get("difficulty"), str) and row["difficulty"] else ()
    prompt = _with_starter(_text(row, "question"), starter, language, called=bool(name))
    if not name:
        tests = [{"stdin": _lines(one), "stdout": _lines(other)} for one, other in zip(inputs, outputs, strict=True)]
        return CodeDraft(prompt, ({"mode": "stdin", "tests": tests},), golds, tags)
    if "class Solution" in starter or (not starter and any("class Solution" in one for one in golds)):
        name = f"Solution.{name}"
    readings = [[_sole(one) for one in outputs], outputs]
    specs = tuple(
        _calls(name, inputs, reading) for reading in readings if reading is readings[0] or reading != readings[0]
    )
    return CodeDraft(prompt, specs, golds, tags)


def _sole(output: Any) -> Any:
    return output[0] if isinstance(output, list) and len(output) == 1 else output


def _calls(name: str, inputs: Sequence[Any], outputs: Sequence[Any]) -> dict[str, Any]:
    tests = []
    for given, expected in zip(inputs, outputs, strict=True):
        if not isinstance(given, list):
            raise BadLineError("not a list of arguments", "input_output")
        tests.append({"arguments": [encode(one) for one in given], "expected": encode(expected)})
    return {"mode": "call", "function": name, "tests": tests, "compare": {"numbers": "float", "sequences": "any"}}


def _livecodebench(row: FileRow, language: str) -> CodeDraft:
    try:
        tests = [*packed_tests(row.get("public_test_cases")), *packed_tests(row.get("private_test_cases") or "[]")]
    except ValueError as exc:
        raise BadLineError("no tests", str(exc)[:200]) from exc
    if not tests or not all(isinstance(one.get("input"), str) and isinstance(one.get("output"), str) for one in tests):
        raise BadLineError("no tests", "public_test_cases")
    starter = str(row.get("starter_code") or "").strip()
    called = tests[0].get("testtype") == "functional"
    prompt = _with_starter(_text(row, "question_content"), starter, language, called)
    tags = tuple(f"{key}:{row[key]}" for key in ("difficulty", "platform") if isinstance(row.get(key), str))
    if not called:
        plain = [{"stdin": one["input"], "stdout": one["output"]} for one in tests]
        return CodeDraft(prompt, ({"mode": "stdin", "tests": plain, "compare": {"tolerance": 0}},), (), tags)
    metadata = _json(row, "metadata")
    name = metadata.get("func_name") if isinstance(metadata, dict) else None
    if not isinstance(name, str):
        raise BadLineError("no function", "metadata.func_name")
    name = f"Solution.{name}" if "class Solution" in starter else name
    try:
        inputs = [[json.loads(line) for line in one["input"].split("\n") if line.strip()] for one in tests]
        outputs = [json.loads(one["output"]) for one in tests]
    except (ValueError, RecursionError) as exc:
        raise BadLineError("no tests", f"an argument is no JSON: {exc}"[:200]) from exc
    return CodeDraft(prompt, (_calls(name, inputs, outputs),), (), tags)


def _kodcode(row: FileRow, _language: str) -> CodeDraft:
    info = [one for one in _listed(row.get("test_info")) if isinstance(one, dict)]
    declared = [one["function_declaration"] for one in info if isinstance(one.get("function_declaration"), str)]
    prompt = _text(row, "question").strip()
    if declared:
        prompt += "\n\nThe tests import: " + ", ".join(f"`{one.strip().rstrip(':')}`" for one in declared)
    spec: dict[str, Any] = {"mode": "unit", "tests": [_text(row, "test")]}
    names = [one["function_name"] for one in info if isinstance(one.get("function_name"), str)]
    if len(names) == 1:
        spec["function"] = names[0]
    return CodeDraft(f"{prompt}\n\n{_BLOCK.format(tag='python')}", (spec,), (_text(row, "solution"),))


def _with_starter(question: str, starter: str, language: str, called: bool) -> str:
    how = (
        f"Use this starter code:\n\n```{language}\n{starter}\n```\n\n"
        if starter
        else ""
        if called
        else "Read the input from standard input, and write the answer to standard output.\n\n"
    )
    return f"{question.strip()}\n\n{how}{_BLOCK.format(tag=language)}"


def _text(row: FileRow, field: str) -> str:
    value = row.get(field)
    if not isinstance(value, str) or not value.strip():
        raise BadLineError("not text" if field in row else "missing field", field)
    return value


def _texts(row: FileRow, field: str, needed: bool = True) -> list[str]:
    value = row.get(field)
    if value is None and not needed:
        return []
    found = _listed(value)
    if not all(isinstance(one, str) for one in found):
        raise BadLineError("not texts", field)
    return [one for one in found if one.strip()]


def _listed(value: Any) -> Sequence[Any]:
    """A list, or one that stands as JSON in a text."""
    if isinstance(value, str):
        try:
            value = json.loads(value)
        except (ValueError, RecursionError):
            return []
    return value if isinstance(value, list) else []


def _json(row: FileRow, field: str) -> Any:
    value = row.get(field)
    if not isinstance(value, str):
        return value
    try:
        return json.loads(value)
    except (ValueError, RecursionError) as exc:
        raise BadLineError("not JSON", f"{field}: {exc}"[:200]) from exc


def _lines(value: Any) -> str:
    """Standard input or output: text, or a list of its lines."""
    if isinstance(value, list):
        return "".join(f"{_lines(one).rstrip(chr(10))}\n" for one in value)
    if not isinstance(value, str | int | float):
        raise BadLineError("not text", "input_output")
    return str(value)


_SHAPES: Mapping[str, Callable[[FileRow, str], CodeDraft]] = {
    "humaneval": _humaneval,
    "mbpp": _mbpp,
    "apps": _competition,
    "taco": _competition,
    "livecodebench": _livecodebench,
    "kodcode": _kodcode,
}
_MARKS: Mapping[str, Iterable[str]] = {
    "humaneval": ("prompt", "canonical_solution", "test", "entry_point"),
    "mbpp": ("code", "test_list"),
    "livecodebench": ("question_content", "public_test_cases"),
    "taco": ("question", "input_output", "skill_types"),
    "apps": ("question", "input_output"),
    "kodcode": ("question", "solution", "test"),
}
