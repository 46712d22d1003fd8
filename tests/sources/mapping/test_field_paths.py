from __future__ import annotations

from typing import Any

import pytest
from tracemill.sources.lines import BadLineError
from tracemill.sources.mapping.field_paths import has, paths_of, text_at, value_at

ROW: dict[str, Any] = {
    "a": {"b": [{"c": 1}, {"c": 2}]},
    "d.e": "dotted",
    "json": '{"x": {"y": "1.50"}, "n": 1.50}',
    "python": "{'x': 'it''s'}",
    "text": "[no list",
    "null": None,
    "flag": True,
    "number": 7,
    "float": 0.5,
    "blank": "  ",
}


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("a.b.1.c", 2),
        ("a.b.*.c", [1, 2]),
        ("d.e", "dotted"),
        ("json.x.y", "1.50"),
        ("json.n", "1.50"),
        ("python.x", "its"),
        ("null", None),
    ],
)
def test_a_path_leads_to_its_value(path: str, value: Any) -> None:
    assert value_at(ROW, path) == value


@pytest.mark.parametrize("path", ["x", "a.b.7.c", "a.b.c", "text.x", "number.x", "flag.*", "null.x", "a.*.b", "json.z"])
def test_a_path_that_leads_nowhere_is_named(path: str) -> None:
    assert not has(ROW, path)
    with pytest.raises(BadLineError) as raised:
        value_at(ROW, path)
    assert raised.value.reason == "missing field" and raised.value.detail.startswith(path)


def test_a_text_that_calls_something_is_not_run() -> None:
    with pytest.raises(BadLineError):
        value_at({"a": "{'x': __import__('os').getpid()}"}, "a.x")


def test_numbers_are_texts_and_truths_are_none() -> None:
    assert (text_at(ROW, "number"), text_at(ROW, "float")) == ("7", "0.5")
    for path in ("flag", "blank", "null", "a"):
        with pytest.raises(BadLineError, match="not text"):
            text_at(ROW, path)


def test_paths_name_every_value_and_the_first_of_a_list() -> None:
    assert [path for path in paths_of(ROW) if path.startswith("a")] == ["a.b.0.c"]
