"""Mode `output`: the problem shows a program, and the reply says what it prints. It is run once per problem."""

from __future__ import annotations

from dataclasses import dataclass

from tracemill.claims.claim_checker import Ruling
from tracemill.sandbox.jobs import Ended, Job, JobRun
from tracemill.verifiers.answer.finding.extraction import find_statements
from tracemill.verifiers.code.comparing import same_text
from tracemill.verifiers.code.finding import MOST_CHARACTERS, fenced_blocks
from tracemill.verifiers.code.languages import language_of, require_installed
from tracemill.verifiers.code.programs import Cage, as_bytes
from tracemill.verifiers.code.results import no_code, shown, text_of
from tracemill.verifiers.code.spec import OutputSpec, limits_of

_LABELS = ("output:", "the output is:", "it prints:", "prints:")


@dataclass(frozen=True, slots=True)
class Truth:
    """What the program prints, and where it ran. `trouble`: why nothing can be said of it."""

    text: str
    isolation: str
    trouble: str = ""


def run_shown_program(spec: OutputSpec, cage: Cage) -> Truth:
    """Runs it twice: what one process prints and another does not has no answer."""
    language = language_of(spec.language)
    require_installed(language)
    runs = (JobRun(stdin=as_bytes(spec.stdin)), JobRun(stdin=as_bytes(spec.stdin)))
    files = {language.file: as_bytes(spec.program)}
    report = cage.run(Job(files, language.command, runs, language.prepare, limits_of(spec.limits)))
    isolation = report.isolation
    if len(report.runs) != len(runs):
        return Truth("", isolation, "the problem's program does not compile")
    first, second = report.runs
    # A program that ends with an exception has printed what it has printed.
    if first.how != "exit" or first.cut:
        return Truth("", isolation, f"the problem's program does not end well ({first.how})")
    if _seen(first) != _seen(second):
        return Truth("", isolation, "the problem's program does not print the same each time")
    return Truth(text_of(first.stdout), isolation)


def _seen(ended: Ended) -> tuple[str, int, bytes]:
    return ended.how, ended.status, ended.stdout


def rule_output(spec: OutputSpec, truth: Truth, text: str) -> Ruling:
    if truth.trouble:
        return Ruling("unknown", truth.trouble, isolation=truth.isolation)
    if len(text) > MOST_CHARACTERS:
        return no_code(f"{len(text)} characters; nothing is looked for beyond {MOST_CHARACTERS}")
    stated, rule = _stated(text)
    if stated is None:
        return no_code("several different answers" if rule else "the reply says no output")
    evidence = {"tests": 1, "run": 1, "rule": rule}
    if same_text(truth.text, stated, spec.compare):
        return Ruling("verified", "the program prints this", evidence, strength="tested", isolation=truth.isolation)
    failure = {"test": 0, "reason": "wrong_output", "input": shown(spec.stdin), "got": shown(stated)}
    evidence |= {"category": "wrong_output", "failed": 1, "failures": [{**failure, "expected": shown(truth.text)}]}
    return Ruling("refuted", "wrong_output", evidence, strength="tested", isolation=truth.isolation)


def _stated(text: str) -> tuple[str | None, str]:
    """The output that a reply states: as the verifier `answer` finds a statement, if one stands behind the last block;
    else the last block; else a statement anywhere; else a short reply as a whole."""
    lines = text.split("\n")
    blocks, opened = fenced_blocks(lines)
    if opened is not None:
        return None, ""
    behind = "\n".join(lines[blocks[-1].end + 1 :]) if blocks else text
    statements = find_statements(behind, multiline=True, letter=False)
    strong = [one for one in statements if one.strong] or ([] if blocks else statements)
    if strong:
        different = {one.text.strip() for one in strong}
        return (None, "several") if len(different) > 1 else (strong[-1].text.strip(), strong[-1].rule)
    if blocks:
        return blocks[-1].text, "block"
    bare = text.strip()
    for label in _LABELS:
        if bare.lower().startswith(label):
            bare = bare[len(label) :].strip()
    return (bare, "whole reply") if bare else (None, "")
