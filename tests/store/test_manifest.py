"""The manifest, and finding damage in what a build has committed."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pyarrow as pa
import pytest
from tracemill.settings.errors import DamagedError
from tracemill.store.commits import Commit
from tracemill.store.manifest import Damage, read_manifest, verify, write_manifest
from tracemill.store.store import Store

LEASE = 0.2
Rows = Callable[..., pa.RecordBatch]


def finish(store: Store, schema: pa.Schema, rows: Rows) -> Commit:
    """A finished build: problems, traces (precious), and a dataset of one file."""
    with store.claim({}, lease_seconds=LEASE) as run:
        if run.latest is None or "problems" not in run.latest.keys:
            run.write_parts("problems", {}, {"problems": (schema, [rows(["p", "q"])])})
        run.journal("traces", {"traces": schema}).append(["p", "q"], {"traces": rows(["p-1", "q-1"])})
        run.commit("traces", {}, {"traces": schema}, extend=True)
        made = run.write_parts("dataset", {}, {}, [run.put("dataset/train.txt", b"rows", rows=2)])
        write_manifest(run, {"seed": 7, "counts": {"rows": 2}})
    return made


def flip(store: Store, path: str) -> None:
    data = bytearray(store.files.read(path))
    data[len(data) // 2] ^= 1
    store.files.replace(path, bytes(data))


def test_a_finished_build_is_whole_and_its_manifest_lists_every_file(url: str, schema: pa.Schema, rows: Rows) -> None:
    store = Store(url)
    made = finish(store, schema, rows)
    manifest = read_manifest(store)
    assert manifest is not None
    assert manifest["seed"] == 7
    assert manifest["commit"] == made.number
    assert {file["path"] for file in manifest["files"]} == {
        *store.files.list("parts/"),
        *store.files.list("dataset/"),
    }
    assert all(set(file) == {"path", "phase", "table", "rows", "bytes", "sha256"} for file in manifest["files"])
    assert verify(store) == verify(store, quick=True) == []
    text = store.files.read("manifest.json").decode()
    assert text == json.dumps(json.loads(text), sort_keys=True, separators=(",", ":")) + "\n"


@pytest.mark.parametrize(("table", "precious"), [("problems", False), ("traces", True)])
def test_case_56_a_flipped_bit_and_a_deletion_are_found(
    url: str, schema: pa.Schema, rows: Rows, table: str, precious: bool
) -> None:
    store = Store(url)
    part = finish(store, schema, rows).tables[table].parts[0]
    ends = {"table": table, "rows": 2, "min_id": part.min_id, "max_id": part.max_id}
    flip(store, part.path)
    assert verify(store) == [Damage(part.path, table, "differs from its hash", precious, **ends)]
    assert verify(store, quick=True) == []
    store.files.replace(part.path, b"short")
    assert verify(store, quick=True) == [Damage(part.path, table, f"has 5 bytes, not {part.bytes}", precious, **ends)]
    store.files.delete(part.path)
    for quick in (True, False):
        assert verify(store, quick) == [Damage(part.path, table, "missing", precious, **ends)]


def test_case_56_damaged_dataset_files_are_found_and_put_again(url: str, schema: pa.Schema, rows: Rows) -> None:
    store = Store(url)
    finish(store, schema, rows)
    flip(store, "dataset/train.txt")
    assert [(one.path, one.phase, one.precious) for one in verify(store)] == [("dataset/train.txt", "dataset", False)]
    finish(store, schema, rows)
    assert verify(store) == []
    assert store.files.read("dataset/train.txt") == b"rows"


def test_case_56_a_damaged_part_is_rebuilt_under_its_own_name(url: str, schema: pa.Schema, rows: Rows) -> None:
    store = Store(url)
    old = finish(store, schema, rows)
    path = old.tables["problems"].parts[0].path
    flip(store, path)
    with pytest.raises(DamagedError, match=path):
        list(store.scan(old, "problems"))
    with store.claim({}, lease_seconds=LEASE) as run:
        run.write_parts("problems", {}, {"problems": (schema, [rows(["p", "q"])])})
    assert store.files.sha256(path) == old.tables["problems"].parts[0].sha256
    finish(store, schema, rows)
    assert verify(store) == []


def test_case_56_only_the_damaged_parts_of_a_precious_phase_need_be_done_again(
    tmp_path: Path, schema: pa.Schema, rows: Rows, contents: Callable[[Store, str], dict[str, str]]
) -> None:
    with pytest.MonkeyPatch.context() as patched:
        for name, value in {"PART_BYTES": 1}.items():
            patched.setattr(f"tracemill.store.parts.{name}", value)
            patched.setattr("tracemill.store.parts.GROUP_ROWS", 1)
        store = Store(str(tmp_path))
        finish(store, schema, rows)
    commit = store.latest()
    assert commit is not None
    kept, lost = commit.tables["traces"].parts
    store.files.delete(lost.path)
    (damage,) = verify(store)
    assert (damage.min_id, damage.max_id, damage.precious) == ("q-1", "q-1", True)
    with store.claim({}) as run:
        made = run.forget("traces", [damage.path])
        assert "traces" not in made.keys
        assert made.tables["traces"].parts == (kept,)
        run.journal("traces", {"traces": schema}).append(["q"], {"traces": rows(["q-1"], "again")})
        run.commit("traces", {}, {"traces": schema}, extend=True)
    assert contents(store, "traces") == {"p-1": "x", "q-1": "again"}


@pytest.mark.parametrize("left", [b"", b'{"commit":'])
def test_case_54_a_damaged_manifest_is_found_and_made_again(
    url: str, schema: pa.Schema, rows: Rows, left: bytes
) -> None:
    store = Store(url)
    finish(store, schema, rows)
    whole = store.files.read("manifest.json")
    store.files.replace("manifest.json", left)
    assert [one.path for one in verify(store)] == ["manifest.json"]
    with pytest.raises(DamagedError, match=r"manifest\.json is damaged"):
        read_manifest(store)
    with store.claim({}, lease_seconds=LEASE) as run:
        write_manifest(run, {"seed": 7, "counts": {"rows": 2}})
    assert store.files.read("manifest.json") == whole
    assert store.files.read("quarantine/manifest.json") == left


def test_case_54_damaged_commit_files_are_reported(tmp_path: Path, schema: pa.Schema, rows: Rows) -> None:
    store = Store(str(tmp_path))
    made = finish(store, schema, rows)
    path = f"commits/{made.number:06}.json"
    store.files.replace(path, b"")
    assert [(one.path, one.phase, one.what) for one in verify(store)] == [(path, "", "empty")]
    store.files.replace(f"commits/{made.number:06}.copy.json", b"")
    assert [one.path for one in verify(store)][2:] == ["manifest.json"]


def test_whatever_changes_the_build_removes_the_manifest_first(tmp_path: Path, schema: pa.Schema, rows: Rows) -> None:
    store = Store(str(tmp_path))

    def finished() -> bool:
        return read_manifest(store) is not None

    finish(store, schema, rows)
    with store.claim({}) as run:
        run.put("dataset/train.txt", b"rows")
        run.prune("dataset/", ["dataset/train.txt"])
        assert finished()
        write_manifest(run, {"seed": 7})
        for change in (
            lambda: run.put("dataset/train.txt", b"other"),
            lambda: run.prune("dataset/", []),
            lambda: run.forget("dataset"),
        ):
            write_manifest(run, {"seed": 7})
            assert finished()
            change()
            assert not finished()


def test_a_manifest_needs_a_commit_and_keeps_its_own_keys(tmp_path: Path, schema: pa.Schema, rows: Rows) -> None:
    store = Store(str(tmp_path))
    assert read_manifest(store) is None
    assert verify(store) == []
    with store.claim({}) as run:
        with pytest.raises(ValueError, match="without a commit"):
            write_manifest(run, {})
        run.write_parts("problems", {}, {})
        with pytest.raises(ValueError, match="adds files itself"):
            write_manifest(run, {"files": []})
