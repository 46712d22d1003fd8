"""When two values, or two texts, are the same."""

from __future__ import annotations

import math
from typing import Any

import pytest
from tracemill.sandbox.transfer import Foreign
from tracemill.verifiers.code.comparing import same_text, same_value
from tracemill.verifiers.code.spec import TextComparison, ValueComparison


class Number(int):
    def __eq__(self, other: object) -> bool:
        return True

    __hash__ = int.__hash__


@pytest.mark.parametrize(
    ("how", "expected", "got", "same"),
    [
        ({}, 1, 1, True),
        ({}, 1, True, False),
        ({}, 1, 1.0, False),
        ({"numbers": "float"}, 1, 1.0, True),
        ({"numbers": "float"}, 1, True, False),
        ({"numbers": "python"}, 1, True, True),
        ({"numbers": "float"}, 2**60 + 1, float(2**60), False),
        ({}, [1, 2], (1, 2), False),
        ({"sequences": "any"}, [1, (2,)], (1, [2]), True),
        ({}, [1, 2], [2, 1], False),
        ({"order": "any"}, [1, 2, 2], [2, 1, 2], True),
        ({"order": "any"}, [1, 2, 2], [2, 1, 1], False),
        ({"order": "any"}, [[1, 2]], [[2, 1]], False),
        ({"order": "any", "tolerance": 0.1}, [1.0, 2.0], [2.05, 1.05], True),
        ({}, {1, "a", (2, 3)}, {(2, 3), 1, "a"}, True),
        ({}, {1}, {True}, False),
        ({}, {1}, frozenset({1}), False),
        ({}, {"a": [1], 2: None}, {2: None, "a": [1]}, True),
        ({}, {"a": 1}, {"a": True}, False),
        ({"numbers": "float"}, {"a": 1}, {"a": 1.0}, True),
        ({}, math.nan, math.nan, True),
        ({}, math.inf, -math.inf, False),
        ({}, None, False, False),
        ({}, "", None, False),
        ({}, b"a", "a", False),
        ({"tolerance": 1e-6}, 0.3, 0.1 + 0.2, True),
        ({"tolerance": 1e-6}, 10, 10.00001, True),
        ({"tolerance": 1e-6}, 1.0, math.nan, False),
        ({"tolerance": 0.0}, 10**20, 10**20 + 1, False),
        ({"tolerance": 1.0}, 1.0, math.inf, False),
        ({}, 1, Foreign("Same"), False),
        ({}, Foreign("Same"), Foreign("Same"), False),
        ({}, [Foreign("Same")], [Foreign("Same")], False),
        ({}, 5, Number(5), False),
        ({}, 1 + 2j, 1 + 2j, True),
        ({}, range(3), range(3), True),
    ],
)
def test_when_two_values_are_the_same(how: Any, expected: Any, got: Any, same: bool) -> None:
    assert same_value(expected, got, ValueComparison(**how)) is same


@pytest.mark.parametrize(
    ("how", "expected", "got", "same"),
    [
        ({}, "1 2\n", "1\n2", True),
        ({}, "1 2", "12", False),
        ({}, "1", "1.0", False),
        ({"tolerance": 0}, "1", "1.00", True),
        ({"tolerance": 0}, "12345678901234567890", "12345678901234567891", False),
        ({"tolerance": 1e-6}, "0.5 yes", "0.5000001 yes", True),
        ({"tolerance": 1e-6}, "0.5 yes", "0.5 no", False),
        ({"tolerance": 1e9}, "5", "nan", False),
        ({"order": "any", "tolerance": 1e-3}, "2 9.9999", "10.0 2", True),
        ({"order": "any", "tolerance": 1e-3}, "2 3", "2 2", False),
        ({"by": "lines", "order": "any", "tolerance": 1e-3}, "2 a\n9.9999 b", "10.0 b\n2 a", True),
        ({"tolerance": 1.0}, "1", "1e999999999", False),
        ({"by": "lines"}, "a \nb\n\n", "a\nb", True),
        ({"by": "lines"}, "a\n\nb", "a\nb", False),
        ({"by": "lines", "order": "any"}, "a\nb", "b\na", True),
        ({"order": "any"}, "a b b", "b a a", False),
        ({"by": "exact"}, "a\n", "a", False),
        ({}, "", "", True),
        ({}, "", "x", False),
    ],
)
def test_when_two_texts_are_the_same(how: Any, expected: str, got: str, same: bool) -> None:
    assert same_text(expected, got, TextComparison(**how)) is same


def test_values_nested_too_deep_are_not_the_same() -> None:
    deep: list[Any] = []
    for _ in range(10_000):
        deep = [deep]
    assert same_value(deep, [deep], ValueComparison()) is False
