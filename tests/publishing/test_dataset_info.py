"""The columns on the card are those that `datasets` finds in the files."""

from __future__ import annotations

import json
import subprocess
import sys

import pyarrow as pa
import pytest
from tracemill.publishing.dataset_info import features_of, info_of
from tracemill.records.schema import SCHEMAS
from tracemill.settings.plugins import installed
from tracemill.views.view import view_with

_THEIRS = """
import json, sys
import pyarrow as pa
from datasets import Features
buffers = json.loads(sys.argv[1])
schemas = {name: pa.ipc.read_schema(pa.py_buffer(bytes.fromhex(text))) for name, text in buffers.items()}
print(json.dumps({name: Features.from_arrow_schema(one)._to_yaml_list() for name, one in schemas.items()}))
"""


@pytest.fixture(scope="module")
def schemas() -> dict[str, pa.Schema]:
    views = {f"view {name}": view_with(name, {}).schema for name in installed("view")}
    tables = {f"table {name}": schema for name, schema in SCHEMAS.items()}
    odd = pa.schema([("deep", pa.list_(pa.list_(pa.struct([("a", pa.list_(pa.float64())), ("b", pa.bool_())]))))])
    return {**views, **tables, "odd": odd}


def test_columns_are_written_as_datasets_writes_them(schemas: dict[str, pa.Schema]) -> None:
    sent = json.dumps(
        {name: schema.remove_metadata().serialize().to_pybytes().hex() for name, schema in schemas.items()}
    )
    done = subprocess.run([sys.executable, "-c", _THEIRS, sent], capture_output=True, text=True, check=True)
    theirs = json.loads(done.stdout)
    assert {name: features_of(schema) for name, schema in schemas.items()} == theirs


def test_rows_and_bytes_are_those_of_the_files() -> None:
    files = [{"path": "a", "rows": 3, "bytes": 10}, {"path": "b", "rows": 4, "bytes": 20}]
    info = info_of("sft", pa.schema([("a", pa.string())]), {"train": files})
    assert info["splits"] == [{"name": "train", "num_bytes": 30, "num_examples": 7}]
    assert info["download_size"] == 30 and info["features"] == [{"name": "a", "dtype": "string"}]
