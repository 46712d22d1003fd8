from __future__ import annotations

from typing import Any

import pytest
from tracemill.records import Label, LabelledStep, Reference
from tracemill.records.labels import correct, first_wrong, step_at
from tracemill.sources.lines import BadLineError
from tracemill.sources.mapping.mapping_config import ReferenceFields
from tracemill.sources.mapping.references import references_of


def read(row: dict[str, Any], **fields: Any) -> list[Reference]:
    block = {"text": "said", "author": "a model"} | fields
    return list(references_of(row, [ReferenceFields.model_validate(block)], "question"))


def test_each_of_a_list_is_a_solution_with_what_stands_at_its_place() -> None:
    row = {
        "said": ["one", "two", None, ""],
        "by": ["x", None, "y", "z"],
        "ok": [True, False, None, True],
        "end": "stop",
    }
    found = read(row, author_field="by", label="ok", finish_reason="end")
    assert [one.text for one in found] == ["one", "two", "", ""]
    assert [one.author for one in found] == ["x", "a model", "y", "z"]
    assert found[0].labels == (correct(True), Label("finish_reason", "stop"))
    assert found[2].labels == (Label("finish_reason", "stop"),)
    assert {one.finish_reason for one in found} == {"stop"}


def test_a_star_goes_through_a_list_of_objects() -> None:
    row = {"tries": [{"said": "a", "score": 0.5}, {"said": "b", "score": "1"}]}
    labels = [{"name": "score", "field": "tries.*.score", "right_from": 0.75}]
    first, second = read(row, text="tries.*.said", labels=labels)
    assert (first.labels, second.labels) == ((Label("score", "0.5", False),), (Label("score", "1", True),))


@pytest.mark.parametrize(
    ("label", "value", "right"),
    [
        ({}, True, True),
        ({}, False, False),
        ({}, "yes", None),
        ({}, 1, None),
        ({"right": ["yes", 1]}, "yes", True),
        ({"right": ["yes", 1]}, "1.0", True),
        ({"right": ["yes", 1]}, True, False),
        ({"right": [True]}, 1, False),
        ({"right": ["no"]}, "yes", False),
        ({"right_from": 0}, -1, False),
    ],
)
def test_what_a_label_says_is_what_the_config_says_it_says(
    label: dict[str, Any], value: Any, right: bool | None
) -> None:
    (found,) = read({"said": "x", "l": value}, labels=[{"name": "l", "field": "l"} | label])
    assert found.labels[0].right is right


def test_steps_are_one_text_and_labels_are_spans_of_it() -> None:
    row = {"steps": ["First.", "", "Second, wrong.", "Third."], "wrong": 2, "rated": [1, 0, -0.5]}
    labels = [
        {"name": "w", "field": "wrong", "steps": "first_wrong"},
        {"name": "r", "field": "rated", "steps": "ratings"},
    ]
    (found,) = read(row, text=None, steps="steps", labels=labels)
    wrong, rated = found.labels
    assert [found.text[step.start : step.end] for step in wrong.steps] == row["steps"]
    assert [step.rating for step in wrong.steps] == [1, 1, -1, None]
    assert [step.rating for step in rated.steps] == [1, 0, -1, None]
    assert first_wrong(wrong) == first_wrong(rated) == 2


def test_the_first_wrong_step_is_known_only_where_all_are_labelled() -> None:
    def label(*ratings: int | None) -> Label:
        return Label("l", "", steps=tuple(LabelledStep(2 * k, 2 * k + 1, one) for k, one in enumerate(ratings)))

    assert [first_wrong(label(*some)) for some in ((1, 0, 1), (1, None), (1, -1, None), ())] == [-1, None, 1, None]
    assert [step_at(label(1, 1), place) for place in (0, 1, 2, 3)] == [0, 1, 1, None]


@pytest.mark.parametrize(
    ("row", "fields", "reason"),
    [
        ({"said": ["a", "b"], "ok": [True]}, {"label": "ok"}, "lists of different lengths"),
        ({"said": "a", "ok": "yes"}, {"label": "ok"}, "not true or false"),
        ({"said": "a", "n": "many"}, {"labels": [{"name": "n", "field": "n", "right_from": 1}]}, "not a number"),
        ({"said": "a", "n": "nan"}, {"labels": [{"name": "n", "field": "n", "right_from": 1}]}, "not a number"),
        ({"steps": "a"}, {"text": None, "steps": "steps"}, "not steps"),
        (
            {"steps": ["a"], "w": 1},
            {"text": None, "steps": "steps", "labels": [{"name": "w", "field": "w", "steps": "first_wrong"}]},
            "no such step",
        ),
        (
            {"steps": ["a"], "w": [1, 1]},
            {"text": None, "steps": "steps", "labels": [{"name": "w", "field": "w", "steps": "ratings"}]},
            "ratings do not fit the steps",
        ),
    ],
)
def test_what_does_not_fit_is_named(row: dict[str, Any], fields: dict[str, Any], reason: str) -> None:
    with pytest.raises(BadLineError) as raised:
        read(row, **fields)
    assert raised.value.reason == reason


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"text": None}, "needs text"),
        ({"steps": "s"}, "needs text"),
        ({"author": None}, "needs an author"),
        ({"labels": [{"name": "l", "field": "l", "steps": "ratings"}]}, "labels of steps"),
        ({"label": "l", "labels": [{"name": "correct", "field": "m"}]}, "two labels"),
        ({"labels": [{"name": "l", "field": "l", "right": [1], "right_from": 1}]}, "keep one"),
    ],
)
def test_a_block_that_makes_no_sense_is_refused(fields: dict[str, Any], said: str) -> None:
    with pytest.raises(ValueError, match=said):
        ReferenceFields.model_validate({"text": "said", "author": "x"} | fields)
