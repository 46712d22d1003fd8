"""Answers per second against math-verify, by class, both in one run and on the same pairs; and how often each is right.

Run from the checkout's folder: `python benchmarks/answers.py [pairs per class]`. Ours are whole verdicts (the answer is
found in a text, read and compared), theirs `verify(parse(gold), parse(text))`, without time limits of its own.
Targets: never under 1.0×, numbers 20×.
"""

from __future__ import annotations

import logging
import sys
import time
from collections import Counter
from collections.abc import Callable, Sequence

from math_verify import parse, verify
from tracemill.records import Check, Problem, Source, Trace, Turn
from tracemill.verifiers.answer.mutations import MAKERS, AnswerPair, pairs
from tracemill.verifiers.answer.verifier import AnswerVerifier

PAIRS = 100
SEED = 20


def main() -> None:
    logging.disable(logging.WARNING)
    count = int(sys.argv[1]) if len(sys.argv) > 1 else PAIRS
    verifier = AnswerVerifier()
    print(f"{'class':<12}{'ours/s':>9}{'theirs/s':>10}{'ratio':>8}   of {count} equal and {count} different pairs")
    for kind in MAKERS:
        warm(verifier, kind)
        made = list(pairs(kind, count, SEED))
        ours, our_seconds = timed(lambda pair: outcome(verifier, pair), made)
        theirs, their_seconds = timed(their_outcome, made)
        speeds = len(made) / our_seconds, len(made) / their_seconds
        print(
            f"{kind:<12}{speeds[0]:9.0f}{speeds[1]:10.0f}{speeds[0] / speeds[1]:7.1f}×   "
            f"ours {said(made, ours)}; theirs {said(made, theirs)}",
            flush=True,
        )
    verifier.close()


def warm(verifier: AnswerVerifier, kind: str) -> None:
    """Starts what starts once: the child of the computer algebra, imports, tables."""
    for pair in pairs(kind, 5, SEED + 1):
        outcome(verifier, pair)
        their_outcome(pair)


def timed(judge: Callable[[AnswerPair], str], made: Sequence[AnswerPair]) -> tuple[list[str], float]:
    began = time.perf_counter()
    found = [judge(pair) for pair in made]
    return found, time.perf_counter() - began


def outcome(verifier: AnswerVerifier, pair: AnswerPair) -> str:
    problem = Problem("p", "g", "a.b.c.d", "", pair.gold, Check("symbolic"), Source("bench", "1", "MIT", 0, 0))
    turns = (Turn("assistant", content=f"So it is $\\boxed{{{pair.answer}}}$."),)
    return verifier.rule(problem, Trace("t", "d", "p", "skills", "m", "single", 0, "0", turns, "stop")).outcome


def their_outcome(pair: AnswerPair) -> str:
    gold = parse(f"${pair.gold}$", parsing_timeout=None)
    answer = parse(f"So it is $\\boxed{{{pair.answer}}}$.", parsing_timeout=None)
    return "verified" if verify(gold, answer, timeout_seconds=None) else "refuted"


def said(made: Sequence[AnswerPair], found: Sequence[str]) -> str:
    counts = Counter((pair.equal, outcome) for pair, outcome in zip(made, found, strict=True))
    return (
        f"{counts[False, 'verified']} verified that differ, {counts[True, 'refuted']} refuted that are equal, "
        f"{counts[True, 'unknown']} + {counts[False, 'unknown']} undecided"
    )


if __name__ == "__main__":
    main()
