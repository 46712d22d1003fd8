"""Every view's schema holds a realistic row through Parquet, and the documented columns are the real ones."""

from __future__ import annotations

import importlib
import pkgutil
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from tracemill import views
from tracemill.records import canonical_json, schema
from tracemill.settings.plugins import installed, load
from tracemill.views import columns, rlvr, tools
from tracemill.views.view import encode

SCHEMAS = {
    info.name: module.SCHEMA
    for info in pkgutil.iter_modules(views.__path__)
    if hasattr(module := importlib.import_module(f"tracemill.views.{info.name}"), "SCHEMA")
}
"""Of the views, also of those that are not installable yet."""

PAGE = Path(__file__).parents[2] / "docs" / "schema.md"

COMMON = {
    "problem_id": "a" * 20,
    "trace_ids": ["a" * 20 + "-" + "b" * 12],
    "domain": "math.algebra.linear_system.market",
    "skill": "skills",
    "stage": "warm_up",
    "difficulty": 0.25,
    "verifiers": ["answer@1", "steps@1"],
    "strength": "proof",
    "coverage": 1.0,
    "tokens": 2**40,
    "licence": "Apache-2.0 AND MIT",
}
QUESTION = {
    "role": "user",
    "content": "Two apples and a pear cost 8 coins, an apple and a pear 5. What does an apple cost?",
}
REPLY = {"role": "assistant", "content": "<think>\nSubtract: an apple costs 8 − 5 = 3.\n</think>\n\n\\boxed{3}"}
FLAW = {"flaw_kind": "sign_lost", "flaw_explanation": "The minus sign is lost when the bracket is opened."}
NO_FLAW = {"flaw_kind": None, "flaw_explanation": None}
WRONG = {"label_source": "refuted", "reason": "8 − 5 is 3, not 13"}

EXAMPLES = {
    "sft": {"messages": [{"role": "system", "content": "Be exact."}, QUESTION, REPLY]},
    "process": {
        "prompt": QUESTION["content"],
        "completions": ["Subtract the second from the first.", "So an apple costs 13.", "An apple costs 13 coins."],
        "labels": [True, False],
        "first_wrong": 1,
        **WRONG,
        **FLAW,
        "values": [0.75, 0.0],
        "rollouts": 8,
        "answer_correct": False,
    },
    "preference": {
        "prompt": [QUESTION],
        "chosen": [REPLY],
        "rejected": [{"role": "assistant", "content": "\\boxed{13}"}],
        "criterion": "verified_over_refuted",
        "chosen_trace_id": "t1",
        "rejected_trace_id": "t2",
        "chosen_tokens": 31,
        "rejected_tokens": None,
        "rejected_first_wrong": None,
        "reason": "13 is not 3",
        **NO_FLAW,
    },
    "critique": {
        "messages": [QUESTION, REPLY],
        "problem": QUESTION["content"],
        "steps": ["Subtract.", "So 13."],
        "first_wrong": 1,
        **WRONG,
        **FLAW,
        "critique": "The second step subtracts wrongly.",
        "repair": "8 − 5 = 3.",
    },
    "budget": {
        "messages": [QUESTION, REPLY],
        "thinking": True,
        "control": "[Easy]",
        "effort": "low",
        "effort_rank": 0,
        "efforts": 3,
        "budget_tokens": 512,
        "pass_rate": 0.875,
        "sufficient": True,
    },
    "tools": {
        "messages": [
            {**QUESTION, "tool_calls": None, "tool_call_id": None, "name": None},
            {
                "role": "assistant",
                "content": None,
                "tool_calls": [
                    {"id": "c0", "type": "function", "function": {"name": "run", "arguments": '{"code":"print(8-5)"}'}}
                ],
                "tool_call_id": None,
                "name": None,
            },
            {"role": "tool", "content": "3", "tool_calls": None, "tool_call_id": "c0", "name": "run"},
        ],
        "tools": canonical_json([{"type": "function", "function": {"name": "run", "parameters": {"type": "object"}}}]),
        "calls": 1,
    },
    "rlvr": {
        "data_source": "tracemill/math.algebra.linear_system",
        "prompt": [QUESTION],
        "ability": "math",
        "reward_model": {
            "style": "rule",
            "ground_truth": canonical_json({"answer": "3", "check": {"kind": "numeric", "spec": {"tolerance": "0"}}}),
        },
        "extra_info": {
            "split": "train",
            "index": 2**40,
            "problem_id": "a" * 20,
            "group_id": "g",
            "domain": "math.algebra.linear_system.market",
            "stage": "warm_up",
            "difficulty": None,
        },
        "tools": None,
        "pass_rate": None,
        "pass_rate_samples": None,
    },
    "bench": {
        "id": "t1",
        "generator": "symbolic",
        "problem": QUESTION["content"],
        "steps": ["Subtract.", "So 3."],
        "final_answer_correct": True,
        "label": -1,
        "label_source": "entailed",
        "reason": None,
        **NO_FLAW,
        "answer": "3",
        "check_kind": "numeric",
        "check_spec": '{"tolerance":"0"}',
    },
}


def example(view: str) -> dict:
    return {**EXAMPLES[view], **COMMON}


def sparse(view: str) -> dict:
    """The example with null wherever the schema allows it."""
    row = example(view)
    return {f.name: None if f.nullable else row[f.name] for f in SCHEMAS[view]}


def test_an_installed_view_has_the_schema_of_its_file_and_the_others_have_no_row() -> None:
    assert installed("view").keys() == {"sft", "process", "rlvr", "budget", "tools"}
    for name, found in SCHEMAS.items():
        module = importlib.import_module(f"tracemill.views.{name}")
        assert hasattr(module, "VIEW") == (name in installed("view"))
        if name in installed("view"):
            assert load("view", name).schema is found
        else:
            assert "Not installable yet" in " ".join(module.__doc__.split())


def test_there_is_an_example_of_each_of_the_eight_views() -> None:
    assert set(EXAMPLES) == set(SCHEMAS)
    assert len(EXAMPLES) == 8


@pytest.mark.parametrize("view", sorted(EXAMPLES))
def test_a_row_comes_back_from_parquet_as_it_went_in(view: str, tmp_path: Path) -> None:
    rows = [example(view), sparse(view)]
    batch = encode(view, SCHEMAS[view], rows)
    assert batch.schema.equals(SCHEMAS[view])
    pq.write_table(pa.Table.from_batches([batch]), tmp_path / "a.parquet")
    assert pq.read_table(tmp_path / "a.parquet").to_pylist() == rows


@pytest.mark.parametrize("view", sorted(EXAMPLES))
def test_a_row_comes_back_through_datasets(view: str, tmp_path: Path) -> None:
    from datasets import load_dataset

    rows = [example(view), sparse(view)]
    pq.write_table(pa.Table.from_batches([encode(view, SCHEMAS[view], rows)]), tmp_path / "a.parquet")
    data = load_dataset("parquet", data_files=str(tmp_path / "a.parquet"), split="train", cache_dir=str(tmp_path / "c"))
    assert data.to_list() == rows


def test_a_row_that_lacks_a_column_is_refused() -> None:
    row = example("sft")
    del row["licence"]
    with pytest.raises(ValueError, match="licence"):
        encode("sft", SCHEMAS["sft"], [row])


def test_a_row_with_a_column_too_many_is_refused() -> None:
    with pytest.raises(ValueError, match="answer"):
        encode("sft", SCHEMAS["sft"], [{**example("sft"), "answer": "3"}])


@pytest.mark.parametrize(
    ("view", "change"),
    [
        ("sft", {"licence": None}),
        ("sft", {"messages": [{"role": "user"}]}),
        ("rlvr", {"reward_model": {"style": "rule"}}),
        ("rlvr", {"data_source": None}),
    ],
)
def test_a_null_where_the_schema_wants_a_value_is_refused(view: str, change: dict) -> None:
    with pytest.raises(ValueError, match="null"):
        encode(view, SCHEMAS[view], [{**example(view), **change}])


def test_a_lone_surrogate_is_refused() -> None:
    row = {**example("process"), "prompt": "\ud800"}
    with pytest.raises(ValueError, match="surrogate"):
        encode("process", SCHEMAS["process"], [row])


def test_every_view_ends_with_the_common_columns() -> None:
    for view, schema_ in SCHEMAS.items():
        assert list(schema_)[-len(columns.COMMON) :] == columns.COMMON, view
        assert len(set(schema_.names)) == len(schema_.names)


def test_trl_can_tell_each_view_s_format_from_any_one_column() -> None:
    """TRL picks one of these columns at random to see whether rows are conversations, and refuses other mixtures."""
    telling = {"prompt", "completion", "chosen", "rejected", "messages", "text"}
    for view, schema_ in SCHEMAS.items():
        found = telling & set(schema_.names)
        assert found in ({"messages"}, {"prompt"}, {"prompt", "chosen", "rejected"}, set()), view
        assert len({schema_.field(name).type for name in found}) <= 1, view


# The page.

SHARED = {
    "claim": schema.CLAIM,
    "check": schema.CHECK,
    "reference": schema.REFERENCE,
    "label": schema.LABEL,
    "labelled_step": schema.LABELLED_STEP,
    "source": schema.SOURCE,
    "tool_call": schema.TOOL_CALL,
    "turn": schema.TURN,
    "step": schema.STEP,
    "flaw": schema.FLAW,
    "step_verdict": schema.STEP_VERDICT,
    "message": columns.MESSAGE,
    "function": tools.FUNCTION,
    "function_call": tools.FUNCTION_CALL,
    "tool_message": tools.TOOL_MESSAGE,
    "reward_model": rlvr.REWARD_MODEL,
    "extra_info": rlvr.EXTRA_INFO,
}


def type_name(kind: pa.DataType) -> str:
    if pa.types.is_list(kind):
        return f"list<{type_name(kind.value_type)}>"
    if pa.types.is_struct(kind):
        return next(name for name, struct in SHARED.items() if struct == kind)
    return str(kind)


Documented = tuple[str, str, str, str]
"""Of a column: name, type, when it is null, meaning."""
RECORDS = {
    *schema.SCHEMAS,
    "claim",
    "check",
    "reference",
    "label",
    "labelled_step",
    "source",
    "tool_call",
    "turn",
    "step",
    "flaw",
    "step_verdict",
}
"""Sections whose last two texts stand on the page alone."""


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"version": ""}, "its version is empty"),
        ({"split": "test"}, "its split is 'test', and not train or bench"),
        ({"schema": pa.schema([columns.need("x", pa.string())])}, "its schema lacks problem_id, .*view_schema"),
        ({"schema": columns.view_schema([columns.need("domain", pa.string())])}, "its schema has a column twice"),
    ],
)
def test_a_view_that_cannot_be_is_refused_where_it_is_made(change: dict[str, Any], said: str) -> None:
    with pytest.raises(ValueError, match=said):
        replace(load("view", "sft"), **change)


def documented() -> dict[str, list[Documented]]:
    """Section to its columns as the page has them."""
    sections: dict[str, list[Documented]] = {}
    for part in re.split(r"^### ", PAGE.read_text(encoding="utf-8"), flags=re.MULTILINE)[1:]:
        title = part.split("\n", 1)[0].strip().strip("`")
        sections[title] = re.findall(r"^\| `([^`]+)` \| `([^`]+)` \| ([^|]+) \| ([^|]+) \|$", part, flags=re.MULTILINE)
    return sections


def columns_of(fields: pa.Schema | pa.StructType | list[pa.Field]) -> list[Documented]:
    return [(field.name, type_name(field.type), *columns.said_of(field)) for field in fields]


def expected() -> dict[str, list[Documented]]:
    own = {view: pa.schema(list(schema_)[: -len(columns.COMMON)]) for view, schema_ in SCHEMAS.items()}
    tables = {**schema.SCHEMAS, **own, "common columns": columns.COMMON, **SHARED}
    return {name: columns_of(fields) for name, fields in tables.items()}


def test_the_page_documents_every_table_view_and_struct() -> None:
    assert set(documented()) == set(expected())


@pytest.mark.parametrize("name", sorted(expected()))
def test_the_page_documents_the_columns_that_there_are(name: str) -> None:
    on_page, there = documented()[name], expected()[name]
    if name in RECORDS:
        on_page = [(column, kind, null if null == "never" else "", "") for column, kind, null, _ in on_page]
    assert on_page == there


def test_the_page_states_the_version() -> None:
    versions = re.findall(r"version (\d+)", PAGE.read_text(encoding="utf-8"))
    assert versions[0] == str(schema.SCHEMA_VERSION)
