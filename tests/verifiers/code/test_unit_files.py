"""Test files: those that become calls, and those that run in a cage of their own."""

from __future__ import annotations

from typing import Any

import pytest
from replies import ruled
from tracemill.verifiers.code.modes.unit import OWN_WORD
from tracemill.verifiers.code.unit_tests import plain_tests


def calls(text: str, function: str | None = None) -> list[Any] | None:
    found = plain_tests(text, function)
    return None if found is None else [one.model_dump(exclude_unset=True, exclude={"compare"}) for one in found]


def test_asserts_of_calls_and_literals_become_calls() -> None:
    assert calls("assert f(1, x='a') == (2, [3])") == [
        {"function": "f", "arguments": (1,), "keywords": {"x": "a"}, "expected": {"tuple": [2, [3]]}}
    ]
    assert calls("METADATA = {'a': 1}\n\ndef check(candidate):\n    assert candidate({1}) is None, 'why'\n", "f") == [
        {"function": "f", "arguments": ({"set": [1]},), "keywords": {}, "expected": {"none": None}}
    ]
    assert calls("assert f()\nassert not g(-1)") == [
        {"function": "f", "arguments": (), "keywords": {}, "truth": True},
        {"function": "g", "arguments": (-1,), "keywords": {}, "truth": False},
    ]
    assert calls("from solution import f\ndef test_f():\n    assert 3 == f(float('inf'))\n") is not None
    (near,) = plain_tests("assert abs(f(1) - 0.5) < 1e-6", None) or ()
    assert near.compare is not None and near.compare.tolerance == 1e-6


@pytest.mark.parametrize(
    "text",
    [
        "assert f(1) == g(1)",
        "assert f(x) == 1",
        "x = 1\nassert f(x) == 1",
        "for n in range(3):\n    assert f(n) == n",
        "assert sorted(f(1)) == [1]",
        "assert f(1) != 2",
        "assert f(*[1]) == 1",
        "assert f(1).x == 2",
        "assert f(1) == __import__('os').getpid()",
        "import os",
        "def test_f(n=1):\n    assert f(1) == 1",
        "",
        "assert (",
        "(" * 5000,
        "assert f(1) == pytest.approx(0.5)",
        "assert math.isclose(f(1), 0.5)",
        "assert abs(f(1) - 0.5) < 0",
        "assert abs(f(1) - 'a') < 1",
        f"assert f({'[' * 101}{']' * 101}) == 1",
    ],
)
def test_any_other_file_is_left_to_its_own_cage(text: str) -> None:
    assert plain_tests(text, None) is None


def unit(*tests: str, **spec: Any) -> dict[str, Any]:
    return {"mode": "unit", "tests": list(tests), "limits": {"cpu_seconds": 2.0}, **spec}


@pytest.mark.parametrize("text", ["assert abs(f(1) - 1000) < 0.1", "assert math.isclose(f(1), 1000, abs_tol=0.1)"])
def test_how_far_a_number_may_be_off_is_what_the_test_says(text: str) -> None:
    assert ruled(unit(text, function="f"), "def f(n):\n    return 1000.05").outcome == "verified"
    assert ruled(unit(text, function="f"), "def f(n):\n    return 1000.2").outcome == "refuted"


STACK = """
class Empty(IndexError):
    pass

class Stack:
    def __init__(self, items=()):
        self.items = list(items)
    def push(self, item):
        self.items.append(item)
        return self
    def pop(self):
        if not self.items:
            raise Empty("nothing there")
        return self.items.pop()
    def __len__(self):
        return len(self.items)
    def __iter__(self):
        return iter(self.items)
    def __eq__(self, other):
        return isinstance(other, Stack) and self.items == other.items
    def __contains__(self, item):
        return item in self.items
"""
UNITTEST = """
import unittest
from solution import Stack, Empty

class TestStack(unittest.TestCase):
    def setUp(self):
        self.stack = Stack([1, 2])
    def test_pop(self):
        self.assertEqual(self.stack.pop(), 2)
        self.assertEqual(len(self.stack), 1)
    def test_empty(self):
        with self.assertRaises(IndexError):
            Stack().pop()
        self.assertRaises(Empty, Stack().pop)
    def test_holds(self):
        self.assertIn(1, self.stack)
        self.assertEqual(list(self.stack.push(3)), [1, 2, 3])
        self.assertIsInstance(self.stack, Stack)

if __name__ == "__main__":
    unittest.main()
"""
PYTEST = """
import pytest
from solution import Stack

@pytest.mark.parametrize("items, last", [([1], 1), ([1, 2], 2)])
def test_pop(items, last):
    assert Stack(items).pop() == last

def test_empty():
    with pytest.raises(IndexError, match="nothing"):
        Stack().pop()

class TestMore:
    def test_mean(self):
        assert sum(Stack([0.1, 0.2])) == pytest.approx(0.3)
"""


@pytest.mark.parametrize("tests", [UNITTEST, PYTEST])
def test_files_of_unittest_and_pytest(tests: str) -> None:
    assert ruled(unit(tests), STACK).outcome == "verified"
    for right, wrong in (
        ("self.items.pop()", "self.items.pop(0)"),
        ("raise Empty", "return str"),
        ("class Stack", "class Heap"),
    ):
        assert ruled(unit(tests), STACK.replace(right, wrong)).outcome == "refuted", wrong


def test_that_objects_equal_each_other_is_the_candidates_own_word() -> None:
    tests = "from solution import Stack\ndef test_same():\n    assert Stack([1]).push(2) == Stack([1, 2])\n"
    ruling = ruled(unit(tests), STACK)
    assert (ruling.outcome, ruling.reason) == ("unknown", OWN_WORD)
    always = STACK.replace("return isinstance(other, Stack) and self.items == other.items", "return True")
    assert ruled(unit(tests.replace("Stack([1, 2])", "[1, 2]")), always).outcome == "refuted"


def test_functions_that_are_given_and_returned() -> None:
    tests = "def check(candidate):\n    for n in (1, 2):\n        assert candidate(lambda x: x * 2)(n) == 4 * n\n"
    twice = "def twice(f):\n    return lambda x: f(f(x))\n"
    assert ruled(unit(tests, function="twice"), twice).outcome == "verified"
    assert ruled(unit(tests, function="twice"), twice.replace("f(f(x))", "f(x)")).outcome == "refuted"
    generator = "def count(n):\n    while True:\n        yield n\n        n += 1\n"
    tests = "import itertools\nassert list(itertools.islice(count(3), 3)) == [3, 4, 5]"
    assert ruled(unit(tests, function="count"), generator).outcome == "verified"


def test_helpers_of_the_question_are_never_the_candidates() -> None:
    prelude = "def encode(text):\n    return text[::-1]\n"
    tests = "def check(candidate):\n    for text in ('abc', 'xy'):\n        assert candidate(encode(text)) == text\n"
    spec = unit(tests, function="decode", prelude=prelude, header=prelude)
    assert ruled(spec, "def decode(text):\n    return text[::-1]\n").outcome == "verified"
    assert ruled(spec, "def encode(text):\n    return text\ndef decode(text):\n    return text\n").outcome == "refuted"


def test_arguments_are_copies_unless_the_spec_says_in_place() -> None:
    tests = (
        "from solution import order\ndef test_it():\n    items = [2, 1]\n    order(items)\n    assert items == [1, 2]\n"
    )
    program = "def order(items):\n    items.sort()\n"
    assert ruled(unit(tests), program).outcome == "refuted"
    assert ruled(unit(tests, in_place=True), program).outcome == "verified"


@pytest.mark.parametrize(
    ("program", "category"),
    [
        ("def f(", "compile_error"),
        ("raise ValueError", "crash"),
        ("def f(n):\n    raise ValueError", "crash"),
        ("def f(n):\n    return missing", "crash"),
        ("def g(n):\n    return n", "not_found"),
        ("def f(n):\n    import os\n    os._exit(0)", "crash"),
        ("def f(n):\n    return 'x' * (40 << 20)", "crash"),
        ("def f(n):\n    return 0", "wrong_output"),
    ],
)
def test_why_a_program_fails_beside_a_test_file(program: str, category: str) -> None:
    tests = "from solution import f\ndef test_it():\n    for n in (1, 2):\n        assert f(n) == n\n"
    assert ruled(unit(tests), program).evidence["category"] == category


def test_a_file_without_tests_decides_nothing() -> None:
    ruling = ruled(unit("from solution import f\ndef helper():\n    assert f(1) == 1\n"), "def f(n):\n    return 2")
    assert (ruling.outcome, ruling.reason) == ("unknown", "tests0.py has no tests")


WITH_FOLDER = "from solution import f\ndef test_it(tmp_path):\n    assert f(1) == 1\n"


@pytest.mark.parametrize(
    ("tests", "said"),
    [
        ("import pytest\nfrom solution import f\n@pytest.fixture\ndef one():\n    return f(1)\n", "fixtures"),
        (WITH_FOLDER, "tmp_path"),
        ("import absent_module\nfrom solution import f\ndef test_it():\n    assert f(1) == 1\n", "absent_module"),
        ("import pytest\nfrom solution import f\ndef test_it():\n    pytest.skip('later')\n", "skipped"),
        ("import pytest\nfrom solution import f\n@pytest.mark.skip\ndef test_it():\n    assert f(1) == 2\n", "skipped"),
        (
            "import pytest\nfrom solution import f\n@pytest.mark.parametrize('n', [pytest.param(1)])\n"
            "def test_it(n):\n    assert f(n) == n\n",
            "pytest.param",
        ),
        (
            "import unittest\nfrom solution import f\nclass TestIt(unittest.TestCase):\n    def test_it(self):\n"
            "        self.skipTest('later')\n",
            "skipped",
        ),
    ],
    ids=["fixture", "folder", "module", "skip", "mark", "param", "skip of unittest"],
)
def test_what_the_tests_lack_is_not_held_against_the_program(tests: str, said: str) -> None:
    ruling = ruled(unit(tests), "def f(n):\n    return n\n")
    assert ruling.outcome == "unknown" and said in ruling.reason, ruling


def test_a_mark_that_skips_nothing_changes_nothing() -> None:
    tests = (
        "import pytest\nfrom pytest import mark\nfrom solution import f\n@mark.slow\n"
        "@pytest.mark.skipif(False, reason='')\ndef test_it():\n    for n in (1, 2):\n        assert f(n) == n\n"
    )
    assert ruled(unit(tests), "def f(n):\n    return n\n").outcome == "verified"
    assert ruled(unit(tests), "def f(n):\n    return 1\n").outcome == "refuted"


def test_beside_tests_that_cannot_be_run_another_may_refute() -> None:
    tests = f"{WITH_FOLDER}\ndef test_more():\n    for n in (1, 2):\n        assert f(n) == n\n"
    assert ruled(unit(tests), "def f(n):\n    return n\n").outcome == "unknown"
    ruling = ruled(unit(tests), "def f(n):\n    return -n\n")
    assert (ruling.outcome, ruling.reason) == ("refuted", "wrong_output in test 2 of 2")


def test_a_decorator_may_give_a_test_its_arguments() -> None:
    tests = (
        "from unittest import mock\nfrom solution import f\n@mock.patch('time.time')\ndef test_it(faked):\n"
        "    faked.return_value = 1\n    assert f(1) == faked()\n"
    )
    assert ruled(unit(tests), "def f(n):\n    return n\n").outcome == "verified"


def test_that_an_object_is_near_a_number_is_the_candidates_own_word() -> None:
    tests = "from solution import f\ndef test_it():\n    for n in (1, 2):\n        assert abs(f(n) - n) < 1e-6\n"
    assert ruled(unit(tests), "def f(n):\n    return float(n)\n").outcome == "verified"
    near = (
        "class Near:\n    __sub__ = __abs__ = lambda self, *_: self\n    __lt__ = lambda self, other: True\n"
        "def f(n):\n    return Near()\n"
    )
    ruling = ruled(unit(tests), near)
    assert (ruling.outcome, ruling.reason) == ("unknown", OWN_WORD)
