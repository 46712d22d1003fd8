"""What the tasks over Metamath's databases share: a theorem drawn, and its rules shown."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from random import Random
from typing import ClassVar

from tracemill.claims.metamath.unifying import TooManyTries
from tracemill.metamath.grammar import Tree
from tracemill.records import Check, Claim, Payload
from tracemill.tasks.kit.narrated_task import NarratedTask
from tracemill.tasks.kit.words import Bank, Voice, Words, read_words
from tracemill.tasks.metamath import databases
from tracemill.tasks.metamath.databases import provenance
from tracemill.tasks.metamath.posing import (
    Posed,
    Theorem,
    comment_of,
    conditions,
    listed,
    premises_of,
    rule_in_words,
    stored_move,
    symbols_for,
    theorem_of,
)
from tracemill.tasks.metamath.theorems import Entry, members
from tracemill.tasks.oracle import Oracle
from tracemill.tasks.task import Draft, Request

FOLDER = Path(__file__).parent
FAMILY = "logic.metamath"
MAX_NOTATION = 16
_KINDS = {
    "wff": ("a formula", "formulas"),
    "setvar": ("a set variable", "set variables"),
    "class": ("a class", "classes"),
    "term": ("a term", "terms"),
}


class MetamathTask(NarratedTask):
    """`instance`: the database and the theorem, how its symbols are written, the moves of its proof, and what the task
    adds."""

    version: ClassVar[str] = f"2+{provenance()}"
    """What the databases hold is part of what the problems are: with other ones a build is not continued."""
    licence: ClassVar[str] = "CC0-1.0"
    decoys: ClassVar[tuple[int, int]] = (1, 4)
    """So many rules that no step needs are shown, from the easiest problem to the hardest."""

    @property
    def oracle(self) -> type[Oracle]:
        from tracemill.tasks.metamath.oracle import MetamathOracle

        return MetamathOracle

    def missing(self) -> str | None:
        return databases.missing()

    def capacity(self, band: tuple[float, float]) -> int | None:
        return len(self.themes) * max(len(members(theme, band)) for theme in self.themes)

    def make(self, request: Request) -> Draft | None:
        fitting = members(request.theme, request.band)
        place = request.index // len(self.themes)
        if place >= len(fitting):
            return None
        entry = fitting[place]
        low, high = self.decoys
        theorem = theorem_of(entry, low + round((high - low) * entry.difficulty))
        premises = premises_of(theorem, request.rng)
        instance = {
            "database": entry.database,
            "theorem": entry.theorem,
            "symbols": symbols_for(entry.database, premises),
            "moves": [stored_move(theorem.logic.grammar, move) for move in theorem.moves],
        }
        try:
            return self.ask(entry, theorem, premises, instance, request.rng)
        except TooManyTries as exc:
            raise RuntimeError("whether some rule applies, and so the answer, takes too long to find out") from exc

    @abstractmethod
    def ask(self, entry: Entry, theorem: Theorem, premises: tuple[Claim, ...], instance: Payload, rng: Random) -> Draft:
        """The problem of this task about a theorem.

        Raises:
            RuntimeError: it has none.
            TooManyTries: whether it has one is not found out.
        """

    def draft(
        self, entry: Entry, prompt: str, answer: str, check: Check, premises: tuple[Claim, ...], instance: Payload
    ) -> Draft:
        return Draft(
            prompt=prompt,
            answer=answer,
            check=check,
            premises=premises,
            group=entry.group,
            family=FAMILY,
            may_be_held_out=entry.may_be_held_out,
            instance=instance,
            difficulty=entry.difficulty,
            tags=(f"{entry.database}:{entry.theorem}",),
        )

    def shown(
        self, theorem: Theorem, found: Posed, voice: Voice, trees: Sequence[Tree], given: bool = True
    ) -> list[str]:
        """The paragraphs of a prompt that show rules, variables, notation and, where wanted, what is given. `trees`:
        what else is shown."""
        rules = list(found.system.rules.values())
        statements = theorem.logic.database.statements
        lines = []
        for rule in rules:
            comment = comment_of(getattr(statements[rule.label], "comment", ""), found.notation)
            lines.append(
                f"- `{rule.label}`: {rule_in_words(rule, found.notation, voice)}." + (f" {comment}" if comment else "")
            )
        everything = [*trees, *(each for rule in rules for each in (rule.formula, *rule.hypotheses))]
        everything += [formula for formula, _ in found.hypotheses.values()]
        explained = found.notation.explained(everything)[:MAX_NOTATION]
        paragraphs = [voice("opening"), voice("kinds", kinds=_kinds(found)), "\n".join(lines)]
        if explained:
            paragraphs.append(voice("notation", notation="; ".join(explained)))
        if given and found.hypotheses:
            named = [f"({name}) {found.write(formula)}" for name, (formula, _) in found.hypotheses.items()]
            paragraphs.append(voice("assumed", given="; ".join(named)))
        if text := conditions(found.system.distinct, found.notation, ""):
            paragraphs.append(voice("distinct", conditions=text))
        return paragraphs


def _kinds(found: Posed) -> str:
    """`φ and ψ stand for formulas; x stands for a set variable`."""
    types, parts = found.system.grammar.types, []
    for kind, (singular, plural) in _KINDS.items():
        names = sorted(found.notation.symbols[name] for name in types if types[name] == kind)
        if names:
            parts.append(f"{listed(names)} {f'stand for {plural}' if len(names) > 1 else f'stands for {singular}'}")
    return "; ".join(parts)


@cache
def words_of(name: str) -> Words:
    """The words of one of these tasks, `NAME.yaml`, with those that all share, `words.yaml`."""
    own, shared = read_words(FOLDER / f"{name}.yaml"), read_words(FOLDER / "words.yaml")
    phrases = Bank(own.phrases.where, {**shared.phrases.entries, **own.phrases.entries})
    return Words(own.path, shared.themes, phrases, own.misconceptions)
