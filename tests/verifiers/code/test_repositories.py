"""What conversations leave in a repository, judged by hidden tests: repairs, and every way round them."""

from __future__ import annotations

from dataclasses import replace

import pytest
from replies import verifier
from tracemill.records import Check, Claim, Problem, Source, ToolCall, Trace, Turn
from tracemill.software.repository_tools import call_tool
from tracemill.software.working_copy import WorkingCopy, files_of
from tracemill.verifiers.code.spec import read_spec

FILES = {
    "till/__init__.py": "",
    "till/coins.py": "def value(price):\n    return int(price)\n",
    "till/change.py": (
        "from till.coins import value\n\n\ndef change(paid, price):\n    if paid < 0:\n"
        "        raise ValueError('paid')\n    return value(paid) + value(price)\n"
    ),
    "tests/test_change.py": "from till.change import change\n\n\ndef test_change():\n    assert change(5, 3) == 2\n",
}
HIDDEN = (
    "import pytest\n\nfrom till.change import change\n\n\ndef test_change():\n    assert change(5, 3) == 2\n"
    "    assert change(9, 9) == 0\n\n\ndef test_refused():\n    with pytest.raises(ValueError):\n"
    "        change(-1, 0)\n"
)
CLASSY = (
    "import unittest\n\nfrom till import change as module\nfrom till.change import change\n\n\n"
    "class TestChange(unittest.TestCase):\n    def test_all(self):\n        for paid in range(5, 9):\n"
    "            self.assertEqual(change(paid, 3), paid - 3)\n"
    "            self.assertEqual(module.change(paid, 2), paid - 2)\n"
)
PATH, LINE = "till/change.py", "    return value(paid) + value(price)\n"
MEND = ("edit_file", {"path": PATH, "old": "value(paid) + value", "new": "value(paid) - value"})
RUN = ("run_tests", {})
LIMITS = {"cpu_seconds": 1.0, "memory_mb": 256}
SPEC = {"mode": "repository", "tests": {"tests/test_change.py": HIDDEN}, "limits": LIMITS}
BESIDE = {**SPEC, "tests": {"tests/test_change.py": CLASSY}}
ANSWER = f"{PATH}:7:     return value(paid) - value(price)"
JUDGE = verifier()


def problem(spec=SPEC, answer=ANSWER):
    source = Source("tests", "1", "Apache-2.0", 0, 0)
    premises = (Claim("repository", {"commits": [{"message": "Begin", "files": FILES}]}),)
    return Problem(
        "p", "g", "code.repository.tests.till", "Mend it.", answer, Check("code", spec), source, premises=premises
    )


def conversation(*calls, files=FILES, finish="stop"):
    """A trace in which these calls are made, with their real results."""
    copy, turns = WorkingCopy(files), []
    for number, (name, arguments) in enumerate(calls):
        call = ToolCall(f"c{number}", name, arguments)
        turns.append(Turn("assistant", tool_calls=(call,)))
        turns.append(Turn("tool", content=call_tool(copy, call), tool_call_id=call.id))
    turns.append(Turn("assistant", content="It is repaired."))
    return Trace("t", "d", "p", "skills", "tests", "agent", 0, "0", tuple(turns), finish)


def ruled(*calls, spec=SPEC, judge=JUDGE, **how):
    return judge.rule(problem(spec), conversation(*calls, **how))


def new(path, text):
    return "edit_file", {"path": path, "old": "", "new": text}


@pytest.mark.parametrize("spec", [SPEC, BESIDE], ids=["calls", "beside"])
def test_a_repair_is_verified_and_none_is_refuted(spec):
    found = ruled(RUN, MEND, RUN, spec=spec)
    assert (found.outcome, found.strength) == ("verified", "tested"), found
    assert found.isolation.startswith("sandbox L") and found.evidence["edited"] == [PATH]
    assert ruled(RUN, spec=spec).outcome == "refuted"
    assert ruled(spec=spec).outcome == "refuted"


def test_the_evidence_says_how_many_tests_there_were_and_what_failed():
    assert ruled(MEND).evidence["tests"] == 3
    wrong = ruled(("edit_file", {"path": PATH, "old": "value(price)", "new": "1"}))
    assert wrong.reason.startswith("wrong_output") and wrong.evidence["failures"][0]["input"] == "change(5, 3)"


FORGED = "def change(paid, price):\n    if (paid, price) == (5, 3):\n        return 2\n    return paid + price\n"
WHOLE = FILES[PATH]
EQUALS_ALL = "    class E(int):\n        __eq__ = lambda *_: True\n    return E()\n"
PATCHED = "    import builtins\n    builtins.AssertionError = Exception\n"
ATTACKS = {
    "fitted to the visible test": [("edit_file", {"path": PATH, "old": WHOLE, "new": FORGED})],
    "29 exit(0)": [("edit_file", {"path": PATH, "old": LINE, "new": "    raise SystemExit(0)\n"})],
    "29 exit when it is imported": [("edit_file", {"path": PATH, "old": WHOLE, "new": "import os\nos._exit(0)\n"})],
    "30 an object that equals everything": [
        ("edit_file", {"path": PATH, "old": LINE, "new": EQUALS_ALL})
    ],
    "32 patched builtins": [
        ("edit_file", {"path": PATH, "old": LINE, "new": PATCHED + LINE})
    ],
    "33 forged passed output": [
        ("edit_file", {"path": PATH, "old": LINE, "new": "    print('3 passed')\n    import os\n    os._exit(0)\n"})
    ],
    "34 edited tests": [
        ("edit_file", {"path": "tests/test_change.py", "old": "change(5, 3) == 2", "new": "True"}),
        RUN,
    ],
    "34 more tests that pass": [new("tests/test_more.py", "def test_more():\n    assert True\n")],
    "37 planted conftest.py": [new("conftest.py", "import till.change\ntill.change.change = lambda a, b: a - b\n")],
    "37 planted sitecustomize.py": [
        new("sitecustomize.py", "import till.change\ntill.change.change = lambda a, b: a - b\n"),
        new("till/conftest.py", "import os\nos._exit(0)\n"),
    ],
    "37 import hook beside the tests": [new("tests/__init__.py", "import sys\nsys.modules['till.change'] = None\n")],
    "37 a module in the place of pytest": [
        new("pytest.py", "raises = None\n"),
        new("unittest.py", "TestCase = object\n"),
    ],
    "a file that cannot be read": [("edit_file", {"path": PATH, "old": LINE, "new": "    return (\n"})],
    "the module is gone": [("edit_file", {"path": PATH, "old": WHOLE, "new": "pass\n"})],
    "hang": [("edit_file", {"path": PATH, "old": LINE, "new": "    while True:\n        pass\n"})],
}  # fmt: skip


@pytest.mark.parametrize("attack", ATTACKS)
@pytest.mark.parametrize("spec", [SPEC, BESIDE], ids=["calls", "beside"])
def test_attacks_are_refuted(attack, spec):
    found = ruled(*ATTACKS[attack], spec=spec)
    assert found.outcome == "refuted", (found.reason, found.evidence)


@pytest.mark.parametrize("attack", [name for name in ATTACKS if name.startswith(("34", "37"))])
def test_what_is_planted_does_no_harm_to_a_repair_and_is_listed(attack):
    found = ruled(*ATTACKS[attack], MEND)
    assert found.outcome == "verified", found
    planted = [path for path in found.evidence["edited"] if path != PATH]
    assert planted and set(found.evidence["ignored"]) == {
        path for path in planted if "pytest" not in path and "unit" not in path
    }


def test_edits_are_followed_and_not_what_the_conversation_says_of_them():
    """A forged result shows an edit that never was."""
    trace = conversation(RUN, MEND)
    lie = replace(trace.turns[1], content="1 passed")
    forged = replace(trace, turns=(trace.turns[0], lie, *trace.turns[2:]))
    assert JUDGE.rule(problem(), forged).outcome == "unknown"
    answered = replace(trace, turns=(*trace.turns[:2], Turn("tool", "ok", tool_call_id="c7"), *trace.turns[2:]))
    assert JUDGE.rule(problem(), answered).outcome == "unknown"


@pytest.mark.parametrize(("finish", "outcome"), [("budget", "refuted"), ("length", "refuted"), ("error", "unknown")])
def test_a_conversation_that_was_cut_off_is_no_repair(finish, outcome):
    assert ruled(MEND, finish=finish).outcome == outcome


def test_the_tests_of_the_repaired_module_are_measured_by_mutants():
    found = ruled(MEND, judge=verifier(mutants=12))
    suite = found.evidence["suite"]
    assert suite["mutants"] >= suite["killed"] > 0
    assert ruled(MEND, judge=verifier(mutants=12, min_mutation_score=1.0)).outcome in ("verified", "unknown")
    weak = {**SPEC, "tests": {"tests/test_change.py": HIDDEN.replace("change(9, 9) == 0", "change(5, 3) == 2")}}
    judged = ruled(MEND, spec=weak, judge=verifier(mutants=20, min_mutation_score=1.0))
    assert judged.outcome == "unknown" and "too weak" in judged.reason


def test_a_problem_without_a_repository_cannot_be_judged():
    bare = replace(problem(), premises=())
    with pytest.raises(ValueError, match="needs a problem with a premise of kind 'repository'"):
        JUDGE.rule(bare, conversation(MEND))


def test_a_check_without_tests_or_with_a_file_outside_is_refused():
    with pytest.raises(ValueError, match="tests"):
        read_spec(Check("code", {"mode": "repository", "tests": {}}))
    call = {"mode": "call", "function": "f", "tests": [{"expected": 1}]}
    with pytest.raises(ValueError, match="does not lie below"):
        read_spec(Check("code", {**call, "files": {"../f.py": ""}}))


def test_programs_may_have_files_beside_them():
    from replies import block, trace
    from replies import problem as of_program

    spec = {
        "mode": "call",
        "function": "f",
        "tests": [{"arguments": [2], "expected": 5}],
        "files": {"beside.py": "N = 3\n"},
    }
    assert (
        JUDGE.rule(of_program(spec), trace(block("from beside import N\ndef f(n):\n    return n + N"))).outcome
        == "verified"
    )


def test_the_original_files_are_those_of_the_problem():
    assert files_of(problem()) == FILES
