"""`tracemill import`: what it says of rows, and the config that it writes."""

from __future__ import annotations

import json
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import yaml
from tracemill.cli.command_line import main

GENERATED = [
    {"problem": f"What is {k} plus {k}?", "answer": str(2 * k), "generations": [f"\\boxed{{{2 * k}}}", "\\boxed{7}"]}
    for k in range(30)
]


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def write(name: str, rows: list[dict]) -> None:
    path = Path(name)
    path.parent.mkdir(parents=True, exist_ok=True)
    if path.suffix == ".parquet":
        pq.write_table(pa.Table.from_pylist(rows), path)
    else:
        path.write_text("".join(json.dumps(row) + "\n" for row in rows))


@pytest.mark.parametrize("name", ["rows.jsonl", "data/rows.parquet"])
def test_it_says_the_shape_and_what_becomes_of_every_column(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    labelled = [{**row, "correctness_math_verify": [True, False], "uuid": "x"} for row in GENERATED]
    write(name, [*labelled[:10], {**labelled[10], "answer": "proof"}])
    assert main(["import", name if name.endswith("jsonl") else "data", "--show", "-o", "c.yaml"]) == 0
    said = capsys.readouterr().out
    assert "shape      OpenR1-Math (openr1_math)" in said
    assert "columns    problem (text): problem" in said and "generations (texts): solutions" in said
    assert "correctness_math_verify (flags): label math_verify" in said and "uuid (text): not read" in said
    assert "rows       11: 10 problems with 20 solutions, 1 rejected" in said
    assert "rejected   1 the answer is a proof" in said and "labels     10 math_verify: right" in said
    assert "row 1  What is 0 plus 0?" in said and "label  math_verify: wrong" in said


def test_the_config_has_comments_and_is_valid_as_it_is(capsys: pytest.CaptureFixture[str]) -> None:
    write("data/My Rows (2).jsonl", GENERATED)
    assert main(["import", "data/My Rows (2).jsonl", "--licence", "CC-BY-4.0"]) == 0
    text = Path("configs/my_rows_2.yaml").read_text()
    assert text.startswith("# Written by `tracemill import") and "# How an answer is judged" in text
    data = yaml.safe_load(text)
    assert data["name"] == "my_rows_2" and data["sources"][0]["licence"] == "CC-BY-4.0"
    assert set(data["sources"][0]["answers"].values()) == {"reject"}
    assert main(["validate", "configs/my_rows_2.yaml"]) == 0
    assert main(["import", "data/My Rows (2).jsonl"]) == 2
    assert "exists" in capsys.readouterr().err


def test_rows_of_no_shape_are_told_with_what_is_nearest(capsys: pytest.CaptureFixture[str]) -> None:
    write("odd.jsonl", [{"id": "x", "steps": ["One."], "label": 0, "final_answer_correct": True}] * 3)
    assert main(["import", "odd.jsonl"]) == 2
    said = capsys.readouterr().err
    assert "no shape that is known; fields: final_answer_correct, id, label, steps" in said
    assert "nearest: processbench (ProcessBench) but for text in 'problem' (there is no such field)" in said
    assert not Path("configs").exists()


def test_a_shape_may_be_named(capsys: pytest.CaptureFixture[str]) -> None:
    write("rows.jsonl", GENERATED)
    assert main(["import", "rows.jsonl", "--shape", "plain_problems", "-o", "c.yaml"]) == 0
    assert "references" not in yaml.safe_load(Path("c.yaml").read_text())["sources"][0]["fields"]
    assert main(["import", "rows.jsonl", "--shape", "gsm9k"]) == 2
    assert "no shape 'gsm9k'" in capsys.readouterr().err
    assert main(["import", "rows.jsonl", "--shape", "prm800k"]) == 2
    assert "not of the shape 'prm800k'" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("none.jsonl", None, "cannot read 'none.jsonl'"),
        ("empty.jsonl", b"", "it is empty"),
        ("bad.jsonl", b"{no\n", "not JSON"),
        ("cut.parquet", b"PAR1 and no more", "as Parquet"),
        ("cut.jsonl.gz", b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\x03\xab\x56", "looks like gzip and cannot be read"),
        ("s3://bucket/rows.jsonl", None, "is no Parquet file"),
    ],
)
def test_what_cannot_be_read_is_said(name: str, content: bytes | None, said: str, capsys) -> None:
    if content is not None:
        Path(name).write_bytes(content)
    assert main(["import", name]) == 2
    assert said in capsys.readouterr().err


def test_a_program_may_read_it(capsys: pytest.CaptureFixture[str]) -> None:
    write("rows.jsonl", GENERATED)
    assert main(["import", "rows.jsonl", "--rows", "3", "--json", "-o", "c.yaml"]) == 0
    said = json.loads(capsys.readouterr().out)
    assert said["shape"] == "openr1_math" and len(said["problems"]) == 3 and said["source"]["kind"] == "jsonl"


def test_what_shows_of_data_is_text(capsys: pytest.CaptureFixture[str]) -> None:
    write("rows.jsonl", [{**GENERATED[0], "problem": "\x1b]0;owned\x07 What?", "\x1b[2J": 1}])
    assert main(["import", "rows.jsonl", "--show", "-o", "c.yaml"]) == 0
    assert "\x1b" not in capsys.readouterr().out


def test_a_log_of_conversations_with_tools_becomes_rows_of_tools(capsys: pytest.CaptureFixture[str]) -> None:
    call = {"id": "c1", "type": "function", "function": {"name": "add", "arguments": '{"a": 1, "b": 2}'}}
    talk = [
        {"role": "user", "content": "What is 1 plus 2?"},
        {"role": "assistant", "content": None, "tool_calls": [call]},
        {"role": "tool", "tool_call_id": "c1", "content": "3"},
        {"role": "assistant", "content": "\\boxed{3}"},
    ]
    tools = [{"type": "function", "function": {"name": "add", "parameters": {"type": "object"}}}]
    write("log.jsonl", [{"messages": talk, "tools": tools, "answer": "3"}])
    assert main(["import", "log.jsonl", "--licence", "MIT"]) == 0
    assert yaml.safe_load(Path("configs/log.yaml").read_text())["views"] == ["sft", "rlvr", "tools"]
    assert main(["build", "configs/log.yaml", "--set", "verify.audit=1"]) == 0
    found = json.loads(Path("builds/log/manifest.json").read_text())
    assert found["view_totals"]["tools"] == 1 and found["view_totals"]["sft"] == 0


def test_columns_that_python_has_no_value_for_are_shown_and_end_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    rows = pa.table(
        {
            "problem": ["What is 1 plus 2?"],
            "answer": ["3"],
            "generations": [["\\boxed{3}"]],
            "at": pa.array([1_700_000_000_123_456_789], pa.timestamp("ns")),
            "took": pa.array([1_234_567], pa.duration("ns")),
            "far": pa.array([10**18], pa.timestamp("us")),
            "picture": [b"\x89PNG"],
        }
    )
    pq.write_table(rows, "odd.parquet")
    assert main(["import", "odd.parquet", "--licence", "MIT", "--show"]) == 0
    assert "rows       1: 1 problems with 1 solutions" in capsys.readouterr().out
