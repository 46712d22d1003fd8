from __future__ import annotations

import json
import shutil
import sys
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from tracemill.records import Decision, Problem
from tracemill.settings.errors import TracemillError, UsageError
from tracemill.sources import parquet_rows
from tracemill.sources.parquet_rows import PieceReader, RowPiece, measured, pieces
from tracemill.sources.parquet_source import ParquetConfig, ParquetSource
from tracemill.sources.source import Context, WorkItem


def rows(first: int, count: int) -> list[dict[str, Any]]:
    return [
        {"question": f"What is {k} plus {k}?", "answer": str(2 * k), "tries": [f"Answer: {2 * k}"], "other": b"\x89"}
        for k in range(first, first + count)
    ]


def write(path: Path, first: int, count: int, group: int = 7) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    pq.write_table(pa.Table.from_pylist(rows(first, count)), path, row_group_size=group)
    return path


def source(path: Path | str, **changes: Any) -> ParquetSource:
    fields = {"prompt": "question", "answer": "answer", "references": [{"text": "tries", "author": "a model"}]}
    base = {
        "kind": "parquet",
        "name": "toy",
        "path": str(path),
        "licence": "MIT",
        "fields": fields | changes.pop("fields", {}),
        "domain": "math.arithmetic.words.toy",
        "check": {"kind": "numeric"},
    }
    return ParquetSource(ParquetConfig.model_validate(base | changes), Context(seed=1, bench_share=0.0))


def made(one: ParquetSource, items: list[WorkItem] | None = None) -> list[Problem | Decision]:
    """By a source of its own, as on another machine, which gets the items as JSON."""
    worker = ParquetSource(one.config, one.context)
    travelled = [WorkItem(item.id, json.loads(json.dumps(item.payload))) for item in items or one.items({})]
    return [record for item in travelled for record in worker.produce(item)]


def prompts(records: list[Problem | Decision]) -> list[str]:
    return [one.prompt for one in records if isinstance(one, Problem)]


def test_a_folder_of_files_is_read_in_its_order(tmp_path: Path) -> None:
    write(tmp_path / "data" / "b.parquet", 20, 5)
    write(tmp_path / "data" / "a" / "one.parquet", 0, 20)
    write(tmp_path / "data" / ".hidden.parquet", 90, 1)
    (tmp_path / "data" / "README.md").write_text("not Parquet")
    one = source(tmp_path / "data")
    one.check()
    assert prompts(made(one)) == [f"What is {k} plus {k}?" for k in range(25)]
    assert {name: part.count for name, part in one.parts().items()} == {
        "toy": 0,
        "toy/a/one.parquet": 20,
        "toy/b.parquet": 5,
    }
    assert one.upper_bound() == {"math.arithmetic.words.toy": 25}
    problem = made(one)[0]
    assert isinstance(problem, Problem) and problem.source.revision.startswith("sha256:")
    assert [reference.text for reference in problem.references] == ["Answer: 0"]


@pytest.mark.parametrize("pattern", ["data/*.parquet", "data/one.parquet", "data"])
def test_a_pattern_a_file_and_a_folder_are_addresses(pattern: str, tmp_path: Path) -> None:
    write(tmp_path / "data" / "one.parquet", 0, 3)
    assert len(prompts(made(source(tmp_path / pattern)))) == 3


def test_pieces_cover_every_row_once_wherever_work_is_taken_up(tmp_path: Path) -> None:
    (file,) = measured([str(write(tmp_path / "a.parquet", 0, 30))], None, "x")
    for start in (0, 1, 6, 7, 8, 29, 30):
        for stop in (start, 30):
            found = list(pieces(file, start, stop))
            assert [row for one in found for row in range(one.first, one.first + one.rows)] == list(range(start, stop))


def test_pieces_are_small_where_rows_are_long(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parquet_rows, "PIECE_BYTES", 200)
    (file,) = measured([str(write(tmp_path / "a.parquet", 0, 30, group=30))], None, "x")
    found = list(pieces(file, 0, 30))
    assert len(found) > 5 and all(one.bytes <= 200 for one in found)


def test_pieces_are_read_in_any_order(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parquet_rows, "PIECE_ROWS", 3)
    write(tmp_path / "a.parquet", 0, 30)
    write(tmp_path / "b.parquet", 30, 10)
    one = source(tmp_path)
    items = list(one.items({}))
    forth, back = made(one, items), made(one, items[::-1])
    key = {record.id: record for record in forth}
    assert len(key) == 40 and key == {record.id: record for record in back}


def test_work_resumes_within_a_file_and_ends_at_the_limit(tmp_path: Path) -> None:
    write(tmp_path / "a.parquet", 0, 30)
    write(tmp_path / "b.parquet", 30, 10)
    one = source(tmp_path, limit=35)
    assert one.parts()["toy/b.parquet"].count == 5
    left = made(one, list(one.items({"toy/a.parquet": 28, "toy/b.parquet": 0})))
    assert prompts(left) == [f"What is {k} plus {k}?" for k in range(28, 35)]


def test_files_may_be_added_and_the_mapping_may_not_change(tmp_path: Path) -> None:
    write(tmp_path / "a.parquet", 0, 3)
    before = source(tmp_path).parts()
    write(tmp_path / "b.parquet", 3, 3)
    after = source(tmp_path).parts()
    assert all(after[name] == part for name, part in before.items()) and "toy/b.parquet" in after
    assert source(tmp_path, licence="Apache-2.0").parts()["toy"] != after["toy"]
    write(tmp_path / "a.parquet", 9, 3)
    assert source(tmp_path).parts()["toy/a.parquet"] != after["toy/a.parquet"]


def test_moved_files_are_the_same_problems(tmp_path: Path) -> None:
    write(tmp_path / "here" / "a.parquet", 0, 3)
    before = made(source(tmp_path / "here"))
    shutil.move(tmp_path / "here", tmp_path / "there")
    assert made(source(tmp_path / "there")) == before


def test_two_files_with_the_same_rows_are_problems_of_their_own(tmp_path: Path) -> None:
    write(tmp_path / "a.parquet", 0, 3)
    shutil.copy(tmp_path / "a.parquet", tmp_path / "b.parquet")
    found = made(source(tmp_path))
    assert len({record.id for record in found}) == 6


def test_a_file_that_changes_while_it_is_read_is_refused(tmp_path: Path) -> None:
    path = write(tmp_path / "a.parquet", 0, 30)
    one = source(path)
    items = list(one.items({}))
    write(path, 5, 30)
    with pytest.raises(TracemillError, match="changed while it was read"):
        made(one, items)


def test_a_column_that_a_later_file_lacks_rejects_its_rows_and_no_others(tmp_path: Path) -> None:
    write(tmp_path / "a.parquet", 0, 3)
    pq.write_table(pa.Table.from_pylist([{"question": "What?", "gold": "1"}]), tmp_path / "b.parquet")
    pq.write_table(pa.Table.from_pylist([{"question": ["What?"], "answer": 1}]), tmp_path / "c.parquet")
    one = source(tmp_path)
    one.check()
    *kept, lacking, other = made(one)
    assert len(kept) == 3 and isinstance(lacking, Decision) and isinstance(other, Decision)
    assert (lacking.id, lacking.reason, lacking.detail) == ("toy/b.parquet:1", "missing field", "answer")
    assert (other.reason, other.detail) == ("not text", "question")


def test_a_column_that_is_not_there_is_named_with_near_ones(tmp_path: Path) -> None:
    write(tmp_path / "a.parquet", 0, 3)
    with pytest.raises(UsageError, match=r"no field 'qestion' in the first 100 rows .*did you mean 'question'"):
        source(tmp_path, fields={"prompt": "qestion"}).check()


@pytest.mark.parametrize("damage", ["cut", "empty", "text"])
def test_a_file_that_is_not_whole_is_named(tmp_path: Path, damage: str) -> None:
    path = write(tmp_path / "a.parquet", 0, 30)
    data = path.read_bytes()
    path.write_bytes({"cut": data[: len(data) // 2], "empty": b"", "text": b"question,answer\n" * 20}[damage])
    with pytest.raises(UsageError, match=r"source 'toy': cannot read .*a\.parquet' as Parquet .*is it whole"):
        source(path).check()


def test_rows_of_a_damaged_page_are_rejected_one_by_one_and_the_others_kept(tmp_path: Path) -> None:
    table = pa.Table.from_pylist([{"question": f"What is {k}?", "answer": str(k), "tries": None} for k in range(400)])
    path = tmp_path / "a.parquet"
    pq.write_table(table, path, row_group_size=100, compression="gzip", use_dictionary=False)
    chunk = pq.ParquetFile(path).metadata.row_group(2).column(0)
    data = bytearray(path.read_bytes())
    middle = chunk.data_page_offset + chunk.total_compressed_size // 2
    data[middle : middle + 40] = b"\xff" * 40
    path.write_bytes(bytes(data))
    found = made(source(path, fields={"references": []}))
    gone = [one for one in found if isinstance(one, Decision)]
    assert len(found) == 400 and len(gone) == 100
    assert {one.reason for one in gone} == {"unreadable"} and gone[0].id == "toy/a.parquet:201"


def test_nothing_at_an_address_is_said(tmp_path: Path) -> None:
    for path in (tmp_path, tmp_path / "no.parquet", tmp_path / "*.parquet"):
        with pytest.raises(UsageError, match="no Parquet file at"):
            source(path).parts()
    with pytest.raises(UsageError, match="cannot list 'nowhere://x'"):
        source("nowhere://x").parts()


def test_values_are_as_json_could_hold_them() -> None:
    row = {"d": date(2031, 5, 6), "n": Decimal("1.50"), "f": float("nan"), "b": b"x", "l": [{"g": 0.5}], "t": True}
    assert parquet_rows.plain(row) == {
        "d": "2031-05-06",
        "n": "1.50",
        "f": None,
        "b": None,
        "l": [{"g": 0.5}],
        "t": True,
    }


def test_only_the_columns_that_are_needed_are_read(tmp_path: Path) -> None:
    (file,) = measured([str(write(tmp_path / "a.parquet", 0, 3))], None, "x")
    (piece,) = pieces(file, 0, 3)
    assert all(set(row) == {"question"} for row in PieceReader(["question", "none"]).read(RowPiece(**piece.payload())))
    assert set(source(tmp_path / "a.parquet").columns) == {"question", "answer", "tries"}


def test_object_storage_is_read_like_a_folder(s3_url: str, tmp_path: Path) -> None:
    import boto3

    bucket, _, prefix = s3_url.removeprefix("s3://").partition("/")
    for name, first in (("a.parquet", 0), ("more/b.parquet", 3)):
        path = write(tmp_path / Path(name).name, first, 3)
        boto3.client("s3").upload_file(str(path), bucket, f"{prefix}/data/{name}")
    one = source(f"{s3_url}/data")
    one.check()
    assert prompts(made(one)) == [f"What is {k} plus {k}?" for k in range(6)]
    assert set(one.parts()) == {"toy", "toy/a.parquet", "toy/more/b.parquet"}
    assert one.parts() == source(f"{s3_url}/data").parts()
    assert prompts(made(source(f"{s3_url}/data/*.parquet"))) == [f"What is {k} plus {k}?" for k in range(3)]
    assert prompts(made(source(f"{s3_url}/data/more/b.parquet"))) == [f"What is {k} plus {k}?" for k in range(3, 6)]
    with pytest.raises(UsageError, match="no Parquet file at"):
        source(f"{s3_url}/nothing").check()
    with pytest.raises(UsageError, match=r"cannot (list|read)"):
        source(f"s3://another-bucket-{bucket}/data/a.parquet").check()


def test_object_storage_that_goes_away_is_trouble_and_no_bad_row(
    s3_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import boto3

    bucket, _, prefix = s3_url.removeprefix("s3://").partition("/")
    boto3.client("s3").upload_file(str(write(tmp_path / "a.parquet", 0, 3)), bucket, f"{prefix}/a.parquet")
    one = source(f"{s3_url}/a.parquet")
    (item,) = one.items({})
    boto3.client("s3").delete_object(Bucket=bucket, Key=f"{prefix}/a.parquet")
    with pytest.raises(OSError, match=r"a\.parquet"):
        list(one.produce(item))


def test_object_storage_without_its_package_names_what_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "obstore.fsspec", None)
    with pytest.raises(UsageError, match=r"install tracemill\[cloud\]"):
        source("s3://bucket/data").check()


def test_columns_that_are_not_read_make_no_piece_smaller(tmp_path: Path) -> None:
    rows_ = [{"question": f"What is {k}?", "answer": str(k), "tries": [], "picture": bytes(200_000)} for k in range(40)]
    pq.write_table(pa.Table.from_pylist(rows_), tmp_path / "a.parquet", use_dictionary=False)
    one = source(tmp_path)
    assert len(list(one.items({}))) == 1
    (whole,) = measured([str(tmp_path / "a.parquet")], None, "x")
    assert len(list(pieces(whole, 0, 40))) > 1


def test_a_file_with_none_of_the_columns_rejects_its_rows(tmp_path: Path) -> None:
    write(tmp_path / "a.parquet", 0, 3)
    pq.write_table(pa.table({"other": [1, 2]}), tmp_path / "b.parquet")
    *_, first, second = made(source(tmp_path))
    assert isinstance(first, Decision) and isinstance(second, Decision)
    assert {one.reason for one in (first, second)} == {"missing field"}


def test_a_text_that_is_no_utf8_rejects_its_row_alone(tmp_path: Path) -> None:
    texts = [b"What is 1?", b"What is \xff?", b"What is 3?"]
    question = pa.Array.from_buffers(pa.string(), 3, [None, *pa.array(texts, pa.binary()).buffers()[1:]])
    table = pa.table(
        {"question": question, "answer": ["1", "2", "3"], "tries": pa.array([[]] * 3, pa.list_(pa.string()))}
    )
    pq.write_table(table, tmp_path / "a.parquet")
    first, bad, third = made(source(tmp_path))
    assert isinstance(first, Problem) and isinstance(third, Problem)
    assert isinstance(bad, Decision) and (bad.id, bad.reason) == ("toy/a.parquet:2", "not UTF-8")


def test_a_build_that_adds_begins_behind_what_builds_before_it_read(tmp_path: Path) -> None:
    write(tmp_path / "a.parquet", 0, 10)
    write(tmp_path / "b.parquet", 10, 10)
    plain = source(tmp_path, limit=4)
    one = ParquetSource(plain.config, Context(1, 0.0, {"toy/a.parquet": 8}))
    assert prompts(made(one)) == [f"What is {k} plus {k}?" for k in (8, 9, 10, 11)]
    assert one.upper_bound() == {"math.arithmetic.words.toy": 4}
    assert {name: part.count for name, part in one.parts().items()} == {
        "toy": 0,
        "toy/a.parquet": 10,
        "toy/b.parquet": 2,
    }
