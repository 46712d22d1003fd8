"""Whichever mode a check has: what the tests say of a program."""

from __future__ import annotations

from typing import TypeAlias

from tracemill.verifiers.code.modes.call import judge_call
from tracemill.verifiers.code.modes.stdin import judge_stdin
from tracemill.verifiers.code.modes.unit import judge_unit
from tracemill.verifiers.code.programs import Cage
from tracemill.verifiers.code.results import Judged
from tracemill.verifiers.code.spec import CallSpec, StdinSpec, UnitSpec

Testing: TypeAlias = StdinSpec | CallSpec | UnitSpec


def judge_program(spec: Testing, program: str, cage: Cage) -> Judged:
    if isinstance(spec, StdinSpec):
        return judge_stdin(spec, program, cage)
    return judge_call(spec, program, cage) if isinstance(spec, CallSpec) else judge_unit(spec, program, cage)
