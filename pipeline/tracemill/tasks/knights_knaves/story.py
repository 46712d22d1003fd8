"""The words of a puzzle: its prompt, and what everybody says, as it is said and as it is recalled."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from random import Random
from typing import Any

from tracemill.tasks.kit.words import Bank, Voice, Words
from tracemill.tasks.knights_knaves.inference import InferenceRule
from tracemill.tasks.knights_knaves.statements import Literal, Statement

NUMBERS = ("none", "one", "two", "three", "four", "five", "six", "seven", "eight")


def joined(parts: Sequence[str]) -> str:
    """`a`, `a and b`, `a, b and c`."""
    return " and ".join([*([", ".join(parts[:-1])] if parts[1:] else []), *parts[-1:]])


def clause(theme: Mapping[str, Any], name: str, kind: bool) -> str:
    """`Bo is a knave`; `I am a knave` of oneself."""
    return f"{name} {'am' if name == 'I' else 'is'} {theme['one'][kind]}"


def everybody(theme: Mapping[str, Any], names: Sequence[str], literals: Sequence[Literal]) -> str:
    """`Ana and Bo are knaves and Cyril is a knight`: those of one kind together, in the order of the first of each."""
    parts = []
    for kind in dict.fromkeys(kind for _, kind in literals):
        alike = [names[person] for person, other in literals if other == kind]
        parts.append(f"{joined(alike)} are {theme['many'][kind]}" if alike[1:] else clause(theme, alike[0], kind))
    return joined(parts)


def form_of(statement: Statement) -> str:
    return str(statement[2] if statement[0] == "count" else statement[0])


def slots(theme: Mapping[str, Any], statement: Statement, names: Sequence[str]) -> dict[str, str]:
    """What fills the phrases of a statement; `names` are as the speaker would call everybody."""
    form = statement[0]
    if form == "count":
        _, group, _, number, kind = statement
        others = [names[person] for person in group if names[person] != "I"]
        are = f"is {theme['one'][kind]}" if number == 1 else f"are {theme['many'][kind]}"
        named = others if len(others) == len(group) else [*others, "me"]
        return {"n": NUMBERS[number], "group": joined(named), "are": are}
    if form in ("same", "differ"):
        x, y = sorted((names[statement[1]], names[statement[2]]), key=lambda name: name == "I")
        return {"x": x, "y": y}
    parts: Sequence[Literal] = [(statement[1], statement[2])] if form == "is" else list(statement[1:])
    clauses = [clause(theme, names[person], kind) for person, kind in parts]
    return {"a": clauses[0], "b": clauses[-1]}


class Wording:
    """What the people of one puzzle are called, and what they say as somebody recalls it who reasons about it. The
    tellings of a puzzle say the same again and again: it is put into words once."""

    def __init__(self, phrases: Bank, theme: Mapping[str, Any], names: Sequence[str]) -> None:
        self.theme, self.names, self._phrases = theme, names, phrases
        self._kinds: dict[tuple[Literal, ...], str] = {}
        self._recalled: dict[InferenceRule, str] = {}

    def kinds(self, literals: Sequence[Literal]) -> str:
        """See `everybody`."""
        key = tuple(literals)
        if key not in self._kinds:
            self._kinds[key] = everybody(self.theme, self.names, key)
        return self._kinds[key]

    def recalled(self, rule: InferenceRule) -> str:
        """What a rule's statement says."""
        if rule not in self._recalled:
            text = self._phrases[form_of(rule.statement)][0]
            self._recalled[rule] = text.format(**slots(self.theme, rule.statement, self.names))
        return self._recalled[rule]


def story(words: Words, theme: str, spoken: Sequence[tuple[int, Statement]], names: Sequence[str], rng: Random) -> str:
    """The whole prompt; `spoken` are the statements in order, each with its speaker."""
    terms, voice = words.themes[theme], Voice(words.theme(theme), rng)
    who = rng.sample(list(names), len(names))
    place, visitor = rng.choice(terms["places"]), rng.choice(terms["visitors"])
    intro = voice("intros", who=joined(who), place=place, visitor=visitor, n=NUMBERS[len(names)])
    sayings = []
    for speaker, statement in spoken:
        called = [terms["me"] if person == speaker else name for person, name in enumerate(names)]
        said = voice(f"said_{form_of(statement)}", **slots(terms, statement, called))
        sayings.append(voice("sayings", name=names[speaker], said=said))
    forms = {statement[0] for _, statement in spoken}
    notes = [voice(f"note_{form}") for form in ("or", "if") if form in forms]
    fields = ", ".join(f"{name} = ..." for name in names)
    form = voice("forms", fields=fields, true=terms["words"][True], false=terms["words"][False])
    closing = " ".join([*notes, voice("questions"), form])
    if rng.random() < 0.6:
        return "\n\n".join([intro, "\n".join(sayings), closing])
    return " ".join([intro, *sayings, closing])
