"""Shards: bounded, in order, the same bytes for the same rows, and free of the wall clock."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Iterable
from itertools import islice
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from tracemill.publishing import shards
from tracemill.publishing.shards import ShardFile, ShardLimits, view_writer, without_clock, write_ledger
from tracemill.records import Check, Problem, Source, Trace, Turn, Verdict, schema
from tracemill.records.codec import encode
from tracemill.records.schema import SCHEMA_VERSION
from tracemill.settings.errors import UsageError
from tracemill.settings.plugins import load
from tracemill.views.view import encode as encode_view

SFT = load("view", "sft").schema


def row(index: int) -> dict[str, Any]:
    return {
        "messages": [{"role": "user", "content": f"question {index}"}, {"role": "assistant", "content": "x" * 50}],
        "problem_id": f"{index:020x}",
        "trace_ids": [f"{index:020x}-{0:012x}"],
        "domain": "math.algebra.linear_system.market",
        "skill": "skills",
        "stage": "warm_up",
        "difficulty": index / 10_000,
        "verifiers": ["answer@1"],
        "strength": "exact",
        "coverage": None,
        "tokens": index,
        "licence": "Apache-2.0",
    }


def write(
    rows: Iterable[dict[str, Any]], limits: ShardLimits | None = None, at_once: int = 100
) -> tuple[dict[str, bytes], list[ShardFile]]:
    written: dict[str, bytes] = {}
    writer = view_writer(written.__setitem__, "sft", 3, "warm_up", limits)
    waiting = iter(rows)
    while some := list(islice(waiting, at_once)):
        writer.add(encode_view("sft", SFT, some))
    return written, writer.close()


def table(data: bytes) -> pa.Table:
    return pq.read_table(io.BytesIO(data))


def test_rows_come_back_in_order_over_shards_whose_names_sort() -> None:
    written, files = write((row(i) for i in range(2500)), ShardLimits(rows=1200))
    names = [f"dataset/sft/03-warm_up-0000{i}-{file.sha256[:16]}.parquet" for i, file in enumerate(files)]
    assert list(written) == sorted(written) == names == [file.path for file in files]
    assert [file.rows for file in files] == [1200, 1200, 100]
    assert [item for data in written.values() for item in table(data).to_pylist()] == [row(i) for i in range(2500)]


def test_each_file_is_listed_as_it_was_written() -> None:
    written, files = write((row(i) for i in range(1500)), ShardLimits(rows=1000))
    assert len(files) == 2
    for file in files:
        data = written[file.path]
        digest = hashlib.sha256(data).hexdigest()
        assert file == ShardFile(file.path, table(data).num_rows, len(data), digest)


def test_a_shard_ends_with_the_row_group_in_which_it_reaches_its_size() -> None:
    _, files = write((row(i) for i in range(3500)), ShardLimits(size=1))
    assert [file.rows for file in files] == [1000, 1000, 1000, 500]


def test_row_groups_have_a_thousand_rows_and_zstd() -> None:
    written, files = write(row(i) for i in range(2500))
    assert len(files) == 1
    metadata = pq.ParquetFile(io.BytesIO(written[files[0].path])).metadata
    assert [metadata.row_group(i).num_rows for i in range(metadata.num_row_groups)] == [1000, 1000, 500]
    assert metadata.row_group(0).column(0).compression == "ZSTD"


def test_a_file_says_its_schema_and_version() -> None:
    written, files = write(row(i) for i in range(3))
    found = table(written[files[0].path]).schema
    assert found.metadata[b"tracemill_schema_version"] == str(SCHEMA_VERSION).encode()
    assert found.remove_metadata().equals(SFT)


def test_a_shard_leaves_before_the_next_rows_are_asked_for() -> None:
    seen: list[tuple[str, int]] = []
    asked = 0
    writer = view_writer(lambda path, data: seen.append((path, asked)), "sft", 0, "s", ShardLimits(rows=1000))
    for asked in range(1, 2001):
        writer.add(encode_view("sft", SFT, [row(asked)]))
    assert [at for _, at in seen] == [1000, 2000]
    writer.close()
    assert len(seen) == 2


def test_the_same_rows_give_the_same_bytes() -> None:
    limits = ShardLimits(rows=1100)
    assert write((row(i) for i in range(2300)), limits) == write((row(i) for i in range(2300)), limits)
    assert write(row(i) for i in range(10)) != write(row(i) for i in range(11))


def test_another_content_has_another_name() -> None:
    (one,), (other,) = ([file.path for file in write([row(i)])[1]] for i in range(2))
    assert one != other


def test_no_rows_make_no_file() -> None:
    assert write(iter(())) == ({}, [])


def test_rows_of_another_view_are_refused() -> None:
    writer = view_writer({}.__setitem__, "process", 0, "warm_up")
    with pytest.raises(ValueError, match="other columns"):
        writer.add(encode_view("sft", SFT, [row(0)]))


@pytest.mark.parametrize("stage", ["../up", "a/b", "", "a-b", "A", "train", "test", "all", "a\n"])
def test_a_stage_name_that_is_no_path_part_or_takes_a_split_is_refused(stage: str) -> None:
    with pytest.raises(UsageError, match="no stage can be called"):
        view_writer({}.__setitem__, "sft", 0, stage)


# The ledger.


def trace(index: int, seconds: float) -> Trace:
    return Trace(
        id=f"{index:020x}-{0:012x}",
        digest="d",
        problem_id=f"{index:020x}",
        skill="skills",
        teacher="symbolic",
        strategy="single",
        sample_index=0,
        path="0",
        turns=(Turn("assistant", "17", "reasoning " * (index % 7)),),
        finish_reason="stop",
        seconds=seconds,
        created=f"2026-01-01T00:00:{index % 60:02d}",
    )


def ledger(sizes: list[int], seconds: float, limits: ShardLimits | None = None) -> dict[str, bytes]:
    """The traces 0, 1, … in batches of the given sizes, written with a clock of our own."""
    whole = encode("traces", [trace(i, seconds + i) for i in range(sum(sizes))])
    starts = [sum(sizes[:i]) for i in range(len(sizes))]
    written: dict[str, bytes] = {}
    batches = (whole.slice(at, size) for at, size in zip(starts, sizes, strict=True))
    files = write_ledger(written.__setitem__, "traces", batches, limits)
    assert [(file.path, file.rows, file.bytes) for file in files] == [
        (path, table(data).num_rows, len(data)) for path, data in written.items()
    ]
    return written


def test_the_bytes_of_the_ledger_show_neither_batches_nor_clock() -> None:
    limits = ShardLimits(rows=1500)
    expected = ledger([2600], 0.5, limits)
    assert [name[:-25] for name in expected] == ["dataset/traces/part-00000", "dataset/traces/part-00001"]
    assert ledger([1] * 100 + [999, 0, 1, 1500], 12.25, limits) == expected
    assert ledger([1300, 1300], 0.25, limits) == expected
    assert ledger([700, 700, 700, 500], 0.25, limits) == expected


def test_the_ledger_keeps_every_row_in_order() -> None:
    written = ledger([700, 1900], 0.5, ShardLimits(rows=1500))
    ids = [name for data in written.values() for name in table(data).column("id").to_pylist()]
    assert ids == [trace(i, 0.0).id for i in range(2600)]


def test_the_ledger_keeps_every_column_but_the_clock() -> None:
    (data,) = ledger([3], 1.0).values()
    found = table(data)
    assert found.schema.remove_metadata().equals(schema.SCHEMAS["traces"])
    kept = encode("traces", [trace(i, 1.0 + i) for i in range(3)])
    for name in kept.schema.names:
        wanted = [None] * 3 if name in ("seconds", "created") else kept.column(name).to_pylist()
        assert found.column(name).to_pylist() == wanted, name


def test_the_clock_of_a_verdict_is_taken_out_too() -> None:
    judged = Verdict("v", "t", "d", "answer", "1", "answer", "verified", "exact", "", seconds=1.5)
    found = without_clock(encode("verdicts", [judged]))
    assert found.column("seconds").to_pylist() == [None]
    assert found.schema.equals(schema.SCHEMAS["verdicts"])


def test_a_problem_has_no_clock() -> None:
    source = Source("domains", "1", "Apache-2.0", 0, 7)
    batch = encode("problems", [Problem("p", "g", "a.b.c.d", "?", "!", Check("exact"), source)])
    assert without_clock(batch).equals(batch)


def test_a_batch_with_other_columns_is_refused() -> None:
    batch = encode("traces", [trace(0, 1.0)]).drop_columns(["created"])
    with pytest.raises(ValueError, match="other columns"):
        write_ledger({}.__setitem__, "traces", [batch])


def test_row_groups_of_long_rows_end_by_bytes_whatever_the_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shards, "GROUP_BYTES", 10_000)
    long = [row(i) | {"licence": "x" * (4_000 if i % 7 == 0 else 10)} for i in range(60)]
    alone, _ = write(iter(long), at_once=1)
    written: dict[str, bytes] = {}
    writer = view_writer(written.__setitem__, "sft", 3, "warm_up")
    writer.add(encode_view("sft", SFT, long))
    writer.close()
    assert written == alone
    [data] = alone.values()
    metadata = pq.ParquetFile(io.BytesIO(data)).metadata
    assert 3 < metadata.num_row_groups < 30
    assert table(data).to_pylist() == long
