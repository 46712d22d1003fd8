"""Puzzles of truth-tellers and liars with exactly one solution, in three settings.

What makes a puzzle harder: more people, and more statements that combine or count. Only puzzles are made that can be
solved as people solve them, from one statement to the next and by refuting one assumption at a time.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from functools import lru_cache, reduce
from operator import and_
from random import Random
from typing import ClassVar, NamedTuple

from tracemill.records import Check, Claim, Problem, canonical_json
from tracemill.tasks.kit.narrated_task import NarratedTask
from tracemill.tasks.kit.teller import Teller, entailment
from tracemill.tasks.kit.words import words_beside
from tracemill.tasks.knights_knaves.grouping import canonical
from tracemill.tasks.knights_knaves.inference import InferenceRule, rule, solvable
from tracemill.tasks.knights_knaves.statements import Statement, formula, universe
from tracemill.tasks.knights_knaves.story import Wording, story
from tracemill.tasks.knights_knaves.telling import Reasoning
from tracemill.tasks.oracle import Oracle
from tracemill.tasks.task import Draft, Request

_ATTEMPTS = 2000
_FORMS = ("is", "same", "differ", "and", "or", "if", "count")
_EASY = (18, 8, 8, 18, 16, 15, 17)
_HARD = (5, 7, 7, 18, 20, 20, 23)


class KnightsKnaves(NarratedTask):
    """See the module. `instance`: theme, names, and the statements in order, each with its speaker's number.

    A wrong inference in a case that fails anyway leaves the answer right, and is a mistake all the same.
    """

    name: ClassVar[str] = "logic.puzzle.knights_knaves"
    version: ClassVar[str] = "7"
    summary: ClassVar[str] = "who tells the truth and who lies: 3-8 people, one statement each, one solution"
    words = words_beside(__file__)
    spoils_answer = False

    @property
    def oracle(self) -> type[Oracle]:
        from tracemill.tasks.knights_knaves.oracle import KnightsKnavesOracle

        return KnightsKnavesOracle

    def make(self, request: Request) -> Draft:
        rng, level = request.rng, request.difficulty
        theme = self.words.themes[request.theme]
        people = 3 + int(5 * level) + (rng.random() < 5 * level % 1)
        truth, statements = _puzzle(people, level, rng)
        names = rng.sample(theme["names"], people)
        order = rng.sample(range(people), people)
        spoken = [(speaker, statements[speaker]) for speaker in order]
        premises = [Claim("symbols", dict.fromkeys(names, "Bool"))]
        premises += [entailment(f"(= {names[speaker]} {formula(said, names)})") for speaker, said in spoken]
        return Draft(
            prompt=story(self.words, request.theme, spoken, names, rng),
            answer=canonical_json({name: theme["words"][kind] for name, kind in zip(names, truth, strict=True)}),
            check=Check("structured", {"fields": dict.fromkeys(names, "exact")}),
            premises=tuple(premises),
            group=canonical(statements),
            instance={
                "theme": request.theme,
                "names": names,
                "statements": [[speaker, statement] for speaker, statement in spoken],
            },
        )

    def tell(self, problem: Problem, teller: Teller) -> None:
        instance = problem.metadata["instance"]
        puzzle = _told_puzzle(canonical_json(instance["statements"]), instance["theme"], tuple(instance["names"]))
        reasoning = Reasoning(puzzle.rules, puzzle.truth, puzzle.wording, teller)
        reasoning.solve()
        reasoning.check()
        kinds, wording = sorted(reasoning.facts.kinds.known.items()), puzzle.wording
        fields = [f"{wording.names[person]} = {wording.theme['words'][kind]}" for person, kind in kinds]
        teller.close("closing", ", ".join(fields), summary=wording.kinds(kinds))


class _ToldPuzzle(NamedTuple):
    """What all tellings of a puzzle share. `truth`: the bit of its solution."""

    rules: tuple[InferenceRule, ...]
    truth: int
    wording: Wording


@lru_cache(maxsize=16)
def _told_puzzle(spoken: str, theme: str, names: tuple[str, ...]) -> _ToldPuzzle:
    """The statements are given as JSON, each with its speaker. Kept for a while: one puzzle has several tellings."""
    rules = tuple(
        rule(number, speaker, statement, len(names))
        for number, (speaker, statement) in enumerate(json.loads(spoken), start=1)
    )
    truth = reduce(and_, (each.allowed for each in rules), universe(len(names))[0])
    words = KnightsKnaves.words
    return _ToldPuzzle(rules, truth, Wording(words.phrases, words.themes[theme], names))


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


def _true_rule(speaker: int, truth: Sequence[bool], weights: Sequence[float], rng: Random) -> InferenceRule:
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
    how = rng.choice(("exactly", "least", "most"))
    return ["count", group, how, rng.randint(1, size - 1), rng.random() < 0.6]
