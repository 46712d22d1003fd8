"""Puzzles of truth-tellers and liars with exactly one solution, in three settings.

What makes a puzzle harder: more people, and more statements that combine or count. Only puzzles are made that can be
solved as people solve them, from one statement to the next and by refuting one assumption at a time.
"""

from __future__ import annotations

from collections.abc import Sequence
from random import Random
from typing import ClassVar

from tracemill.records import Check, Claim, Problem, canonical_json
from tracemill.tasks.knights_knaves.canonical import canonical
from tracemill.tasks.knights_knaves.logic import Rule, Statement, formula, rule, solvable, universe
from tracemill.tasks.knights_knaves.phrases import Voice
from tracemill.tasks.knights_knaves.solving import Reasoning
from tracemill.tasks.knights_knaves.words import THEMES, story
from tracemill.tasks.oracle import Oracle
from tracemill.tasks.task import Detail, Draft, Misconception, Request, Solution

_ATTEMPTS = 2000
_STRIKES = 8
"""Points of a solution tried before a mistake counts as impossible in a problem."""
_SUMMARIES = 0.4
"""The share of solutions that put everything together in a last line."""
_FORMS = ("is", "same", "differ", "and", "or", "if", "count")
_EASY = (40, 14, 12, 12, 8, 4, 10)
_HARD = (8, 12, 12, 12, 20, 18, 18)


class KnightsKnaves:
    """See the module. `instance`: theme, names, and the statements in order, each with its speaker's number."""

    name: ClassVar[str] = "logic.puzzle.knights_knaves"
    version: ClassVar[str] = "2"
    summary: ClassVar[str] = "who tells the truth and who lies: 3-8 people, one statement each, one solution"
    licence: ClassVar[str] = "Apache-2.0"
    themes: ClassVar[tuple[str, ...]] = tuple(THEMES)
    misconceptions: ClassVar[tuple[Misconception, ...]] = (
        Misconception(
            "liar_believed", "wrong_rule", "What a liar says is false; here it is taken as if it had been true."
        ),
        Misconception(
            "condition_reversed",
            "wrong_rule",
            "From 'if A, then B' and B nothing follows about A; here the condition is read in the wrong direction.",
        ),
        Misconception(
            "or_exclusive", "wrong_rule", "'A or B' leaves room for both; here it is read as exactly one of them."
        ),
        Misconception(
            "denial_distributed",
            "wrong_rule",
            "If 'A and B' is false, at least one of them fails; here both are taken to fail.",
        ),
        Misconception("misread", "slip", "A name or a number of a statement is mistaken for another."),
        Misconception(
            "case_dropped",
            "dropped_case",
            "That an assumption has not led to a conflict so far does not make it true; the case is not followed up.",
        ),
    )

    @property
    def oracle(self) -> type[Oracle]:
        from tracemill.tasks.knights_knaves.oracle import KnightsKnavesOracle

        return KnightsKnavesOracle

    def capacity(self, band: tuple[float, float]) -> int | None:
        return None

    def make(self, request: Request) -> Draft | None:
        rng, level = request.rng, request.difficulty
        theme = THEMES[request.theme]
        people = 3 + int(5 * level) + (rng.random() < 5 * level % 1)
        truth, statements = _puzzle(people, level, rng)
        names = rng.sample(theme.names, people)
        order = rng.sample(range(people), people)
        spoken = [(speaker, statements[speaker]) for speaker in order]
        premises = [Claim("symbols", dict.fromkeys(names, "Bool"))]
        for speaker, statement in spoken:
            premises.append(Claim("entailment", {"formula": f"(= {names[speaker]} {formula(statement, names)})"}))
        return Draft(
            prompt=story(theme, spoken, names, rng, rng.random() < 0.6),
            answer=canonical_json({name: theme.words[kind] for name, kind in zip(names, truth, strict=True)}),
            check=Check("structured", {"fields": dict.fromkeys(names, "exact")}),
            premises=tuple(premises),
            group=canonical(statements),
            instance={
                "theme": request.theme,
                "names": names,
                "statements": [[speaker, statement] for speaker, statement in spoken],
            },
        )

    def solve(self, problem: Problem, rng: Random, detail: Detail = "normal") -> Solution:
        reasoning = _reasoning(problem, rng)
        while not reasoning.done:
            _require_move(reasoning)
        return _ended(reasoning, rng)

    def correct(self, problem: Problem, misconception: str, rng: Random, detail: Detail = "normal") -> Solution | None:
        return None

    def err(self, problem: Problem, misconception: str, rng: Random, detail: Detail = "normal") -> Solution | None:
        general = next(item.explanation for item in self.misconceptions if item.name == misconception)
        seed = rng.getrandbits(64)
        right, moves = _reasoning(problem, Random(seed)), 0
        while not right.done:
            _require_move(right)
            moves += 1
        truth = [right.facts.known[person] for person in range(len(right.names))]
        for before in rng.sample(range(moves), min(moves, _STRIKES)):
            reasoning = _reasoning(problem, Random(seed))
            for _ in range(before):
                _require_move(reasoning)
            if reasoning.err(misconception, truth, general):
                while not reasoning.done and reasoning.move():
                    pass
                if reasoning.done:
                    return _ended(reasoning, rng)
        return None


def _reasoning(problem: Problem, rng: Random) -> Reasoning:
    instance = problem.metadata["instance"]
    names: list[str] = instance["names"]
    rules = [
        rule(number, speaker, statement, len(names))
        for number, (speaker, statement) in enumerate(instance["statements"], start=1)
    ]
    return Reasoning(rules, Voice(THEMES[instance["theme"]], names, rng), rng)


def _require_move(reasoning: Reasoning) -> None:
    """Raises RuntimeError: the puzzle cannot be solved step by step, so it was not made by this domain."""
    if not reasoning.move():
        raise RuntimeError("the puzzle cannot be solved by one assumption at a time")


def _ended(reasoning: Reasoning, rng: Random) -> Solution:
    if rng.random() < _SUMMARIES:
        reasoning.summarise()
    return Solution(
        tuple(reasoning.lines), reasoning.voice.closing(reasoning.facts.known, reasoning.summarised), reasoning.flaw
    )


def _puzzle(people: int, level: float, rng: Random) -> tuple[list[bool], list[Statement]]:
    """Kinds and one statement of each person, so that no other kinds agree with the statements.

    Raises:
        RuntimeError: none was found, which has never been seen.
    """
    weights = [easy + (hard - easy) * level for easy, hard in zip(_EASY, _HARD, strict=True)]
    truth = _kinds(people, rng)
    rules = [_true_rule(speaker, truth, weights, rng) for speaker in range(people)]
    for _ in range(_ATTEMPTS):
        left = universe(people)[0]
        for each in rules:
            left &= each.allowed
        # What can be solved has one solution; to count first is cheaper.
        if left & (left - 1) == 0 and solvable(rules, people):
            return truth, [each.statement for each in rules]
        speaker = rng.randrange(people)
        rules[speaker] = _true_rule(speaker, truth, weights, rng)
    raise RuntimeError(f"no puzzle of {people} people after {_ATTEMPTS} attempts")


def _kinds(people: int, rng: Random) -> list[bool]:
    """Random kinds, not all the same."""
    truthful = rng.sample(range(people), rng.randint(1, people - 1))
    return [person in truthful for person in range(people)]


def _true_rule(speaker: int, truth: Sequence[bool], weights: Sequence[float], rng: Random) -> Rule:
    """A statement that somebody of the speaker's kind can make."""
    people = len(truth)
    world = sum(1 << person for person, kind in enumerate(truth) if kind)
    while True:
        form = rng.choices(_FORMS, weights)[0]
        found = rule(speaker + 1, speaker, _statement(form, speaker, people, rng), people)
        if found.allowed >> world & 1:
            return found


def _statement(form: str, speaker: int, people: int, rng: Random) -> Statement:
    if form == "count":
        return _counting(people, rng)
    others = [person for person in range(people) if person != speaker]
    if form == "is":
        return ["is", rng.choice(others), rng.random() < 0.5]
    # Now and then a statement includes its speaker.
    pair = rng.sample(range(people) if rng.random() < 0.3 else others, 2)
    if form in ("same", "differ"):
        return [form, *pair]
    return [form, *([person, rng.random() < 0.5] for person in pair)]


def _counting(people: int, rng: Random) -> Statement:
    size = people if rng.random() < 0.4 else min(people, rng.randint(3, 4))
    group = sorted(rng.sample(range(people), size))
    how = rng.choice(("exactly", "exactly", "least", "most"))
    return ["count", group, how, rng.randint(1, size - 1), rng.random() < 0.6]
