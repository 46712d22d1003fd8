"""What kind of thing an expected answer is, told apart where it is read: a check can only use an answer.

    empty          there is none
    not_found      a word that says so: `not found`, `N/A`, `null`
    proof          the problem asks for a proof, and the answer says so: `proof`, `see solution`
    several_parts  `(a) 3, (b) 5`: several answers, of which a check would compare one
    essay          prose
    unreadable     something else that the check cannot read

The config says what becomes of each: the row is rejected, or kept with an answer that nobody knows, so that verdicts on
its solutions are `unknown` and never wrong. Code, choices, plans and texts are compared as they are: of these only what
is empty or does not fit is told apart.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Literal, NamedTuple, get_args

from pydantic import BaseModel, ConfigDict

from tracemill.records import Decision, Problem

AnswerKind = Literal["empty", "not_found", "proof", "several_parts", "essay", "unreadable"]
Fate = Literal["reject", "keep_unverified"]

TRIAGE = "triage"
"""The key of a kept problem's metadata under which its kind stands."""
_REASONS: dict[AnswerKind, str] = {
    "empty": "the answer is empty",
    "not_found": "the answer says that there is none",
    "proof": "the answer is a proof",
    "several_parts": "the answer has several parts",
    "essay": "the answer is prose",
    "unreadable": "the answer does not fit check",
}


class AnswerPolicy(BaseModel):
    """What becomes of a row whose expected answer is of each kind: `reject`, or `keep_unverified`: kept as one whose
    answer nobody knows."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    empty: Fate = "reject"
    not_found: Fate = "reject"
    proof: Fate = "reject"
    several_parts: Fate = "reject"
    essay: Fate = "reject"
    unreadable: Fate = "reject"


class Triaged(NamedTuple):
    kind: AnswerKind
    detail: str


_NOT_FOUND = re.compile(
    r"\W{0,3}(?:not[ _-]?(?:found|available|applicable|given|provided|specified|stated)|n/a"
    r"|no (?:final )?answer(?: (?:was |is )?(?:found|given|provided|available))?|unanswered|answer missing|tbd|todo"
    r"|unknown|null|nan)\W{0,3}",
    re.IGNORECASE,
)
_PYTHON_NONE = re.compile(r"None|[?.\-–—_ ]+")
_PROOF = re.compile(
    r"\W{0,9}(?:\\text\w*\s*\{\s*)?(?:the |a |this is a )?"
    r"(?:proofs?\.?|proof (?:question|problem|required|needed|only)|proved?n?|(?:it is |as )?(?:shown|proved|proven)"
    r"|see (?:the )?(?:proof|solution|above|explanation)|q\.?\s?e\.?\s?d|to (?:be )?(?:prove|show)n?"
    r"|(?:the )?(?:statement|claim|inequality|identity) (?:is |has been )?(?:proven|proved|true by proof)"
    r"|\\(?:blacksquare|square|qed)|[□■∎])\W{0,9}",
    re.IGNORECASE,
)
_MARKS_OF_PARTS = (
    *((rf"\(?{first}[).:]", rf"\(?{second}[).:]") for first, second in (("a", "b"), ("i", "ii"))),
    # Not `1.5, 2.5`, nor the ratio `1: 2: 3`.
    (r"\(?1(?:\)|\.\s)", r"\(?2(?:\)|\.\s)"),
)
_PARTS = tuple(
    re.compile(rf"\W{{0,3}}(?:part\s*)?{first}.*?[\s;,.](?:part\s*)?{second}", re.DOTALL | re.IGNORECASE)
    for first, second in _MARKS_OF_PARTS
)
_COMMAND = re.compile(r"\\[A-Za-z]+")
_WORD = re.compile(r"[^\W\d_]{2,}")
_ESSAY_WORDS = 8


def triaged(problem: Problem) -> Triaged | None:
    """What is the matter with an expected answer; None where its check can use it."""
    kind = problem.check.kind
    if kind != "code" and not problem.answer.strip():
        return Triaged("empty", "")
    told = _told_apart(problem.answer.strip()) if kind in ("numeric", "symbolic") else None
    if told is not None:
        return Triaged(told, problem.answer.strip()[:200])
    try:
        _read(problem)
    except ValueError as exc:
        return Triaged("unreadable", str(exc))
    return None


def decided(problem: Problem, found: Triaged, policy: AnswerPolicy) -> Problem | Decision:
    """What becomes of a problem whose answer is no answer. The detail of a rejection begins with its place in the
    source, counted from 1: `gsm8k:17: …`."""
    if getattr(policy, found.kind) == "keep_unverified":
        metadata = {**problem.metadata, "answer": "unknown", TRIAGE: found.kind}
        return replace(problem, answer="", metadata=metadata)
    reason = _REASONS[found.kind]
    if found.kind == "unreadable":
        reason += f" {problem.check.kind!r}"
    place = f"{problem.source.name}:{problem.source.index + 1}"
    detail = f"{place}: {found.detail}" if found.detail else place
    return Decision(problem.id, "problem", False, reason, detail[:500], problem_id=problem.id)


def kind_of_reason(reason: str) -> AnswerKind | None:
    """The kind for whose sake a row was rejected; None where it was rejected for something else."""
    return next((kind for kind, said in _REASONS.items() if reason == said or reason.startswith(f"{said} '")), None)


def _told_apart(answer: str) -> AnswerKind | None:
    if _NOT_FOUND.fullmatch(answer) or _PYTHON_NONE.fullmatch(answer):
        return "not_found"
    if _PROOF.fullmatch(answer):
        return "proof"
    if any(pattern.match(answer) for pattern in _PARTS):
        return "several_parts"
    # Also where the check reads it as words: nobody would write just these.
    return "essay" if _is_prose(answer) else None


def _is_prose(answer: str) -> bool:
    return len(_WORD.findall(_COMMAND.sub(" ", answer))) >= _ESSAY_WORDS


def _read(problem: Problem) -> None:
    """
    Raises:
        ValueError: the check or the expected answer makes no sense.
    """
    if problem.check.kind == "code":
        from tracemill.verifiers.code.spec import read_spec

        read_spec(problem.check)
        return
    from tracemill.verifiers.answer.check import check_gold

    check_gold(problem.check, problem.answer, problem.prompt)


def counted(found: Mapping[AnswerKind, Mapping[str, Any]]) -> dict[str, dict[str, Any]]:
    """The counts in the order in which kinds are told apart, without those of which there are none."""
    return {kind: dict(found[kind]) for kind in get_args(AnswerKind) if found.get(kind)}
