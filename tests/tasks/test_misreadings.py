"""How expressions are misread and values got wrong."""

from __future__ import annotations

import ast

import pytest
from tracemill.tasks.library.misreadings import REWRITES, rewritten, slipped

MISREAD = {
    "inclusive_range": [("x = range(2, n)", "x = range(2, n + 1)"), ("x = range(0, n, 2)", None)],
    "range_from_one": [
        ("for i in range(n):\n    pass", "for i in range(1, n):\n    pass"),
        ("range(2, n)", None),
    ],
    "true_division": [("m = (j - i) // 2", "m = (j - i) / 2"), ("m = j / 2", None)],
    "quotient_for_remainder": [("a = a % p", "a = a // p"), ("a = '%i' % p", None)],
    "loose_comparison": [("if n < 2:\n    pass", "if n <= 2:\n    pass"), ("x = n == 2", None)],
    "counted_from_one": [("x = f[k]", "x = f[k - 1]"), ("x = f[0]", None), ("f[k] = 3", None)],
    "inclusive_slice": [("x = f[:k]", "x = f[:k + 1]"), ("x = f[k:]", None), ("x = f[:-1]", None)],
    "order_kept": [("x = list(reversed(f))", "x = list(list(f))"), ("x = sorted(f, key=g)", None)],
}


@pytest.mark.parametrize(("kind", "code", "misread"), [(k, *case) for k, cases in MISREAD.items() for case in cases])
def test_a_misreading_changes_what_it_is_about_and_nothing_else(kind, code, misread):
    (node,) = ast.parse(code).body
    rewritten(node, kind)
    assert ast.unparse(node) == (misread or code)


def test_every_misreading_is_tried():
    assert MISREAD.keys() == REWRITES.keys()


def test_the_blocks_of_a_statement_are_read_rightly():
    (node,) = ast.parse("if n < 2:\n    x = n < 3").body
    rewritten(node, "loose_comparison")
    assert ast.unparse(node) == "if n <= 2:\n    x = n < 3"


@pytest.mark.parametrize("value", [True, 7, -1.5, [3, 5], (1,), "ab", b"a", {1: [2]}, {4, 9}, [], "", None])
def test_a_slip_gives_another_value_of_that_type_or_the_same_where_none_is_near(value):
    for turn in (0, 1):
        wrong = slipped(value, turn)
        assert type(wrong) is type(value)
        assert (wrong == value) == (value in ([], "", None, b"a"))
