"""Faults in small repositories: packages, catalogue, problems, and the conversations that repair them."""

from __future__ import annotations

import ast
from collections import Counter
from functools import cache
from random import Random

import pytest
from tracemill.records import Problem
from tracemill.settings.failures import made
from tracemill.software.evaluating import CodeQuestion, answered
from tracemill.software.git_objects import head_of
from tracemill.software.line_changes import with_repair
from tracemill.software.repository_tools import TOOLS
from tracemill.software.visible_tests import run_visible_tests
from tracemill.software.working_copy import files_of
from tracemill.tasks.available import available
from tracemill.tasks.kit.narrated_task import without_retracted
from tracemill.tasks.repair.cataloguing import catalogue, faults_in
from tracemill.tasks.repair.oracle import RepairOracle
from tracemill.tasks.repair.sample_packages import sample_package, themes
from tracemill.tasks.task import DETAILS, as_trace
from tracemill.verifiers.cases import draw, stated_answer
from tracemill.verifiers.code.spec import read_spec
from tracemill.verifiers.verifier import judged, make_verifier

TASK = made("task", "code.repository.repair")
ORACLE = RepairOracle()
MISTAKES = [one.name for one in TASK.misconceptions]
STEPS, CODE = make_verifier("steps", {}), make_verifier("code", {})


@cache
def problem(index: int) -> Problem:
    drawn = draw(TASK, index, 1, "tests")
    assert drawn is not None
    return drawn[0]


@cache
def flawed():
    """(problem, mistake, solution) of each mistake that can be made in some problems."""
    found = []
    for index in range(8):
        for mistake in MISTAKES:
            solution = TASK.err(problem(index), [mistake], Random(index), DETAILS[index % 3])
            if solution is not None:
                found.append((problem(index), mistake, solution))
    return found


def outcomes(one, solution):
    trace = as_trace(one, solution, "tests")
    return judged(STEPS, one, trace), judged(CODE, one, trace)


@pytest.mark.parametrize("theme", themes())
def test_a_packages_own_cases_hold(theme):
    package = sample_package(theme)
    cases = [(module.name, case) for module in package.modules for case in module.cases]
    questions = [CodeQuestion("value_of", (f"{package.name}.{name}", case.call)) for name, case in cases]
    found = answered(package.files(), questions).found
    gave = [f"raises {one[1]}" if one[0] == "raised" else one[1] for one in found]
    assert [(case.call, came) for (_, case), came in zip(cases, gave, strict=True)] == [
        (case.call, case.shown) for _, case in cases
    ]
    for module in package.modules:
        functions = {node.name for node in ast.parse(module.source).body if isinstance(node, ast.FunctionDef)}
        counts = Counter(case.function for case in module.cases)
        assert set(counts) == functions and min(counts.values()) >= 3, module.name
        assert all(len(line) <= 120 for line in module.source.split("\n"))


@pytest.mark.parametrize("theme", ["timesheet", "trams"])
def test_the_catalogue_is_what_its_maker_finds(theme):
    """Of one module of these packages: the whole takes a minute."""
    package = sample_package(theme)
    sizes = Counter(fault.module for fault in catalogue() if fault.theme == theme)
    module = package.module(min(sizes, key=lambda name: (sizes[name], name)))
    kept = [fault for fault in catalogue() if (fault.theme, fault.module) == (theme, module.name)]
    assert list(faults_in(package, module)) == kept


def test_there_are_hundreds_of_faults_of_many_kinds_and_places():
    faults = catalogue()
    assert len(faults) >= 500 and len({fault.id for fault in faults}) == len(faults)
    assert {fault.kind for fault in faults} == {"operator", "comparison", "off_by_one", "arguments", "condition"}
    assert len({(fault.theme, fault.module, fault.function) for fault in faults}) >= 60
    assert TASK.capacity((0.0, 1.0)) >= 360


def test_a_problem_shows_its_report_and_neither_line_nor_tests_nor_answer():
    for index in range(12):
        one = problem(index)
        path, number, line = one.answer.split(":", 2)
        assert line.strip() not in one.prompt and path not in one.prompt and "test_" not in one.prompt
        assert one.metadata["instance"]["report"]["call"] in one.prompt
        assert one.tools == TOOLS and "Answer: path:line:" in one.system
        assert int(number) == one.metadata["instance"]["number"]
        assert "hidden" not in one.prompt and read_spec(one.check).tests


def test_some_tests_of_the_repository_see_the_fault_and_hidden_ones_see_more():
    for index in range(12):
        one = problem(index)
        files = files_of(one)
        report = run_visible_tests(files)
        assert "failed" in report.rpartition("\n")[2]
        mended = with_repair(files, one.answer)
        assert run_visible_tests(mended).endswith(" passed") and "failed" not in run_visible_tests(mended)
        visible = "".join(text for path, text in files.items() if path.startswith("tests/"))
        hidden = "".join(one.check.spec["tests"].values())
        call = one.metadata["instance"]["report"]["call"]
        assert call in hidden and call not in visible
        assert head_of(one.premises[0].payload["commits"]) == one.metadata["instance"]["commit"]


def test_the_history_adds_a_module_at_a_time_and_never_has_the_right_line():
    one = problem(0)
    commits = one.premises[0].payload["commits"]
    path = one.metadata["instance"]["path"]
    assert len(commits) == 4 and len({commit["message"] for commit in commits}) == 4
    versions = [commit["files"][path] for commit in commits if path in commit["files"]]
    assert len(versions) == 1 and versions[0] == files_of(one)[path]


def test_problems_of_one_seed_are_the_same_and_indices_differ():
    assert draw(TASK, 3, 1, "tests")[0] == problem(3)
    assert len({problem(index).id for index in range(12)}) == 12
    assert {problem(index).domain.rpartition(".")[2] for index in range(4)} == set(TASK.themes)


@pytest.mark.parametrize("detail", DETAILS)
@pytest.mark.parametrize("index", range(6))
def test_right_conversations_are_verified_to_the_last_claim(index, detail):
    one = problem(index)
    solution = TASK.solve(one, Random(index), detail)
    steps, code = outcomes(one, solution)
    assert (steps.outcome, code.outcome) == ("verified", "verified"), (steps.reason, code.reason)
    assert steps.coverage_claims == 1.0
    assert ORACLE.first_wrong(one, solution.steps()) is None
    assert ORACLE.answers(one, stated_answer(solution.closing))
    assert solution.calls[0][1].name == solution.calls[-1][1].name == "run_tests"


def test_conversations_look_in_a_wrong_place_and_say_why_it_is_not_there():
    told = [TASK.solve(problem(index), Random(seed), "thorough") for index in range(12) for seed in range(2)]
    elsewhere = 0
    for number, solution in enumerate(told):
        one = problem(number // 2)
        faulty, report = (
            one.metadata["instance"]["function"],
            one.metadata["instance"]["report"]["call"].partition("(")[0],
        )
        looked = [call.arguments["text"] for _, call in solution.calls if call.name == "search"]
        elsewhere += looked != [f"def {faulty}("]
        assert looked[0] == f"def {report}(" and f"def {faulty}(" in looked
    assert elsewhere >= len(told) / 3


def test_each_mistake_can_be_made():
    assert {mistake for _, mistake, _ in flawed()} == set(MISTAKES)


def test_wrong_conversations_are_wrong_where_they_say_and_nowhere_before():
    for one, mistake, solution in flawed():
        steps, code = outcomes(one, solution)
        assert (steps.outcome, code.outcome) == ("refuted", "refuted"), (mistake, steps.reason, code.reason)
        assert solution.flaw.kind == mistake
        assert steps.evidence["first_refuted"] == solution.flaw.index, mistake
        assert ORACLE.first_wrong(one, solution.steps()) == solution.flaw.index, mistake
        assert not ORACLE.answers(one, stated_answer(solution.closing))


def test_an_edit_fitted_to_the_examples_passes_the_visible_tests():
    fitted = [(one, solution) for one, mistake, solution in flawed() if mistake == "fitted_to_examples"]
    for _, solution in fitted:
        last = max(at for at, call in solution.calls if call.name == "run_tests")
        assert solution.lines[last].text.endswith(" passed") and "failed" not in solution.lines[last].text


def test_a_mistake_may_be_noticed_taken_back_and_mended():
    found = 0
    for index in range(8):
        one = problem(index)
        solution = TASK.correct(one, MISTAKES, Random(index))
        if solution is None:
            continue
        found += 1
        steps, code = outcomes(one, solution)
        assert (steps.outcome, code.outcome) == ("verified", "verified"), (steps.reason, code.reason)
        assert solution.relation == "self_correction" and steps.evidence["retracted"][0] == solution.flaw.index
        assert ORACLE.first_wrong(one, without_retracted(solution.steps())) is None
        assert ORACLE.first_wrong(one, solution.steps()) == solution.flaw.index
    assert found >= 4


def test_the_oracle_refuses_what_is_no_repair():
    one = problem(0)
    path, number, _ = one.answer.split(":", 2)
    for answer in ("", "it is repaired", f"{path}:9999: pass", f"gone.py:{number}: pass", f"{path}:{number}: pass"):
        assert not ORACLE.answers(one, answer), answer


def test_the_task_is_taken_where_it_is_named():
    from tracemill.sources.domains import DomainsConfig, DomainsSource
    from tracemill.sources.source import Context

    def parts(*select):
        return set(DomainsSource(DomainsConfig(kind="domains", select=select, per_task=1), Context(1, 0.0)).parts())

    assert TASK.name in available(["*"]).names
    assert TASK.name not in parts("*") and TASK.name in parts("*", "code.repository.*") == parts("*", TASK.name)
    assert parts("code.repository.*") == {TASK.name}
