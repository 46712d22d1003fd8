"""The verifier `answer`: whether the final answer of a solution is the expected one.

Only the last assistant turn counts, there the content, or where that is empty the whole text. Where the answer stands
is found by `extraction.py`; `forms.py` and `expression.py` read and judge it. The evidence keeps the
rule, the span in the turn's text and the text. No answer, several different ones, a hedged one and one that cannot be
read are refuted. A trace that was cut off is never verified, nor one that waits for a tool or ended in an error.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Sequence
from dataclasses import replace
from importlib.metadata import version
from typing import ClassVar, Literal

from pydantic import BaseModel, ConfigDict, Field

from tracemill.claims.claim_checker import Canary, Ruling
from tracemill.records import Payload, Problem, Scope, Trace, Turn
from tracemill.sandbox.limited import ISOLATION, LimitedProcess
from tracemill.verifiers.answer.check import form_of
from tracemill.verifiers.answer.extraction import MOST, Statement, find_statements, hedged
from tracemill.verifiers.answer.forms import Form
from tracemill.verifiers.verifier import Verifier

MEMORY_BYTES = 2**30
_SHOWN_CHARACTERS = 500
_MOST_CHARACTERS = 2_000_000
_BLANK_LINE = re.compile(r"\n[ \t]*\n\s*")
_STATES = re.compile(r"[=\d]")
_CUT_OFF = frozenset({"length", "loop", "budget"})


class AnswerConfig(BaseModel):
    """`seconds`: CPU time for one comparison of expressions by computer algebra; past that the answer is unknown.
    Of 200 comparisons that end, the longest takes 0.2 s."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    kind: Literal["answer"] = "answer"
    seconds: float = Field(default=2.0, gt=0)


class AnswerVerifier(Verifier):
    """Judges the final answer alone, whatever leads to it."""

    Config = AnswerConfig
    name: ClassVar[str] = "answer"
    version: ClassVar[str] = "2"
    scope: ClassVar[Scope] = "answer"

    def __init__(self, config: AnswerConfig | None = None) -> None:
        super().__init__(config)
        seconds: float = self.config.seconds
        self._algebra = LimitedProcess(
            "tracemill.verifiers.answer.symbolic:compare", seconds=seconds, memory_bytes=MEMORY_BYTES
        )
        libraries = ("math-verify", "latex2sympy2_extended", "sympy")
        self._judge = {"cpu_seconds": seconds, "algebra": " ".join(f"{name} {version(name)}" for name in libraries)}

    @property
    def judge(self) -> Payload:
        return self._judge

    def rule(self, problem: Problem, trace: Trace) -> Ruling:
        """See `Verifier`.

        Raises:
            ValueError: the problem's check or expected answer makes no sense.
        """
        form = form_of(problem.check, problem.answer, problem.prompt, self._compare)
        if trace.finish_reason in _CUT_OFF:
            return _refuted(f"cut off ({trace.finish_reason})")
        if trace.finish_reason != "stop":
            return Ruling("unknown", f"not finished ({trace.finish_reason})")
        last = max((index for index, turn in enumerate(trace.turns) if turn.role == "assistant"), default=None)
        if last is None:
            return _refuted("no assistant turn")
        return _rule_turn(form, trace.turns[last], last)

    def canaries(self, kinds: Collection[str] | None = None) -> Iterable[Canary]:
        from tracemill.verifiers.answer.canaries import canaries

        return canaries()

    def close(self) -> None:
        self._algebra.close()

    def _compare(self, gold: str, answer: str) -> Ruling:
        try:
            reply = self._algebra.call({"gold": gold, "answer": answer})
        except (LimitedProcess.Timeout, LimitedProcess.Died) as exc:
            return Ruling("unknown", f"computer algebra gave up: {exc}", isolation=ISOLATION)
        except LimitedProcess.Failed as exc:
            # The message may quote the expected answer.
            return Ruling("unknown", f"computer algebra failed ({exc.type})", isolation=ISOLATION)
        if reply["outcome"] == "error":
            raise ValueError(reply["reason"])
        return Ruling(reply["outcome"], reply["reason"], strength=reply["strength"], isolation=ISOLATION)


def _rule_turn(form: Form, turn: Turn, index: int) -> Ruling:
    text = turn.content or turn.text
    offset = len(turn.text) - len(text)
    if len(text) > _MOST_CHARACTERS:
        return _refuted(f"{len(text)} characters; no answer is looked for beyond {_MOST_CHARACTERS}")
    found = find_statements(text, multiline=form.multiline, letter=form.letter)
    statements = [_without_remark(form, one) for one in found[: MOST + 1]]
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


def _decide(form: Form, text: str, statements: Sequence[Statement], chosen: Statement) -> Ruling:
    if len(statements) > MOST:
        return _refuted(f"more than {MOST} final answers")
    reading = form.read(chosen.text) if chosen.closed else None
    if reading is None:
        return _refuted("the final answer cannot be read as what is asked for")
    for other in statements:
        if other is not chosen and _contradicts(form, other, chosen, reading):
            return _refuted("several different final answers")
    if hedged(text, chosen):
        return _refuted("a hedged final answer")
    return form.rule(reading)


def _contradicts(form: Form, other: Statement, chosen: Statement, reading: object) -> bool:
    stated = form.read(other.text) if other.closed else None
    if stated is None:
        # "The answer is found by adding" is no answer; a box that cannot be read is one.
        return other.strong
    alike = other.strong or not chosen.strong or other.rule == chosen.rule
    return stated != reading and (alike or form.is_telling(stated))


def _without_remark(form: Form, statement: Statement) -> Statement:
    """The statement up to a blank line, if what follows that states nothing; there `hedged` looks for doubts."""
    blank = _BLANK_LINE.search(statement.text) if form.multiline else None
    if not blank:
        return statement
    head, rest = statement.text[: blank.start()].rstrip(), statement.text[blank.end() :]
    if _STATES.search(rest) or form.read(rest) is not None or form.read(head) is None:
        return statement
    end = statement.start + len(head)
    return replace(statement, text=head, end=end, stop=end)


def _last(statements: Sequence[Statement]) -> Statement:
    strong = [one for one in statements if one.strong]
    return (strong or statements)[-1]


def _refuted(reason: str) -> Ruling:
    return Ruling("refuted", reason, strength="exact")
