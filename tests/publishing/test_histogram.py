from __future__ import annotations

import polars as pl
import pytest
from tracemill.publishing import histogram


def test_a_share_is_in_its_tenth_and_one_is_in_the_last() -> None:
    shares = pl.Series([0.0, 0.05, 0.1, 0.3, 0.6, 0.7, 0.95, 1.0, None])
    found = histogram.tenth_columns(histogram.tenths(shares).to_list())
    assert histogram.counts(found) == [2, 1, 0, 1, 0, 0, 1, 1, 0, 2]
    assert histogram.starts(found) == ["0", "0.1", "0.2", "0.3", "0.4", "0.5", "0.6", "0.7", "0.8", "0.9"]


@pytest.mark.parametrize(
    ("longest", "width"), [(3, 1), (19, 1), (20, 2), (99, 5), (100, 10), (1_999, 100), (10**6, 10**5)]
)
def test_columns_are_of_a_round_width_and_few(longest: int, width: int) -> None:
    found = histogram.columns({0: 3, longest: 2})
    assert [column["start"] for column in found] == [place * width for place in range(len(found))]
    assert len(found) <= 20 and sum(histogram.counts(found)) == 5


def test_no_value_gives_no_column() -> None:
    assert histogram.columns({}) == []


def test_columns_from_edges_end_with_the_largest_value() -> None:
    found = histogram.columns_from((2, 3, 5, 100), pl.Series([2, 4, 4, 3]))
    assert found == [{"start": 2, "count": 1}, {"start": 3, "count": 3}]
    assert histogram.columns_from((2, 3), pl.Series([], dtype=pl.Int64)) == []
    assert histogram.columns_from((2, 3), pl.Series([10**9])) == [{"start": 2, "count": 0}, {"start": 3, "count": 1}]
