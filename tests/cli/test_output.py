"""Text of others does nothing to a terminal: escapes never pass through what the commands print."""

from __future__ import annotations

import ast
import json
import logging

import pytest
from tracemill.cli.command_line import main
from tracemill.cli.output import complain, logging_to_standard_error, show, show_json
from workplace import ROOT, Workplace

ESCAPE = "\x1b]52;c;cm0gLXJm\x07\x1b[2J"
CLI = ROOT / "pipeline/tracemill/cli"


def test_nothing_else_in_the_command_line_prints():
    for path in sorted(CLI.rglob("*.py")):
        calls = [node for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.Call)]
        printing = [call for call in calls if isinstance(call.func, ast.Name) and call.func.id == "print"]
        assert not printing or path.name == "output.py", path


def test_what_is_shown_and_complained_of_is_encoded(capsys):
    show(f"a{ESCAPE}")
    complain(f"b{ESCAPE}")
    with logging_to_standard_error(quiet=False, verbose=False):
        logging.getLogger("tracemill.store.sealed").warning("c%s", ESCAPE)
    shown = capsys.readouterr()
    assert "\x1b" not in shown.out + shown.err and "\x07" not in shown.out + shown.err
    assert [line[:12] for line in shown.err.splitlines()] == ["tracemill: b", "tracemill: c"]


def test_json_is_ascii_and_has_no_escapes(capsys):
    show_json({"text": f"{ESCAPE}\x9b×"})
    text = capsys.readouterr().out
    assert text.isascii() and "\x1b" not in text and json.loads(text) == {"text": f"{ESCAPE}\x9b×"}


@pytest.fixture
def hostile(workplace: Workplace) -> Workplace:
    """A finished build of a line whose every text holds escapes."""
    solution = f"2 + 3 = <<2+3=5>>5{ESCAPE}\n#### 5"
    line = {"question": f"What is 2 + 3?{ESCAPE}", "answer": solution, "licence": "MIT"}
    path = workplace.folder / "lines.jsonl"
    path.write_text(json.dumps(line) + "\n")
    workplace.config(
        {
            "name": "hostile",
            "seed": 1,
            "executor": {"kind": "local"},
            "sources": [
                {
                    "kind": "jsonl",
                    "name": "lines",
                    "path": str(path),
                    "domain": "math.arithmetic.word_problem.mine",
                    "fields": {
                        "prompt": "question",
                        "answer": "answer",
                        "answer_pattern": r"####\s*(\d+)",
                        "licence": "licence",
                        "references": [{"text": "answer", "author": f"me{ESCAPE}"}],
                    },
                    "check": {"kind": "numeric"},
                    "marks": "gsm8k",
                }
            ],
            "teacher": {"kind": "replay"},
            "strategy": {"kind": "single"},
            "split": {"bench": 0},
            "verify": {"audit": 1, "leakage": None},
            "views": ["sft"],
        }
    )
    return workplace


def test_no_escape_comes_out_of_build_inspect_and_errors(hostile, capsys):
    assert hostile.build() == 0
    for prefix in "0123456789abcdef":
        main(["inspect", hostile.out, prefix])
    main(["status", f"nowhere{ESCAPE}"])
    shown = capsys.readouterr()
    assert "What is 2 + 3?" in shown.out and r"\x1b]52;c;cm0gLXJm\x07" in shown.out
    assert r"nowhere\x1b" in shown.err
    assert not {"\x1b", "\x07"} & set(shown.out + shown.err)
