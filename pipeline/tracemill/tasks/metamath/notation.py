"""How formulas are written and said, by `notation.yaml`."""

from __future__ import annotations

import string
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from tracemill.metamath.grammar import Grammar, Tree, match
from tracemill.metamath.writing import written

FILE = Path(__file__).with_name("notation.yaml")
_SECTIONS = ("joins", "sentences", "nouns")


@dataclass(frozen=True, slots=True)
class _Wording:
    """`pattern`: what it is the wording of; `names`: of the slots. `section`: see the file."""

    pattern: Tree
    text: str
    section: str


@cache
def content() -> Mapping[str, Any]:
    return yaml.load(FILE.read_text("utf-8"), Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))  # type: ignore[no-any-return]


@cache
def symbols_of(database: str) -> Mapping[str, str]:
    """By token of a database's syntax its symbol."""
    data = content()
    return {**data["symbols"], **data["databases"][database]}


@cache
def glued() -> frozenset[str]:
    return frozenset(content()["glued"])


def variable_symbol(name: str) -> str:
    """`ph` is φ, and `ph1` is φ1."""
    known: Mapping[str, str] = content()["variables"]
    return known.get(name) or (known[name[:2]] + name[2:] if name[:2] in known and not name[2:].isalpha() else name)


def subject_of(tokens: Iterable[str], database: str) -> str:
    """What formulas with these tokens are about."""
    found = "quantum" if database == "ql.mm" else "propositional"
    present = set(tokens)
    for subject, marks in content()["subjects"].items():
        if subject != "quantum" and database != "ql.mm" and not present.isdisjoint(marks):
            found = subject
    return found


def subjects() -> tuple[str, ...]:
    return tuple(content()["subjects"])


class Notation:
    """Writes the formulas of one problem. `symbols`: of each of its tokens, variables included."""

    def __init__(self, grammar: Grammar, symbols: Mapping[str, str]) -> None:
        self.grammar, self.symbols = grammar, symbols
        self._wordings: dict[str, list[_Wording]] | None = None

    def write(self, tree: Tree) -> str:
        return written(self.grammar.tokens(tree), self.symbols, glued())

    def write_text(self, text: str) -> str:
        return written(text.split(), self.symbols, glued())

    def say(self, tree: Tree) -> str:
        """A formula in words, its parts in symbols where they are compound: `if (φ ∧ ψ), then A is a subset of B`."""
        return self._said(tree, inside=False)

    def explained(self, trees: Iterable[Tree]) -> list[str]:
        """Of the notations in these formulas that need it, what each says: `(F ‘ A): the value of F at A`."""
        plain = set(content()["plain"])
        found: dict[str, str] = {}
        for part in _parts(trees):
            wording = self._wording(part)
            if wording is not None and not plain.issuperset(_constants(self.grammar, wording.pattern)):
                found[self.write(wording.pattern)] = self._filled(wording.text, {})
        return [f"{shown}: {text}" for shown, text in sorted(found.items())]

    def _said(self, tree: Tree, inside: bool) -> str:
        wording = self._wording(tree)
        if wording is None or (inside and wording.section != "sentences"):
            return self.write(tree)
        values: dict[str, Tree] = {}
        match(wording.pattern, tree, values)
        return self._filled(wording.text, values, inside=wording.section == "joins")

    def _filled(self, text: str, values: Mapping[str, Tree], inside: bool = False) -> str:
        slots = {name: name for _, name, _, _ in string.Formatter().parse(text) if name}
        shown = {
            name: self._said(values[name], inside=True)
            if inside and name in values and self.grammar.type_of(values[name]) == "wff"
            else self.write(values.get(name, name))
            for name in slots
        }
        return text.format(**shown)

    def _wording(self, tree: Tree) -> _Wording | None:
        if isinstance(tree, str):
            return None
        for wording in self._known().get(str(tree[0]), ()):
            if match(wording.pattern, tree, {}):
                return wording
        return None

    def _known(self) -> dict[str, list[_Wording]]:
        """By the syntax axiom on top, those with more constants first: `A < B` before `A R B`."""
        if self._wordings is None:
            found: dict[str, list[tuple[int, _Wording]]] = {}
            for constants, kind, symbols, text, section in _wordings():
                known = constants <= self.symbols.keys()
                tree = self.grammar.parse(kind, symbols) if known else None
                if tree is not None and not isinstance(tree, str):
                    found.setdefault(str(tree[0]), []).append((-len(constants), _Wording(tree, text, section)))
            self._wordings = {
                top: [one for _, one in sorted(some, key=lambda each: each[0])] for top, some in found.items()
            }
        return self._wordings


@cache
def _wordings() -> Sequence[tuple[frozenset[str], str, tuple[str, ...], str, str]]:
    """Of each wording the constants in its pattern, its type, its symbols, what it says, and its section."""
    found = []
    for section in _SECTIONS:
        for pattern, text in content()[section].items():
            kind, *symbols = pattern.split()
            slots = {name for _, name, _, _ in string.Formatter().parse(text) if name}
            found.append((frozenset(symbols) - slots, kind, tuple(symbols), text, section))
    return found


def _parts(trees: Iterable[Tree]) -> Iterable[Tree]:
    waiting = list(trees)
    while waiting:
        tree = waiting.pop()
        if not isinstance(tree, str):
            yield tree
            waiting.extend(tree[1:])


def _constants(grammar: Grammar, tree: Tree) -> set[str]:
    return {token for token in grammar.tokens(tree) if token not in grammar.types}
