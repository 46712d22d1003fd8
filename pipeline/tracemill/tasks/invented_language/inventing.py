"""Inventing a language: the sounds of its parts, its order and rule, which words are shown and which is asked for.

Why every part can be found: a first word is shown, and for its root and each of its features a *contrast*, a word that
differs in this one part and there in the first and the last letter. What differs is then exactly that part, and the
parts fill the word. All other words shown have one unknown part each, in the order in which `Language.words` has them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise, permutations
from random import Random
from typing import Any

from tracemill.tasks.invented_language.language import Language, Meaning, PartOrder, SoundRule

_PLAIN_ROOTS, _SHORT_PARTS = ("CVCV", "CVCV", "VCV", "CVCVCV"), ("CV", "CV", "CV", "CVC", "V")
_CLOSED_ROOTS, _OPEN_PARTS = ("CVC", "CVCVC", "VCVC"), ("VC", "VC", "VCC", "VC")
_ATTEMPTS = 200


class Misfit(Exception):
    """What was drawn does not go together; another draw may."""


class Sounds:
    """Draws parts that are spelt like none before. `bright` and `dark` are the vowels, `banned` cannot be drawn."""

    def __init__(self, theme: Mapping[str, Any], rule: SoundRule | None, open_roots: bool, rng: Random) -> None:
        self.rng, self.used = rng, set(theme["english"])
        self.bright = "ei" if rule and rule.kind == "shift" else "aeiou"
        self.dark = "aou" if rule and rule.kind == "shift" else "aeiou"
        special = rule.letters if rule and rule.kind == "meeting" else ""
        self.consonants = [letter for letter in theme["consonants"] if letter not in special]
        self.roots: Sequence[str]
        self.parts: Sequence[str]
        self.roots, self.parts = (_PLAIN_ROOTS, _SHORT_PARTS) if open_roots else (_CLOSED_ROOTS, _OPEN_PARTS)
        if special:
            self.roots, self.parts = ("CVCV", "CVCVCV"), ("CV",)

    def new(self, shapes: Sequence[str], vowels: str, unlike: str = "", begin: str = "", end: str = "") -> str:
        """A new part; `unlike` it in its first and last letter."""
        for _ in range(_ATTEMPTS):
            drawn = "".join(self.rng.choice(self.consonants if s == "C" else vowels) for s in self.rng.choice(shapes))
            text = begin + drawn + end
            alike = unlike and (text[0] == unlike[0] or text[-1] == unlike[-1])
            if text not in self.used and not alike and not any(a == b for a, b in pairwise(text)):
                self.used.add(text)
                return text
        raise Misfit


def invented(theme: Mapping[str, Any], level: float, rng: Random) -> Language:
    """A language with what is shown and asked of it.

    Raises:
        RuntimeError: none was found.
    """
    for _ in range(_ATTEMPTS):
        try:
            return _Invention(theme, level, rng).language()
        except Misfit:
            continue
    raise RuntimeError(f"no language after {_ATTEMPTS} attempts")


class _Invention:
    def __init__(self, theme: Mapping[str, Any], level: float, rng: Random) -> None:
        self.level, self.rng = level, rng
        names = list(theme["features"])[: 1 + _rounded(2 * level, rng)]
        self.rule = _rule(theme["special"], level, rng)
        self.orders = _orders(names, self.rule)
        self.order = rng.choice(self.orders)
        if self.rule or rng.random() > 1.6 * level:
            self.orders = [self.order]
        self._specials = 0 if self.rule is None else 1 if self.rule.kind == "shift" else 2
        self.features = {name: self._values(theme["features"][name]) for name in names}
        self.roots = rng.sample(list(theme["roots"]), 2 + _rounded(1.4 * level, rng) + self._specials)
        self.sounds = Sounds(theme, self.rule, self.order[0] != "root" or rng.random() < 0.6, rng)
        self.texts: dict[str, str] = {}

    def language(self) -> Language:
        self._spell_values()
        self._spell_roots()
        words, asked = self._shown()
        if asked in words:
            raise Misfit
        made = Language(self.features, self.texts, self.roots, self.order, self.orders, self.rule, words, asked)
        if len({made.spelt(meaning) for meaning in (*words, asked)}) <= len(words):
            raise Misfit
        return made

    def _values(self, known: Mapping[str, Any]) -> list[str]:
        return self.rng.sample(list(known), min(len(known), 2 + _rounded(1.5 * self.level, self.rng)))

    def _spell_values(self) -> None:
        new, shapes, vowels = self.sounds.new, self.sounds.parts, self.sounds.dark
        for values in self.features.values():
            self.texts[values[0]] = new(shapes, vowels)
            self.texts[values[1]] = new(shapes, vowels, unlike=self.texts[values[0]])
            self.texts |= {value: new(shapes, vowels) for value in values[2:]}
        if self.rule and self.rule.kind == "meeting":
            first, special = self._meeting_values()
            self.texts[special] = new(("V",), vowels, self.texts[first], begin=self.rule.letters[1])

    def _spell_roots(self) -> None:
        new, shapes, vowels = self.sounds.new, self.sounds.roots, self.sounds.dark
        first, second, *others = self.roots
        self.texts[first] = new(shapes, vowels)
        self.texts[second] = new(shapes, vowels, unlike=self.texts[first])
        for root in others:
            special = root in self.roots[len(self.roots) - self._specials :]
            if special and self.rule is not None and self.rule.kind == "meeting":
                self.texts[root] = new(("CV", "CVCV"), vowels, end=self.rule.letters[0])
            else:
                self.texts[root] = new(shapes, self.sounds.bright if special else vowels)

    def _shown(self) -> tuple[list[Meaning], Meaning]:
        base = (self.roots[0], *(values[0] for values in self.features.values()))
        words = [base, (self.roots[1], *base[1:])]
        for at, values in enumerate(self.features.values(), start=1):
            words += [(*base[:at], value, *base[at + 1 :]) for value in values[1:]]
        special = self.roots[len(self.roots) - self._specials :]
        words += [self._meaning(root) for root in self.roots[2:] if root not in special]
        if self.rule is None:
            asked = self._meaning(self.rng.choice(self.roots[1:]), 0.2)
        elif self.rule.kind == "shift":
            words.append(self._changing(special[0]))
            asked = self._changing(special[0])
        else:
            first, changing = self._meeting_values()
            one, other = (self._with(self._meaning(root), first) for root in special)
            words += [one, self._with(one, changing), other]
            asked = self._with(self._meaning(special[1], 0.2), changing)
        known = [self._meaning(root) for root in self.roots[:2] for _ in range(_rounded(1.5 * self.level, self.rng))]
        return [*words, *(one for one in dict.fromkeys(known) if one not in (*words, asked))], asked

    def _meaning(self, root: str, base: float = 0.5) -> Meaning:
        """With the first value of each feature by the chance `base`, else another."""
        return (
            root,
            *(v[0] if self.rng.random() < base else self.rng.choice(v[1:]) for v in self.features.values()),
        )

    def _changing(self, root: str) -> Meaning:
        """A meaning with a part in which a letter changes."""
        assert self.rule is not None
        for _ in range(_ATTEMPTS):
            found = self._meaning(root, 0.3)
            if any(self.rule.letters in self.texts[part] for part in found[1:]):
                return found
        raise Misfit

    def _meeting_values(self) -> tuple[str, str]:
        """Of the feature that follows the root: its first value, and the one whose part begins with what changes."""
        values = self.features[self.order[self.order.index("root") + 1]]
        return values[0], values[1]

    def _with(self, meaning: Meaning, value: str) -> Meaning:
        slots = [None, *self.features.values()]
        return tuple(value if values and value in values else part for part, values in zip(meaning, slots, strict=True))


def _rule(special: Mapping[str, Sequence[str]], level: float, rng: Random) -> SoundRule | None:
    if rng.random() > level - 0.25:
        return None
    kind = rng.choice(("shift", "meeting"))
    first, *rest = special[kind]
    if kind == "shift":
        return SoundRule(kind, first, "ei", tuple(rest), rng.choice(rest))
    return SoundRule(kind, first + rest[0], "", tuple(rest[1:]), rng.choice(rest[1:]))


def _orders(features: Sequence[str], rule: SoundRule | None) -> list[PartOrder]:
    """All orders for one or two features, those with the root first for more."""
    found = list(permutations(("root", *features)))
    if len(features) > 2:
        return [order for order in found if order[0] == "root"]
    return [order for order in found if order[-1] != "root"] if rule and rule.kind == "meeting" else found


def _rounded(value: float, rng: Random) -> int:
    return int(value) + (rng.random() < value % 1)
