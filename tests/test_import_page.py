"""docs/import.md names every shape that is known, every kind of answer, and commands that are understood."""

from __future__ import annotations

import re
import shlex
from typing import get_args

import pytest
from tracemill.cli.command_line import parser
from tracemill.sources.shapes.recognising import shapes
from tracemill.sources.triage import AnswerKind
from workplace import ROOT

PAGE = (ROOT / "docs" / "import.md").read_text(encoding="utf-8")
COMMANDS = re.findall(r"^tracemill (.+)$", PAGE, re.MULTILINE)


@pytest.mark.parametrize("command", COMMANDS)
def test_commands_are_understood(command: str) -> None:
    parser().parse_args(shlex.split(command, comments=True))


def test_every_shape_is_named_by_a_field_that_its_rows_need() -> None:
    named = set(re.findall(r"`(\w+)`", PAGE.split("## Shapes that are known")[1].split("\n## ")[0]))
    for shape in shapes():
        own = {path.partition(".")[0] for path in shape.needs if path not in shape.one_of}
        assert own & named or shape.one_of, shape.name
        assert set(shape.source) <= {"domain", "system", "fields", "check", "marks", "answers"}


def test_every_kind_of_answer_stands_in_the_table() -> None:
    assert set(get_args(AnswerKind)) <= set(re.findall(r"^\| `(\w+)` \|", PAGE, re.MULTILINE))
