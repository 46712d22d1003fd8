from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError
from tracemill.records import Decision, Problem, Reference
from tracemill.records.labels import correct
from tracemill.settings.errors import UsageError
from tracemill.sources.jsonl import JsonlConfig, JsonlSource
from tracemill.sources.lines import ITEM_SIZE, LINE_BYTES
from tracemill.sources.source import Context, WorkItem

GOOD = {
    "question": "What is 48/2?",
    "worked": "48/2 = <<48/2=24>>24\n#### 24",
    "tries": {"a": {"text": "A: 25", "ok": False}},
}


def config(path: Path | str, **changes: Any) -> JsonlConfig:
    fields = {
        "prompt": "question",
        "answer": "worked",
        "answer_pattern": r"####\s*(.+)",
        "references": [
            {"text": "worked", "author": "people"},
            {"text": "tries.a.text", "author": "m", "label": "tries.a.ok"},
        ],
    }
    base = {
        "kind": "jsonl",
        "name": "toy",
        "path": str(path),
        "licence": "MIT",
        "fields": fields | changes.pop("fields", {}),
        "domain": "math.arithmetic.words.toy",
        "check": {"kind": "numeric"},
    }
    return JsonlConfig.model_validate(base | changes)


def source(path: Path | str, **changes: Any) -> JsonlSource:
    return JsonlSource(config(path, **changes), Context(seed=1, bench_share=0.0))


def written(path: Path, *lines: object) -> Path:
    data = [line if isinstance(line, bytes) else json.dumps(line).encode() for line in lines]
    path.write_bytes(b"\n".join(data) + b"\n")
    return path


def made(one: JsonlSource) -> list[Problem | Decision]:
    return [record for item in one.items({}) for record in one.produce(json_round_trip(item))]


def json_round_trip(item: WorkItem) -> WorkItem:
    return WorkItem(item.id, json.loads(json.dumps(item.payload)))


def test_a_line_becomes_a_problem_with_its_references(tmp_path: Path) -> None:
    (problem,) = made(source(written(tmp_path / "toy.jsonl", GOOD), marks="gsm8k"))
    assert isinstance(problem, Problem)
    assert (problem.prompt, problem.answer, problem.check.kind) == ("What is 48/2?", "24", "numeric")
    assert problem.references == (Reference("people", GOOD["worked"]), Reference("m", "A: 25", (correct(False),)))
    assert (problem.source.name, problem.source.licence, problem.source.index) == ("toy", "MIT", 0)
    assert problem.source.revision.startswith("sha256:")
    assert problem.metadata == {"marks": "gsm8k"}
    assert (problem.domain, problem.split) == ("math.arithmetic.words.toy", "train")


def test_same_question_is_one_group_and_other_lines_are_other_problems(tmp_path: Path) -> None:
    again = GOOD | {"question": "what is  48/2?"}
    other = GOOD | {"question": "What is 48/3?"}
    first, second, third = made(source(written(tmp_path / "toy.jsonl", GOOD, again, other)))
    assert isinstance(first, Problem) and isinstance(second, Problem) and isinstance(third, Problem)
    assert first.group_id == second.group_id != third.group_id
    assert len({first.id, second.id, third.id}) == 3


BAD_LINES: tuple[tuple[object, str], ...] = (
    (b"{not json", "not JSON"),
    (b'{"question": NaN}', "not JSON"),
    (b"[" * 100_000, "not JSON"),
    (b'{"n": ' + b"9" * 5000 + b"}", "not JSON"),
    (b"[1, 2]", "not an object"),
    (b"\xff\xfe", "not UTF-8"),
    (GOOD | {"question": "\ud800"}, "lone surrogates"),
    (GOOD | {"question": "a\0b"}, "NUL character"),
    ({"worked": "#### 24"}, "missing field"),
    (GOOD | {"tries": {"a": {"text": "A: 25", "ok": "no"}}}, "not true or false"),
    (GOOD | {"tries": {"a": {"text": [{"said": "A: 25"}], "ok": True}}}, "not a reply"),
    (GOOD | {"question": ["What"]}, "not text"),
    (GOOD | {"question": "  "}, "not text"),
    (GOOD | {"worked": "24"}, "no final answer"),
    (GOOD | {"worked": "#### "}, "no final answer"),
    (b'{"question": "a", "question": "b", "worked": "#### 1"}', "duplicate key"),
    (b"{" + b"".join(b'"%d": 1, ' % k for k in range(60_000)) + b'"59999": 1}', "duplicate key"),
    (b'{"\\ud800": 1, "\\ud800": 2}', "duplicate key"),
    (GOOD | {"question": "x" * LINE_BYTES}, "too long"),
    (GOOD | {"question": "x" * 3 * LINE_BYTES}, "too long"),
)


def test_what_a_line_may_lack_is_left_out_and_the_line_is_kept(tmp_path: Path) -> None:
    tries = ({}, {"a": {"text": "A: 24"}}, {"a": {"text": None}}, {"a": {"text": " "}})
    lines = [GOOD | {"tries": one, "variant_of": 1} for one in tries]
    path = written(tmp_path / "toy.jsonl", *lines, {key: lines[0][key] for key in ("question", "worked")})
    records = made(source(path, fields={"group": "variant_of"}))
    assert all(isinstance(record, Problem) for record in records)
    people = Reference("people", GOOD["worked"])
    found = [record.references for record in records if isinstance(record, Problem)]
    assert found == [(people,), (people, Reference("m", "A: 24")), (people,), (people,), (people,)]


def test_a_source_without_one_good_line_in_its_first_hundred_is_refused_with_the_reasons(tmp_path: Path) -> None:
    words = [GOOD | {"worked": "#### many"}] * 60
    path = written(tmp_path / "toy.jsonl", *words, *[GOOD | {"worked": "24"}] * 39, b"", b"{not json")
    said = r"none of .* 100 lines .* 60 the answer does not fit check 'numeric' \(toy:1: .*39 no final answer \(toy:61"
    with pytest.raises(UsageError, match=said):
        source(path).check()
    source(written(path, *words, GOOD)).check()
    with pytest.raises(UsageError, match="has no lines"):
        source(written(tmp_path / "empty.jsonl", b"")).check()


def test_variants_that_share_a_field_are_one_group(tmp_path: Path) -> None:
    numbers = {"What is 48/2?": 7, "What is 50/2?": 7, "what is 48/2?": 8}
    rows = [GOOD | {"question": question, "variant_of": number} for question, number in numbers.items()]
    first, second, third = made(source(written(tmp_path / "toy.jsonl", *rows), fields={"group": "variant_of"}))
    assert first.group_id == second.group_id != third.group_id


def test_what_stands_before_every_problem_is_part_of_it(tmp_path: Path) -> None:
    path = written(tmp_path / "toy.jsonl", GOOD)
    (plain,), (told,) = made(source(path)), made(source(path, system="End with ####."))
    assert (plain.system, told.system) == ("", "End with ####.") and told.prompt == plain.prompt
    assert plain.id != told.id and plain.group_id == told.group_id


def test_a_bad_line_is_a_decision_and_the_others_are_kept(tmp_path: Path) -> None:
    lines = [line for bad, _ in BAD_LINES for line in (bad, GOOD)]
    records = made(source(written(tmp_path / "toy.jsonl", GOOD, *lines)))
    decisions = [record for record in records if isinstance(record, Decision)]
    assert [decision.reason for decision in decisions] == [reason for _, reason in BAD_LINES]
    assert [decision.id for decision in decisions] == [f"toy:{2 * k + 2}" for k in range(len(BAD_LINES))]
    assert {(decision.subject, decision.kept) for decision in decisions} == {("line", False)}
    problems = [record for record in records if isinstance(record, Problem)]
    assert [problem.source.index for problem in problems] == [0, *(2 * k + 2 for k in range(len(BAD_LINES)))]


SECRET = "hf_" + "Zx09" * 8


@pytest.mark.parametrize(
    "place",
    [
        {"question": f"What does {SECRET} open?"},
        {"worked": f"{SECRET}\n#### 24"},
        {"tries": {"a": {"text": [{"role": "assistant", "content": f"token: {SECRET}"}], "ok": True}}},
    ],
)
def test_a_line_with_a_token_in_what_is_published_is_rejected_and_it_is_not_repeated(tmp_path: Path, place) -> None:
    bad, good = made(source(written(tmp_path / "rows.jsonl", {**GOOD, **place}, GOOD)))
    assert isinstance(bad, Decision) and isinstance(good, Problem)
    assert bad.reason == "holds a secret" and "what looks like a token of Hugging Face" in bad.detail
    assert SECRET not in repr(bad)


def test_a_field_whose_name_is_a_token_is_not_repeated(tmp_path: Path) -> None:
    path = written(tmp_path / "rows.jsonl", {**GOOD, SECRET: 1, "meta": {SECRET: 2, "page": 1}})
    with pytest.raises(UsageError, match=r"there are: meta\.page, question") as raised:
        source(path, fields={"prompt": "asked"}).check()
    assert SECRET not in str(raised.value)
    twice = f'{{"question": "a", "worked": "#### 1", "{SECRET}": 1, "{SECRET}": 2}}'.encode()
    bad, _ = made(source(written(tmp_path / "twice.jsonl", twice, GOOD)))
    assert isinstance(bad, Decision) and bad.reason == "duplicate key" and SECRET not in bad.detail


def test_blank_lines_count_but_are_nothing(tmp_path: Path) -> None:
    (tmp_path / "toy.jsonl").write_text(f"\n{json.dumps(GOOD)}\r\n\n")
    (problem,) = made(source(tmp_path / "toy.jsonl"))
    assert isinstance(problem, Problem)
    assert problem.source.index == 1


def test_a_byte_order_mark_before_the_first_line_is_passed_over(tmp_path: Path) -> None:
    path = written(tmp_path / "toy.jsonl", b"\xef\xbb\xbf" + json.dumps(GOOD).encode(), GOOD)
    first, second = made(source(path))
    assert isinstance(first, Problem) and isinstance(second, Problem)
    assert first.prompt == second.prompt


def test_a_number_keeps_all_its_digits(tmp_path: Path) -> None:
    lines = [f'{{"question": "q{k}", "n": {text}}}'.encode() for k, text in enumerate(DIGITS)]
    fields = {"answer": "n", "answer_pattern": None, "references": []}
    records = made(source(written(tmp_path / "toy.jsonl", *lines), fields=fields))
    assert [record.answer for record in records if isinstance(record, Problem)] == list(DIGITS)


def test_a_path_leads_into_objects_and_lists(tmp_path: Path) -> None:
    chat = {"messages": [{"role": "user", "content": "2+3?"}, {"role": "assistant", "content": "5"}]}
    short = {"messages": [{"role": "user", "content": "2+3?"}]}
    odd = {"messages": {"1": {"content": "5"}, "0": "2+3?"}}
    fields = {"prompt": "messages.0.content", "answer": "messages.1.content", "answer_pattern": None, "references": []}
    one = source(written(tmp_path / "toy.jsonl", chat, short, odd), fields=fields)
    one.check()
    problem, *rest = made(one)
    assert isinstance(problem, Problem)
    assert (problem.prompt, problem.answer) == ("2+3?", "5")
    assert [record.reason for record in rest if isinstance(record, Decision)] == ["missing field"] * 2
    with pytest.raises(UsageError, match=r"did you mean 'messages\.0\.content'"):
        source(tmp_path / "toy.jsonl", fields=fields | {"prompt": "messages.0.text"}).check()


DIGITS = ("12345678901234567890.5", "0.10", "98765432109876543210")


def test_an_item_ends_early_where_its_lines_are_long(tmp_path: Path) -> None:
    long = GOOD | {"question": "x" * (LINE_BYTES // 2)}
    one = source(written(tmp_path / "toy.jsonl", *[long] * 20))
    sizes = [len(item.payload["lines"]) for item in one.items({})]
    assert sum(sizes) == 20
    assert max(sizes) <= 8
    assert [item.id for item in one.items({"toy": 19})] == ["toy:20-20"]


def test_case_72_lines_without_a_licence_are_excluded(tmp_path: Path) -> None:
    lines = [GOOD | {"licence": value} for value in ("mit", "", "NOASSERTION", None, "see <a>")] + [GOOD]
    one = source(written(tmp_path / "toy.jsonl", *lines), licence=None, fields={"licence": "licence"})
    first, *rest = made(one)
    assert isinstance(first, Problem) and first.source.licence == "MIT"
    reasons = [record.reason for record in rest if isinstance(record, Decision)]
    assert reasons == [*["no licence"] * 3, "the licence is no SPDX expression", "no licence"]
    for wrong in (
        {"licence": None},
        {"licence": "unknown"},
        {"licence": "MIT License"},
        {"licence": "MIT", "fields": {"licence": "licence"}},
    ):
        with pytest.raises(ValidationError, match="licence"):
            config("x", **wrong)


def test_work_resumes_behind_what_is_done_and_ends_at_the_limit(tmp_path: Path) -> None:
    path = written(tmp_path / "toy.jsonl", *[GOOD] * (ITEM_SIZE + 30))
    one = source(path, limit=ITEM_SIZE + 20)
    assert one.parts()["toy"].count == ITEM_SIZE + 20
    assert one.upper_bound() == {"math.arithmetic.words.toy": ITEM_SIZE + 20}
    assert [len(item.payload["lines"]) for item in one.items({})] == [ITEM_SIZE, 20]
    (item,) = one.items({"toy": ITEM_SIZE + 5})
    assert [number for number, _, _ in item.payload["lines"]] == list(range(ITEM_SIZE + 6, ITEM_SIZE + 21))


def test_identity_is_mapping_and_content_and_not_place_or_number(tmp_path: Path) -> None:
    path = written(tmp_path / "toy.jsonl", GOOD, GOOD)
    moved = written(tmp_path / "moved.jsonl", GOOD, GOOD)
    changed = written(tmp_path / "changed.jsonl", GOOD, GOOD | {"question": "?"})
    identity = source(path).parts()["toy"].identity
    assert identity == source(moved, limit=1).parts()["toy"].identity
    assert identity != source(changed).parts()["toy"].identity
    assert identity != source(path, fields={"prompt": "worked"}).parts()["toy"].identity
    assert identity != source(path, licence="Apache-2.0").parts()["toy"].identity
    json.dumps(identity)


def test_a_revision_is_a_label_that_hides_no_change(tmp_path: Path) -> None:
    path = written(tmp_path / "toy.jsonl", GOOD)
    changed = written(tmp_path / "changed.jsonl", GOOD | {"worked": "it makes #### 9"})
    one, other = source(path, revision="v1"), source(changed, revision="v1")
    assert one.parts()["toy"].identity["revision"] == "v1"
    assert one.parts() != other.parts()
    [problem], [another] = ([*each.produce(next(each.items({})))] for each in (one, other))
    assert problem.source.revision == another.source.revision == "v1"
    assert problem.id != another.id


def test_a_file_that_changes_while_it_is_read_is_refused(tmp_path: Path) -> None:
    path = written(tmp_path / "toy.jsonl", *[GOOD] * (2 * ITEM_SIZE))
    one = source(path)
    items = one.items({})
    assert next(items).id == f"toy:1-{ITEM_SIZE}"
    written(path, *[GOOD] * (2 * ITEM_SIZE + 1))
    with pytest.raises(UsageError, match=r"toy\.jsonl' changed while it was read"):
        next(items)


def test_a_file_that_is_not_there_is_named_with_its_neighbours(tmp_path: Path) -> None:
    written(tmp_path / "near.jsonl", GOOD)
    for method in ("check", "parts"):
        with pytest.raises(UsageError, match=r"source 'toy': cannot read .*absent\.jsonl.* there are: near\.jsonl"):
            getattr(source(tmp_path / "absent.jsonl"), method)()
    with pytest.raises(UsageError, match=r"cannot read .* there is no folder '.*nowhere'; the working directory is"):
        source(tmp_path / "nowhere" / "absent.jsonl").check()


def test_a_field_that_no_line_has_is_named_with_those_there_are(tmp_path: Path) -> None:
    path = written(tmp_path / "toy.jsonl", b"broken", GOOD)
    source(path).check()
    with pytest.raises(UsageError, match=r"no field 'qestion' .* question, tries\.a\.ok, .*did you mean 'question'"):
        source(path, fields={"prompt": "qestion"}).check()
    with pytest.raises(UsageError, match=r"no field 'question'.*there are: q"):
        source(written(tmp_path / "other.jsonl", {"q": "?"})).check()


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"name": "../x"}, "name"),
        ({"domain": "math"}, "domain"),
        ({"check": {"kind": "numerical"}}, "numeric"),
        ({"check": {"kind": "choice", "spec": {"choices": [date(2020, 1, 1)]}}}, "a date within quotes"),
        ({"check": {"kind": "numeric", "spec": {"tolerance": float("nan")}}}, "write it as JSON"),
        (
            {"check": {"kind": "numeric", "spec": {"tolerence": 1}}},
            "no parameter 'tolerence'; it has: tolerance, percent",
        ),
        ({"check": {"kind": "numeric", "spec": {"tolerance": "little"}}}, "little"),
        ({"check": {"kind": "choice", "spec": {"choices": ["A", "B"]}}}, "an object of key and wording"),
        ({"check": {"kind": "structured", "spec": {"fields": {"x": "number"}}}}, "'numeric' or 'exact'"),
        ({"check": {"kind": "plan", "spec": {"simulator": "hanoi"}}}, "the check cannot be used"),
        ({"marks": "latex"}, "gsm8k"),
        ({"limit": 0}, "limit"),
        ({"fields": {"answer_pattern": "("}}, "no regular expression"),
        ({"colour": "red"}, "colour"),
    ],
)
def test_a_config_that_makes_no_sense_is_refused(changes: dict[str, Any], message: str) -> None:
    with pytest.raises(ValidationError, match=message):
        config("x", **changes)


@pytest.mark.parametrize(
    ("kind", "spec"),
    [
        ("exact", {"literal": True}),
        ("choice", {"choices": {"A": "one", "B": "two"}}),
        ("structured", {"fields": {"x": "numeric", "y": "exact"}}),
        ("symbolic", {}),
        ("numeric", {"tolerance": 0.01, "percent": True}),
    ],
)
def test_a_check_with_what_its_kind_needs_is_taken(kind: str, spec: dict[str, Any]) -> None:
    assert config("x", check={"kind": kind, "spec": spec}).check.spec == spec
