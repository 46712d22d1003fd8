"""From a file that somebody brings to the Hub, by commands alone: imported, judged, reported, published, added to."""

from __future__ import annotations

import io
import json
import re
from pathlib import Path
from typing import Any

import polars as pl
import pyarrow.parquet as pq
import pytest
import yaml
from hub.server import HubServer
from planted_faults import LEAKED, PLANTED, PROGRAMS, RIGHT, WRONG_SAID_RIGHT, lines, row
from tracemill.cli.command_line import main
from tracemill.publishing.hub.published_builds import BUILDS
from tracemill.store.store import Store

PROGRAMS_SOURCE = {
    "kind": "jsonl",
    "name": "programs",
    "path": "programs.jsonl",
    "licence": "MIT",
    "domain": "code.programs.imported.any",
    "fields": {
        "prompt": "task",
        "answer": None,
        "references": [{"text": "programs", "author": "coder", "labels": [{"name": "passed", "field": "passed"}]}],
    },
    "check": {"kind": "code", "spec": {"mode": "unit"}, "fields": {"tests": "tests"}},
}
NEW = [row(100, RIGHT), row(101, RIGHT, WRONG_SAID_RIGHT)]


def table(out: str, name: str) -> pl.DataFrame:
    store = Store(out)
    commit = store.latest()
    assert commit is not None
    return pl.concat([pl.DataFrame(batch) for batch in store.scan(commit, name)])


def rows_of(files: dict[str, bytes], view: str) -> list[dict[str, Any]]:
    """The rows of a view as they lie on the Hub."""
    shards = [data for path, data in files.items() if path.startswith(f"{view}/")]
    return [one for data in shards for one in pq.read_table(io.BytesIO(data)).to_pylist()]


def shown(page: str, out: str) -> dict[str, str]:
    """What the report shows of each trace, as text, by what the trace says."""
    parts = re.split(r'<details class="trace[^>]*id="trace-', page)[1:]
    texts = {part[: part.index('"')]: re.sub(r"\s+", " ", re.sub(r"<[^>]*>", " ", part)) for part in parts}
    traces = table(out, "traces").select("id", pl.col("turns").list.last().alias("turn"))
    said = {id: (turn["reasoning"] or "") + turn["content"] for id, turn in traces.iter_rows()}
    return {said[trace]: text for trace, text in texts.items()}


def test_every_fault_is_named_and_a_second_build_adds_what_is_new(
    hub: HubServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    towns, config = lines(Path("towns.jsonl"), PLANTED), Path("mine.yaml")
    lines(Path("programs.jsonl"), PROGRAMS)
    lines(Path("benchmark.jsonl"), [{"question": LEAKED}])

    assert main(["import", "towns.jsonl", "--licence", "MIT", "-o", "mine.yaml"]) == 0
    assert "1 the answer is a proof" in capsys.readouterr().out
    written = yaml.safe_load(config.read_text())
    written["sources"].append(PROGRAMS_SOURCE)
    written["verify"] |= {"also": ["code"], "audit": 1}
    written["select"]["decontaminate"]["benchmarks"] = [
        {"path": "benchmark.jsonl", "format": "jsonl", "field": "question"}
    ]
    config.write_text(yaml.safe_dump(written))

    assert main(["build", "mine.yaml", "--out", "first"]) == 0
    assert main(["report", "first", "-o", "page.html"]) == 0
    page = Path("page.html").read_text()
    traces = shown(page, "first")
    for words, standing in {
        "def twice(n:": "compile_error",
        "I add 24 and 38, which": "cut off",
        "Both 17 and 27 count": "label math_verify: false, which says wrong ≠ labelled wrong, and verified",
        "Only the first, 10.": "label math_verify: true, which says right ≠ labelled right, and refuted",
    }.items():
        [text] = [text for said, text in traces.items() if words in said]
        assert "label differs" in text and standing in text, (words, text)
    [right] = [text for said, text in traces.items() if "return 2 * n" in said and "def twice(n:\n" not in said]
    assert "✓ verified" in right and "? unknown" not in right
    text = re.sub(r"\s+", " ", re.sub(r"<[^>]*>", " ", page))
    assert "the answer is a proof" in text
    assert "math_verify differs on 3: 2 labelled right and refuted, 1 labelled wrong and verified." in text
    assert LEAKED[:60] in text and "benchmark.jsonl: 13 words in a row" in text

    assert main(["publish", "first", "me/towns"]) == 0
    published = rows_of(hub.files("me/towns"), "sft")
    assert published and not [one for one in published if LEAKED in one["messages"][0]["content"]]

    lines(towns, [*PLANTED, *NEW])
    config.write_text(yaml.safe_dump(written | {"incremental": {"previous": "hf://me/towns"}}))
    assert main(["build", "mine.yaml", "--out", "second"]) == 0
    asked = {one["problem"] for one in NEW}
    assert set(table("second", "screened").filter(reason="published before")["problem_id"]).isdisjoint(
        table("second", "traces")["problem_id"]
    )
    problems = dict(table("second", "problems").select("id", "prompt").iter_rows())
    assert {problems[one] for one in table("second", "traces")["problem_id"]} == asked
    assert table("second", "disagreements")["detail"].to_list() == ["labelled right, and refuted"]

    assert main(["publish", "second", "me/towns"]) == 0
    files = hub.files("me/towns")
    added = [one for one in rows_of(files, "sft") if one not in published]
    assert {one["messages"][0]["content"] for one in added} == asked and len(added) == 2
    assert len(rows_of(files, "sft")) == len(published) + 2
    assert len(hub.heads) == 3 and len(json.loads(files[BUILDS])["builds"]) == 2
