"""A build's folder in any state ends in a message, never in a traceback."""

from __future__ import annotations

import shutil
from argparse import Namespace
from pathlib import Path

import pytest
from tracemill.cli import summary
from tracemill.cli.command_line import main
from tracemill.records.codec import decode
from tracemill.store.store import Store
from workplace import Workplace


@pytest.fixture
def copied(finished: Workplace, tmp_path: Path) -> Path:
    return Path(shutil.copytree(finished.out, tmp_path / "copy"))


DEEP = b"[" * 100_000


@pytest.mark.parametrize(
    ("file", "content", "status", "said"),
    [
        ("dataset/README.md", b"\xff\xfe\x00", 1, "damaged: dataset/README.md"),
        ("manifest.json", DEEP, 1, "damaged: manifest.json (empty, cut short, or not a state file)"),
        ("manifest.json", b"\xff", 1, "damaged: manifest.json"),
        ("manifest.json", b'{"seal": ' + b"9" * 6000 + b"}", 1, "damaged: manifest.json"),
        ("manifest.json", b"null", 1, "damaged: manifest.json"),
    ],
)
def test_a_damaged_file_is_named(copied: Path, capsys, file: str, content: bytes, status: int, said: str):
    (copied / file).write_bytes(content)
    assert main(["status", str(copied)]) == status
    assert said in capsys.readouterr().out
    assert main(["status", str(copied), "--json"]) == status
    shown = capsys.readouterr()
    assert file in shown.out and shown.err == ""


@pytest.mark.parametrize("content", [DEEP, b"", b'{"format": 99}', b"\x00\xff"])
@pytest.mark.parametrize("folder", ["commits", "runs"])
def test_state_files_of_any_content_end_in_a_message(copied: Path, capsys, folder: str, content: bytes):
    for path in (copied / folder).glob("*.json"):
        path.write_bytes(content)
    for command in (["status"], ["inspect"], ["reverify"]):
        extra = ["0"] if command == ["inspect"] else []
        assert main([*command, str(copied), *extra]) in (0, 1, 2)
        assert "This is a bug" not in capsys.readouterr().err


def test_a_folder_that_is_read_may_have_the_signs_of_a_pattern_in_its_name(finished: Workplace, tmp_path: Path):
    """None is built there (`tests/store/test_impossible_places.py`), but a build may have been moved."""
    out = tmp_path / "try[1]*"
    shutil.copytree(finished.out, out)
    assert main(["status", str(out)]) == 0


def test_a_folder_may_have_other_odd_signs_in_its_name(workplace: Workplace, tmp_path: Path):
    out = tmp_path / "try {1} #%2B's & co"
    assert workplace.build("sources.0.per_task=2", out=str(out)) == 0
    assert main(["status", str(out)]) == 0


def test_of_a_sample_with_a_megabyte_the_beginning_is_shown(finished: Workplace, monkeypatch, capsys):
    monkeypatch.setattr(summary, "sample", lambda store: "\n".join(["word " * 200_000] * 3 + ["line"] * 1_000))
    summary.print_summary(finished.out, Namespace(json=False, quiet=False))
    shown = capsys.readouterr().out
    assert "[…]" in shown and "803 lines more" in shown
    assert len(shown) < 30_000


def test_the_sample_shown_is_one_whose_prompt_is_short_too(finished: Workplace, monkeypatch) -> None:
    store = Store(finished.out)
    lengths = {
        trace.id: (trace.prompt_tokens or 0) + (trace.completion_tokens or 0)
        for batch in store.scan(store.latest(), "traces", None)
        for trace in decode("traces", batch)
    }
    for wanted in (min(lengths.values()), 10**6):
        monkeypatch.setattr(summary, "_READABLE", wanted)
        said = summary.sample(store)
        (shown,) = (trace for trace in lengths if trace in said)
        kept = [trace for trace in _kept(store) if trace in lengths]
        assert abs(lengths[shown] - wanted) == min(abs(lengths[trace] - wanted) for trace in kept)


def _kept(store) -> set[str]:
    rows = [row for batch in store.scan(store.latest(), "selection", None) for row in batch.to_pylist()]
    return {trace for row in rows if row["kept"] and row["view"] == "sft" for trace in row["trace_ids"]}
