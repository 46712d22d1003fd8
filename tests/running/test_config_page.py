"""`docs/config.md` names every key of the config models, and no other."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import get_args

import pytest
from pydantic import BaseModel
from tracemill.curriculum.curriculum_config import Curriculum
from tracemill.running.build_config import BuildConfig
from tracemill.settings.plugins import installed, load
from workplace import ROOT

TEXT = (ROOT / "docs" / "config.md").read_text(encoding="utf-8")
PARTS = re.split(r"^##+ ", TEXT, flags=re.MULTILINE)
INSIDE = ("fields.references", "decontaminate.benchmarks", "prompt.examples")
"""Lists of small blocks, described in one line."""


def keys(model: type[BaseModel], prefix: str = "") -> Iterator[str]:
    for name, field in model.model_fields.items():
        path = prefix + name
        inner = next((one for one in (field.annotation, *get_args(field.annotation)) if is_model(one)), None)
        if path.endswith(INSIDE):
            yield path
        elif inner is not None and not prefix.startswith("stages"):
            if get_args(field.annotation):
                yield path
            several = get_args(field.annotation) and type(None) not in get_args(field.annotation)
            yield from keys(inner, f"{path}.*." if several else f"{path}.")
        else:
            yield path


def is_model(kind: object) -> bool:
    return isinstance(kind, type) and issubclass(kind, BaseModel)


def part(title: str) -> list[list[str]]:
    """The cells of a section's table, without its head."""
    text = next(one for one in PARTS if one.startswith(title))
    rows = [[cell.strip().strip("`") for cell in line.strip("| ").split("|")] for line in text.splitlines()]
    return [row for row in rows if len(row) > 1 and not set(row[0]) <= {"-"}][1:]


def test_the_keys_of_a_build_are_all_there() -> None:
    expected = {key for key in keys(BuildConfig) if not key.startswith("select.")} | {"select"}
    assert {row[0] for row in part("A build")} == expected
    selected = {key.removeprefix("select.") for key in keys(BuildConfig) if key.startswith("select.")}
    assert {row[0] for row in part("`select`")} == selected


@pytest.mark.parametrize(
    ("thing", "title", "column"),
    [
        ("executor", "`executor`", 0),
        ("source", "`sources`", 0),
        ("teacher", "`teacher`", 1),
        ("strategy", "`teacher`", 1),
        ("verifier", "`verify`", 0),
        ("view", "`views`", 0),
    ],
)
def test_the_keys_of_each_kind_are_all_there(thing: str, title: str, column: int) -> None:
    rows = [row[column:] for row in part(title) if column == 0 or row[0] == thing]
    described = {kind for row in rows for kind in kinds_of(row)}
    for kind in installed(thing):
        expected = set(keys(load(thing, kind).Config)) - {"kind"}
        assert {row[1] for row in rows if kind in kinds_of(row)} - {""} == expected
    assert described == set(installed(thing))


def kinds_of(row: list[str]) -> list[str]:
    """One line may be about several kinds: "`openai`, `vllm`"."""
    return [kind.strip(" `") for kind in row[0].split(",")]


def test_the_keys_of_a_curriculum_are_all_there() -> None:
    assert {row[0] for row in part("A curriculum")} == set(keys(Curriculum))
