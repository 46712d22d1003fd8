"""Rows in the journal: safe after a flush, first one wins, damaged segments never trusted."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pyarrow as pa
import pytest
from tracemill.settings.errors import TracemillError
from tracemill.store.journal import DoneIds, Journal
from tracemill.store.run import Run
from tracemill.store.store import Store

Rows = Callable[..., pa.RecordBatch]


@pytest.fixture
def again(tmp_path: Path) -> Iterator[Callable[[], Run]]:
    """The next run of one build; the run before it ends first."""
    runs: list[Run] = []

    def claim() -> Run:
        if runs:
            runs[-1].__exit__(None, None, None)
        runs.append(Store(str(tmp_path)).claim({}))
        return runs[-1]

    yield claim
    runs[-1].__exit__(None, None, None)


def journal_of(run: Run, schema: pa.Schema, **options: float) -> Journal:
    return run.journal("traces", {"traces": schema, "verdicts": schema}, **{"flush_seconds": 3600, **options})  # type: ignore[arg-type]


def texts(journal: Journal, table: str = "traces") -> list[tuple[str, str]]:
    return [(row["id"], row["text"]) for batch in journal.read(table) for row in batch.to_pylist()]


def segments(tmp_path: Path) -> list[Path]:
    return sorted((tmp_path / "journal" / "traces").iterdir())


def damage(path: Path, how: str) -> None:
    data = bytearray(path.read_bytes())
    if how == "bit":
        data[len(data) // 2] ^= 1
    if how == "end":
        data[-9] ^= 1
    path.write_bytes({"empty": b"", "cut": bytes(data[:-7]), "head": bytes(data[:20])}.get(how, bytes(data)))


def test_flushed_rows_and_done_ids_are_there_for_the_next_run(
    again: Callable[[], Run], schema: pa.Schema, rows: Rows
) -> None:
    journal = journal_of(again(), schema)
    journal.append([], {"traces": rows(["a-1"], "in flight")})
    journal.append(["a"], {"traces": rows(["a-2"]), "verdicts": rows(["a-1-v", "a-2-v"])})
    journal.flush()
    journal.append(["b"], {"traces": pa.Table.from_batches([rows(["b-1"])])})
    assert len(journal.done()) == 0
    journal = journal_of(again(), schema)
    assert "a" in journal.done()
    assert "b" in journal.done()
    assert "a-1" not in journal.done()
    assert 7 not in journal.done()
    assert len(journal.done()) == 2
    assert texts(journal) == [("a-1", "in flight"), ("a-2", "x"), ("b-1", "x")]
    assert [id for id, _ in texts(journal, "verdicts")] == ["a-1-v", "a-2-v"]


def test_case_55_an_unfinished_phase_remembers_the_keys_it_was_begun_under(
    again: Callable[[], Run], schema: pa.Schema, tmp_path: Path
) -> None:
    for teacher, before in [("a", None), ("b", {"teacher": "a"}), ("c", {"teacher": "b"})]:
        run = again()
        assert Store(str(tmp_path)).begun("traces") == before
        run.journal("traces", {"traces": schema}, key={"teacher": teacher}).append([f"by {teacher}"], {})
    journal = again().journal("traces", {"traces": schema})
    assert len(journal.done()) == 3
    of_two = journal.done(lambda key: key["teacher"] in "ac")
    assert [f"by {teacher}" in of_two for teacher in "abc"] == [True, False, True]


def test_an_input_without_rows_can_be_done(again: Callable[[], Run], schema: pa.Schema) -> None:
    journal_of(again(), schema).append(["nothing"], {})
    assert "nothing" in journal_of(again(), schema).done()


def test_the_oldest_row_is_flushed_in_time_when_appends_stop(
    again: Callable[[], Run], schema: pa.Schema, rows: Rows, monkeypatch: pytest.MonkeyPatch
) -> None:
    written = threading.Event()
    run = again()
    real = run.files.create

    def create(path: str, data: bytes) -> bool:
        made = real(path, data)
        written.set()
        return made

    monkeypatch.setattr(run.files, "create", create)
    journal = journal_of(run, schema, flush_seconds=0.01)
    for id in ("a", "b"):
        journal.append([id], {"traces": rows([id])})
        assert written.wait(timeout=20)
        written.clear()


def test_a_full_buffer_is_flushed_at_once(again: Callable[[], Run], schema: pa.Schema, rows: Rows) -> None:
    journal = journal_of(again(), schema, flush_bytes=1000)
    journal.append(["a"], {"traces": rows(["a"], "x" * 900)})
    assert len(journal.segments) == 0
    journal.append(["b"], {"traces": rows(["b"], "x" * 900)})
    assert len(journal.segments) == 1


def test_appends_from_many_threads_are_all_kept(again: Callable[[], Run], schema: pa.Schema, rows: Rows) -> None:
    journal = journal_of(again(), schema, flush_bytes=500)

    def many(name: str) -> None:
        for count in range(50):
            journal.append([f"{name}{count}"], {"traces": rows([f"{name}{count}"])})

    threads = [threading.Thread(target=many, args=(name,)) for name in "abcd"]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    journal = journal_of(again(), schema)
    assert sorted(id for id, _ in texts(journal)) == sorted(f"{name}{count}" for name in "abcd" for count in range(50))
    assert len(journal.done()) == 200


@pytest.mark.parametrize("how", ["empty", "cut", "head", "bit", "end"])
def test_case_54_a_damaged_segment_is_set_aside_and_its_inputs_are_not_done(
    again: Callable[[], Run],
    schema: pa.Schema,
    rows: Rows,
    tmp_path: Path,
    how: str,
    caplog: pytest.LogCaptureFixture,
) -> None:
    journal = journal_of(again(), schema)
    for id in ("a", "b"):
        journal.append([id], {"traces": rows([id])})
        journal.flush()
    path = segments(tmp_path)[1]
    damage(path, how)
    journal = journal_of(again(), schema)
    assert "a" in journal.done()
    assert "b" not in journal.done()
    assert texts(journal) == [("a", "x")]
    assert f"kept aside as quarantine/journal/traces/{path.name}" in caplog.text
    assert len(segments(tmp_path)) == 1


def test_case_54_a_whole_segment_under_another_name_is_not_trusted(
    again: Callable[[], Run], schema: pa.Schema, rows: Rows, tmp_path: Path
) -> None:
    journal_of(again(), schema).append(["a"], {"traces": rows(["a"])})
    run = again()
    path = segments(tmp_path)[0]
    other = path.name.replace("000001-000000", "000001-000007")
    path.rename(path.with_name(other))
    journal = journal_of(run, schema)
    assert len(journal.done()) == 0
    assert texts(journal) == []
    assert (tmp_path / "quarantine/journal/traces" / other).exists()


def test_what_later_segments_call_done_does_not_count_once_an_earlier_one_is_lost(
    again: Callable[[], Run], schema: pa.Schema, rows: Rows, tmp_path: Path
) -> None:
    journal = journal_of(again(), schema)
    journal.append(["a"], {"traces": rows(["a-1"])})
    journal.flush()
    journal.append([], {"traces": rows(["b-1"], "lost")})
    journal.flush()
    journal.append(["b"], {"traces": rows(["b-2"])})
    journal.flush()
    again()
    damage(segments(tmp_path)[1], "bit")
    journal = journal_of(again(), schema)
    assert "a" in journal.done()
    assert "b" not in journal.done()
    assert texts(journal) == [("a-1", "x"), ("b-2", "x")]
    journal.append(["b"], {"traces": rows(["b-1"], "again")})
    journal = journal_of(again(), schema)
    assert "b" in journal.done()
    assert ("b-1", "again") in texts(journal)


def test_an_earlier_runs_damage_also_undoes_what_later_runs_built_on_it(
    again: Callable[[], Run], schema: pa.Schema, rows: Rows, tmp_path: Path
) -> None:
    journal_of(again(), schema).append([], {"traces": rows(["a-1"])})
    journal_of(again(), schema).append(["a"], {"traces": rows(["a-2"])})
    assert "a" in journal_of(again(), schema).done()
    segments(tmp_path)[0].unlink()
    assert "a" not in journal_of(again(), schema).done()


def test_a_failure_in_the_background_is_raised_by_the_next_call(
    again: Callable[[], Run], schema: pa.Schema, rows: Rows, monkeypatch: pytest.MonkeyPatch
) -> None:
    failed = threading.Event()

    def full(path: str, data: bytes) -> bool:
        failed.set()
        raise TracemillError("the disk is full")

    run = again()
    journal = journal_of(run, schema, flush_seconds=0.01)
    with monkeypatch.context() as patched:
        patched.setattr(run.files, "create", full)
        journal.append(["a"], {"traces": rows(["a"])})
        assert failed.wait(timeout=20)
        journal._thread.join(timeout=20)
    for act in (lambda: journal.append(["b"], {}), journal.flush, journal.close):
        with pytest.raises(TracemillError, match="the disk is full"):
            act()
    run._journals.clear()
    assert len(journal_of(again(), schema).done()) == 0


def test_case_58_a_full_disk_stops_the_run_and_the_next_one_goes_on(
    again: Callable[[], Run], schema: pa.Schema, rows: Rows, monkeypatch: pytest.MonkeyPatch
) -> None:
    import errno
    import os

    def full(descriptor: int, data: bytes) -> int:
        raise OSError(errno.ENOSPC, "No space left on device")

    run = again()
    journal = journal_of(run, schema)
    journal.append(["a"], {"traces": rows(["a"])})
    journal.flush()
    journal.append(["b"], {"traces": rows(["b"])})
    with monkeypatch.context() as patched:
        patched.setattr(os, "write", full)
        with pytest.raises(TracemillError, match="free some space"):
            journal.flush()
    with pytest.raises(TracemillError, match="free some space"):
        journal.append(["c"], {})
    run._journals.clear()
    journal = journal_of(again(), schema)
    assert [id in journal.done() for id in "abc"] == [True, False, False]


def test_wrong_rows_are_refused(again: Callable[[], Run], schema: pa.Schema, rows: Rows) -> None:
    journal = journal_of(again(), schema)
    with pytest.raises(ValueError, match="no table 'problems'; it has: traces, verdicts"):
        journal.append([], {"problems": rows(["a"])})
    with pytest.raises(ValueError, match="schema"):
        journal.append([], {"traces": pa.record_batch({"id": ["a"]})})
    journal.close()
    journal.close()
    with pytest.raises(ValueError, match="closed"):
        journal.append(["a"], {})


def test_a_journal_with_a_table_of_another_version_is_refused(
    again: Callable[[], Run], schema: pa.Schema, rows: Rows
) -> None:
    journal_of(again(), schema).append([], {"verdicts": rows(["a"])})
    run = again()
    with pytest.raises(TracemillError, match="rows for verdicts, which this version does not write"):
        run.journal("traces", {"traces": schema})


def test_a_journal_reopened_in_the_same_run_goes_on_after_its_last_segment(
    again: Callable[[], Run], schema: pa.Schema, rows: Rows
) -> None:
    run = again()
    for id in ("a", "b", "c"):
        with journal_of(run, schema) as journal:
            journal.append([id], {"traces": rows([id])})
    journal = journal_of(again(), schema)
    assert [id for id, _ in texts(journal)] == ["a", "b", "c"]
    assert len(journal.done()) == 3


def test_a_hundred_thousand_done_ids_take_ten_bytes_each() -> None:
    import numpy as np
    from tracemill.store.journal import _digest

    ids = [f"{number:020x}" for number in range(100_000)]
    done = DoneIds([np.frombuffer(b"".join(map(_digest, ids + ids[:50])), "S10")])
    assert len(done) == 100_000
    assert done._digests.nbytes == 1_000_000
    assert all(id in done for id in ids[::977])
    assert not any(f"{number:020x}" in done for number in range(100_000, 101_000))
