"""Mutants as edits of one line, and repairs as text."""

from __future__ import annotations

import ast

import pytest
from tracemill.software.line_changes import LineChange, line_change, repair_text, with_repair
from tracemill.software.program_mutants import mutants_of

SOURCE = '''def total(prices, free=("a", "b")):
    """The sum."""
    found = 0  # cents
    for name, price in prices:
        if name in free and price > 0:
            continue
        found += (price + 1) * 2
    return found
'''


def test_all_but_the_changed_line_stays_as_it_was_written():
    changes = [(mutant, change) for mutant in mutants_of(SOURCE) if (change := line_change(SOURCE, mutant))]
    assert len(changes) > 10
    for mutant, change in changes:
        lines = SOURCE.split("\n")
        lines[change.number - 1] = change.line
        assert ast.dump(ast.parse("\n".join(lines))) == ast.dump(ast.parse(mutant.text))
    found = {change for _, change in changes}
    assert LineChange(3, "    found = 1  # cents") in found
    assert LineChange(7, "        found += (price - 1) * 2") in found
    assert LineChange(7, "        found -= (price + 1) * 2") in found
    assert LineChange(5, "        if name in free or price > 0:") in found


def test_a_change_of_several_lines_is_none():
    source = "def f(a, b):\n    return (a +\n            b)\n"
    changes = [line_change(source, mutant) for mutant in mutants_of(source)]
    assert changes and not any(changes)


def test_a_repair_is_a_line_and_where_it_stands():
    text = repair_text("till/change.py", LineChange(2, "    rest = 1: 2"))
    assert text == "till/change.py:2:     rest = 1: 2"
    assert with_repair({"till/change.py": "a\nb\nc"}, text) == {"till/change.py": "a\n    rest = 1: 2\nc"}


@pytest.mark.parametrize("text", ["", "till/change.py", "till/change.py:9: x", "gone.py:1: x", "till/change.py:0: x"])
def test_what_is_no_repair_is_refused(text):
    with pytest.raises(ValueError, match="is no line of a file of the repository"):
        with_repair({"till/change.py": "a\nb\nc"}, text)
