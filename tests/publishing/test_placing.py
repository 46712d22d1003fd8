"""Rows that come in any order leave by place; a place without a row, or with two, is found."""

from __future__ import annotations

from pathlib import Path
from random import Random

import pyarrow as pa
import pytest
from tracemill.publishing import placing
from tracemill.publishing.placing import RowsByPlace
from tracemill.views.make_rows import PlacedRows


def rows(places: list[int]) -> PlacedRows:
    batch = pa.record_batch({"name": [f"row {place}" for place in places], "tags": [[str(place)] for place in places]})
    return PlacedRows(pa.array(places, pa.int64()), batch)


@pytest.mark.parametrize("count", [1, 7, 40, 500])
def test_rows_leave_by_place_in_whatever_batches_they_came(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, count: int
) -> None:
    monkeypatch.setattr(placing, "BUCKET_ROWS", 7)
    places = list(range(count))
    Random(5).shuffle(places)
    waiting = RowsByPlace(tmp_path / "sft-easy", count)
    for start in range(0, count, 9):
        waiting.add(rows(places[start : start + 9]))
    found = pa.Table.from_batches(waiting.in_order())
    assert found.to_pylist() == [{"name": f"row {place}", "tags": [str(place)]} for place in range(count)]
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("bound", [100, 1_000, 10_000])
def test_a_bucket_of_long_rows_is_cut_before_it_is_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, bound: int
) -> None:
    monkeypatch.setattr(placing, "BUCKET_BYTES", bound)
    monkeypatch.setattr(placing, "_BYTES_AT_ONCE", bound)
    places = list(range(60))
    Random(5).shuffle(places)
    waiting = RowsByPlace(tmp_path / "sft-easy", 60)
    for start in range(0, 60, 20):
        some = places[start : start + 20]
        batch = pa.record_batch({"name": [f"row {place} {'x' * 200}" for place in some]})
        waiting.add(PlacedRows(pa.array(some, pa.int64()), batch))
    found = list(waiting.in_order())
    assert max(batch.nbytes for batch in found) <= max(bound, 300)
    names = pa.Table.from_batches(found)["name"].to_pylist()
    assert [int(name.split()[1]) for name in names] == list(range(60))
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("places", [[0, 1], [0, 1, 1], [0, 2, 2]])
def test_a_missing_or_double_row_is_refused(tmp_path: Path, places: list[int]) -> None:
    waiting = RowsByPlace(tmp_path / "sft-easy", 3)
    waiting.add(rows(places))
    with pytest.raises(ValueError, match="for the 3 places"):
        list(waiting.in_order())


def test_a_bucket_without_any_row_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="no row at all for the places from 0"):
        list(RowsByPlace(tmp_path / "sft-easy", 3).in_order())


def test_a_place_beyond_the_rows_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="place 3 of 3"):
        RowsByPlace(tmp_path / "sft-easy", 3).add(rows([3]))
