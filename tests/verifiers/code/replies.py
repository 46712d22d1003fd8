"""Problems with a code check, replies to them, and what the verifier says of these."""

from __future__ import annotations

from typing import Any

from tracemill.claims.claim_checker import Ruling
from tracemill.records import Check, Problem, Source, Trace, Turn
from tracemill.verifiers.code.verifier import CodeConfig, CodeVerifier


def verifier(**config: Any) -> CodeVerifier:
    return CodeVerifier(CodeConfig(**config))


def problem(spec: dict[str, Any], gold: str = "", prompt: str = "Write the program.") -> Problem:
    source = Source("tests", "1", "Apache-2.0", 0, 0)
    return Problem("p", "g", "code.programs.tests.plain", prompt, gold, Check("code", spec), source)


def trace(content: str, reasoning: str = "", finish_reason: Any = "stop") -> Trace:
    turns = (Turn("assistant", content=content, reasoning=reasoning),)
    return Trace("t", "d", "p", "skills", "tests", "single", 0, "0", turns, finish_reason)


def block(program: str, tag: str = "python") -> str:
    return f"Here it is.\n\n```{tag}\n{program}\n```\n"


VERIFIER = verifier()


def ruled(spec: dict[str, Any], program: str, tag: str = "python", **how: Any) -> Ruling:
    """What the verifier says of a reply with this program."""
    return VERIFIER.rule(problem(spec), trace(block(program, tag), **how))
