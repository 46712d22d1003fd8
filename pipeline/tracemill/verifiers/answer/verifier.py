"""The verifier `answer`: whether the final answer of a solution is the expected one.

Only the last assistant turn counts, there the content, or where that is empty the whole text. `finding/` says where the
answer stands; the form of the check (`forms/`) reads and judges it. The evidence keeps the rule, the span in the turn's
text and the text. No answer, several different ones and a hedged one are refuted; one that cannot be read is unknown. A
trace that was cut off is never verified, nor one that waits for a tool or ended in an error.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Sequence
from dataclasses import replace
from functools import partial
from importlib.metadata import version
from typing import Any, ClassVar, Literal

from pydantic import BaseModel, ConfigDict, Field

from tracemill.claims.claim_checker import Canary, Ruling
from tracemill.records import Payload, Problem, Scope, Trace, Turn
from tracemill.sandbox.limited import ISOLATION, LimitedProcess
from tracemill.sandbox.limited_pool import LimitedPool
from tracemill.settings.regular_expression import RegularExpression
from tracemill.verifiers.answer.check import check_gold, form_of
from tracemill.verifiers.answer.comparing.equal_terms import as_json
from tracemill.verifiers.answer.finding.extraction import (
    MOST,
    StatedAnswer,
    find_bare,
    find_statements,
    with_pattern,
    without_end_tokens,
)
from tracemill.verifiers.answer.finding.hedges import hedged
from tracemill.verifiers.answer.finding.span import in_span
from tracemill.verifiers.answer.forms.form import Form
from tracemill.verifiers.answer.grammar.expression_tree import Expression
from tracemill.verifiers.verifier import Verifier

MEMORY_BYTES = 2**30
CHILDREN = 4
"""Processes of computer algebra at most, for all threads together."""
MOST_COMPARISONS = 200
"""By computer algebra, for one trace. Of 200 that end, the longest takes 0.2 s."""
MOST_UNDECIDED = 3
"""Comparisons that did not end, for one trace."""
_SHOWN_CHARACTERS = 500
_MOST_CHARACTERS = 2_000_000
_BLANK_LINE = re.compile(r"\n[ \t]*\n\s*")
_STATES = re.compile(r"[=\d]")
_NEXT_SENTENCE = re.compile(r"[.!](?=\s+[A-Z][a-z])")
_PERCENTAGE = re.compile(r"\bpercentage\b(?!.*[.!?]\s)", re.IGNORECASE)
_SENTENCE = 120
_HEDGED_INSIDE = re.compile(
    r"\b(?:or|either|maybe|perhaps|about|approximately|roughly)\b|\\approx|≈|^ ?~", re.IGNORECASE
)
_CUT_OFF = frozenset({"length", "loop", "budget"})


class AnswerConfig(BaseModel):
    """`seconds`: CPU time for one comparison of expressions by computer algebra; past that the answer is unknown.
    Of 200 comparisons that end, the longest takes 0.2 s. `pattern`: a regular expression; what it matches, or its first
    group, is a final answer like one in a box."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    kind: Literal["answer"] = "answer"
    seconds: float = Field(default=1.0, gt=0)
    pattern: RegularExpression | None = None


class AnswerVerifier(Verifier):
    """Judges the final answer alone, whatever leads to it."""

    Config = AnswerConfig
    name: ClassVar[str] = "answer"
    version: ClassVar[str] = "7"
    scope: ClassVar[Scope] = "answer"

    def __init__(self, config: AnswerConfig | None = None) -> None:
        super().__init__(config)
        seconds: float = self.config.seconds
        self._algebra = LimitedPool(
            "tracemill.verifiers.answer.comparing.by_sympy:compare",
            seconds=seconds,
            memory_bytes=MEMORY_BYTES,
            size=CHILDREN,
        )
        libraries = ("sympy", "mpmath")
        self._pattern: str | None = self.config.pattern
        self._judge: dict[str, Any] = {
            "cpu_seconds": seconds,
            "algebra": " ".join(f"{name} {version(name)}" for name in libraries),
        }
        if self._pattern is not None:
            self._judge["pattern"] = self._pattern

    @property
    def judge(self) -> Payload:
        return self._judge

    def case(self, line: Payload) -> tuple[Problem, Trace]:
        """See `Verifier`. The expected answer is read, too."""
        problem, trace = super().case(line)
        check_gold(problem.check, problem.answer, problem.prompt)
        return problem, trace

    def concerns(self, problem: Problem, trace: Trace) -> bool:
        return problem.check.kind != "code"

    def rule(self, problem: Problem, trace: Trace) -> Ruling:
        """See `Verifier`.

        Raises:
            ValueError: the problem's check or expected answer makes no sense.
        """
        return self.rule_by(self._pattern, problem, trace)

    def rule_by(self, pattern: str | None, problem: Problem, trace: Trace) -> Ruling:
        """What `rule` says, with another `pattern` than the config's."""
        if not self.concerns(problem, trace):
            return Ruling("unknown", "a program is judged by the verifier 'code'")
        if not problem.has_answer:
            return Ruling("unknown", "nobody knows the expected answer")
        form = form_of(problem.check, problem.answer, problem.prompt, _Algebra(self._algebra))
        if trace.finish_reason in _CUT_OFF:
            return _refuted(f"cut off ({trace.finish_reason})")
        if trace.finish_reason != "stop":
            return Ruling("unknown", f"not finished ({trace.finish_reason})")
        last = max((index for index, turn in enumerate(trace.turns) if turn.role == "assistant"), default=None)
        if last is None:
            return _refuted("no assistant turn")
        return _rule_turn(form, trace.turns[last], last, pattern)

    def canaries(self, kinds: Collection[str] | None = None) -> Iterable[Canary]:
        from tracemill.verifiers.answer.canaries import canaries

        return canaries()

    def close(self) -> None:
        self._algebra.close()


class _Algebra:
    """Computer algebra for one trace: once it was asked `MOST_COMPARISONS` times, or gave up `MOST_UNDECIDED` times, it
    decides nothing more. Two sets of many items can be compared in very many ways."""

    def __init__(self, pool: LimitedPool) -> None:
        self._pool = pool
        self._asked = self._gave_up = 0

    def __call__(self, gold: Expression, answer: Expression) -> Ruling:
        if self._asked >= MOST_COMPARISONS or self._gave_up >= MOST_UNDECIDED:
            return Ruling("unknown", "too many comparisons by computer algebra", isolation=ISOLATION)
        self._asked += 1
        try:
            reply = self._pool.call({"gold": as_json(gold), "answer": as_json(answer)})
        except (LimitedProcess.Timeout, LimitedProcess.Died) as exc:
            self._gave_up += 1
            return Ruling("unknown", f"computer algebra gave up: {exc}", isolation=ISOLATION)
        except LimitedProcess.Failed as exc:
            # The message may quote the expected answer.
            return Ruling("unknown", f"computer algebra failed ({exc.type})", isolation=ISOLATION)
        return Ruling(reply["outcome"], reply["reason"], strength=reply["strength"], isolation=ISOLATION)


def _rule_turn(form: Form, turn: Turn, index: int, pattern: str | None) -> Ruling:
    text = turn.content or turn.text
    offset = len(turn.text) - len(text)
    if len(text) > _MOST_CHARACTERS:
        return _refuted(f"{len(text)} characters; no answer is looked for beyond {_MOST_CHARACTERS}")
    text = without_end_tokens(text)
    found = find_statements(text, multiline=form.multiline, letter=form.letter)
    if pattern is not None:
        found = with_pattern(found, text, pattern)
    statements = [_stated(form, text, one) for one in found[: MOST + 1]]
    if not statements:
        statements = [one for one in find_bare(text) if _says_answer(form, one)][:1]
    if not statements:
        return _refuted("no final answer")
    chosen = _last(statements)
    evidence = {
        "rule": chosen.rule,
        "turn": index,
        "start": offset + chosen.start,
        "end": offset + chosen.end,
        "text": chosen.text[:_SHOWN_CHARACTERS],
        "statements": len(statements),
    }
    ruling = _decide(form, text, statements, chosen)
    return Ruling(
        ruling.outcome,
        ruling.reason,
        evidence={**ruling.evidence, **evidence},
        strength=ruling.strength,
        isolation=ruling.isolation,
    )


def _decide(form: Form, text: str, statements: Sequence[StatedAnswer], chosen: StatedAnswer) -> Ruling:
    if len(statements) > MOST:
        return _refuted(f"more than {MOST} final answers")
    if not chosen.closed:
        return _refuted("a box that is never closed")
    reading = form.read(chosen.text)
    if reading is None:
        return _unread(form, chosen)
    for other in statements:
        if other is not chosen and _contradicts(form, other, chosen, reading):
            return _refuted("several different final answers")
    if hedged(text, chosen, partial(_says_same, form, reading)):
        return _refuted("a hedged final answer")
    return form.rule(reading, _PERCENTAGE.search(text, max(0, chosen.begin - _SENTENCE), chosen.begin) is not None)


def _unread(form: Form, chosen: StatedAnswer) -> Ruling:
    """Prose that states nothing is no answer; a box that cannot be read decides nothing."""
    if not chosen.strong:
        return _refuted("no final answer")
    reason = "the final answer cannot be read as what is asked for"
    if form.unreadable == "refuted" or _HEDGED_INSIDE.search(chosen.text):
        return _refuted(reason)
    return Ruling("unknown", reason)


def _says_same(form: Form, reading: object, text: str) -> bool:
    other = form.read(text)
    return other is not None and form.agree(reading, other)


def _says_answer(form: Form, bare: StatedAnswer) -> bool:
    """Whether what announces no answer is one: a short reply as a whole, or something that is no word of prose."""
    reading = form.read(bare.text)
    if reading is None or (form.multiline and bare.begin) or (":" in bare.text and isinstance(reading, str)):
        return False
    return form.is_telling(reading) or (bare.begin == 0 and form.rule(reading).outcome == "verified")


def _contradicts(form: Form, other: StatedAnswer, chosen: StatedAnswer, reading: object) -> bool:
    stated = form.read(other.text) if other.closed else None
    if stated is None:
        # "The answer is found by adding" is no answer; a box that cannot be read is one.
        return other.strong
    alike = other.strong or not chosen.strong or other.rule == chosen.rule
    return not form.agree(reading, stated) and (alike or form.is_telling(stated))


def _stated(form: Form, text: str, statement: StatedAnswer) -> StatedAnswer:
    """The statement with what belongs to it, and without what does not."""
    if statement.rule == "boxed" and statement.closed and not form.multiline:
        return replace(statement, text=in_span(text, statement))
    return _without_remark(form, statement) if form.multiline else _without_sentences(statement)


def _without_sentences(statement: StatedAnswer) -> StatedAnswer:
    """The statement up to the end of its first sentence."""
    more = _NEXT_SENTENCE.search(statement.text) if statement.rule in ("line", "hash") else None
    if not more:
        return statement
    end = statement.start + more.start()
    return replace(statement, text=statement.text[: more.start()], end=end, stop=end)


def _without_remark(form: Form, statement: StatedAnswer) -> StatedAnswer:
    """The statement up to a blank line, if what follows that states nothing; there `hedged` looks for doubts."""
    blank = _BLANK_LINE.search(statement.text)
    if not blank:
        return statement
    head, rest = statement.text[: blank.start()].rstrip(), statement.text[blank.end() :]
    if _STATES.search(rest) or form.read(rest) is not None or form.read(head) is None:
        return statement
    end = statement.start + len(head)
    return replace(statement, text=head, end=end, stop=end)


def _last(statements: Sequence[StatedAnswer]) -> StatedAnswer:
    strong = [one for one in statements if one.strong]
    return (strong or statements)[-1]


def _refuted(reason: str) -> Ruling:
    return Ruling("refuted", reason, strength="exact")
