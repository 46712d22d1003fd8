"""How good a problem's tests are, measured by wrong versions of its reference solution.

A mutant that fails a test is killed. One that passes them all is run beside the gold on neighbours of the tests'
inputs: where it gives something else there, it is wrong, and the tests do not see it; where it never does, it counts as
the same program and is left out. So the score is killed mutants over those that differ. Neighbours on which the gold
itself breaks are none: they may be no inputs at all.
"""

from __future__ import annotations

import random
import re
from collections.abc import Iterator, Sequence
from typing import Any, TypeAlias

from tracemill.records import fingerprint
from tracemill.sandbox.jobs import Ended, Job, JobCall, JobRun
from tracemill.sandbox.transfer import decode, encode
from tracemill.verifiers.code.languages import language_of
from tracemill.verifiers.code.modes.call import behind_python, judge_call
from tracemill.verifiers.code.modes.stdin import judge_stdin
from tracemill.verifiers.code.modes.unit import call_spec, judge_unit
from tracemill.verifiers.code.program_mutants import mutants_of
from tracemill.verifiers.code.programs import Cage, as_bytes, joined
from tracemill.verifiers.code.results import Judged
from tracemill.verifiers.code.spec import CallSpec, ProgramLimits, StdinSpec, SuiteScore, UnitSpec, limits_of

Testing: TypeAlias = StdinSpec | CallSpec | UnitSpec

NEIGHBOURS = 24
_SECONDS = 1.0
"""CPU time of a run of a mutant: of those that never end there are many."""
_NUMBER = re.compile(r"-?\d{1,9}(?![\d.])")


def measured(spec: Testing, gold: str, cage: Cage, most: int) -> SuiteScore:
    """The score of the tests by at most `most` mutants. Of none, where the gold does not pass, or is no Python, for
    other languages have no mutants here."""
    if spec.language != "python":
        return SuiteScore(differing=0, killed=0)
    gold = joined(spec.header, gold)
    spec = spec.model_copy(update={"limits": _short(spec.limits), "header": ""})
    as_calls = call_spec(spec) if isinstance(spec, UnitSpec) else spec
    if not _judged(as_calls or spec, gold, cage).passed:
        return SuiteScore(differing=0, killed=0)
    killed, survivors = 0, []
    for mutant in mutants_of(gold, most):
        judged = _judged_in_turn(as_calls or spec, mutant.text, cage)
        if judged.failures:
            killed += 1
        elif judged.passed:
            survivors.append(mutant.text)
    differing = _differing(as_calls, gold, survivors, cage) if as_calls is not None else 0
    return SuiteScore(differing=killed + differing, killed=killed)


def _short(limits: ProgramLimits) -> ProgramLimits:
    return limits.model_copy(update={"cpu_seconds": min(limits.cpu_seconds, _SECONDS)})


def _judged_in_turn(spec: Testing, program: str, cage: Cage) -> Judged:
    """The first test alone, which kills most mutants, and what never ends costs one deadline; then all."""
    first = _judged(spec.model_copy(update={"tests": spec.tests[:1]}), program, cage)
    return first if first.failures or len(spec.tests) == 1 else _judged(spec, program, cage)


def _judged(spec: Testing, program: str, cage: Cage) -> Judged:
    if isinstance(spec, StdinSpec):
        return judge_stdin(spec, program, cage)
    return judge_call(spec, program, cage) if isinstance(spec, CallSpec) else judge_unit(spec, program, cage)


def _differing(spec: StdinSpec | CallSpec, gold: str, survivors: Sequence[str], cage: Cage) -> int:
    """How many of the survivors give something else than the gold on a neighbour of the tests' inputs."""
    if not survivors:
        return 0
    runs = tuple(_neighbours(spec))
    right = _seen(spec, gold, runs, cage)
    runs = tuple(run for run, seen in zip(runs, right, strict=True) if seen is not None)
    right = [seen for seen in right if seen is not None]
    return sum(_seen(spec, survivor, runs, cage) != right for survivor in survivors) if runs else 0


def _seen(spec: StdinSpec | CallSpec, program: str, runs: tuple[JobRun, ...], cage: Cage) -> list[Any]:
    """What each run gives; None where it breaks."""
    language = language_of("python")
    source = program if isinstance(spec, StdinSpec) else behind_python(program)
    report = cage.run(Job({language.file: as_bytes(source)}, language.command, runs, limits=limits_of(spec.limits)))
    return [_given(ended, isinstance(spec, StdinSpec)) for ended in report.runs]


def _given(ended: Ended, printed: bool) -> Any:
    if not ended.fine or ended.cut:
        return None
    return ended.stdout.split() if printed else ended.value


def _neighbours(spec: StdinSpec | CallSpec) -> Iterator[JobRun]:
    rng = random.Random(int(fingerprint("neighbours", spec.model_dump(mode="json"), digits=12), 16))
    for place in range(NEIGHBOURS):
        test = spec.tests[place % len(spec.tests)]
        if isinstance(spec, StdinSpec):
            yield JobRun(stdin=as_bytes(_near_text(test.stdin, rng)))  # type: ignore[union-attr]
        else:
            arguments = [encode(_near(decode(value), rng)) for value in test.arguments]  # type: ignore[union-attr]
            keywords = {"dict": [[name, value] for name, value in test.keywords.items()]}  # type: ignore[union-attr]
            how = "tracemill_in_place" if spec.in_place else "tracemill_value"
            name = test.function or spec.function  # type: ignore[union-attr]
            yield JobRun(call=JobCall(how, (name, arguments, keywords)))


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
