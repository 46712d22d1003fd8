"""Files in the user's cache folder: whole or absent."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from tracemill.settings.kept_files import keep, kept_file, read_kept


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    found = kept_file("thing-1.json")
    assert found is not None
    return found


def test_what_is_kept_is_read_again_and_nothing_else_is_left_in_the_folder(file: Path) -> None:
    assert read_kept(file) is None
    keep(file, [{"a": 0.1, "b": [1, None]}, "ü"])
    assert read_kept(file) == [{"a": 0.1, "b": [1, None]}, "ü"]
    assert list(file.parent.iterdir()) == [file]


def test_a_file_that_is_cut_short_or_changed_counts_as_absent(file: Path) -> None:
    keep(file, [1, 2])
    whole = file.read_bytes()
    changed = json.dumps({**json.loads(whole), "entries": [1, 3]}).encode()
    for damaged in (b"", whole[:-3], b"[]", b"{}", b"\xff\xfe", b"[" * 100_000, changed):
        file.write_bytes(damaged)
        assert read_kept(file) is None
    file.write_bytes(whole)
    assert read_kept(file) == [1, 2]


def test_a_folder_that_cannot_be_written_keeps_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    blocked = tmp_path / "a-file"
    blocked.write_text("")
    monkeypatch.setenv("XDG_CACHE_HOME", str(blocked))
    found = kept_file("thing-1.json")
    assert found is not None
    keep(found, [1])
    assert read_kept(found) is None


def test_a_user_without_a_home_keeps_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    def homeless() -> Path:
        raise RuntimeError("Could not determine home directory.")

    monkeypatch.delenv("XDG_CACHE_HOME", raising=False)
    monkeypatch.setattr(Path, "home", homeless)
    assert kept_file("thing-1.json") is None
