"""An invented language: how a word is made of its parts, as text and as a formula of `claims/enumeration`.

A *meaning* names the parts of a word: its root, then one value of each feature, as in `("fish", "plural", "with")`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, NamedTuple, TypeAlias

from tracemill.records import Claim

Meaning: TypeAlias = tuple[str, ...]
PartOrder: TypeAlias = tuple[str, ...]
"""`root` and the features, as they stand in a word: `("root", "number", "case")`."""

ROOT_LETTERS, PART_LETTERS = (3, 6), (1, 3)


class SoundRule(NamedTuple):
    """What happens to parts beside each other.

    `shift`: beside a root that has a letter of `where`, each `letters` in the other parts becomes `found`.
    `meeting`: wherever `letters`, the end of one part and the beginning of the next, meet, `found` is written instead.
    The prompt says all but `found`, which is one of `choices`.
    """

    kind: str
    letters: str
    where: str
    choices: Sequence[str]
    found: str


@dataclass(frozen=True, slots=True)
class Language:
    """`features`: their values, `base` first. `texts`: of each root and value. `orders`: those that the prompt allows,
    of which `order` is the true one. `words`: what is shown. `asked`: what is to be said."""

    features: Mapping[str, Sequence[str]]
    texts: Mapping[str, str]
    roots: Sequence[str]
    order: PartOrder
    orders: Sequence[PartOrder]
    rule: SoundRule | None
    words: Sequence[Meaning]
    asked: Meaning

    @classmethod
    def of(cls, instance: Mapping[str, Any]) -> Language:
        """From plain JSON, as `plain` gives it."""
        return cls(
            dict(instance["features"]),
            instance["texts"],
            instance["roots"],
            tuple(instance["order"]),
            [tuple(order) for order in instance["orders"]],
            SoundRule(*instance["rule"]) if instance["rule"] else None,
            [tuple(meaning) for meaning in instance["words"]],
            tuple(instance["asked"]),
        )

    def plain(self) -> dict[str, Any]:
        """As plain JSON. Features are a list, for a stored record keeps no order of keys."""
        return asdict(self) | {"features": [[name, list(values)] for name, values in self.features.items()]}

    @property
    def base(self) -> Meaning:
        return (self.roots[0], *(values[0] for values in self.features.values()))

    @property
    def slots(self) -> tuple[str, ...]:
        """What the places of a meaning are."""
        return ("root", *self.features)

    def in_order(self, meaning: Meaning, order: PartOrder | None = None) -> list[str]:
        """The parts as they stand in the word."""
        return [meaning[self.slots.index(slot)] for slot in order or self.order]

    def pieces(self, meaning: Meaning, texts: Mapping[str, str]) -> list[str]:
        """What each part looks like beside the root, in the word's order."""
        shifted = self.shifts(texts[meaning[0]])
        return [
            texts[part].replace(self.rule.letters, self.rule.found)
            if self.rule and shifted and part != meaning[0]
            else texts[part]
            for part in self.in_order(meaning)
        ]

    def shifts(self, root: str) -> bool:
        """Whether the other parts change beside this root."""
        return self.rule is not None and self.rule.kind == "shift" and any(one in root for one in self.rule.where)

    def joined(self, pieces: Sequence[str]) -> str:
        text = "".join(pieces)
        if self.rule and self.rule.kind == "meeting":
            return text.replace(self.rule.letters, self.rule.found)
        return text

    def spelt(self, meaning: Meaning) -> str:
        return self.joined(self.pieces(meaning, self.texts))

    def formula(self, meaning: Meaning, orders: Sequence[PartOrder]) -> str:
        """The word as a term over its parts. Where several orders are possible the variable `order` decides."""
        *others, last = orders
        term = self._ordered(self.in_order(meaning, last), meaning[0])
        for order in reversed(others):
            term = f"(ite {order_formula(order)} {self._ordered(self.in_order(meaning, order), meaning[0])} {term})"
        return term

    def _ordered(self, parts: Sequence[str], root: str) -> str:
        plain = f"(str.++ {' '.join(parts)})"
        if self.rule is None:
            return plain
        if self.rule.kind == "meeting":
            return f'(str.replace_all {plain} "{self.rule.letters}" meeting)'
        shifted = " ".join(part if part == root else self.shifted(part) for part in parts)
        beside = " ".join(f'(str.contains {root} "{letter}")' for letter in self.rule.where)
        return f"(ite (or {beside}) (str.++ {shifted}) {plain})"

    def shifted(self, part: str) -> str:
        """A part beside a root that changes it, as a term."""
        assert self.rule is not None
        return f'(str.replace_all {part} "{self.rule.letters}" shift)'


def order_formula(order: PartOrder) -> str:
    return f'(= order "{"-".join(order)}")'


def equal(part: str, text: str) -> str:
    return f'(= {part} "{text}")'


def both(formulas: Sequence[str]) -> str:
    return formulas[0] if len(formulas) == 1 else f"(and {' '.join(formulas)})"


def concatenated(pieces: Sequence[str], rule: SoundRule | None, changes: bool = True) -> str:
    """Texts put together, as a term without variables; with `changes`, what meets is written as the rule has it."""
    term = "(str.++ " + " ".join(f'"{piece}"' for piece in pieces) + ")"
    if rule and rule.kind == "meeting":
        return f'(str.replace_all {term} "{rule.letters}" "{rule.found if changes else rule.letters}")'
    return term


def enumeration(formula: str) -> Claim:
    return Claim("enumeration", {"formula": formula})
