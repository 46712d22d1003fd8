"""Children of verifiers and claim checkers that are killed or stopped from outside: the verdict stays, or it is
`error` and the next run judges again."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable, Iterator
from typing import NamedTuple

import pytest
from tracemill.claims.canary import claim_canary
from tracemill.claims.claim_checker import Canary
from tracemill.claims.equation.checker import EquationChecker
from tracemill.records import Check, Claim, Outcome, Problem, Source, Trace, Turn
from tracemill.sandbox import limited
from tracemill.sandbox.client import Sandbox
from tracemill.sandbox.jobs import SandboxTrouble
from tracemill.sandbox.limited import LimitedProcess
from tracemill.tasks.task import Line
from tracemill.verifiers.answer.verifier import AnswerVerifier
from tracemill.verifiers.steps import StepsVerifier
from tracemill.verifiers.verifier import Verifier, judged


class Judging(NamedTuple):
    """A verifier with a case that only its child can decide, and where its child is."""

    verifier: Verifier
    case: Canary
    child: Callable[[], LimitedProcess]


def _answer() -> Judging:
    verifier = AnswerVerifier()
    source = Source("test", "1", "MIT", 0, 0)
    problem = Problem("p", "g", "a.b.c.d", "", r"\sqrt{2}+\sqrt{3}", Check("symbolic"), source)
    turn = Turn("assistant", content=r"\boxed{\sqrt{5+2\sqrt{6}}}")
    trace = Trace("t", "d", "p", "skills", "model", "single", 0, "0", (turn,), "stop")

    def child() -> LimitedProcess:
        return next(one.process for one in verifier._algebra._members if one.process._child)

    return Judging(verifier, Canary("other roots", problem, trace, "verified"), child)


def _equation() -> Judging:
    verifier = StepsVerifier()
    line = Line("So it is.", Claim("equation", {"lhs": "(x+1)*(x-1)", "rhs": "x**2-1"}), ())
    checker = verifier._checker("equation")
    assert isinstance(checker, EquationChecker)

    def child() -> LimitedProcess:
        assert checker._algebra is not None
        return checker._algebra

    return Judging(verifier, claim_canary("an identity", "verified", [], [line]), child)


@pytest.fixture(params=[_answer, _equation], ids=["answer", "equation"])
def judging(request: pytest.FixtureRequest) -> Iterator[Judging]:
    made: Judging = request.param()
    yield made
    made.verifier.close()


def outcome(judging: Judging) -> Outcome:
    return judged(judging.verifier, judging.case.problem, judging.case.trace).outcome


def send(process: LimitedProcess, number: int) -> int:
    """To the running child."""
    assert process._child is not None
    pid = process._child._process.pid
    os.kill(pid, number)
    return pid


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGSTOP])
def test_one_child_that_is_killed_or_stopped_changes_no_verdict(
    judging: Judging, monkeypatch: pytest.MonkeyPatch, number: int
) -> None:
    expected = outcome(judging)
    assert expected == "verified"
    if number == signal.SIGSTOP:
        monkeypatch.setattr(limited, "stalled_after", _once_short())
    first = send(judging.child(), number)
    assert outcome(judging) == expected
    again = judging.child()._child
    assert again is not None
    assert again._process.pid != first


def _once_short() -> Callable[[float], float]:
    """The wall clock's limit for a call: short for the first, that of a child which is stopped."""
    limits = iter([0.5])
    return lambda seconds: next(limits, 600.0)


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGSTOP])
def test_a_second_child_lost_makes_the_verdict_an_error_and_the_next_is_whole(
    judging: Judging, monkeypatch: pytest.MonkeyPatch, number: int
) -> None:
    with monkeypatch.context() as patched:
        _lose_every_child(patched, number)
        assert outcome(judging) == "error"
    assert outcome(judging) == "verified"


def _lose_every_child(monkeypatch: pytest.MonkeyPatch, number: int) -> None:
    """As soon as it has started."""
    running = LimitedProcess._running

    def lost(self: LimitedProcess) -> object:
        child = running(self)
        send(self, number)
        return child

    monkeypatch.setattr(LimitedProcess, "_running", lost)
    monkeypatch.setattr(limited, "stalled_after", lambda seconds: 0.5)


def test_trouble_of_the_sandbox_makes_the_verdict_an_error_and_the_next_is_whole(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def lost(self: Sandbox, job: object) -> None:
        raise SandboxTrouble("the broker died twice")

    verifier = StepsVerifier()
    judging = Judging(verifier, next(iter(verifier._checker("execution").canaries())), lambda: None)
    with monkeypatch.context() as patched:
        patched.setattr(Sandbox, "run", lost)
        assert outcome(judging) == "error"
    assert outcome(judging) == "verified"
    verifier.close()
