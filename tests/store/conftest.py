"""One suite over two kinds of folder: local disk, and an S3 server on loopback."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import pyarrow as pa
import pytest
from tracemill.store.store import Store


@pytest.fixture(params=["local", "s3"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """A build's folder that does not exist yet."""
    return str(request.getfixturevalue("s3_url")) if request.param == "s3" else str(tmp_path / "build")


SCHEMA = pa.schema([pa.field("id", pa.string(), nullable=False), ("text", pa.string())])


@pytest.fixture
def schema() -> pa.Schema:
    return SCHEMA


@pytest.fixture
def rows() -> Callable[..., pa.RecordBatch]:
    """A batch of rows with these ids; the text says which batch it came from."""

    def make(ids: Sequence[str], text: str = "x") -> pa.RecordBatch:
        return pa.RecordBatch.from_pylist([{"id": id, "text": text} for id in ids], schema=SCHEMA)

    return make


@pytest.fixture
def contents() -> Callable[[Store, str], dict[str, str]]:
    """A committed table as id → text; fails on an id that comes twice or out of order."""

    def read(store: Store, table: str) -> dict[str, str]:
        commit = store.latest()
        assert commit is not None
        found = [row for batch in store.scan(commit, table) for row in batch.to_pylist()]
        ids = [row["id"] for row in found]
        assert ids == sorted(set(ids))
        return {row["id"]: row["text"] for row in found}

    return read
