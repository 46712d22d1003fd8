"""`tracemill build software`: conversations with tools, judged, selected, written, loaded and rendered."""

from __future__ import annotations

import json
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from jinja2 import Environment
from tracemill.cli.command_line import main
from workplace import ROOT

SMALL = (
    "--set",
    "sources.0.per_task=4",
    "--set",
    "verify.audit=1",
    "--set",
    "split.bench=0",
    "--set",
    "verify.leakage=null",
)
HERMES = """{%- if tools %}<tools>{% for tool in tools %}{{ tool | tojson }}\n{% endfor %}</tools>\n{% endif %}
{%- for message in messages %}<|im_start|>{{ message.role }}\n{{ message.content }}
{%- for call in message.tool_calls or [] %}<tool_call>
{"name": "{{ call.function.name }}", "arguments": {{ call.function.arguments | tojson }}}\n</tool_call>
{%- endfor %}<|im_end|>\n{% endfor %}"""


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("software") / "out"
    assert main(["build", "software", "--out", str(out), *SMALL]) == 0
    return out


def rows(out: Path, table: str) -> list[dict]:
    return [row for path in sorted(out.glob(f"dataset/{table}/*.parquet")) for row in pq.read_table(path).to_pylist()]


def test_every_problem_gives_a_verified_conversation(built: Path) -> None:
    found = rows(built, "tools")
    assert len({row["problem_id"] for row in found}) == 4 and len(found) > 4
    for row in found:
        assert row["verifiers"] == ["code@2", "steps@4"] and row["strength"] == "tested"
        assert row["messages"][0]["role"] == "system" and row["messages"][-1]["role"] == "assistant"
        calls = [call["id"] for message in row["messages"] for call in message["tool_calls"] or []]
        answered = [message["tool_call_id"] for message in row["messages"] if message["role"] == "tool"]
        assert calls == answered and len(calls) == row["calls"] > 3
        assert "Answer: " in row["messages"][-1]["content"] and row["licence"] == "Apache-2.0"


def test_wrong_conversations_are_kept_with_their_reason(built: Path) -> None:
    decisions = [row for path in built.glob("parts/selection/*") for row in pq.read_table(path).to_pylist()]
    assert {row["reason"] for row in decisions if not row["kept"]} <= {"code refuted", "seeded flaw", "near duplicate"}
    verdicts = rows(built, "verdicts")
    measured = [
        json.loads(row["evidence"])["suite"]
        for row in verdicts
        if row["verifier"] == "code" and "suite" in row["evidence"]
    ]
    assert measured and all(0 < suite["killed"] <= suite["mutants"] for suite in measured)
    assert {row["isolation"][:8] for row in verdicts if row["isolation"]} == {"sandbox "}


def test_the_card_says_what_was_made(built: Path) -> None:
    card = (built / "dataset/README.md").read_text(encoding="utf-8")
    assert "code.repository.repair" in card and "tools" in card


def test_a_build_goes_on_where_it_was_and_does_nothing_again(built: Path) -> None:
    before = {path: path.read_bytes() for path in built.glob("dataset/tools/*.parquet")}
    assert main(["build", "software", "--out", str(built), *SMALL]) == 0
    assert {path: path.read_bytes() for path in built.glob("dataset/tools/*.parquet")} == before


def test_the_dataset_loads_and_renders_through_a_template_with_tools(built: Path, tmp_path: Path) -> None:
    datasets = pytest.importorskip("datasets")
    code: dict = {}
    page = (ROOT / "docs/training.md").read_text(encoding="utf-8")
    exec(page.split("## Conversations with tools")[1].split("```python\n")[1].split("```")[0], code)
    loaded = datasets.load_dataset(str(built / "dataset"), "tools", split="train", cache_dir=str(tmp_path))
    shown = code["as_objects"](loaded[0])
    template = Environment(trim_blocks=True, lstrip_blocks=True).from_string(HERMES)
    text = template.render(messages=shown["messages"], tools=shown["tools"])
    assert '"name": "run_tests"' in text and "<tool_call>" in text and "\nNone<" not in text and "\nNone\n" not in text
    assert '"arguments": {"new": "' in text or '"arguments": {"path": "' in text
    assert text.count("<|im_start|>tool") == loaded[0]["calls"] and "Answer: " in text
