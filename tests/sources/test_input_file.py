from __future__ import annotations

import bz2
import gzip
import hashlib
import json
import lzma
import os
import subprocess
import sys
import threading
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from tracemill.settings.errors import UsageError
from tracemill.sources.input_file import InputFile
from tracemill.sources.lines import LINE_BYTES

ROWS = [{"q": f"Ünd {k}?", "n": k} for k in range(3)]
TEXT = "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in ROWS).encode()


def rows_of(path: Path | str) -> list[object]:
    return [json.loads(line or b"null") for line in InputFile(str(path), "source 'toy'").lines()]


@pytest.mark.parametrize(
    "pack",
    [
        bytes,
        gzip.compress,
        lambda data: gzip.compress(data[:20]) + gzip.compress(data[20:]),
        lambda data: pa.compress(data, codec="zstd", asbytes=True),
        lambda data: b"".join(pa.compress(part, codec="zstd", asbytes=True) for part in (data[:20], data[20:])),
        lambda data: b"\x5b\x2a\x4d\x18\x03\x00\x00\x00abc" + pa.compress(data, codec="zstd", asbytes=True),
        bz2.compress,
        lzma.compress,
    ],
    ids=["plain", "gzip", "two gzip members", "zstd", "two zstd frames", "zstd after a skippable frame", "bzip2", "xz"],
)
def test_a_file_is_unpacked_by_its_first_bytes_whatever_its_name(tmp_path: Path, pack) -> None:
    path = tmp_path / "data.txt"
    path.write_bytes(pack(TEXT))
    assert rows_of(path) == ROWS
    assert InputFile(str(path), "x").digest == f"sha256:{hashlib.sha256(pack(TEXT)).hexdigest()}"


def test_each_row_of_a_parquet_file_is_a_line(tmp_path: Path) -> None:
    path = tmp_path / "data"
    chat = [{"role": "user", "content": "2+3?"}]
    columns = {"q": ["a", None], "chat": [chat, []], "x": [0.1, 2.0], "picture": [b"\x89PNG", None]}
    pq.write_table(pa.table(columns), path)
    assert rows_of(path) == [
        {"q": "a", "chat": chat, "x": 0.1, "picture": None},
        {"q": None, "chat": [], "x": 2.0, "picture": None},
    ]
    pq.write_table(pa.table({"q": ["x" * LINE_BYTES, "y"]}), path)
    assert rows_of(path) == [None, {"q": "y"}]


FOREIGN = [
    (TEXT.decode().encode("utf-16"), "is UTF-16, .*iconv"),
    (TEXT.decode().encode("utf-16-be"), "is UTF-16, "),
    (json.dumps(ROWS).encode(), r"is a JSON array, .*jq -c '\.\[\]'"),
    (b"\xef\xbb\xbf" + json.dumps(ROWS, indent=2).encode(), "is a JSON array, "),
    (gzip.compress(json.dumps(ROWS).encode(), mtime=0), "is a JSON array within gzip, "),
    (json.dumps(ROWS[0], indent=2).encode(), "is JSON over several lines, "),
    (b"PK\x03\x04rest", "is a zip archive, .*unzip"),
    (b"version https://git-lfs.github.com/spec/v1\noid sha256:00\n", "is a pointer of Git LFS"),
    (gzip.compress(TEXT, mtime=0)[:-12], "looks like gzip and cannot be read as that"),
    (pa.compress(TEXT * 50, codec="zstd", asbytes=True)[:-4], "looks like zstd and cannot be read as that"),
    (lzma.compress(TEXT)[:-9], "looks like xz and cannot be read as that"),
    (b"PAR1 no more", "looks like Parquet and cannot be read as that"),
]


@pytest.mark.parametrize(("data", "said"), FOREIGN)
def test_what_is_no_lines_of_json_is_named_with_what_to_do(tmp_path: Path, data: bytes, said: str) -> None:
    path = tmp_path / "data.jsonl"
    path.write_bytes(data)
    with pytest.raises(UsageError, match=f"source 'toy': .*data.jsonl' {said}"):
        rows_of(path)


def test_lists_one_a_line_are_lines() -> None:
    # They are refused one by one, each with its number.
    script = "from tracemill.sources.input_file import InputFile; print(list(InputFile('-', 'x').lines()))"
    done = subprocess.run([sys.executable, "-c", script], input=b"[1, 2]\n[3]\n", capture_output=True, check=True)
    assert done.stdout == b"[b'[1, 2]\\n', b'[3]\\n']\n"


@pytest.mark.parametrize("path", ["-", "/dev/stdin"])
def test_standard_input_is_read_once_and_can_be_asked_for_again(path: str) -> None:
    script = (
        "import sys; from tracemill.sources.input_file import InputFile; file = InputFile(sys.argv[1], 'x');"
        "print(file.stamp() == file.stamp(), len(list(file.lines())), len(list(file.lines())), file.digest)"
    )
    done = subprocess.run([sys.executable, "-c", script, path], input=TEXT, capture_output=True, check=True, text=False)
    assert done.stdout.decode().split() == ["True", "3", "3", f"sha256:{hashlib.sha256(TEXT).hexdigest()}"]


def test_a_named_pipe_gives_its_rows_however_it_is_packed(tmp_path: Path) -> None:
    path = tmp_path / "pipe"
    os.mkfifo(path)
    writer = threading.Thread(target=lambda: path.write_bytes(gzip.compress(TEXT)))
    writer.start()
    file = InputFile(str(path), "x")
    first, again = list(file.lines()), list(file.lines())
    writer.join()
    assert len(first) == 3 and first == again


def test_the_copy_of_a_pipe_is_gone_with_its_reader() -> None:
    script = (
        "import os, tempfile; from tracemill.sources.input_file import InputFile; file = InputFile('-', 'x');"
        "list(file.lines()); place = file._place; assert place.exists(); del file; print(place.exists())"
    )
    done = subprocess.run([sys.executable, "-c", script], input=TEXT, capture_output=True, check=True)
    assert done.stdout == b"False\n"


@pytest.mark.parametrize("read", [lambda file: file.digest, lambda file: list(file.passing_lines())])
def test_a_device_that_never_ends_is_refused(read) -> None:
    with pytest.raises(UsageError, match="'/dev/zero' is a device"):
        read(InputFile("/dev/zero", "source 'x'"))


def test_a_folder_and_a_file_that_is_not_there_are_named(tmp_path: Path) -> None:
    for path in (tmp_path, tmp_path / "absent.jsonl"):
        with pytest.raises(
            UsageError, match=r"source 'toy': cannot read .*working|source 'toy': cannot read .*directory"
        ):
            rows_of(path)
