"""Real functions: the pool, its difficulty, right solutions, flawed ones, licences, and what is refused."""

from __future__ import annotations

import ast
import json
import logging
import os
import random
import re
import subprocess
import sys
from dataclasses import replace

import pytest
from tracemill.claims.execution import packages as library_packages
from tracemill.claims.execution.calls import find
from tracemill.claims.execution.checker import ExecutionChecker
from tracemill.records import Claim, fingerprint
from tracemill.sandbox.limited import LimitedProcess
from tracemill.settings.errors import TracemillError
from tracemill.sources.domains import problem_from
from tracemill.tasks.library import pool as library_pool
from tracemill.tasks.library.oracle import LibraryOracle
from tracemill.tasks.library.pool import pool
from tracemill.tasks.library.task import Library
from tracemill.tasks.task import Request

DOMAIN = Library()
ALL = (0.0, 1.0)


@pytest.fixture(scope="module", autouse=True)
def _own_cache(tmp_path_factory):
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_CACHE_HOME", str(tmp_path_factory.mktemp("cache")))
        pool()
        yield


@pytest.fixture(scope="module")
def checker():
    checker = ExecutionChecker()
    yield checker
    checker.close()


@pytest.fixture(scope="module")
def oracle():
    oracle = LibraryOracle()
    yield oracle
    oracle.close()


def request(index, band=ALL):
    return Request(index, DOMAIN.themes[index % 3], 0.5, band, random.Random(index))


def problem(index, band=ALL):
    asked = request(index, band)
    draft = DOMAIN.make(asked)
    return problem_from(draft, DOMAIN, asked, index, 0.1)


def spread(count):
    """Problems from all packages, evenly."""
    by_package = {}
    for index, entry in enumerate(pool()):
        by_package.setdefault(entry.names["package"], []).append(index)
    return [problem(index) for indices in by_package.values() for index in indices[: count // len(by_package)]]


def test_there_are_at_least_three_hundred_functions_from_three_packages():
    functions = {(e.names["package"], e.names["module"], e.names["qualname"]) for e in pool()}
    assert len(functions) >= 300
    assert {package for package, _, _ in functions} == {"python", "networkx", "sympy"}


def test_every_problem_names_a_call_and_none_shows_a_docstring_or_its_answers():
    for index, entry in enumerate(pool()):
        prompt = DOMAIN.make(request(index)).prompt
        definition = ast.parse(entry.source).body[0]
        assert ast.get_docstring(definition) is None
        assert ">>>" not in prompt
        assert f"```python\n{entry.expression}\n```" in prompt


def test_the_shown_source_is_the_installed_function_without_its_docstring():
    for one in spread(30):
        call = find(one.premises[0].payload)
        docstring = call.function.object().__doc__ or ""
        assert len(docstring) > 20
        assert docstring.strip()[:60] not in one.prompt
        assert call.function.source in one.prompt


def test_capacity_counts_the_problems_of_a_band_and_make_ends_there():
    for band in (ALL, (0.3, 0.5), (0.9, 1.0), (0.5, 0.5)):
        count = DOMAIN.capacity(band)
        drafts = [DOMAIN.make(request(index, band)) for index in range(count)]
        assert all(draft is not None and band[0] <= draft.difficulty <= band[1] for draft in drafts)
        assert len({fingerprint(draft.instance) for draft in drafts}) == count
        assert DOMAIN.make(request(count, band)) is None
    halves = [DOMAIN.capacity(band) for band in ((0.0, 0.5), (0.5, 1.0), (0.5, 0.5))]
    assert halves[0] + halves[1] - halves[2] == len(pool())


def test_a_problem_keeps_its_instance_in_every_theme():
    drafts = [DOMAIN.make(replace(request(5), theme=theme)) for theme in DOMAIN.themes]
    assert len({draft.prompt for draft in drafts}) == 3
    assert len({(draft.group, fingerprint(draft.instance), draft.answer) for draft in drafts}) == 1


def test_more_difficult_means_more_steps():
    steps = [entry.steps for entry in sorted(pool(), key=lambda entry: entry.difficulty)]
    assert steps == sorted(steps)
    assert steps[-1] > 10 * steps[0]

    def facts(band):
        solutions = [DOMAIN.solve(problem(index, band), random.Random(0)) for index in range(10)]
        return sum(len(line.claim.payload["facts"]) for solution in solutions for line in solution.lines)

    assert facts((0.0, 0.2)) * 1.5 < facts((0.4, 0.6)) < facts((0.8, 1.0)) / 1.5


def test_right_solutions_are_verified_step_by_step_and_the_oracle_agrees(checker, oracle):
    for one in spread(60):
        solution = DOMAIN.solve(one, random.Random(3))
        steps = solution.steps()
        rulings = checker.rule(one, steps, range(len(steps)))
        name = dict(one.premises[0].payload)
        assert {(r.outcome, r.strength) for r in rulings.values()} == {("verified", "exact")}, (name, rulings)
        assert oracle.first_wrong(one, steps) is None, name
        assert solution.closing == f"Answer: {one.answer}"
        assert oracle.answers(one, one.answer)
        assert not oracle.answers(one, f"{one.answer}1")


def test_flaws_of_every_kind_sit_where_checker_and_oracle_find_the_first_wrong_step(checker, oracle):
    seen = {}
    for one in spread(60):
        for misconception in DOMAIN.misconceptions:
            if seen.get(misconception.name, 0) >= 4:
                continue
            solution = DOMAIN.err(one, misconception.name, random.Random(4))
            if solution is None:
                continue
            seen[misconception.name] = seen.get(misconception.name, 0) + 1
            steps = solution.steps()
            rulings = checker.rule(one, steps, range(len(steps)))
            outcomes = [rulings[index].outcome for index in range(len(steps))]
            at = solution.flaw.index
            assert outcomes[: at + 1] == ["verified"] * at + ["refuted"], (misconception.name, one.premises)
            assert oracle.first_wrong(one, steps) == at, (misconception.name, one.premises)
            assert solution.flaw.kind == misconception.name
    kinds = {m.kind for m in DOMAIN.misconceptions if seen.get(m.name)}
    assert kinds == {"wrong_rule", "slip", "dropped_case"}
    assert len(seen) >= 5


def test_most_mistakes_change_what_comes_back():
    changed = []
    for one in spread(60):
        for misconception in DOMAIN.misconceptions:
            solution = DOMAIN.err(one, misconception.name, random.Random(4))
            if solution is not None:
                changed.append(solution.closing != f"Answer: {one.answer}")
                assert re.fullmatch(r"[A-Z].*\. It is not true that .*\.", solution.flaw.explanation), solution.flaw
    assert sum(changed) > 0.75 * len(changed)


def test_a_mistake_within_a_loop_is_not_given_away_by_the_number_of_rounds():
    """Where the rounds depend on what happens in them, their number is said after them."""
    own = {"last_item_forgotten", "inclusive_range"}
    flawed = 0
    for one in spread(90):
        for misconception in DOMAIN.misconceptions:
            solution = DOMAIN.err(one, misconception.name, random.Random(4))
            if solution is not None and misconception.name not in own:
                flawed += 1
                early = re.search(r"has \d+ round", solution.flaw.explanation)
                assert not early or "after" in solution.lines[solution.flaw.index].text
    assert flawed > 60


def called(qualname, module=""):
    index = next(i for i, e in enumerate(pool()) if e.names["qualname"] == qualname and module in e.names["module"])
    return [line.text for line in DOMAIN.solve(problem(index), random.Random(3)).lines]


def test_code_is_quoted_as_it_stands_and_imports_are_told_together():
    text = "\n".join(called("cornacchia"))
    assert "`while (m1 := m - a*r**2) <= 0`" in text
    assert "`u, r = m, t`" in text
    text = "\n".join(called("permutedims"))
    assert "`_ArrayExpr`, `_CodegenArrayAbstract`, `_permute_dims`" in text


def test_values_that_are_their_own_code_and_types_are_told_as_a_person_would():
    lines = [line.text for one in spread(90) for line in DOMAIN.solve(one, random.Random(5)).lines]
    assert not any(re.search(r"the value an? `\w+` object", text) for text in lines)
    assert not any(re.search(r"`(\w+) = ([^`]+)` (?:makes `\1`|gives `\1` the value) `\2`", text) for text in lines)
    assert not any("therefore returns" in text or re.search(r"\b[12] times", text) for text in lines)


def test_rounds_that_give_a_name_two_values_are_told_one_by_one():
    text = "\n".join(called("gf_compose"))
    assert not re.search(r"`h` becomes .*; `h` becomes", text)
    assert "In the first round" in text or "First, " in text or "On the first pass" in text


def test_another_version_of_a_package_is_another_domain_version():
    for package in library_packages.PACKAGES:
        assert f"{package}{library_packages.version(package)}" in DOMAIN.version


def test_a_flawed_solution_goes_on_from_its_flaw_to_another_answer():
    differing = 0
    for one in spread(30):
        solution = DOMAIN.err(one, "wrong_branch", random.Random(4))
        if solution is not None and solution.closing != f"Answer: {one.answer}":
            differing += 1
            stated = solution.closing.removeprefix("Answer: ")
            assert solution.lines[-1].claim.payload["facts"] == [{"event": "result", "value": stated}]
    assert differing >= 3


def test_wording_varies_but_what_is_claimed_does_not():
    one = problem(11, (0.6, 1.0))
    first, second = (DOMAIN.solve(one, random.Random(seed)) for seed in (1, 2))
    facts = [[fact for line in s.lines for fact in line.claim.payload["facts"]] for s in (first, second)]
    assert first.turn().text != second.turn().text
    assert facts[0] == facts[1]
    assert first == DOMAIN.solve(one, random.Random(1))


SCRIPT = """
import random, warnings, sys
warnings.simplefilter("ignore")
sys.stdout, out = sys.stderr, sys.stdout
from tracemill.tasks.library.harvest import harvest
from tracemill.tasks.library.telling import tell
from tracemill.tasks.library.trace import trace
from tracemill.records import fingerprint
rows = [row for package in ("python", "networkx") for row in harvest({"package": package})["entries"]]
told = [[line.text for line in tell(trace({"call": row["names"]}), random.Random(0))] for row in rows]
print(len(rows), fingerprint(rows, told), file=out)
"""


def test_pool_and_solutions_do_not_depend_on_the_hash_seed():
    children = [
        subprocess.Popen(
            [sys.executable, "-c", SCRIPT],
            env={**os.environ, "PYTHONHASHSEED": seed},
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )
        for seed in ("1", "77")
    ]
    first, second = (child.communicate(timeout=120)[0] for child in children)
    assert first == second
    assert int(first.split()[0]) > 100


COUNT = """
import sys
from tracemill.tasks.library import trace
from tracemill.claims.execution.calls import call_of, function_of
function = function_of("sympy.combinatorics.partitions", "RGS_enum")
made = []
from sympy.core.random import _assumptions_rng
_assumptions_rng.seed(sys.argv[1])
class Recorder(trace._Recorder):
    def __init__(self, *given):
        super().__init__(*given)
        made.append(self)
trace._Recorder = Recorder
for example in (2, 3):
    call = call_of("sympy", function, example)
    trace.told(call, function, function.object().__code__)
print([recorder._calls for recorder in made])
"""


def test_the_calls_beneath_the_shown_lines_are_the_same_in_every_process():
    """sympy shuffles with generators of its own; whether a call is fit rests on how many calls it takes."""
    environment = {**os.environ, "PYTHONHASHSEED": "0"}
    counts = set()
    for earlier in "abcd":  # what calls before may have left
        command = [sys.executable, "-c", COUNT, earlier]
        ran = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=60, check=True)
        counts.add(ran.stdout)
    assert len(counts) == 1
    assert min(json.loads(counts.pop())) > 50


def test_each_problem_carries_the_licence_and_version_of_its_package():
    licences = {}
    for index, entry in enumerate(pool()):
        draft = DOMAIN.make(request(index))
        licences[entry.names["package"]] = draft.licence
        assert draft.tags == (f"{entry.names['package']}=={library_packages.version(entry.names['package'])}",)
    assert licences == {"python": "PSF-2.0", "networkx": "BSD-3-Clause", "sympy": "BSD-3-Clause"}


def fake(folder, name, headers="", licence_text=""):
    info = folder / f"{name}-1.0.dist-info"
    info.mkdir()
    info.joinpath("METADATA").write_text(f"Metadata-Version: 2.4\nName: {name}\nVersion: 1.0\n{headers}\n")
    if licence_text:
        info.joinpath("licenses").mkdir()
        info.joinpath("licenses", "LICENSE").write_text(licence_text)


def test_a_package_without_a_licence_is_left_out_with_a_message(tmp_path, monkeypatch, caplog):
    mit = "Permission is hereby granted, free of charge, to any person, to deal in it without\n restriction"
    fake(tmp_path, "unlicensed")
    fake(tmp_path, "vague", "License: see the web site")
    fake(tmp_path, "stated", "License-Expression: MIT AND BSD-3-Clause")
    fake(tmp_path, "written", "License: custom\nLicense-File: LICENSE", mit)
    monkeypatch.syspath_prepend(str(tmp_path))
    names = ("unlicensed", "vague", "stated", "written", "absent")
    with caplog.at_level(logging.WARNING):
        assert library_packages.usable(dict.fromkeys(names, ())) == ["stated", "written"]
    assert library_packages.licence("stated") == "MIT AND BSD-3-Clause"
    assert library_packages.licence("written") == "MIT"
    warned = [record.getMessage() for record in caplog.records]
    assert [name for name in names for text in warned if f" {name}:" in text] == ["unlicensed", "vague", "absent"]


@pytest.mark.parametrize("key", ["source", "call"])
def test_a_record_that_is_not_about_the_installed_text_is_refused(checker, oracle, key):
    one = problem(0)
    steps = DOMAIN.solve(one, random.Random(0)).steps()
    names = dict(one.premises[0].payload) | {key: "0" * 20}
    forged = replace(one, premises=(Claim("call", names),), metadata={"instance": {"call": names}})
    with pytest.raises(TracemillError, match="could not be traced: NotFoundError"):
        DOMAIN.solve(forged, random.Random(0))
    assert {r.outcome for r in checker.rule(forged, steps, range(len(steps))).values()} == {"unknown"}
    with pytest.raises(LimitedProcess.Failed, match="NotFoundError"):
        oracle.first_wrong(forged, steps)


def test_an_answer_that_the_call_does_not_give_is_refused():
    with pytest.raises(TracemillError, match="but the problem's answer is 12345"):
        DOMAIN.solve(replace(problem(0), answer="12345"), random.Random(0))


def harvested(monkeypatch, cache):
    """The pool of the standard library alone, made in a process that knows no pool yet."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(cache))
    monkeypatch.setattr(library_pool, "PACKAGES", {"python": library_packages.PACKAGES["python"]})
    return pool.__wrapped__()


def test_a_cache_that_is_damaged_forged_or_unwritable_changes_nothing(tmp_path, monkeypatch):
    expected = harvested(monkeypatch, tmp_path)
    (file,) = (tmp_path / "tracemill").iterdir()
    whole = file.read_bytes()
    content = json.loads(whole)
    forged = json.loads(whole)
    forged["entries"][0]["answer"] = "forged"
    misshapen = {"digest": fingerprint([{"names": 1}]), "entries": [{"names": 1}]}
    for damaged in (b"", whole[:-9], b"[]", json.dumps(forged).encode(), json.dumps(misshapen).encode(), b"\xff\xfe"):
        file.write_bytes(damaged)
        assert library_pool._read(file) is None
    assert harvested(monkeypatch, tmp_path) == expected
    assert file.read_bytes() == whole
    assert library_pool._read(file) == content["entries"]
    blocked = tmp_path / "a-file"
    blocked.write_text("")
    assert harvested(monkeypatch, blocked) == expected


def test_a_whole_cache_is_used(tmp_path, monkeypatch):
    expected = harvested(monkeypatch, tmp_path)
    monkeypatch.setattr(library_pool, "_harvest", lambda package: pytest.fail(f"harvested {package} again"))
    assert harvested(monkeypatch, tmp_path) == expected
