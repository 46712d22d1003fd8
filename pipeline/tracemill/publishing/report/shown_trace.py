"""A trace with its ledger as the page shows it: texts cut, each with the outcome that colours it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby

from tracemill.publishing.build_reading import BuildTables
from tracemill.publishing.ledger_words import (
    against_words,
    claim_words,
    closing_words,
    difficulty_words,
    flaw_words,
    label_words,
    uses_words,
    verdict_words,
)
from tracemill.publishing.report.excerpts import beginning, cut
from tracemill.publishing.report.trace_sample import SampledTrace, sampled
from tracemill.records import Problem, StepVerdict, Trace, Verdict
from tracemill.verifiers.counting import Judges, counting_verdicts

_STEPS = 200
"""Of a trace, and rulings within a text, that are shown."""


@dataclass(frozen=True, slots=True)
class ShownStep:
    """`outcome` is empty where no checker spoke of it."""

    number: int
    outcome: str
    text: str
    claim: str
    uses: str
    against: str


@dataclass(frozen=True, slots=True)
class Passage:
    """A piece of a solution's text; `outcome` of the claim that a verifier found in it, empty for the text between."""

    text: str
    outcome: str
    reason: str


@dataclass(frozen=True, slots=True)
class ShownTurn:
    role: str
    passages: Sequence[Passage]


@dataclass(frozen=True, slots=True)
class ShownVerdict:
    outcome: str
    text: str
    counts: bool


@dataclass(frozen=True, slots=True)
class ShownLabel:
    """`differs`: how it and our verdicts differ, empty where they do not."""

    text: str
    differs: str


@dataclass(frozen=True, slots=True)
class ShownTrace:
    """`steps` are those that its author states; where there are none, `turns` are shown, with the claims that verifiers
    found in them. `facts`: what is known of it, in short. `left_out`: steps that are not shown."""

    sample: SampledTrace
    facts: Sequence[str]
    begins: str
    prompt: str
    answer: str
    steps: Sequence[ShownStep]
    left_out: int
    turns: Sequence[ShownTurn]
    closing: str
    verdicts: Sequence[ShownVerdict]
    flaw: str
    labels: Sequence[ShownLabel]


def shown_traces(tables: BuildTables) -> list[ShownTrace]:
    """The sampled traces, in their order."""
    chosen = sampled(tables)
    found = {}
    for _, some in groupby(sorted(chosen, key=lambda one: one.id), key=lambda one: one.span):
        samples = list(some)
        narrow = (samples[0].problem_id, samples[-1].id + "~")
        ids, asked = [one.id for one in samples], [one.problem_id for one in samples]
        problems = {one.id: one for one in tables.records("problems", narrow, "id", asked)}
        traces = {one.id: one for one in tables.records("traces", narrow, "id", ids)}
        verdicts: dict[str, list[Verdict]] = {trace: [] for trace in ids}
        for verdict in tables.records("verdicts", narrow, "trace_id", ids):
            verdicts[verdict.trace_id].append(verdict)
        differing = _differing(tables, samples)
        for one in samples:
            of_trace = problems[one.problem_id], traces[one.id], verdicts[one.id]
            found[one.id] = shown(one, *of_trace, tables.judges, differing.get(one.id, {}))
    return [found[one.id] for one in chosen]


def _differing(tables: BuildTables, samples: Sequence[SampledTrace]) -> dict[str, dict[str, str]]:
    """By trace and label how the two differ."""
    found: dict[str, dict[str, str]] = {one.id: {} for one in samples}
    rows = tables.frame("disagreements", ("trace_id", "label", "detail"), samples[0].span)
    for trace, label, detail in rows.iter_rows():
        if trace in found:
            found[trace][label] = detail
    return found


def shown(
    sample: SampledTrace,
    problem: Problem,
    trace: Trace,
    verdicts: Sequence[Verdict],
    judges: Judges | None,
    differing: Mapping[str, str],
) -> ShownTrace:
    """`differing`: by name of a label how it and our verdicts differ."""
    counting = counting_verdicts(trace, verdicts, judges)
    rulings = [one for verdict in counting.values() for one in verdict.steps]
    return ShownTrace(
        sample,
        list(_facts(problem, trace)),
        beginning(" ".join(problem.prompt[:1_000].split())),
        cut(problem.prompt),
        cut(problem.answer) if problem.has_answer else "not known",
        list(_steps(trace, {one.step: one for one in rulings if one.step is not None})),
        max(0, len(trace.steps) - _STEPS),
        [] if trace.steps else list(_turns(trace, rulings)),
        cut(closing_words(trace)) if trace.steps or not trace.turns else "",
        [ShownVerdict(one.outcome, cut(verdict_words(one)), one in counting.values()) for one in verdicts],
        cut(flaw_words(trace)),
        [ShownLabel(cut(label_words(label)), differing.get(label.name, "")) for label in trace.labels],
    )


def _facts(problem: Problem, trace: Trace) -> Iterator[str]:
    yield problem.domain
    yield f"difficulty {difficulty_words(problem.difficulty)}"
    yield problem.split
    yield f"teacher {trace.teacher}"
    yield f"sample {trace.sample_index}"
    yield f"ended by {trace.finish_reason}"
    if trace.completion_tokens is not None:
        yield f"{trace.completion_tokens:,} tokens"
    if trace.relation:
        yield trace.relation.replace("_", " ") + (f" of {trace.parent_id}" if trace.parent_id else "")


def _steps(trace: Trace, rulings: dict[int, StepVerdict]) -> Iterator[ShownStep]:
    for index, step in enumerate(trace.steps[:_STEPS]):
        ruling = rulings.get(index)
        yield ShownStep(
            index,
            ruling.outcome if ruling else "",
            cut(trace.step_text(step).strip()),
            cut(claim_words(step.claim)) if step.claim else "",
            uses_words(step.uses),
            cut(against_words(ruling)) if ruling else "",
        )


def _turns(trace: Trace, rulings: Sequence[StepVerdict]) -> Iterator[ShownTurn]:
    for index, turn in enumerate(trace.turns):
        within = sorted((one for one in rulings if one.turn == index), key=lambda one: (one.start, one.end))
        calls = "".join(f"\n[calls {call.name}]" for call in turn.tool_calls)
        yield ShownTurn(turn.role, list(_passages(cut(turn.text), within[:_STEPS], calls)))


def _passages(text: str, rulings: Sequence[StepVerdict], rest: str) -> Iterator[Passage]:
    """The text in pieces, those apart that a ruling speaks of; of overlapping ones the first."""
    at = 0
    for ruling in rulings:
        if at <= ruling.start < ruling.end <= len(text):
            yield Passage(text[at : ruling.start], "", "")
            yield Passage(text[ruling.start : ruling.end], ruling.outcome, against_words(ruling) or ruling.reason)
            at = ruling.end
    yield Passage(text[at:] + rest, "", "")
