"""A place at which no build can be written is refused before anything runs, and nothing is left there."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from tracemill.cli.command_line import main
from tracemill.settings.errors import TracemillError
from tracemill.store.local_disk import LocalFiles, refuse_unwritable
from workplace import Workplace


@pytest.mark.parametrize("flags", [(), ("--dry-run",)])
@pytest.mark.parametrize(
    ("out", "said"),
    [
        ("  ", "'  ' names no folder"),
        ("a\0b", "names no folder"),
        ("/proc/build", "cannot write a build at /proc/build"),
        ("/proc/self/fd/build", "cannot write a build at /proc/self/fd/build"),
        ("/sys/build", "cannot write a build at /sys/build"),
        ("/dev/null/build", "/dev/null is not a folder"),
        ("{folder}/config.yaml", "config.yaml is not a folder"),
        ("{folder}/config.yaml/build", "config.yaml is not a folder"),
        ("{folder}/" + "x" * 300, "File name too long"),
        ("{folder}/loop/build", "loop is not a folder"),
        ("{folder}/run[1]", "load_dataset cannot read a dataset below"),
        ("{folder}/a*/build", "load_dataset cannot read"),
        ("{folder}/why?", "load_dataset cannot read"),
        ("{folder}/a::b", "load_dataset cannot read"),
        ("ftp://host/build", "cannot keep a build at 'ftp://host/build'"),
    ],
)
def test_an_impossible_place_is_exit_2(workplace: Workplace, capsys, out: str, said: str, flags) -> None:
    (workplace.folder / "loop").symlink_to("loop")
    before = sorted(workplace.folder.iterdir())
    assert workplace.build(out=out.format(folder=workplace.folder), flags=flags) == 2
    assert said in capsys.readouterr().err
    assert sorted(workplace.folder.iterdir()) == before


def test_an_empty_out_is_no_default(workplace: Workplace, capsys, monkeypatch) -> None:
    monkeypatch.chdir(workplace.folder)
    assert main(["build", "config.yaml", "--out", ""]) == 2
    assert "'' names no folder for a build" in capsys.readouterr().err
    assert not Path("builds").exists()


@pytest.mark.skipif(os.geteuid() != 0, reason="becomes another user for a moment")
def test_a_folder_without_permission_is_refused(tmp_path: Path) -> None:
    from tracemill.settings.errors import UsageError

    place = tmp_path / "theirs"
    place.mkdir(mode=0o755)
    for level in (tmp_path, *tmp_path.parents[:-2]):
        level.chmod(level.stat().st_mode | 0o755)
    os.seteuid(65534)
    try:
        with pytest.raises(UsageError, match="no permission: fix the folder's owner or choose another --out"):
            refuse_unwritable(place / "build")
    finally:
        os.seteuid(0)
    assert not list(place.iterdir())


def test_a_possible_place_is_left_as_it_was(tmp_path: Path) -> None:
    refuse_unwritable(tmp_path / "a" / "b")
    assert not list(tmp_path.iterdir())


def test_a_folder_of_the_build_that_is_a_link_is_neither_written_nor_deleted_through(workplace: Workplace, capsys):
    elsewhere = workplace.folder / "elsewhere"
    elsewhere.mkdir()
    (elsewhere / "mine.txt").write_text("mine")
    dataset = workplace.folder / "out" / "dataset"
    dataset.mkdir(parents=True)
    (dataset / "sft").symlink_to("../../elsewhere")
    assert workplace.build() == 1
    assert f"{dataset / 'sft'} is a symbolic link to '../../elsewhere'" in capsys.readouterr().err
    assert [file.name for file in elsewhere.iterdir()] == ["mine.txt"]
    (dataset / "sft").unlink()
    assert workplace.build() == 0


def test_nothing_is_deleted_behind_a_link(tmp_path: Path) -> None:
    (tmp_path / "theirs").mkdir()
    (tmp_path / "theirs" / "file").touch()
    (tmp_path / "build" / "dataset").mkdir(parents=True)
    (tmp_path / "build" / "dataset" / "sft").symlink_to(tmp_path / "theirs")
    with pytest.raises(TracemillError, match="is a symbolic link"):
        LocalFiles(tmp_path / "build").delete("dataset/sft/file")
    assert (tmp_path / "theirs" / "file").exists()


def test_the_builds_own_folder_may_be_a_link(tmp_path: Path) -> None:
    (tmp_path / "disk").mkdir()
    (tmp_path / "build").symlink_to(tmp_path / "disk")
    files = LocalFiles(tmp_path / "build")
    assert files.create("a/b", b"x")
    files.delete("a/b")
    assert (tmp_path / "disk" / "a").is_dir() and not (tmp_path / "disk" / "a" / "b").exists()


@pytest.mark.parametrize("fails", [lambda: os.listdir(10**6), lambda: os.write(10**6, b""), lambda: open(10**6)])  # noqa: PTH123, PTH208, SIM115
def test_an_error_that_names_a_descriptor_in_place_of_a_path_says_what_failed(tmp_path: Path, fails) -> None:
    """Such as a full disk that `os.truncate` of an open file hits."""
    with pytest.raises(TracemillError, match=r"cannot write .*Bad file descriptor"), LocalFiles(tmp_path).scratch():
        fails()


def test_an_error_that_names_a_path_elsewhere_is_of_who_made_it(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match="elsewhere"), LocalFiles(tmp_path / "build").scratch():
        (tmp_path / "elsewhere").read_bytes()
