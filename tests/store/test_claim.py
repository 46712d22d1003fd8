"""One writer at a time, on local disk by a kernel lock and on object storage by a lease."""

from __future__ import annotations

import os
import subprocess
import sys
import textwrap
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pyarrow as pa
import pytest
from tracemill.settings.errors import LostClaimError, UsageError
from tracemill.store import writer_claim as claims
from tracemill.store.opening import open_files
from tracemill.store.run import Run
from tracemill.store.store import Store
from tracemill.store.writer_claim import run_path

LEASE = 0.2
"""Of holders that die: it is waited out."""
LONG = 5.0
"""Of holders that must be seen alive, however slow the machine is."""


def kill(run: Run) -> None:
    """What remains of a run after a SIGKILL: no more renewals, no release."""
    claim = run._claim
    if isinstance(claim, claims._LockedClaim):
        claims._unlock(claim._descriptor)
    else:
        assert isinstance(claim, claims._LeasedClaim)
        claim._stop.set()
        claim._thread.join()


def test_case_57_a_second_writer_is_refused_and_the_holder_is_named(url: str) -> None:
    with Store(url).claim({"command": "first"}, lease_seconds=LONG):
        before = open_files(url).list("runs/")
        with pytest.raises(UsageError, match=f"process {os.getpid()} on "):
            Store(url).claim({}, lease_seconds=LEASE)
        assert [path for path in open_files(url).list("runs/") if path.endswith(".json")] == [run_path(1)]
        assert open_files(url).list("runs/") == before
    with Store(url).claim({}, lease_seconds=LEASE) as run:
        assert run.epoch == 2


def test_case_57_another_process_is_refused_while_the_holder_lives(tmp_path: Path) -> None:
    script = "import sys; from tracemill.store.store import Store\nStore(sys.argv[1]).claim({})"
    with Store(str(tmp_path)).claim({}):
        second = subprocess.run([sys.executable, "-c", script, tmp_path], capture_output=True, text=True, check=False)
    assert second.returncode == 1
    assert f"process {os.getpid()}" in second.stderr


def test_a_dead_holder_is_taken_over_and_stops_if_it_was_only_asleep(
    url: str, schema: pa.Schema, rows: Callable[..., pa.RecordBatch]
) -> None:
    old = Store(url).claim({}, lease_seconds=LEASE)
    journal = old.journal("traces", {"traces": schema}, flush_seconds=3600)
    kill(old)
    with Store(url).claim({}, lease_seconds=LEASE) as new:
        assert new.epoch == old.epoch + 1
        time.sleep(LEASE)
        journal.append(["a"], {"traces": rows(["a"])})
        for act in (old.check, journal.flush, lambda: old.put("dataset/x", b""), lambda: old.forget("traces")):
            with pytest.raises(LostClaimError, match="taken over by a later run"):
                act()
        with pytest.raises(LostClaimError):
            old.commit("traces", {}, {"traces": schema})
        new.check()
    files = open_files(url)
    assert files.list("journal/") == files.list("commits/") == files.list("dataset/") == []


def test_a_released_build_is_claimed_without_waiting(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    with Store(url).claim({}, lease_seconds=LONG):
        pass
    monkeypatch.setattr(claims, "_watch", lambda *arguments: pytest.fail("it was watched"))
    with Store(url).claim({}, lease_seconds=LONG) as run:
        assert run.epoch == 2


def test_a_slow_holder_that_renews_is_not_taken_over(s3_url: str) -> None:
    with Store(s3_url).claim({}, lease_seconds=LONG) as run:
        # The watcher is less patient than the holder's own lease asks for.
        with pytest.raises(UsageError, match="another run holds"):
            Store(s3_url).claim({}, lease_seconds=LEASE)
        run.check()


def test_a_renewal_that_fails_in_an_unforeseen_way_does_not_end_the_renewals(
    s3_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with Store(s3_url).claim({}, lease_seconds=LEASE) as run:
        real, calls, renewed = run.files.replace, [], threading.Event()

        def fails_once(path: str, data: bytes) -> None:
            calls.append(path)
            if len(calls) == 1:
                raise RuntimeError("the event loop is closed")
            real(path, data)
            renewed.set()

        monkeypatch.setattr(run.files, "replace", fails_once)
        assert renewed.wait(timeout=20)


def test_of_two_claimants_of_a_dead_build_one_wins(s3_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    kill(Store(s3_url).claim({}, lease_seconds=LEASE))
    real = claims._watch
    inner: list[Run] = []

    def another_is_faster(*arguments: object) -> None:
        real(*arguments)  # type: ignore[arg-type]
        monkeypatch.setattr(claims, "_watch", real)
        inner.append(Store(s3_url).claim({}, lease_seconds=LEASE))

    monkeypatch.setattr(claims, "_watch", another_is_faster)
    with pytest.raises(UsageError, match="at the same moment"):
        Store(s3_url).claim({}, lease_seconds=LEASE)
    inner[0].check()
    inner[0].__exit__(None, None, None)


def test_a_folder_with_something_else_is_refused_and_left_alone(url: str) -> None:
    files = open_files(url)
    files.create("thesis.tex", b"chapter")
    files.create("runs/events.out", b"another program's runs")
    with pytest.raises(UsageError, match=r"not a tracemill build .*(runs/events\.out|thesis\.tex)"):
        Store(url).claim({}, lease_seconds=LEASE)
    assert files.list() == ["runs/events.out", "thesis.tex"]


def test_an_unclaimed_build_can_be_read_and_nothing_is_written(url: str) -> None:
    store = Store(url)
    assert store.latest() is None
    assert store.runs() == []
    assert open_files(url).list() == []


def test_the_runs_of_a_build_are_recorded_in_order(url: str) -> None:
    for command in ("build", "reverify"):
        with Store(url).claim({"command": command}, lease_seconds=LEASE):
            pass
    assert [(record["epoch"], record["info"]["command"]) for record in Store(url).runs()] == [
        (1, "build"),
        (2, "reverify"),
    ]


@pytest.mark.parametrize("left", [b"", b'{"epoch": 1, "pi'])
def test_case_54_a_damaged_run_record_is_set_aside_and_its_number_stays_taken(url: str, left: bytes) -> None:
    kill(Store(url).claim({}, lease_seconds=LEASE))
    files = open_files(url)
    files.replace(run_path(1), left)
    with Store(url).claim({}, lease_seconds=LEASE) as run:
        assert run.epoch == 2
    assert files.read("quarantine/runs/000001.json") == left
    # A run 0 that was only asleep must still find that there is a run 1.
    assert files.exists(run_path(1))
    assert [record["epoch"] for record in Store(url).runs()] == [2]
    with Store(url).claim({}, lease_seconds=LEASE) as run:
        assert run.epoch == 3
    assert len(files.list("quarantine/")) == 1


@pytest.mark.parametrize("left", [b"", b"garbage"])
def test_case_54_a_damaged_lock_or_lease_does_not_stop_the_next_run(url: str, left: bytes) -> None:
    kill(Store(url).claim({}, lease_seconds=LEASE))
    files = open_files(url)
    files.replace("runs/lock" if files.root else "runs/000001.lease", left)
    with Store(url).claim({}, lease_seconds=LEASE) as run:
        assert run.epoch == 2


def test_a_child_that_outlives_its_parent_does_not_keep_the_lock(tmp_path: Path) -> None:
    script = textwrap.dedent("""
        import os, sys
        from tracemill.store.store import Store
        run = Store(sys.argv[1]).claim({})
        began, begin = os.pipe()
        if os.fork() == 0:
            os.write(begin, b"!")
            sys.stdin.read()
            os._exit(0)
        os.read(began, 1)
        os.kill(os.getpid(), 9)
    """)
    with subprocess.Popen([sys.executable, "-c", script, tmp_path], stdin=subprocess.PIPE) as holder:
        assert holder.wait() == -9
        with Store(str(tmp_path)).claim({}) as run:
            assert run.epoch == 2
        assert holder.stdin is not None
        holder.stdin.close()


def test_a_failed_claim_lets_go_of_the_lock(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(*arguments: object) -> None:
        raise OSError("no sweep today")

    store = Store(str(tmp_path))
    with monkeypatch.context() as patched:
        patched.setattr(type(store.files), "sweep", fails)
        with pytest.raises(OSError, match="no sweep today"):
            store.claim({})
    with store.claim({}) as run:
        assert run.epoch == 1


class StopHereError(BaseException):
    """Like an interrupt."""


@pytest.mark.parametrize("exc", [StopHereError, KeyboardInterrupt, UsageError])
def test_a_first_run_that_failed_and_kept_nothing_leaves_no_folder(tmp_path: Path, exc: type[BaseException]) -> None:
    with pytest.raises(exc), Store(str(tmp_path / "builds" / "mine")).claim({}) as run:
        run.files.create("journal/traces/x", b"")
        run.files.delete("journal/traces/x")
        raise exc
    assert not list(tmp_path.iterdir())


def test_a_folder_that_was_there_stays(tmp_path: Path) -> None:
    with pytest.raises(StopHereError), Store(str(tmp_path / "mine")).claim({}):
        (tmp_path / "beside.txt").touch()
        raise StopHereError
    assert [path.name for path in tmp_path.iterdir()] == ["beside.txt"]
    (tmp_path / "empty").mkdir()
    with pytest.raises(StopHereError), Store(str(tmp_path / "empty")).claim({}):
        raise StopHereError
    assert not list((tmp_path / "empty").iterdir())


def test_what_a_failed_run_kept_stays_with_its_record(tmp_path: Path) -> None:
    with pytest.raises(StopHereError), Store(str(tmp_path / "mine")).claim({}) as run:
        run.files.create("journal/traces/x", b"")
        raise StopHereError
    with pytest.raises(StopHereError), Store(str(tmp_path / "mine")).claim({}) as run:
        assert run.epoch == 2
        raise StopHereError
    left = open_files(str(tmp_path / "mine")).list()
    assert {"journal/traces/x", "runs/000001.json", "runs/000002.json", "runs/lock"} <= set(left)


def test_a_lock_that_was_removed_while_somebody_waited_at_it_binds_nobody(tmp_path: Path, monkeypatch) -> None:
    """The second run opens the lock of the first, which then withdraws; a third must not get in beside the second."""
    url = str(tmp_path / "mine")
    first = Store(url).claim({})
    real, opened = os.open, []

    def opens_then_first_ends(path, *more):
        descriptor = real(path, *more)
        if str(path).endswith("runs/lock") and not opened:
            opened.append(path)
            first.__exit__(StopHereError, StopHereError(), None)
        return descriptor

    monkeypatch.setattr(os, "open", opens_then_first_ends)
    with Store(url).claim({}) as second:
        assert second.epoch == 1
        with pytest.raises(UsageError, match="another run holds"):
            Store(url).claim({})
