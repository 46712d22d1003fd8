"""Every shape is recognised by its rows, and its mapping makes of them what they are."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from shaped_rows import CUT, QUESTION, SHAPED, THOUGHT, WRONG
from tracemill.asking.teachers.replay import play
from tracemill.records import Decision, Problem, Turn
from tracemill.records.labels import first_wrong
from tracemill.settings.plugins import config_model, load
from tracemill.sources.golds import read_golds
from tracemill.sources.shapes.recognising import fits, near_misses, shapes
from tracemill.sources.source import Context, WorkItem


def made(shape: str, folder: Path, kind: str = "jsonl") -> list[Problem | Decision]:
    """What the rows of a shape become, read from a file of that kind."""
    path = folder / f"rows.{kind}"
    if kind == "jsonl":
        path.write_text("".join(json.dumps(row) + "\n" for row in SHAPED[shape]))
    else:
        pq.write_table(pa.Table.from_pylist(SHAPED[shape]), path)
    fit = next(one for one in fits(SHAPED[shape]) if one.shape.name == shape)
    block: dict[str, Any] = fit.source(SHAPED[shape])
    licence = {} if "licence" in block["fields"] else {"licence": "MIT"}
    config = {"kind": kind, "path": str(path), "name": "toy", **licence, **block}
    source = load("source", kind)(config_model("source", kind).model_validate(config), Context(1, 0.0))
    source.check()
    items = [WorkItem(one.id, json.loads(json.dumps(one.payload))) for one in source.items({})]
    return [record for item in items for record in read_golds(source.produce(item))]


def problems(shape: str, folder: Path, kind: str = "jsonl") -> list[Problem]:
    found = made(shape, folder, kind)
    assert all(isinstance(one, Problem) for one in found), found
    return [one for one in found if isinstance(one, Problem)]


def test_there_are_rows_for_every_shape() -> None:
    assert {shape.name for shape in shapes()} == set(SHAPED)


@pytest.mark.parametrize("shape", SHAPED)
def test_rows_are_recognised_as_what_they_are(shape: str) -> None:
    best = fits(SHAPED[shape])[0]
    assert (best.shape.name, best.whole) == (shape, True)


@pytest.mark.parametrize("shape", SHAPED)
@pytest.mark.parametrize("kind", ["jsonl", "parquet"])
def test_rows_become_the_same_problems_from_lines_and_from_parquet(shape: str, kind: str, tmp_path: Path) -> None:
    found = problems(shape, tmp_path, kind)
    assert len(found) == len(SHAPED[shape])
    assert QUESTION in {one.prompt for one in found}
    if shape != "plain_problems":
        assert all(one.references for one in found)
    known = {one.answer for one in found if one.has_answer}
    assert known <= {"11", "13"}
    lines = problems(shape, tmp_path, "jsonl")
    assert [(one.prompt, one.answer, one.references, one.tools) for one in lines] == [
        (one.prompt, one.answer, one.references, one.tools) for one in found
    ]


def test_generations_become_references_with_their_labels(tmp_path: Path) -> None:
    first, second = problems("openr1_math", tmp_path)
    assert [one.text for one in first.references] == [THOUGHT, WRONG, CUT]
    assert {one.author for one in first.references} == {"DeepSeek-R1"}
    said = [{label.name: label.right for label in one.labels} for one in first.references]
    assert [one["math_verify"] for one in said] == [True, False, False]
    assert all("llama" not in one for one in said)
    assert [one.finish_reason for one in first.references] == ["stop", "stop", "length"]
    (only,) = second.references
    assert {label.name for label in only.labels} == {"math_verify", "llama"} and only.finish_reason is None


def test_what_is_thought_is_parted_from_what_is_said_whatever_the_shape(tmp_path: Path) -> None:
    for shape in ("openr1_math", "mixture_of_thoughts", "open_thoughts", "open_thoughts_metadata", "nemotron_messages"):
        turn = play(problems(shape, tmp_path)[0].references[0], marked=False).turn
        assert turn.reasoning and "boxed{11}" in turn.content and "think" not in turn.text, shape


def test_reasoning_on_and_off_are_kept(tmp_path: Path) -> None:
    on, off = problems("nemotron", tmp_path)
    assert [one.references[0].author for one in (on, off)] == ["marsh-70b", "marsh-8b"]
    assert [one.system for one in (on, off)] == ["detailed thinking on", "detailed thinking off"]
    assert [one.references[0].labels[0].value for one in (on, off)] == ["on", "off"]
    assert on.source.licence == "CC-BY-4.0" and not on.has_answer


def test_labelled_steps_are_spans_of_what_is_played_back(tmp_path: Path) -> None:
    (problem,) = problems("prm800k", tmp_path)
    played = play(problem.references[0], marked=False)
    (label,) = played.labels
    texts = [played.turn.text[step.start : step.end] for step in label.steps]
    assert texts == ["There are 7 herons.", "7 + 4 = 12.", "# Answer\n\n12"]
    assert [step.rating for step in label.steps] == [1, -1, None] and first_wrong(label) == 1
    first, second = problems("processbench", tmp_path)
    labels = [one.references[0].labels for one in (first, second)]
    assert [first_wrong(found[0]) for found in labels] == [1, -1]
    assert [found[1].right for found in labels] == [False, True]


@pytest.mark.parametrize("shape", ["openai_chat", "nemo_gym"])
def test_tools_that_are_called_are_turns_of_their_own(shape: str, tmp_path: Path) -> None:
    (problem,) = problems(shape, tmp_path)
    (reference,) = problem.references
    assert len(problem.tools) == 1
    called, gave = reference.before
    assert called.tool_calls[0].name == "add" and called.tool_calls[0].arguments == {"a": 7, "b": 4}
    assert gave == Turn("tool", "11", tool_call_id="c1")
    assert "boxed{11}" in reference.text
    if shape == "nemo_gym":
        assert called.reasoning == "Add them." and reference.author == "marsh-7b"


def test_rows_of_other_tasks_are_left_out_and_counted(tmp_path: Path) -> None:
    rows = [*SHAPED["synthetic_1"], SHAPED["synthetic_1"][0] | {"task_type": "llm_judgeable"}]
    with pytest.MonkeyPatch.context() as patched:
        patched.setitem(SHAPED, "synthetic_1", rows)
        *kept, left = made("synthetic_1", tmp_path)
    assert all(isinstance(one, Problem) for one in kept) and len(kept) == 2
    assert isinstance(left, Decision) and (left.reason, left.id) == ("left out", "toy:3")
    assert "task_type" in left.detail


def test_a_shape_that_lacks_one_thing_is_a_near_miss_that_says_what() -> None:
    rows = [{**row, "generations": "one text"} for row in SHAPED["openr1_math"]]
    found = fits(rows)
    near = {one.shape.name: one.missing for one in near_misses(found)}
    assert near["openr1_math"] == ("texts in 'generations' (it holds text)",)
    assert found[0].shape.name != "openr1_math"


def test_fields_that_no_row_has_are_left_out_of_the_mapping() -> None:
    rows = [{key: row[key] for key in ("problem", "answer", "generations")} for row in SHAPED["openr1_math"]]
    block = fits(rows)[0].source(rows)
    (reference,) = block["fields"]["references"]
    assert set(reference) == {"text", "author"}
