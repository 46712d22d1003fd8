from __future__ import annotations

import json
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from pydantic import ValidationError
from tracemill.selection import benchmarks
from tracemill.selection.benchmarks import check_benchmarks, read_benchmarks
from tracemill.selection.select_config import Benchmark
from tracemill.settings.errors import UsageError


def read_benchmark(benchmark: Benchmark) -> list[str]:
    return list(benchmarks.read_benchmark(benchmark))


def test_a_nested_field_of_json_lines_is_read_and_blank_items_left_out(tmp_path: Path):
    rows = [{"a": {"q": "one"}}, {"a": {"q": "  "}}, {"a": {"q": "two\u2028more"}}]
    file = tmp_path / "b.jsonl"
    file.write_text("\n".join(json.dumps(row, ensure_ascii=False) for row in rows) + "\n\n", encoding="utf-8")
    assert read_benchmark(Benchmark(path=str(file), format="jsonl", field="a.q")) == ["one", "two\u2028more"]


def test_a_nested_field_of_parquet_is_read(tmp_path: Path):
    file = tmp_path / "b.parquet"
    pq.write_table(pa.table({"a": [{"q": "one"}, {"q": "two"}], "other": [1, 2]}), file)
    assert read_benchmark(Benchmark(path=str(file), format="parquet", field="a.q")) == ["one", "two"]


def test_a_text_file_has_one_item_per_line(tmp_path: Path):
    file = tmp_path / "b.txt"
    file.write_text("one\n\ntwo\n")
    assert read_benchmark(Benchmark(path=str(file), format="txt")) == ["one", "two"]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ('{"p": "x"}', ["line 1 has no field 'q'", "it has: p", "set `field`"]),
        ('{"q": "x"}\n{"q": 3}', ["line 2", "'q' is int, not text"]),
        ('{"q": "x"}\n["q"]', ["line 2 has no field 'q'", "it has: none"]),
        ("not json", ["line 1 is not JSON", "choices: jsonl, parquet, txt"]),
        ("\n", ["has no items"]),
    ],
)
def test_a_bad_file_is_an_error_that_says_what_and_where(tmp_path: Path, text: str, told: list[str]):
    file = tmp_path / "bad.jsonl"
    file.write_text(text)
    with pytest.raises(UsageError) as caught:
        read_benchmark(Benchmark(path=str(file), format="jsonl", field="q"))
    assert [part for part in (*told, "bad.jsonl") if part not in str(caught.value)] == []


def test_a_missing_file_a_folder_and_bytes_are_usage_errors(tmp_path: Path):
    (tmp_path / "bytes").write_bytes(b"\xff\xfe\x00")
    for name, told in (("absent", "cannot be read"), (".", "cannot be read"), ("bytes", "not UTF-8")):
        with pytest.raises(UsageError, match=told):
            read_benchmark(Benchmark(path=str(tmp_path / name), format="txt"))


def test_bad_parquet_files_are_usage_errors(tmp_path: Path):
    pq.write_table(pa.table({"a": ["x"]}), tmp_path / "ok.parquet")
    (tmp_path / "bad.parquet").write_text("no")
    with pytest.raises(UsageError, match="no field 'q'; it has: a"):
        read_benchmark(Benchmark(path=str(tmp_path / "ok.parquet"), format="parquet", field="q"))
    for name, told in (("bad.parquet", "not a Parquet file"), ("absent.parquet", "cannot be read")):
        with pytest.raises(UsageError, match=told):
            read_benchmark(Benchmark(path=str(tmp_path / name), format="parquet", field="a"))


def test_files_of_the_same_name_are_told_apart(tmp_path: Path):
    paths = [tmp_path / "one" / "test.txt", tmp_path / "two" / "test.txt", tmp_path / "alone.txt"]
    for path in paths:
        path.parent.mkdir(exist_ok=True)
        path.write_text(path.parent.name)
    found = read_benchmarks([Benchmark(path=str(path), format="txt") for path in paths])
    assert list(found) == [str(paths[0]), str(paths[1]), "alone.txt"]


def test_the_field_must_fit_the_format():
    with pytest.raises(ValidationError, match="needs a `field`"):
        Benchmark(path="x", format="jsonl")
    with pytest.raises(ValidationError, match="needs no `field`"):
        Benchmark(path="x", format="txt", field="q")


def test_a_bad_file_is_found_before_anything_is_made_of_it(tmp_path: Path):
    (tmp_path / "good.txt").write_text("one")
    with pytest.raises(UsageError, match="absent"):
        check_benchmarks([Benchmark(path=str(tmp_path / name), format="txt") for name in ("good.txt", "absent.txt")])
