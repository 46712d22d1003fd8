"""Cases with known outcomes for claims about a repository: right ones, near misses, and what an author could try."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from tracemill.claims.canary import claim_canary
from tracemill.claims.claim_checker import Canary
from tracemill.claims.repository.checker import result_hash
from tracemill.records import Claim, Outcome, ToolCall, premise
from tracemill.software.repository_tools import call_tool
from tracemill.software.working_copy import WorkingCopy
from tracemill.tasks.task import Line

_FILES = {
    "till/__init__.py": "",
    "till/change.py": "def change(paid, price):\n    rest = paid + price\n    return rest\n",
    "tests/test_change.py": "from till.change import change\n\n\ndef test_change():\n    assert change(5, 3) == 2\n",
}
_PREMISE = Claim("repository", {"commits": [{"message": "Begin", "files": _FILES}]})
_HERE = (premise(0),)
_RUN: tuple[str, dict[str, Any]] = ("run_tests", {})
_MEND: tuple[str, dict[str, Any]] = (
    "edit_file",
    {"path": "till/change.py", "old": "paid + price", "new": "paid - price"},
)


def _result(*calls: tuple[str, dict[str, Any]], forged: str | None = None) -> Line:
    """The last of these calls, as a step: with what it really gives after those before it, or with a forged text."""
    copy = WorkingCopy(_FILES)
    texts = [call_tool(copy, ToolCall("", name, arguments)) for name, arguments in calls]
    name, arguments = calls[-1]
    text = texts[-1] if forged is None else forged
    return Line(
        text, Claim("repository", {"call": {"name": name, "arguments": arguments}, "result": result_hash(text)}), _HERE
    )


def _says(payload: dict[str, Any], *uses: int) -> Line:
    return Line("So it is.", Claim("repository", payload), uses or _HERE)


def _gives(value: str, expression: str = "change(5, 3)") -> Line:
    return _says({"module": "till.change", "expression": expression, "value": value})


def _line(number: int, name: str, value: str) -> Line:
    payload = {"module": "till.change", "expression": "change(5, 3)", "function": "change"}
    return _says({**payload, "line": number, "name": name, "value": value})


def canaries() -> Iterator[Canary]:
    for attack, expected, lines in _cases():
        yield claim_canary(attack, expected, [_PREMISE], lines)


def _cases() -> Iterator[tuple[str, Outcome, list[Line]]]:
    failing, mended = _result(_RUN), _result(_MEND)
    read = ("read_file", {"path": "till/change.py"})
    yield "gold: what tools give", "verified", [_result(read), failing, mended, _result(_MEND, _RUN)]
    yield "near miss: a line of a file", "refuted", [_result(read, forged=_result(_MEND, read).text)]
    yield "forged: tests that pass", "refuted", [_result(_RUN, forged="1 passed")]
    yield "forged: tests that pass after an edit elsewhere", "refuted", [failing, _result(_RUN, forged="1 passed")]
    yield "forged: an edit that cannot be made", "refuted", [_result(_MEND), _result(_MEND, forged=mended.text)]
    yield "gold: what a result shows", "verified", [failing, _says({"shows": ["1 failed"], "lacks": ["passed"]}, 0)]
    yield "near miss: what a result shows", "refuted", [failing, _says({"shows": ["1 passed"]}, 0)]
    yield "near miss: what a result lacks", "refuted", [failing, _says({"lacks": ["1 failed"]}, 0)]
    yield "near miss: a result of before the edit", "refuted", [failing, mended, _says({"shows": ["1 passed"]}, 0)]
    yield "tampering: no result is used", "unknown", [failing, _says({"shows": ["1 failed"]})]
    yield "gold: what an expression gives", "verified", [_gives("8"), mended, _gives("2")]
    yield "near miss: what an expression gives", "refuted", [_gives("2")]
    yield "near miss: what it gave before the edit", "refuted", [mended, _gives("8")]
    yield (
        "gold: what is raised",
        "verified",
        [_says({"module": "till.change", "expression": "change(5, None)", "raises": "TypeError"})],
    )
    yield (
        "near miss: nothing is raised",
        "refuted",
        [_says({"module": "till.change", "expression": "change(5, 3)", "raises": "TypeError"})],
    )
    yield "gold: what a line computes", "verified", [_line(2, "rest", "8"), _line(3, "return", "8")]
    yield "near miss: what a line computes", "refuted", [_line(2, "rest", "2")]
    yield "near miss: another line", "refuted", [_line(3, "rest", "8")]
    yield "tampering: a line that does not do so, and no value", "unknown", [_line(3, "rest", "")]
    yield (
        "tampering: a call that is none",
        "unknown",
        [
            Line("?", Claim("repository", {"call": "run_tests", "result": ""}), _HERE),
        ],
    )
    yield "tampering: a value that is an object", "unknown", [_gives("<object>", "object()")]
    yield "hang: an expression that never ends", "unknown", [_gives("0", "sum(iter(int, 1))")]
    yield "tampering: the process ends", "unknown", [_gives("8", "__import__('os')._exit(0)")]
