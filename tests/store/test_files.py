"""What the protocol asks of a folder, on local disk and on object storage alike."""

from __future__ import annotations

import errno
import hashlib
import os
import subprocess
from pathlib import Path
from typing import Any

import pytest
from tracemill.settings.errors import TracemillError, UsageError
from tracemill.store.local_disk import LocalFiles
from tracemill.store.opening import open_files


def test_create_makes_a_file_once_and_keeps_the_first_content(url: str) -> None:
    files = open_files(url)
    assert files.create("a/b/c.bin", b"first")
    assert not files.create("a/b/c.bin", b"second")
    assert files.read("a/b/c.bin") == b"first"
    assert files.size("a/b/c.bin") == 5
    assert files.sha256("a/b/c.bin") == hashlib.sha256(b"first").hexdigest()


def test_list_gives_every_path_with_the_prefix_in_order(url: str) -> None:
    files = open_files(url)
    for path in ("b/2", "a/1", "b/10", "ba/1", "b/c/d"):
        files.create(path, b"")
    assert files.list() == ["a/1", "b/10", "b/2", "b/c/d", "ba/1"]
    assert files.list("b/") == ["b/10", "b/2", "b/c/d"]
    assert files.list("b/1") == ["b/10"]
    assert files.list("none/") == []


def test_delete_replace_and_exists(url: str) -> None:
    files = open_files(url)
    files.delete("a")
    assert not files.exists("a")
    files.replace("a", b"1")
    files.replace("a", b"22")
    assert files.exists("a")
    assert files.read("a") == b"22"
    files.delete("a")
    assert not files.exists("a")
    for missing in (files.read, files.size, files.sha256, files.open_input):
        with pytest.raises(FileNotFoundError):
            missing("a")


def test_an_input_file_can_be_read_from_the_middle(url: str) -> None:
    files = open_files(url)
    files.create("a", bytes(range(100)))
    with files.open_input("a") as file:
        file.seek(90)
        assert file.read(5) == bytes(range(90, 95))


@pytest.mark.parametrize("path", ["../out", "/etc/out", "a/../../out", "a//b", "", "a/./b", "a\\b", "a\0b"])
def test_case_70_a_path_that_leaves_the_folder_is_refused(url: str, path: str) -> None:
    files = open_files(url)
    for act in (files.read, files.delete, files.exists, lambda one: files.create(one, b"x")):
        with pytest.raises(UsageError):
            act(path)


def test_an_unknown_scheme_is_refused_with_the_choices() -> None:
    with pytest.raises(UsageError, match="s3://bucket/prefix"):
        open_files("gopher://x")


def test_a_short_write_is_continued(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    real = os.write
    monkeypatch.setattr(os, "write", lambda descriptor, data: real(descriptor, data[:3]))
    files = LocalFiles(tmp_path)
    files.create("a", b"0123456789")
    assert files.read("a") == b"0123456789"


def test_the_sweep_removes_what_dead_writers_left_and_nothing_else(tmp_path: Path) -> None:
    files = LocalFiles(tmp_path)
    files.create("a/whole", b"1")
    (tmp_path / "a" / ".tmp-0123dead-1").write_bytes(b"half")
    (tmp_path / ".tmp-0123dead-2").mkdir()
    (tmp_path / ".tmp-0123dead-2" / "spill").write_bytes(b"rows")
    assert files.list() == ["a/whole"]
    assert files.sweep() == 2
    assert [path.name for path in tmp_path.rglob("*")] == ["a", "whole"]


@pytest.mark.parametrize("call", ["write", "fsync", "link"])
@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EIO])
def test_case_58_a_full_disk_and_an_io_error_are_loud_and_leave_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, call: str, number: int
) -> None:
    def fails(*arguments: Any) -> Any:
        raise OSError(number, os.strerror(number))

    files = LocalFiles(tmp_path)
    with monkeypatch.context() as patched:
        patched.setattr(os, call, fails)
        with pytest.raises(TracemillError, match=r"dir/file.*(free some space|check the disk)"):
            files.create("dir/file", b"data")
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []
    assert files.create("dir/file", b"data")


def test_case_58_a_file_system_that_is_really_full(tmp_path: Path) -> None:
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=256k", "tmpfs", tmp_path], capture_output=True, check=False
    )
    if mounted.returncode:
        pytest.skip("cannot mount a tmpfs here")
    try:
        files = LocalFiles(tmp_path)
        assert files.create("small", b"x" * 1000)
        with pytest.raises(TracemillError, match="free some space"):
            files.create("large", b"x" * (1 << 20))
        assert files.list() == ["small"]
        assert files.create("other", b"x" * 1000)
    finally:
        subprocess.run(["umount", tmp_path], check=True)
