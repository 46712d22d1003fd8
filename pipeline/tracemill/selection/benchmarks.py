"""Reading the benchmark files that a config names."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

from tracemill.selection.select_config import Benchmark
from tracemill.settings.errors import UsageError


def read_benchmark(benchmark: Benchmark) -> Iterator[str]:
    """The items of one file, one after the other, blank ones left out.

    Raises:
        UsageError: the file cannot be read, a row has no such field, the field is no text, or there is no item.
    """
    items = 0
    try:
        for text in _READERS[benchmark.format](benchmark):
            if text.strip():
                items += 1
                yield text
    except OSError as exc:
        raise _error(benchmark, f"cannot be read ({exc.strerror or exc}); check its path") from exc
    except UnicodeDecodeError as exc:
        raise _error(
            benchmark, f"is not UTF-8 text ({exc.reason}); check its format, choices: jsonl, parquet, txt"
        ) from exc
    if not items:
        raise _error(benchmark, "has no items; leave it out of select.decontaminate.benchmarks, or mend the file")


def _error(benchmark: Benchmark, what: str) -> UsageError:
    return UsageError(f"benchmark {benchmark.path!r} {what}")


def _read_txt(benchmark: Benchmark) -> Iterator[str]:
    with Path(benchmark.path).open(encoding="utf-8") as lines:
        for line in lines:
            yield line.rstrip("\n")


def _read_jsonl(benchmark: Benchmark) -> Iterator[str]:
    with Path(benchmark.path).open(encoding="utf-8", newline="\n") as lines:
        for at, line in enumerate(lines, 1):
            if line.strip():
                yield _text(benchmark, _parse(benchmark, line, at), f"line {at}")


def _parse(benchmark: Benchmark, line: str, at: int) -> Any:
    try:
        return json.loads(line)
    except json.JSONDecodeError as exc:
        raise _error(
            benchmark, f"line {at} is not JSON ({exc.msg}); check its format, choices: jsonl, parquet, txt"
        ) from exc


def _read_parquet(benchmark: Benchmark) -> Iterator[str]:
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        file = pq.ParquetFile(benchmark.path)
    except pa.ArrowInvalid as exc:
        raise _error(
            benchmark, f"is not a Parquet file ({exc}); check its format, choices: jsonl, parquet, txt"
        ) from exc
    root = benchmark.field.split(".")[0]
    if root not in file.schema_arrow.names:
        raise _missing(benchmark, "", root, file.schema_arrow.names)
    at = 0
    for batch in file.iter_batches(columns=[root]):
        for row in batch.to_pylist():
            yield _text(benchmark, row, f"row {at}")
            at += 1


_READERS = {"jsonl": _read_jsonl, "parquet": _read_parquet, "txt": _read_txt}


def _text(benchmark: Benchmark, row: Any, place: str) -> str:
    value = row
    for name in benchmark.field.split("."):
        if not isinstance(value, dict) or name not in value:
            raise _missing(benchmark, f"{place} ", name, value if isinstance(value, dict) else ())
        value = value[name]
    if not isinstance(value, str):
        found = type(value).__name__
        raise _error(
            benchmark, f"{place}: field {benchmark.field!r} is {found}, not text; name the field of the question"
        )
    return value


def _missing(benchmark: Benchmark, place: str, name: str, choices: Iterable[str]) -> UsageError:
    known = ", ".join(sorted(choices)) or "none"
    return _error(benchmark, f"{place}has no field {name!r}; it has: {known}; set `field` to the one with the question")


def read_benchmarks(benchmarks: Sequence[Benchmark]) -> dict[str, Iterator[str]]:
    """The items of each file by its name; files of the same name in different folders are named by their paths."""
    names = [Path(benchmark.path).name for benchmark in benchmarks]
    keys = [bench.path if names.count(name) > 1 else name for bench, name in zip(benchmarks, names, strict=True)]
    return {key: read_benchmark(benchmark) for key, benchmark in zip(keys, benchmarks, strict=True)}


def check_benchmarks(benchmarks: Sequence[Benchmark]) -> None:
    """Reads them all, and keeps nothing.

    Raises:
        UsageError: see `read_benchmark`.
    """
    for items in read_benchmarks(benchmarks).values():
        for _ in items:
            pass
