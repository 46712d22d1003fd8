"""Prices of a teacher are whole, or refused with what is missing."""

from __future__ import annotations

import pytest
from pydantic import ValidationError
from tracemill.asking.teachers.prices import Prices


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"input": 1.0}, "a price of input without one of output"),
        ({"output": 1.0}, "a price of output without one of input"),
        ({"cached_input": 1.0}, "a price of cached_input without one of input"),
        ({"gpu_hour": -1.0}, "greater than or equal to 0"),
        ({"currency": "dollars"}, "should match pattern"),
        ({"gpu_tokens_per_second": 0.0}, "greater than 0"),
    ],
)
def test_half_a_price_is_refused(given: dict[str, object], said: str) -> None:
    with pytest.raises(ValidationError, match=said):
        Prices(**given)


def test_what_is_free_costs_nothing_and_is_a_price() -> None:
    assert Prices(input=0.0, output=0.0).input == 0
