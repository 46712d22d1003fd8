"""A build of another schema version is refused by every command that would read it, and left as it is."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

import pytest
from tracemill.cli.command_line import main
from tracemill.records import canonical_json
from tracemill.running import schema_version
from workplace import Workplace

PROBLEMS_KEY = {
    "bench": 0.05,
    "parts": {"math.algebra.linear_system": {"count": 2, "identity": {"difficulty": [0.0, 1.0], "version": "2"}}},
    "schema": 1,
    "seed": 3,
}
PART = {
    "bytes": 9,
    "max_id": "e0c9fa5d56d4a0c5bd25-3413941861ad@sft",
    "min_id": "e0c9fa5d56d4a0c5bd25-3413941861ad@sft",
    "path": "parts/selection/c06e649e9072362bf5b0.parquet",
    "rows": 1,
    "sha256": hashlib.sha256(b"PAR1 PAR1").hexdigest(),
}


def sealed(body: dict[str, Any]) -> str:
    """As version 1 sealed its state files: no word of their format."""
    digest = hashlib.sha256(canonical_json(body).encode()).hexdigest()
    return canonical_json({**body, "seal": digest}) + "\n"


def version_1(folder: Path) -> None:
    """The shape of a finished build of schema version 1."""
    commit = {
        "created": "2026-11-21T11:00:00+00:00",
        "epoch": 1,
        "files": {"dataset": []},
        "forgotten": {},
        "journal": {"problems": "000001-000000"},
        "keys": {"problems": PROBLEMS_KEY, "selection": {"version": "2", "views": ["sft", "process", "rlvr"]}},
        "number": 1,
        "seconds": {"problems": 0.1},
        "tables": {"selection": {"parts": [PART], "phase": "selection"}},
    }
    manifest = {"commit": 1, "files": [], "name": "small", "schema_version": 1, "views": {"sft": {}}}
    written = {
        "commits/000001.json": sealed(commit),
        "commits/000001.copy.json": sealed(commit),
        "manifest.json": sealed(manifest),
        PART["path"]: "PAR1 PAR1",
        "dataset/README.md": "schema version 1",
        "runs/000001.released": "",
    }
    for name, text in written.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)


def commands(place: Workplace) -> list[list[str]]:
    out = place.out
    config = str(place.folder / "config.yaml")
    return [
        ["build", config, "--out", out],
        ["build", config, "--out", out, "--repair"],
        ["build", config, "--out", out, "--dry-run"],
        ["status", out],
        ["inspect", out, "e0c9"],
        ["reverify", out],
    ]


def contents(folder: str) -> dict[str, bytes]:
    return {str(path): path.read_bytes() for path in Path(folder).rglob("*") if path.is_file()}


def test_a_build_of_version_1_is_refused_by_every_command_and_not_touched(workplace, capsys):
    version_1(Path(workplace.out))
    before = contents(workplace.out)
    for command in commands(workplace):
        assert main(command) == 2, command
        message = capsys.readouterr().err
        assert "another --out" in message and "1" in message, message
        assert workplace.out in message
    assert contents(workplace.out) == before


def test_a_build_whose_columns_mean_something_else_is_refused_by_every_command(finished, monkeypatch, capsys):
    monkeypatch.setattr(schema_version, "SCHEMA_VERSION", 4)
    for command in commands(finished):
        assert main(command) == 2, command
        assert "has schema version 3, and this tracemill reads version 4" in capsys.readouterr().err


def test_a_build_that_only_began_is_refused_too(workplace, monkeypatch, capsys):
    from tracemill.store.run import Run

    class StopHereError(BaseException):
        pass

    def stops(self, *arguments, **more):
        raise StopHereError

    with monkeypatch.context() as patched, pytest.raises(StopHereError):
        patched.setattr(Run, "commit", stops)
        workplace.build()
    monkeypatch.setattr(schema_version, "SCHEMA_VERSION", 4)
    assert workplace.build() == 2
    assert "has schema version 3" in capsys.readouterr().err


def test_the_manifest_says_the_version(finished):
    manifest = json.loads((Path(finished.out) / "manifest.json").read_text())
    assert manifest["schema_version"] == schema_version.SCHEMA_VERSION == 3
