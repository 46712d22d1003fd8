"""Sealed files: damage is found, and a build of an older or a newer format is refused, never misread."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from pathlib import Path

import pyarrow as pa
import pytest
from tracemill import __version__
from tracemill.cli.command_line import main
from tracemill.records import canonical_json
from tracemill.store.manifest import read_manifest, verify, write_manifest
from tracemill.store.sealed import FORMAT, BrokenSealError, OtherFormatError, seal, unseal
from tracemill.store.store import Store


def resealed(data: bytes, **changes: object) -> bytes:
    """The file as a version with another format would have sealed it; None removes a key."""
    body = {key: value for key, value in (json.loads(data) | changes).items() if value is not None and key != "seal"}
    return canonical_json({**body, "seal": hashlib.sha256(canonical_json(body).encode()).hexdigest()}).encode()


def build_of_another_format(folder: Path, schema: pa.Schema, rows: Callable[..., pa.RecordBatch], **changes: object):
    """A finished build whose every sealed file says so."""
    store = Store(str(folder))
    with store.claim({}) as run:
        run.journal("traces", {"traces": schema}).append(["a"], {"traces": rows(["a"])})
        run.commit("traces", {}, {"traces": schema})
        write_manifest(run, {})
    for path in [*store.files.list("runs/0"), *store.files.list("commits/"), "manifest.json"]:
        store.files.replace(path, resealed(store.files.read(path), **changes))
    return store


def test_a_seal_gives_the_body_back_and_says_what_wrote_it() -> None:
    data = seal({"a": 1})
    assert unseal(data, "x") == {"a": 1}
    assert json.loads(data)["format"] == FORMAT
    assert json.loads(data)["tracemill"] == __version__


@pytest.mark.parametrize(
    "data", [b"", b"{}", b"[]", b"1", b'{"seal": NaN}', b'{"a": NaN, "seal": ""}', b"\xff", b'{"a"']
)
def test_what_is_no_sealed_file_is_damaged(data: bytes) -> None:
    with pytest.raises(BrokenSealError):
        unseal(data, "x")


def test_a_changed_format_number_is_damage_and_no_other_format() -> None:
    with pytest.raises(BrokenSealError, match="differs from its hash"):
        unseal(seal({"a": 1}).replace(b'"format":2', b'"format":3'), "x")


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"format": None, "tracemill": None}, r"has format 1 \(older\), made by a tracemill that did not number"),
        (
            {"format": 3, "tracemill": "9.8.7"},
            r"has format 3 \(newer\), made by tracemill 9\.8\.7; .*another --out",
        ),
    ],
)
def test_a_build_of_another_format_is_refused_everywhere_and_left_as_it_is(
    tmp_path: Path,
    schema: pa.Schema,
    rows: Callable[..., pa.RecordBatch],
    changes: dict[str, object],
    said: str,
    capsys: pytest.CaptureFixture[str],
) -> None:
    store = build_of_another_format(tmp_path, schema, rows, **changes)
    before = {path: store.files.read(path) for path in store.files.list()}
    for act in (
        store.refuse_foreign,
        lambda: store.claim({}),
        store.latest,
        store.runs,
        lambda: read_manifest(store),
        lambda: verify(store),
    ):
        with pytest.raises(OtherFormatError, match=said):
            act()
    assert main(["status", str(tmp_path)]) == 2
    assert "and has changed nothing" in capsys.readouterr().err
    assert {path: store.files.read(path) for path in store.files.list()} == before
