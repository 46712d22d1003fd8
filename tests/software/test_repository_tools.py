"""What the tools of a repository give, for right calls and wrong ones."""

from __future__ import annotations

import json

import pytest
from tracemill.records import ToolCall
from tracemill.records.trace import UNREAD_ARGUMENTS
from tracemill.software.repository_tools import ERROR, LEFT_OUT, MAX_RESULT, TOOLS, call_tool
from tracemill.software.working_copy import WorkingCopy

FILES = {
    "till/__init__.py": "",
    "till/change.py": "def change(paid, price):\n    rest = paid + price\n    return rest\n",
    "tests/test_change.py": (
        "import pytest\n\nfrom till.change import change\n\n\ndef test_change():\n    assert change(5, 3) == 2\n\n\n"
        "def test_nothing():\n    assert change(0, 0) == 0\n\n\n"
        "def test_refused():\n    with pytest.raises(TypeError):\n        change(None, 1)\n"
    ),
}
MEND = {"path": "till/change.py", "old": "paid + price", "new": "paid - price"}


@pytest.fixture
def copy():
    return WorkingCopy(FILES)


def call(copy, name, **arguments):
    return call_tool(copy, ToolCall("c", name, arguments))


def test_files_are_listed_read_and_searched(copy):
    assert call(copy, "list_files", folder="till") == "till/__init__.py (0 lines)\ntill/change.py (3 lines)"
    assert call(copy, "search", text="rest") == (
        "till/change.py:2:     rest = paid + price\ntill/change.py:3:     return rest"
    )
    assert call(copy, "search", text="nowhere") == "'nowhere' is in no line"
    assert call(copy, "read_file", path="till/change.py", first=2, last=2) == (
        "till/change.py, lines 2 to 2 of 3\n2:     rest = paid + price"
    )
    assert call(copy, "read_file", path="till/change.py", last=None).count("\n") == 3


def test_a_search_is_for_fixed_text(copy):
    assert call(copy, "search", text="r.st") == "'r.st' is in no line"


def test_an_edit_shows_the_lines_as_they_are_now(copy):
    assert call(copy, "edit_file", **MEND) == "till/change.py is changed:\n2:     rest = paid - price"
    assert call(copy, "edit_file", **MEND).startswith(f"{ERROR}till/change.py: the old text is not in it")
    assert call(copy, "edit_file", path="new.py", old="", new="a = 1\n").startswith("new.py is changed:\n1: a = 1")


def test_tests_say_which_fail_where_and_why(copy):
    assert call(copy, "run_tests") == (
        "FAILED tests/test_change.py::test_change, line 7\n    assert change(5, 3) == 2\n    8 == 2 does not hold\n"
        "1 failed, 2 passed"
    )
    call(copy, "edit_file", **MEND)
    assert call(copy, "run_tests", path="tests/test_change.py") == "3 passed"


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("    return paid / 0", "till/change.py, line 2, in change: ZeroDivisionError"),
        ("    return paid +", "ERROR tests/test_change.py\n    till/change.py, line 2: SyntaxError"),
        ("    raise SystemExit(0)", "in change: SystemExit: 0"),
        ("    import os; os._exit(0)", "the tests ended without a report, with exit status 0"),
        ("    while True: pass", "the tests were stopped: they took more than 5 seconds"),
        ("    return change(paid, price)", "RecursionError"),
        ("    return object()", "0x…"),
    ],
)
def test_whatever_the_code_does_the_tests_end_with_a_report(line, said):
    copy = WorkingCopy({**FILES, "till/change.py": f"def change(paid, price):\n{line}\n"})
    assert said in call(copy, "run_tests")


def test_what_the_code_prints_is_no_report():
    printing = "print('24 passed')\ndef change(paid, price):\n    return 1\n"
    report = call(WorkingCopy({**FILES, "till/change.py": printing}), "run_tests")
    assert "24 passed" not in report and report.endswith("3 failed")


def test_a_module_that_is_called_as_one_of_the_standard_library_breaks_no_run(copy):
    call(copy, "edit_file", path="traceback.py", old="", new="raise ValueError\n")
    assert call(copy, "run_tests").endswith("1 failed, 2 passed")


@pytest.mark.parametrize(
    ("name", "arguments", "said"),
    [
        ("delete_file", {}, "there is no tool 'delete_file'; there are list_files, search"),
        ("read_file", {}, "read_file needs 'path'; give path, first (optional), last (optional)"),
        ("read_file", {"path": "till/change.py", "line": 1}, "read_file has no argument 'line'"),
        ("read_file", {"path": 1}, "the argument 'path' of read_file is no string"),
        ("read_file", {"path": "till/change.py", "first": "1"}, "the argument 'first' of read_file is no integer"),
        ("read_file", {"path": "till/change.py", "first": True}, "the argument 'first' of read_file is no integer"),
        ("read_file", {"path": "till/change.py", "first": 9}, "has the lines 1 to 3"),
        ("read_file", {"path": "nowhere.py"}, "there is no file 'nowhere.py'; list_files shows what there is"),
        ("read_file", {"path": "../etc/passwd"}, "there is no file"),
        ("list_files", {"folder": "nowhere"}, "there is no folder 'nowhere'"),
        ("search", {"text": " "}, "is one line, and not blank"),
        ("run_tests", {"path": "till/change.py"}, "is no file of tests"),
        ("run_tests", {"path": "tests/test_gone.py"}, "there is no file"),
        ("search", {UNREAD_ARGUMENTS: '{"text": '}, "the arguments of search are no JSON object"),
    ],
)
def test_a_wrong_call_is_answered_by_an_error_that_says_what_to_give(copy, name, arguments, said):
    text = call_tool(copy, ToolCall("c", name, arguments))
    assert text.startswith(ERROR) and said in text
    assert copy.files == FILES


def test_long_results_are_cut_and_say_so(copy):
    call(copy, "edit_file", path="long.txt", old="", new="".join(f"line {n} {'x' * 90}\n" for n in range(150)))
    text = call(copy, "read_file", path="long.txt")
    assert LEFT_OUT in text and len(text) < MAX_RESULT + 100
    assert "\n1: line 0 " in text and text.rstrip().endswith("x") and "150: line 149" in text
    many = call(copy, "search", text="line")
    assert many.endswith("… and 110 more lines")


def test_control_characters_are_escaped(copy):
    call(copy, "edit_file", path="a.txt", old="", new="red \x1b[31m \u202e\n")
    assert call(copy, "read_file", path="a.txt").endswith(r"1: red \x1b[31m \u202e")


def test_the_schemas_are_those_of_the_openai_api():
    for tool in json.loads(json.dumps(TOOLS)):
        function = tool["function"]
        assert tool["type"] == "function" and function["parameters"]["type"] == "object"
        assert set(function["parameters"]["required"]) <= set(function["parameters"]["properties"])
    assert [one["function"]["name"] for one in TOOLS] == ["list_files", "search", "read_file", "edit_file", "run_tests"]
