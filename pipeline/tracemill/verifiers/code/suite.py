"""How good a problem's tests are, measured by wrong versions of its reference solution.

A mutant that fails a test is killed. One that passes them all is judged by further tests, which ask on neighbours of
the tests' inputs for what the gold gives there, and compare as the tests do: where it fails one it is wrong, and the
tests do not see it; where it fails none, it counts as the same program and is left out. So the score is killed mutants
over those that differ. Neighbours on which the gold itself breaks are none: they may be no inputs at all. Where there
is no neighbour, as for test files that are no plain calls, nobody knows how many of those that pass are wrong.
"""

from __future__ import annotations

import random
import re
from collections.abc import Sequence
from typing import Any

from tracemill.records import fingerprint
from tracemill.sandbox.jobs import Ended, Job, JobRun
from tracemill.sandbox.transfer import decode, encode
from tracemill.software.program_mutants import mutants_of
from tracemill.verifiers.code.languages import language_of
from tracemill.verifiers.code.modes.any_mode import Testing, judge_program
from tracemill.verifiers.code.modes.call import behind_python, python_run
from tracemill.verifiers.code.modes.stdin import stdin_run
from tracemill.verifiers.code.modes.unit import call_spec
from tracemill.verifiers.code.programs import Cage, joined, placed
from tracemill.verifiers.code.results import Judged, text_of
from tracemill.verifiers.code.spec import (
    CallSpec,
    CallTest,
    ProgramLimits,
    StdinSpec,
    StdinTest,
    SuiteScore,
    UnitSpec,
    limits_of,
)

NEIGHBOURS = 24
_SECONDS = 1.0
"""CPU time of a run of a mutant: of those that never end there are many."""
_NUMBER = re.compile(r"-?\d{1,9}(?![\d.])")


def measured(spec: Testing, gold: str, cage: Cage, most: int) -> SuiteScore:
    """The score of the tests by at most `most` mutants. Of none, where the gold does not pass, or is no Python, for
    other languages have no mutants here."""
    if spec.language != "python":
        return SuiteScore(differing=0, killed=0)
    spec = spec.model_copy(update={"limits": _short(spec.limits)})
    as_calls = call_spec(spec) if isinstance(spec, UnitSpec) else spec
    testing = as_calls or spec
    if not _passed(judge_program(testing, gold, cage)):
        return SuiteScore(differing=0, killed=0)
    killed, survivors = 0, []
    for mutant in mutants_of(gold.removeprefix("\ufeff"), most):
        judged = _judged_in_turn(testing, mutant.text, cage)
        if judged.failures:
            killed += 1
        elif _passed(judged):
            survivors.append(mutant.text)
    differing = _differing(as_calls, gold, survivors, cage)
    if differing is None:
        return SuiteScore(differing=killed, killed=killed, unexamined=len(survivors))
    return SuiteScore(differing=killed + differing, killed=killed)


def _short(limits: ProgramLimits) -> ProgramLimits:
    return limits.model_copy(update={"cpu_seconds": min(limits.cpu_seconds, _SECONDS)})


def _judged_in_turn(spec: Testing, program: str, cage: Cage) -> Judged:
    """The first test alone, which kills most mutants, and what never ends costs one deadline; then all."""
    first = judge_program(spec.model_copy(update={"tests": spec.tests[:1]}), program, cage)
    return first if first.failures or len(spec.tests) == 1 else judge_program(spec, program, cage)


def _passed(judged: Judged) -> bool:
    """Whether the tests let it pass; where they say nothing, as a special judge that breaks, they do not."""
    return judged.passed and not judged.undecided


def _differing(spec: StdinSpec | CallSpec | None, gold: str, survivors: Sequence[str], cage: Cage) -> int | None:
    """How many of the survivors fail a test that asks on neighbours of the tests' inputs for what the gold gives there.
    None where there is no such test."""
    if not survivors:
        return 0
    tests = _neighbouring_tests(spec, gold, cage) if spec is not None else ()
    if spec is None or not tests:
        return None
    asked = spec.model_copy(update={"tests": tests})
    return sum(bool(judge_program(asked, survivor, cage).failures) for survivor in survivors)


def _neighbouring_tests(spec: StdinSpec | CallSpec, gold: str, cage: Cage) -> tuple[StdinTest | CallTest, ...]:
    """Without those that the gold does not pass itself, since it gives something else each time."""
    language = language_of("python")
    source = joined(spec.header, gold)
    if isinstance(spec, CallSpec):
        source = behind_python(source)
    rng = random.Random(int(fingerprint("neighbours", spec.model_dump(mode="json"), digits=12), 16))
    near = [_near_test(spec.tests[place % len(spec.tests)], rng) for place in range(NEIGHBOURS)]
    runs = tuple(_run_of(spec, test) for test in near)
    files = placed(spec.files, language, source)
    report = cage.run(Job(files, language.command, runs, limits=limits_of(spec.limits)))
    tests = [_expecting(test, ended) for test, ended in zip(near, report.runs, strict=True)]
    asked = tuple(test for test in tests if test is not None)
    if not asked:
        return ()
    judged = judge_program(spec.model_copy(update={"tests": asked}), gold, cage)
    return () if judged.undecided else tuple(asked[one.index] for one in judged.results if not one.reason)


def _run_of(spec: StdinSpec | CallSpec, test: StdinTest | CallTest) -> JobRun:
    if isinstance(test, StdinTest):
        return stdin_run(test)
    assert isinstance(spec, CallSpec)
    return python_run(spec, test)


def _near_test(test: StdinTest | CallTest, rng: random.Random) -> StdinTest | CallTest:
    """A test of a neighbour of the input; what is expected is not known yet. Where an exception is expected of the
    input, a value is of its neighbour."""
    if isinstance(test, StdinTest):
        return StdinTest(stdin=_near_text(test.stdin, rng), stdout="")
    arguments = tuple(encode(_near(decode(value), rng)) for value in test.arguments)
    expected: dict[str, Any] = {"expected": None} if test.truth is None else {"truth": True}
    return CallTest(
        function=test.function, arguments=arguments, keywords=test.keywords, compare=test.compare, **expected
    )


def _expecting(test: StdinTest | CallTest, ended: Ended) -> StdinTest | CallTest | None:
    """The test, which expects what the gold gave; None where that broke."""
    if not ended.fine or ended.cut:
        return None
    if isinstance(test, StdinTest):
        return test.model_copy(update={"stdout": text_of(ended.stdout)})
    return test.model_copy(update={"expected" if test.truth is None else "truth": ended.value})


def _near_text(text: str, rng: random.Random) -> str:
    """The text with another whole number in the place of one."""
    found = list(_NUMBER.finditer(text))
    if not found:
        return text
    one = rng.choice(found)
    return f"{text[: one.start()]}{_near_integer(int(one[0]), rng)}{text[one.end() :]}"


def _near_integer(value: int, rng: random.Random) -> int:
    """A little larger or smaller, half of it, or another small one of its sign."""
    small = rng.randint(0, 10) if value >= 0 else -rng.randint(1, 10)
    return rng.choice((value - 2, value - 1, value + 1, value + 2, value // 2, small, small))


def _near(value: Any, rng: random.Random) -> Any:
    """A value of the same type that lies near."""
    if type(value) is bool:
        return rng.random() < 0.5
    if type(value) is int:
        return _near_integer(value, rng)
    if type(value) is float:
        return value + rng.choice((-1.5, -0.5, 0.0, 0.5, 1.0))
    if type(value) is str:
        return _near_string(value, rng)
    if type(value) in (list, tuple):
        return type(value)(_near_row(list(value), rng))
    if type(value) in (set, frozenset) and value:
        return type(value)(_near(item, rng) for item in sorted(value, key=repr))
    if type(value) is dict:
        return {key: _near(item, rng) for key, item in value.items()}
    return value


def _near_string(text: str, rng: random.Random) -> str:
    place = rng.randrange(len(text) + 1)
    letter = rng.choice(text) if text else "a"
    return rng.choice((text[:place] + letter + text[place:], text[:place] + text[place + 1 :], text[::-1], text))


def _near_row(items: list[Any], rng: random.Random) -> list[Any]:
    items = [_near(item, rng) if rng.random() < 0.4 else item for item in items]
    change = rng.randrange(5)
    if change == 0 and items:
        items.pop(rng.randrange(len(items)))
    elif change == 1 and items:
        items.insert(rng.randrange(len(items) + 1), rng.choice(items))
    elif change == 2:
        rng.shuffle(items)
    return items
