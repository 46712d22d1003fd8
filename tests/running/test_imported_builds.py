"""Builds of data that somebody brings: planted faults are named, every row is accounted for, kills change nothing."""

from __future__ import annotations

import json
import random
import re
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from planted_faults import LEAKED, PLANTED, PROGRAMS, RIGHT, WRONG, lines, row
from tracemill.cli.command_line import main
from tracemill.store.store import Store
from workplace import CONFIG, Workplace


def source(path: Path, **changes: Any) -> dict[str, Any]:
    labels = [{"name": "math_verify", "field": "correctness_math_verify"}]
    reference = {"text": "generations", "author": "R1", "finish_reason": "finish_reasons", "labels": labels}
    base = {
        "kind": "parquet" if path.suffix == ".parquet" else "jsonl",
        "name": path.stem,
        "path": str(path),
        "licence": "MIT",
        "fields": {"prompt": "problem", "answer": "answer", "references": [reference]},
        "domain": "math.imported.towns.any",
        "check": {"kind": "symbolic"},
    }
    return base | changes


def programs(path: Path) -> dict[str, Any]:
    labels = [{"name": "passed", "field": "passed"}]
    fields = {
        "prompt": "task",
        "answer": None,
        "references": [{"text": "programs", "author": "coder", "labels": labels}],
    }
    check = {"kind": "code", "spec": {"mode": "unit"}, "fields": {"tests": "tests"}}
    return source(path, fields=fields, check=check, domain="code.programs.imported.any")


def config(*sources: dict[str, Any], **changes: Any) -> dict[str, Any]:
    return {
        **CONFIG,
        "sources": list(sources),
        "teacher": {"kind": "replay"},
        "strategy": {"kind": "single", "samples": 100},
        "split": {"bench": 0},
        "verify": {"require": ["answer"], "audit": 1, "leakage": None},
        "views": ["sft"],
    } | changes


def manifest(workplace: Workplace) -> dict[str, Any]:
    return json.loads((Path(workplace.out) / "manifest.json").read_text())


def table(workplace: Workplace, name: str) -> pl.DataFrame:
    store = Store(workplace.out)
    commit = store.latest()
    assert commit is not None
    frames = [pl.DataFrame(batch) for batch in store.scan(commit, name)]
    return pl.concat(frames) if frames else pl.DataFrame(schema={"id": pl.String, "problem_id": pl.String})


@pytest.fixture(scope="module")
def audited(tmp_path_factory: pytest.TempPathFactory) -> Workplace:
    """The planted faults, imported and judged."""
    place = Workplace(tmp_path_factory.mktemp("audited"))
    benchmark = place.folder / "benchmark.jsonl"
    benchmark.write_text(json.dumps({"question": LEAKED}) + "\n")
    select = {"decontaminate": {"benchmarks": [{"path": str(benchmark), "format": "jsonl", "field": "question"}]}}
    some = source(lines(place.folder / "towns.jsonl", PLANTED), answers={"several_parts": "keep_unverified"})
    other = programs(lines(place.folder / "programs.jsonl", PROGRAMS))
    verify = {"require": ["answer"], "also": ["code"], "audit": 1, "leakage": None}
    place.config(config(some, other, select=select, verify=verify))
    assert place.build() == 0
    return place


def test_a_right_answer_labelled_wrong_and_a_wrong_one_labelled_right_are_named(audited: Workplace) -> None:
    found = manifest(audited)["label_agreement"]["math_verify"]
    assert found["refuted"]["right"] >= 1 and found["verified"]["wrong"] == 1
    differing = table(audited, "disagreements").filter(pl.col("label") == "math_verify")
    details = sorted(differing["detail"])
    assert details.count("labelled wrong, and verified") == 1 and "labelled right, and refuted" in details
    named = manifest(audited)["label_disagreements"]["math_verify"]
    assert named["count"] == differing.height and named["traces"] == sorted(differing["trace_id"])


def test_a_compile_error_labelled_as_a_pass_is_named(audited: Workplace) -> None:
    (one,) = table(audited, "disagreements").filter(pl.col("label") == "passed").iter_rows(named=True)
    assert (one["theirs"], one["ours"]) == ("right", "refuted")
    trace = table(audited, "traces").filter(pl.col("id") == one["trace_id"])
    assert "twice(n:" in trace["turns"][0][0]["content"]
    assert manifest(audited)["label_agreement"]["passed"]["verified"] == {"right": 1}


def test_answers_that_are_none_are_counted_by_kind_and_never_judged(audited: Workplace) -> None:
    assert manifest(audited)["answer_kinds"] == {
        "proof": {"rejected": 1, "kept": 0},
        "several_parts": {"rejected": 0, "kept": 1},
    }
    problems = table(audited, "problems").filter(pl.col("metadata").str.contains("several_parts"))
    traces = table(audited, "traces").filter(pl.col("problem_id").is_in(problems["id"].implode()))
    verdicts = table(audited, "verdicts").filter(pl.col("trace_id").is_in(traces["id"].implode()))
    assert len(traces) == 1 and set(verdicts["outcome"]) == {"unknown"}


def test_faults_of_texts_are_counted_by_cause(audited: Workplace) -> None:
    found = manifest(audited)["trace_faults"]
    assert {cause: found.get(cause) for cause in ("truncated", "looping", "empty", "duplicated", "contaminated")} == {
        "truncated": 1,
        "looping": 1,
        "empty": 1,
        "duplicated": 1,
        "contaminated": 1,
    }


def test_the_report_shows_every_fault_and_first_of_all_where_labels_differ(audited: Workplace) -> None:
    page = (Path(audited.out) / "report.html").read_text()
    differing = table(audited, "disagreements")["trace_id"].unique().to_list()
    standings = dict(re.findall(r'id="trace-([^"]+)" data-standing="([^"]+)"', page))
    assert {trace for trace, standing in standings.items() if standing == "label differs"} == set(differing)
    assert list(standings)[: len(differing)] == sorted(differing, key=list(standings).index)
    for said in (
        "what math_verify says, by our outcome",
        "label math_verify: true, which says right",
        "label passed: true, which says right",
        "the expected answer is",
        "several parts",
        *("truncated", "looping", "empty", "exact duplicate", "contaminated"),
    ):
        assert said in page, said


def test_summary_and_card_name_every_fault(audited: Workplace, capsys: pytest.CaptureFixture[str]) -> None:
    from tracemill.cli.summary import summary

    said = summary(audited.out, manifest(audited))
    for fault in (
        "math_verify differs on",
        "passed differs on 1 of 2",
        "a proof",
        "several parts (1 kept)",
        "1 looping",
    ):
        assert fault in said, said
    card = (Path(audited.out) / "dataset" / "README.md").read_text()
    for heading in ("Labels that came along", "Expected answers that are none", "Faults of solutions as texts"):
        assert heading in card


def test_nothing_is_unaccounted_for(audited: Workplace) -> None:
    rows = len(PLANTED) + len(PROGRAMS)
    assert table(audited, "problems").height + table(audited, "lines").height == rows
    gone = table(audited, "lines").sort("id")
    assert sorted(gone["reason"]) == ["lists of different lengths", "the answer is a proof"]
    played = table(audited, "traces").height
    screened = table(audited, "screened")["problem_id"]
    brought = table(audited, "problems").filter(~pl.col("id").is_in(screened.implode()))["references"].list.len().sum()
    assert played == brought


def test_lines_and_parquet_give_the_same_traces(workplace: Workplace) -> None:
    good = [one for one in PLANTED if one["problem"] != "What?"]
    first, second = workplace.folder / "towns.jsonl", workplace.folder / "towns.parquet"
    lines(first, good)
    pq.write_table(pa.Table.from_pylist(good), second, row_group_size=3)
    found = []
    for path in (first, second):
        workplace.config(config(source(path)))
        workplace.out = str(workplace.folder / path.suffix)
        assert workplace.build() == 0
        columns = ("turns", "finish_reason", "labels", "teacher", "sample_index")
        found.append(table(workplace, "traces").select(columns).sort(pl.col("turns").hash(), "sample_index"))
    assert found[0].equals(found[1])


@pytest.mark.parametrize("suffix", ["jsonl", "parquet"])
def test_killed_imports_come_out_the_same(workplace: Workplace, suffix: str) -> None:
    rows, whole, command = imported(workplace, suffix)
    for phase in ("problems", "traces"):
        child = subprocess.Popen(command, stderr=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
        while child.poll() is None and not any(Path(workplace.out, "journal", phase).glob("*")):
            time.sleep(0.01)
        child.kill()
        assert child.wait() == -signal.SIGKILL, f"it ended before anything of the phase {phase} was kept"
    came_out_the_same(workplace, rows, whole, command)


@pytest.mark.soak
@pytest.mark.parametrize("suffix", ["jsonl", "parquet"])
def test_imports_killed_at_random_moments_come_out_the_same(workplace: Workplace, suffix: str) -> None:
    rows, whole, command = imported(workplace, suffix)
    moments = random.Random(5)
    for _ in range(8):
        child = subprocess.Popen(command, stderr=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
        time.sleep(moments.uniform(0.8, 5))
        child.kill()
        child.wait()
    came_out_the_same(workplace, rows, whole, command)


def imported(workplace: Workplace, suffix: str) -> tuple[int, dict[str, str], list[str]]:
    """How many rows there are, the shards of an import that nobody killed, and the command of another one, which goes
    to `workplace.out`."""
    rows = [row(number, RIGHT, WRONG) for number in range(300)] + [{"problem": None, "answer": "1"}] * 7
    path = workplace.folder / f"towns.{suffix}"
    if suffix == "jsonl":
        lines(path, rows)
    else:
        pq.write_table(pa.Table.from_pylist(rows), path, row_group_size=50)
    workplace.config(config(source(path)))
    whole = str(workplace.folder / "whole")
    assert workplace.build(out=whole) == 0
    config_file = str(workplace.folder / "config.yaml")
    command = [sys.executable, "-m", "tracemill", "build", config_file, "--out", workplace.out]
    return len(rows), workplace.shards(whole), command


def came_out_the_same(workplace: Workplace, rows: int, whole: dict[str, str], command: list[str]) -> None:
    subprocess.run(command, check=True, capture_output=True)
    assert workplace.shards() == whole
    assert table(workplace, "problems").height + table(workplace, "lines").height == rows


def test_judging_may_come_after_the_import(workplace: Workplace, capsys: pytest.CaptureFixture[str]) -> None:
    path = lines(workplace.folder / "towns.jsonl", PLANTED)
    workplace.config(config(source(path)))
    assert workplace.build() == 0
    beside = workplace.shards()
    later = str(workplace.folder / "later")
    assert workplace.build("judging.when=after", out=later, flags=("--until", "traces")) == 0
    store = Store(later)
    commit = store.latest()
    assert commit is not None and commit.tables["traces"].rows and not commit.tables["verdicts"].rows
    assert workplace.build(out=later) == 0
    assert workplace.shards(later) == beside
    capsys.readouterr()
    assert workplace.build("judging.when=after", "strategy={kind: majority, samples: 3}") == 2
    assert "judging.when is after" in capsys.readouterr().err


def test_files_that_are_added_add_rows(workplace: Workplace) -> None:
    folder = workplace.folder / "towns.parquet"
    folder.mkdir()
    pq.write_table(pa.Table.from_pylist([row(number, RIGHT) for number in range(3)]), folder / "a.parquet")
    workplace.config(config(source(folder)))
    assert workplace.build() == 0
    before = set(table(workplace, "traces")["id"])
    pq.write_table(pa.Table.from_pylist([row(number, RIGHT) for number in range(3, 5)]), folder / "b.parquet")
    assert workplace.build() == 0
    after = set(table(workplace, "traces")["id"])
    assert before < after and len(after) == 5


def test_talks_with_tools_are_kept_and_judged_and_stay_out_of_rows_without_tools(workplace: Workplace) -> None:
    call = {"id": "c1", "function": {"name": "add", "arguments": '{"a": 1, "b": 2}'}}
    talk = [
        {"role": "user", "content": "What is 1 plus 2?"},
        {"role": "assistant", "content": "", "tool_calls": [call]},
        {"role": "tool", "tool_call_id": "c1", "content": "3"},
        {"role": "assistant", "content": "\\boxed{3}"},
    ]
    asked = {"role": "user", "content": "What do you get when one is added to two apples?"}
    stray = [asked, {"role": "assistant", "content": "add(1, 2)"}, {"role": "tool", "content": "3"}, talk[-1]]
    tools = [{"type": "function", "function": {"name": "add", "parameters": {"type": "object"}}}]
    rows = [{"messages": one, "gold": "3", "tools": tools} for one in (talk, stray)]
    path = lines(workplace.folder / "talks.jsonl", rows)
    fields = {"prompt": "messages", "answer": "gold", "tools": "tools"}
    fields |= {"references": [{"text": "messages", "author": "m"}]}
    workplace.config(config(source(path, fields=fields), views=["sft", "tools"]))
    assert workplace.build() == 0
    roles = [[turn["role"] for turn in turns] for turns in table(workplace, "traces")["turns"]]
    assert roles == [["assistant", "tool", "assistant"]] * 2
    assert set(table(workplace, "verdicts")["outcome"]) == {"verified"}
    found = manifest(workplace)
    assert found["selection"]["sft"] == {"calls tools": 2}
    assert found["selection"]["tools"] == {"a result answers no call": 1} and found["view_totals"]["tools"] == 1


def test_rows_of_one_problem_are_kept_where_the_config_says_so(workplace: Workplace) -> None:
    rows = [{"q": "What is 1 plus 2?", "a": "3", "r": text} for text in ("\\boxed{3}", "\\boxed{4}", "So \\boxed{3}")]
    path = lines(workplace.folder / "rows.jsonl", rows)
    fields = {"prompt": "q", "answer": "a", "references": [{"text": "r", "author": "m"}]}
    workplace.config(config(source(path, fields=fields)))
    assert workplace.build(out=str(workplace.folder / "one")) == 0
    assert workplace.build("select.dedup.same_question=keep") == 0
    assert table(workplace, "traces").height == 3
    assert table(workplace, "screened").height == 0


def test_the_config_that_import_writes_builds_at_once(workplace: Workplace, monkeypatch, capsys) -> None:
    monkeypatch.chdir(workplace.folder)
    lines(workplace.folder / "towns.jsonl", PLANTED)
    assert main(["import", "towns.jsonl", "--licence", "MIT", "--show"]) == 0
    shown = capsys.readouterr()
    assert "shape      OpenR1-Math" in shown.out and "wrote configs/towns.yaml" in shown.err
    assert main(["build", "configs/towns.yaml", "--out", "out"]) == 0
    assert json.loads(Path("out/manifest.json").read_text())["label_agreement"]["math_verify"]
