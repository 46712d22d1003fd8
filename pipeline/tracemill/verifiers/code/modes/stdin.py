"""Mode `stdin`: a program that reads text and prints text."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from tracemill.sandbox.jobs import Ended, Job, JobRun, Limits
from tracemill.verifiers.code.comparing import same_text
from tracemill.verifiers.code.languages import language_of, require_installed
from tracemill.verifiers.code.programs import Cage, as_bytes, joined, placed, run_tests
from tracemill.verifiers.code.results import Judged, TestResult, broken, shown, text_of, trouble_said
from tracemill.verifiers.code.spec import JudgeProgram, StdinSpec, StdinTest, limits_of

JUDGE_LIMITS = Limits(cpu_seconds=20.0)
_REJECTS = (1, 2)


def judge_stdin(spec: StdinSpec, program: str, cage: Cage) -> Judged:
    language = language_of(spec.language)
    limits = limits_of(spec.limits, max(len(as_bytes(test.stdout)) for test in spec.tests))
    files = placed(spec.files, language, joined(spec.header, program))
    printed: dict[int, bytes] = {}

    def result_of(index: int, test: StdinTest, ended: Ended) -> TestResult:
        printed[index] = ended.stdout
        return _result(spec, index, test, ended)

    judged = run_tests(cage, language, files, spec.tests, limits, stdin_run, result_of)
    if spec.judge is None or judged.failures:
        return judged
    return _before_judge(spec.judge, spec.tests, printed, judged, cage)


def stdin_run(test: StdinTest) -> JobRun:
    return JobRun(stdin=as_bytes(test.stdin))


def _result(spec: StdinSpec, index: int, test: StdinTest, ended: Ended) -> TestResult:
    reason = broken(ended)
    said, got = trouble_said(ended), text_of(ended.stdout)
    if not reason and ended.cut:
        reason, said = "output_flood", got
    if not reason:
        if spec.judge is not None or same_text(test.stdout, got, spec.compare):
            return TestResult(index)
        reason, said = "wrong_output", got
    return TestResult(index, reason, shown(test.stdin), shown(said), shown(test.stdout))


def _before_judge(
    judge: JudgeProgram, tests: Sequence[StdinTest], printed: dict[int, bytes], judged: Judged, cage: Cage
) -> Judged:
    """What the special judge says of what was printed. It sees the expected output, the program never does."""
    language = language_of(judge.language)
    require_installed(language)
    files = {language.file: as_bytes(judge.program)}
    for index, test in enumerate(tests):
        files |= {
            f"input{index}": as_bytes(test.stdin),
            f"output{index}": printed[index],
            f"expected{index}": as_bytes(test.stdout),
        }
    runs = tuple(
        JobRun(arguments=(f"input{index}", f"output{index}", f"expected{index}")) for index, _ in enumerate(tests)
    )
    report = cage.run(Job(files, language.command, runs, language.prepare, JUDGE_LIMITS))
    results = []
    for index, (test, ended) in enumerate(zip(tests, report.runs, strict=False)):
        if ended.how == "exit" and ended.status == 0:
            results.append(TestResult(index))
        elif ended.how == "exit" and ended.status in _REJECTS:
            got = shown(text_of(printed[index]))
            results.append(TestResult(index, "wrong_output", shown(test.stdin), got, shown(test.stdout)))
        else:
            break
    if len(results) < len(tests) and not any(result.reason for result in results):
        return replace(judged, undecided=f"the special judge broke on test {len(results) + 1}")
    return replace(judged, results=results)
