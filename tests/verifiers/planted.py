"""A task whose wrong steps betray themselves as much as a test wants."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import ClassVar

from tracemill.records import Check, Claim, Flaw, Payload, Problem, premise
from tracemill.sources.domains import problem_from
from tracemill.tasks.task import Detail, Draft, Line, Misconception, Request, Solution

WORDS = ("so", "now", "here", "we", "see", "that", "this", "gives", "then", "it", "follows", "thus", "next", "hence")


def sentence(rng: random.Random) -> str:
    return " ".join(rng.choices(WORDS, k=rng.randint(5, 9)))


def claim(formula: str) -> Claim:
    return Claim("entailment", {"formula": formula})


class Planted:
    """Three steps of random words. A `told` mistake says `oddly enough` in the second; a `silent` one says nothing."""

    name: ClassVar[str] = "math.test.planted"
    version: ClassVar[str] = "1"
    summary: ClassVar[str] = "random words"
    licence: ClassVar[str] = "Apache-2.0"
    language: ClassVar[str] = "en"
    themes: ClassVar[tuple[str, ...]] = ("plain",)
    misconceptions: ClassVar[tuple[Misconception, ...]] = (
        Misconception("impossible", "slip", "cannot be made"),
        Misconception("silent", "slip", "a wrong number"),
        Misconception("told", "slip", "a wrong number and a phrase"),
    )

    oracle: ClassVar[None] = None

    def notices(self) -> tuple[()]:
        return ()

    def missing(self) -> str | None:
        return None

    def capacity(self, band: tuple[float, float]) -> int | None:
        return None

    def make(self, request: Request) -> Draft | None:
        n = request.rng.randint(1, 10**9)
        premises = (Claim("symbols", {"x": "Int"}), claim(f"(= x {n})"))
        return Draft(f"Say {n}.", str(n), Check("numeric"), premises, str(n), {"n": n})

    def solve(self, problem: Problem, rng: random.Random, detail: Detail = "normal") -> Solution:
        return self._told(problem, rng, 0, "")

    def err(
        self, problem: Problem, misconceptions: Sequence[str], rng: random.Random, detail: Detail = "normal"
    ) -> Solution | None:
        possible = [name for name in misconceptions if name != "impossible"]
        if not possible:
            return None
        return self._told(problem, rng, 1, ", oddly enough" if possible[0] == "told" else "", possible[0])

    def correct(
        self, problem: Problem, misconceptions: Sequence[str], rng: random.Random, detail: Detail = "normal"
    ) -> Solution | None:
        return None

    def _told(self, problem: Problem, rng: random.Random, extra: int, tell: str, mistake: str = "silent") -> Solution:
        n = problem.metadata["instance"]["n"] + extra
        lines = (
            Line(f"{sentence(rng)}.", claim("(> x 0)"), (premise(1),)),
            Line(f"{sentence(rng)} x = {n}{tell}.", claim(f"(= x {n})"), (premise(1),)),
            Line(f"{sentence(rng)}.", claim("(> x 0)"), (premise(1),)),
        )
        return Solution(lines, f"\\boxed{{{n}}}", Flaw(1, mistake, "one too many") if extra else None)


class Tampered(Planted):
    """Six steps, the fourth of which may be wrong; a wrong solution is then changed in the way that a test wants."""

    misconceptions: ClassVar[tuple[Misconception, ...]] = (Misconception("silent", "slip", "a wrong number"),)

    def __init__(self, change: Callable[[Solution], Solution] = lambda solution: solution) -> None:
        self.change = change

    def err(
        self, problem: Problem, misconceptions: Sequence[str], rng: random.Random, detail: Detail = "normal"
    ) -> Solution | None:
        return self.change(self._told(problem, rng, 1, ""))

    def _told(self, problem: Problem, rng: random.Random, extra: int, tell: str, mistake: str = "silent") -> Solution:
        n = problem.metadata["instance"]["n"] + extra
        stated = [claim("(> x 0)")] * 3 + [claim(f"(= x {n})")] + [claim("(> x 0)")] * 2
        cited = [(premise(1),), (0, premise(1)), (0, premise(1)), (1, 2, premise(1)), (2,), (4,)]
        lines = [Line(f"{sentence(rng)}.", said, uses) for said, uses in zip(stated, cited, strict=True)]
        return Solution(tuple(lines), f"\\boxed{{{n}}}", Flaw(3, mistake, "one too many") if extra else None)


def changed_line(solution: Solution, at: int, **parts: object) -> Solution:
    lines = list(solution.lines)
    lines[at] = replace(lines[at], **parts)
    return replace(solution, lines=tuple(lines))


def problem(prompt: str, instance: Payload, premises: Sequence[Claim] = ()) -> Problem:
    draft = Draft(prompt, "0", Check("numeric"), tuple(premises), prompt, instance)
    return problem_from(draft, Planted(), Request(0, "plain", 0.5, (0.0, 1.0), random.Random(0)), 0, 0.0)
