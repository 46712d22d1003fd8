"""The verifier `code`: whether the program of a reply does what the problem's tests ask, by running it in the sandbox.

Only the content of the last assistant turn counts; a thought is no answer. `finding.py` says which program a reply
gives, `spec.py` how a check is written, `modes/` how each kind of test is judged. What is expected, and every
comparison, stays outside of the cage that the program runs in.

`verified`: every test passed. `refuted`: one failed, or there is no program; `reason` begins with what it was:
compile_error, crash, wrong_output, timeout, memory, output_flood, not_found, no_code, disk or processes. `unknown`: the
tests themselves say nothing (a broken special judge, a suite that is too weak for `min_mutation_score`). A language
that is not installed and trouble of the sandbox are `error`, which a resume tries again.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from functools import cached_property
from typing import Any, ClassVar, Literal

from pydantic import BaseModel, ConfigDict, Field
from tracemill.claims.claim_checker import Canary, Ruling
from tracemill.records import Check, Payload, Problem, Scope, Trace, Turn, canonical_json, fingerprint
from tracemill.sandbox.shared import shared
from tracemill.verifiers.code.finding import FoundProgram, NoProgram, find_program
from tracemill.verifiers.code.languages import language_of
from tracemill.verifiers.code.modes.any_mode import Testing, judge_program
from tracemill.verifiers.code.modes.printed import Truth, rule_output, run_shown_program
from tracemill.verifiers.code.modes.repository import judge_repository, module_under_test, replayed
from tracemill.verifiers.code.programs import Cage
from tracemill.verifiers.code.results import Judged, no_code, ruling_of
from tracemill.verifiers.code.spec import KIND, OutputSpec, RepositorySpec, StdinSpec, SuiteScore, read_spec
from tracemill.verifiers.code.suite import measured
from tracemill.verifiers.verifier import Verifier

_CUT_OFF = frozenset({"length", "loop", "budget"})
_MOST_REMEMBERED = 4096


class CodeConfig(BaseModel):
    """`mutants`: by how many wrong versions of the reference solution a problem's tests are measured, once, where that
    has not been done when the problem was made; 0: not at all. `min_mutation_score`: of those that differ, the share
    that the tests must find; below it, or where it is not known, passing them is `unknown`."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    kind: Literal["code"] = "code"
    mutants: int = Field(default=0, ge=0, le=200)
    min_mutation_score: float | None = Field(default=None, ge=0, le=1)


class CodeVerifier(Verifier):
    """Runs the program of a reply against the problem's tests."""

    Config = CodeConfig
    name: ClassVar[str] = "code"
    version: ClassVar[str] = "2"
    scope: ClassVar[Scope] = "answer"

    def __init__(self, config: CodeConfig | None = None) -> None:
        super().__init__(config)
        self._truths: dict[str, Truth] = {}
        self._suites: dict[str, SuiteScore] = {}

    @property
    def judge(self) -> Payload:
        return {"mutants": self.config.mutants, "min_mutation_score": self.config.min_mutation_score}

    @cached_property
    def cage(self) -> Cage:
        """The one of this process, as the build's `sandbox:` says."""
        return shared()

    def case(self, line: Payload) -> tuple[Problem, Trace]:
        """See `Verifier`. The line needs no `kind`, and `gold` only where the tests are to be measured."""
        problem, trace = super().case({"kind": "code", "gold": "", **line})
        read_spec(problem.check)
        return problem, trace

    def concerns(self, problem: Problem, trace: Trace) -> bool:
        return problem.check.kind == KIND

    def rule(self, problem: Problem, trace: Trace) -> Ruling:
        """See `Verifier`.

        Raises:
            ValueError: the problem's check makes no sense.
            TroubleError: a language is not installed, or the sandbox failed.
        """
        if not self.concerns(problem, trace):
            return Ruling("unknown", "an answer that is no program is judged by the verifier 'answer'")
        spec = read_spec(problem.check)
        if trace.finish_reason in _CUT_OFF:
            return no_code(f"cut off ({trace.finish_reason})")
        if trace.finish_reason != "stop":
            return Ruling("unknown", f"not finished ({trace.finish_reason})")
        last = max((index for index, turn in enumerate(trace.turns) if turn.role == "assistant"), default=None)
        if last is None:
            return no_code("no assistant turn")
        if isinstance(spec, RepositorySpec):
            return self._rule_repository(problem, spec, trace)
        if isinstance(spec, OutputSpec):
            return rule_output(spec, self._truth(problem.check, spec), trace.turns[last].content)
        return self._rule_program(problem, spec, trace.turns[last], last)

    def run_program(self, check: Check, program: str) -> Judged:
        """What the tests say of a program: of a reference solution, for example.

        Raises:
            ValueError: the check makes no sense, or has no tests.
        """
        spec = read_spec(check)
        if isinstance(spec, OutputSpec | RepositorySpec):
            raise ValueError(f"a check of mode {spec.mode!r} tests no program that is one text")
        return judge_program(spec, program, self.cage)

    def canaries(self, kinds: Collection[str] | None = None) -> Iterable[Canary]:
        from tracemill.verifiers.code.canaries import canaries

        return canaries()

    def _rule_program(self, problem: Problem, spec: Testing, turn: Turn, index: int) -> Ruling:
        function = None if isinstance(spec, StdinSpec) else spec.function
        try:
            found = find_program(turn.content, language_of(spec.language), function)
        except NoProgram as exc:
            return no_code(str(exc), {"turn": index})
        judged = judge_program(spec, found.text, self.cage)
        return self._ruling(judged, _place(found, index), self._suite(problem, spec))

    def _rule_repository(self, problem: Problem, spec: RepositorySpec, trace: Trace) -> Ruling:
        left = replayed(problem, trace.turns)
        if left.untrue:
            return Ruling("unknown", left.untrue)
        judged = judge_repository(spec, problem, left.files, self.cage)
        place = {"edited": list(left.edited), "ignored": list(left.ignored)}
        return self._ruling(judged, place, self._suite(problem, spec))

    def _ruling(self, judged: Judged, place: dict[str, Any], suite: SuiteScore | None) -> Ruling:
        """What the tests say, unless they are too weak to say it."""
        ruling = ruling_of(judged, {**place, **_suite_evidence(suite)})
        least, score = self.config.min_mutation_score, suite.score if suite else None
        if ruling.outcome == "verified" and least is not None and (score is None or score < least):
            known = "not known" if score is None else f"{score:.3g}"
            reason = f"the tests are too weak: their mutation score is {known}, and {least:.3g} is wanted"
            return Ruling("unknown", reason, ruling.evidence, isolation=ruling.isolation)
        return ruling

    def _truth(self, check: Check, spec: OutputSpec) -> Truth:
        key = canonical_json(check.spec)
        if key not in self._truths:
            if len(self._truths) >= _MOST_REMEMBERED:
                self._truths.clear()
            self._truths[key] = run_shown_program(spec, self.cage)
        return self._truths[key]

    def _suite(self, problem: Problem, spec: Testing | RepositorySpec) -> SuiteScore | None:
        """How good the tests are: as it was measured when the problem was made; else here, once per problem."""
        if spec.suite is not None or not self.config.mutants or not problem.answer.strip():
            return spec.suite
        tests: tuple[Testing, str] | None
        tests = module_under_test(spec, problem) if isinstance(spec, RepositorySpec) else (spec, problem.answer)
        if tests is None:
            return None
        key = fingerprint(tests[0].model_dump(mode="json"), tests[1])
        if key not in self._suites:
            if len(self._suites) >= _MOST_REMEMBERED:
                self._suites.clear()
            self._suites[key] = measured(*tests, self.cage, self.config.mutants)
        return self._suites[key]


def _place(found: FoundProgram, turn: int) -> dict[str, Any]:
    return {"rule": found.rule, "turn": turn, "first_line": found.first_line, "last_line": found.last_line}


def _suite_evidence(suite: SuiteScore | None) -> dict[str, Any]:
    if suite is None:
        return {}
    weak = suite.killed < suite.differing
    found = {"mutants": suite.differing, "killed": suite.killed, "unexamined": suite.unexamined}
    return {"suite": {**found, "score": suite.score, "weak": weak}}
