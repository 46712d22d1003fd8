"""A build deletes and replaces what it wrote, and nothing else in the same folders."""

from __future__ import annotations

import shutil
from pathlib import Path

import pyarrow as pa
import pytest
from small_build import LEASE
from test_manifest import Rows, finish
from tracemill.store import ownership
from tracemill.store.files import Files
from tracemill.store.manifest import foreign
from tracemill.store.store import Store


def put_by_others(files: Files, path: str, data: bytes = b"theirs") -> None:
    assert files.create(path, data)


def test_what_others_put_into_a_folder_stays_and_is_named(url: str) -> None:
    store = Store(url)
    with store.claim({}, lease_seconds=LEASE) as run:
        run.put("dataset/sft/a", b"1")
        run.put("dataset/sft/b", b"2")
        put_by_others(store.files, "dataset/sft/stray")
        put_by_others(store.files, "dataset/LICENSE")
        put_by_others(store.files, "dataset/.git/HEAD")
        put_by_others(store.files, "dataset/.git/objects/00")
        assert run.prune("dataset/", ["dataset/sft/a"]) == 1
    named = {"dataset/.git/": 2, "dataset/LICENSE": 1, "dataset/sft/stray": 1}
    assert store.files.list("dataset/") == sorted(
        ["dataset/.git/HEAD", "dataset/.git/objects/00", "dataset/LICENSE", "dataset/sft/a", "dataset/sft/stray"]
    )
    assert foreign(store, "dataset/") == named


def test_a_mark_does_not_look_like_its_file(tmp_path: Path) -> None:
    """Whoever reads `**/*.parquet` of a build must not meet marks."""
    with Store(str(tmp_path)).claim({}) as run:
        run.put("dataset/sft/a.parquet", b"rows")
    assert [path.relative_to(tmp_path).as_posix() for path in tmp_path.rglob("*.parquet")] == ["dataset/sft/a.parquet"]


def test_what_a_killed_run_wrote_is_ours(url: str) -> None:
    store = Store(url)
    with store.claim({}, lease_seconds=LEASE) as run:
        run.put("dataset/a", b"1")
    with store.claim({}, lease_seconds=LEASE) as run:
        assert run.prune("dataset/", []) == 1
    assert store.files.list("dataset/") == store.files.list("owned/") == []


@pytest.mark.parametrize("own", [None, b"ours before"])
def test_a_file_of_others_in_the_place_of_ours_is_kept_aside(tmp_path: Path, own: bytes | None) -> None:
    """`own`: what we wrote there before they changed it; None: nothing."""
    store = Store(str(tmp_path))
    with store.claim({}) as run:
        if own is not None:
            run.put("dataset/README.md", own)
        (tmp_path / "dataset").mkdir(exist_ok=True)
        (tmp_path / "dataset/README.md").write_bytes(b"theirs")
        run.put("dataset/README.md", b"ours")
        assert store.files.read("dataset/README.md") == b"ours"
        assert store.files.read("quarantine/dataset/README.md") == b"theirs"
        run.put("dataset/README.md", b"ours again")
        assert store.files.list("quarantine/") == ["quarantine/dataset/README.md"]


def test_the_files_of_a_build_without_marks_are_ours(tmp_path: Path, schema: pa.Schema, rows: Rows) -> None:
    store = Store(str(tmp_path))
    finish(store, schema, rows)
    shutil.rmtree(tmp_path / ownership.FOLDER)
    put_by_others(store.files, "dataset/notes.md")
    assert foreign(store, "dataset/") == {"dataset/notes.md": 1}
    with store.claim({}) as run:
        assert run.prune("dataset/", []) == 1
    assert store.files.list("dataset/") == ["dataset/notes.md"]


def test_temporary_files_of_others_stay(tmp_path: Path) -> None:
    ours, theirs = tmp_path / ".tmp-0123abcd-7", tmp_path / "dataset/.git/.tmp-pack"
    theirs.parent.mkdir(parents=True)
    for path in (ours, theirs):
        path.touch()
    assert Store(str(tmp_path)).files.sweep() == 1
    assert theirs.exists() and not ours.exists()
